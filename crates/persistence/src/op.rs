//! Writes as data: what a caller asks for, and what became of it.

use crate::access::Access;
use crate::version::Version;
use rushlight_model::{Body, Id, ResourceType};
use rushlight_search::query::Query;
use std::sync::Arc;

/// What must hold of the current version, checked in the transaction that writes.
///
/// See <https://hl7.org/fhir/R4/http.html#concurrency>.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing.
    #[default]
    None,
    /// `If-Match: W/"n"`: the current version is `n` and not deleted.
    IfMatch(i64),
    /// `If-None-Match: *`: there is no current version, or it is deleted.
    IfNoneMatchAny,
    /// There is a current version, be it deleted: for callers that let nobody choose an id.
    MustExist,
}

/// One write, or a read that stands among writes.
#[derive(Clone, Debug)]
pub enum Op {
    /// A new resource under a new id.
    Create {
        /// The id, equal to the body's.
        id: Id,
        /// The resource, with its id.
        body: Body,
    },
    /// A version of the resource under this id, new or not.
    Put {
        /// The type, equal to the body's.
        ty: ResourceType,
        /// The id, equal to the body's.
        id: Id,
        /// The resource.
        body: Body,
        /// What must hold first.
        precondition: Precondition,
    },
    /// The current version as it is at this place in the list: what ops before this one wrote is seen. Writes nothing.
    /// Where there is none, the whole is refused.
    Read {
        /// The type.
        ty: ResourceType,
        /// The id.
        id: Id,
        /// What the caller may see.
        access: Access,
    },
    /// The end of a resource: a version that says it is deleted.
    Delete {
        /// The type.
        ty: ResourceType,
        /// The id.
        id: Id,
        /// What must hold first.
        precondition: Precondition,
    },
    /// That a query matches these resources and no others, at this place in the list: what ops before this one wrote
    /// counts, and nothing that anybody commits before the list is committed is missed. Writes nothing, and has no
    /// [`Written`]. Where it is not so, the whole is refused as [`Refusal::Changed`](crate::Refusal::Changed).
    ///
    /// A query that [looks elsewhere](rushlight_search::query::Condition::looks_elsewhere) is judged as of the beginning
    /// of the list.
    Expect {
        /// The query; its order and what it includes do not matter.
        query: Arc<Query>,
        /// What the caller may see: nothing else matches.
        access: Access,
        /// What it matched when it was asked last.
        found: Vec<(ResourceType, Id)>,
    },
}

/// What an [`Op`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrittenAs {
    /// A first version, or the first after a delete.
    Created,
    /// A further version.
    Updated,
    /// Nothing: the body is the current one.
    Unchanged,
    /// A version that says the resource is deleted.
    Deleted,
    /// Nothing: there was nothing to delete.
    AlreadyDeleted,
    /// Nothing: it was read.
    Read,
}

/// The result of one [`Op`], in the order of the ops; an [`Op::Expect`] has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The type.
    pub ty: ResourceType,
    /// The id.
    pub id: Id,
    /// `meta.versionId` now current; 0 where a delete found no resource at all.
    pub version: i64,
    /// `meta.lastUpdated` in microseconds since 1970; 0 where `version` is 0.
    pub last_updated: i64,
    /// What was done.
    pub outcome: WrittenAs,
    /// What an [`Op::Read`] found; `None` for every other op.
    pub read: Option<Box<Version>>,
}

impl Written {
    /// Whether a version was written.
    #[must_use]
    pub fn wrote(&self) -> bool {
        matches!(self.outcome, WrittenAs::Created | WrittenAs::Updated | WrittenAs::Deleted)
    }
}
