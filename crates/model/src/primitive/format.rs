//! One function for each format that a primitive type has.
//!
//! Texts are ordinarily right; that is decided first, without branches per byte. White space is what XML calls so:
//! space, tab, CR and LF. A no-break space is none; there are official codes that hold it.

use std::ops::RangeInclusive;

use super::cursor::Cursor;
use super::{DateTime, Precision, Problem, Time};
use crate::id::{Id, InvalidId};

type Checked<T = ()> = Result<T, Problem>;

const LONGEST_STRING: usize = 1024 * 1024;

/// Whether all bytes fit; looks at all of them, which the compiler does many at a time.
fn all(text: &str, fits: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(true, |all, byte| all & fits(byte))
}

/// An error at the first character that does not fit, if there is one.
fn each(text: &str, fits: impl Fn(char) -> bool) -> Checked {
    text.chars().position(|char| !fits(char)).map_or(Ok(()), |at| Err(Problem::Format { at }))
}

pub(super) fn boolean(text: &str) -> Checked {
    if matches!(text, "true" | "false") { Ok(()) } else { Err(Problem::Format { at: 0 }) }
}

pub(super) fn integer(text: &str, signs: &[u8], range: RangeInclusive<i64>) -> Checked {
    let mut cursor = Cursor::new(text);
    cursor.take(|byte| signs.contains(&byte));
    cursor.whole()?;
    cursor.end()?;
    let within = text.parse().is_ok_and(|number| range.contains(&number));
    if within { Ok(()) } else { Err(Problem::OutOfRange) }
}

pub(super) fn integer64(text: &str) -> Checked {
    if matches!(text, "-0" | "+0") {
        return Err(Problem::Format { at: 1 });
    }
    integer(text, b"-+", i64::MIN..=i64::MAX)
}

pub(super) fn string(text: &str) -> Checked {
    if text.len() > LONGEST_STRING && text.chars().count() > LONGEST_STRING {
        return Err(Problem::TooLong);
    }
    characters(text)
}

pub(super) fn characters(text: &str) -> Checked {
    if all(text, |byte| byte >= b' ') {
        return Ok(());
    }
    each(text, |char| char >= ' ' || matches!(char, '\t' | '\r' | '\n'))
}

pub(super) fn uri(text: &str) -> Checked {
    if all(text, |byte| byte > b' ') { Ok(()) } else { each(text, |char| char > ' ') }
}

pub(super) fn code(text: &str) -> Checked {
    if all(text, |byte| byte > b' ') {
        return Ok(());
    }
    let mut before = ' ';
    let mut length = 0;
    for char in text.chars() {
        if char < ' ' || char == ' ' && before == ' ' {
            return Err(Problem::Format { at: length });
        }
        before = char;
        length += 1;
    }
    if before == ' ' { Err(Problem::Format { at: length - 1 }) } else { Ok(()) }
}

pub(super) fn id(text: &str) -> Checked {
    Id::check(text).or_else(|invalid| match invalid {
        InvalidId::TooLong => Err(Problem::TooLong),
        _ => each(text, |char| Id::check(char.encode_utf8(&mut [0; 4])).is_ok()),
    })
}

pub(super) fn oid(text: &str) -> Checked {
    let mut cursor = Cursor::new(text);
    cursor.expect(b"urn:oid:")?;
    cursor.take(|byte| matches!(byte, b'0'..=b'2')).ok_or_else(|| cursor.wrong())?;
    cursor.expect(b".")?;
    cursor.whole()?;
    while cursor.take_byte(b'.') {
        cursor.whole()?;
    }
    cursor.end()
}

pub(super) fn uuid(text: &str) -> Checked {
    let mut cursor = Cursor::new(text);
    cursor.expect(b"urn:uuid:")?;
    for (before, digits) in [(&b""[..], 8), (b"-", 4), (b"-", 4), (b"-", 4), (b"-", 12)] {
        cursor.expect(before)?;
        for _ in 0..digits {
            cursor.take(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')).ok_or_else(|| cursor.wrong())?;
        }
    }
    cursor.end()
}

pub(super) fn base64(text: &str) -> Checked {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let is_space = |byte: u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    // All of an ordinary text but its last group is digits, and is decided at once.
    let body = text.get(..text.len().saturating_sub(4)).unwrap_or_default();
    let plain = if body.len() % 4 == 0 && all(body, is_digit) { body.len() } else { 0 };
    let mut cursor = Cursor::starting(text, plain);
    let mut groups = plain / 4;
    let mut padded = false;
    cursor.skip(is_space);
    while !padded && cursor.end().is_err() {
        for place in 0..4 {
            let padding = place > 1 && cursor.take_byte(b'=');
            if !padding && (padded || cursor.take(is_digit).is_none()) {
                return Err(cursor.wrong());
            }
            padded |= padding;
        }
        groups += 1;
        cursor.skip(is_space);
    }
    if groups == 0 { Err(cursor.wrong()) } else { cursor.end() }
}

pub(super) fn date(text: &str) -> Checked<DateTime> {
    let date = DateTime::parse(text)?;
    let at = date.precision().length().min(10);
    if text.len() == at { Ok(date) } else { Err(Problem::Format { at }) }
}

/// Of any precision but hours and minutes; a time has a zone.
pub(crate) fn date_time(text: &str) -> Checked<DateTime> {
    let parsed = DateTime::parse(text)?;
    if parsed.precision() <= Precision::Day { Ok(parsed) } else { zoned_seconds(parsed, text) }
}

pub(super) fn instant(text: &str) -> Checked<DateTime> {
    zoned_seconds(DateTime::parse(text)?, text)
}

fn zoned_seconds(parsed: DateTime, text: &str) -> Checked<DateTime> {
    if parsed.precision() < Precision::Second {
        return Err(Problem::Format { at: parsed.precision().length() });
    }
    if parsed.offset().is_some() { Ok(parsed) } else { Err(Problem::Format { at: text.len() }) }
}

pub(super) fn time(text: &str) -> Checked<Time> {
    let parsed = Time::parse(text)?;
    if parsed.precision() < Precision::Second { Err(Problem::Format { at: text.len() }) } else { Ok(parsed) }
}
