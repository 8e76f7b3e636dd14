//! transaction: all entries, or none.

use super::answer::{self, Answer, Room};
use super::coming::Coming;
use super::get::{self, Asked};
use super::{op, plan, wanted_back};
use crate::checks::Planned;
use crate::context::Context;
use crate::error::Error;
use actix_web::HttpResponse;
use rushlight_model::Body;
use rushlight_model::bundle::{PlannedEntry, PlannedOp, Unless};
use rushlight_persistence::{Op, StoreError, TransactError, Written};

/// How often a transaction is planned anew because of others that came between.
const TRIES: u32 = 8;

/// Carries the entries out together.
pub async fn run(
    context: &Context,
    mut entries: Vec<PlannedEntry>,
    mut coming: Coming,
) -> Result<HttpResponse, Error> {
    for tried in 1..=TRIES {
        coming.bind(&mut entries);
        let Sorted { mut answers, places, ops } = sort(context, entries).await?;
        match context.write(ops).await {
            Ok(written) => {
                let written = places.into_iter().zip(written);
                for (place, written) in written {
                    answers.push((place.index, place.answer(context, &written)?));
                }
                return Ok(answer::respond(context, "transaction", answers));
            }
            Err(TransactError::Refused { why, .. }) if coming.explains(&why) => {
                log::debug!("transaction: another writer came between, attempt {tried}");
            }
            Err(TransactError::Refused { op, why }) => {
                let entry = places.get(op).map_or(0, |place| place.index);
                return Err(Error::from(why).of_entry(entry));
            }
            Err(other) => return Err(other.into()),
        }
        match plan(context, Coming::default()).await? {
            (Planned::Transaction(again), learnt) => (entries, coming) = (again, learnt),
            (Planned::Batch(_), _) => break,
        }
    }
    Err(Error::Store(StoreError::Contention))
}

/// The entries by when they can be answered.
#[derive(Default)]
struct Sorted {
    /// Before anything is written.
    answers: Vec<(usize, Answer)>,
    /// The others, and what each asks of the store.
    places: Vec<Place>,
    ops: Vec<Op>,
}

/// The entry of an op.
struct Place {
    index: usize,
    /// Of a read: whether it is HEAD, and when the client has the answer.
    read: Option<(bool, Unless)>,
    /// Of a write: what the client would like back.
    body: Option<Body>,
}

impl Place {
    fn answer(&self, context: &Context, written: &Written) -> Result<Answer, Error> {
        match (&self.read, &written.read) {
            (Some((head, unless)), Some(version)) => get::found(version, *head, unless),
            _ => Ok(Answer::written(context, written, self.body.as_ref())),
        }
    }
}

/// Versions never change, so those that are asked for are read first: what fails, fails before anything is written.
async fn sort(context: &Context, entries: Vec<PlannedEntry>) -> Result<Sorted, Error> {
    let mut sorted = Sorted::default();
    let mut room = Room::of(context);
    for PlannedEntry { index, op: planned } in entries {
        let (op, read) = match planned {
            PlannedOp::Get { url, head, unless } => match Asked::of(context, &url) {
                Ok(Asked::Read(ty, id)) => {
                    get::check(&unless).map_err(|error| error.of_entry(index))?;
                    (Some(Op::Read { ty, id, access: context.access() }), Some((head, unless)))
                }
                Ok(Asked::History(..)) => {
                    let what = "a history in a transaction, whose own versions it would lack,";
                    return Err(Error::NotSupported { what }.of_entry(index));
                }
                Ok(asked) => {
                    let answer = get::answer(context, asked, head, &unless).await;
                    let answer = answer.and_then(|answer| room.take(answer));
                    sorted.answers.push((index, answer.map_err(|error| error.of_entry(index))?));
                    continue;
                }
                Err(error) => return Err(error.of_entry(index)),
            },
            planned => (op(planned), None),
        };
        sorted.places.extend(op.as_ref().map(|op| Place { index, read, body: wanted_back(context, op) }));
        sorted.ops.extend(op);
    }
    Ok(sorted)
}
