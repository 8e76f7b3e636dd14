//! The only begin and commit on PostgreSQL.

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::postgres::connect::Target;
use diesel::PgConnection;
use diesel::connection::{AnsiTransactionManager as Manager, TransactionManager};
use std::time::Duration;

/// How often a transaction is tried before its caller is told that it collides.
const TRIES: u32 = 12;

/// What a transaction sees of others.
#[derive(Clone, Copy)]
enum Isolation {
    Serializable,
    ReadCommitted,
}

impl Isolation {
    fn begin(self) -> &'static str {
        match self {
            Self::Serializable => "BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            Self::ReadCommitted => "BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED",
        }
    }
}

/// A connection that writes; made when first needed, and again after it failed.
pub(crate) struct Writer {
    target: Target,
    connection: Option<AnyConnection>,
}

impl Writer {
    /// One that connects when first needed.
    pub(crate) fn new(target: Target) -> Self {
        Self { target, connection: None }
    }

    /// Where it connects to.
    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    /// Statements outside of a transaction.
    pub(crate) fn once<T>(
        &mut self,
        work: impl FnOnce(&mut PgConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let result = work(postgres(self.connected()?)?);
        // It may be gone.
        self.connection.take_if(|_| result.is_err());
        result
    }

    /// Ends the connection: the next transaction makes another.
    pub(crate) fn disconnect(&mut self) {
        self.connection = None;
    }

    /// A transaction as if it were the only one.
    pub(crate) fn run_tx<T>(
        &mut self,
        name: &str,
        work: impl Fn(&mut AnyConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.run(name, Isolation::Serializable, work)
    }

    /// A transaction that sees what others commit meanwhile, and takes its own locks.
    pub(crate) fn run_locking<T>(
        &mut self,
        name: &str,
        work: impl Fn(&mut PgConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.run(name, Isolation::ReadCommitted, |connection| work(postgres(connection)?))
    }

    /// The only begin and commit: retried with growing pauses.
    fn run<T>(
        &mut self,
        name: &str,
        isolation: Isolation,
        work: impl Fn(&mut AnyConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut attempt = 1;
        loop {
            let error = match transaction(self.connected()?, isolation, &work) {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            if !matches!(error, StoreError::Contention) {
                if matches!(error, StoreError::Disconnected) {
                    log::warn!("a writer's connection to PostgreSQL was lost");
                }
                // It may hold the gate of the draw, or be gone.
                self.connection = None;
                return Err(error);
            }
            if attempt == TRIES {
                return Err(error);
            }
            log::debug!("{name}: attempt {attempt} collided");
            // Spread by the process: two that collided once should not march in step.
            let spread = u64::from(std::process::id() % 7) + 1;
            std::thread::sleep(Duration::from_millis((u64::from(attempt) * spread).min(100)));
            attempt += 1;
        }
    }

    fn connected(&mut self) -> Result<&mut AnyConnection, StoreError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => AnyConnection::Postgres(self.target.connect_writer()?),
        };
        Ok(self.connection.insert(connection))
    }
}

/// One transaction, committed if the work succeeds and rolled back if it fails.
fn transaction<T>(
    connection: &mut AnyConnection,
    isolation: Isolation,
    work: impl Fn(&mut AnyConnection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    Manager::begin_transaction_sql(postgres(connection)?, isolation.begin())?;
    match work(connection) {
        Ok(done) => {
            Manager::commit_transaction(postgres(connection)?)?;
            Ok(done)
        }
        Err(error) => match Manager::rollback_transaction(postgres(connection)?) {
            Ok(()) | Err(diesel::result::Error::BrokenTransactionManager) => Err(error),
            Err(worse) => Err(worse.into()),
        },
    }
}

/// The connection, as what a writer's is.
pub(crate) fn postgres(connection: &mut AnyConnection) -> Result<&mut PgConnection, StoreError> {
    connection.postgres().ok_or(StoreError::Closing)
}
