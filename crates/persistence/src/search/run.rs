//! A page of a search, from its statement to its versions.

use crate::access::Access;
use crate::connection::AnyConnection;
use crate::either::AnySql;
use crate::error::StoreError;
use crate::index::common::Counts;
use crate::index::rows::{Source, resting};
use crate::read::FOUND_COLUMNS;
use crate::search::alias::Alias;
use crate::search::compile::Compiler;
use crate::search::contained::bodies_inside;
use crate::search::drive::{Driver, FEW, Keys, Planner};
use crate::search::hits::{Hit, LONG, Row, TOGETHER, Wanted, bodies, taken};
use crate::search::needs::Needed;
use crate::search::order::{self, At};
use crate::search::present::Witness;
use crate::search::{From, Match, Search, SearchPage, Totals, include, recent, walk};
use crate::snapshot::{Moment, Shown, Snapshot};
use crate::store::Store;
use crate::units::Known;
use crate::units::state::{Complete, check_all};
use diesel::sql_types::{BigInt, Binary, SmallInt};
use rushlight_model::{Id, ResourceType};
use rushlight_search::query::{Condition, Query, SortBy, SortKey};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// Lists in each other that are not made first, at the most: each might be read again for every row of the next.
const INLINED: usize = 3;

/// A statement that finds the resources of a query, before anything is selected from it.
pub(crate) struct Found<'q> {
    pub(crate) compiler: Compiler<'q>,
    pub(crate) query: &'q Query,
    pub(crate) condition: Condition,
    /// So many matches are many.
    pub(crate) many: i64,
    counts: Counts,
    /// What has its statements tell what they saw, where they are not in a transaction.
    pub(super) witness: Option<Witness<'q>>,
    /// Where it is to be explained: the plans of a page's statements, none of which is run then.
    pub(super) plans: RefCell<Option<Vec<Vec<String>>>>,
}

impl<'q> Found<'q> {
    pub(super) fn new(
        compiler: Compiler<'q>,
        query: &'q Query,
        many: i64,
        witness: Option<Witness<'q>>,
    ) -> Self {
        let (counts, plans) = Default::default();
        Self { compiler, query, condition: query.condition(), many, counts, witness, plans }
    }

    /// Which versions are shown.
    fn snapshot(&self) -> Result<Snapshot, StoreError> {
        // Where no statement was needed, none has told.
        self.compiler.shown.snapshot().cloned().ok_or(StoreError::Outdated)
    }

    /// The plans of the statements that find the first page.
    pub(crate) fn planned(
        &self,
        connection: &mut AnyConnection,
        limit: usize,
    ) -> Result<Vec<Vec<String>>, StoreError> {
        self.plans.replace(Some(Vec::new()));
        self.keys(
            connection,
            Wanted { from: None, backward: false, limit, bytes: self.bytes(limit, usize::MAX) },
        )?;
        Ok(self.plans.take().unwrap_or_default())
    }

