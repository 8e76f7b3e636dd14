//! Searches of the present on PostgreSQL: where a statement is a view by itself, the first one of a search tells what it
//! saw beside what it found, and no transaction is needed for both to be of one moment.
//!
//! What must hold of the index is known from before: units that were seen to be complete stay so as long as the generation
//! of what is indexed does, which each statement tells. Where it has changed, the search begins again in a transaction; so
//! does one that needs a second statement of matches, or numbers of a time, before it is known what the first one saw.

use crate::access::Access;
use crate::connection::AnyConnection;
use crate::either::AnySql;
use crate::error::StoreError;
use crate::index::rows::Source;
use crate::postgres::horizon::{Horizon, Mark, asked};
use crate::read::{VersionTuple, version};
use crate::search::Search;
use crate::search::compile::Compiler;
use crate::search::hits::{Row, TOGETHER};
use crate::search::needs::Needed;
use crate::search::order;
use crate::search::run::Found;
use crate::snapshot::{Moment, Shown};
use crate::store::Store;
use crate::units::Known;
use crate::units::state::lacking;
use crate::version::Version;
use diesel::sql_types::{BigInt, Text};
use std::cell::{Cell, RefCell};

/// The column of the key of a resource `v` that is included beside matches.
pub(super) const INCLUDED: &str = "-v.rid";

/// What has statements tell what they saw.
pub(crate) struct Witness<'w> {
    horizon: &'w Horizon,
    shown: Shown<'w>,
    /// What must be indexed.
    known: &'w Known,
    needed: &'w Needed<'w>,
    /// Of the units that tell of contained resources, those that must tell of any, and no others; ascending.
    held: &'w [i32],
    /// What was settled before the first statement.
    settled: Cell<Mark>,
    pub(super) search: &'w Search<'w>,
    /// What is included with the matches of a page, where its statement brings it.
    brought: RefCell<Option<Vec<(i64, Version)>>>,
}

