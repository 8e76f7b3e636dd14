//! Where a search begins: the part of its condition that fewest resources meet.
//!
//! The plan is ours, by counts of our own (`index/common.rs`): a database knows little of rows in memory, and nothing of
//! how many a page needs. What drives is listed; all other parts are then checked for each resource of that list.

use crate::connection::AnyConnection;
use crate::either::AnySql;
use crate::error::StoreError;
use crate::index::common::{Counts, leading};
use crate::index::rows::By;
use crate::read::first_since;
use crate::search::alias::Alias;
use crate::search::compile::Compiler;
use crate::search::walk;
use crate::search::{UNITED, UNITED_TWICE};
use diesel::sql_types::BigInt;
use rushlight_search::TableId;
use rushlight_search::query::{Condition, Link, Op, RowTest};

/// Rows that a value is taken to have which is not known to be common.
const RARE: i64 = 4;

/// Lists, each of which may use those before it.
struct Lists<'a> {
    lists: Vec<List<'a>>,
    /// About how many the last one has.
    estimate: i64,
    /// As of [`Driver::is_sure`].
    is_sure: bool,
}

/// A statement, and about how many rows it has.
type List<'a> = (AnySql<'a, ()>, i64);

/// What lists resources' keys; a resource may be there several times.
pub(crate) enum Keys<'a> {
    /// The rows that pass a test.
    Rows(RowTest),
    /// `SELECT … AS rid`
    Listed(AnySql<'a, ()>),
}

impl<'a> Keys<'a> {
    /// `SELECT … AS rid`
    pub(crate) fn statement(self, compiler: &Compiler<'_>) -> AnySql<'a, ()> {
        match self {
            Self::Rows(test) => compiler.keys(&test, ""),
            Self::Listed(sql) => sql,
        }
    }
}

/// A list of resources' keys, and the lists that it is made from.
pub(crate) struct Driver<'a> {
    /// Statements named `c0`, `c1`…, each of which may use those before it.
    pub(crate) lists: Vec<List<'a>>,
    /// The keys.
    pub(crate) keys: Keys<'a>,
    /// About how many.
    pub(crate) estimate: i64,
    /// What the list leaves to be asked of each.
    pub(crate) rest: Condition,
    /// Whether nothing else is listed than what the rest leaves: if not, all must be asked of each, at the end. What
    /// leads to contained resources is only narrowed down: to say more at each step would say it again at the next.
    pub(crate) is_sure: bool,
    /// Whether it is listed even if it has many: nothing finds them in the order of the results.
    pub(crate) is_listed: bool,
}

impl<'a> Driver<'a> {
    /// One whose list has all that is asked for, and nothing else.
    pub(super) fn of(lists: Vec<List<'a>>, keys: AnySql<'a, ()>, estimate: i64) -> Self {
        let (keys, rest) = (Keys::Listed(keys), Condition::everything());
        Self { lists, keys, estimate, rest, is_sure: true, is_listed: false }
    }

    /// The test of the rows that it is a list of, where the index has them in the order of the resources' keys.
    pub(crate) fn in_order(&self) -> Option<&RowTest> {
        match &self.keys {
            Keys::Rows(test) if walk::is_in_order(test) => Some(test),
            _ => None,
        }
    }
}

/// Ranges of times whose numbers are found for a search, at the most.
const MOST_RANGES: usize = 8;

/// Versions of a range of times that are listed, at the most, where there are many.
const MOST_LISTED: i64 = 200_000;

/// So few need no better estimate, and are sorted at once.
pub(crate) const FEW: i64 = 64;

/// Driving needs counts, which are asked on the search's own connection.
pub(crate) struct Planner<'p, 'c> {
    pub(crate) compiler: &'p Compiler<'c>,
    pub(crate) connection: &'p mut AnyConnection,
    pub(crate) counts: &'p Counts,
    /// Rows whose number nobody knows are counted up to so many, above which it does not matter; `None`: they are guessed.
    pub(crate) counted_to: Option<i64>,
}

