//! How precise values are, and what they may stand for: <https://hl7.org/fhirpath/#boundary-functions>.

use rushlight_model::primitive::{Precision, Time};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::evaluate::{Evaluator, Input, Result, single};
use crate::value::{Items, Quantity, Value, boolean, perhaps, rounded};

/// Places that a decimal may have.
const MOST_PLACES: i64 = 28;
const PLACES: i64 = 8;

/// Precisions of dates and times, and how many digits they are written with.
const DIGITS: [(i64, Precision); 7] = [
    (4, Precision::Year),
    (6, Precision::Month),
    (8, Precision::Day),
    (10, Precision::Hour),
    (12, Precision::Minute),
    (14, Precision::Second),
    (17, Precision::Fraction(3)),
];
/// The digits of a date and time before those of the time.
const OF_DATE: i64 = 8;

pub(super) fn low<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    bound(evaluator, &input, false)
}

pub(super) fn high<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    bound(evaluator, &input, true)
}

fn bound<'t>(evaluator: &mut Evaluator<'t>, input: &Input<'t, '_>, last: bool) -> Result<'t> {
    let asked = input.integer_argument(evaluator, 0)?;
    let Some(value) = input.value()? else { return Ok(Items::new()) };
    let precision = |usual: i64, before: i64| {
        let digits = asked.unwrap_or(usual) + before;
        DIGITS.into_iter().find(|(known, _)| *known == digits).map(|(_, precision)| precision)
    };
    let bound = match value {
        Value::Integer(value) => of_decimal(value.into(), asked, last).map(Value::Decimal),
        Value::Decimal(value) => of_decimal(value, asked, last).map(Value::Decimal),
        Value::Quantity(quantity) => of_decimal(quantity.value, asked, last)
            .map(|value| Value::Quantity(Box::new(Quantity { value, unit: quantity.unit }))),
        Value::Date(date) => precision(8, 0)
            .filter(|precision| *precision <= Precision::Day)
            .map(|precision| Value::Date(date.bound(last, precision))),
        Value::DateTime(at) => precision(17, 0).map(|precision| Value::DateTime(at.bound(last, precision))),
        Value::Time(time) => precision(9, OF_DATE)
            .filter(|precision| *precision > Precision::Day)
            .map(|precision| Value::Time(time.bound(last, precision))),
        Value::Wide(_) => None,
        Value::Boolean(_) | Value::String(_) => {
            return Err(input.mismatch("a number, quantity, date or time"));
        }
    };
    Ok(perhaps(bound))
}

/// Half a unit of the last place less, or more. Where fewer places are asked for, what lies nearer to zero is cut and
/// what lies further away is rounded.
fn of_decimal(value: Decimal, places: Option<i64>, last: bool) -> Option<Decimal> {
    let places = places.unwrap_or(PLACES);
    if !(0..=MOST_PLACES).contains(&places) {
        return None;
    }
    let places = u32::try_from(places).ok()?;
    let half = Decimal::try_new(5, value.scale() + 1).ok()?;
    let bound = if last { value.checked_add(half)? } else { value.checked_sub(half)? };
    let away = bound.is_sign_negative() != last;
    let mut bound = match away {
        true => rounded(bound, places),
        false => bound.round_dp_with_strategy(places, RoundingStrategy::ToZero),
    };
    bound.rescale(places);
    (bound.scale() == places).then_some(bound)
}

/// The digits that a value was written with; of a decimal, those after the point.
pub(super) fn precision<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let Some(value) = input.value()? else { return Ok(Items::new()) };
    let digits = match value {
        Value::Integer(_) => Some(0),
        Value::Decimal(value) => Some(value.scale().into()),
        Value::Quantity(quantity) => Some(quantity.value.scale().into()),
        Value::Date(at) | Value::DateTime(at) => digits(at.precision()),
        Value::Time(time) => digits(Time::precision(time)).map(|digits| digits - OF_DATE),
        Value::Wide(_) => None,
        Value::Boolean(_) | Value::String(_) => {
            return Err(input.mismatch("a number, quantity, date or time"));
        }
    };
    Ok(perhaps(digits.map(Value::Integer)))
}

fn digits(precision: Precision) -> Option<i64> {
    match precision {
        Precision::Fraction(digits) => Some(14 + i64::from(digits)),
        _ => DIGITS.into_iter().find(|(_, known)| *known == precision).map(|(digits, _)| digits),
    }
}

pub(super) fn comparable<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let other = input.argument(evaluator, 0)?;
    let other = single(&other, input.name(), input.at())?.and_then(crate::value::Item::value);
    match (input.value()?, other) {
        (Some(Value::Quantity(one)), Some(Value::Quantity(other))) => Ok(boolean(one.is_comparable(&other))),
        (Some(_), Some(_)) => Ok(boolean(false)),
        _ => Ok(Items::new()),
    }
}
