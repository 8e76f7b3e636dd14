//! The bounded queue between callers and a lane.

use crate::access::Origin;
use crate::error::{StoreError, TransactError};
use crate::write::request::Request;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Ops in a batch, at the most, unless a single request has more.
const BATCH_OPS: usize = 4096;
/// Requests in a batch, at the most.
const BATCH_REQUESTS: usize = 512;

/// Requests that wait to be written.
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    limit: usize,
}

#[derive(Default)]
struct Waiting {
    requests: VecDeque<Request>,
    closed: bool,
}

impl Queue {
    /// A queue that admits `limit` requests.
    pub(crate) fn new(limit: usize) -> Self {
        Self { waiting: Mutex::default(), arrived: Condvar::new(), limit: limit.max(1) }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // The queue's own code can't panic half-way, so a poisoned lock guards sound data.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a request, or answers it at once where the queue is full or closed.
    pub(crate) fn push(&self, request: Request) {
        let mut waiting = self.lock();
        let refusal = if waiting.closed {
            StoreError::Closing.into()
        } else if waiting.requests.len() >= self.limit {
            TransactError::Busy { retry_after: 1 }
        } else {
            waiting.requests.push_back(request);
            drop(waiting);
            self.arrived.notify_one();
            return;
        };
        drop(waiting);
        (request.reply)(Err(refusal));
    }

    /// Makes the lane go round once, and waits until it has.
    pub(crate) fn nudge(&self) -> Result<(), StoreError> {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        self.push(Request {
            origin: Origin::of("nudge"),
            ops: Vec::new(),
            detail: None,
            reply: Box::new(move |result| {
                // The receiver waits below.
                let _ = sender.send(result);
            }),
        });
        match receiver.recv().unwrap_or(Err(StoreError::Closing.into())) {
            Ok(_) => Ok(()),
            Err(TransactError::Store(error)) => Err(error),
            // A full queue: the lane goes round without being told.
            Err(_) => Ok(()),
        }
    }

    /// Waits for requests and takes as many as one commit should carry; `None` once closed and drained.
    pub(crate) fn next_batch(&self) -> Option<Vec<Request>> {
        let mut waiting = self.lock();
        while waiting.requests.is_empty() {
            if waiting.closed {
                return None;
            }
            waiting = self.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        let mut batch = Vec::new();
        let mut ops = 0;
        while let Some(request) = waiting.requests.front() {
            ops += request.ops.len();
            let full = ops > BATCH_OPS || batch.len() >= BATCH_REQUESTS || request.begins_batch();
            if !batch.is_empty() && full {
                break;
            }
            batch.extend(waiting.requests.pop_front());
        }
        Some(batch)
    }

    /// Refuses further requests; those that wait are still written.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_all();
    }

    /// How many requests wait.
    pub(crate) fn len(&self) -> usize {
        self.lock().requests.len()
    }
}
