//! Tests of columns, as SQL: what must hold of a row's values.

use crate::either::AnySql;
use crate::identity::hex;
use crate::search::near;
use diesel::sql_types::{BigInt, Binary, Double, Integer, Text};
use rushlight_search::query::{ColumnTest, Op, Scalar};
use rushlight_search::{CUT, CUT_LEAST, CUT_TAIL, IndexTable, Kind};

/// Appends that a column is one of some values.
pub(super) fn one_of<'a, ST, T>(
    mut sql: AnySql<'a, ST>,
    column: &str,
    values: &[T],
    bind: impl Fn(AnySql<'a, ST>, &T) -> AnySql<'a, ST>,
) -> AnySql<'a, ST> {
    match values {
        [] => sql.text("1 = 0"),
        [one] => bind(sql.put(format_args!("{column} = ")), one),
        values => {
            sql = sql.put(format_args!("{column} IN ("));
            for (at, value) in values.iter().enumerate() {
                sql = bind(if at == 0 { sql } else { sql.text(", ") }, value);
            }
            sql.text(")")
        }
    }
}

/// Appends that a column is one of these numbers. Of a page's the last is repeated up to a power of two, so that there are
/// few statements of different lengths; more are written out.
pub(super) fn one_of_numbers<'a, ST>(sql: AnySql<'a, ST>, column: &str, numbers: &[i64]) -> AnySql<'a, ST> {
    if numbers.len() > MOST_BOUND {
        let list: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        return sql.put(format_args!("{column} IN ({})", list.join(", "))).open_ended();
    }
    let Some(last) = numbers.last() else { return sql.text("1 = 0") };
    let padded = numbers.iter().chain(std::iter::repeat(last)).take(numbers.len().next_power_of_two());
    let mut sql = sql.put(format_args!("{column} IN ("));
    for (at, number) in padded.enumerate() {
        sql = if at == 0 { sql } else { sql.text(", ") }.int(*number);
    }
    sql.text(")")
}

/// Values of a list that are bound one by one, at the most: SQLite takes 32,766 in a statement, PostgreSQL 65,535, and
/// a statement may have a list in several places.
pub(super) const MOST_BOUND: usize = 500;

/// Appends that a column is one of many values, which are one bound text: of texts and bytes their hexadecimal digits.
pub(super) fn listed<'a, ST>(
    sql: AnySql<'a, ST>,
    column: &str,
    kind: Kind,
    values: impl Iterator<Item = String>,
    postgres: bool,
) -> AnySql<'a, ST> {
    let value = match (kind, postgres) {
        (Kind::Text, false) => "CAST(unhex(value) AS TEXT)",
        (Kind::Bytes, false) => "unhex(value)",
        (Kind::Int, false) => "CAST(value AS INTEGER)",
        (Kind::Real, false) => "CAST(value AS REAL)",
        (Kind::Text, true) => "convert_from(decode(value, 'hex'), 'UTF8')",
        (Kind::Bytes, true) => "decode(value, 'hex')",
        (Kind::Int, true) => "value::bigint",
        (Kind::Real, true) => "value::double precision",
    };
    // No value of these forms has a comma.
    let list = values.collect::<Vec<String>>().join(",");
    let sql = sql.put(format_args!("{column} IN (SELECT {value} FROM "));
    match postgres {
        true => sql.text("unnest(string_to_array(").bind::<Text, _>(list).text(", ',')) AS e(value))"),
        false => {
            sql.text("json_each(").bind::<Text, _>(format!("[\"{}\"]", list.replace(',', "\",\""))).text("))")
        }
    }
}

/// Appends ` AND the row is of one of these units`.
pub(super) fn of_units<'a, ST>(sql: AnySql<'a, ST>, units: &[i32]) -> AnySql<'a, ST> {
    of_shifted(sql, units, None)
}

pub(super) fn of_shifted<'a, ST>(sql: AnySql<'a, ST>, units: &[i32], shift: Option<&str>) -> AnySql<'a, ST> {
    one_of(sql.text(" AND "), "i.param", units, |sql, unit| {
        let sql = sql.bind::<Integer, _>(*unit);
        match shift {
            Some(shift) => sql.put(format_args!(" + {shift}")),
            None => sql,
        }
    })
}

/// How rows are tested, where an index would be used that should not be.
#[derive(Clone, Copy, Default)]
pub(super) struct Manner {
    /// What keeps a list from being looked up, value by value: a unary plus.
    pub(super) plus: &'static str,
    /// A column with which nothing is looked up.
    pub(super) aside: Option<usize>,
}

/// Appends ` AND each test holds of the row`.
pub(super) fn passes<'a, ST>(
    mut sql: AnySql<'a, ST>,
    (table, manner): (&IndexTable, Manner),
    tests: &[ColumnTest],
    postgres: bool,
) -> AnySql<'a, ST> {
    for test in tests {
        sql = if manner.aside == Some(test.column) {
            passed(sql.text(" AND ("), (table, manner.plus), test, postgres).text(") IS NOT FALSE")
        } else {
            passed(sql.text(" AND "), (table, manner.plus), test, postgres)
        };
    }
    sql
}

