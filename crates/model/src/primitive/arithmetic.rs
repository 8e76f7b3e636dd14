//! Computing with dates and times: <https://hl7.org/fhirpath/N1/#datetime-arithmetic>.

use std::fmt;

use super::calendar::{civil_from_days, days_in_month};
use super::temporal::{DateTime, Precision, Time};

const NANOS_PER_SECOND: i128 = 1_000_000_000;
const NANOS_PER_DAY: i128 = 86_400 * NANOS_PER_SECOND;
/// What has no zone begins first where clocks are furthest ahead, and ends last where they are furthest behind.
const FIRST_AND_LAST_OFFSET: [i16; 2] = [14 * 60, -12 * 60];

impl DateTime {
    /// So many months later, or earlier; the month's last day where it has not this one. `None` outside the years
    /// 1 to 9999. Precision and zone stay.
    ///
    /// ```
    /// use rushlight_model::primitive::DateTime;
    ///
    /// let leap = DateTime::parse("2024-02-29")?;
    /// assert_eq!(leap.plus_months(12).map(|at| at.to_string()).as_deref(), Some("2025-02-28"));
    /// assert_eq!(leap.plus_nanos(86_400_000_000_000).map(|at| at.to_string()).as_deref(), Some("2024-03-01"));
    /// # Ok::<(), rushlight_model::primitive::Problem>(())
    /// ```
    #[must_use]
    pub fn plus_months(self, months: i64) -> Option<Self> {
        let months = (i64::from(self.year) * 12 + i64::from(self.month) - 1).checked_add(months)?;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        let day = i64::from(self.day).min(days_in_month(year, month));
        self.on(year, month, day)
    }

    /// So much later, or earlier. `None` outside the years 1 to 9999. Precision and zone stay.
    #[must_use]
    pub fn plus_nanos(self, nanos: i128) -> Option<Self> {
        let now = i128::from(self.seconds(0)) * NANOS_PER_SECOND + i128::from(self.nanos);
        let then = now.checked_add(nanos)?;
        let days = i64::try_from(then.div_euclid(NANOS_PER_DAY)).ok()?;
        if days.unsigned_abs() > 4_000_000 {
            return None;
        }
        let (year, month, day) = civil_from_days(days);
        let clock = then.rem_euclid(NANOS_PER_DAY);
        let seconds = clock / NANOS_PER_SECOND;
        Some(Self {
            hour: (seconds / 3600) as u16,
            minute: (seconds / 60 % 60) as u16,
            second: (seconds % 60) as u16,
            nanos: (clock % NANOS_PER_SECOND) as u32,
            ..self.on(year, month, day)?
        })
    }

    /// Its first moment or its last, written in a precision; what is more precise is cut. Where it had no zone and
    /// gets a time, it is that of the zone in which it is first or last.
    #[must_use]
    pub fn bound(self, last: bool, precision: Precision) -> Self {
        let mut bound = self.filled(last);
        bound.precision = precision;
        if precision > Precision::Day {
            let [earliest, latest] = FIRST_AND_LAST_OFFSET;
            bound.offset = self.offset.or(Some(if last { latest } else { earliest }));
        } else {
            bound.offset = None;
        }
        bound
    }

    fn filled(mut self, last: bool) -> Self {
        let own = self.precision;
        let fill = |field: &mut u16, precision, bounds: [u16; 2]| {
            if own < precision {
                *field = if last { bounds[1] } else { bounds[0] };
            }
        };
        fill(&mut self.month, Precision::Month, [1, 12]);
        let days = self.days_in_month() as u16;
        fill(&mut self.day, Precision::Day, [1, days]);
        fill(&mut self.hour, Precision::Hour, [0, 23]);
        fill(&mut self.minute, Precision::Minute, [0, 59]);
        fill(&mut self.second, Precision::Second, [0, 59]);
        if last {
            let digits = if let Precision::Fraction(digits) = own { u32::from(digits) } else { 0 };
            self.nanos += 10_u32.pow(9_u32.saturating_sub(digits)) - 1;
        }
        self
    }

    /// The same without its time and zone.
    #[must_use]
    pub fn date(self) -> Self {
        Self {
            hour: 0,
            minute: 0,
            second: 0,
            nanos: 0,
            precision: self.precision.min(Precision::Day),
            offset: None,
            ..self
        }
    }

    fn on(self, year: i64, month: i64, day: i64) -> Option<Self> {
        if !(1..=9999).contains(&year) {
            return None;
        }
        Some(Self { year: year as u16, month: month as u16, day: day as u16, ..self })
    }

