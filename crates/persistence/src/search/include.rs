//! `_include` and `_revinclude`: <https://hl7.org/fhir/R4/search.html#revinclude>

use crate::connection::AnyConnection;
use crate::either::AnySql;
use crate::error::StoreError;
use crate::index::rows::By;
use crate::search::alias::Alias;
use crate::search::compile::{Compiler, in_types};
use crate::search::hits::{Row, SHORT, bodies};
use crate::search::present::{INCLUDED, Witness};
use crate::search::run::Found;
use crate::search::values::{MOST_BOUND, one_of_numbers};
use crate::search::{Search, SearchPage};
use crate::version::Version;
use diesel::sql_types::BigInt;
use rushlight_model::{Id, ResourceType};
use rushlight_search::query::Include;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Rounds of `:iterate`, at the most.
const ROUNDS: usize = 16;

/// A resource that is looked from.
struct Origin {
    rid: i64,
    ty: ResourceType,
    id: Id,
}

impl Origin {
    fn of(rid: i64, version: &Version) -> Self {
        Self { rid, ty: version.ty, id: version.id.clone() }
    }
}

/// Where it is looked from.
#[derive(Clone, Copy)]
enum Origins<'o> {
    /// These.
    Listed(&'o [Origin]),
    /// The rows of a list `origins`, with `rid`, `type` and `id`.
    Page,
}

/// So many ids are padded, at the most: more would come to more than are bound one by one.
const MOST_PADDED: usize = 256;
const _: () = assert!(MOST_PADDED <= MOST_BOUND, "padded ids are bound one by one");

/// Statements that are part of a page's, at the most.
const ALONG: usize = 4;

/// What the statement of a page can bring along: that which lists its matches in `origins` from all that was found in
/// `page`, which is of one part or may have a match twice, and those of what is included at once. Only where no key but the
/// resources' own sorts them.
pub(crate) fn along<'a>(
    found: &Found<'_>,
    backward: bool,
    is_one: bool,
) -> Option<(AnySql<'a>, Vec<AnySql<'a, Row>>)> {
    let search = found.witness.as_ref()?.search;
    let (includes, revincludes) = (&search.query.includes, &search.query.revincludes);
    if !(1..=ALONG).contains(&(includes.len() + revincludes.len())) || !search.query.sort.is_empty() {
        return None;
    }
    let compiler = &Compiler { viewer: found.compiler.viewer.reading(), ..found.compiler };
    let led = includes.iter().filter_map(|include| led(compiler, include, Origins::Page));
    let referring = revincludes.iter().filter_map(|include| referring(compiler, include, Origins::Page));
    let rows = |sql| found.versions_of(first(sql, most(search)), INCLUDED, short(search));
    let direction = if backward { "DESC" } else { "ASC" };
    let origins = AnySql::new(if is_one { "SELECT" } else { "SELECT DISTINCT" })
        .put(format_args!(" rid, type, id FROM page ORDER BY rid {direction} LIMIT "))
        .int(i64::try_from(search.count).unwrap_or(i64::MAX));
    Some((origins, led.chain(referring).map(rows).collect()))
}

/// So many versions are listed for one thing that is to be included, at the most: those on the page may be among them.
fn most(search: &Search<'_>) -> usize {
    search.most_included.saturating_add(search.count + 1)
}

/// Bytes of a body that is read along, so that all of a round take no more than a page may: there may be thousands.
fn short(search: &Search<'_>) -> usize {
    let statements = search.query.includes.len() + search.query.revincludes.len();
    (search.bytes / most(search).saturating_mul(statements).max(1)).min(SHORT)
}

