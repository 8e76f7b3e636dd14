//! What a search needs of the index.

use crate::connection::AnyConnection;
use crate::either::AnySql;
use crate::error::StoreError;
use crate::index::rows::{self, By, Source};
use crate::search::compile::Viewer;
use crate::snapshot::Snapshot;
use crate::units::Known;
use diesel::sql_types::Integer;
use rushlight_model::ResourceType;
use rushlight_search::TableId;
use rushlight_search::query::{Contained, Query, SortBy};

/// The units that the index must hold for a query; ascending.
pub(super) fn needed(query: &Query, viewer: Viewer<'_>) -> Vec<i32> {
    let mut units = Vec::new();
    let mut note = |unit: i32| units.push(unit);
    let mut links = Vec::new();
    for clause in &query.clauses {
        clause.condition.units(&mut note);
        clause.condition.links(&mut |link| links.push(link.other));
    }
    let within = |ty: ResourceType| viewer.registry.contained(ty);
    inside(query).into_iter().filter_map(within).for_each(&mut note);
    links.sort_unstable();
    links.dedup();
    viewer.sees(&query.types).units(&mut note);
    for ty in links {
        viewer.sees(&[ty]).units(&mut note);
    }
    if query.contained != Contained::No {
        let all = viewer.registry.definitions().resource_types();
        let of_types = all.filter(|ty| query.types.is_empty() || query.types.contains(ty));
        of_types.filter_map(within).for_each(&mut note);
        viewer.sees(&[]).units(&mut note);
    }
    if !query.includes.is_empty() || !query.revincludes.is_empty() {
        viewer.reading().sees(&[]).units(&mut note);
    }
    for key in &query.sort {
        if let SortBy::Entries { units, .. } = &key.by {
            units.iter().copied().for_each(&mut note);
        }
    }
    for include in query.includes.iter().chain(&query.revincludes) {
        include.units.iter().copied().for_each(&mut note);
    }
    units.sort_unstable();
    units.dedup();
    units
}

/// The types of contained resources that a query's conditions ask about; ascending.
fn inside(query: &Query) -> Vec<ResourceType> {
    let mut types = Vec::new();
    query.clauses.iter().for_each(|clause| clause.condition.contained(&mut |ty| types.push(ty)));
    types.sort_unstable();
    types.dedup();
    types
}

/// Which of these types some resource contains: a chain need not be followed into what there is not.
pub(super) fn held(
    connection: &mut AnyConnection,
    (source, known): (&Source, &Known),
    viewer: Viewer<'_>,
    query: &Query,
    snapshot: &Snapshot,
) -> Result<Vec<ResourceType>, StoreError> {
    let types = inside(query);
    let unit = |ty: &ResourceType| Some((*ty, viewer.registry.contained(*ty)?));
    let units: Vec<(ResourceType, i32)> = types.iter().filter_map(unit).collect();
    let Some(table) = TableId::CONTAINED.table().filter(|_| !units.is_empty()) else {
        return Ok(Vec::new());
    };
    let mut sql: AnySql<'_, Integer> = AnySql::new("WITH u(unit) AS (VALUES ");
    for (at, (_, unit)) in units.iter().enumerate() {
        sql = sql.text(if at == 0 { "(" } else { ", (" }).bind::<Integer, _>(*unit).text(")");
    }
    let rows =
        rows::select(By::Values, source, table, "1", snapshot, |sql| sql.text(" AND i.param = u.unit"));
    let sql = sql.text(") SELECT u.unit FROM u WHERE EXISTS (").append::<()>(rows);
    // One lookup for each, however small the table is when this is planned.
    let sql = sql.text(if matches!(source, Source::Postgres) { " OFFSET 0)" } else { ")" });
    let found: Vec<i32> = sql.kept_by(&known.shapes).load(connection)?;
    Ok(units.into_iter().filter(|(_, unit)| found.contains(unit)).map(|(ty, _)| ty).collect())
}