    /// `WITH lists` and `FROM … WHERE …` of the alias 0, and the column that has the resource's key.
    ///
    /// What is listed comes in this order, where one is given.
    fn base<'a>(
        &self,
        driver: Option<Driver<'a>>,
        order: &'static str,
    ) -> (AnySql<'a, ()>, AnySql<'a, ()>, &'static str) {
        let (compiler, types) = (&self.compiler, self.query.types.as_slice());
        let mut with = AnySql::new("");
        let is_listed = driver.is_some();
        let (rows, rest, rid) = match driver {
            Some(Driver { lists, keys, rest, is_sure, .. }) => {
                let rest = if is_sure { rest } else { self.condition.clone() };
                let is_deep = lists.len() > INLINED;
                for (at, (list, estimate)) in lists.into_iter().enumerate() {
                    let begin = if at == 0 { "WITH " } else { ", " };
                    // Few that are used once SQLite reads where they are used, which is cheaper than a table of them.
                    let is_made = compiler.is_postgres() || is_deep || estimate > FEW;
                    let made = if is_made { "MATERIALIZED " } else { "" };
                    with = with.put(format_args!("{begin}c{at} AS {made}(")).append(list).text(")");
                }
                let keys = keys.statement(compiler);
                let rows = AnySql::new(" FROM (SELECT DISTINCT rid FROM (").append(keys);
                // What is found by values is not to be found in the order of the resources.
                let rows = rows.text(if order.is_empty() { ") e" } else { " OFFSET 0) e" });
                (rows.text(order).text(") d"), rest, "d.rid")
            }
            None => (AnySql::new(" FROM version f"), self.condition.clone(), "f.seq"),
        };
        let alias = Alias::found(rid);
        let mut sql = compiler.resource(rows, rid, alias, types);
        if !is_listed {
            sql = compiler.of_types(compiler.placed(sql, "f"), "f");
            sql = sql.text(" AND f.version = 1");
            if let Some(snapshot) = compiler.shown.snapshot() {
                sql = sql.text(" AND f.seq <= ").int(snapshot.upto);
            }
        }
        let sql = compiler.of_types(sql, "v0").text(" AND ");
        (with, compiler.check(sql, &rest, alias), rid)
    }

    /// What plans by this search's counts.
    pub(crate) fn planner<'p>(&'p self, connection: &'p mut AnyConnection) -> Planner<'p, 'q> {
        // Whoever lists all matches anyway has no use for their number.
        let counted_to = (self.many < i64::MAX).then_some(self.many);
        Planner { compiler: &self.compiler, connection, counts: &self.counts, counted_to }
    }

    /// What best drives the search; also what the caller may see can be that.
    fn driver<'a>(&self, connection: &mut AnyConnection) -> Result<Option<Driver<'a>>, StoreError> {
        let mut planner = self.planner(connection);
        let by_query = planner.driver(&self.condition, 0)?;
        let seen = self.compiler.viewer.sees(&self.query.types);
        let Some(mut by_access) = planner.driver(&seen, 0)? else { return Ok(by_query) };
        match by_query {
            Some(by_query) if by_query.estimate <= by_access.estimate => Ok(Some(by_query)),
            // That it may be seen is asked of each resource anyway.
            _ => {
                by_access.rest = self.condition.clone();
                Ok(Some(by_access))
            }
        }
    }

    /// The statement that counts the stored resources that match.
    fn counting<'a>(&self, connection: &mut AnyConnection) -> Result<AnySql<'a, BigInt>, StoreError> {
        let is_all =
            self.query.types.len() == 1 && self.compiler.viewer.sees(&self.query.types).is_everything();
        match self.driver(connection)? {
            // A row that is open is of a resource that is there.
            Some(Driver { keys: keys @ Keys::Rows(_), rest, .. }) if is_all && rest.is_everything() => {
                let keys = keys.statement(&self.compiler);
                Ok(AnySql::new("SELECT count(DISTINCT rid) FROM (").append(keys).text(") e"))
            }
            driver => {
                let (with, base, _) = self.base(driver, "");
                Ok(AnySql::new("").append(with).text(" SELECT count(*)").append(base))
            }
        }
    }

    /// The statements that count the matches: there are as many as they say together.
    pub(crate) fn countings<'a>(
        &self,
        connection: &mut AnyConnection,
    ) -> Result<Vec<AnySql<'a, BigInt>>, StoreError> {
        Ok(match self.parts() {
            None => vec![self.counting(connection)?],
            Some(false) => vec![self.counting_inside(connection)?],
            Some(true) => vec![self.counting(connection)?, self.counting_inside(connection)?],
        })
    }

    pub(crate) fn count(&self, connection: &mut AnyConnection) -> Result<i64, StoreError> {
        let mut sum = 0_i64;
        for counting in self.countings(connection)? {
            let number: i64 = match &self.witness {
                None => self.compiler.fit(counting)?.get_result(connection)?,
                Some(witness) => witness.counted(connection, &self.compiler, counting)?,
            };
            sum = sum.saturating_add(number);
        }
        Ok(sum)
    }

    /// The matches from a place on, in order.
    fn keys(&self, connection: &mut AnyConnection, wanted: Wanted<'_>) -> Result<Vec<Hit>, StoreError> {
        match self.parts() {
            None => self.keys_stored(connection, wanted),
            Some(both) => self.keys_inside(connection, both, wanted),
        }
    }

    /// Bytes of bodies that are read with a page's matches: of a large page, or where parts are answered, they are read by
    /// themselves.
    fn bytes(&self, count: usize, bytes: usize) -> Option<usize> {
        (self.parts().is_none() && count <= TOGETHER).then_some(bytes)
    }

    /// The stored resources among them.
    pub(crate) fn keys_stored(
        &self,
        connection: &mut AnyConnection,
        wanted: Wanted<'_>,
    ) -> Result<Vec<Hit>, StoreError> {
        let driver = self.driver(connection)?;
        // A list of many is not made and sorted for a page: the page is found by walking in its order.
        let many = driver.as_ref().is_none_or(|driver| driver.estimate > self.many && !driver.is_listed);
        // Versions are looked at one by one where they are likely to match.
        let most = self.many.saturating_mul(16).max(self.compiler.shown.about() / 64);
        if let ([], Some(driver)) = (self.query.sort.as_slice(), &driver)
            && driver.estimate > FEW
            && let Some(test) = driver.in_order()
        {
            return walk::of_value(self, connection, test, &driver.rest, wanted);
        }
        match (self.query.sort.as_slice(), driver) {
            ([], _) if many && self.query.types.len() == 1 => self.listed(connection, None, wanted, ""),
            ([SortKey { by: SortBy::LastUpdated, .. }, ..], driver)
                if many && driver.as_ref().is_none_or(|driver| driver.estimate > most) =>
            {
                recent::walk(self, connection, wanted)
            }
            ([first, ..], driver) if many => match walk::order(first) {
                Some(order) => walk::sorted(self, connection, &order, driver, wanted),
                None => self.listed(connection, driver, wanted, ""),
            },
            (_, driver) => self.listed(connection, driver, wanted, ""),
        }
    }

    /// The same from the list of a driver, sorted; `more` is what else must hold of the keys.
    pub(crate) fn listed<'a>(
        &self,
        connection: &mut AnyConnection,
        driver: Option<Driver<'a>>,
        wanted: Wanted<'_>,
        more: &'static str,
    ) -> Result<Vec<Hit>, StoreError> {
        let Wanted { from, backward, bytes, .. } = wanted;
        let sort = &self.query.sort;
        // PostgreSQL looks up no more than the first ones then. SQLite would sort twice.
        let order = match (sort.as_slice(), backward) {
            ([], false) if self.compiler.is_postgres() => " ORDER BY rid",
            ([], true) if self.compiler.is_postgres() => " ORDER BY rid DESC",
            _ => "",
        };
        let (with, base, rid) = self.base(driver, order);
        let full = bytes.is_some() && self.compiler.is_postgres();
        let mut sql = AnySql::new("").append(with).append(self.selected(rid, None, full));
        sql = sql.append(base).text(") q WHERE 1 = 1").text(more);
        if let Some(at) = from {
            sql = order::beyond(sql.text(" AND "), sort, at, backward);
        }
        self.load(connection, (vec![order::ordered(sql, sort, backward, false)], full), wanted)
    }

    /// `SELECT` of the keys, and of the versions of a `full` one, up to the `FROM` of what is listed; `first` is the value of
    /// the first key, where it is known.
    pub(crate) fn selected<'a>(&self, rid: &str, first: Option<&str>, full: bool) -> AnySql<'a, Row> {
        let columns = order::columns(&self.query.sort, self.compiler.is_postgres());
        let [found, own] = if full { FOUND_COLUMNS } else { ["v0.seq", "q.seq"] };
        let mut sql = AnySql::new(" SELECT q.rid, ");
        sql = match own.strip_suffix("q.body").filter(|_| self.compiler.is_postgres()) {
            // All rows of a statement are in memory at once: what is long is read by itself.
            Some(own) => {
                sql.put(format_args!("{own}CASE WHEN octet_length(q.body) <= {LONG} THEN q.body ELSE '' END"))
            }
            None => sql.text(own),
        };
        sql = sql.put(format_args!("{columns} FROM (SELECT {rid} AS rid, {found}"));
        for (at, key) in self.query.sort.iter().enumerate() {
            sql = match first.filter(|_| at == 0) {
                Some(first) => sql.put(format_args!(", {first}")),
                None => {
                    let is_last = at + 1 == self.query.sort.len();
                    self.compiler.sorted(sql.text(", "), (key, is_last), Alias::resource(0))
                }
            };
            sql = sql.put(format_args!(" AS k{at}"));
        }
        sql
    }
}

