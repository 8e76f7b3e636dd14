//! The rows of any index table in one shape: as many columns of each kind as any table has, the rest null.

use crate::index::rows::Source;
use diesel::sql_types::{BigInt, Binary, Double, Integer, Nullable};
use rushlight_search::{IndexTable, Kind, key};

/// Unit, resource, integers, bytes and texts, reals.
pub(crate) type Shape =
    (Integer, BigInt, (Int, Int, Int, Int, Int, Int), (Bytes, Bytes, Bytes, Bytes, Bytes), (Real, Real));
type Int = Nullable<BigInt>;
type Bytes = Nullable<Binary>;
type Real = Nullable<Double>;

/// The same, as Rust sees it.
pub(crate) type Shaped = (
    i32,
    i64,
    (Option<i64>, Option<i64>, Option<i64>, Option<i64>, Option<i64>, Option<i64>),
    (Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>),
    (Option<f64>, Option<f64>),
);

/// The columns of a table's row `i` in this shape.
pub(crate) fn columns(source: &Source, table: &IndexTable) -> String {
    let of = |kinds: &[Kind], room: usize| {
        let found = table.columns.iter().filter(|column| kinds.contains(&column.kind));
        let shown: Vec<String> = found
            .map(|column| match (column.kind, source) {
                (Kind::Text, Source::Postgres) => format!("convert_to(i.{}, 'UTF8')", column.name),
                (Kind::Text, Source::Sqlite { .. }) => format!("CAST(i.{} AS BLOB)", column.name),
                _ => format!("i.{}", column.name),
            })
            .collect();
        let null = match (kinds, source) {
            (_, Source::Sqlite { .. }) => "NULL",
            ([Kind::Int], _) => "NULL::bigint",
            ([Kind::Real], _) => "NULL::double precision",
            _ => "NULL::bytea",
        };
        let nulls = std::iter::repeat_n(null.to_owned(), room.saturating_sub(shown.len()));
        shown.into_iter().chain(nulls).collect::<Vec<String>>()
    };
    let all = [of(&[Kind::Int], 6), of(&[Kind::Text, Kind::Bytes], 5), of(&[Kind::Real], 2)].concat();
    format!("i.param, i.rid, {}", all.join(", "))
}

/// The key of an entry, as the extractor would write it, and the resource that has it.
pub(crate) fn key(table: &IndexTable, row: Shaped) -> (i64, Vec<u8>) {
    let (unit, rid, ints, bytes, reals) = row;
    let mut ints = [ints.0, ints.1, ints.2, ints.3, ints.4, ints.5].into_iter().flatten();
    let mut bytes = [bytes.0, bytes.1, bytes.2, bytes.3, bytes.4].into_iter().flatten();
    let mut reals = [reals.0, reals.1].into_iter().flatten();
    let mut out = Vec::with_capacity(64);
    key::int(&mut out, i64::from(unit));
    for column in table.columns {
        // No column is null; were one so, the key would be that of no entry.
        match column.kind {
            Kind::Int => ints.next().into_iter().for_each(|value| key::int(&mut out, value)),
            Kind::Real => reals.next().into_iter().for_each(|value| key::real(&mut out, value)),
            Kind::Text | Kind::Bytes => {
                bytes.next().into_iter().for_each(|value| key::bytes(&mut out, &value))
            }
        }
    }
    (rid, out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_search::TABLES;

    #[test]
    fn every_table_fits() {
        let source = Source::Sqlite { merged: 0, marked: false, tailed: true, newest: (0, 0) };
        for table in &TABLES {
            assert_eq!(columns(&source, table).split(", ").count(), 15, "{}", table.name);
        }
    }
}