impl Planner<'_, '_> {
    /// What best drives a condition; `None` where nothing can, and all resources must be looked at.
    pub(crate) fn driver<'a>(
        &mut self,
        condition: &Condition,
        lists: usize,
    ) -> Result<Option<Driver<'a>>, StoreError> {
        match condition {
            Condition::All(parts) => {
                let Some(best) = self.rarest_of(parts)? else { return Ok(None) };
                let Some(part) = parts.get(best) else { return Ok(None) };
                let Some(mut driver) = self.driver(part, lists)? else { return Ok(None) };
                let others = parts.iter().enumerate().filter(|(at, _)| *at != best);
                let others = others.map(|(_, part)| part.clone());
                driver.rest = Condition::all(std::iter::once(driver.rest).chain(others).collect());
                Ok(Some(driver))
            }
            Condition::Any(parts) if parts.len() > UNITED_TWICE => Ok(None),
            Condition::Any(parts) => self.one_of(parts, lists),
            Condition::Row(test) => {
                let estimate = self.rows(test)?;
                let (lists, keys, rest) = (Vec::new(), Keys::Rows(test.clone()), Condition::everything());
                Ok(Some(Driver { lists, keys, estimate, rest, is_sure: true, is_listed: false }))
            }
            Condition::Ids(ids) => {
                let keys = self.named(|compiler, sql| compiler.ids(sql, "o.id", ids));
                Ok(Some(Driver::of(Vec::new(), keys, i64::try_from(ids.len()).unwrap_or(i64::MAX))))
            }
            Condition::Chain(link) => self.chain(link, lists),
            Condition::Has(link) => self.has(link, lists),
            Condition::Contained(within) => self.within(within, lists).map(Some),
            Condition::Updated { from, to } => Ok(self.updated((*from, *to))?.map(|(estimate, keys)| {
                let driver = Driver::of(Vec::new(), keys, estimate);
                Driver { rest: condition.clone(), is_listed: true, ..driver }
            })),
            Condition::Not(_) | Condition::Types(_) => Ok(None),
        }
    }

    /// The place of the part that fewest resources meet; `None` where none can drive.
    fn rarest_of(&mut self, parts: &[Condition]) -> Result<Option<usize>, StoreError> {
        let least = |planner: &mut Self| {
            let mut best: Option<(i64, usize)> = None;
            for (at, part) in parts.iter().enumerate() {
                if let Some(estimate) = planner.estimate(part)?
                    && best.is_none_or(|(least, _)| estimate < least)
                {
                    best = Some((estimate, at));
                }
            }
            Ok::<_, StoreError>(best)
        };
        // Where a guess finds few, nothing is counted.
        let counted_to = self.counted_to.take();
        let guessed = least(self);
        self.counted_to = counted_to;
        match guessed? {
            Some((estimate, at)) if estimate <= FEW => Ok(Some(at)),
            guessed if counted_to.is_none() => Ok(guessed.map(|(_, at)| at)),
            _ => Ok(least(self)?.map(|(_, at)| at)),
        }
    }

    /// About how many resources meet a condition; `None` where it can't drive.
    fn estimate(&mut self, condition: &Condition) -> Result<Option<i64>, StoreError> {
        Ok(match condition {
            Condition::All(parts) => {
                let mut least: Option<i64> = None;
                for part in parts {
                    let found = self.estimate(part)?;
                    least = match (least, found) {
                        (Some(a), Some(b)) => Some(a.min(b)),
                        (a, b) => a.or(b),
                    };
                }
                least
            }
            Condition::Any(parts) if parts.len() > UNITED_TWICE => None,
            Condition::Any(parts) => {
                let mut sum = 0_i64;
                for part in parts {
                    let Some(found) = self.estimate(part)? else { return Ok(None) };
                    sum = sum.saturating_add(found);
                }
                Some(sum)
            }
            Condition::Row(test) => Some(self.rows(test)?),
            Condition::Ids(ids) => i64::try_from(ids.len()).ok(),
            Condition::Chain(link) => match self.estimate(&link.condition)? {
                Some(there) => {
                    let inside = self.inside(link)?;
                    Some(self.referring(link, there)?.saturating_add(inside))
                }
                None => None,
            },
            Condition::Has(link) => self.estimate(&link.condition)?,
            Condition::Contained(within) => Some(self.containers(&within.types, &within.condition)?),
            Condition::Updated { from, to } => self.updated((*from, *to))?.map(|(estimate, _)| estimate),
            Condition::Not(_) | Condition::Types(_) => None,
        })
    }

    /// The keys of the resources of which a version was made between these times, and about how many there are; `None`
    /// where that is a good part of all, and where numbers are not to be found: it is only guessed, or was asked often.
    fn updated<'a>(&mut self, times: (i64, i64)) -> Result<Option<(i64, AnySql<'a, ()>)>, StoreError> {
        let Some(many) = self.counted_to else { return Ok(None) };
        // Numbers are those of a snapshot.
        let upto = self.compiler.shown.snapshot().ok_or(StoreError::Outdated)?.upto;
        let (first, after) = match self.counts.numbers(times) {
            Some(numbers) => numbers,
            None if self.counts.ranges() >= MOST_RANGES => return Ok(None),
            None => {
                let end = upto.saturating_add(1);
                let first = first_since(self.connection, times.0, (0, end))?;
                let before = first.saturating_sub(1);
                let after = first_since(self.connection, times.1.saturating_add(1), (before, end))?;
                self.counts.learn_numbers(times, (first, after));
                (first, after)
            }
        };
        let few = many.max((upto / 4).min(MOST_LISTED));
        if after.saturating_sub(first) > few {
            return Ok(None);
        }
        let sql = AnySql::new("SELECT v.rid AS rid FROM version v WHERE v.seq >= ").int(first);
        let sql = sql.text(" AND v.seq < ").int(after);
        let keys = self.compiler.of_types(self.compiler.placed(sql, "v"), "v");
        Ok(Some((after.saturating_sub(first), keys)))
    }

    /// About how many resources a chain leads from to what they contain.
    fn inside(&mut self, link: &Link) -> Result<i64, StoreError> {
        let holds = self.compiler.held.contains(&link.other);
        if holds { self.containers(&[link.other], &link.condition) } else { Ok(0) }
    }

    /// About how many resources refer to so many: each of these is referred to by some, and there are no more references
    /// than there are.
    fn referring(&mut self, link: &Link, there: i64) -> Result<i64, StoreError> {
        let all = self.rows(&RowTest::any(TableId::REFERENCE, link.units.clone()))?;
        Ok(there.saturating_mul(8).saturating_add(8).min(all))
    }

    /// The keys of resources of the types that are searched whose id, in `o.id`, `which` narrows.
    fn named<'a>(
        &self,
        which: impl FnOnce(&Compiler<'_>, AnySql<'a, ()>) -> AnySql<'a, ()>,
    ) -> AnySql<'a, ()> {
        let sql = which(self.compiler, AnySql::new("SELECT o.rid AS rid FROM resource o WHERE "));
        self.compiler.of_types(self.compiler.placed(sql, "o"), "o")
    }

    /// About how many rows pass a test.
    pub(super) fn rows(&mut self, test: &RowTest) -> Result<i64, StoreError> {
        let counted = leading(test.table);
        let mut values = Vec::new();
        for column in 0..counted {
            let is = test.tests.iter().find_map(|test| match &test.op {
                Op::Is(value) if test.column == column => Some(value.value()),
                _ => None,
            });
            values.extend(is);
        }
        let several = test.tests.iter().find_map(|test| match &test.op {
            Op::OneOf(values) if test.column == 0 => i64::try_from(values.len()).ok(),
            _ => None,
        });
        let first = test.tests.iter().find(|test| test.column == 0).map(|test| &test.op);
        let is_tallied = counted > 0 && values.len() == counted;
        let mut sum = 0_i64;
        let mut all_rows = 0_i64;
        for unit in &test.units {
            let source = (&self.compiler.known.tallied, self.compiler.source);
            let mut all = || {
                let found = self.counts.rows(self.connection, source, (test.table, *unit), &[])?;
                all_rows = all_rows.saturating_add(found.unwrap_or(0));
                Ok::<_, StoreError>(found.unwrap_or(0))
            };
            let found = match (first, several) {
                _ if is_tallied => {
                    let found = self.counts.rows(self.connection, source, (test.table, *unit), &values)?;
                    found.unwrap_or(RARE)
                }
                (_, Some(several)) => (all()? / 20).min(several.saturating_mul(RARE * 16)).max(several),
                (Some(Op::Is(_)), _) => all()? / 20 + RARE,
                (Some(Op::Begins(_)), _) => all()? / 50 + RARE,
                (Some(_), _) => all()? / 3 + RARE,
                (None, _) => all()? + RARE,
            };
            sum = sum.saturating_add(found);
        }
        match self.counted_to {
            Some(most) if !is_tallied && first.is_some() && all_rows > most => {
                Ok(match self.counted(test, most)? {
                    Some(found) if found <= most => found,
                    found => sum.max(found.unwrap_or(0)),
                })
            }
            _ => Ok(sum),
        }
    }

    /// How many rows pass a test; one more than `most` stands for all above it. `None` where enough was counted for one
    /// search.
    fn counted(&mut self, test: &RowTest, most: i64) -> Result<Option<i64>, StoreError> {
        let source = (&self.compiler.known.tallied, self.compiler.source);
        self.counts.passing(source, test, || {
            let sql: AnySql<'_, BigInt> = AnySql::new("SELECT count(*) FROM (SELECT rid FROM (")
                .append(self.compiler.keys::<()>(test, ""))
                .text(") e LIMIT ")
                .int(most.saturating_add(1))
                .text(") f");
            Ok(self.compiler.fit(sql)?.get_result(self.connection)?)
        })
    }

    fn one_of<'a>(&mut self, parts: &[Condition], lists: usize) -> Result<Option<Driver<'a>>, StoreError> {
        let mut all = Driver::of(Vec::new(), AnySql::new(""), 0);
        let (mut keys, mut is_exact) = (Vec::with_capacity(parts.len()), true);
        for part in parts {
            let Some(next) = self.driver(part, lists + all.lists.len())? else { return Ok(None) };
            is_exact &= next.rest.is_everything();
            all.lists.extend(next.lists);
            all.is_sure &= next.is_sure;
            all.estimate = all.estimate.saturating_add(next.estimate);
            keys.push(next.keys.statement(self.compiler));
        }
        if !is_exact {
            all.rest = Condition::Any(parts.to_vec());
        }
        // Of no alternatives, none is listed.
        if keys.is_empty() {
            keys.push(self.named(|_, sql| sql.text("1 = 0")));
        }
        Ok(Some(Driver { keys: Keys::Listed(united(keys)), ..all }))
    }

    /// The lists that lead to the resources at the other end for which the condition holds, the last of which has their
    /// `column`.
    fn other_end<'a>(
        &mut self,
        link: &Link,
        column: &str,
        lists: usize,
    ) -> Result<Option<Lists<'a>>, StoreError> {
        // It is about another type.
        let types = [link.other];
        let compiler = Compiler { types: &types, ..*self.compiler };
        let (counts, counted_to) = (self.counts, self.counted_to);
        let mut planner = Planner { compiler: &compiler, connection: self.connection, counts, counted_to };
        let inner = planner.driver(&link.condition, lists)?;
        let Some(Driver { mut lists, keys, estimate, rest, is_sure, .. }) = inner else { return Ok(None) };
        let is_open = column == "rid" && rest.is_everything() && compiler.viewer.sees(&types).is_everything();
        if let Keys::Rows(_) = keys
            && is_open
        {
            // A row that is open is of a resource that is there, and of its unit's type.
            lists.push((keys.statement(&compiler), estimate));
            return Ok(Some(Lists { lists, estimate, is_sure }));
        }
        let keys = keys.statement(&compiler);
        let end = Alias::resource(0);
        let sql = AnySql::new(format!("SELECT {} AS {column} FROM (", end.dot(column)));
        // What is listed twice is looked up twice: few are, and a list without doubles would cost more.
        let sql = compiler.resource(sql.append(keys).text(") d"), "d.rid", end, &types);
        let sql = compiler.check(compiler.of_types(sql, "v0").text(" AND "), &rest, end);
        lists.push((sql, estimate));
        Ok(Some(Lists { lists, estimate, is_sure }))
    }

    fn chain<'a>(&mut self, link: &Link, before: usize) -> Result<Option<Driver<'a>>, StoreError> {
        let Some(Lists { mut lists, estimate: there, is_sure }) = self.other_end(link, "id", before)? else {
            return Ok(None);
        };
        let last = (before + lists.len()).saturating_sub(1);
        let test = RowTest::any(TableId::REFERENCE, link.units.clone());
        let ty = link.other.number();
        let more = format!(" AND i.target IN (SELECT id FROM c{last}) AND i.target_type = {ty}");
        let keys = self.compiler.keys(&test, &more);
        let referring = self.referring(link, there)?;
        if !self.compiler.held.contains(&link.other) {
            return Ok(Some(Driver { is_sure, ..Driver::of(lists, keys, referring) }));
        }
        let (inside, estimate) = self.containing(&[link.other], &link.condition)?;
        let keys = keys.put(format_args!(" UNION ALL SELECT rid FROM c{}", last + 1));
        lists.push((inside, estimate));
        let estimate = referring.saturating_add(estimate);
        Ok(Some(Driver { is_sure: false, ..Driver::of(lists, keys, estimate) }))
    }

    fn has<'a>(&mut self, link: &Link, before: usize) -> Result<Option<Driver<'a>>, StoreError> {
        let Some(Lists { mut lists, estimate: there, is_sure }) = self.other_end(link, "rid", before)? else {
            return Ok(None);
        };
        let last = (before + lists.len()).saturating_sub(1);
        let test = RowTest::any(TableId::REFERENCE, link.units.clone());
        let more = format!(" AND i.rid IN (SELECT rid FROM c{last})");
        let columns = "i.target AS id, i.target_type AS type";
        lists.push((self.compiler.rows(By::Resource, AnySql::new(""), columns, &test, &more), there));
        let last = last + 1;
        let targets = match self.compiler.types {
            // SQLite would make the list twice to look up pairs of which one is said besides.
            [ty] => format!("o.id IN (SELECT id FROM c{last} WHERE type = {})", ty.number()),
            _ => format!("(o.id, o.type) IN (SELECT id, type FROM c{last})"),
        };
        let keys = self.named(|_, sql| sql.text(targets));
        Ok(Some(Driver { is_sure, ..Driver::of(lists, keys, there) }))
    }
}

/// One list of all that several list.
fn united<'a>(statements: Vec<AnySql<'a, ()>>) -> AnySql<'a, ()> {
    let is_long = statements.len() > UNITED;
    let mut statements = statements.into_iter();
    let mut parts = Vec::new();
    if is_long {
        while statements.len() > 0 {
            let some = united(statements.by_ref().take(UNITED).collect());
            let name = parts.len();
            parts.push(AnySql::new("SELECT rid FROM (").append(some).put(format_args!(") u{name}")));
        }
    } else {
        parts.extend(statements);
    }
    let all = parts.into_iter().reduce(|all, part| all.text(" UNION ALL ").append(part));
    all.unwrap_or_else(|| AnySql::new(""))
}
