//! Instants as microseconds since 1970-01-01T00:00:00Z: <https://hl7.org/fhir/R4/datatypes.html#instant>.

use crate::primitive::civil_from_days;
use crate::primitive::format::date_time;

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// The instant in UTC with six decimals, as `meta.lastUpdated` shows it.
///
/// ```
/// use rushlight_model::{format_instant, parse_instant};
///
/// assert_eq!(format_instant(0), "1970-01-01T00:00:00.000000Z");
/// assert_eq!(parse_instant(&format_instant(1_795_517_010_123_456)), Some(1_795_517_010_123_456));
/// ```
#[must_use]
pub fn format_instant(micros: i64) -> String {
    let mut out = Vec::with_capacity(27);
    write_instant(&mut out, micros);
    String::from_utf8(out).unwrap_or_default()
}

/// Appends what [`format_instant`] returns.
pub(crate) fn write_instant(out: &mut Vec<u8>, micros: i64) {
    let (year, month, day) = civil_from_days(micros.div_euclid(MICROS_PER_DAY));
    let of_day = micros.rem_euclid(MICROS_PER_DAY);
    let seconds = of_day / MICROS_PER_SECOND;
    if year < 0 {
        out.push(b'-');
    }
    for (before, value, width) in [
        ("", year.abs(), 4),
        ("-", month, 2),
        ("-", day, 2),
        ("T", seconds / 3600, 2),
        (":", seconds / 60 % 60, 2),
        (":", seconds % 60, 2),
        (".", of_day % MICROS_PER_SECOND, 6),
    ] {
        out.extend_from_slice(before.as_bytes());
        write_decimal(out, value, width);
    }
    out.push(b'Z');
}

/// Appends a number that is not negative, with at least `width` digits.
pub(crate) fn write_decimal(out: &mut Vec<u8>, value: i64, width: usize) {
    let mut rest = value.unsigned_abs();
    let start = out.len();
    while rest > 0 || out.len() - start < width {
        out.push(b'0' + u8::try_from(rest % 10).unwrap_or_default());
        rest /= 10;
    }
    if let Some(digits) = out.get_mut(start..) {
        digits.reverse();
    }
}

/// The first microsecond of a FHIR `instant`, `dateTime` or `date`; of a partial one, of its interval in UTC.
///
/// Digits beyond microseconds are cut off. A leap second counts as the second after it. `None` when the text
/// is none of these, when a date does not exist, or when a time has no zone.
///
/// ```
/// use rushlight_model::parse_instant;
///
/// assert_eq!(parse_instant("1970-01-01T01:00:00.5+01:00"), Some(500_000));
/// assert_eq!(parse_instant("1970"), Some(0));
/// assert_eq!(parse_instant("1970-02-30"), None);
/// assert_eq!(parse_instant("1970-01-01T00:00:00"), None);
/// ```
#[must_use]
pub fn parse_instant(text: &str) -> Option<i64> {
    let [first, _] = date_time(text).ok()?.interval(0);
    Some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_values() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T00:00:00Z", 951_782_400_000_000),
            ("2026-11-24T10:43:30.123456Z", 1_795_517_010_123_456),
            ("2026-11-24T12:43:30.123456+02:00", 1_795_517_010_123_456),
            ("2026-11-24T00:13:30.123456-10:30", 1_795_517_010_123_456),
            ("2026-11-24T10:43:30.1234569Z", 1_795_517_010_123_456),
            ("2026-11-24T10:43:30.1Z", 1_795_517_010_100_000),
            ("1969-12-31T23:59:59.999999Z", -1),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
            ("2026", 1_767_225_600_000_000),
            ("2026-11", 1_793_491_200_000_000),
            ("2026-11-24", 1_795_478_400_000_000),
            ("0001-01-01", -62_135_596_800_000_000),
            ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
        ] {
            assert_eq!(parse_instant(text), Some(expected), "{text}");
        }
        assert_eq!(format_instant(1_795_517_010_123_456), "2026-11-24T10:43:30.123456Z");
        assert_eq!(format_instant(-1), "1969-12-31T23:59:59.999999Z");
        assert_eq!(format_instant(951_782_400_000_000), "2000-02-29T00:00:00.000000Z");
    }

    #[test]
    fn refused() {
        for text in [
            "",
            "2",
            "026",
            "0000",
            "2026-",
            "2026-1",
            "2026-13",
            "2026-00",
            "2026-11-",
            "2026-11-31",
            "2026-11-00",
            "2025-02-29",
            "1900-02-29",
            "2026-11-24T",
            "2026-11-24T10",
            "2026-11-24T10:43Z",
            "2026-11-24T10:43:30",
            "2026-11-24T24:00:00Z",
            "2026-11-24T10:60:00Z",
            "2026-11-24T10:43:61Z",
            "2026-11-24T10:43:30.Z",
            "2026-11-24T10:43:30z",
            "2026-11-24T10:43:30+0200",
            "2026-11-24T10:43:30+15:00",
            "2026-11-24T10:43:30+02:60",
            "2026-11-24 10:43:30Z",
            "2026-11-24T10:43:30Z ",
            "+2026",
            "-2026-01-01",
            "2026-11-24T10:43:30Ü",
        ] {
            assert_eq!(parse_instant(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_leads_back(micros in -62_135_596_800_000_000i64..=253_402_300_799_999_999) {
            prop_assert_eq!(parse_instant(&format_instant(micros)), Some(micros));
        }

        #[test]
        fn any_number_has_a_text(micros: i64) {
            prop_assert!(!format_instant(micros).is_empty());
        }

        #[test]
        fn any_text_is_survived(text in "\\PC*|[0-9T:Z.+-]{0,30}") {
            let _ = parse_instant(&text);
        }
    }
}
