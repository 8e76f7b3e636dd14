//! What a batch writes, decided without a database.
//!
//! The engine reads the current version of every resource that the batch names and hands them in as [`Heads`]; the
//! requests are then played one after the other upon them. A refused request leaves no trace, so no savepoint is
//! needed, and the rows of a whole batch are known before the first is written.

use crate::error::{Refusal, TransactError};
use crate::op::{Op, Precondition, Written, WrittenAs};
use crate::version::Made;
use crate::write::request::{Key, Request, refuse_repeats};
use rushlight_search::{Entry, diff, extract};
use std::borrow::Cow;
use std::collections::HashMap;

/// The current version of a resource.
#[derive(Clone, Debug)]
pub(crate) struct Head<'a> {
    pub(crate) rid: i64,
    pub(crate) version: i64,
    pub(crate) last_updated: i64,
    pub(crate) deleted: bool,
    pub(crate) body: Cow<'a, str>,
}

/// The current versions of the resources that a batch names; absent means that there is none.
pub(crate) type Heads<'a> = HashMap<Key, Head<'a>>;

/// A version to write.
#[derive(Debug)]
pub(crate) struct NewVersion<'a> {
    pub(crate) seq: i64,
    pub(crate) rid: i64,
    pub(crate) version: i64,
    pub(crate) key: Key,
    pub(crate) last_updated: i64,
    pub(crate) deleted: bool,
    pub(crate) made: Made,
    pub(crate) splice: i32,
    pub(crate) actor: Option<&'a str>,
    pub(crate) body: &'a str,
    /// Index entries that end with this version.
    pub(crate) ended: Vec<Entry>,
    /// Index entries that begin with it.
    pub(crate) begun: Vec<Entry>,
}

/// Plays one request upon the heads.
///
/// `seq` is the next free number and is moved on by the versions that are planned; `time` becomes their
/// `lastUpdated`.
///
/// # Errors
/// The first op that is refused; then neither `heads` nor `seq` has changed.
pub(crate) fn plan<'a>(
    heads: &mut Heads<'a>,
    request: &'a Request,
    seq: &mut i64,
    time: i64,
) -> Result<(Vec<NewVersion<'a>>, Vec<Written>), TransactError> {
    refuse_repeats(&request.ops)?;
    let mut rows: Vec<NewVersion<'a>> = Vec::with_capacity(request.ops.len());
    let mut written = Vec::with_capacity(request.ops.len());
    let mut next = *seq;
    for (index, prepared) in request.ops.iter().enumerate() {
        let key = prepared.key();
        let head = heads.get(&key);
        let (precondition, body) = match &prepared.op {
            Op::Create { body, .. } => (Precondition::IfNoneMatchAny, Some(body)),
            Op::Put { body, precondition, .. } => (*precondition, Some(body)),
            Op::Delete { precondition, .. } => (*precondition, None),
        };
        check(&key, head, precondition).map_err(|why| TransactError::Refused { op: index, why })?;
        let live = head.filter(|head| !head.deleted);
        let outcome = match (body, live) {
            (Some(body), Some(live)) if live.body == body.text() => WrittenAs::Unchanged,
            (Some(_), Some(_)) => WrittenAs::Updated,
            (Some(_), None) => WrittenAs::Created,
            (None, Some(_)) => WrittenAs::Deleted,
            (None, None) => WrittenAs::AlreadyDeleted,
        };
        let (version, last_updated) = match outcome {
            WrittenAs::Unchanged | WrittenAs::AlreadyDeleted => {
                head.map_or((0, 0), |head| (head.version, head.last_updated))
            }
            WrittenAs::Created | WrittenAs::Updated | WrittenAs::Deleted => {
                let old = live.map_or_else(Vec::new, |live| extract(key.0, live.body.as_bytes()));
                let (ended, begun) = diff(&old, &prepared.entries);
                let version = head.map_or(1, |head| head.version + 1);
                rows.push(NewVersion {
                    seq: next,
                    rid: head.map_or(next, |head| head.rid),
                    version,
                    key: key.clone(),
                    last_updated: time,
                    deleted: body.is_none(),
                    made: made(&prepared.op, outcome),
                    splice: body.map_or(0, |body| body.splice()),
                    actor: request.actor.name(),
                    body: body.map_or("", |body| body.text()),
                    ended,
                    begun,
                });
                next += 1;
                (version, time)
            }
        };
        written.push(Written { ty: key.0, id: key.1, version, last_updated, outcome });
    }
    for row in &rows {
        let head = Head {
            rid: row.rid,
            version: row.version,
            last_updated: row.last_updated,
            deleted: row.deleted,
            body: Cow::Borrowed(row.body),
        };
        heads.insert(row.key.clone(), head);
    }
    *seq = next;
    Ok((rows, written))
}

/// How a version that is written comes to be.
fn made(op: &Op, outcome: WrittenAs) -> Made {
    match (op, outcome) {
        (Op::Create { .. }, _) => Made::Posted,
        (Op::Put { .. }, WrittenAs::Created) => Made::Put,
        (Op::Put { .. }, _) => Made::Updated,
        (Op::Delete { .. }, _) => Made::Deleted,
    }
}

fn check(key: &Key, head: Option<&Head<'_>>, precondition: Precondition) -> Result<(), Refusal> {
    let current = head.filter(|head| !head.deleted).map(|head| head.version);
    let (ty, id) = (key.0, key.1.clone());
    match (precondition, current) {
        (Precondition::IfMatch(expected), _) if current != Some(expected) => {
            Err(Refusal::VersionMismatch { ty, id, expected, current })
        }
        (Precondition::IfNoneMatchAny, Some(current)) => Err(Refusal::Exists { ty, id, current }),
        _ => Ok(()),
    }
}
