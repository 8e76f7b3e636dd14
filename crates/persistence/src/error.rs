//! What can go wrong, each with what the caller can do about it.

use rushlight_model::{Id, ResourceType};
use thiserror::Error;

/// Why the database did not do as asked. Holds no content of any record.
#[derive(Debug, Clone, Error)]
pub enum StoreError {
    /// The store was written by a newer Rushlight.
    #[error(
        "the store was written by a newer Rushlight (its schema has step {found}, which this one does not know); use that version or newer"
    )]
    NewerSchema {
        /// The unknown migration.
        found: String,
    },
    /// Another process holds the folder.
    #[error("another process has the data folder {folder} open; stop it, or go through it by its URL")]
    Locked {
        /// The folder.
        folder: String,
    },
    /// The store holds records of another release of FHIR.
    #[error(
        "the store holds FHIR {stored} and was opened for FHIR {asked}; leave the version out, or use another store"
    )]
    OtherRelease {
        /// What it holds, as `4.0`.
        stored: String,
        /// What was asked for.
        asked: &'static str,
    },
    /// A setting of the database breaks a guarantee.
    #[error("PostgreSQL runs with {setting} = {value}: an acknowledged write could be lost; set it to on")]
    Unsafe {
        /// The setting.
        setting: String,
        /// Its value.
        value: String,
    },
    /// The store can't be opened.
    #[error("the store can't be opened: {0}")]
    Open(String),
    /// Searches are explained to those alone who have the privilege.
    #[error("searches are not explained to this caller")]
    Unexplained,
    /// A search comes to a statement with more values than the database takes.
    #[error("the search comes to more values than the database takes in a statement")]
    TooLarge,
    /// A statement took longer than allowed.
    #[error("the database took longer than allowed")]
    Timeout,
    /// No connection came free in time.
    #[error("no database connection came free in time")]
    Busy,
    /// The disk is full, or failing.
    #[error("the disk is full or failing: {0}")]
    Disk(String),
    /// Transactions kept colliding.
    #[error("the transaction collided with others too often")]
    Contention,
    /// What a search asks for is not in the index yet: it is being built from the records.
    #[error("the index is being built ({done} of {total}); try again in {retry_after} s")]
    Building {
        /// How far it is built, in numbers of versions.
        done: i64,
        /// How far it will be.
        total: i64,
        /// Seconds.
        retry_after: u32,
    },
    /// What a search asks for is not indexed, or no longer.
    #[error("unit {0} is not indexed")]
    Unindexed(i32),
    /// The index was built anew and does not reach back to a snapshot from before.
    #[error("the index was built anew since the search began; begin the search again")]
    TooOld,
    /// What is indexed has changed since the registry was read.
    #[error("what is indexed has changed meanwhile")]
    Outdated,
    /// Another process goes on with the job, or it has ended.
    #[error("the job is no longer this process's")]
    LeaseLost,
    /// Something stored breaks an invariant.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// The store is being closed.
    #[error("the store is closing")]
    Closing,
    /// The database ended the connection.
    #[error("the connection to the database was lost")]
    Disconnected,
    /// The database refused.
    #[error("the database failed: {0}")]
    Database(String),
}

/// Why the current version did not admit an op.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// `If-Match` named another version.
    #[error("{ty}/{id}: expected version {expected}, but the current version is {}", .current.map_or("none".to_owned(), |v| v.to_string()))]
    VersionMismatch {
        /// The type.
        ty: ResourceType,
        /// The id.
        id: Id,
        /// What the caller expected.
        expected: i64,
        /// What there is; `None` where the resource does not exist or is deleted.
        current: Option<i64>,
    },
    /// `If-None-Match: *`, but the resource exists.
    #[error("{ty}/{id} exists already, as version {current}")]
    Exists {
        /// The type.
        ty: ResourceType,
        /// The id.
        id: Id,
        /// Its version.
        current: i64,
    },
    /// The resource must exist, and does not.
    #[error("{ty}/{id} does not exist")]
    Unknown {
        /// The type.
        ty: ResourceType,
        /// The id.
        id: Id,
    },
    /// What should be read is not there.
    #[error("{ty}/{id} does not exist or is deleted")]
    Absent {
        /// The type.
        ty: ResourceType,
        /// The id.
        id: Id,
        /// The version that says that it is deleted.
        deleted: Option<i64>,
    },
    /// More should be read than a transaction may hold.
    #[error("a transaction reads no more than {limit} bytes")]
    TooMuch {
        /// Bytes.
        limit: usize,
    },
    /// The resource would have more index entries than a store takes.
    #[error(
        "a resource has no more than {limit} index entries of 64 MiB together, an element no more than 4096 of a composite, and no search parameter takes long to evaluate"
    )]
    TooManyEntries {
        /// Entries.
        limit: usize,
    },
    /// An [`Op::Expect`](crate::Op::Expect) does not hold: what was found before is not what there is.
    #[error("what a condition matches has changed meanwhile")]
    Changed,
    /// The caller may not see what this would write: nothing is said of what is there.
    #[error("{ty} is not to be written like this by this caller")]
    Forbidden {
        /// The type.
        ty: ResourceType,
    },
    /// One transaction names the same resource twice.
    #[error("{ty}/{id} is written twice in one transaction")]
    Twice {
        /// The type.
        ty: ResourceType,
        /// The id.
        id: Id,
    },
}

/// Why a transaction was not written. Nothing of it was.
#[derive(Debug, Clone, Error)]
pub enum TransactError {
    /// The op of this index was refused.
    #[error("op {op}: {why}")]
    Refused {
        /// Which op.
        op: usize,
        /// Why.
        why: Refusal,
    },
    /// The queue is full.
    #[error("too many writes are waiting; try again in {retry_after} s")]
    Busy {
        /// Seconds.
        retry_after: u32,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How libpq and the server tell that a connection is gone.
const LOST: [&str; 3] =
    ["server closed the connection", "terminating connection", "no connection to the server"];

impl From<diesel::result::Error> for StoreError {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind, Error};
        let text = error.to_string();
        match &error {
            Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Self::Contention,
            _ if text.contains("deadlock detected") => Self::Contention,
            // SQLITE_INTERRUPT of the deadline, statement_timeout of PostgreSQL.
            _ if text == "interrupted" || text.contains("statement timeout") => Self::Timeout,
            // SQLITE_FULL, SQLITE_IOERR, SQLITE_NOMEM, and PostgreSQL's 53100.
            _ if ["disk is full", "disk I/O error", "out of memory", "No space left"]
                .iter()
                .any(|t| text.contains(t)) =>
            {
                Self::Disk(text)
            }
            Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _) => Self::Disconnected,
            _ if LOST.iter().any(|lost| text.contains(lost)) => Self::Disconnected,
            // The text of a constraint's DETAIL is not part of it; the message names tables and columns only.
            _ => Self::Database(text),
        }
    }
}

impl From<r2d2::Error> for StoreError {
    fn from(_: r2d2::Error) -> Self {
        Self::Busy
    }
}
