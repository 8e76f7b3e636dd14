//! `_include` and `_revinclude`: <https://hl7.org/fhir/R4/search.html#revinclude>

use crate::connection::AnyConnection;
use crate::either::AnySql;
use crate::error::StoreError;
use crate::index::rows::By;
use crate::search::alias::Alias;
use crate::search::compile::{Compiler, in_types, one_of_numbers};
use crate::search::hits::bodies;
use crate::search::{Search, SearchPage};
use diesel::sql_types::BigInt;
use rushlight_search::TableId;
use rushlight_search::query::{Include, RowTest};
use std::collections::BTreeSet;

/// Rounds of `:iterate`, at the most.
const ROUNDS: usize = 16;

/// Adds what is included with the matches of a page. `room` is what bodies may still take.
pub(crate) fn include(
    connection: &mut AnyConnection,
    search: &Search<'_>,
    compiler: &Compiler<'_>,
    page: &mut SearchPage,
    mut room: usize,
) -> Result<(), StoreError> {
    let query = search.query;
    if query.includes.is_empty() && query.revincludes.is_empty() {
        return Ok(());
    }
    let mut there: BTreeSet<i64> = page.matches.iter().map(|version| version.seq).collect();
    let mut latest: Vec<i64> = there.iter().copied().collect();
    let mut found: Vec<i64> = Vec::new();
    for round in 0..=ROUNDS {
        let mut next: BTreeSet<i64> = BTreeSet::new();
        let directions = query.includes.iter().map(|include| (include, false));
        for (include, backward) in directions.chain(query.revincludes.iter().map(|include| (include, true))) {
            if round > 0 && !include.iterate || latest.is_empty() {
                continue;
            }
            let left = search.most_included.saturating_sub(found.len() + next.len());
            let led =
                led(connection, compiler, include, backward, &latest, left.saturating_add(there.len() + 1))?;
            next.extend(led.into_iter().filter(|seq| !there.contains(seq)));
        }
        if next.is_empty() {
            break;
        }
        if round == ROUNDS {
            page.cut = true;
            break;
        }
        for seq in next.iter().copied() {
            if found.len() == search.most_included {
                page.cut = true;
                break;
            }
            there.insert(seq);
            found.push(seq);
        }
        latest = next.into_iter().collect();
        if page.cut {
            break;
        }
    }
    let had = room;
    page.included = bodies(connection, compiler, &found, &mut room)?;
    // Of what is included, not even one need find room.
    if page.included.iter().map(|version| version.body.len()).sum::<usize>() > had {
        page.included.clear();
    }
    page.cut |= page.included.len() < found.len();
    Ok(())
}

/// The numbers of the versions that the references of some lead to, or that refer to some; ascending.
fn led(
    connection: &mut AnyConnection,
    compiler: &Compiler<'_>,
    include: &Include,
    backward: bool,
    from: &[i64],
    limit: usize,
) -> Result<Vec<i64>, StoreError> {
    if include.units.is_empty() {
        return Ok(Vec::new());
    }
    let test = RowTest::any(TableId::REFERENCE, include.units.clone());
    let (outer, inner) = (Alias::resource(0), Alias::resource(1));
    // The versions that are looked from.
    let sql =
        AnySql::<BigInt>::new("WITH m AS MATERIALIZED (SELECT m.rid, m.type, m.id FROM version m WHERE ");
    let sql = compiler.placed(one_of_numbers(sql, "m.seq", from), "m").text(") ");
    let sql = if backward {
        let sql = sql.put(format_args!("SELECT DISTINCT {} FROM (", outer.dot("seq")));
        let columns = "i.rid AS rid, i.target AS target, i.target_type AS ty";
        let sql = compiler.rows(By::Values, sql, columns, &test, " AND i.target IN (SELECT id FROM m)");
        // A target of another type may have the same id.
        let sql = sql.text(") r JOIN m ON m.id = r.target AND m.type = r.ty");
        let sql = compiler.resource(sql, "r.rid", outer, &[include.source]);
        sql.put(format_args!(" AND {} = {}", outer.dot("type"), include.source.number()))
    } else {
        let more = format!(" AND i.rid IN (SELECT rid FROM m WHERE type = {})", include.source.number());
        let sql = sql.put(format_args!("SELECT DISTINCT {} FROM (", inner.dot("seq")));
        let sql = compiler.rows(By::Resource, sql, "i.target AS target, i.target_type AS ty", &test, &more);
        let sql = sql.text(") r JOIN resource o ON o.type = r.ty AND o.id = r.target");
        let sql = compiler.placed(sql, "o");
        let sql = compiler.resource(sql, "o.rid", inner, &include.targets);
        match include.targets.as_slice() {
            [] => sql,
            targets => sql.put(format_args!(" AND {}", in_types(&inner.dot("type"), targets))),
        }
    };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Ok(sql.text(" ORDER BY 1 LIMIT ").int(limit).kept_by(&compiler.known.shapes).load(connection)?)
}
