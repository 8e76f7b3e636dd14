//! The smallest search there is: which resources have exactly this entry.

use crate::access::{Access, Interaction};
use crate::either::AnySql;
use crate::error::StoreError;
use crate::index::rows::{self, By};
use crate::read::{permitted, visible};
use crate::search::alias::Alias;
use crate::search::compile::{Compiler, Viewer};
use crate::snapshot::{Shown, Snapshot};
use crate::store::Store;
use crate::units::state;
use diesel::sql_types::{BigInt, Binary, Double, Integer, Text};
use rushlight_model::ResourceType;
use rushlight_search::Entry;
use rushlight_search::key::Value;

/// What to look up.
#[derive(Clone, Debug)]
pub struct Lookup<'a> {
    /// The entry that a resource must have.
    pub entry: Entry<'a>,
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
    /// A database that fails or is too slow, or a unit that the index does not hold as of the snapshot:
    /// [`StoreError::Building`], [`StoreError::TooOld`] or [`StoreError::Unindexed`].
    pub fn lookup(&self, access: &Access, lookup: &Lookup<'_>) -> Result<Vec<i64>, StoreError> {
        if !access.permits(lookup.ty) {
            return Ok(Vec::new());
        }
        let Some(table) = lookup.entry.table() else { return Ok(Vec::new()) };
        self.with_index(|connection, source| {
            state::check(connection, source, &self.known(), lookup.entry.unit(), lookup.snapshot.upto)?;
            let shown = Shown::Of(lookup.snapshot);
            let matching: AnySql<'_, BigInt> =
                rows::select(By::Values, source, table, "i.rid AS rid", shown, |sql| {
                    equal(sql, lookup.entry)
                });
            if !access.shows_all_of(lookup.ty) {
                let known = self.known();
                let viewer = Viewer::searching(access, &known.registry);
                let types = [lookup.ty];
                let compiler = Compiler { source, shown, viewer, types: &types, known: &known, held: &[] };
                let sql = AnySql::<BigInt>::new("SELECT x.rid FROM (").append(matching).text(") x");
                let sql = compiler
                    .resource(sql, "x.rid", Alias::resource(0), &types)
                    .text(" ORDER BY x.rid LIMIT ");
                return Ok(sql.int(i64::try_from(lookup.limit).unwrap_or(i64::MAX)).load(connection)?);
            }
            // The caller's access stands on the resource itself, not only on the parameter's type.
            let sql = AnySql::<BigInt>::new("SELECT x.rid FROM (")
                .append(matching)
                .text(") x WHERE EXISTS (SELECT 1 FROM version v WHERE v.seq = x.rid");
            let sql = visible(self.placed(sql, "v"), "v", lookup.snapshot);
            let sql = permitted(sql, "v", access, Interaction::Search)
                .text(") ORDER BY x.rid LIMIT ")
                .int(i64::try_from(lookup.limit).unwrap_or(i64::MAX));
            Ok(sql.load(connection)?)
        })
    }
}

/// Appends ` AND every value of the row is the entry's`.
fn equal<'a>(mut sql: AnySql<'a, BigInt>, entry: Entry<'_>) -> AnySql<'a, BigInt> {
    sql = sql.text(" AND i.param = ").bind::<Integer, _>(entry.param());
    let columns = entry.table().map_or(&[][..], |table| table.columns);
    for (column, value) in columns.iter().zip(entry.values()) {
        sql = sql.put(format_args!(" AND i.{} = ", column.name));
        sql = match value {
            Value::Int(value) => sql.int(value),
            Value::Real(value) => sql.bind::<Double, _>(value),
            Value::Text(value) => sql.bind::<Text, _>(String::from_utf8_lossy(&value).into_owned()),
            Value::Bytes(value) => sql.bind::<Binary, _>(value.into_owned()),
        };
    }
    sql
}
