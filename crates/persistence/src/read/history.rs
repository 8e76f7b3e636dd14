//! Histories: the versions of a resource, a type or the system, in the order of their numbers.
//!
//! <https://hl7.org/fhir/R4/http.html#history>

use super::{VersionRow, VersionTuple, first_since, looked_up, permitted, version, visible};
use crate::access::{Access, Interaction};
use crate::either::AnySql;
use crate::error::StoreError;
use crate::snapshot::Snapshot;
use crate::store::Store;
use crate::version::Version;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer, SmallInt, Text};
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

/// Which version comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The newest.
    #[default]
    Newest,
    /// The oldest.
    Oldest,
}

/// What to return of a history.
#[derive(Clone, Debug)]
pub struct HistoryQuery<'a> {
    /// Whose history.
    pub scope: Scope,
    /// Only versions with this `lastUpdated` or a later one, in microseconds since 1970.
    pub since: Option<i64>,
    /// Only versions that were current at some time from the first to the second, in microseconds since 1970.
    pub at: Option<[i64; 2]>,
    /// Which comes first.
    pub order: Order,
    /// Versions on a page, at the most. With 0 there is no page, but a total.
    pub count: usize,
    /// Bytes of bodies on a page: it ends early rather than hold more, but holds one version at least.
    pub bytes: usize,
    /// The `seq` of the last version on the page before.
    pub after: Option<i64>,
    /// Which versions there are.
    pub snapshot: &'a Snapshot,
}

impl<'a> HistoryQuery<'a> {
    /// Everything, newest first, on pages of a hundred of any length.
    #[must_use]
    pub fn new(scope: Scope, snapshot: &'a Snapshot) -> Self {
        let order = Order::Newest;
        Self { scope, since: None, at: None, order, count: 100, bytes: usize::MAX, after: None, snapshot }
    }
}

