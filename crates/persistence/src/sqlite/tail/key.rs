//! A row of the tail as bytes, in the order in which SQLite would sort its columns.
//!
//! Integers and reals are eight bytes, big-endian, with the sign turned so that bytes compare as numbers. Text and
//! bytes end with `00 00`, and a `00` within is written `00 FF`, so that a value sorts before those it begins.

use rushlight_search::{Entry, Kind, Scalar};
use std::borrow::Cow;

const SIGN: u64 = 1 << 63;

/// A column of a row, as far as it can be borrowed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    Int(i64),
    Real(f64),
    Text(Cow<'a, [u8]>),
    Bytes(Cow<'a, [u8]>),
}

/// Appends the whole row.
pub(crate) fn encode(out: &mut Vec<u8>, entry: &Entry, rid: i64, from_seq: i64) {
    int(out, i64::from(entry.param));
    for value in &entry.values {
        match value {
            Scalar::Int(value) => int(out, *value),
            Scalar::Real(value) => real(out, *value),
            Scalar::Text(value) => bytes(out, value.as_bytes()),
            Scalar::Bytes(value) => bytes(out, value),
        }
    }
    int(out, rid);
    int(out, from_seq);
}

/// Appends an integer.
pub(crate) fn int(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(&(value.cast_unsigned() ^ SIGN).to_be_bytes());
}

/// Appends a real: negative ones have all bits turned, so that they sort downwards.
pub(crate) fn real(out: &mut Vec<u8>, value: f64) {
    // -0 equals 0.
    let bits = (value + 0.0).to_bits();
    let turned = if bits & SIGN == 0 { bits ^ SIGN } else { !bits };
    out.extend_from_slice(&turned.to_be_bytes());
}

/// Appends text or bytes.
pub(crate) fn bytes(out: &mut Vec<u8>, value: &[u8]) {
    for &byte in value {
        out.push(byte);
        if byte == 0 {
            out.push(0xFF);
        }
    }
    out.extend_from_slice(&[0, 0]);
}

/// The last column.
pub(crate) fn from_seq(row: &[u8]) -> i64 {
    row.last_chunk().map_or(0, |&chunk| unturn(chunk))
}

fn unturn(chunk: [u8; 8]) -> i64 {
    (u64::from_be_bytes(chunk) ^ SIGN).cast_signed()
}

/// Where each column of a row begins: parameter, the values of `kinds`, resource, version. Fewer for a row cut short.
pub(crate) fn starts(row: &[u8], kinds: impl Iterator<Item = Kind>, out: &mut Vec<usize>) {
    out.clear();
    let mut at = 0;
    for kind in layout(kinds) {
        out.push(at);
        at += match kind {
            Kind::Int | Kind::Real => 8,
            Kind::Text | Kind::Bytes => match row.get(at..).and_then(length) {
                Some(length) => length,
                None => return,
            },
        };
    }
}

/// The kinds of all columns, given those of the values.
fn layout(kinds: impl Iterator<Item = Kind>) -> impl Iterator<Item = Kind> {
    std::iter::once(Kind::Int).chain(kinds).chain([Kind::Int, Kind::Int])
}

/// The column of a kind that begins at `start`; `None` in a row cut short.
pub(crate) fn column(row: &[u8], kind: Kind, start: usize) -> Option<Value<'_>> {
    let rest = row.get(start..)?;
    Some(match kind {
        Kind::Int => Value::Int(unturn(*rest.first_chunk()?)),
        Kind::Real => {
            let turned = u64::from_be_bytes(*rest.first_chunk()?);
            Value::Real(f64::from_bits(if turned & SIGN == 0 { !turned } else { turned ^ SIGN }))
        }
        Kind::Text => Value::Text(unescaped(rest.get(..length(rest)? - 2)?)),
        Kind::Bytes => Value::Bytes(unescaped(rest.get(..length(rest)? - 2)?)),
    })
}

/// How long the text or bytes at the beginning are, with the two bytes that end them.
fn length(rest: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + rest.get(from..)?.iter().position(|byte| *byte == 0)?;
        if rest.get(at + 1) == Some(&0) {
            return Some(at + 2);
        }
        from = at + 2;
    }
}

/// Each `00 FF` is a `00`; most values have none.
fn unescaped(value: &[u8]) -> Cow<'_, [u8]> {
    if !value.contains(&0) {
        return Cow::Borrowed(value);
    }
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value.iter();
    while let Some(&byte) = rest.next() {
        out.push(byte);
        if byte == 0 {
            rest.next();
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rushlight_search::TableId;

    fn row(entry: &Entry, rid: i64, from_seq: i64) -> Vec<u8> {
        let mut out = Vec::new();
        encode(&mut out, entry, rid, from_seq);
        out
    }

    proptest! {
        #[test]
        fn bytes_compare_as_the_rows_do_and_decode_to_them(
            a in (any::<i32>(), ".{0,4}", any::<i64>(), proptest::collection::vec(0..3_u8, 0..4), -1e9..1e9_f64, any::<i64>()),
            b in (any::<i32>(), ".{0,4}", any::<i64>(), proptest::collection::vec(0..3_u8, 0..4), -1e9..1e9_f64, any::<i64>()),
        ) {
            let make = |(param, text, int, bytes, real, seq): (i32, String, i64, Vec<u8>, f64, i64)| {
                let values = vec![Scalar::Text(Cow::Owned(text)), Scalar::Int(int), Scalar::Bytes(bytes), Scalar::Real(real)];
                (Entry { table: TableId(0), param, values }, 7_i64, seq)
            };
            let (a, b) = (make(a), make(b));
            let (x, y) = (row(&a.0, a.1, a.2), row(&b.0, b.1, b.2));
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
            prop_assert_eq!(from_seq(&x), a.2);
            let kinds = [Kind::Text, Kind::Int, Kind::Bytes, Kind::Real];
            let mut places = Vec::new();
            starts(&x, kinds.into_iter(), &mut places);
            let columns: Vec<Value<'_>> =
                layout(kinds.into_iter()).zip(&places).map_while(|(kind, start)| column(&x, kind, *start)).collect();
            let mut expected = vec![Value::Int(i64::from(a.0.param))];
            expected.extend(a.0.values.iter().map(|value| match value {
                Scalar::Int(value) => Value::Int(*value),
                Scalar::Real(value) => Value::Real(*value),
                Scalar::Text(value) => Value::Text(Cow::Borrowed(value.as_bytes())),
                Scalar::Bytes(value) => Value::Bytes(Cow::Borrowed(value)),
            }));
            expected.extend([Value::Int(7), Value::Int(a.2)]);
            prop_assert_eq!(columns, expected);
        }
    }
}
