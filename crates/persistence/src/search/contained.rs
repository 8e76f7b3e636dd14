//! Contained resources that are found by themselves: <https://hl7.org/fhir/R4/search.html#contained>.
//!
//! They come in the order of their containers, and of a container in their own; with stored ones, each after what is
//! stored before its container, and after that. Their places are numbers: [`place_of`].

use crate::connection::AnyConnection;
use crate::either::AnySql;
use crate::error::StoreError;
use crate::index::rows::{self, By};
use crate::search::alias::{Alias, contained_key, contained_row};
use crate::search::compile::Compiler;
use crate::search::drive::{Driver, Planner};
use crate::search::hits::{Hit, Wanted, bodies};
use crate::search::order::At;
use crate::search::run::Found;
use crate::search::values::of_units;
use crate::search::{Container, UNITED};
use crate::version::Version;
use diesel::sql_types::BigInt;
use rushlight_model::ResourceType;
use rushlight_model::json::{Limits, Tree};
use rushlight_search::contained::{BITS, ORDINAL, UNITS};
use rushlight_search::query::{Condition, Contained, Form, Op, RowTest, Scalar, Within};
use rushlight_search::{Registry, TableId, contained};
use std::collections::HashMap;

/// A statement of contained resources' keys, of which one may be there several times, and about how many it has.
type Listed<'a> = (AnySql<'a, ()>, i64);

impl Planner<'_, '_> {
    /// The contained resources of some types that may meet a condition: `SELECT … AS key`.
    fn listed_inside<'a>(
        &mut self,
        types: &[ResourceType],
        condition: &Condition,
    ) -> Result<Listed<'a>, StoreError> {
        if let Some(listed) = self.rarest(types, condition)? {
            return Ok(listed);
        }
        self.of_inside(RowTest::any(TableId::CONTAINED, self.compiler.containing(types)))
    }

    fn rarest<'a>(
        &mut self,
        types: &[ResourceType],
        condition: &Condition,
    ) -> Result<Option<Listed<'a>>, StoreError> {
        Ok(match condition {
            Condition::All(parts) => {
                let mut best: Option<Listed<'a>> = None;
                for part in parts {
                    let found = self.rarest(types, part)?;
                    best = best.into_iter().chain(found).min_by_key(|(_, estimate)| *estimate);
                }
                best
            }
            Condition::Any(parts) if parts.is_empty() || parts.len() > UNITED => None,
            Condition::Any(parts) => {
                let mut all: Option<Listed<'a>> = None;
                for part in parts {
                    let Some((keys, estimate)) = self.rarest(types, part)? else { return Ok(None) };
                    all = Some(match all {
                        None => (keys, estimate),
                        Some((before, sum)) => {
                            (before.text(" UNION ALL ").append(keys), sum.saturating_add(estimate))
                        }
                    });
                }
                all
            }
            Condition::Row(test) => {
                let units = test.units.iter().map(|unit| unit | UNITS).collect();
                let test = RowTest { units, ..test.clone() };
                let column = if self.compiler.is_postgres() { "i.rid AS key" } else { "+i.rid AS key" };
                let estimate = self.rows(&test)?;
                Some((self.compiler.rows(By::Values, AnySql::new(""), column, &test, ""), estimate))
            }
            Condition::Ids(ids) => {
                let mut targets: Vec<Scalar> =
                    ids.iter().map(|id| Scalar::Bytes(contained::target(id))).collect();
                let op = match targets.pop() {
                    Some(only) if targets.is_empty() => Op::Is(only),
                    last => Op::OneOf(targets.into_iter().chain(last).collect()),
                };
                let test = RowTest::any(TableId::CONTAINED, self.compiler.containing(types));
                Some(self.of_inside(test.and(0, op))?)
            }
            _ => None,
        })
    }

    fn of_inside<'a>(&mut self, test: RowTest) -> Result<Listed<'a>, StoreError> {
        let estimate = self.rows(&test)?;
        let column = format!("{} AS key", contained_key());
        Ok((self.compiler.rows(By::Values, AnySql::new(""), &column, &test, ""), estimate))
    }

    /// About how many resources contain one of some types that meets a condition.
    pub(super) fn containers(
        &mut self,
        types: &[ResourceType],
        condition: &Condition,
    ) -> Result<i64, StoreError> {
        Ok(self.listed_inside(types, condition)?.1)
    }

    /// The keys of resources that contain one of some types that may meet a condition: `SELECT … AS rid`.
    pub(super) fn containing<'a>(
        &mut self,
        types: &[ResourceType],
        condition: &Condition,
    ) -> Result<Listed<'a>, StoreError> {
        let (keys, estimate) = self.listed_inside(types, condition)?;
        let sql = AnySql::new(format!("SELECT DISTINCT k.key >> {BITS} AS rid FROM (")).append(keys);
        Ok((sql.text(") k"), estimate))
    }

    /// What best drives a question about what resources contain.
    pub(super) fn within<'a>(&mut self, within: &Within, before: usize) -> Result<Driver<'a>, StoreError> {
        let (list, estimate) = self.containing(&within.types, &within.condition)?;
        let keys = AnySql::new(format!("SELECT rid FROM c{before}"));
        Ok(Driver { is_sure: false, ..Driver::of(vec![(list, estimate)], keys, estimate) })
    }
}

