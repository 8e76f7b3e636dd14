//! What leaves no versions: reads and refusals. Noted in memory at once, written about a second later.
//!
//! A chunk of lines becomes one row. Where they come faster than they can be written, the newest are lost, and the
//! next row says how many. A process that is killed loses what waits: no more than the queue holds, and, unless the
//! database is slow, than came within [`PAUSE`].

use crate::access::{Actor, Origin};
use crate::error::{StoreError, TransactError};
use crate::write::queue::Queue;
use crate::write::request::Request;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};

/// How long lines wait to be written with others.
const PAUSE: Duration = Duration::from_secs(1);
/// Lines of a row, at the most.
const CHUNK: usize = 4096;
/// Bytes of a row's lines, at the most: what is examined must fit into memory, many rows at once.
const CHUNK_BYTES: usize = 256 << 10;
/// How long a closed observer waits for a busy lane.
const DRAIN: Duration = Duration::from_millis(20);
/// Bytes of a caller's name or of a subject that are kept.
const KEPT: usize = 256;

/// Something that was done and left no version.
#[derive(Clone, Debug)]
pub struct Observation<'a> {
    /// By whom, in which request.
    pub origin: &'a Origin,
    /// What became of it: a code of the caller's.
    pub outcome: u16,
    /// What it was about, such as `Patient/1`.
    pub subject: &'a str,
}

/// What waits, from both sides.
pub(crate) struct Observer {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    limit: usize,
}

#[derive(Default)]
struct Waiting {
    full: VecDeque<Chunk>,
    open: Chunk,
    /// Lines in all chunks.
    lines: usize,
    /// Lines that found no room, and no row says so yet.
    lost: u64,
    /// The same since the store was opened.
    lost_ever: u64,
    closed: bool,
}

#[derive(Default)]
struct Chunk {
    text: String,
    lines: usize,
}

impl Observer {
    /// Room for so many lines.
    pub(crate) fn new(limit: usize) -> Self {
        Self { waiting: Mutex::default(), arrived: Condvar::new(), limit }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing panics while it is held.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes something; never waits for the database.
    pub(crate) fn observe(&self, at: i64, observation: &Observation<'_>) {
        let Observation { origin, outcome, subject } = observation;
        let actor = origin.actor.name().map(plain);
        let line = format!(
            "{at}\t{}\t{}\t{}\t{outcome}\t{}\n",
            actor.as_deref().unwrap_or(""),
            plain(&origin.request),
            origin.interaction,
            plain(subject)
        );
        let mut waiting = self.lock();
        if waiting.lines >= self.limit || waiting.closed {
            waiting.lost += 1;
            waiting.lost_ever += 1;
            return;
        }
        let full = waiting.open.lines >= CHUNK || waiting.open.text.len() + line.len() > CHUNK_BYTES;
        if full {
            let chunk = std::mem::take(&mut waiting.open);
            waiting.full.push_back(chunk);
        }
        waiting.lines += 1;
        waiting.open.lines += 1;
        waiting.open.text.push_str(&line);
        drop(waiting);
        if full {
            self.arrived.notify_one();
        }
    }

    /// Lines that wait, and lines that were lost since the store was opened.
    pub(crate) fn counts(&self) -> (usize, u64) {
        let waiting = self.lock();
        (waiting.lines, waiting.lost_ever)
    }

    /// Writes what waits a last time.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_all();
    }

    /// Writes what waits, through a lane, until closed.
    pub(crate) fn run(&self, lane: &Queue) {
        while let Some((chunk, lost)) = self.next() {
            let text = match lost {
                0 => chunk.text.clone(),
                lost => format!("{}lost: {lost}\n", chunk.text),
            };
            let Err(error) = write(lane, text) else { continue };
            let mut waiting = self.lock();
            let closed = waiting.closed;
            // A lane closes after the observer: where it is only busy, it has room in a moment.
            if closed && !matches!(error, TransactError::Busy { .. }) {
                log::error!("{} reads and refusals could not be audited: {error}", chunk.lines);
                continue;
            }
            waiting.lines += chunk.lines;
            waiting.lost += lost;
            waiting.full.push_front(chunk);
            if closed {
                drop(waiting);
                std::thread::sleep(DRAIN);
                continue;
            }
            log::warn!("the audit of reads waits: {error}");
            // Woken only by the end: chunks that arrive meanwhile would fare no better.
            let closed = |waiting: &mut Waiting| !waiting.closed;
            drop(self.arrived.wait_timeout_while(waiting, PAUSE, closed));
        }
    }

