//! Connections: one enum over both stores, and the pool of readers.

use crate::error::StoreError;
use crate::{postgres, sqlite};
use diesel::{PgConnection, SqliteConnection};
use std::time::Duration;

/// A connection to either store.
#[derive(diesel::MultiConnection)]
pub(crate) enum AnyConnection {
    /// PostgreSQL.
    Postgres(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

/// How a reader's connection is made.
#[derive(Clone, Debug)]
pub(crate) enum Connector {
    /// To the files of a folder.
    Sqlite(sqlite::files::Files),
    /// To a server.
    Postgres(postgres::connect::Target),
}

impl r2d2::ManageConnection for Connector {
    type Connection = AnyConnection;
    type Error = StoreError;

    fn connect(&self) -> Result<AnyConnection, StoreError> {
        match self {
            Self::Sqlite(files) => files.open_reader().map(AnyConnection::Sqlite),
            Self::Postgres(target) => target.connect_reader().map(AnyConnection::Postgres),
        }
    }

    fn is_valid(&self, _: &mut AnyConnection) -> Result<(), StoreError> {
        Ok(())
    }

    fn has_broken(&self, connection: &mut AnyConnection) -> bool {
        use diesel::connection::TransactionManager;
        fn broken<C: diesel::Connection>(connection: &mut C) -> bool {
            C::TransactionManager::is_broken_transaction_manager(connection)
        }
        match connection {
            AnyConnection::Postgres(connection) => postgres::connect::is_lost(connection) || broken(connection),
            AnyConnection::Sqlite(connection) => broken(connection),
        }
    }
}

/// Readers' connections.
pub(crate) type Readers = r2d2::Pool<Connector>;

/// A pool that opens its first connections lazily and waits at most ten seconds for a free one.
pub(crate) fn readers(connector: Connector, size: u32) -> Result<Readers, StoreError> {
    r2d2::Pool::builder()
        .max_size(size.max(1))
        .min_idle(Some(1))
        .test_on_check_out(false)
        .connection_timeout(Duration::from_secs(10))
        .error_handler(Box::new(r2d2::LoggingErrorHandler))
        .build(connector)
        .map_err(|error| StoreError::Open(error.to_string()))
}
