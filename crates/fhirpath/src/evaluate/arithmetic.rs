//! Computing: <https://hl7.org/fhirpath/N1/#math>. What overflows, or is divided by zero, is empty.

use std::borrow::Cow;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::order::{decimal, operands, quantity};
use super::{Result, mismatch, single, temporal};
use crate::error::Fault;
use crate::syntax::Operator;
use crate::value::{Item, Items, Quantity, Value, perhaps};

/// What an operator gives for two items.
pub(super) fn arithmetic<'t>(
    operator: Operator,
    left: &Item<'t>,
    right: &Item<'t>,
    at: u32,
) -> std::result::Result<Option<Value<'t>>, Fault> {
    let wrong = || operands(operator.text(), left, right, at);
    let (Some(one), Some(other)) = (left.value(), right.value()) else { return Err(wrong()) };
    match (&one, &other) {
        (Value::Integer(one), Value::Integer(other)) if operator != Operator::Divide => {
            Ok(of_integers(operator, *one, *other).map(Value::Integer))
        }
        (Value::String(one), Value::String(other)) if operator == Operator::Plus => {
            Ok(Some(Value::String(Cow::Owned(format!("{one}{other}")))))
        }
        (Value::Date(_) | Value::DateTime(_) | Value::Time(_), Value::Quantity(duration)) => {
            let later = match operator {
                Operator::Plus => temporal::plus(&one, duration, 1),
                Operator::Minus => temporal::plus(&one, duration, -1),
                _ => None,
            };
            later.ok_or_else(wrong)
        }
        (Value::Wide(_), Value::Integer(_) | Value::Decimal(_) | Value::Wide(_))
        | (Value::Integer(_) | Value::Decimal(_), Value::Wide(_)) => Ok(None),
        _ => match (decimal(&one), decimal(&other)) {
            (Some(one), Some(other)) => Ok(of_decimals(operator, one, other)),
            _ => match (quantity(&one), quantity(&other)) {
                (Some(one), Some(other)) => of_quantities(operator, &one, &other).ok_or_else(wrong),
                _ => Err(wrong()),
            },
        },
    }
}

/// Integers have 32 bits; only where one has more, the result may.
fn of_integers(operator: Operator, one: i64, other: i64) -> Option<i64> {
    let result = match operator {
        Operator::Plus => one.checked_add(other),
        Operator::Minus => one.checked_sub(other),
        Operator::Times => one.checked_mul(other),
        Operator::Div => one.checked_div(other),
        _ => one.checked_rem(other),
    }?;
    let short = |value: i64| i32::try_from(value).is_ok();
    (short(result) || !short(one) || !short(other)).then_some(result)
}

fn of_decimals(operator: Operator, one: Decimal, other: Decimal) -> Option<Value<'static>> {
    match operator {
        Operator::Plus => one.checked_add(other),
        Operator::Minus => one.checked_sub(other),
        Operator::Times => one.checked_mul(other),
        Operator::Divide => one.checked_div(other).map(|quotient| quotient.normalize()),
        Operator::Mod => one.checked_rem(other),
        _ => {
            let whole = one.checked_div(other)?.trunc().to_i64()?;
            return i32::try_from(whole).is_ok().then_some(Value::Integer(whole));
        }
    }
    .map(Value::Decimal)
}

/// An outer `None` if the operator has no meaning for quantities.
fn of_quantities<'t>(
    operator: Operator,
    one: &Quantity<'t>,
    other: &Quantity<'t>,
) -> Option<Option<Value<'t>>> {
    let result = match operator {
        Operator::Plus => one.plus(other),
        Operator::Minus => one.plus(&Quantity { value: -other.value, unit: other.unit.clone() }),
        Operator::Times => one.times(other),
        Operator::Divide => one.divided_by(other),
        _ => return None,
    };
    Some(result.map(Box::new).map(Value::Quantity))
}

/// `-x`
pub(crate) fn negative<'t>(items: Items<'t>, at: u32) -> Result<'t> {
    let Some(item) = single(&items, "-", at)? else { return Ok(items) };
    let value = match item.value() {
        Some(Value::Integer(value)) => value.checked_neg().map(Value::Integer),
        Some(Value::Decimal(value)) => Some(Value::Decimal(-value)),
        Some(Value::Quantity(quantity)) => {
            Some(Value::Quantity(Box::new(Quantity { value: -quantity.value, unit: quantity.unit })))
        }
        _ => return Err(mismatch("-", "a number", item, at)),
    };
    Ok(perhaps(value))
}
