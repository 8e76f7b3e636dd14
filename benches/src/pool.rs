//! Pools of connections to either database, for the floors.

use diesel::PgConnection;
use diesel::r2d2::ConnectionManager;
use rusqlite::Connection;
use std::error::Error;
use std::path::{Path, PathBuf};

/// Connections at a time.
const SIZE: u32 = 8;

/// Connections to one of them.
#[derive(Clone)]
pub enum Pool {
    /// To files of SQLite.
    Sqlite(r2d2::Pool<Files>),
    /// To a server.
    Postgres(r2d2::Pool<ConnectionManager<PgConnection>>),
}

/// Files of SQLite, and how they are opened.
#[derive(Clone)]
pub struct Files {
    path: PathBuf,
    open: fn(&Path) -> rusqlite::Result<Connection>,
}

impl r2d2::ManageConnection for Files {
    type Connection = Connection;
    type Error = rusqlite::Error;

    fn connect(&self) -> rusqlite::Result<Connection> {
        (self.open)(&self.path)
    }

    fn is_valid(&self, _: &mut Connection) -> rusqlite::Result<()> {
        Ok(())
    }

    fn has_broken(&self, _: &mut Connection) -> bool {
        false
    }
}

impl Pool {
    /// Of SQLite.
    pub fn sqlite(
        path: PathBuf,
        open: fn(&Path) -> rusqlite::Result<Connection>,
    ) -> Result<Self, Box<dyn Error>> {
        let builder = r2d2::Pool::builder().max_size(SIZE).test_on_check_out(false);
        Ok(Self::Sqlite(builder.build(Files { path, open })?))
    }

    /// Of PostgreSQL.
    pub fn postgres(url: &str) -> Result<Self, Box<dyn Error>> {
        let builder = r2d2::Pool::builder().max_size(SIZE).test_on_check_out(false);
        Ok(Self::Postgres(builder.build(ConnectionManager::new(url))?))
    }
}
