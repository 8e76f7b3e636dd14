//! Dates: <https://hl7.org/fhir/R4/search.html#date>.

use rushlight_model::format_instant;
use rushlight_model::primitive::{DateTime, Precision};

use super::super::fault::{Fault, Result, quoted};
use super::super::rows::{Meant, Shape};
use super::Prefix;
use crate::query::{Condition, Scalar};
use crate::table::TableId;

/// What has no time zone is in UTC.
const DEFAULT_OFFSET: i16 = 0;

pub(in super::super) fn date(text: &str, now: i64) -> Result<Meant> {
    let (prefix, [from, to], words) = read(text, now)?;
    let tests = prefix.tests([0, 1], [Scalar::Int(from), Scalar::Int(to)], false);
    let shapes = tests.into_iter().map(|tests| Shape::of(TableId::DATE).with(tests)).collect();
    Ok(Meant { shapes, words })
}

/// `po` of filters: what has a moment in common with the value.
pub(in super::super) fn overlapping(text: &str, now: i64) -> Result<Meant> {
    let (prefix, [from, to], words) = read(text, now)?;
    if prefix != Prefix::Eq {
        return Err(Fault::value("values in filters have no prefixes, but operators"));
    }
    let tests = Prefix::Ap.tests([0, 1], [Scalar::Int(from), Scalar::Int(to)], false);
    let shapes = tests.into_iter().map(|tests| Shape::of(TableId::DATE).with(tests)).collect();
    Ok(Meant { shapes, words: words.replacen(prefix.words(), Prefix::Ap.words(), 1) })
}

/// The times of `_lastUpdated` that a value means, and that in words.
pub(in super::super) fn updated(text: &str, now: i64) -> Result<(Condition, String)> {
    let (prefix, [from, to], words) = read(text, now)?;
    let within = |from: i64, to: i64| Condition::Updated { from, to };
    let before = within(i64::MIN, from.saturating_sub(1));
    let after = within(to.saturating_add(1), i64::MAX);
    let condition = match prefix {
        Prefix::Eq | Prefix::Ap => within(from, to),
        Prefix::Ne => Condition::any(vec![before, after]),
        Prefix::Gt | Prefix::Sa => after,
        Prefix::Lt | Prefix::Eb => before,
        Prefix::Ge => within(from, i64::MAX),
        Prefix::Le => within(i64::MIN, to),
    };
    Ok((condition, words))
}

/// The first and the last microsecond.
fn read(text: &str, now: i64) -> Result<(Prefix, [i64; 2], String)> {
    let (prefix, date) = Prefix::take(text)?;
    // In a form, `+` is a blank: so is that of a time zone that nobody encoded.
    let zoned = if date.contains(' ') { date.replacen(' ', "+", 1) } else { date.to_owned() };
    let [from, to] = match DateTime::parse(&zoned) {
        Ok(time) if time.precision() == Precision::Hour => {
            return Err(Fault::value(format!("{} has an hour without minutes", quoted(date))));
        }
        Ok(time) if time.precision() <= Precision::Day && time.offset().is_some() => {
            return Err(Fault::value(format!("{} has a time zone without a time", quoted(date))));
        }
        Ok(time) => time.interval(DEFAULT_OFFSET),
        Err(why) => {
            let expected = "a date or time, such as 2024, 2024-05, 2024-05-31 or 2024-05-31T12:30:00Z";
            return Err(Fault::value(format!("{} is not {expected}: {why}", quoted(date))));
        }
    };
    let date = zoned;
    let interval = if prefix == Prefix::Ap {
        // About: within a tenth of how long ago it is, or how far ahead.
        let tenth = |time: i64| now.saturating_sub(time).saturating_abs() / 10;
        [from.saturating_sub(tenth(from)), to.saturating_add(tenth(to))]
    } else {
        [from, to]
    };
    let [first, last] = interval.map(format_instant);
    let words = format!("{} {date} ({first} to {last})", prefix.words());
    Ok((prefix, interval, words))
}
