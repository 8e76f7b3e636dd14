//! Dates and times, whole or partial: <https://hl7.org/fhir/R4/datatypes.html#dateTime>.
//!
//! Compared as <https://hl7.org/fhirpath/N1/#comparison> says: a second and its fraction are one precision.
//! Fractions count to the nanosecond, intervals to the microsecond; digits beyond that are cut off. A leap second
//! counts as the second after it.

use std::cmp::Ordering;

use super::Problem;
use super::calendar::{days_from_civil, days_in_month};
use super::cursor::Cursor;

const MICROS_PER_SECOND: i64 = 1_000_000;
const NANOS_PER_SECOND: u32 = 1_000_000_000;
/// No zone is further from UTC.
const WIDEST_OFFSET: u16 = 14 * 60;

/// The smallest unit that a date or time names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// `YYYY`
    Year,
    /// `YYYY-MM`
    Month,
    /// `YYYY-MM-DD`
    Day,
    /// `YYYY-MM-DDThh`
    Hour,
    /// `YYYY-MM-DDThh:mm`
    Minute,
    /// `YYYY-MM-DDThh:mm:ss`
    Second,
    /// `YYYY-MM-DDThh:mm:ss.f`, with the number of digits after the point.
    Fraction(u8),
}

impl Precision {
    /// How many characters of a date and time it needs, without a zone.
    pub(super) fn length(self) -> usize {
        match self {
            Self::Year => 4,
            Self::Month => 7,
            Self::Day => 10,
            Self::Hour => 13,
            Self::Minute => 16,
            Self::Second => 19,
            Self::Fraction(digits) => 20 + usize::from(digits),
        }
    }
}

/// A FHIR `date`, `dateTime` or `instant`, or a date and time of FHIRPath or of a search.
///
/// `==` holds for what was written alike, to the nanosecond; [`DateTime::equals`] compares points in time.
///
/// ```
/// use std::cmp::Ordering;
/// use rushlight_model::primitive::DateTime;
///
/// let day = DateTime::parse("1970-01-02")?;
/// assert_eq!(day.interval(0), [86_400_000_000, 172_799_999_999]);
/// assert_eq!(day.compare(DateTime::parse("1970-01")?, None), None);
/// assert_eq!(day.compare(DateTime::parse("1971")?, None), Some(Ordering::Less));
/// # Ok::<(), rushlight_model::primitive::Problem>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime {
    pub(super) year: u16,
    pub(super) month: u16,
    pub(super) day: u16,
    pub(super) hour: u16,
    pub(super) minute: u16,
    pub(super) second: u16,
    pub(super) nanos: u32,
    pub(super) precision: Precision,
    pub(super) offset: Option<i16>,
}

impl DateTime {
    const FIRST: Self = Self {
        year: 1970,
        month: 1,
        day: 1,
        hour: 0,
        minute: 0,
        second: 0,
        nanos: 0,
        precision: Precision::Year,
        offset: None,
    };

