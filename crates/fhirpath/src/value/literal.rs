//! Values from text.

use std::borrow::Cow;

use rushlight_model::primitive::{DateTime, Precision, Primitive, Time};
use rust_decimal::Decimal;

use super::{Quantity, QuantityUnit, Value};
use crate::error::ErrorKind;
use crate::syntax::{Literal, Unit};
use crate::units::Calendar;

impl Value<'static> {
    /// The value of a literal; `None` if that is `{}`.
    pub(crate) fn of_literal(literal: &Literal) -> Result<Option<Self>, ErrorKind> {
        let wrong = |text: &str, expected| ErrorKind::Literal { expected, text: text.to_owned() };
        Ok(Some(match literal {
            Literal::Empty => return Ok(None),
            Literal::Boolean(value) => Value::Boolean(*value),
            Literal::String(text) => Value::String(Cow::Owned(text.to_string())),
            Literal::Integer(text) => {
                let value = text.parse::<i32>().ok();
                Value::Integer(value.ok_or_else(|| wrong(text, Primitive::Integer.expected()))?.into())
            }
            Literal::Decimal(text) => {
                Value::Decimal(decimal(text).ok_or_else(|| wrong(text, "a decimal of at most 28 digits"))?)
            }
            Literal::Date(text) => {
                Value::Date(date(text).ok_or_else(|| wrong(text, Primitive::Date.expected()))?)
            }
            Literal::DateTime(text) => {
                Value::DateTime(date_time(text).ok_or_else(|| wrong(text, "a date and time"))?)
            }
            Literal::Time(text) => {
                Value::Time(Time::parse(text).map_err(|_| wrong(text, Primitive::Time.expected()))?)
            }
            Literal::Quantity(number, unit) => {
                let value = decimal(number).ok_or_else(|| wrong(number, "a decimal of at most 28 digits"))?;
                Value::Quantity(Box::new(Quantity { value, unit: unit_of(unit) }))
            }
        }))
    }
}

impl<'t> Value<'t> {
    /// The same, without owning its text.
    pub(crate) fn borrowed(&'t self) -> Self {
        match self {
            Self::String(text) => Self::String(Cow::Borrowed(text)),
            Self::Wide(text) => Self::Wide(Cow::Borrowed(text)),
            other => other.clone(),
        }
    }
}

fn unit_of(unit: &Unit) -> QuantityUnit<'static> {
    match unit {
        Unit::Ucum(code) => QuantityUnit::Ucum(Cow::Owned(code.to_string())),
        // The parser knows no other words.
        Unit::Calendar(word) => QuantityUnit::Calendar(Calendar::of(word).unwrap_or(Calendar::Second)),
    }
}

/// A number as FHIR writes it, exponent included, if it has no more digits than can be computed with.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    if text.contains(['e', 'E']) {
        let value = Decimal::from_scientific(text).ok()?;
        // What would underflow must not become zero in silence.
        let digits = text.split(['e', 'E']).next().unwrap_or_default();
        return (!value.is_zero() || !digits.contains(|digit| ('1'..='9').contains(&digit))).then_some(value);
    }
    Decimal::from_str_exact(text).ok()
}

/// Digits, perhaps after a sign.
pub(crate) fn integer(text: &str) -> Option<i64> {
    text.parse::<i32>().ok().map(i64::from)
}

/// A date, whole or partial.
pub(crate) fn date(text: &str) -> Option<DateTime> {
    DateTime::parse(text).ok().filter(|date| date.precision() <= Precision::Day && date.offset().is_none())
}

/// A date and time, whole or partial; a `T` may stand at the end of a date.
pub(crate) fn date_time(text: &str) -> Option<DateTime> {
    DateTime::parse(text.strip_suffix('T').unwrap_or(text)).ok()
}

/// `4 days`, `4 'mg'` or `4`; the unit is `'1'` where there is none.
pub(crate) fn quantity(text: &str) -> Option<Quantity<'static>> {
    let text = text.trim();
    let end = text
        .find(|char: char| !char.is_ascii_digit() && !matches!(char, '.' | '-' | '+'))
        .unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    let value = decimal(number.strip_prefix('+').unwrap_or(number))?;
    let word = unit.trim_start();
    let unit = match word {
        "" => QuantityUnit::Ucum(Cow::Borrowed("1")),
        _ => match word.strip_prefix('\'').and_then(|unit| unit.strip_suffix('\'')) {
            Some(code) if !code.contains('\'') => QuantityUnit::Ucum(Cow::Owned(code.to_owned())),
            Some(_) => return None,
            None if unit == word => return None,
            None => QuantityUnit::Calendar(Calendar::of(word)?),
        },
    };
    Some(Quantity { value, unit })
}
