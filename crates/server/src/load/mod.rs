//! `rushlight load`: transaction Bundles from files, folders and archives, into a store or a server.
//!
//! Every POST becomes a PUT under an id that follows from the Bundle's content and the entry's place, so a second run
//! of the same files finds everything there and changes nothing.

mod ids;
mod room;
mod sink;

use crate::cli::LoadArgs;
use crate::progress::Progress;
use crate::source::{self, Document, Input, SourceError, Sources};
use room::{Room, Taken};
use sink::{Rejects, Sink};
use std::error::Error;
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
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

/// How Bundles are read; one may be larger than a request.
const SOURCES: Sources = Sources { taken: source::Taken::Json, limit: 1 << 30 };

/// Bundles on their way at a time to a server, which has others to serve.
const TO_SERVER: usize = 4;
/// Bundles on their way at a time into a store.
const TO_STORE: usize = 64;
/// Their bytes together. Each is in memory several times, as it is read, checked and written.
const ON_THEIR_WAY: usize = 64 << 20;

/// Loads everything; 1 is returned where anything was rejected.
///
/// # Errors
/// Sources that can't be read, or a store that can't be opened or reached.
pub fn run(args: &LoadArgs) -> Result<ExitCode, Box<dyn Error>> {
    let inputs = SOURCES.find(&args.paths)?;
    let sink = Sink::open(args)?;
    let tally = Tally::default();
    let rejects = Rejects::new(&args.rejects);
    let progress = Progress::start(inputs.iter().map(|input| input.size).sum());
    let threads = args.concurrency.unwrap_or(if args.url.is_some() { TO_SERVER } else { TO_STORE });
    let room = Room::new(ON_THEIR_WAY);
    let (sender, receiver) = sync_channel(threads);
    let receiver = Mutex::new(receiver);
    let failed = std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((bundle, _taken)): Result<Sent<'_>, _> = next else { break };
                    sink.load(&bundle, &tally, &rejects);
                    progress.add(bundle.weight, done(&tally));
                }
            });
        }
        each(&inputs, &room, sender).err()
    });
    // The merge of the index is part of the work.
    progress.say("merging the index");
    sink.close();
    let seconds = progress.finish();
    if let Some(error) = failed {
        return Err(error.into());
    }
    let count = |number: &AtomicU64| number.load(Ordering::Relaxed);
    println!(
        "{} bundles: {} resources created, {}, {} bundles rejected; {seconds:.1} s, {:.0} resources/s",
        count(&tally.files),
        count(&tally.created),
        others(args, count(&tally.updated), count(&tally.unchanged)),
        count(&tally.rejected),
        f64::from(u32::try_from(done(&tally)).unwrap_or(u32::MAX)) / seconds.max(0.001)
    );
    if count(&tally.rejected) > 0 {
        println!("what was rejected, and why: {}", args.rejects.display());
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// What became of resources that were there; a server does not say which of them were changed.
fn others(args: &LoadArgs, updated: u64, unchanged: u64) -> String {
    match args.url {
        Some(_) => format!("{} there already", updated + unchanged),
        None => format!("{updated} updated, {unchanged} unchanged"),
    }
}

/// A Bundle on its way.
type Sent<'r> = (Document, Taken<'r>);

/// Sends every Bundle, up to the first input that can't be read.
fn each<'r>(inputs: &[Input], room: &'r Room, sender: SyncSender<Sent<'r>>) -> Result<(), SourceError> {
    for input in inputs {
        let sent = SOURCES.read(input, &mut |bundle| {
            let taken = room.take(bundle.bytes.len());
            match sender.send((bundle, taken)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        })?;
        if sent.is_break() {
            break;
        }
    }
    Ok(())
}

fn done(tally: &Tally) -> u64 {
    [&tally.created, &tally.updated, &tally.unchanged]
        .iter()
        .map(|number| number.load(Ordering::Relaxed))
        .sum()
}
