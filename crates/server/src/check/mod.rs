//! `rushlight check`: whether the resources in files keep FHIR's rules, without a server or a store.
//!
//! One thread reads, one for each processor examines, and this one prints, in the order of the input. Documents
//! travel in batches; how many are under way is bounded by the channel of answers, so that memory does not grow with
//! the input.

mod examine;
mod output;
mod render;
mod tally;

use crate::cli::CheckArgs;
use crate::progress::Progress;
use crate::source::{Document, Input, Sources, Taken};
use examine::{Examiner, Report};
use output::Output;
use render::Format;
use std::error::Error;
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::available_parallelism;

/// Bytes of documents that make a batch.
const BATCH_BYTES: usize = 1 << 18;
/// Documents that make a batch.
const BATCH_DOCUMENTS: usize = 1024;

/// The exit status where nothing could be said about some input.
const UNREADABLE: u8 = 2;

/// Documents, and where to send what was found in them.
type Task = (Vec<Document>, SyncSender<Report>);

/// Checks everything: status 0 where all is valid, 1 where something is not, 2 where something can't be read.
///
/// # Errors
/// None: an error is told here, because its status is not that of other commands.
pub fn run(args: &CheckArgs) -> Result<ExitCode, Box<dyn Error>> {
    check(args).or_else(|error| {
        eprintln!("rushlight: {error}");
        Ok(ExitCode::from(UNREADABLE))
    })
}

fn check(args: &CheckArgs) -> Result<ExitCode, Box<dyn Error>> {
    let sources = Sources { taken: Taken::JsonAndNdjson, limit: args.max_size };
    let inputs = sources.find(&args.paths)?;
    let format = Format::of(args);
    let examiner = Examiner::new(args, format);
    let workers = available_parallelism().map_or(1, usize::from);
    let progress = Progress::start(inputs.iter().map(|input| input.size).sum());
    let (answers, reports) = sync_channel(2 * workers);
    let (tasks, waiting) = sync_channel::<Task>(2 * workers);
    let waiting = Mutex::new(waiting);
    let unreadable = AtomicBool::new(false);
    let mut output = Output::new(args, format, &progress);
    let printed = std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let task = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((documents, answer)) = task else { break };
                    // Nobody waits for it when printing has ended.
                    let _ = answer.send(examiner.report(&documents));
                }
            });
        }
        let batches = Batches { batch: Vec::new(), bytes: 0, answers, tasks };
        scope.spawn(|| read(&sources, &inputs, batches, &progress, &unreadable));
        output.reports(reports)
    });
    let unreadable = unreadable.into_inner();
    match printed.and_then(|()| output.summary()) {
        // Nobody reads on: what was seen until then decides.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
        Err(error) => return Err(format!("standard output: {error}").into()),
        Ok(()) if output.documents() == 0 && !unreadable => return Err("there is nothing to check".into()),
        Ok(()) => {}
    }
    Ok(ExitCode::from(if unreadable { UNREADABLE } else { u8::from(output.invalid() > 0) }))
}

/// Reads every input; one that can't be read is told, and does not stop the others.
fn read(
    sources: &Sources,
    inputs: &[Input],
    mut batches: Batches,
    progress: &Progress,
    unreadable: &AtomicBool,
) {
    for input in inputs {
        match sources.read(input, &mut |document| batches.add(document)) {
            Ok(ControlFlow::Continue(())) => {}
            Ok(ControlFlow::Break(())) => return,
            Err(error) => {
                unreadable.store(true, Ordering::Relaxed);
                progress.beside(|| eprintln!("rushlight: {error}"));
            }
        }
    }
    let _ = batches.send();
}

/// Gathers documents; `Break` when nobody wants more.
struct Batches {
    batch: Vec<Document>,
    bytes: usize,
    answers: SyncSender<Receiver<Report>>,
    tasks: SyncSender<Task>,
}

impl Batches {
    fn add(&mut self, document: Document) -> ControlFlow<()> {
        self.bytes += document.bytes.len();
        self.batch.push(document);
        if self.bytes < BATCH_BYTES && self.batch.len() < BATCH_DOCUMENTS {
            return ControlFlow::Continue(());
        }
        self.send()
    }

    fn send(&mut self) -> ControlFlow<()> {
        self.bytes = 0;
        let (answer, report) = sync_channel(1);
        let sent = self.answers.send(report).is_ok()
            && self.tasks.send((std::mem::take(&mut self.batch), answer)).is_ok();
        if sent { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}
