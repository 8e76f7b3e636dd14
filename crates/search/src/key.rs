//! Entries as bytes, in the order in which SQLite would sort their columns.
//!
//! Reals are eight bytes, big-endian, with the sign turned so that bytes compare as numbers. Integers have a byte that
//! tells how long they are, and if they are small is all there is; most are. Text and bytes end with `00 00`, and a
//! `00` within is written `00 FF`, so that a value sorts before those it begins.

use std::borrow::Cow;
use std::fmt;

use crate::Kind;

const SIGN: u64 = 1 << 63;

/// A column of a row, as far as it can be borrowed.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Of a column of integers.
    Int(i64),
    /// Of a column of doubles.
    Real(f64),
    /// Of a column of text: UTF-8.
    Text(Cow<'a, [u8]>),
    /// Of a column of bytes.
    Bytes(Cow<'a, [u8]>),
}

/// Bytes are shown as hexadecimal digits.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(value) => value.fmt(f),
            Self::Real(value) => value.fmt(f),
            Self::Text(value) => f.write_str(&String::from_utf8_lossy(value)),
            Self::Bytes(value) => value.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
        }
    }
}

/// The first byte of 0; it and the next 111 integers are a byte each, and so are the 112 below them.
const ZERO: u8 = 0x80;
const SMALL: u64 = 112;
/// The first bytes of greater and of lesser ones, of which one byte follows; of more, more follow.
const GREATER: u8 = 0xF0;
const LESSER: u8 = 0x0F;

/// Bytes of an integer that [`wide`] has written.
pub const WIDE: usize = 9;

/// Appends an integer.
pub fn int(out: &mut Vec<u8>, value: i64) {
    let size = magnitude(value);
    if size < SMALL {
        out.push(small(value));
    } else {
        let length = 8 - size.leading_zeros() as usize / 8;
        sized(out, value, length);
    }
}

/// Appends an integer in nine bytes whatever it is: a last column that can be found from the end. These compare with
/// one another, not with those that [`int`] has written.
pub fn wide(out: &mut Vec<u8>, value: i64) {
    sized(out, value, 8);
}

fn sized(out: &mut Vec<u8>, value: i64, length: usize) {
    let more = u8::try_from(length - 1).unwrap_or(7);
    out.push(if value < 0 { LESSER - more } else { GREATER + more });
    let left_out = 8 - length;
    out.extend_from_slice(&(value << (8 * left_out)).to_be_bytes());
    out.truncate(out.len() - left_out);
}

/// The byte of a small integer.
pub(crate) fn small(value: i64) -> u8 {
    // What does not fit is not small.
    ZERO.wrapping_add_signed(value as i8)
}

/// The distance from 0, or from -1 below.
fn magnitude(value: i64) -> u64 {
    (value ^ (value >> 63)).cast_unsigned()
}

/// The integer at the beginning, and the bytes that it takes.
fn integer(rest: &[u8]) -> Option<(i64, usize)> {
    let (&first, rest) = rest.split_first()?;
    let (length, fill) = match first {
        GREATER.. => (first - GREATER + 1, 0),
        ..=LESSER => (LESSER - first + 1, 0xFF),
        _ => return Some((i64::from(first.wrapping_sub(ZERO).cast_signed()), 1)),
    };
    let length = usize::from(length);
    let mut bytes = [fill; 8];
    bytes.get_mut(8_usize.checked_sub(length)?..)?.copy_from_slice(rest.get(..length)?);
    Some((i64::from_be_bytes(bytes), 1 + length))
}

/// Appends a real: negative ones have all bits turned, so that they sort downwards.
pub fn real(out: &mut Vec<u8>, value: f64) {
    // -0 equals 0.
    let bits = (value + 0.0).to_bits();
    let turned = if bits & SIGN == 0 { bits ^ SIGN } else { !bits };
    out.extend_from_slice(&turned.to_be_bytes());
}

/// Appends text or bytes.
pub fn bytes(out: &mut Vec<u8>, value: &[u8]) {
    if value.contains(&0) {
        for &byte in value {
            out.push(byte);
            if byte == 0 {
                out.push(0xFF);
            }
        }
    } else {
        out.extend_from_slice(value);
    }
    out.extend_from_slice(&[0, 0]);
}

/// The column of a kind that begins at `start`; `None` in a row cut short.
#[must_use]
pub fn column(row: &[u8], kind: Kind, start: usize) -> Option<Value<'_>> {
    let rest = row.get(start..)?;
    Some(match kind {
        Kind::Int => Value::Int(integer(rest)?.0),
        Kind::Real => {
            let turned = u64::from_be_bytes(*rest.first_chunk()?);
            Value::Real(f64::from_bits(if turned & SIGN == 0 { !turned } else { turned ^ SIGN }))
        }
        Kind::Text => Value::Text(unescaped(rest.get(..ended(rest)? - 2)?)),
        Kind::Bytes => Value::Bytes(unescaped(rest.get(..ended(rest)? - 2)?)),
    })
}

/// How many bytes the column at the beginning takes; `None` in a row cut short.
#[must_use]
pub fn length(rest: &[u8], kind: Kind) -> Option<usize> {
    match kind {
        Kind::Int => integer(rest).map(|(_, length)| length),
        Kind::Real => (rest.len() >= 8).then_some(8),
        Kind::Text | Kind::Bytes => ended(rest),
    }
}

/// How long the text or bytes at the beginning are, with the two bytes that end them.
fn ended(rest: &[u8]) -> Option<usize> {
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
mod tests;
