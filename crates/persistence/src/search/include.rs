//! `_include` and `_revinclude`: <https://hl7.org/fhir/R4/search.html#revinclude>

use crate::connection::AnyConnection;
use crate::either::AnySql;
use crate::error::StoreError;
use crate::index::rows::By;
use crate::search::alias::Alias;
use crate::search::compile::{Compiler, in_types};
use crate::search::hits::bodies;
use crate::search::run::Found;
use crate::search::values::one_of_numbers;
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

/// Adds what is included with the matches of a page, whose keys these are. `room` is what bodies may still take.
pub(crate) fn include(
    connection: &mut AnyConnection,
    search: &Search<'_>,
    found: &Found<'_>,
    (page, rids): (&mut SearchPage, &[i64]),
    mut room: usize,
) -> Result<(), StoreError> {
    let query = search.query;
    if query.includes.is_empty() && query.revincludes.is_empty() {
        return Ok(());
    }
    let compiler = &Compiler { viewer: found.compiler.viewer.reading(), ..found.compiler };
    let mut there: BTreeSet<i64> = page.matches.iter().map(|version| version.seq).collect();
    let origin = |(rid, version): (i64, &Version)| Origin { rid, ty: version.ty, id: version.id.clone() };
    let mut latest: Vec<Origin> = rids.iter().copied().zip(&page.matches).map(origin).collect();
    let (mut numbers, mut at_hand) = (Vec::new(), HashMap::new());
    for round in 0..=ROUNDS {
        let mut next: BTreeMap<i64, Origin> = BTreeMap::new();
        let directions = query.includes.iter().map(|include| (include, false));
        for (include, backward) in directions.chain(query.revincludes.iter().map(|include| (include, true))) {
            if round > 0 && !include.iterate {
                continue;
            }
            let left = search.most_included.saturating_sub(numbers.len() + next.len());
            let limit = left.saturating_add(there.len() + 1);
            let led = if backward {
                referring(compiler, include, &latest)
            } else {
                led(compiler, include, &latest)
            };
            let Some(sql) = led else { continue };
            let sql = sql.text(" ORDER BY 1 LIMIT ").int(i64::try_from(limit).unwrap_or(i64::MAX));
            for (rid, version) in found.versions(connection, sql)? {
                let seq = version.seq;
                if there.contains(&seq) || next.contains_key(&seq) {
                    continue;
                }
                next.insert(seq, origin((rid, &version)));
                if !version.body.is_empty() {
                    at_hand.insert(seq, version);
                }
            }
        }
        if next.is_empty() {
            break;
        }
        if round == ROUNDS {
            page.cut = true;
            break;
        }
        for seq in next.keys().copied() {
            if numbers.len() == search.most_included {
                page.cut = true;
                break;
            }
            there.insert(seq);
            numbers.push(seq);
        }
        latest = next.into_values().collect();
        if page.cut {
            break;
        }
    }
    let had = room;
    page.included = bodies(connection, compiler, (&numbers, at_hand), &mut room)?;
    // Of what is included, not even one need find room.
    if page.included.iter().map(|version| version.body.len()).sum::<usize>() > had {
        page.included.clear();
    }
    page.cut |= page.included.len() < numbers.len();
    Ok(())
}

/// The statement of the numbers of the versions that the references of some lead to; `None` where none can.
fn led<'a>(compiler: &Compiler<'_>, include: &Include, from: &[Origin]) -> Option<AnySql<'a, BigInt>> {
    let rids: Vec<i64> = from.iter().filter(|from| from.ty == include.source).map(|from| from.rid).collect();
    if include.units.is_empty() || rids.is_empty() {
        return None;
    }
    let to = Alias::resource(0);
    let sql = AnySql::new(format!("SELECT DISTINCT {} FROM (", to.dot("seq")));
    let of_some = |sql: AnySql<'a, ()>| one_of_numbers(sql.text(" AND "), "i.rid", &rids);
    let sql = sql.append(compiler.references(
        By::Resource,
        "i.target AS target, i.target_type AS ty",
        &include.units,
        of_some,
    ));
    let sql = compiler.placed(sql.text(") r JOIN resource o ON o.type = r.ty AND o.id = r.target"), "o");
    let sql = compiler.resource(sql, "o.rid", to, &include.targets);
    Some(match include.targets.as_slice() {
        [] => sql,
        targets => sql.put(format_args!(" AND {}", in_types(&to.dot("type"), targets))),
    })
}

/// The statement of the numbers of the versions that refer to some; `None` where none can.
fn referring<'a>(compiler: &Compiler<'_>, include: &Include, to: &[Origin]) -> Option<AnySql<'a, BigInt>> {
    if include.units.is_empty() || to.is_empty() {
        return None;
    }
    // A resource of another type may have the same id.
    let mut ids: BTreeMap<ResourceType, Vec<&Id>> = BTreeMap::new();
    to.iter().for_each(|to| ids.entry(to.ty).or_default().push(&to.id));
    let from = Alias::resource(0);
    let mut sql = AnySql::new(format!("SELECT DISTINCT {} FROM (", from.dot("seq")));
    for (at, (ty, ids)) in ids.into_iter().enumerate() {
        let to_some = |sql: AnySql<'a, ()>| {
            let sql = compiler.ids(sql.text(" AND "), "i.target", ids.iter().copied());
            sql.put(format_args!(" AND i.target_type = {}", ty.number()))
        };
        let part = compiler.references(By::Values, "i.rid AS rid", &include.units, to_some);
        sql = sql.text(if at == 0 { "" } else { " UNION ALL " }).append(part);
    }
    let sql = compiler.resource(sql.text(") r"), "r.rid", from, &[include.source]);
    Some(sql.put(format_args!(" AND {} = {}", from.dot("type"), include.source.number())))
}