    /// Reads `YYYY[-MM[-DD[Thh[:mm[:ss[.f]]]]]]` and, unless there is only a year, perhaps `Z`, `+hh:mm` or `-hh:mm`.
    ///
    /// This is more than each of FHIR's types allows; [`Primitive::check`](super::Primitive::check) knows which
    /// of it they do.
    ///
    /// # Errors
    /// When the text is none of these or its day does not exist.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let mut cursor = Cursor::new(text);
        let mut parsed = Self { year: cursor.number(4, 1..=9999)?, ..Self::FIRST };
        if cursor.take_byte(b'-') {
            parsed.month = cursor.number(2, 1..=12)?;
            parsed.precision = Precision::Month;
            if cursor.take_byte(b'-') {
                parsed.day = cursor.number(2, 1..=31)?;
                parsed.precision = Precision::Day;
                if i64::from(parsed.day) > parsed.days_in_month() {
                    return Err(Problem::NoSuchDay);
                }
                if cursor.take_byte(b'T') {
                    parsed.clock(&mut cursor)?;
                }
            }
            parsed.offset = offset(&mut cursor)?;
        }
        cursor.end()?;
        Ok(parsed)
    }

    fn clock(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Problem> {
        self.hour = cursor.number(2, 0..=23)?;
        self.precision = Precision::Hour;
        if !cursor.take_byte(b':') {
            return Ok(());
        }
        self.minute = cursor.number(2, 0..=59)?;
        self.precision = Precision::Minute;
        if !cursor.take_byte(b':') {
            return Ok(());
        }
        self.second = cursor.number(2, 0..=60)?;
        self.precision = Precision::Second;
        if !cursor.take_byte(b'.') {
            return Ok(());
        }
        let mut digits: u8 = 0;
        let mut weight = NANOS_PER_SECOND / 10;
        while let Some(digit) = cursor.digit() {
            self.nanos += u32::from(digit) * weight;
            weight /= 10;
            digits = digits.saturating_add(1);
        }
        self.precision = Precision::Fraction(digits);
        if digits == 0 { Err(cursor.wrong()) } else { Ok(()) }
    }

    /// The smallest unit that it names.
    #[must_use]
    pub fn precision(self) -> Precision {
        self.precision
    }

    /// Its zone's offset from UTC in minutes, positive to the east, if it has one.
    #[must_use]
    pub fn offset(self) -> Option<i16> {
        self.offset
    }

    /// Its first and its last microsecond since 1970-01-01T00:00:00Z.
    ///
    /// Seconds last a second and tenths a tenth. What has no zone is taken to have `default_offset`, in minutes.
    #[must_use]
    pub fn interval(self, default_offset: i16) -> [i64; 2] {
        let offset = self.offset.unwrap_or(default_offset);
        let first = self.seconds(offset) * MICROS_PER_SECOND + i64::from(self.nanos / 1000);
        let width = match self.precision {
            Precision::Fraction(digits) => 10_i64.pow(6_u32.saturating_sub(digits.into())),
            _ => self.width() * MICROS_PER_SECOND,
        };
        [first, first + width - 1]
    }

    /// Which of two is earlier; `None` if their precisions leave that open.
    ///
    /// What has no zone is taken to have `default_offset`, in minutes. Without that, two that have none are
    /// compared as they are, and one that has none, with one that has, as if it could be of any zone.
    #[must_use]
    pub fn compare(self, other: Self, default_offset: Option<i16>) -> Option<Ordering> {
        let offsets = [self.offset.or(default_offset), other.offset.or(default_offset)];
        let [slack, mine, others] = match offsets {
            [Some(mine), Some(others)] => [0, mine, others],
            [None, None] => [0, 0, 0],
            [mine, others] => [WIDEST_OFFSET as i16, mine.unwrap_or(0), others.unwrap_or(0)],
        };
        let slack = i64::from(slack) * 60;
        let [first, last] = self.bounds(mine);
        let [other_first, other_last] = other.bounds(others);
        if (last.0 + slack, last.1) < other_first {
            Some(Ordering::Less)
        } else if (other_last.0 + slack, other_last.1) < first {
            Some(Ordering::Greater)
        } else {
            (slack == 0 && first == other_first && last == other_last).then_some(Ordering::Equal)
        }
    }

    /// Whether two are the same point in time, of the same precision; `None` if that is open.
    ///
    /// Zones are treated as [`DateTime::compare`] does.
    #[must_use]
    pub fn equals(self, other: Self, default_offset: Option<i16>) -> Option<bool> {
        self.compare(other, default_offset).map(Ordering::is_eq)
    }

    /// Its first and last point as seconds and nanoseconds; those of a second or fraction are the same.
    fn bounds(self, offset: i16) -> [(i64, u32); 2] {
        let first = self.seconds(offset);
        if self.precision >= Precision::Second {
            [(first, self.nanos); 2]
        } else {
            [(first, 0), (first + self.width() - 1, NANOS_PER_SECOND - 1)]
        }
    }

    /// Its first second since 1970 in UTC.
    pub(super) fn seconds(self, offset: i16) -> i64 {
        let days = days_from_civil(self.year.into(), self.month.into(), self.day.into());
        let minutes = i64::from(self.hour) * 60 + i64::from(self.minute) - i64::from(offset);
        days * 86_400 + minutes * 60 + i64::from(self.second)
    }

    /// How many seconds it lasts; a fraction, one.
    fn width(self) -> i64 {
        match self.precision {
            Precision::Year => 86_400 * (337 + days_in_month(self.year.into(), 2)),
            Precision::Month => 86_400 * self.days_in_month(),
            Precision::Day => 86_400,
            Precision::Hour => 3_600,
            Precision::Minute => 60,
            Precision::Second | Precision::Fraction(_) => 1,
        }
    }

    pub(super) fn days_in_month(self) -> i64 {
        days_in_month(self.year.into(), self.month.into())
    }
}

