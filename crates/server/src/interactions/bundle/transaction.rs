//! transaction: all entries, or none.

use super::answer::{self, Answer, Room};
use super::get::{self, Asked};
use super::{Outside, op, plan, precondition, wanted_back};
use crate::checks::Planned;
use crate::context::Context;
use crate::error::Error;
use crate::interactions::search;
use actix_web::HttpResponse;
use rushlight_model::Body;
use rushlight_model::bundle::{PlannedEntry, PlannedOp, Unless};
use rushlight_persistence::{Op, Precondition, Refusal, StoreError, TransactError, Written};

/// How often a transaction is planned anew because of others that came between.
const TRIES: u32 = 8;

/// Carries the entries out together.
pub async fn run(
    context: &Context,
    mut entries: Vec<PlannedEntry>,
    mut outside: Outside,
) -> Result<HttpResponse, Error> {
    for tried in 1..=TRIES {
        outside.coming.bind(&mut entries);
        let mut room = Room::of(context);
        let Sorted { mut answers, places, ops, searches } =
            sort(context, entries, &outside, &mut room).await?;
        let (owners, ops): (Vec<usize>, Vec<Op>) = ops.into_iter().unzip();
        match context.write(ops).await {
            Ok(written) => {
                let mut written = written.as_slice();
                for place in places {
                    let (own, rest) = written.split_at_checked(place.ops).unwrap_or((written, &[]));
                    answers.push((place.index, place.answer(context, own)?));
                    written = rest;
                }
                for (index, asked, head, unless) in searches {
                    let answer = match room.any() {
                        Ok(()) => get::answer(context, asked, head, &unless).await,
                        Err(error) => Err(error),
                    };
                    let answer = answer.and_then(|answer| room.take(answer));
                    // Everything is written: what fails now fails by itself.
                    answers.push((index, answer.unwrap_or_else(Answer::refused)));
                }
                return Ok(answer::respond(context, "transaction", answers));
            }
            Err(TransactError::Refused { why, .. })
                if why == Refusal::Changed || outside.coming.explains(&why) =>
            {
                log::debug!("transaction: another writer came between, attempt {tried}");
            }
            Err(TransactError::Store(error)) if outside.sought.explains(&error) => {}
            Err(TransactError::Refused { op, why }) => {
                let entry = owners.get(op).copied().unwrap_or(0);
                return Err(Error::from(why).of_entry(entry));
            }
            Err(other) => return Err(other.into()),
        }
        match plan(context).await? {
            (Planned::Transaction(again), learnt) => (entries, outside) = (again, learnt),
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
    /// The others, in the order of their ops.
    places: Vec<Place>,
    /// What is asked of the store, each with the place of its entry.
    ops: Vec<(usize, Op)>,
    /// After everything is written.
    searches: Vec<(usize, Asked, bool, Unless)>,
}

/// An entry that is answered when all is written.
struct Place {
    index: usize,
    /// How many results of ops are its own.
    ops: usize,
    /// Of a read: how it is to be answered.
    read: Option<get::Wish>,
    /// Of a write: what the client would like back.
    body: Option<Body>,
}

impl Place {
    fn answer(&self, context: &Context, all: &[Written]) -> Result<Answer, Error> {
        let one = if let [one] = all { Some(one) } else { None };
        match (&self.read, one, one.and_then(|one| one.read.as_ref())) {
            (Some(wish), _, Some(version)) => get::found(context, version, wish),
            (None, _, Some(version)) => Ok(Answer::exists(context, version)),
            (_, Some(one), None) => Ok(Answer::written(context, one, self.body.as_ref())),
            (_, None, _) => Ok(Answer::deleted(context, all)),
        }
    }
}

/// What a GET entry asks for, where it can be asked for so.
fn checked(context: &Context, url: &str, unless: &Unless) -> Result<Asked, Error> {
    let asked = Asked::of(context, url)?;
    get::check(context, &asked, unless).map(|()| asked)
}

/// Versions never change, so those that are asked for are read first: what fails, fails before anything is written.
async fn sort(
    context: &Context,
    entries: Vec<PlannedEntry>,
    outside: &Outside,
    room: &mut Room,
) -> Result<Sorted, Error> {
    let access = context.access();
    let (before, after) = outside.sought.expectations(&access);
    let mut sorted = Sorted { ops: before, ..Sorted::default() };
    for PlannedEntry { index, op: planned } in entries {
        let mut read = None;
        let ops = match planned {
            PlannedOp::Get { url, head, unless } => match checked(context, &url, &unless) {
                Ok(Asked::Read(ty, id, parameters)) => {
                    read = Some(get::Wish { head, unless, parameters });
                    vec![Op::Read { ty, id, access: access.clone() }]
                }
                Ok(Asked::History(..)) => {
                    let what = "a history in a transaction, whose own versions it would lack,";
                    return Err(Error::NotSupported { what }.of_entry(index));
                }
                // It sees what the transaction has written, so it waits; what can be wrong with it is found out now.
                Ok(Asked::Search(place, path, parameters)) => {
                    let checked = search::check(context, &path, &parameters, place.clone()).await;
                    checked.map_err(|error| error.of_entry(index))?;
                    sorted.searches.push((index, Asked::Search(place, path, parameters), head, unless));
                    continue;
                }
                Ok(asked) => {
                    let answer = get::answer(context, asked, head, &unless).await;
                    let answer = answer.and_then(|answer| room.take(answer));
                    sorted.answers.push((index, answer.map_err(|error| error.of_entry(index))?));
                    continue;
                }
                Err(error) => return Err(error.of_entry(index)),
            },
            PlannedOp::Exists { ty, id } => vec![Op::Read { ty, id, access: access.clone() }],
            PlannedOp::DeleteFound { ty, ids, condition } => {
                let precondition = precondition(condition);
                // A version is one resource's.
                let refused = match (precondition, ids.len()) {
                    (Precondition::IfMatch(expected), 0) => Some(Error::NoneMatches { ty, expected }),
                    (Precondition::IfMatch(_), 2..) => Some(Error::SeveralMatch { ty, most: 1 }),
                    _ => None,
                };
                if let Some(refused) = refused {
                    return Err(refused.of_entry(index));
                }
                ids.into_iter().map(|id| Op::Delete { ty, id, precondition }).collect()
            }
            planned => op(planned).into_iter().collect(),
        };
        let body = ops.first().and_then(|op| wanted_back(context, op));
        sorted.places.push(Place { index, ops: ops.len(), read, body });
        sorted.ops.extend(ops.into_iter().map(|op| (index, op)));
    }
    sorted.ops.extend(after);
    Ok(sorted)
}
