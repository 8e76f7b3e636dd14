//! Rows where none belongs: a reader might find them, and no chain comes by them.

use crate::either::AnySql;
use crate::error::StoreError;
use crate::store::Store;
use diesel::sql_types::BigInt;

impl Store {
    /// How many rows of the audit, and how many versions, have numbers that are never given out.
    pub(crate) fn strays(&self) -> Result<[(&'static str, i64); 2], StoreError> {
        let rows = AnySql::<'_, BigInt>::new("SELECT count(*) FROM audit a WHERE a.number < 1");
        let versions = AnySql::<'_, BigInt>::new("SELECT count(*) FROM version v WHERE NOT (v.seq > 0");
        let versions = self.placed(versions, "v").text(")");
        self.with_reader(|connection| {
            Ok([("audit", rows.get_result(connection)?), ("version", versions.get_result(connection)?)])
        })
    }
}