/// Takes a zone, if there is one; its offset in minutes.
fn offset(cursor: &mut Cursor<'_>) -> Result<Option<i16>, Problem> {
    let Some(sign) = cursor.take(|byte| matches!(byte, b'Z' | b'+' | b'-')) else { return Ok(None) };
    if sign == b'Z' {
        return Ok(Some(0));
    }
    let hours = cursor.number(2, 0..=WIDEST_OFFSET / 60)?;
    cursor.expect(b":")?;
    let minutes = cursor.number(2, 0..=(WIDEST_OFFSET - hours * 60).min(59))?;
    let offset = (hours * 60 + minutes) as i16;
    Ok(Some(if sign == b'-' { -offset } else { offset }))
}

/// A time of day without a zone.
///
/// ```
/// use std::cmp::Ordering;
/// use rushlight_model::primitive::Time;
///
/// let time = Time::parse("12:00:00")?;
/// assert_eq!(time.compare(Time::parse("12:00:00.001")?), Some(Ordering::Less));
/// assert_eq!(time.compare(Time::parse("12:00")?), None);
/// # Ok::<(), rushlight_model::primitive::Problem>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    /// Of a day that does not matter.
    pub(super) at: DateTime,
}

impl Time {
    /// Reads `hh[:mm[:ss[.f]]]`; a FHIR `time` has its seconds.
    ///
    /// # Errors
    /// When the text is not a time.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let mut cursor = Cursor::new(text);
        let mut parsed = DateTime::FIRST;
        parsed.clock(&mut cursor)?;
        cursor.end()?;
        Ok(Self { at: parsed })
    }

    /// The smallest unit that it names: an hour, or less.
    #[must_use]
    pub fn precision(self) -> Precision {
        self.at.precision
    }

    /// Which of two is earlier; `None` if their precisions leave that open.
    #[must_use]
    pub fn compare(self, other: Self) -> Option<Ordering> {
        self.at.compare(other.at, None)
    }

    /// Whether two are the same; `None` if their precisions leave that open.
    #[must_use]
    pub fn equals(self, other: Self) -> Option<bool> {
        self.compare(other).map(Ordering::is_eq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> DateTime {
        DateTime::parse(text).unwrap_or_else(|problem| panic!("{text}: {problem}"))
    }

    #[test]
    fn intervals() {
        const DAY: i64 = 86_400_000_000;
        for (text, default_offset, expected) in [
            ("1970", 0, [0, 365 * DAY - 1]),
            ("1972", 0, [730 * DAY, 1096 * DAY - 1]),
            ("1970-02", 0, [31 * DAY, 59 * DAY - 1]),
            ("1972-02", 0, [761 * DAY, 790 * DAY - 1]),
            ("1970-01-02", 0, [DAY, 2 * DAY - 1]),
            ("1970-01-02", 60, [DAY - 3_600_000_000, 2 * DAY - 3_600_000_001]),
            ("1970-01-02+01:00", 0, [DAY - 3_600_000_000, 2 * DAY - 3_600_000_001]),
            ("1970-01-01T01", 0, [3_600_000_000, 7_199_999_999]),
            ("1970-01-01T00:01", 0, [60_000_000, 119_999_999]),
            ("1970-01-01T00:00:01Z", 600, [1_000_000, 1_999_999]),
            ("1970-01-01T00:00:01-00:30", 0, [1_801_000_000, 1_801_999_999]),
            ("1970-01-01T00:00:00.5Z", 0, [500_000, 599_999]),
            ("1970-01-01T00:00:00.500000Z", 0, [500_000, 500_000]),
            ("1970-01-01T00:00:00.1234567Z", 0, [123_456, 123_456]),
            ("1969-12-31T23:59:60Z", 0, [0, 999_999]),
            ("9999", 0, [253_370_764_800_000_000, 253_402_300_799_999_999]),
        ] {
            assert_eq!(parse(text).interval(default_offset), expected, "{text}");
        }
    }

    #[test]
    fn comparisons() {
        use Ordering::*;
        for (left, right, default_offset, expected) in [
            ("2020", "2021", None, Some(Less)),
            ("2020", "2020", None, Some(Equal)),
            ("2020", "2020-01", None, None),
            ("2020-02", "2020-03-01", None, Some(Less)),
            ("2020-02-29", "2020-02", None, None),
            ("2020-01-01", "2020-01-01T00:00:00", None, None),
            ("2020-01-01T10", "2020-01-01T10:59", None, None),
            ("2020-01-01T10:00", "2020-01-01T10:00:00", None, None),
            ("2020-01-01T10:00:00", "2020-01-01T10:00:00.000", None, Some(Equal)),
            ("2020-01-01T10:00:00", "2020-01-01T10:00:00.000000001", None, Some(Less)),
            ("2020-01-01T10:00:00.10", "2020-01-01T10:00:00.1", None, Some(Equal)),
            ("2020-01-01T10:00:00.2", "2020-01-01T10:00:00.11", None, Some(Greater)),
            ("2020-01-01T10:00:00Z", "2020-01-01T12:00:00+02:00", None, Some(Equal)),
            ("2020-01-01T10:00:00Z", "2020-01-01T10:00:00+02:00", None, Some(Greater)),
            ("2019-12-31T23:30:00-01:00", "2020-01-01T00:31:00Z", None, Some(Less)),
            // One without a zone may be fourteen hours earlier or later, or has the zone that it is given.
            ("2020-01-01T10:00:00", "2020-01-01T10:00:00Z", None, None),
            ("2020-01-01T10:00:00", "2020-01-02T00:00:00Z", None, None),
            ("2020-01-01T10:00:00", "2020-01-02T00:00:01Z", None, Some(Less)),
            ("2020-01-02T00:00:01Z", "2020-01-01T10:00:00", None, Some(Greater)),
            ("2020-01-01T10:00:00", "2020-01-01T10:00:00Z", Some(0), Some(Equal)),
            ("2020-01-01T10:00:00", "2020-01-01T10:00:00Z", Some(60), Some(Less)),
            ("2020-01-01", "2020-01-03T10:00:00Z", None, Some(Less)),
            ("2020-01-01", "2020-01-02T10:00:00Z", None, None),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", None, Some(Equal)),
        ] {
            assert_eq!(parse(left).compare(parse(right), default_offset), expected, "{left} {right}");
            assert_eq!(parse(left).equals(parse(right), default_offset), expected.map(Ordering::is_eq));
        }
    }

    #[test]
    fn times() {
        for (left, right, expected) in [
            ("10:00:00", "10:00:00.0", Some(Ordering::Equal)),
            ("10:00:00", "09:59:59.999", Some(Ordering::Greater)),
            ("10", "11:30", Some(Ordering::Less)),
            ("10", "10:30", None),
            ("10:30", "10:30", Some(Ordering::Equal)),
        ] {
            let [left, right] = [left, right].map(|text| Time::parse(text).unwrap());
            assert_eq!(left.compare(right), expected, "{left:?} {right:?}");
            assert_eq!(left.equals(right), expected.map(Ordering::is_eq));
        }
        for text in ["", "1", "24", "10:", "10:60", "10:00:61", "10:00:00.", "10:00Z", "T10"] {
            assert!(Time::parse(text).is_err(), "{text}");
        }
    }

    const TEXTS: &str =
        "20(19|20)(-0[12](-(01|28)(T(00|23)(:(00|59)(:(00|59)(\\.[05]{1,10})?)?)?(Z|[+-]14:00)?)?)?)?";

    proptest! {
        /// The order of intervals is that of what they hold.
        #[test]
        fn comparison_agrees_with_intervals(left in TEXTS, right in TEXTS) {
            let [left, right] = [left, right].map(|text| parse(&text));
            let compared = left.compare(right, Some(0));
            prop_assert_eq!(right.compare(left, Some(0)), compared.map(Ordering::reverse));
            let [[low, high], [other_low, other_high]] = [left.interval(0), right.interval(0)];
            if high < other_low {
                prop_assert_eq!(compared, Some(Ordering::Less));
            } else if low > other_high {
                prop_assert_eq!(compared, Some(Ordering::Greater));
            } else if left.precision.max(right.precision) < Precision::Second {
                let same = low == other_low && high == other_high;
                prop_assert_eq!(compared, same.then_some(Ordering::Equal));
            }
            // What is certain without a zone is so with any.
            if let Some(certain) = left.compare(right, None).filter(|_| left.offset.is_some() != right.offset.is_some()) {
                for offset in [-720, 0, 330, 840] {
                    prop_assert_eq!(left.compare(right, Some(offset)), Some(certain));
                }
            }
        }
    }
}