/// The place of a stored resource among contained ones.
fn place_of(rid: i64) -> i64 {
    rid << BITS
}

/// The same places of stored resources alone: the last one that is not after it, or the first that is not before it.
fn stored_place(at: &At, backward: bool) -> At {
    let rid = if backward { (at.rid + ORDINAL) >> BITS } else { at.rid >> BITS };
    At { values: Vec::new(), rid }
}

impl Found<'_> {
    /// Whether contained resources are answered, and with them stored ones.
    pub(crate) fn parts(&self) -> Option<bool> {
        match self.query.contained {
            Contained::Only(Form::Contained) => Some(false),
            Contained::Both(Form::Contained) => Some(true),
            _ => None,
        }
    }

    /// The types that are searched.
    fn types(&self) -> Vec<ResourceType> {
        match self.query.types.as_slice() {
            [] => self.compiler.viewer.registry.definitions().resource_types().collect(),
            types => types.to_vec(),
        }
    }

    /// `WITH list` and `FROM … WHERE …` of contained resources, which are rows `r0`.
    fn base_inside<'a>(
        &self,
        types: &[ResourceType],
        keys: AnySql<'a, ()>,
    ) -> (AnySql<'a, ()>, AnySql<'a, ()>) {
        let told = RowTest::any(TableId::CONTAINED, self.compiler.containing(types));
        let own = format!(" AND i.rid = k.key >> {BITS} AND i.ordinal = (k.key & {ORDINAL})");
        let mut sql = AnySql::new(format!("SELECT k.key >> {BITS} AS rid, k.key AS key, {UNITS} AS shift"));
        for (column, name) in [("target", "id"), ("target_type", "ty")] {
            let columns = format!("i.{column} AS x");
            sql = self.compiler.rows(By::Resource, sql.text(", (SELECT x FROM ("), &columns, &told, &own);
            sql = sql.put(format_args!(") t) AS {name}"));
        }
        let sql = sql.text(" FROM (SELECT DISTINCT key FROM c0) k");
        (AnySql::new("WITH c0 AS MATERIALIZED (").append(keys).text(")"), self.matching_inside(sql))
    }

    /// ` FROM … WHERE …` of those of some rows of contained resources that match.
    fn matching_inside<'a>(&self, rows: AnySql<'a, ()>) -> AnySql<'a, ()> {
        let (compiler, alias) = (&self.compiler, Alias::row(0));
        // What is contained is seen with its container, of whatever type that is.
        let sql = compiler.there(AnySql::new(" FROM (").append(rows).text(") r0"), "r0.rid", alias);
        let sql = compiler.check(sql.text(" AND "), &compiler.viewer.sees(&[]), Alias::resource(0));
        compiler.check(sql.text(" AND r0.id IS NOT NULL AND "), &self.condition, alias)
    }

    /// The statement that counts the contained resources that match.
    pub(crate) fn counting_inside<'a>(
        &self,
        connection: &mut AnyConnection,
    ) -> Result<AnySql<'a, BigInt>, StoreError> {
        let types = self.types();
        let (keys, _) = self.planner(connection).listed_inside(&types, &self.condition)?;
        let (with, base) = self.base_inside(&types, keys);
        Ok(AnySql::new("").append(with).text(" SELECT count(*)").append(base))
    }

    /// The contained resources that match, and with them perhaps stored ones, from a place on, in order, with the numbers
    /// of the versions; so many at the most.
    pub(crate) fn keys_inside(
        &self,
        connection: &mut AnyConnection,
        both: bool,
        Wanted { from, backward, limit, .. }: Wanted<'_>,
    ) -> Result<Vec<Hit>, StoreError> {
        let mut all = Vec::new();
        if both {
            let from = from.map(|at| stored_place(at, backward));
            let wanted = Wanted { from: from.as_ref(), backward, limit, bytes: None };
            let stored = self.keys_stored(connection, wanted)?;
            all.extend(
                stored.into_iter().map(|hit| Hit { at: At { rid: place_of(hit.at.rid), ..hit.at }, ..hit }),
            );
        }
        let types = self.types();
        let (keys, estimate) = self.planner(connection).listed_inside(&types, &self.condition)?;
        let select = " SELECT r0.rid, r0.key, v0.seq";
        let statements: Vec<AnySql<'_, ()>> = if estimate > self.many && types.len() == 1 {
            // Many are not listed, but walked through in their order.
            let parts = self.walked_inside(&types, (from, backward));
            parts.into_iter().map(|rows| AnySql::new(select).append(self.matching_inside(rows))).collect()
        } else {
            let (with, base) = self.base_inside(&types, keys);
            vec![AnySql::new("").append(with).text(select).append(base)]
        };
        let (operator, direction) = if backward { ("<", "DESC") } else { (">", "ASC") };
        for mut sql in statements {
            if let Some(at) = from {
                sql = sql.put(format_args!(" AND r0.key {operator} ")).int(at.rid);
            }
            let sql: AnySql<'_, (BigInt, BigInt, BigInt)> = AnySql::new("")
                .append(sql)
                .put(format_args!(" ORDER BY 1 {direction}, 2 {direction} LIMIT "));
            let sql = sql.int(i64::try_from(limit).unwrap_or(i64::MAX));
            let read = |(_, rid, seq): (i64, i64, i64)| {
                Ok(Some(Hit { at: At { values: Vec::new(), rid }, seq, version: None }))
            };
            all.extend(self.hits(connection, sql, read)?);
        }
        all.sort_by_key(|hit| hit.at.rid);
        if backward {
            all.reverse();
        }
        all.truncate(limit);
        Ok(all)
    }

    /// The rows of contained resources, part by part, from a place on in the order of their containers.
    fn walked_inside<'a>(
        &self,
        types: &[ResourceType],
        (from, backward): (Option<&At>, bool),
    ) -> Vec<AnySql<'a, ()>> {
        let Some(table) = TableId::CONTAINED.table() else { return Vec::new() };
        let (compiler, units) = (&self.compiler, self.compiler.containing(types));
        let bound = from.map(|at| stored_place(at, backward).rid);
        let narrow = |sql| {
            let sql = of_units(sql, &units);
            match bound {
                Some(rid) => {
                    sql.put(format_args!(" AND i.rid {} ", if backward { "<=" } else { ">=" })).int(rid)
                }
                None => sql,
            }
        };
        rows::parts(By::Resource, compiler.source, table, &contained_row(), compiler.shown, narrow)
    }
}