    /// The next lines to write, once there are enough of them or they have waited; and how many were lost.
    fn next(&self) -> Option<(Chunk, u64)> {
        let deadline = Instant::now() + PAUSE;
        let mut waiting = self.lock();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if let Some(chunk) = waiting.full.pop_front() {
                return Some(waiting.taken(chunk));
            }
            if waiting.closed || left.is_zero() {
                let chunk = std::mem::take(&mut waiting.open);
                if chunk.lines > 0 || waiting.lost > 0 {
                    return Some(waiting.taken(chunk));
                }
                if waiting.closed {
                    return None;
                }
            }
            let pause = if left.is_zero() { PAUSE } else { left };
            waiting = self.arrived.wait_timeout(waiting, pause).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Waiting {
    fn taken(&mut self, chunk: Chunk) -> (Chunk, u64) {
        self.lines -= chunk.lines;
        (chunk, std::mem::take(&mut self.lost))
    }
}

/// One row; returns once it is committed.
fn write(lane: &Queue, text: String) -> Result<(), TransactError> {
    let (sender, receiver) = mpsc::sync_channel(1);
    lane.push(Request {
        origin: Origin::new(Actor::anonymous(), "", "observations"),
        ops: Vec::new(),
        detail: Some(text),
        reply: Box::new(move |result| {
            // The receiver waits below.
            let _ = sender.send(result);
        }),
    });
    receiver.recv().unwrap_or(Err(TransactError::Store(StoreError::Closing))).map(|_| ())
}

/// Text that neither ends a field nor a line, and is not too long.
fn plain(text: &str) -> String {
    let end = (0..=KEPT.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    let kept = text.get(..end).unwrap_or_default();
    kept.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

/// Starts the thread that writes.
pub(crate) fn start(
    observer: &Arc<Observer>,
    lane: &Arc<Queue>,
) -> Result<std::thread::JoinHandle<()>, StoreError> {
    let (observer, lane) = (Arc::clone(observer), Arc::clone(lane));
    crate::store::spawn("audit", move || observer.run(&lane))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(observer: &Observer, subject: &str) {
        observer.observe(1, &Observation { origin: &Origin::of("read"), outcome: 200, subject });
    }

    #[test]
    fn a_row_is_bounded_in_lines_and_in_bytes() {
        for (length, lines) in [(KEPT, 8 * CHUNK), (0, 3 * CHUNK)] {
            let observer = Observer::new(usize::MAX);
            (0..lines).for_each(|_| note(&observer, &"x".repeat(length)));
            observer.close();
            let chunks: Vec<Chunk> = std::iter::from_fn(|| observer.next()).map(|(chunk, _)| chunk).collect();
            assert!(chunks.len() > 2);
            assert!(chunks.iter().all(|chunk| chunk.lines <= CHUNK && chunk.text.len() <= CHUNK_BYTES));
            assert_eq!(chunks.iter().map(|chunk| chunk.text.lines().count()).sum::<usize>(), lines);
            assert_eq!(observer.counts(), (0, 0));
        }
    }

    #[test]
    fn what_waits_at_the_end_is_written_though_the_lane_is_busy() {
        let (observer, lane) = (Observer::new(10), Queue::new(1));
        let (ops, reply) = (Vec::new(), Box::new(|_| ()));
        lane.push(Request { origin: Origin::of("write"), ops, detail: None, reply });
        note(&observer, "Patient/1");
        observer.close();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                observer.run(&lane);
                // Who waits in vain for what was not written learns it.
                lane.close();
            });
            // Long enough to find the lane busy, on most machines.
            std::thread::sleep(DRAIN * 2);
            let taken = || lane.next_batch().unwrap().remove(0);
            assert_eq!(taken().detail, None);
            let request = taken();
            assert!(request.detail.unwrap().ends_with("\tPatient/1\n"));
            (request.reply)(Ok(Vec::new()));
        });
        assert_eq!(observer.counts(), (0, 0));
    }
}
