//! `rushlight reindex`: brings the index up to what is to be indexed, or tells how far that is.

use crate::cli::ReindexArgs;
use crate::progress::Progress;
use rushlight_model::format_instant;
use rushlight_persistence::{Job, JobState, Store, StoreOptions};
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

/// How long to wait before looking again.
const PAUSE: Duration = Duration::from_millis(100);

/// Does what the command line asks for; status 1 where a job has failed or was cancelled, or there is none to cancel.
///
/// # Errors
/// A store that can't be opened or read.
pub fn run(args: &ReindexArgs) -> Result<ExitCode, Box<dyn Error>> {
    let jobs = !args.status && args.cancel.is_none();
    let store = Store::open(&StoreOptions { create: false, jobs, ..args.store.options()? })?;
    let code = match args.cancel {
        Some(id) => cancel(&store, id)?,
        None if args.status => status(&store)?,
        None => follow(&store)?,
    };
    store.close();
    Ok(code)
}

fn cancel(store: &Store, id: i64) -> Result<ExitCode, Box<dyn Error>> {
    if store.cancel(id)? {
        println!("job {id} ends before its next step");
        return Ok(ExitCode::SUCCESS);
    }
    match store.job(id)? {
        Some(job) => eprintln!("rushlight: job {id} is {} already", job.state.code()),
        None => eprintln!("rushlight: there is no job {id}"),
    }
    Ok(ExitCode::FAILURE)
}

fn status(store: &Store) -> Result<ExitCode, Box<dyn Error>> {
    let jobs = store.jobs()?;
    if jobs.is_empty() {
        println!("there are no jobs");
    }
    jobs.iter().for_each(|job| println!("{}", told(job)));
    Ok(ExitCode::SUCCESS)
}

/// Waits until there is no job left that this process or another could do.
fn follow(store: &Store) -> Result<ExitCode, Box<dyn Error>> {
    let mut last: Option<Watched> = None;
    loop {
        let jobs = store.jobs()?;
        let current = jobs.iter().rev().find(|job| !job.state.is_final());
        if let Some(watched) = last.take_if(|watched| current.is_none_or(|job| job.id != watched.id)) {
            watched.progress.finish();
            let ended = store.job(watched.id)?;
            if let Some(job) = ended.filter(|job| job.state != JobState::Done) {
                println!("{}", told(&job));
                return Ok(ExitCode::FAILURE);
            }
        }
        let Some(job) = current else { break };
        last.get_or_insert_with(|| Watched::new(job)).see(job);
        std::thread::sleep(PAUSE);
    }
    println!("the index holds all that is to be indexed");
    Ok(ExitCode::SUCCESS)
}

/// The job that is watched.
struct Watched {
    id: i64,
    progress: Progress,
    total: u64,
    done: u64,
}

impl Watched {
    fn new(job: &Job) -> Self {
        Self { id: job.id, progress: Progress::of("versions", 0), total: 0, done: 0 }
    }

    fn see(&mut self, job: &Job) {
        let of = |number: i64| u64::try_from(number).unwrap_or(0);
        if self.total != of(job.total) {
            self.progress.finish();
            self.total = of(job.total);
            (self.progress, self.done) = (Progress::of("versions", self.total), 0);
        }
        let done = of(job.done);
        self.progress.add(done.saturating_sub(self.done), done);
        self.done = done;
    }
}

/// A job on a line.
fn told(job: &Job) -> String {
    let mut line = format!("job {}: {}, {}", job.id, job.kind, job.state.code());
    if job.cancel && !job.state.is_final() {
        line.push_str(", to be cancelled");
    }
    if job.total > 0 {
        line.push_str(&format!(", {} of {} ({} %)", job.done, job.total, job.percent()));
    }
    for (what, when) in [("asked for", Some(job.created)), ("begun", job.started), ("ended", job.ended)] {
        if let Some(when) = when {
            line.push_str(&format!(", {what} {}", format_instant(when)));
        }
    }
    if !job.message.is_empty() {
        line.push_str(&format!(": {}", job.message));
    }
    line
}
