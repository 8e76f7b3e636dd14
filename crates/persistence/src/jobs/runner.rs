//! The thread that does jobs.

use crate::error::StoreError;
use crate::jobs::JobState;
use crate::jobs::desk::Desk;
use crate::jobs::lease::Lease;
use crate::jobs::work::Work;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Steps of a job that may fail one after the other before the job is given up.
const TRIES: u32 = 10;

/// How the thread is told things.
#[derive(Default)]
pub(crate) struct Signal {
    told: Mutex<Told>,
    woken: Condvar,
}

#[derive(Clone, Copy, Default)]
struct Told {
    stop: bool,
    /// There may be a job.
    look: bool,
    /// A SearchParameter was written.
    stale: bool,
}

impl Signal {
    fn lock(&self) -> MutexGuard<'_, Told> {
        // Nothing panics while it is held.
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, change: impl FnOnce(&mut Told)) {
        change(&mut self.lock());
        self.woken.notify_all();
    }

    /// There may be a job.
    pub(crate) fn wake(&self) {
        self.tell(|told| told.look = true);
    }

    /// What is indexed may have changed.
    pub(crate) fn stale(&self) {
        self.tell(|told| told.stale = true);
    }

    /// The thread must end, after the step that it is at.
    pub(crate) fn stop(&self) {
        self.tell(|told| told.stop = true);
    }

    /// Whether it must.
    pub(crate) fn stopped(&self) -> bool {
        self.lock().stop
    }

    /// Whether what is indexed may have changed since this was last asked.
    fn take_stale(&self) -> bool {
        std::mem::take(&mut self.lock().stale)
    }

    /// Waits for something to do, or for `limit`.
    fn wait(&self, limit: Duration) -> Told {
        let idle = |told: &mut Told| !(told.stop || told.look || told.stale);
        let (mut told, _) =
            self.woken.wait_timeout_while(self.lock(), limit, idle).unwrap_or_else(PoisonError::into_inner);
        let taken = *told;
        (told.look, told.stale) = (false, false);
        taken
    }

    /// Waits for the end, or for `limit`.
    pub(crate) fn pause(&self, limit: Duration) {
        let going = |told: &mut Told| !told.stop;
        drop(self.woken.wait_timeout_while(self.lock(), limit, going));
    }
}

/// What the thread knows of the store.
pub(crate) trait Workshop {
    /// How long to wait before looking for what other processes did.
    fn interval(&self) -> Duration;

    /// Compares what is indexed with what should be. `stale`: it is known to have changed.
    fn refresh(&mut self, stale: bool) -> Result<(), StoreError>;

    /// How a job is done; `None` if nobody here knows.
    fn work(&mut self, lease: &Lease) -> Option<Box<dyn Work>>;
}

/// Does jobs until told to stop.
pub(crate) fn run(signal: &Signal, desk: &Desk, workshop: impl Workshop) {
    let owner = format!("{}-{:016x}", std::process::id(), crate::store::now_micros());
    let mut runner = Runner { signal, desk, owner, workshop };
    loop {
        let told = signal.wait(runner.workshop.interval());
        if told.stop {
            return;
        }
        if let Err(error) = runner.refresh(told.stale).and_then(|()| runner.clear()) {
            log::warn!("jobs wait: {error}");
            signal.pause(Duration::from_millis(500));
            signal.wake();
        }
    }
}

struct Runner<'r, W> {
    signal: &'r Signal,
    desk: &'r Desk,
    owner: String,
    workshop: W,
}

impl<W: Workshop> Runner<'_, W> {
    fn refresh(&mut self, stale: bool) -> Result<(), StoreError> {
        // What is known to have changed is not forgotten.
        self.workshop.refresh(stale).inspect_err(|_| {
            if stale {
                self.signal.stale()
            }
        })
    }

    /// Does jobs until there are no more.
    fn clear(&mut self) -> Result<(), StoreError> {
        while !self.signal.stopped() {
            let Some(lease) = self.desk.claim(&self.owner)? else { break };
            log::info!("job {} ({}) is taken up {}", lease.job, lease.kind, lease.place);
            let done = match self.workshop.work(&lease) {
                Some(mut work) => self.perform(&lease, &mut *work),
                None => self.desk.end(&lease, JobState::Failed, "this Rushlight does not know such work"),
            };
            match done {
                Err(StoreError::LeaseLost) => log::warn!("job {} is no longer this process's", lease.job),
                done => done?,
            }
        }
        Ok(())
    }

    /// Does one job: to its end, until it is cancelled, or until the thread must stop.
    fn perform(&mut self, lease: &Lease, work: &mut dyn Work) -> Result<(), StoreError> {
        let mut failed = 0;
        loop {
            if self.signal.stopped() {
                return self.desk.release(lease);
            }
            if self.signal.take_stale() {
                self.refresh(true)?;
            }
            let step = match work.step(lease) {
                Ok(step) => step,
                Err(StoreError::LeaseLost) => return Err(StoreError::LeaseLost),
                Err(error) if failed < TRIES => {
                    failed += 1;
                    log::debug!("a step of job {} is tried again: {error}", lease.job);
                    self.signal.pause(Duration::from_millis(u64::from(failed) * 20));
                    continue;
                }
                Err(error) => {
                    log::error!("job {} ({}) is given up: {error}", lease.job, lease.kind);
                    return self.desk.end(lease, JobState::Failed, &error.to_string());
                }
            };
            failed = 0;
            let Some(step) = step else { return self.desk.end(lease, JobState::Done, "") };
            if self.desk.record(lease, &step)? {
                return self.desk.end(lease, JobState::Cancelled, "");
            }
        }
    }
}

#[cfg(test)]
mod tests;