/// One page of a history.
#[derive(Clone, Debug)]
pub struct HistoryPage {
    /// The versions, in the order asked for.
    pub versions: Vec<Version>,
    /// Where the next page continues; `None` on the last.
    pub next: Option<i64>,
    /// How many versions all pages hold together; `None` on later pages, which need not count again, and where each
    /// version would have to be looked at to know whether the caller may see it.
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
        let narrow = Narrow { scope, access, times: self.times(query)?, snapshot: query.snapshot };
        if narrow.is_judged() {
            return self.judged(access, query, &narrow);
        }
        if query.count == 0 {
            let total = Some(self.total(&narrow)?);
            return Ok(Some(HistoryPage { versions: Vec::new(), next: None, total }));
        }
        let (versions, more) = self.page(query, &narrow)?;
        let next = versions.last().filter(|_| more).map(|last| last.seq);
        let total = match query.after {
            Some(_) => None,
            None if more => Some(self.total(&narrow)?),
            // The first page is all there is.
            None => Some(int(versions.len())),
        };
        Ok(Some(HistoryPage { versions, next, total }))
    }

    /// A page where each version has to be looked at. How many there are is only told of one resource's, unless it is
    /// known: nobody counts versions by what is in them.
    fn judged(
        &self,
        access: &Access,
        query: &HistoryQuery<'_>,
        narrow: &Narrow<'_>,
    ) -> Result<Option<HistoryPage>, StoreError> {
        let of_one = matches!(narrow.scope, Columns::Resource(_));
        let all = |query: &HistoryQuery<'_>, narrow: &Narrow<'_>| {
            self.seen(access, query, |step| self.page(step, narrow))
        };
        if of_one {
            // Where no version of it may be seen, there is no such resource.
            let any = HistoryQuery { count: 1, ..HistoryQuery::new(query.scope.clone(), query.snapshot) };
            let whenever = Narrow { times: Times::default(), ..narrow.clone() };
            if all(&any, &whenever)?.0.is_empty() {
                return Ok(None);
            }
        }
        let (versions, more) = match query.count {
            0 => (Vec::new(), true),
            _ => all(query, narrow)?,
        };
        let total = match query.after {
            Some(_) => None,
            None if !more => Some(int(versions.len())),
            None if of_one => {
                let everything =
                    HistoryQuery { count: usize::MAX, bytes: usize::MAX, after: None, ..query.clone() };
                Some(int(all(&everything, narrow)?.0.len()))
            }
            None => None,
        };
        let next = versions.last().filter(|_| more).map(|last| last.seq);
        Ok(Some(HistoryPage { versions, next, total }))
    }

    /// The versions of a page, and whether there are more.
    ///
    /// A length is known without reading what it is of. Bodies short enough for a page full of them come at once;
    /// longer ones follow, as far as the page has room for them.
    fn page(
        &self,
        query: &HistoryQuery<'_>,
        narrow: &Narrow<'_>,
    ) -> Result<(Vec<Version>, bool), StoreError> {
        let wanted = int(query.count).saturating_add(1);
        let (budget, short) = (int(query.bytes), int(query.bytes) / wanted);
        let (direction, beyond) = match query.order {
            Order::Newest => ("DESC", " AND v.seq < "),
            Order::Oldest => ("ASC", " AND v.seq > "),
        };
        // Of one resource the versions are put in order: their numbers, before their bodies are looked at.
        let is_sorted = matches!(narrow.scope, Columns::Resource(_));
        let sql = AnySql::<'_, (VersionRow, Integer)>::new(
            "SELECT v.type, v.id, v.seq, v.version, v.last_updated, v.deleted, v.made, v.splice, \
             CASE WHEN octet_length(v.body) <= ",
        )
        .int(short)
        .text(" THEN v.body ELSE '' END, octet_length(v.body) FROM ")
        .text(if is_sorted { "(SELECT v.seq FROM version v WHERE " } else { "version v WHERE " });
        let mut sql = self.narrowed(sql, narrow);
        if let Some(after) = query.after {
            sql = sql.text(beyond).int(after);
        }
        sql = sql.put(format_args!(" ORDER BY v.seq {direction} LIMIT ")).int(wanted);
        if is_sorted {
            sql = sql.text(looked_up(self.horizon().is_some()));
            sql = sql.put(format_args!(" ORDER BY v.seq {direction}"));
        }
        let rows: Vec<(VersionTuple, i32)> = self.with_reader(|connection| Ok(sql.load(connection)?))?;
        let found = rows.len();
        let mut held: i64 = 0;
        let mut versions = Vec::with_capacity(found);
        let mut long = Vec::new();
        for (row, size) in rows.into_iter().take(query.count) {
            let size = i64::from(size);
            held = held.saturating_add(size);
            if held > budget && !versions.is_empty() {
                break;
            }
            let version = version(row)?;
            if size > short {
                long.push(version.seq);
            }
            versions.push(version);
        }
        for (seq, body) in self.bodies(&long)? {
            if let Some(version) = versions.iter_mut().find(|version| version.seq == seq) {
                version.body = body;
            }
        }
        let more = found > versions.len();
        Ok((versions, more))
    }

    /// The bodies of these versions.
    fn bodies(&self, seqs: &[i64]) -> Result<Vec<(i64, String)>, StoreError> {
        if seqs.is_empty() {
            return Ok(Vec::new());
        }
        let list: Vec<String> = seqs.iter().map(ToString::to_string).collect();
        let text = format!("SELECT v.seq, v.body FROM version v WHERE v.seq IN ({})", list.join(", "));
        let sql: AnySql<'_, (BigInt, Text)> = self.placed(AnySql::new(text).open_ended(), "v");
        self.with_reader(|connection| Ok(sql.load(connection)?))
    }

    /// How many versions all pages hold together.
    fn total(&self, narrow: &Narrow<'_>) -> Result<i64, StoreError> {
        let of = match narrow.scope {
            Columns::Type(ty) => Some(Some(ty)),
            Columns::System if narrow.access.type_numbers(Interaction::History).is_none() => Some(None),
            _ => None,
        };
        let (snapshot, from) = (narrow.snapshot, narrow.times.from.unwrap_or(0));
        match of {
            // What is older is fewer, and what there is altogether is known.
            Some(of) if narrow.times.current.is_none() && from <= snapshot.upto / 2 => {
                Ok(self.tally(of, snapshot)? - self.older(of, from, snapshot)?)
            }
            _ => {
                let sql = AnySql::<'_, BigInt>::new("SELECT count(*) FROM version v WHERE ");
                let sql = self.narrowed(sql, narrow);
                self.with_reader(|connection| Ok(sql.get_result(connection)?))
            }
        }
    }

    /// The times asked for, as numbers.
    fn times(&self, query: &HistoryQuery<'_>) -> Result<Times, StoreError> {
        let upto = query.snapshot.upto;
        let first = |time: i64| self.with_reader(|connection| first_since(connection, time, (0, upto + 1)));
        let current = match query.at {
            None => None,
            Some([low, high]) => Some((first(low.saturating_add(1))?, first(high.saturating_add(1))?)),
        };
        Ok(Times { from: query.since.map(first).transpose()?, current })
    }

    /// A resource's key stands for its type and id; `None` where there is no such resource.
    fn scoped(&self, access: &Access, scope: &Scope) -> Result<Option<Columns>, StoreError> {
        let (ty, id) = match scope {
            Scope::System => return Ok(Some(Columns::System)),
            Scope::Type(ty) if !access.permits(*ty) || !access.permits_to(Interaction::History, *ty) => {
                return Ok(Some(Columns::Nothing));
            }
            Scope::Type(ty) => {
                return Ok(Some(Columns::Type(i16::try_from(ty.number()).unwrap_or(i16::MAX))));
            }
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
                Interaction::History,
            ),
            "r",
        );
        let rid: Option<i64> = self.with_reader(|connection| Ok(sql.get_result(connection).optional()?))?;
        Ok(rid.map(Columns::Resource))
    }

    /// Appends what the rows of `version v` must be.
    fn narrowed<'a, ST>(&self, sql: AnySql<'a, ST>, narrow: &Narrow<'_>) -> AnySql<'a, ST> {
        let sql = match narrow.scope {
            // The first version has no entry in the index of versions, but the resource's own number.
            Columns::Resource(rid) => {
                sql.text("(v.seq = ").int(rid).text(" OR (v.version > 1 AND v.rid = ").int(rid).text("))")
            }
            Columns::Type(ty) => sql.text("v.type = ").bind::<SmallInt, _>(ty),
            Columns::System => sql.text("1 = 1"),
            Columns::Nothing => sql.text("1 = 0"),
        };
        let mut sql = self.placed(
            visible(permitted(sql, "v", narrow.access, Interaction::History), "v", narrow.snapshot),
            "v",
        );
        if let Some(from) = narrow.times.from {
            sql = sql.text(" AND v.seq >= ").int(from);
        }
        let Some((ended, begun)) = narrow.times.current else { return sql };
        sql = sql.text(" AND v.seq < ").int(begun).text(" AND (v.seq >= ").int(ended).text(
            " OR NOT EXISTS (SELECT 1 FROM version w WHERE w.rid = v.rid AND w.version > 1 \
             AND w.version = v.version + 1 AND w.seq < ",
        );
        visible(self.placed(sql.int(ended), "w"), "w", narrow.snapshot).text("))")
    }
}

/// What a query asks for, in terms of columns.
#[derive(Clone)]
struct Narrow<'a> {
    scope: Columns,
    access: &'a Access,
    times: Times,
    snapshot: &'a Snapshot,
}

impl Narrow<'_> {
    /// Whether the caller may see some versions and not others of the types that are looked at.
    fn is_judged(&self) -> bool {
        let ty = |number: i16| u16::try_from(number).ok().and_then(ResourceType::from_number);
        match self.scope {
            Columns::Type(number) => !ty(number).is_some_and(|ty| self.access.shows_all_of(ty)),
            Columns::Resource(_) | Columns::System => !self.access.is_by_type(),
            Columns::Nothing => false,
        }
    }
}

/// A scope in terms of columns.
#[derive(Clone, Copy)]
enum Columns {
    Resource(i64),
    Type(i16),
    System,
    /// A type that the caller can't see.
    Nothing,
}

/// Times as numbers: both rise together.
#[derive(Clone, Copy, Debug, Default)]
struct Times {
    /// The first number to show.
    from: Option<i64>,
    /// Versions with numbers below the second had begun; those with a successor below the first had ended.
    current: Option<(i64, i64)>,
}

fn int(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
