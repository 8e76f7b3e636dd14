//! Pages in the order of `meta.lastUpdated`, found by walking through the versions: their numbers rise with their times.

use crate::connection::AnyConnection;
use crate::either::AnySql;
use crate::error::StoreError;
use crate::read::first_since;
use crate::search::alias::Alias;
use crate::search::hits::{Hit, Row, Wanted};
use crate::search::order::{self, At, Sorted};
use crate::search::run::Found;
use rushlight_search::query::Condition;

/// The matches of a page that is sorted by time first.
pub(crate) fn walk(
    found: &Found<'_>,
    connection: &mut AnyConnection,
    wanted: Wanted<'_>,
) -> Result<Vec<Hit>, StoreError> {
    let Wanted { from, backward, limit, bytes } = wanted;
    let sort = &found.query.sort;
    let down = sort.first().is_some_and(|key| key.descending != backward);
    // Without a snapshot there is no end yet, and nothing that times could be told by.
    let snapshot = found.compiler.shown.snapshot();
    let upto = snapshot.map_or(i64::MAX, |snapshot| snapshot.upto);
    let first_since = |connection: &mut AnyConnection, time, numbers| match snapshot {
        Some(_) => first_since(connection, time, numbers),
        None => Err(StoreError::Outdated),
    };
    let time = |at: &At| match at.values.first() {
        Some(Sorted::Int(time)) => Some(*time),
        _ => None,
    };
    // Without another key, a place tells a number; with one, a time.
    let is_alone = sort.len() == 1;
    let all = (0, upto.saturating_add(1));
    if snapshot.is_none() && !is_alone {
        // It will be asked when what it ends with was made.
        return Err(StoreError::Outdated);
    }
    let (mut first, mut after) = all;
    match from.and_then(time) {
        Some(number) if is_alone && down => after = number,
        Some(number) if is_alone => first = number.saturating_add(1),
        Some(time) if down => after = first_since(connection, time.saturating_add(1), all)?,
        Some(time) => first = first_since(connection, time, all)?,
        None => {}
    }
    let parts = match &found.condition {
        Condition::All(parts) => parts.as_slice(),
        one => std::slice::from_ref(one),
    };
    for part in parts {
        if let Condition::Updated { from, to } = part {
            first = first.max(first_since(connection, *from, all)?);
            after = after.min(first_since(connection, to.saturating_add(1), all)?);
        }
    }
    let direction = if down { "DESC" } else { "ASC" };
    let in_turn = part(found, wanted, (first, after)).put(format_args!(" ORDER BY place {direction}"));
    let mut hits = found.load(connection, (vec![in_turn], bytes.is_some()), wanted)?;
    if is_alone {
        return Ok(hits);
    }
    // Many versions may have one time, and are in another order then: of the last one all are sorted.
    let last = hits.last().map(|hit| (time(&hit.at), hit.seq)).filter(|_| hits.len() == limit);
    if let Some((Some(last), seq)) = last {
        hits.retain(|hit| time(&hit.at) != Some(last));
        // It is between those that were found before and what has yet to be.
        let next = hits.last().map(|hit| hit.seq);
        let (low, high) = if down { (0, next.unwrap_or(all.1)) } else { (next.unwrap_or(0), all.1) };
        let numbers = (
            first_since(connection, last, (low, seq))?,
            first_since(connection, last.saturating_add(1), (seq, high))?,
        );
        let equal = order::ordered(part(found, wanted, numbers), sort, backward, true);
        hits.extend(found.load(connection, (vec![equal], bytes.is_some()), wanted)?);
    }
    hits.sort_by(|a, b| order::compare(sort, &a.at, &b.at, backward));
    hits.truncate(limit);
    Ok(hits)
}

/// The matches whose current versions have these numbers, in `place`, without an order.
fn part<'a>(
    found: &Found<'_>,
    Wanted { from, backward, bytes, .. }: Wanted<'_>,
    (first, after): (i64, i64),
) -> AnySql<'a, Row> {
    let (compiler, types) = (&found.compiler, found.query.types.as_slice());
    let alias = Alias::resource(0);
    let sql =
        found.selected("v0.seq AS place, v0.rid", None, bytes.is_some()).text(" FROM version v0 WHERE ");
    let sql = compiler.seen(compiler.of_types(compiler.latest(sql, alias), "v0"), alias, types);
    let sql = sql.text(" AND v0.seq >= ").int(first).text(" AND v0.seq < ").int(after);
    let sql = compiler.check(sql.text(" AND "), &found.condition, alias).text(") q WHERE 1 = 1");
    match from {
        Some(at) => order::beyond(sql.text(" AND "), &found.query.sort, at, backward),
        None => sql,
    }
}
