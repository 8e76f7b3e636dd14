//! The store: versioned FHIR resources on embedded SQLite or PostgreSQL.
//!
//! A [`Store`] is concrete and synchronous. Writes are data: a list of [`Op`]s goes in, and either all of them
//! are committed durably or none is. Every read takes an [`Access`].
//!
//! Every version has a number of the store's own, `seq`: consecutive, in the order of writing, and independent of
//! any transaction id, clock or lock of a database node. A [`Snapshot`] is a set of such numbers, so "as of" is one
//! predicate. Times (`meta.lastUpdated`) are drawn together with the numbers and rise with them.
//!
//! What the layers below the façade are for:
//!
//! - `write`: the bounded queue, the lane that drains it, the pure planner of a batch;
//! - `read`: reads, histories and scans, the same SQL on both stores;
//! - `sqlite`, `postgres`: what differs between the two;
//! - `audit`: who did what, in chains of hashes;
//! - `units`: what is indexed, and under which numbers;
//! - `index`: the entries of search parameters, and how they follow the versions;
//! - `jobs`: work that goes on for long, such as building what is newly indexed.

mod access;
mod audit;
mod connection;
mod either;
mod error;
mod figures;
mod identity;
mod index;
mod jobs;
mod migrate;
mod op;
mod open;
mod options;
mod postgres;
mod read;
mod schema;
mod search;
mod snapshot;
mod sql;
mod sqlite;
mod store;
mod units;
mod verify;
mod version;
mod write;

pub use access::{Access, Actor, Interaction, Origin};
pub use audit::observe::Observation;
pub use audit::told::{AuditFault, AuditHead, AuditTally, AuditWatch};
pub use error::{Refusal, StoreError, TransactError};
pub use figures::{Batches, Figures};
pub use index::lookup::Lookup;
pub use jobs::{Job, JobState};
pub use op::{Op, Precondition, Written, WrittenAs};
pub use options::{Durability, Location, LocationError, StoreOptions};
pub use read::history::{HistoryPage, HistoryQuery, Order, Scope};
pub use search::{Container, Explained, From, Match, Place, Search, SearchPage, Totals};
pub use snapshot::Snapshot;
pub use sqlite::backup::{BackupError, backup, restore};
pub use store::Store;
pub use verify::Verification;
pub use version::{Made, Read, Version};
