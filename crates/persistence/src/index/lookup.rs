//! The smallest search there is: which resources have exactly this entry.

use crate::access::Access;
use crate::error::StoreError;
use crate::index::rows;
use crate::read::{AnySql, permitted, visible};
use crate::snapshot::Snapshot;
use crate::store::Store;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Double, Integer, Text};
use rushlight_model::ResourceType;
use rushlight_search::{Entry, Scalar};

/// What to look up.
#[derive(Clone, Debug)]
pub struct Lookup<'a> {
    /// The entry that a resource must have.
    pub entry: &'a Entry,
    /// The type of the resources.
    pub ty: ResourceType,
    /// Which versions there are.
    pub snapshot: &'a Snapshot,
    /// Resources to return, at the most.
    pub limit: usize,
}

impl Store {
    /// The keys (`rid`) of the resources that have an entry as of a snapshot, ascending.
    ///
    /// # Errors
    /// A database that fails or is too slow, or an index that is still being rebuilt.
    pub fn lookup(&self, access: &Access, lookup: &Lookup<'_>) -> Result<Vec<i64>, StoreError> {
        if !access.permits(lookup.ty) {
            return Ok(Vec::new());
        }
        let Some(table) = lookup.entry.table() else { return Ok(Vec::new()) };
        self.with_index(|connection, source| {
            let matching: AnySql<'_, BigInt> =
                rows::select(source, table, "i.rid AS rid", lookup.snapshot, |sql| equal(sql, lookup.entry));
            // The caller's access stands on the resource itself, not only on the parameter's type.
            let sql = AnySql::<BigInt>::new("SELECT x.rid FROM (")
                .append(matching)
                .text(") x WHERE EXISTS (SELECT 1 FROM version v WHERE v.seq = x.rid");
            let sql = permitted(visible(self.placed(sql, "v"), "v", lookup.snapshot), "v", access)
                .text(") ORDER BY x.rid LIMIT ")
                .int(i64::try_from(lookup.limit).unwrap_or(i64::MAX));
            Ok(sql.load(connection)?)
        })
    }
}

/// Appends ` AND every value of the row is the entry's`.
fn equal<'a>(mut sql: AnySql<'a, BigInt>, entry: &Entry) -> AnySql<'a, BigInt> {
    sql = sql.text(" AND i.param = ").bind::<Integer, _>(entry.param);
    let columns = entry.table().map_or(&[][..], |table| table.columns);
    for (column, value) in columns.iter().zip(&entry.values) {
        sql = sql.text(format!(" AND i.{} = ", column.name));
        sql = match value {
            Scalar::Int(value) => sql.int(*value),
            Scalar::Real(value) => sql.bind::<Double, _>(*value),
            Scalar::Text(value) => sql.bind::<Text, _>(value.to_string()),
            Scalar::Bytes(value) => sql.bind::<Binary, _>(value.to_vec()),
        };
    }
    sql
}
