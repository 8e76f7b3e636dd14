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

impl AnyConnection {
    /// The connection, if it is one to PostgreSQL.
    pub(crate) fn postgres(&mut self) -> Option<&mut PgConnection> {
        match self {
            Self::Postgres(connection) => Some(connection),
            Self::Sqlite(_) => None,
        }
    }
}

/// A reader's connection, and whether a statement failed on it: then it is not used again.
pub(crate) struct Reader {
    pub(crate) connection: AnyConnection,
    pub(crate) failed: bool,
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
    type Connection = Reader;
    type Error = StoreError;

    fn connect(&self) -> Result<Reader, StoreError> {
        let connection = match self {
            Self::Sqlite(files) => AnyConnection::Sqlite(files.open_reader()?),
            Self::Postgres(target) => AnyConnection::Postgres(target.connect_reader()?),
        };
        Ok(Reader { connection, failed: false })
    }

    fn is_valid(&self, _: &mut Reader) -> Result<(), StoreError> {
        Ok(())
    }

    fn has_broken(&self, reader: &mut Reader) -> bool {
        reader.failed
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
