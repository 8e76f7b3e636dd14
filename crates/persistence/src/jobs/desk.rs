//! The table of jobs: taking one, saying how far it has come, ending it.

use crate::connection::{AnyConnection, Connector};
use crate::either::AnySql;
use crate::error::StoreError;
use crate::jobs::JobState;
use crate::jobs::lease::Lease;
use crate::jobs::work::Step;
use crate::store::now_micros;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, SmallInt, Text};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long a process may be silent before another takes its job over.
const LEASE: Duration = Duration::from_secs(60);

/// A connection for jobs, made when first needed.
pub(crate) struct Desk {
    connector: Connector,
    connection: Mutex<Option<AnyConnection>>,
}

impl Desk {
    /// One that connects when first needed.
    pub(crate) fn new(connector: Connector) -> Self {
        Self { connector, connection: Mutex::new(None) }
    }

    /// Runs `work` on the connection, which is not used again after an error.
    pub(crate) fn with<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let open = match connection.take() {
            Some(open) => open,
            None => match &self.connector {
                Connector::Sqlite(files) => AnyConnection::Sqlite(files.open_main()?),
                Connector::Postgres(target) => AnyConnection::Postgres(target.connect_writer()?),
            },
        };
        let result = work(connection.insert(open));
        connection.take_if(|_| result.is_err());
        result
    }

    /// Runs `work` on the connection of an embedded store.
    pub(crate) fn sqlite<T>(
        &self,
        work: impl FnOnce(&mut SqliteConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.with(|connection| match connection {
            AnyConnection::Sqlite(connection) => work(connection),
            AnyConnection::Postgres(_) => Err(StoreError::Closing),
        })
    }

    /// Takes the oldest job that nobody does.
    pub(crate) fn claim(&self, owner: &str) -> Result<Option<Lease>, StoreError> {
        type Row = (BigInt, BigInt, Text, Text);
        self.with(|connection| {
            let (now, skip) = (now(connection), skip_locked(connection));
            let free = format!("FROM job WHERE state = 0 OR (state = 1 AND expires < {now})");
            // Looked for first, as even an update that finds nothing takes the writer's turn on SQLite.
            let sql: AnySql<'_, Integer> = AnySql::new(format!("SELECT 1 {free} LIMIT 1")).open_ended();
            if sql.get_result::<i32>(connection).optional()?.is_none() {
                return Ok(None);
            }
            let sql: AnySql<'_, Row> = AnySql::new("UPDATE job SET state = 1, token = token + 1, owner = ")
                .bind::<Text, _>(owner.to_owned())
                .put(format_args!(
                    ", expires = {now} + {}, started = coalesce(started, {now}) \
                     WHERE id = (SELECT id {free} ORDER BY id LIMIT 1{skip}) \
                     RETURNING id, token, kind, place",
                    LEASE.as_micros()
                ))
                .open_ended();
            let found: Option<(i64, i64, String, String)> = sql.get_result(connection).optional()?;
            Ok(found.map(|(job, token, kind, place)| Lease { job, token, kind, place }))
        })
    }

    /// Notes how far a job has come, and renews the lease; says whether somebody asked for the job's end.
    pub(crate) fn record(&self, lease: &Lease, step: &Step) -> Result<bool, StoreError> {
        self.with(|connection| {
            let now = now(connection);
            let sql: AnySql<'_, Bool> = AnySql::new("UPDATE job SET done = ")
                .int(step.progress.done)
                .text(", total = ")
                .int(step.progress.total)
                .text(", place = ")
                .bind::<Text, _>(step.place.clone())
                .put(format_args!(", expires = {now} + {}", LEASE.as_micros()));
            let sql = of(sql, lease).text(" RETURNING cancel").open_ended();
            sql.get_result(connection).optional()?.ok_or(StoreError::LeaseLost)
        })
    }

    /// Ends a job.
    pub(crate) fn end(&self, lease: &Lease, state: JobState, message: &str) -> Result<(), StoreError> {
        self.with(|connection| {
            let now = now(connection);
            let done = if state == JobState::Done { "total" } else { "done" };
            let sql: AnySql<'_> =
                AnySql::new(format!("UPDATE job SET ended = {now}, done = {done}, state = "))
                    .bind::<SmallInt, _>(state.number())
                    .text(", message = ")
                    .bind::<Text, _>(message.to_owned());
            match of(sql, lease).open_ended().execute(connection)? {
                0 => Err(StoreError::LeaseLost),
                _ => Ok(()),
            }
        })
    }

    /// Gives a job back, for anybody to go on with.
    pub(crate) fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        self.with(|connection| {
            let sql: AnySql<'_> = AnySql::new("UPDATE job SET expires = 0");
            of(sql, lease).execute(connection)?;
            Ok(())
        })
    }

    /// Asks for the end of a job; one that nobody has begun ends at once.
    pub(crate) fn cancel(&self, id: i64) -> Result<bool, StoreError> {
        self.with(|connection| {
            let now = now(connection);
            let sql: AnySql<'_> = AnySql::new(format!(
                "UPDATE job SET cancel = TRUE, ended = CASE state WHEN 0 THEN {now} END, \
                 state = CASE state WHEN 0 THEN 4 ELSE state END WHERE state < 2 AND id = "
            ));
            Ok(sql.int(id).open_ended().execute(connection)? > 0)
        })
    }
}

/// Appends that the job is still the lease's.
fn of<'a, ST>(sql: AnySql<'a, ST>, lease: &Lease) -> AnySql<'a, ST> {
    sql.text(" WHERE state = 1 AND id = ").int(lease.job).text(" AND token = ").int(lease.token)
}

/// The time in microseconds: that of the database where several machines share it.
fn now(connection: &AnyConnection) -> String {
    match connection {
        AnyConnection::Postgres(_) => "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint".to_owned(),
        AnyConnection::Sqlite(_) => now_micros().to_string(),
    }
}

fn skip_locked(connection: &AnyConnection) -> &'static str {
    match connection {
        AnyConnection::Postgres(_) => " FOR UPDATE SKIP LOCKED",
        AnyConnection::Sqlite(_) => "",
    }
}
