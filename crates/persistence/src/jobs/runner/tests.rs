use super::*;
use crate::jobs::work::{Progress, Step};
use crate::{Job, Location, Store, StoreOptions};
use rushlight_test_support::{TestStore, stores};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Counts to its end, from where the one before came to.
struct Count {
    at: i64,
    end: i64,
    /// What happens at each step.
    then: Arc<dyn Fn(i64) -> Result<(), StoreError> + Send + Sync>,
}

impl Work for Count {
    fn step(&mut self, _: &Lease) -> Result<Option<Step>, StoreError> {
        if self.at == self.end {
            return Ok(None);
        }
        (self.then)(self.at)?;
        self.at += 1;
        Ok(Some(Step { progress: Progress { done: self.at, total: self.end }, place: self.at.to_string() }))
    }
}

struct Counting {
    end: i64,
    then: Arc<dyn Fn(i64) -> Result<(), StoreError> + Send + Sync>,
}

impl Workshop for Counting {
    fn interval(&self) -> Duration {
        Duration::from_millis(5)
    }

    fn refresh(&mut self, _: bool) -> Result<(), StoreError> {
        Ok(())
    }

    fn work(&mut self, lease: &Lease) -> Option<Box<dyn Work>> {
        let at = lease.place.parse().unwrap_or(0);
        let work = Count { at, end: self.end, then: Arc::clone(&self.then) };
        (lease.kind == "count").then(|| Box::new(work) as Box<dyn Work>)
    }
}

fn open(place: &TestStore) -> Store {
    let options = StoreOptions::new(Location::parse(&place.url).unwrap());
    Store::open(&StoreOptions { jobs: false, ..options }).unwrap()
}

fn ask(store: &Store, kind: &'static str) -> i64 {
    let sql = crate::either::AnySql::<'_, diesel::sql_types::BigInt>::new(
        "INSERT INTO job (kind, parameters, created) VALUES ('",
    );
    let sql = sql.text(kind).text("', '{}', 1) RETURNING id");
    store.desk().with(|connection| Ok(sql.get_result(connection)?)).unwrap()
}

/// Runs until the job has ended, and returns it.
fn run_to_end(
    store: &Store,
    job: i64,
    then: impl Fn(i64) -> Result<(), StoreError> + Send + Sync + 'static,
) -> Job {
    let signal = Signal::default();
    std::thread::scope(|scope| {
        scope.spawn(|| run(&signal, store.desk(), Counting { end: 20, then: Arc::new(then) }));
        let found = loop {
            let found = store.job(job).unwrap().unwrap();
            if found.state.is_final() {
                break found;
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        signal.stop();
        found
    })
}

#[test]
fn a_job_goes_on_from_its_place_and_steps_that_fail_are_tried_again() {
    for place in stores() {
        let store = open(&place);
        let job = ask(&store, "count");
        // A process took it, did seven steps, and was never heard of again.
        let lost = store.desk().claim("lost").unwrap().unwrap();
        assert_eq!((lost.job, lost.place.as_str()), (job, ""));
        let step = Step { progress: Progress { done: 7, total: 20 }, place: "7".to_owned() };
        assert!(!store.desk().record(&lost, &step).unwrap());
        assert!(store.desk().claim("other").unwrap().is_none(), "its lease holds");
        store.desk().release(&lost).unwrap();
        let first = Arc::new(AtomicI64::new(-1));
        let seen = Arc::clone(&first);
        let failures = AtomicI64::new(0);
        let ended = run_to_end(&store, job, move |at| {
            let _ = seen.compare_exchange(-1, at, Ordering::Relaxed, Ordering::Relaxed);
            match failures.fetch_add(1, Ordering::Relaxed) % 2 {
                0 => Err(StoreError::Contention),
                _ => Ok(()),
            }
        });
        assert_eq!((ended.state, ended.done, ended.total), (JobState::Done, 20, 20));
        assert_eq!(first.load(Ordering::Relaxed), 7, "it went on where the other was");
        // The lost one comes back.
        assert!(matches!(store.desk().record(&lost, &step), Err(StoreError::LeaseLost)));
        assert!(matches!(store.desk().end(&lost, JobState::Failed, ""), Err(StoreError::LeaseLost)));
        assert_eq!(store.job(job).unwrap().unwrap(), ended);
    }
}

#[test]
fn a_job_is_cancelled_between_steps_given_up_or_unknown() {
    for place in stores() {
        let store = open(&place);
        let job = ask(&store, "count");
        let (handle, cancelled) = (store.clone(), AtomicI64::new(0));
        let ended = run_to_end(&store, job, move |at| {
            if at == 3 {
                cancelled.store(i64::from(handle.cancel(job).unwrap()), Ordering::Relaxed);
            }
            Ok(())
        });
        assert_eq!((ended.state, ended.done, ended.cancel), (JobState::Cancelled, 4, true));
        assert!(!store.cancel(job).unwrap());
        let job = ask(&store, "count");
        let ended = run_to_end(&store, job, |at| if at < 2 { Ok(()) } else { Err(StoreError::Timeout) });
        assert_eq!((ended.state, ended.done), (JobState::Failed, 2));
        assert_eq!(ended.message, StoreError::Timeout.to_string());
        let job = ask(&store, "juggle");
        assert_eq!(run_to_end(&store, job, |_| Ok(())).state, JobState::Failed);
        let states: Vec<JobState> = store.jobs().unwrap().iter().map(|job| job.state).collect();
        assert_eq!(states, [JobState::Failed, JobState::Failed, JobState::Cancelled], "newest first");
    }
}