    fn write_clock(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.hour)?;
        if self.precision >= Precision::Minute {
            write!(f, ":{:02}", self.minute)?;
        }
        if self.precision >= Precision::Second {
            write!(f, ":{:02}", self.second)?;
        }
        if let Precision::Fraction(digits) = self.precision {
            let fraction = format!("{:09}", self.nanos);
            write!(f, ".{}", fraction.get(..usize::from(digits)).unwrap_or(&fraction))?;
        }
        Ok(())
    }
}

/// As FHIR writes it; of a fraction, no more than nine digits.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if self.precision >= Precision::Month {
            write!(f, "-{:02}", self.month)?;
        }
        if self.precision >= Precision::Day {
            write!(f, "-{:02}", self.day)?;
        }
        if self.precision >= Precision::Hour {
            f.write_str("T")?;
            self.write_clock(f)?;
        }
        match self.offset {
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(offset) => {
                let sign = if offset < 0 { '-' } else { '+' };
                let minutes = offset.unsigned_abs();
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

impl Time {
    /// So much later, or earlier; after midnight it begins again. The precision stays.
    #[must_use]
    pub fn plus_nanos(self, nanos: i128) -> Self {
        let within = nanos.rem_euclid(NANOS_PER_DAY);
        // At most two days after 1970-01-01.
        Self { at: self.at.plus_nanos(within).unwrap_or(self.at) }
    }

    /// Its first moment or its last, written in a precision; what is more precise is cut.
    #[must_use]
    pub fn bound(self, last: bool, precision: Precision) -> Self {
        Self { at: DateTime { precision, ..self.at.filled(last) } }
    }
}

/// As FHIR writes it; of a fraction, no more than nine digits.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.at.write_clock(f)
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
    fn months_and_nanos() {
        for (text, months, nanos, expected) in [
            ("2024-01-31", 1, 0, Some("2024-02-29")),
            ("2024-01-31T10:00:00+02:00", -11, 0, Some("2023-02-28T10:00:00+02:00")),
            ("2020", 23, 0, Some("2021")),
            ("9999-12", 1, 0, None),
            ("0001", -12, 0, None),
            ("2023-12-31T23:59:59.999Z", 0, 1_000_000, Some("2024-01-01T00:00:00.000Z")),
            ("2024-03-01", 0, -NANOS_PER_DAY, Some("2024-02-29")),
            ("2024-03-01", 0, i128::MAX, None),
            ("2024-03-01", i64::MAX, 0, None),
        ] {
            let found = parse(text).plus_months(months).and_then(|at| at.plus_nanos(nanos));
            assert_eq!(found.map(|at| at.to_string()).as_deref(), expected, "{text}");
        }
        let late = Time::parse("23:30").unwrap();
        assert_eq!(late.plus_nanos(3600 * NANOS_PER_SECOND).to_string(), "00:30");
        assert_eq!(late.plus_nanos(-86_400 * 5 * NANOS_PER_SECOND).to_string(), "23:30");
    }

    #[test]
    fn bounds() {
        const MILLIS: Precision = Precision::Fraction(3);
        for (text, precision, first, last) in [
            ("2014", Precision::Month, "2014-01", "2014-12"),
            ("2014-02", Precision::Day, "2014-02-01", "2014-02-28"),
            ("2014-02", MILLIS, "2014-02-01T00:00:00.000+14:00", "2014-02-28T23:59:59.999-12:00"),
            ("2014-01-01T08Z", MILLIS, "2014-01-01T08:00:00.000Z", "2014-01-01T08:59:59.999Z"),
            ("2014-01-01T08:00:00.5Z", MILLIS, "2014-01-01T08:00:00.500Z", "2014-01-01T08:00:00.599Z"),
            ("2014-01-01T08:00:00.5Z", Precision::Day, "2014-01-01", "2014-01-01"),
        ] {
            let [low, high] = [false, true].map(|last| parse(text).bound(last, precision).to_string());
            assert_eq!((low.as_str(), high.as_str()), (first, last), "{text}");
        }
        let time = Time::parse("10:30").unwrap();
        assert_eq!(time.bound(true, MILLIS).to_string(), "10:30:59.999");
    }

    proptest! {
        #[test]
        fn written_as_it_was_read(text in "(19|20)[0-9]{2}(-0[12](-(01|28)(T(00|23):59(:59(\\.[05]{1,9})?)?(Z|[+-]09:30)?)?)?)?") {
            prop_assert_eq!(parse(&text).to_string(), text);
        }

        #[test]
        fn there_and_back(nanos in -1_000_000_000_000_000_000_i128..1_000_000_000_000_000_000) {
            let at = parse("2000-01-01T12:00:00.000000000Z");
            let back = at.plus_nanos(nanos).and_then(|then| then.plus_nanos(-nanos));
            prop_assert_eq!(back, Some(at));
        }
    }
}