fn passed<'a, ST>(
    sql: AnySql<'a, ST>,
    (table, plus): (&IndexTable, &str),
    test: &ColumnTest,
    postgres: bool,
) -> AnySql<'a, ST> {
    let Some(column) = table.columns.get(test.column) else { return sql.text("1 = 0") };
    let name = format!("i.{}", column.name);
    let compared =
        |sql: AnySql<'a, ST>, operator, value| bound(sql.put(format_args!("{name} {operator} ")), value);
    match &test.op {
        Op::Is(value) => compared(sql, "=", value),
        Op::IsNot(value) => compared(sql, "<>", value),
        Op::Below(value) => compared(sql, "<", value),
        Op::AtMost(value) => compared(sql, "<=", value),
        Op::Above(value) => compared(sql, ">", value),
        Op::AtLeast(value) => compared(sql, ">=", value),
        Op::OneOf(values) if values.len() > MOST_BOUND => {
            let shown = values.iter().map(|value| match value {
                Scalar::Text(text) => hex(admitted(text).as_bytes()),
                Scalar::Bytes(bytes) => hex(bytes),
                Scalar::Int(value) => value.to_string(),
                Scalar::Real(value) => value.to_string(),
            });
            listed(sql, &format!("{plus}{name}"), column.kind, shown, postgres)
        }
        Op::OneOf(values) => one_of(sql, &format!("{plus}{name}"), values, bound),
        Op::Begins(text) => begins(sql, &name, text),
        Op::Contains(text) => {
            // Both take the text literally. What stands for the rest of a long text, behind its mark, is no part of it.
            let function = if postgres { "strpos" } else { "instr" };
            let (kept, mark) = match postgres {
                true => (
                    format!("left({name}, -{CUT_TAIL})"),
                    format!("left(right({name}, {CUT_TAIL}), 1) <> chr"),
                ),
                false => (
                    format!("substr({name}, 1, length({name}) - {CUT_TAIL})"),
                    format!("substr({name}, -{CUT_TAIL}, 1) <> char"),
                ),
            };
            let found = |sql: AnySql<'a, ST>, own: &str| {
                sql.put(format_args!("{function}({own}, ")).bind::<Text, _>(admitted(text)).text(") > 0")
            };
            let is_whole =
                format!(" AND (octet_length({name}) < {CUT_LEAST} OR {mark}({}) OR ", u32::from(CUT));
            found(found(sql, &name).put(format_args!("{is_whole}")), &kept).text(")")
        }
        Op::UpTo(other) => match table.columns.get(*other) {
            Some(other) => sql.put(format_args!("{name} <= i.{}", other.name)),
            None => sql.text("1 = 0"),
        },
        Op::Near { latitude, longitude, distance } => match table.columns.get(test.column + 1) {
            Some(next) if column.kind == Kind::Real && next.kind == Kind::Real => near::within(
                sql,
                [&name, &format!("i.{}", next.name)],
                [*latitude, *longitude],
                *distance,
                postgres,
            ),
            _ => sql.text("1 = 0"),
        },
    }
}

fn bound<'a, ST>(sql: AnySql<'a, ST>, value: &Scalar) -> AnySql<'a, ST> {
    match value {
        Scalar::Int(value) => sql.bind::<BigInt, _>(*value),
        Scalar::Real(value) => sql.bind::<Double, _>(*value),
        Scalar::Text(value) => sql.bind::<Text, _>(admitted(value)),
        Scalar::Bytes(value) => sql.bind::<Binary, _>(value.clone()),
    }
}

/// A text as the index has it: PostgreSQL admits no NUL, which FHIR's texts don't have either.
fn admitted(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// Appends that a text begins with another: it is not less, and less than the first that comes after all that do.
fn begins<'a, ST>(sql: AnySql<'a, ST>, name: &str, text: &str) -> AnySql<'a, ST> {
    let text = admitted(text);
    let sql = sql.put(format_args!("{name} >= ")).bind::<Text, _>(text.clone());
    match after(&text) {
        Some(end) => sql.put(format_args!(" AND {name} < ")).bind::<Text, _>(end),
        None => sql,
    }
}

/// The least text, byte by byte, that is greater than all that begin with `text`; `None` if there is none.
fn after(text: &str) -> Option<String> {
    let mut chars: Vec<char> = text.chars().collect();
    while let Some(last) = chars.pop() {
        // UTF-8 sorts as the code points do; surrogates are none.
        let next = match last {
            '\u{D7FF}' => Some('\u{E000}'),
            last => char::from_u32(u32::from(last) + 1),
        };
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_after_a_beginning() {
        for (text, expected) in [
            ("a", Some("b")),
            ("az", Some("a{")),
            ("a\u{10FFFF}", Some("b")),
            ("\u{D7FF}", Some("\u{E000}")),
            ("\u{10FFFF}", None),
            ("", None),
        ] {
            assert_eq!(after(text).as_deref(), expected, "{text:?}");
        }
    }
}
