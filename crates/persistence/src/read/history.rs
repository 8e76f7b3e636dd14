//! Histories: the versions of a resource, a type or the system, newest first.
//!
//! <https://hl7.org/fhir/R4/http.html#history>

use super::{AnySql, VERSION_COLUMNS, VersionRow, VersionTuple, permitted, version, visible};
use crate::access::Access;
use crate::error::StoreError;
use crate::snapshot::Snapshot;
use crate::store::Store;
use crate::version::Version;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, SmallInt};
use rushlight_model::{Id, ResourceType};

/// Whose history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Of one resource.
    Instance(ResourceType, Id),
    /// Of all resources of a type.
    Type(ResourceType),
    /// Of everything.
    System,
}

/// What to return of a history.
#[derive(Clone, Debug)]
pub struct HistoryQuery<'a> {
    /// Whose history.
    pub scope: Scope,
    /// Only versions with this `lastUpdated` or a later one, in microseconds since 1970.
    pub since: Option<i64>,
    /// Versions on a page, at the most.
    pub count: usize,
    /// The `seq` of the last version on the page before.
    pub after: Option<i64>,
    /// Which versions there are.
    pub snapshot: &'a Snapshot,
}

/// One page of a history.
#[derive(Clone, Debug)]
pub struct HistoryPage {
    /// The versions, newest first.
    pub versions: Vec<Version>,
    /// Where the next page continues; `None` on the last.
    pub next: Option<i64>,
    /// How many versions all pages hold together; `None` on later pages, which need not count again.
    pub total: Option<i64>,
}

impl Store {
    /// A page of a history as of a snapshot; `None` where the caller can see no such resource.
    ///
    /// # Errors
    /// A database that fails or is too slow.
    pub fn history(
        &self,
        access: &Access,
        query: &HistoryQuery<'_>,
    ) -> Result<Option<HistoryPage>, StoreError> {
        let Some(scope) = self.scoped(access, &query.scope)? else { return Ok(None) };
        let from = query.since.map(|since| self.first_since(since, query.snapshot.upto)).transpose()?;
        let narrow = |sql| self.placed(narrowed(sql, &scope, access, query, from), "v");
        let mut sql: AnySql<'_, VersionRow> =
            narrow(AnySql::new("SELECT ").text(VERSION_COLUMNS).text(" FROM version v WHERE "));
        if let Some(after) = query.after {
            sql = sql.text(" AND v.seq < ").int(after);
        }
        let wanted = i64::try_from(query.count).unwrap_or(i64::MAX - 1);
        sql = sql.text(" ORDER BY v.seq DESC LIMIT ").int(wanted + 1);
        let rows: Vec<VersionTuple> = self.with_reader(|connection| Ok(sql.load(connection)?))?;
        let more = rows.len() > query.count;
        let versions = rows.into_iter().take(query.count).map(version).collect::<Result<Vec<_>, _>>()?;
        let next = versions.last().filter(|_| more).map(|last| last.seq);
        let total = match query.after {
            Some(_) => None,
            None if more => Some(self.total(access, query, &scope, from)?),
            // The first page is all there is.
            None => Some(i64::try_from(versions.len()).unwrap_or(i64::MAX)),
        };
        Ok(Some(HistoryPage { versions, next, total }))
    }

    /// How many versions all pages hold together.
    fn total(
        &self,
        access: &Access,
        query: &HistoryQuery<'_>,
        scope: &Narrow,
        from: Option<i64>,
    ) -> Result<i64, StoreError> {
        match scope {
            Narrow::Type(ty) if from.is_none() => self.tally(Some(*ty), query.snapshot),
            Narrow::System if from.is_none() && *access == Access::all() => self.tally(None, query.snapshot),
            scope => {
                let sql = AnySql::<'_, BigInt>::new("SELECT count(*) FROM version v WHERE ");
                let sql = self.placed(narrowed(sql, scope, access, query, from), "v");
                self.with_reader(|connection| Ok(sql.get_result(connection)?))
            }
        }
    }

    /// The least number whose version has this time or a later one; beyond `upto` if there is none.
    ///
    /// Times rise with the numbers, so bisection finds it without an index on times.
    fn first_since(&self, since: i64, upto: i64) -> Result<i64, StoreError> {
        self.with_reader(|connection| {
            let (mut before, mut from) = (0, upto + 1);
            while before + 1 < from {
                let middle = before + (from - before) / 2;
                let sql: AnySql<'_, (BigInt, BigInt)> =
                    AnySql::new("SELECT v.seq, v.last_updated FROM version v WHERE v.seq >= ")
                        .int(middle)
                        .text(" AND v.seq < ")
                        .int(from);
                let sql = self.placed(sql, "v").text(" ORDER BY v.seq LIMIT 1");
                match sql.get_result::<(i64, i64)>(connection).optional()? {
                    Some((seq, time)) if time < since => before = seq,
                    _ => from = middle,
                }
            }
            Ok(from)
        })
    }

    /// A resource's key stands for its type and id; `None` where there is no such resource.
    fn scoped(&self, access: &Access, scope: &Scope) -> Result<Option<Narrow>, StoreError> {
        let (ty, id) = match scope {
            Scope::System => return Ok(Some(Narrow::System)),
            Scope::Type(ty) if !access.permits(*ty) => return Ok(Some(Narrow::Nothing)),
            Scope::Type(ty) => return Ok(Some(Narrow::Type(i16::try_from(ty.number()).unwrap_or(i16::MAX)))),
            Scope::Instance(ty, id) => (*ty, id),
        };
        let sql: AnySql<'_, BigInt> = self.placed(
            permitted(
                AnySql::new("SELECT r.rid FROM resource r WHERE r.type = ")
                    .bind::<SmallInt, _>(i16::try_from(ty.number()).unwrap_or(i16::MAX))
                    .text(" AND r.id = ")
                    .bind::<Binary, _>(id.to_key()),
                "r",
                access,
            ),
            "r",
        );
        let rid: Option<i64> = self.with_reader(|connection| Ok(sql.get_result(connection).optional()?))?;
        Ok(rid.map(Narrow::Resource))
    }
}

/// A scope in terms of columns.
enum Narrow {
    Resource(i64),
    Type(i16),
    System,
    /// A type that the caller can't see.
    Nothing,
}

fn narrowed<'a, ST>(
    sql: AnySql<'a, ST>,
    scope: &Narrow,
    access: &Access,
    query: &HistoryQuery<'_>,
    from: Option<i64>,
) -> AnySql<'a, ST> {
    let sql = match scope {
        // The first version has no entry in the index of versions, but the resource's own number.
        Narrow::Resource(rid) => {
            sql.text("(v.seq = ").int(*rid).text(" OR (v.version > 1 AND v.rid = ").int(*rid).text("))")
        }
        Narrow::Type(ty) => sql.text("v.type = ").bind::<SmallInt, _>(*ty),
        Narrow::System => sql.text("1 = 1"),
        Narrow::Nothing => sql.text("1 = 0"),
    };
    let sql = visible(permitted(sql, "v", access), "v", query.snapshot);
    match from {
        Some(from) => sql.text(" AND v.seq >= ").int(from),
        None => sql,
    }
}