/// The first `limit` resources that a query matches as of what this connection's transaction sees.
pub(crate) fn matching_on(
    connection: &mut AnyConnection,
    source: &Source,
    known: &Known,
    access: &Access,
    query: &Query,
    limit: usize,
) -> Result<Vec<Match>, StoreError> {
    let needed = Needed::of(known, access, query);
    let (all, moment) = (everything(source), Moment::to_come(i64::MAX));
    let shown = all.as_ref().map_or(Shown::Now(&moment), Shown::Of);
    check_all(connection, source, known, (&needed.units, &Complete::new()), shown.about())?;
    let held = &needed.held(&needed.ask_held(connection, (source, known), shown)?);
    let compiler = Compiler { source, shown, viewer: needed.viewer, types: &query.types, known, held };
    let query = Query { sort: Vec::new(), includes: Vec::new(), revincludes: Vec::new(), ..query.clone() };
    let found = Found::new(compiler, &query, i64::MAX, None);
    let (with, base, rid) = found.base(found.driver(connection)?, "");
    let sql: AnySql<'_, (SmallInt, Binary, BigInt)> = AnySql::new("")
        .append(with)
        .text(" SELECT v0.type, v0.id, v0.version")
        .append(base)
        .put(format_args!(" ORDER BY {rid} LIMIT "))
        .int(i64::try_from(limit).unwrap_or(i64::MAX));
    let rows: Vec<(i16, Vec<u8>, i64)> = found.compiler.fit(sql)?.load(connection)?;
    let read = |(ty, id, version): (i16, Vec<u8>, i64)| {
        let ty = u16::try_from(ty).ok().and_then(ResourceType::from_number);
        match (ty, Id::from_key(&id)) {
            (Some(ty), Ok(id)) => Ok(Match { ty, id, version }),
            _ => Err(StoreError::Damaged("a resource has an unknown type or id".to_owned())),
        }
    };
    rows.into_iter().map(read).collect()
}

