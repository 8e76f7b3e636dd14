//! Dates and times plus durations: <https://hl7.org/fhirpath/N1/#datetime-arithmetic>.

use rushlight_model::primitive::{DateTime, Precision};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::units::Calendar;
use crate::value::{Quantity, Value};

const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// A date or time so much later, or earlier if `sign` is -1. An outer `None` if the unit is none that can be added
/// to it; an inner one outside the years that there are.
pub(super) fn plus<'t>(value: &Value<'t>, duration: &Quantity<'_>, sign: i64) -> Option<Option<Value<'t>>> {
    let unit = duration.unit.duration()?;
    let amount = duration.value * Decimal::from(sign);
    match value {
        Value::Date(date) if unit.finest() <= Precision::Day => {
            Some(moved(*date, unit, amount).map(Value::Date))
        }
        Value::DateTime(at) => Some(moved(*at, unit, amount).map(Value::DateTime)),
        Value::Time(time) if unit.finest() > Precision::Day => {
            let seconds = unit.seconds();
            Some(
                nanos(cut(whole(unit, amount), time.precision(), seconds), seconds)
                    .map(|nanos| Value::Time(time.plus_nanos(nanos))),
            )
        }
        _ => None,
    }
}

impl Calendar {
    /// The precision of a date that names it.
    fn finest(self) -> Precision {
        match self {
            Self::Year => Precision::Year,
            Self::Month => Precision::Month,
            Self::Week | Self::Day => Precision::Day,
            Self::Hour => Precision::Hour,
            Self::Minute => Precision::Minute,
            Self::Second | Self::Millisecond => Precision::Second,
        }
    }

    /// How long it is, with years of 365 days and months of 30.
    fn seconds(self) -> Decimal {
        match self {
            Self::Year => Decimal::from(365 * 86_400),
            Self::Month => Decimal::from(30 * 86_400),
            Self::Week => Decimal::from(7 * 86_400),
            Self::Day => Decimal::from(86_400),
            Self::Hour => Decimal::from(3600),
            Self::Minute => Decimal::from(60),
            Self::Second => Decimal::ONE,
            Self::Millisecond => Decimal::new(1, 3),
        }
    }
}

/// What can't be seen in a partial date is converted to what it names, and cut there; above seconds, no fraction
/// counts.
fn moved(at: DateTime, unit: Calendar, amount: Decimal) -> Option<DateTime> {
    let precision = at.precision();
    let (year, month) = (Calendar::Year.seconds(), Calendar::Month.seconds());
    match (precision, unit) {
        (Precision::Year, Calendar::Month) => months(at, amount.trunc().checked_div(Decimal::from(12))?, 12),
        (_, Calendar::Year) => months(at, amount, 12),
        (_, Calendar::Month) => months(at, amount, 1),
        (Precision::Year, _) => {
            months(at, whole(unit, amount).checked_mul(unit.seconds())?.checked_div(year)?, 12)
        }
        (Precision::Month, _) => {
            months(at, whole(unit, amount).checked_mul(unit.seconds())?.checked_div(month)?, 1)
        }
        _ => at.plus_nanos(nanos(cut(whole(unit, amount), precision, unit.seconds()), unit.seconds())?),
    }
}

fn whole(unit: Calendar, amount: Decimal) -> Decimal {
    if unit.finest() < Precision::Second { amount.trunc() } else { amount }
}

fn months(at: DateTime, amount: Decimal, each: i64) -> Option<DateTime> {
    at.plus_months(amount.trunc().to_i64()?.checked_mul(each)?)
}

/// An amount of units of so many seconds, without what is finer than the precision.
fn cut(amount: Decimal, precision: Precision, seconds: Decimal) -> Decimal {
    let finest = match precision {
        Precision::Day => Decimal::from(86_400),
        Precision::Hour => Decimal::from(3600),
        Precision::Minute => Decimal::from(60),
        _ => return amount,
    };
    let steps =
        amount.checked_mul(seconds).and_then(|all| all.checked_div(finest)).map(|steps| steps.trunc());
    steps.and_then(|steps| steps.checked_mul(finest)?.checked_div(seconds)).unwrap_or(amount)
}

fn nanos(amount: Decimal, seconds: Decimal) -> Option<i128> {
    amount
        .checked_mul(seconds)?
        .checked_mul(Decimal::from_i128_with_scale(NANOS_PER_SECOND, 0))?
        .trunc()
        .to_i128()
}