impl Witness<'_> {
    /// The moment, as long as no statement has told it.
    fn to_come(&self) -> Option<&Moment> {
        match self.shown {
            Shown::Now(moment) if moment.seen.get().is_none() => Some(moment),
            _ => None,
        }
    }

    /// Whether a statement of the present has told what it saw.
    pub(crate) fn has_heard(&self) -> bool {
        matches!(self.shown, Shown::Now(moment) if moment.seen.get().is_some())
    }

    /// An expression that tells what its statement saw, to be heard.
    fn asks<'a>(&self) -> AnySql<'a> {
        let asked = match self.to_come() {
            Some(_) => {
                self.settled.set(self.horizon.settled());
                asked(self.settled.get())
            }
            None => AnySql::new("(SELECT number::text FROM generation)"),
        };
        let units = "string_agg(u.unit::text, ' ' ORDER BY u.unit)";
        match self.needed.holding::<()>(units, &Source::Postgres, self.shown) {
            Some(held) => AnySql::new("concat_ws('|', ").append(asked).text(", (").append(held).text("))"),
            None => asked,
        }
    }

    /// Hears what a statement saw.
    ///
    /// # Errors
    /// [`StoreError::Outdated`] where what it found does not count.
    fn hear(&self, told: &str) -> Result<(), StoreError> {
        let (told, held) = told.split_once('|').unwrap_or((told, ""));
        let generation = match self.to_come() {
            Some(moment) => {
                let sight = self.horizon.heard(self.settled.get(), told)?;
                moment.seen.get_or_init(|| sight.snapshot);
                Some(sight.generation)
            }
            None => told.parse().ok(),
        };
        let held: Result<Vec<i32>, _> = held.split_ascii_whitespace().map(str::parse).collect();
        if generation != Some(self.known.generation) {
            // Until it is known, no search that needs a unit tries this way.
            self.known.complete.forget();
            return Err(StoreError::Outdated);
        }
        if held.as_deref() == Ok(self.held) { Ok(()) } else { Err(StoreError::Outdated) }
    }

    /// A statement of matches with their versions, and before them a row whose resource has the key 0 and whose body is what
    /// is to be heard.
    pub(crate) fn beside<'a>(&self, sql: AnySql<'a, Row>, keys: usize) -> AnySql<'a, Row> {
        AnySql::new(
            "SELECT 0::bigint, 0::smallint, ''::bytea, 0::bigint, 0::bigint, 0::bigint, false, 0::smallint, 0, ",
        )
        .append(self.asks())
        .text(order::none(keys))
        .text(" UNION ALL (")
        .append(sql)
        .text(")")
    }

    /// The same with what is included, whose resources have the key [`INCLUDED`]; what is included is compiled with a
    /// list `page` of what was found, and `origins` of it.
    pub(crate) fn beside_all<'a>(
        &self,
        sql: AnySql<'a, Row>,
        (origins, included): (AnySql<'a>, Vec<AnySql<'a, Row>>),
    ) -> AnySql<'a, Row> {
        self.brought.replace(Some(Vec::new()));
        let sql =
            AnySql::new("WITH page AS MATERIALIZED (").append(sql).text("), origins AS (").append(origins);
        let sql = sql.text(") ").append(self.beside(AnySql::new("SELECT * FROM page"), 0));
        included.into_iter().fold(sql, |sql, part| sql.text(" UNION ALL (").append(part).text(")"))
    }

    /// Takes a row with this key for a resource where it tells what was seen, or a version that is included; one that was to be
    /// found comes back.
    pub(crate) fn heard(&self, key: i64, row: VersionTuple) -> Result<Option<VersionTuple>, StoreError> {
        match key {
            1.. => return Ok(Some(row)),
            0 => self.hear(&row.8)?,
            included => {
                let version = version(row)?;
                self.brought.borrow_mut().get_or_insert_default().push((-included, version));
            }
        }
        Ok(None)
    }

    /// What was included, if a statement brought it.
    pub(crate) fn brought(&self) -> Option<Vec<(i64, Version)>> {
        self.brought.take()
    }

    /// The number that a statement counts.
    pub(crate) fn counted(
        &self,
        connection: &mut AnyConnection,
        compiler: &Compiler<'_>,
        counting: AnySql<'_, BigInt>,
    ) -> Result<i64, StoreError> {
        let sql =
            AnySql::<'_, (BigInt, Text)>::new("SELECT (").append(counting).text("), ").append(self.asks());
        let (number, told): (i64, String) = compiler.fit(sql)?.get_result(connection)?;
        self.hear(&told)?;
        Ok(number)
    }
}

impl Store {
    /// Runs `work` on what finds a search's matches, without a transaction; `None` where it needs one.
    pub(super) fn with_witness<T>(
        &self,
        access: &Access,
        search: &Search<'_>,
        work: impl FnOnce(&mut AnyConnection, &Found<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let Some(horizon) = self.horizon().filter(|_| search.count <= TOGETHER) else { return Ok(None) };
        let known = self.known();
        let needed = Needed::of(&known, access, search.query);
        let Some(units) = known.held.of(&needed.inside) else { return Ok(None) };
        let upto = search.snapshot.map_or(i64::MAX, |snapshot| snapshot.upto);
        if !lacking(&known, (&needed.units, &known.complete.now()), upto).is_empty() {
            return Ok(None);
        }
        let moment = Moment::to_come(horizon.settled().number);
        let shown = search.snapshot.map_or(Shown::Now(&moment), Shown::Of);
        let witness = Witness {
            horizon,
            shown,
            known: &known,
            needed: &needed,
            held: &units,
            settled: Cell::default(),
            search,
            brought: RefCell::default(),
        };
        let (source, viewer, types) = (&Source::Postgres, needed.viewer, &needed.query.types);
        let compiler = Compiler { source, shown, viewer, types, known: &known, held: &needed.held(&units) };
        let found = Found::new(compiler, &needed.query, self.many(), Some(witness));
        if found.parts().is_some() {
            return Ok(None);
        }
        // Not an error of the connection's. What does not fit into one statement may into several.
        self.with_reader(|connection| match work(connection, &found) {
            Err(StoreError::Outdated | StoreError::TooLarge) => Ok(None),
            done => done.map(Some),
        })
    }
}
