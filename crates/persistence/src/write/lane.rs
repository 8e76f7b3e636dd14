//! A lane: one thread that drains the queue, commits a batch, and only then answers.

use crate::error::{StoreError, TransactError};
use crate::figures::Counted;
use crate::jobs::runner::Signal;
use crate::op::Written;
use crate::units::search_parameter;
use crate::write::queue::Queue;
use crate::write::request::Request;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What became of each request of a batch, in order.
pub(crate) type Outcomes = Vec<Result<Vec<Written>, TransactError>>;

/// What a store must do for a lane.
pub(crate) trait Engine {
    /// Writes a batch in one durable transaction. Requests that the planner refuses are left out; an error means
    /// that nothing of the batch was written. `careful` looks for ids that are new in all likelihood, too.
    fn commit(&mut self, batch: &[Request], careful: bool) -> Result<Outcomes, StoreError>;

    /// Called when the queue is closed and drained.
    fn finish(&mut self);
}

/// Runs until the queue is closed and drained.
pub(crate) fn run(queue: &Queue, mut engine: impl Engine, counted: &Counted, signal: &Signal) {
    let defines = |batch: &[Request]| {
        let ty = search_parameter();
        ty.is_some_and(|ty| batch.iter().any(|request| request.is_about(ty)))
    };
    while let Some(batch) = queue.next_batch() {
        match guarded(&mut engine, &batch, false) {
            Ok(outcomes) => {
                counted.add(batch.len());
                if defines(&batch) {
                    signal.stale();
                }
                answer(batch, outcomes);
            }
            // One request, or the disk, spoiled the batch: its mates get their own chance.
            Err(error) => {
                log::warn!("a batch of {} failed and is written singly: {error}", batch.len());
                for request in batch {
                    let single = [request];
                    let outcomes = guarded(&mut engine, &single, true);
                    if outcomes.is_ok() {
                        counted.add(1);
                        if defines(&single) {
                            signal.stale();
                        }
                    }
                    let [request] = single;
                    let outcome = outcomes.map_or_else(|error| Some(Err(error.into())), |mut all| all.pop());
                    (request.reply)(outcome.unwrap_or(Err(StoreError::Closing.into())));
                }
            }
        }
    }
    engine.finish();
}

/// A panic in the engine is a fault of ours: it must not silence the lane.
fn guarded(engine: &mut impl Engine, batch: &[Request], careful: bool) -> Result<Outcomes, StoreError> {
    catch_unwind(AssertUnwindSafe(|| engine.commit(batch, careful)))
        .unwrap_or_else(|_| Err(StoreError::Damaged("a write failed in an unforeseen way".to_owned())))
}

fn answer(batch: Vec<Request>, outcomes: Outcomes) {
    for (request, outcome) in batch.into_iter().zip(outcomes) {
        (request.reply)(outcome);
    }
}
