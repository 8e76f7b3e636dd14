//! The embedded store: one folder, one process, one writer thread.
//!
//! Two files and a tail in memory. `rushlight.db` holds the records and is flushed before a write is answered.
//! `index.db` holds the index entries up to a mark, the tail the newer ones; both are derived from the records, so
//! neither needs the disk's promise: at a start the tail is filled again from the records above the mark.

pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod build;
pub(crate) mod deadline;
pub(crate) mod engine;
pub(crate) mod expect;
pub(crate) mod files;
pub(crate) mod index;
pub(crate) mod tail;
pub(crate) mod tally;
pub(crate) mod units;

use crate::error::StoreError;
use diesel::SqliteConnection;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Brings the records' schema up to date.
///
/// # Errors
/// A step that this binary does not know, or a step that fails.
pub(crate) fn migrate(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    crate::migrate::run(connection, MIGRATIONS)
}
