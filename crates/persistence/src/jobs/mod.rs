//! Work that goes on for long, beside requests: what there is to do stands in the store, and goes on where it was when
//! a process ends.
//!
//! A process takes a job by a *lease*, which it must renew; where it does not, another takes the job over. Each lease
//! has a greater token than the one before, and what is written for the job is written only while the token is the
//! present one: a process that was only slow changes nothing any more.

pub(crate) mod desk;
pub(crate) mod lease;
pub(crate) mod reindex;
pub(crate) mod runner;
pub(crate) mod work;

use crate::either::AnySql;
use crate::error::StoreError;
use crate::store::Store;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, SmallInt, Text};

/// A piece of long work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its number.
    pub id: i64,
    /// What sort of work it is: `reindex`.
    pub kind: String,
    /// What exactly, as JSON.
    pub parameters: String,
    /// What it has come to.
    pub state: JobState,
    /// How far it has come, in steps of its own.
    pub done: i64,
    /// How far it has to go; 0 while that is not known.
    pub total: i64,
    /// Why it failed; empty if it did not.
    pub message: String,
    /// Which process does it, or did.
    pub owner: Option<String>,
    /// Whether somebody asked for its end.
    pub cancel: bool,
    /// When it was asked for, in microseconds since 1970.
    pub created: i64,
    /// When it was first begun.
    pub started: Option<i64>,
    /// When it ended.
    pub ended: Option<i64>,
}

impl Job {
    /// How far it is, in whole percent; 0 while it is not known how far it has to go.
    #[must_use]
    pub fn percent(&self) -> i64 {
        if self.total > 0 { self.done.clamp(0, self.total).saturating_mul(100) / self.total } else { 0 }
    }
}

/// What a job has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Nobody has begun.
    Waiting = 0,
    /// Somebody is at it, or was until the process ended.
    Running = 1,
    /// It is done.
    Done = 2,
    /// It can't be done.
    Failed = 3,
    /// Somebody asked for its end.
    Cancelled = 4,
}

impl JobState {
    const ALL: [Self; 5] = [Self::Waiting, Self::Running, Self::Done, Self::Failed, Self::Cancelled];

    /// What it is called where jobs are told.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// As stored.
    pub(crate) fn number(self) -> i16 {
        self as i16
    }

    /// Whether it is at an end.
    #[must_use]
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

type Row = (
    BigInt,
    Text,
    Text,
    SmallInt,
    BigInt,
    BigInt,
    Text,
    Nullable<Text>,
    Bool,
    BigInt,
    Nullable<BigInt>,
    Nullable<BigInt>,
);
type Found =
    (i64, String, String, i16, i64, i64, String, Option<String>, bool, i64, Option<i64>, Option<i64>);

const COLUMNS: &str = "SELECT id, kind, parameters, state, done, total, message, owner, cancel, created, started, ended FROM job";

fn job(row: Found) -> Result<Job, StoreError> {
    let (id, kind, parameters, state, done, total, message, owner, cancel, created, started, ended) = row;
    let unknown = || StoreError::Damaged(format!("job {id} is in the unknown state {state}"));
    let state = JobState::ALL.into_iter().find(|known| known.number() == state).ok_or_else(unknown)?;
    Ok(Job { id, kind, parameters, state, done, total, message, owner, cancel, created, started, ended })
}

impl Store {
    /// The newest jobs, newest first, a hundred at the most. They hold no record and nothing of one.
    ///
    /// # Errors
    /// A database that fails or is too slow.
    pub fn jobs(&self) -> Result<Vec<Job>, StoreError> {
        let sql: AnySql<'_, Row> = AnySql::new(COLUMNS).text(" ORDER BY id DESC LIMIT 100");
        let rows: Vec<Found> = self.with_reader(|connection| Ok(sql.load(connection)?))?;
        rows.into_iter().map(job).collect()
    }

    /// A job by its number.
    ///
    /// # Errors
    /// A database that fails or is too slow.
    pub fn job(&self, id: i64) -> Result<Option<Job>, StoreError> {
        let sql: AnySql<'_, Row> = AnySql::new(COLUMNS).text(" WHERE id = ").int(id);
        let row: Option<Found> =
            self.with_reader(|connection| Ok(sql.get_result(connection).optional()?))?;
        row.map(job).transpose()
    }

    /// Asks for the end of a job: it ends before its next step. Says whether there was one to end.
    ///
    /// # Errors
    /// A database that fails.
    pub fn cancel(&self, id: i64) -> Result<bool, StoreError> {
        let cancelled = self.desk().cancel(id)?;
        self.signal().wake();
        Ok(cancelled)
    }
}
