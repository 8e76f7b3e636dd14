//! What a search needs of the index.

use crate::access::Access;
use crate::connection::AnyConnection;
use crate::either::AnySql;
use crate::error::StoreError;
use crate::index::rows::{self, By, Source};
use crate::search::compile::Viewer;
use crate::snapshot::Shown;
use crate::units::Known;
use diesel::sql_types::Integer;
use rushlight_model::ResourceType;
use rushlight_search::TableId;
use rushlight_search::query::{Contained, Query, SortBy};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The units that the index must hold for a query; ascending.
fn needed(query: &Query, viewer: Viewer<'_>) -> Vec<i32> {
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

/// What a search needs to know of the index before it begins.
pub(super) struct Needed<'s> {
    /// The query, as stored resources answer it.
    pub(super) query: Cow<'s, Query>,
    pub(super) viewer: Viewer<'s>,
    /// The units that the index must hold; ascending.
    pub(super) units: Vec<i32>,
    /// The types of contained resources that are asked about, and the units that tell of them.
    pub(super) inside: Vec<(ResourceType, i32)>,
}

impl<'s> Needed<'s> {
    /// What a caller's query needs.
    pub(super) fn of(known: &'s Known, access: &'s Access, query: &'s Query) -> Self {
        let viewer = Viewer::searching(access, &known.registry);
        let query = query.of_containers(known.registry.definitions().resource_types());
        let units = needed(&query, viewer);
        let unit = |ty: ResourceType| Some((ty, viewer.registry.contained(ty)?));
        let inside = inside(&query).into_iter().filter_map(unit).collect();
        Self { query, viewer, units, inside }
    }

    /// Those of the types asked about of which some resource contains one, by their units.
    pub(super) fn held(&self, units: &[i32]) -> Vec<ResourceType> {
        self.inside.iter().filter(|(_, unit)| units.contains(unit)).map(|(ty, _)| *ty).collect()
    }

    /// The units of those types of which some resource contains one: a chain need not be followed into what there is not.
    pub(super) fn ask_held(
        &self,
        connection: &mut AnyConnection,
        (source, known): (&Source, &Known),
        shown: Shown<'_>,
    ) -> Result<Vec<i32>, StoreError> {
        let Some(sql) = self.holding::<Integer>("u.unit", source, shown) else { return Ok(Vec::new()) };
        Ok(sql.kept_by(&known.shapes).load(connection)?)
    }

    /// The statement that tells those units, if there are any to ask about.
    pub(super) fn holding<'a, ST>(
        &self,
        select: &str,
        source: &Source,
        shown: Shown<'_>,
    ) -> Option<AnySql<'a, ST>> {
        let table = TableId::CONTAINED.table().filter(|_| !self.inside.is_empty())?;
        let mut sql: AnySql<'_, ST> = AnySql::new("WITH u(unit) AS (VALUES ");
        for (at, (_, unit)) in self.inside.iter().enumerate() {
            sql = sql.text(if at == 0 { "(" } else { ", (" }).bind::<Integer, _>(*unit).text(")");
        }
        let rows =
            rows::select(By::Values, source, table, "1", shown, |sql| sql.text(" AND i.param = u.unit"));
        let sql = sql.put(format_args!(") SELECT {select} FROM u WHERE EXISTS (")).append::<()>(rows);
        // One lookup for each, however small the table is when this is planned.
        Some(sql.text(if matches!(source, Source::Postgres) { " OFFSET 0)" } else { ")" }))
    }
}

/// Which of the units that tell of contained resources were last seen to tell of any: it may have changed since.
#[derive(Default)]
pub(crate) struct Held(Mutex<BTreeMap<i32, bool>>);

impl Held {
    /// Those of some that were seen to, ascending; `None` where nothing is known of one.
    pub(super) fn of(&self, asked: &[(ResourceType, i32)]) -> Option<Vec<i32>> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut held = Vec::new();
        for (_, unit) in asked {
            if *seen.get(unit)? {
                held.push(*unit);
            }
        }
        held.sort_unstable();
        Some(held)
    }

    /// Keeps which of some were seen to.
    pub(super) fn learn(&self, asked: &[(ResourceType, i32)], held: &[i32]) {
        if asked.is_empty() {
            return;
        }
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.extend(asked.iter().map(|(_, unit)| (*unit, held.contains(unit))));
    }
}