impl Store {
    /// A page of a search as of its snapshot.
    ///
    /// # Errors
    /// A database that fails or is too slow, or a unit that the index does not hold as of the snapshot:
    /// [`StoreError::Building`], [`StoreError::TooOld`] or [`StoreError::Unindexed`].
    pub fn search(&self, access: &Access, search: &Search<'_>) -> Result<SearchPage, StoreError> {
        let page = |connection: &mut AnyConnection, found: &Found<'_>| page(connection, search, found);
        match self.with_witness(access, search, page)? {
            Some(page) => Ok(page),
            None => self.with_found(access, search, page),
        }
    }

    /// Runs `work` on what finds a search's matches, as of one moment, once it is known that the index holds all that it
    /// needs; again, if it turns out that it was not of one moment.
    pub(crate) fn with_found<T>(
        &self,
        access: &Access,
        search: &Search<'_>,
        work: impl Fn(&mut AnyConnection, &Found<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let known = self.known();
        let needed = Needed::of(&known, access, search.query);
        // Before the view is opened.
        let seen = known.complete.now();
        let in_view = |connection: &mut AnyConnection, source: &Source| {
            let (now, complete) = match everything(source) {
                // Of units that were given up meanwhile, what was seen holds no more.
                Some(all) if self.known().generation == known.generation => (all, Arc::clone(&seen)),
                Some(all) => (all, Arc::default()),
                None => self.sight(connection, &known, &needed.units)?,
            };
            let shown = Shown::Of(search.snapshot.unwrap_or(&now));
            check_all(connection, source, &known, (&needed.units, &complete), shown.about())?;
            let units = needed.ask_held(connection, (source, &known), shown)?;
            // As of now: of a page that is as of before there may have been others.
            if search.snapshot.is_none() {
                known.held.learn(&needed.inside, &units);
            }
            let (viewer, types, held) = (needed.viewer, &needed.query.types, &needed.held(&units));
            let compiler = Compiler { source, shown, viewer, types, known: &known, held };
            work(connection, &Found::new(compiler, &needed.query, self.many(), None))
        };
        if let Some(tail) = self.tail().filter(|_| self.is_ready()) {
            let upto = search.snapshot.map(|snapshot| snapshot.upto);
            let done = self.with_reader(|connection| match resting(connection, tail, upto, in_view) {
                // That may be because what was looked at was not of one moment.
                Err(StoreError::TooOld | StoreError::Building { .. } | StoreError::Unindexed(_)) => Ok(None),
                done => done,
            })?;
            // Rows of units that are given up are deleted, but not before that is known.
            if let Some(done) = done.filter(|_| self.known().generation == known.generation) {
                return Ok(done);
            }
        }
        self.with_index(in_view)
    }

    /// What a transaction on PostgreSQL sees, and which of these units are complete in it.
    fn sight(
        &self,
        connection: &mut AnyConnection,
        known: &Known,
        units: &[i32],
    ) -> Result<(Snapshot, Arc<Complete>), StoreError> {
        let (horizon, connection) = self.horizon().zip(connection.postgres()).ok_or(StoreError::Closing)?;
        let (sight, complete) = horizon.snapshot(connection, units)?;
        if sight.generation == known.generation {
            known.complete.extend(complete.clone());
        }
        Ok((sight.snapshot, Arc::new(complete)))
    }

    /// The first `limit` resources that a query matches now, in the order of their creation.
    ///
    /// # Errors
    /// As of [`Store::search`].
    pub fn matching(&self, access: &Access, query: &Query, limit: usize) -> Result<Vec<Match>, StoreError> {
        let known = self.known();
        self.with_index(|connection, source| matching_on(connection, source, &known, access, query, limit))
    }
}

/// All versions that are shown of an embedded store.
fn everything(source: &Source) -> Option<Snapshot> {
    match source {
        Source::Postgres => None,
        Source::Sqlite { newest: (upto, time), .. } => {
            Some(Snapshot { upto: *upto, holes: Vec::new(), time: *time })
        }
    }
}

/// The page of a search.
fn page(
    connection: &mut AnyConnection,
    search: &Search<'_>,
    found: &Found<'_>,
) -> Result<SearchPage, StoreError> {
    let mut page = SearchPage::default();
    let (place, backward) = match &search.from {
        From::First => (None, false),
        From::After(place) => (Some(place), false),
        From::Before(place) => (Some(place), true),
        From::Last => (None, true),
    };
    // One of another version of the program: the search has to begin again.
    let read = |place| At::of(place, search.query.sort.len()).ok_or(StoreError::TooOld);
    let at = place.map(read).transpose()?;
    if search.count == 0 {
        page.total = Some(found.count(connection)?);
        page.snapshot = found.snapshot()?;
        return Ok(page);
    }
    let (limit, bytes) = (search.count.saturating_add(1), found.bytes(search.count, search.bytes));
    let mut keys = found.keys(connection, Wanted { from: at.as_ref(), backward, limit, bytes })?;
    let more = keys.len() > search.count;
    keys.truncate(search.count);
    page.total = match (search.total, &search.from) {
        // The first page is all there is.
        (_, From::First) if !more => i64::try_from(keys.len()).ok(),
        (Totals::None, _) => None,
        (Totals::Estimate | Totals::Accurate, _) => Some(found.count(connection)?),
    };
    let mut room = search.bytes;
    let mut places: Vec<At> = keys.iter().map(|hit| hit.at.clone()).collect();
    // Of a page that is read backward, what has no room is at the far end: the page ends where it should.
    match (found.parts(), bytes) {
        (None, Some(_)) => page.matches = taken(connection, &found.compiler, keys, &mut room)?,
        (None, None) => {
            let numbers: Vec<i64> = keys.iter().map(|hit| hit.seq).collect();
            page.matches = bodies(connection, &found.compiler, (&numbers, HashMap::new()), &mut room)?;
        }
        (Some(_), _) => {
            let places: Vec<(i64, i64)> = keys.iter().map(|hit| (hit.at.rid, hit.seq)).collect();
            let both = bodies_inside(connection, &found.compiler, &places, &mut room)?;
            (page.matches, page.containers) = both;
        }
    }
    let short = page.matches.len() < places.len();
    places.truncate(page.matches.len());
    let mut rids: Vec<i64> = places.iter().map(|at| at.rid).collect();
    let (mut first, mut last) = (places.first(), places.last());
    if backward {
        rids.reverse();
        page.matches.reverse();
        page.containers.reverse();
        (first, last) = (last, first);
    }
    let (first, last) = (first.map(At::place), last.map(At::place));
    (page.previous, page.next) = match &search.from {
        From::First => (None, last.filter(|_| more || short)),
        From::After(_) => (first, last.filter(|_| more || short)),
        From::Before(_) => (first.filter(|_| more || short), last),
        From::Last => (first.filter(|_| more || short), None),
    };
    page.snapshot = found.snapshot()?;
    include::include(connection, search, found, (&mut page, &rids), !short, room)?;
    Ok(page)
}
