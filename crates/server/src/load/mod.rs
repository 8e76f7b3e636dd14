//! `rushlight load`: transaction Bundles from files, folders and archives, into a store or a server.
//!
//! Every POST becomes a PUT under an id that follows from the Bundle's content and the entry's place, so a second run
//! of the same files finds everything there and changes nothing.

mod ids;
mod sink;
mod source;

use crate::cli::LoadArgs;
use crate::progress::Progress;
use sink::{Rejects, Sink};
use std::error::Error;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};

/// What became of the resources.
#[derive(Debug, Default)]
struct Tally {
    created: AtomicU64,
    updated: AtomicU64,
    unchanged: AtomicU64,
    rejected: AtomicU64,
    files: AtomicU64,
}

/// A Bundle on its way.
struct Bundle {
    /// Where it is from.
    name: String,
    /// Its JSON.
    bytes: Vec<u8>,
    /// How much of the sources was read to get it.
    weight: u64,
}

/// Loads everything; 1 is returned where anything was rejected.
///
/// # Errors
/// Sources that can't be read, or a store that can't be opened or reached.
pub fn run(args: &LoadArgs) -> Result<ExitCode, Box<dyn Error>> {
    let total = source::weight(&args.paths)?;
    let sink = Sink::open(args)?;
    let tally = Tally::default();
    let rejects = Rejects::new(&args.rejects);
    let progress = Progress::start(total);
    let (sender, receiver) = sync_channel::<Bundle>(args.concurrency.max(1) * 2);
    let receiver = Mutex::new(receiver);
    let failed = std::thread::scope(|scope| {
        for _ in 0..args.concurrency.max(1) {
            scope.spawn(|| {
                loop {
                    let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(bundle) = next else { break };
                    sink.load(&bundle, &tally, &rejects);
                    progress.add(bundle.weight, done(&tally));
                }
            });
        }
        let read = source::each(&args.paths, &mut |bundle| {
            sender.send(bundle).map_err(|_| "loading stopped".into())
        });
        drop(sender);
        read.err()
    });
    // The merge of the index is part of the work.
    progress.say("merging the index");
    sink.close();
    let seconds = progress.finish();
    if let Some(error) = failed {
        return Err(error);
    }
    let count = |number: &AtomicU64| number.load(Ordering::Relaxed);
    println!(
        "{} bundles: {} resources created, {} updated, {} unchanged, {} bundles rejected; {seconds:.1} s, {:.0} resources/s",
        count(&tally.files),
        count(&tally.created),
        count(&tally.updated),
        count(&tally.unchanged),
        count(&tally.rejected),
        f64::from(u32::try_from(done(&tally)).unwrap_or(u32::MAX)) / seconds.max(0.001)
    );
    if count(&tally.rejected) > 0 {
        println!("what was rejected, and why: {}", args.rejects.display());
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn done(tally: &Tally) -> u64 {
    [&tally.created, &tally.updated, &tally.unchanged]
        .iter()
        .map(|number| number.load(Ordering::Relaxed))
        .sum()
}
