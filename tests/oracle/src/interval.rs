//! Dates and times as intervals of microseconds since 1970, both ends inclusive.

use chrono::{Days, Months, NaiveDate, NaiveDateTime};

/// From the first to the last microsecond.
pub type Interval = (i64, i64);

const SECOND: i64 = 1_000_000;

/// The interval that a `date`, `dateTime` or `instant` of any precision tells; UTC where there is no offset.
///
/// A search value may leave out the seconds. `None` for what is no date.
pub fn parse(text: &str) -> Option<Interval> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let (day, precision) = day(date)?;
    let midnight = micros(day.and_hms_opt(0, 0, 0)?);
    let Some(time) = time else {
        let next = match precision {
            1 => day.checked_add_months(Months::new(12))?,
            2 => day.checked_add_months(Months::new(1))?,
            _ => day.checked_add_days(Days::new(1))?,
        };
        return Some((midnight, micros(next.and_hms_opt(0, 0, 0)?) - 1));
    };
    if precision != 3 {
        return None;
    }
    let (clock, offset) = zone(time)?;
    let (start, length) = since_midnight(clock)?;
    let low = midnight + start - offset;
    Some((low, low + length - 1))
}

/// The first day of a year, a month or a day, and how many of the three are told.
fn day(text: &str) -> Option<(NaiveDate, usize)> {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths = parts.iter().map(|part| part.len());
    if parts.len() > 3 || !lengths.eq([4, 2, 2].into_iter().take(parts.len())) {
        return None;
    }
    let number = |at: usize| parts.get(at).map_or(Some(1), |part| digits(part));
    let day = NaiveDate::from_ymd_opt(number(0)? as i32, number(1)? as u32, number(2)? as u32)?;
    Some((day, parts.len()))
}

fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Two digits, of a number below this.
fn below(text: &str, bound: i64) -> Option<i64> {
    digits(text).filter(|value| text.len() == 2 && *value < bound)
}

fn micros(time: NaiveDateTime) -> i64 {
    time.and_utc().timestamp_micros()
}

/// What is before the offset, and the offset in microseconds.
fn zone(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix('Z') {
        return Some((clock, 0));
    }
    let Some(at) = time.find(['+', '-']) else { return Some((time, 0)) };
    let (clock, offset) = time.split_at(at);
    let (hours, minutes) = offset[1..].split_once(':')?;
    let seconds = (below(hours, 15)? * 60 + below(minutes, 60)?) * 60;
    Some((clock, if offset.starts_with('-') { -seconds } else { seconds } * SECOND))
}

/// Microseconds from midnight to `hh:mm`, `hh:mm:ss` or `hh:mm:ss.fff`, and how long that lasts.
fn since_midnight(clock: &str) -> Option<Interval> {
    let mut parts = clock.split(':');
    let (hours, minutes) = (parts.next()?, parts.next()?);
    let start = (below(hours, 24)? * 60 + below(minutes, 60)?) * 60 * SECOND;
    let Some(seconds) = parts.next() else { return Some((start, 60 * SECOND)) };
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    if parts.next().is_some() {
        return None;
    }
    // A leap second is the first of the next minute.
    let start = start + below(whole, 61)? * SECOND;
    // Each digit is a tenth of the one before, down to the microsecond.
    let mut length = SECOND;
    let mut part = 0;
    for at in 0..fraction.len().min(6) {
        length /= 10;
        part += digits(&fraction[at..=at])? * length;
    }
    Some((start + part, length))
}
