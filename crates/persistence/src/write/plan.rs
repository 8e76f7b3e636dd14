//! What a batch writes, decided without a database.
//!
//! The engine reads the current version of every resource that the batch names and hands them in as [`Heads`]; the
//! requests are then played one after the other upon them. A refused request leaves no trace, so no savepoint is
//! needed, and the rows of a whole batch are known before the first is written.

use crate::audit::chain::{Content, Hash, Vouched};
use crate::error::{Refusal, StoreError, TransactError};
use crate::op::{Op, Precondition, Written, WrittenAs};
use crate::units::Known;
use crate::version::{Made, Version};
use crate::write::allow::{may_write, shown};
use crate::write::expect::{Judge, Mate, Mates};
use crate::write::request::{Key, Request, refuse_repeats};
use rushlight_search::{Entries, diff};
use std::borrow::Cow;
use std::collections::HashMap;

/// The current version of a resource.
#[derive(Clone, Debug)]
pub(crate) struct Head<'a> {
    pub(crate) rid: i64,
    pub(crate) seq: i64,
    pub(crate) version: i64,
    pub(crate) last_updated: i64,
    pub(crate) deleted: bool,
    pub(crate) made: Made,
    pub(crate) splice: i32,
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
    /// The hash of the body.
    pub(crate) digest: Hash,
    /// Index entries that end with this version.
    pub(crate) ended: Entries,
    /// Index entries that begin with it.
    pub(crate) begun: Entries,
}

impl<'a> NewVersion<'a> {
    /// Adds the version to what the audit vouches for.
    pub(crate) fn vouch(&self, content: &mut Content) {
        content.add(&Vouched {
            seq: self.seq,
            rid: self.rid,
            version: self.version,
            ty: i16::try_from(self.key.0.number()).unwrap_or(i16::MAX),
            id: &self.key.1.to_key(),
            last_updated: self.last_updated,
            deleted: self.deleted,
            made: self.made.number(),
            splice: self.splice,
            actor: self.actor,
            body: self.digest,
        });
    }

    /// The version as the current one.
    fn head(&self) -> Head<'a> {
        Head {
            rid: self.rid,
            seq: self.seq,
            version: self.version,
            last_updated: self.last_updated,
            deleted: self.deleted,
            made: self.made,
            splice: self.splice,
            body: Cow::Borrowed(self.body),
        }
    }
}

/// Bytes of bodies that the reads of one request give back, at the most.
const MOST_READ: usize = 64 << 20;

