//! A stored version, as reads return it.

use crate::error::StoreError;
use rushlight_model::{Id, ResourceType, splice_meta};

/// How a version came to be. Stored as a number; 5 is for PATCH.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// Nobody knows: it is older than the record of it.
    Unknown = 0,
    /// By a create.
    Posted = 1,
    /// By an update of what was not there, or was deleted.
    Put = 2,
    /// By an update of what was there.
    Updated = 3,
    /// By a delete.
    Deleted = 4,
}

impl Made {
    const ALL: [Self; 5] = [Self::Unknown, Self::Posted, Self::Put, Self::Updated, Self::Deleted];

    /// As stored.
    pub(crate) fn number(self) -> i16 {
        self as i16
    }

    /// The one with this number.
    pub(crate) fn stored(number: i16) -> Result<Self, StoreError> {
        let unknown = || StoreError::Damaged(format!("a version came to be in the unknown way {number}"));
        Self::ALL.into_iter().find(|made| made.number() == number).ok_or_else(unknown)
    }
}

/// One version of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The type.
    pub ty: ResourceType,
    /// The id.
    pub id: Id,
    /// The store's number of this version.
    pub seq: i64,
    /// `meta.versionId`: 1, 2, 3… within the resource.
    pub version: i64,
    /// `meta.lastUpdated` in microseconds since 1970.
    pub last_updated: i64,
    /// Whether this version says that the resource is deleted; then there is no body.
    pub deleted: bool,
    /// How it came to be.
    pub made: Made,
    /// The stored text, without `meta.versionId` and `meta.lastUpdated`.
    pub body: String,
    /// Where the two are put back: see [`splice_meta`].
    pub splice: i32,
}

impl Version {
    /// Appends the resource as it is served, with `meta.versionId` and `meta.lastUpdated`.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        splice_meta(out, self.body.as_bytes(), self.splice, self.version, self.last_updated);
    }
}

/// What a read by id finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// The version.
    Found(Version),
    /// The resource, or the version asked for, is a delete.
    Gone {
        /// The `versionId` of the delete.
        version: i64,
        /// When, in microseconds since 1970.
        last_updated: i64,
    },
    /// Nothing visible under that id.
    Missing,
}
