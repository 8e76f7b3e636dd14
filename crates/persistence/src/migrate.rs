//! Embedded migrations, and the refusal of a schema newer than the binary.

use crate::error::StoreError;
use diesel::backend::Backend;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};

/// Applies what is missing.
///
/// # Errors
/// A step in the database that this binary does not know, or a step that fails.
pub(crate) fn run<DB: Backend>(
    connection: &mut impl MigrationHarness<DB>,
    migrations: EmbeddedMigrations,
) -> Result<(), StoreError> {
    use diesel::migration::MigrationSource;
    let open = |error: Box<dyn std::error::Error + Send + Sync>| StoreError::Open(error.to_string());
    let known: Vec<String> = MigrationSource::<DB>::migrations(&migrations)
        .map_err(open)?
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    let applied = connection.applied_migrations().map_err(open)?;
    if let Some(found) = applied.iter().map(ToString::to_string).find(|step| !known.contains(step)) {
        return Err(StoreError::NewerSchema { found });
    }
    connection.run_pending_migrations(migrations).map_err(open)?;
    Ok(())
}