/// The least of the numbers of a statement.
fn first(sql: AnySql<'_, BigInt>, most: usize) -> AnySql<'_, BigInt> {
    sql.text(" ORDER BY 1 LIMIT ").int(i64::try_from(most).unwrap_or(i64::MAX))
}

/// Adds what is included with the matches of a page, whose keys these are, and which is whole unless it had no room for all.
/// `room` is what bodies may still take.
pub(crate) fn include(
    connection: &mut AnyConnection,
    search: &Search<'_>,
    found: &Found<'_>,
    (page, rids): (&mut SearchPage, &[i64]),
    is_whole: bool,
    mut room: usize,
) -> Result<(), StoreError> {
    let query = search.query;
    // Nothing is included with parts: their keys are not those of resources.
    if query.includes.is_empty() && query.revincludes.is_empty() || found.parts().is_some() {
        return Ok(());
    }
    let compiler = &Compiler { viewer: found.compiler.viewer.reading(), ..found.compiler };
    let mut all = Gathered::default();
    all.there.extend(page.matches.iter().map(|version| version.seq));
    let mut latest: Vec<Origin> =
        rids.iter().zip(&page.matches).map(|(rid, version)| Origin::of(*rid, version)).collect();
    let mut brought = found.witness.as_ref().and_then(Witness::brought).filter(|_| is_whole);
    for round in 0..=ROUNDS {
        let mut next: BTreeMap<i64, Origin> = BTreeMap::new();
        let is_brought = brought.is_some();
        all.note(&mut next, brought.take().unwrap_or_default());
        let directions = query.includes.iter().map(|include| (include, false));
        for (include, backward) in directions.chain(query.revincludes.iter().map(|include| (include, true))) {
            if is_brought || round > 0 && !include.iterate {
                continue;
            }
            let origins = Origins::Listed(&latest);
            let sql = if backward {
                referring(compiler, include, origins)
            } else {
                led(compiler, include, origins)
            };
            let Some(sql) = sql else { continue };
            let left = search.most_included.saturating_sub(all.numbers.len() + next.len());
            let most = left.saturating_add(all.there.len() + 1);
            all.note(&mut next, found.versions(connection, first(sql, most), short(search))?);
        }
        if next.is_empty() {
            break;
        }
        if round == ROUNDS {
            page.cut = true;
            break;
        }
        for seq in next.keys().copied() {
            if all.numbers.len() == search.most_included {
                page.cut = true;
                break;
            }
            all.there.insert(seq);
            all.numbers.push(seq);
        }
        latest = next.into_values().collect();
        if page.cut {
            break;
        }
    }
    let had = room;
    page.included = bodies(connection, compiler, (&all.numbers, all.at_hand), &mut room)?;
    // Of what is included, not even one need find room.
    if page.included.iter().map(|version| version.body.len()).sum::<usize>() > had {
        page.included.clear();
    }
    page.cut |= page.included.len() < all.numbers.len();
    Ok(())
}

/// What is on a page.
#[derive(Default)]
struct Gathered {
    /// The numbers of the versions.
    there: BTreeSet<i64>,
    /// Those that are included, in the order of finding.
    numbers: Vec<i64>,
    /// Versions that were read already.
    at_hand: HashMap<i64, Version>,
}

impl Gathered {
    /// Notes what was found, if it is not there, as what is included next.
    fn note(&mut self, next: &mut BTreeMap<i64, Origin>, found: Vec<(i64, Version)>) {
        for (rid, version) in found {
            let seq = version.seq;
            if self.there.contains(&seq) {
                continue;
            }
            next.entry(seq).or_insert_with(|| Origin::of(rid, &version));
            if !version.body.is_empty() {
                self.at_hand.insert(seq, version);
            }
        }
    }
}

/// The statement of the numbers of the versions that the references of some lead to; `None` where none can.
fn led<'a>(compiler: &Compiler<'_>, include: &Include, from: Origins<'_>) -> Option<AnySql<'a, BigInt>> {
    let (columns, source, units) =
        ("i.target AS target, i.target_type AS ty", include.source, &include.units);
    let rows = match from {
        _ if units.is_empty() => return None,
        Origins::Listed(from) => {
            let rids: Vec<i64> = from.iter().filter(|from| from.ty == source).map(|from| from.rid).collect();
            if rids.is_empty() {
                return None;
            }
            compiler.references(By::Resource, columns, units, |sql| {
                one_of_numbers(sql.text(" AND "), "i.rid", &rids)
            })
        }
        Origins::Page => {
            let rows =
                compiler.references(By::Resource, columns, units, |sql| sql.text(" AND i.rid = p.rid"));
            each(rows).put(format_args!(" WHERE p.type = {}", source.number()))
        }
    };
    let to = Alias::resource(0);
    let sql = AnySql::new(format!("SELECT DISTINCT {} FROM (", to.dot("seq"))).append(rows);
    // PostgreSQL would read them all, if it thought that many are led to.
    let sql = match compiler.is_postgres() {
        true => sql.text(
            ") r CROSS JOIN LATERAL (SELECT x.rid FROM resource x WHERE x.shard = 0 AND x.type = r.ty \
             AND x.id = r.target OFFSET 0) o",
        ),
        false => sql.text(") r JOIN resource o ON o.type = r.ty AND o.id = r.target"),
    };
    let sql = compiler.resource(sql, "o.rid", to, &include.targets);
    Some(match include.targets.as_slice() {
        [] => sql,
        targets => sql.put(format_args!(" AND {}", in_types(&to.dot("type"), targets))),
    })
}

/// The statement of the numbers of the versions that refer to some; `None` where none can.
fn referring<'a>(compiler: &Compiler<'_>, include: &Include, to: Origins<'_>) -> Option<AnySql<'a, BigInt>> {
    let (column, units) = ("i.rid AS rid", &include.units);
    let rows = match to {
        _ if units.is_empty() => return None,
        Origins::Listed([]) => return None,
        Origins::Listed(to) => {
            // A resource of another type may have the same id.
            let mut ids: BTreeMap<ResourceType, Vec<&Id>> = BTreeMap::new();
            to.iter().for_each(|to| ids.entry(to.ty).or_default().push(&to.id));
            let mut rows = AnySql::new("");
            for (at, (ty, ids)) in ids.into_iter().enumerate() {
                // Of what is bound one by one the last is repeated, so that there are few statements of different lengths.
                let length = match ids.len() {
                    ..=MOST_PADDED => ids.len().next_power_of_two(),
                    length => length,
                };
                let padded = ids.iter().chain(ids.last().into_iter().cycle()).take(length);
                let part = compiler.references(By::Values, column, units, |sql| {
                    let sql = compiler.ids(sql.text(" AND "), "i.target", padded.clone().copied());
                    sql.put(format_args!(" AND i.target_type = {}", ty.number()))
                });
                rows = rows.text(if at == 0 { "" } else { " UNION ALL " }).append(part);
            }
            rows
        }
        Origins::Page => each(compiler.references(By::Values, column, units, |sql| {
            sql.text(" AND i.target = p.id AND i.target_type = p.type")
        })),
    };
    let from = Alias::resource(0);
    let sql = AnySql::new(format!("SELECT DISTINCT {} FROM (", from.dot("seq"))).append(rows);
    let sql = compiler.resource(sql.text(") r"), "r.rid", from, &[include.source]);
    Some(sql.put(format_args!(" AND {} = {}", from.dot("type"), include.source.number())))
}

/// Rows that are looked up for each origin `p` of a page, by design.
fn each(rows: AnySql<'_>) -> AnySql<'_> {
    AnySql::new("SELECT t.* FROM origins p CROSS JOIN LATERAL (").append(rows).text(" OFFSET 0) t")
}
