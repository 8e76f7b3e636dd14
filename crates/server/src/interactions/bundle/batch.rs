//! batch: each entry by itself, as if it had come alone.

use super::answer::{self, Answer, Room};
use super::{get, op, precondition, wanted_back};
use crate::context::Context;
use crate::criteria::Criteria;
use crate::error::Error;
use crate::interactions::conditional::{self, Done, Wish};
use crate::protocol::prefer::Return;
use actix_web::HttpResponse;
use rushlight_model::bundle::{Asker, PlannedOp};
use rushlight_persistence::{Op, StoreError};
use std::collections::VecDeque;

/// Writes that are handed on before the first of them is answered: enough to fill a commit, few enough to leave the
/// queue to others.
const AHEAD: usize = 64;

/// Entries in the order in which a transaction would carry them out, but that those with criteria come after the other
/// writes; reads come last, and see the writes.
pub async fn run(
    context: &Context,
    entries: Vec<(usize, Result<PlannedOp, Error>)>,
) -> Result<HttpResponse, Error> {
    let mut answers = Vec::with_capacity(entries.len());
    let mut writes = Vec::new();
    let mut conditional = Vec::new();
    let mut reads = Vec::new();
    for (index, planned) in entries {
        match planned {
            Err(error) => answers.push((index, Answer::refused(error))),
            Ok(PlannedOp::Get { url, head, unless }) => reads.push((index, url, head, unless)),
            Ok(PlannedOp::Conditional { ty, criteria, body, condition, by }) => {
                let precondition = precondition(condition);
                let wish = match body {
                    Some(body) if by == Asker::Create => Wish::Create(body),
                    Some(body) => Wish::Update(body, precondition),
                    None => Wish::Delete(precondition),
                };
                conditional.push((index, ty, criteria, wish));
            }
            Ok(planned) => writes.extend(op(planned).map(|op| (index, op))),
        }
    }
    write(context, writes, &mut answers).await;
    for (index, ty, criteria, wish) in conditional {
        let answer = match Criteria::parse(context, ty, &criteria).await {
            Ok(criteria) => conditional::run(context, &criteria, wish).await.map(|done| told(context, done)),
            Err(error) => Err(error),
        };
        answers.push((index, answer.unwrap_or_else(Answer::refused)));
    }
    let mut room = Room::of(context);
    for (index, url, head, unless) in reads {
        let answer = match get::Asked::of(context, &url).and_then(|asked| room.any().map(|()| asked)) {
            Ok(asked) => get::answer(context, asked, head, &unless).await,
            Err(error) => Err(error),
        };
        let answer = answer.and_then(|answer| room.take(answer));
        answers.push((index, answer.unwrap_or_else(Answer::refused)));
    }
    Ok(answer::respond(context, "batch", answers))
}

/// The answer to a conditional write.
fn told(context: &Context, done: Done) -> Answer {
    match done {
        Done::Wrote(all, body) => match all.as_slice() {
            [one] => {
                let body = body.filter(|_| context.prefer.returns == Some(Return::Representation));
                Answer::written(context, one, body.as_ref())
            }
            all => Answer::deleted(context, all),
        },
        Done::Exists(version) => Answer::exists(context, &version),
        Done::Nothing => Answer::deleted(context, &[]),
    }
}

async fn write(context: &Context, writes: Vec<(usize, Op)>, answers: &mut Vec<(usize, Answer)>) {
    let ahead = AHEAD.min(context.app.settings.store.queue);
    let mut waiting = VecDeque::with_capacity(ahead);
    let mut writes = writes.into_iter();
    loop {
        let next = writes.by_ref().take(ahead - waiting.len());
        waiting.extend(next.map(|(index, op)| (index, wanted_back(context, &op), context.submit(vec![op]))));
        let Some((index, body, result)) = waiting.pop_front() else { return };
        let written = result.await.map_err(Error::from);
        let first = written.and_then(|all| all.into_iter().next().ok_or(Error::Store(StoreError::Closing)));
        let answer = first.map(|written| Answer::written(context, &written, body.as_ref()));
        answers.push((index, answer.unwrap_or_else(Answer::refused)));
    }
}
