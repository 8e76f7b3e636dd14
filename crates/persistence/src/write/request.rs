//! A request to write, as it waits in the queue.

use crate::access::Origin;
use crate::audit::chain::Hash;
use crate::error::{Refusal, TransactError};
use crate::op::{Op, Written};
use rushlight_model::{Id, ResourceType};
use rushlight_search::Entry;
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

/// An op, with the index entries and the hash of the body that it writes.
pub(crate) struct Prepared {
    pub(crate) op: Op,
    pub(crate) entries: Vec<Entry>,
    pub(crate) digest: Hash,
}

/// Names a resource.
pub(crate) type Key = (ResourceType, Id);

impl Prepared {
    /// Extracts and hashes: on the caller's thread, so that the writer has less to do.
    pub(crate) fn new(op: Op) -> Self {
        let (entries, text) = match &op {
            Op::Create { body, .. } | Op::Put { body, .. } => {
                (rushlight_search::extract(body.resource_type(), body.text().as_bytes()), body.text())
            }
            Op::Delete { .. } | Op::Read { .. } => (Vec::new(), ""),
        };
        let digest = openssl::sha::sha256(text.as_bytes());
        Self { op, entries, digest }
    }

    /// The resource that the op is about.
    pub(crate) fn key(&self) -> Key {
        match &self.op {
            Op::Create { id, body } => (body.resource_type(), id.clone()),
            Op::Put { ty, id, .. } | Op::Delete { ty, id, .. } | Op::Read { ty, id, .. } => (*ty, id.clone()),
        }
    }
}

/// Refuses a request that writes a resource twice: R4 lets a transaction write each resource once.
pub(crate) fn refuse_repeats(ops: &[Prepared]) -> Result<(), TransactError> {
    let mut seen = HashSet::with_capacity(ops.len());
    for (op, prepared) in ops.iter().enumerate() {
        if matches!(prepared.op, Op::Read { .. }) {
            continue;
        }
        let (ty, id) = prepared.key();
        if !seen.insert((ty, id.clone())) {
            return Err(TransactError::Refused { op, why: Refusal::Twice { ty, id } });
        }
    }
    Ok(())
}
