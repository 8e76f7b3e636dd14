//! Connections to PostgreSQL, and what must hold of the server.

use crate::error::StoreError;
use crate::options::{Durability, StoreOptions};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use std::time::Duration;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// A server, and how to talk to it.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    url: String,
    durability: Durability,
    statement_timeout: Duration,
}

#[derive(diesel::QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    value: String,
}

impl Target {
    /// The server of a URL.
    pub(crate) fn new(url: &str, options: &StoreOptions) -> Self {
        Self {
            url: url.to_owned(),
            durability: options.durability,
            statement_timeout: options.statement_timeout,
        }
    }

    /// A connection of a writer's: a statement may take long, an idle transaction may not.
    ///
    /// Every statement of a writer finds its rows by key. The planner, which may know nothing yet of a growing store,
    /// is not left to think otherwise: a batch of updates once read whole tables for want of statistics.
    pub(crate) fn connect_writer(&self) -> Result<PgConnection, StoreError> {
        let mut connection = self.connect()?;
        connection.batch_execute(
            "SET statement_timeout = '120s'; SET lock_timeout = '60s'; \
             SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = 'warning'; \
             SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
             SET enable_material = off; \
             SET plan_cache_mode = force_generic_plan; SET jit = off",
        )?;
        if self.durability == Durability::Off {
            connection.batch_execute("SET synchronous_commit = off")?;
        }
        Ok(connection)
    }

    /// A connection of a reader's.
    pub(crate) fn connect_reader(&self) -> Result<PgConnection, StoreError> {
        let mut connection = self.connect()?;
        connection.batch_execute(&format!(
            "SET statement_timeout = {}; SET default_transaction_read_only = on; \
             SET default_transaction_isolation = 'repeatable read'; SET jit = off; \
             SET plan_cache_mode = force_generic_plan",
            self.statement_timeout.as_millis()
        ))?;
        Ok(connection)
    }

    fn connect(&self) -> Result<PgConnection, StoreError> {
        // The error of libpq names host, port and database, never the password.
        PgConnection::establish(&self.url).map_err(|error| StoreError::Open(error.to_string()))
    }
}

/// Refuses a server that may lose what it acknowledged.
pub(crate) fn check_settings(
    connection: &mut PgConnection,
    durability: Durability,
) -> Result<(), StoreError> {
    if durability == Durability::Off {
        return Ok(());
    }
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        let found: Setting = diesel::sql_query(format!("SELECT current_setting('{setting}') AS value"))
            .get_result(connection)?;
        if found.value == "off" || (setting == "synchronous_commit" && found.value == "false") {
            return Err(StoreError::Unsafe { setting: setting.to_owned(), value: found.value });
        }
    }
    Ok(())
}

/// Refuses a database (or schema) that holds no store.
pub(crate) fn expect(connection: &mut PgConnection) -> Result<(), StoreError> {
    let sql = "SELECT coalesce(to_regclass('resource')::text, '') AS value";
    let found: Setting = diesel::sql_query(sql).get_result(connection)?;
    match found.value.is_empty() {
        true => Err(StoreError::Open("there is no store in this database".to_owned())),
        false => Ok(()),
    }
}

/// Brings the schema up to date; one process at a time.
pub(crate) fn migrate(connection: &mut PgConnection) -> Result<(), StoreError> {
    // Any constant will do, as long as every process takes the same.
    const GATE: i64 = 0x7275_7368_6c69_6768;
    connection.batch_execute(&format!("SELECT pg_advisory_lock({GATE})"))?;
    let result = crate::migrate::run(connection, MIGRATIONS);
    connection.batch_execute(&format!("SELECT pg_advisory_unlock({GATE})"))?;
    result
}