/// Plays one request upon the heads.
///
/// `seq` is the next free number and is moved on by the versions that are planned; `time` becomes their
/// `lastUpdated`. `known` says what is indexed, `judge` whether what is expected holds.
///
/// # Errors
/// The first op that is refused; then neither `heads` nor `seq` has changed.
pub(crate) fn plan<'a>(
    heads: &mut Heads<'a>,
    request: &'a Request,
    seq: &mut i64,
    time: i64,
    known: &Known,
    judge: &mut Judge<'a>,
) -> Result<(Vec<NewVersion<'a>>, Vec<Written>), TransactError> {
    let mut answers = judge.next(request).into_iter();
    refuse_repeats(&request.ops)?;
    let mut mates = Mates::new();
    let mut rows: Vec<NewVersion<'a>> = Vec::with_capacity(request.ops.len());
    let mut written = Vec::with_capacity(request.ops.len());
    let mut next = *seq;
    // Where the request's own versions are, if it reads.
    let reads = request.ops.iter().any(|prepared| matches!(prepared.op, Op::Read { .. }));
    let mut own: HashMap<Key, usize> = HashMap::new();
    let mut room = MOST_READ;
    for (index, prepared) in request.ops.iter().enumerate() {
        if let Op::Expect { query, access, found } = &prepared.op {
            let committed = answers.next().unwrap_or(Err(StoreError::Closing))?;
            if !judge.holds((query, access, found), &committed, &mates, known) {
                return Err(TransactError::Refused { op: index, why: Refusal::Changed });
            }
        }
        let Some(key) = prepared.key() else { continue };
        let access = &request.origin.access;
        let head = heads.get(&key).filter(|head| shown(access, &key, head, known));
        let (precondition, body) = match &prepared.op {
            Op::Create { body, .. } => (Precondition::IfNoneMatchAny, Some(body)),
            Op::Put { body, precondition, .. } => (*precondition, Some(body)),
            Op::Delete { precondition, .. } => (*precondition, None),
            Op::Expect { .. } => continue,
            Op::Read { access, .. } => {
                let own = own.get(&key).and_then(|at| rows.get(*at)).map(NewVersion::head);
                let found = own.as_ref().or(head).filter(|head| shown(access, &key, head, known));
                let found = read(key, found);
                let found = found.map_err(|why| TransactError::Refused { op: index, why })?;
                room = room.checked_sub(found.body.len()).ok_or(TransactError::Refused {
                    op: index,
                    why: Refusal::TooMuch { limit: MOST_READ },
                })?;
                written.push(Written {
                    ty: found.ty,
                    id: found.id.clone(),
                    version: found.version,
                    last_updated: found.last_updated,
                    outcome: WrittenAs::Read,
                    read: Some(Box::new(found)),
                });
                continue;
            }
        };
        let refused = |why| TransactError::Refused { op: index, why };
        may_write(access, prepared, head, known).map_err(refused)?;
        check(&key, head, precondition).map_err(refused)?;
        let live = head.filter(|head| !head.deleted);
        let outcome = match (body, live) {
            (Some(body), Some(live)) if live.body == body.text() => WrittenAs::Unchanged,
            (Some(_), Some(_)) => WrittenAs::Updated,
            (Some(_), None) => WrittenAs::Created,
            (None, Some(_)) => WrittenAs::Deleted,
            (None, None) => WrittenAs::AlreadyDeleted,
        };
        let (version, last_updated) = match outcome {
            WrittenAs::Unchanged | WrittenAs::AlreadyDeleted | WrittenAs::Read => {
                head.map_or((0, 0), |head| (head.version, head.last_updated))
            }
            WrittenAs::Created | WrittenAs::Updated | WrittenAs::Deleted => {
                let old = live.map_or_else(Entries::default, |live| known.entries(&live.body));
                let new = prepared.entries(known);
                if new.overflows() {
                    let why = Refusal::TooManyEntries { limit: Entries::MOST };
                    return Err(TransactError::Refused { op: index, why });
                }
                let (ended, begun) = diff(&old, &new);
                if judge.expects {
                    let entries = body.is_some().then_some(new);
                    mates.insert(key.clone(), Mate { entries, last_updated: time });
                }
                let version = head.map_or(1, |head| head.version + 1);
                if reads {
                    own.insert(key.clone(), rows.len());
                }
                rows.push(NewVersion {
                    seq: next,
                    rid: head.map_or(next, |head| head.rid),
                    version,
                    key: key.clone(),
                    last_updated: time,
                    deleted: body.is_none(),
                    made: made(&prepared.op, outcome),
                    splice: body.map_or(0, |body| body.splice()),
                    actor: request.origin.actor.name(),
                    body: body.map_or("", |body| body.text()),
                    digest: prepared.digest,
                    ended,
                    begun,
                });
                next += 1;
                (version, time)
            }
        };
        written.push(Written { ty: key.0, id: key.1, version, last_updated, outcome, read: None });
    }
    judge.wrote(mates);
    for row in &rows {
        heads.insert(row.key.clone(), row.head());
    }
    *seq = next;
    Ok((rows, written))
}

/// What a read finds.
fn read(key: Key, head: Option<&Head<'_>>) -> Result<Version, Refusal> {
    let (ty, id) = key;
    match head {
        Some(head) if !head.deleted => Ok(Version {
            ty,
            id,
            seq: head.seq,
            version: head.version,
            last_updated: head.last_updated,
            deleted: false,
            made: head.made,
            body: head.body.to_string(),
            splice: head.splice,
        }),
        found => Err(Refusal::Absent { ty, id, deleted: found.map(|head| head.version) }),
    }
}

/// How a version that is written comes to be.
fn made(op: &Op, outcome: WrittenAs) -> Made {
    match outcome {
        WrittenAs::Created if matches!(op, Op::Create { .. }) => Made::Posted,
        WrittenAs::Created => Made::Put,
        WrittenAs::Updated => Made::Updated,
        _ => Made::Deleted,
    }
}

fn check(key: &Key, head: Option<&Head<'_>>, precondition: Precondition) -> Result<(), Refusal> {
    let current = head.filter(|head| !head.deleted).map(|head| head.version);
    let (ty, id) = (key.0, key.1.clone());
    match (precondition, current) {
        (Precondition::IfMatch(expected), _) if current != Some(expected) => {
            Err(Refusal::VersionMismatch { ty, id, expected, current })
        }
        (Precondition::MustExist, _) if head.is_none() => Err(Refusal::Unknown { ty, id }),
        (Precondition::IfNoneMatchAny, Some(current)) => Err(Refusal::Exists { ty, id, current }),
        _ => Ok(()),
    }
}
