//! A request to write, as it waits in the queue.

use crate::access::Origin;
use crate::audit::chain::Hash;
use crate::error::{Refusal, TransactError};
use crate::op::{Op, Written};
use crate::units::Known;
use crate::write::expect::looks_elsewhere;
use rushlight_model::{Id, ResourceType};
use rushlight_search::Entries;
use std::borrow::Cow;
use std::collections::HashSet;

/// Called once with what became of a request.
pub(crate) type Reply = Box<dyn FnOnce(Result<Vec<Written>, TransactError>) + Send>;

/// One all-or-nothing list of ops, with the index entries already extracted.
pub(crate) struct Request {
    pub(crate) origin: Origin,
    pub(crate) ops: Vec<Prepared>,
    /// Text for the audit, which makes a row also where nothing else is written.
    pub(crate) detail: Option<String>,
    pub(crate) reply: Reply,
}

impl Request {
    /// Whether it writes resources of this type.
    pub(crate) fn is_about(&self, ty: ResourceType) -> bool {
        self.ops.iter().any(|op| match &op.op {
            Op::Create { body, .. } => body.resource_type() == ty,
            Op::Put { ty: of, .. } | Op::Delete { ty: of, .. } => *of == ty,
            Op::Read { .. } | Op::Expect { .. } => false,
        })
    }

    /// Whether it must be the first of its batch: what its batch-mates write could not be told from what is committed.
    pub(crate) fn begins_batch(&self) -> bool {
        self.ops.iter().any(|prepared| match &prepared.op {
            Op::Expect { query, .. } => looks_elsewhere(query),
            _ => false,
        })
    }
}

/// An op, with the index entries and the hash of the body that it writes.
pub(crate) struct Prepared {
    pub(crate) op: Op,
    entries: Entries,
    /// What was indexed when they were extracted.
    generation: i64,
    pub(crate) digest: Hash,
}

/// Names a resource.
pub(crate) type Key = (ResourceType, Id);

impl Prepared {
    /// Extracts and hashes: on the caller's thread, so that the writer has less to do.
    pub(crate) fn new(op: Op, known: &Known) -> Self {
        let text = text(&op);
        let digest = openssl::sha::sha256(text.as_bytes());
        Self { entries: known.entries(text), generation: known.generation, op, digest }
    }

    /// The index entries: extracted again if something else is indexed by now.
    pub(crate) fn entries(&self, known: &Known) -> Cow<'_, Entries> {
        match self.generation == known.generation {
            true => Cow::Borrowed(&self.entries),
            false => Cow::Owned(known.entries(text(&self.op))),
        }
    }

    /// The resource that the op is about, if it is one.
    pub(crate) fn key(&self) -> Option<Key> {
        match &self.op {
            Op::Create { id, body } => Some((body.resource_type(), id.clone())),
            Op::Put { ty, id, .. } | Op::Delete { ty, id, .. } | Op::Read { ty, id, .. } => {
                Some((*ty, id.clone()))
            }
            Op::Expect { .. } => None,
        }
    }
}

/// The body that an op writes; empty if it writes none.
fn text(op: &Op) -> &str {
    match op {
        Op::Create { body, .. } | Op::Put { body, .. } => body.text(),
        Op::Delete { .. } | Op::Read { .. } | Op::Expect { .. } => "",
    }
}

/// Refuses a request that writes a resource twice: R4 lets a transaction write each resource once.
pub(crate) fn refuse_repeats(ops: &[Prepared]) -> Result<(), TransactError> {
    let mut seen = HashSet::with_capacity(ops.len());
    for (op, prepared) in ops.iter().enumerate() {
        let Some((ty, id)) = prepared.key().filter(|_| !matches!(prepared.op, Op::Read { .. })) else {
            continue;
        };
        if !seen.insert((ty, id.clone())) {
            return Err(TransactError::Refused { op, why: Refusal::Twice { ty, id } });
        }
    }
    Ok(())
}