/// Containers whose bodies are looked into at a time.
const CHUNK: usize = 16;

/// The matches of these places and versions, in their order, as far as there is room for their bodies, one at least; and
/// for each what contains it. One that is contained has the type, the id and the text of its own, and the rest of its
/// container.
pub(crate) fn bodies_inside(
    connection: &mut AnyConnection,
    compiler: &Compiler<'_>,
    keys: &[(i64, i64)],
    room: &mut usize,
) -> Result<(Vec<Version>, Vec<Option<Container>>), StoreError> {
    let (mut versions, mut containers) = (Vec::new(), Vec::new());
    for chunk in keys.chunk_by(|a, b| a.1 == b.1).collect::<Vec<_>>().chunks(CHUNK) {
        let numbers: Vec<i64> = chunk.iter().filter_map(|keys| keys.first()).map(|key| key.1).collect();
        // What counts is the room that their parts take.
        let mut unbounded = usize::MAX;
        let wholes = bodies(connection, compiler, (&numbers, HashMap::new()), &mut unbounded)?;
        for keys in chunk {
            let is_whole = |whole: &&Version| keys.iter().any(|(_, seq)| *seq == whole.seq);
            let Some(whole) = wholes.iter().find(is_whole) else { continue };
            for (version, container) in parts_of(compiler.viewer.registry, whole, keys) {
                match room.checked_sub(version.body.len()) {
                    Some(left) => *room = left,
                    None if versions.is_empty() => *room = 0,
                    None => return Ok((versions, containers)),
                }
                versions.push(version);
                containers.push(container);
            }
        }
    }
    Ok((versions, containers))
}

/// What places of one version stand for.
fn parts_of(registry: &Registry, whole: &Version, keys: &[(i64, i64)]) -> Vec<(Version, Option<Container>)> {
    let tree = Tree::parse(whole.body.as_bytes(), &Limits::UNBOUNDED).ok();
    let inner: Vec<_> = tree.iter().flat_map(|tree| registry.contained_in(tree.root())).collect();
    let part = |(key, _): &(i64, i64)| {
        let Some(at) = usize::try_from(key & ORDINAL).ok()?.checked_sub(1) else {
            return Some((whole.clone(), None));
        };
        let (id, ty, value) = inner.get(at)?;
        let container = Container { ty: whole.ty, id: whole.id.clone() };
        let (id, body) = (id.clone(), value.raw().to_owned());
        let Version { seq, version, last_updated, deleted, made, splice, .. } = *whole;
        let part = Version { ty: *ty, id, seq, version, last_updated, deleted, made, body, splice };
        Some((part, Some(container)))
    };
    keys.iter().filter_map(part).collect()
}
