//! The right to do a job, for a while.

use crate::error::StoreError;
use crate::sql::Sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Integer;

/// The right of one process to do a job, until it expires.
#[derive(Clone, Debug)]
pub(crate) struct Lease {
    pub(crate) job: i64,
    /// Greater than that of every earlier lease of the job.
    pub(crate) token: i64,
    pub(crate) kind: String,
    /// Where the process before came to.
    pub(crate) place: String,
}

impl Lease {
    /// Holds the job's row until the end of the transaction.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if the job is another's by now, or has ended.
    pub(crate) fn hold(&self, connection: &mut PgConnection) -> Result<(), StoreError> {
        let held: Option<i32> = Sql::<'_, Pg, Integer>::new("SELECT 1 FROM job WHERE state = 1 AND id = ")
            .int(self.job)
            .text(" AND token = ")
            .int(self.token)
            .text(" FOR SHARE")
            .get_result(connection)
            .optional()?;
        held.map(|_| ()).ok_or(StoreError::LeaseLost)
    }
}
