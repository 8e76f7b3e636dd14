//! Days, counted in UTC: <https://hl7.org/fhir/R4/datatypes.html#date>.

use std::fmt;

use rushlight_model::{format_instant, parse_instant};

/// A day of the Gregorian calendar.
///
/// ```
/// use rushlight_population::Day;
///
/// let day = Day::parse("2026-11-25").ok_or("not a day")?;
/// assert_eq!(day.to_string(), "2026-11-25");
/// assert_eq!(Day::containing(1_795_517_010_123_456).to_string(), "2026-11-24");
/// assert_eq!(Day::parse("2026-11"), None);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(i64);

const MICROS: i64 = 86_400_000_000;
const MINUTE: i64 = 60_000_000;

impl Day {
    /// The day of a text such as `2026-11-25`; `None` when it is anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 10).then(|| parse_instant(text).map(Self::containing)).flatten()
    }

    /// The day in UTC of an instant in microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn containing(micros: i64) -> Self {
        Self(micros.div_euclid(MICROS))
    }

    /// The day on which a year begins, give or take one.
    pub(crate) fn year(year: i64) -> Self {
        Self(whole_years_in_days(year - 1970))
    }

    /// The day this many days later.
    pub(crate) const fn plus(self, days: i64) -> Self {
        Self(self.0 + days)
    }

    /// The day this many years later, give or take one day.
    pub(crate) fn plus_years(self, years: i64) -> Self {
        self.plus(whole_years_in_days(years))
    }

    /// How many days have gone by since an earlier day.
    pub(crate) const fn since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// How many days have gone by since the last time that a year was this many days old.
    pub(crate) const fn since_day_of_year(self, of_year: i64) -> i64 {
        let mine = (self.0 * 10_000).rem_euclid(YEAR) / 10_000;
        (mine - of_year).rem_euclid(365)
    }

    /// This minute of the day.
    pub(crate) const fn at(self, minute: i64) -> Moment {
        Moment(self.0 * MICROS + minute * MINUTE)
    }
}

/// Ten thousand mean years of the Gregorian calendar, in days; or a year in ten thousandths of a day.
const YEAR: i64 = 3_652_425;

fn whole_years_in_days(years: i64) -> i64 {
    (years * YEAR).div_euclid(10_000)
}

/// How many whole years there are in a number of days, and the days that are left.
pub(crate) const fn years_in(days: i64) -> (i64, i64) {
    let years = (days * 10_000).div_euclid(YEAR);
    (years, days - (years * YEAR).div_euclid(10_000))
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(format_instant(self.0 * MICROS).get(..10).unwrap_or_default())
    }
}

/// A minute of a day, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy)]
pub(crate) struct Moment(i64);

impl Moment {
    pub(crate) const fn plus_minutes(self, minutes: i64) -> Self {
        Self(self.0 + minutes * MINUTE)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}Z", format_instant(self.0).get(..19).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic() {
        let day = |text| Day::parse(text).unwrap();
        assert_eq!(day("2024-02-28").plus(2), day("2024-03-01"));
        assert_eq!(day("2024-03-01").since(day("2024-02-28")), 2);
        assert_eq!(day("2026-11-25").plus_years(-20), day("2006-11-25"));
        assert_eq!(years_in(day("2026-11-25").since(day("1986-11-24"))).0, 40);
        assert_eq!(years_in(0), (0, 0));
        assert_eq!(day("2026-11-25").since_day_of_year(300), 28);
        assert_eq!(day("2026-01-02").since_day_of_year(364), 2);
        assert_eq!(day("1969-12-31").at(61).to_string(), "1969-12-31T01:01:00Z");
        for text in ["", "2026-11-2", "2026-02-30", "2026-1-011", "2026-11-25T00:00:00Z"] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }
}
