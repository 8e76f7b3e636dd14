//! A row of the tail: the bytes of an entry's key, then the resource and the version.

use rushlight_search::Kind;
use rushlight_search::key::{self, Value, WIDE};

/// Appends the whole row.
pub(crate) fn encode(out: &mut Vec<u8>, entry: &[u8], rid: i64, from_seq: i64) {
    out.extend_from_slice(entry);
    key::int(out, rid);
    key::wide(out, from_seq);
}

/// The last column.
pub(crate) fn from_seq(row: &[u8]) -> i64 {
    match row.len().checked_sub(WIDE).and_then(|at| key::column(row, Kind::Int, at)) {
        Some(Value::Int(value)) => value,
        _ => 0,
    }
}

/// The unit and the resource.
pub(crate) fn owner(row: &[u8], kinds: impl Iterator<Item = Kind>) -> (i64, i64) {
    let int = |at: usize| match key::column(row, Kind::Int, at) {
        Some(Value::Int(value)) => value,
        _ => 0,
    };
    let mut at = 0;
    for kind in std::iter::once(Kind::Int).chain(kinds) {
        at += row.get(at..).and_then(|rest| key::length(rest, kind)).unwrap_or(row.len());
    }
    (int(0), int(at))
}

/// Where each column of a row begins: unit, the values of `kinds`, resource, version. Fewer for a row cut short.
pub(crate) fn starts(row: &[u8], kinds: impl Iterator<Item = Kind>, out: &mut Vec<usize>) {
    out.clear();
    let mut at = 0;
    for kind in std::iter::once(Kind::Int).chain(kinds).chain([Kind::Int, Kind::Int]) {
        out.push(at);
        match row.get(at..).and_then(|rest| key::length(rest, kind)) {
            Some(length) => at += length,
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_search::{Entries, TableId};

    #[test]
    fn columns_are_found_and_the_last_is_the_version() {
        let mut entries = Entries::default();
        entries.row(TableId::TOKEN, 7).text("a\0b").int(-1).end();
        let entry = entries.iter().next().unwrap();
        let mut bytes = Vec::new();
        encode(&mut bytes, entry.key, 70, -80);
        assert_eq!(from_seq(&bytes), -80);
        assert_eq!(owner(&bytes, [Kind::Text, Kind::Int].into_iter()), (7, 70));
        let kinds = || entry.table().unwrap().columns.iter().map(|column| column.kind);
        let mut found = Vec::new();
        starts(&bytes, kinds(), &mut found);
        let kinds = std::iter::once(Kind::Int).chain(kinds()).chain([Kind::Int, Kind::Int]);
        let shown: Vec<String> =
            kinds.zip(&found).map(|(kind, at)| key::column(&bytes, kind, *at).unwrap().to_string()).collect();
        assert_eq!(shown, ["7", "a\0b", "-1", "70", "-80"]);
        starts(&bytes[..4], [Kind::Text, Kind::Int].into_iter(), &mut found);
        assert_eq!(found, [0, 1], "a row cut short has the columns that it has");
    }
}
