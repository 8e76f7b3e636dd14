//! Numbers: <https://hl7.org/fhirpath/N1/#math-1>.
//!
//! Roots, powers and logarithms that are no decimals are computed as binary numbers, and have 15 digits.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::error::Fault;
use crate::evaluate::{Evaluator, Input, Result};
use crate::units;
use crate::value::{Items, Quantity, Value, one, perhaps, rounded};

const NUMBER: &str = "a number";
/// Multiplications for a power, at most; beyond that no decimal but 0 and 1 has room.
const LARGEST_EXPONENT: i64 = 1024;

/// The input as a decimal.
fn decimal(input: &Input<'_, '_>) -> std::result::Result<Option<Decimal>, Fault> {
    if input.single()?.is_none() {
        return Ok(None);
    }
    match input.value()? {
        Some(Value::Integer(value)) => Ok(Some(value.into())),
        Some(Value::Decimal(value)) => Ok(Some(value)),
        Some(Value::Wide(_)) => Ok(None),
        _ => Err(input.mismatch(NUMBER)),
    }
}

/// The argument as a decimal.
fn argument<'t>(
    evaluator: &mut Evaluator<'t>,
    input: &Input<'t, '_>,
) -> std::result::Result<Option<Value<'t>>, Fault> {
    let items = input.argument(evaluator, 0)?;
    let Some(item) = crate::evaluate::single(&items, input.name(), input.at())? else { return Ok(None) };
    match item.value() {
        value @ Some(Value::Integer(_) | Value::Decimal(_)) => Ok(value),
        _ => Err(crate::evaluate::mismatch(input.name(), NUMBER, item, input.at())),
    }
}

pub(super) fn abs<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    if input.single()?.is_none() {
        return Ok(Items::new());
    }
    let value = match input.value()? {
        Some(Value::Integer(value)) => value.checked_abs().map(Value::Integer),
        Some(Value::Decimal(value)) => Some(Value::Decimal(value.abs())),
        Some(Value::Quantity(quantity)) => {
            Some(Value::Quantity(Box::new(Quantity { value: quantity.value.abs(), unit: quantity.unit })))
        }
        _ => return Err(input.mismatch(NUMBER)),
    };
    Ok(perhaps(value))
}

/// A whole number; none if it has more than 32 bits.
fn whole<'t>(input: &Input<'t, '_>, of: impl FnOnce(Decimal) -> Decimal) -> Result<'t> {
    let value = decimal(input)?.and_then(|value| of(value).to_i32());
    Ok(perhaps(value.map(|value| Value::Integer(value.into()))))
}

pub(super) fn ceiling<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    whole(&input, |value| value.ceil())
}

pub(super) fn floor<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    whole(&input, |value| value.floor())
}

pub(super) fn truncate<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    whole(&input, |value| value.trunc())
}

pub(super) fn round<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let Some(value) = decimal(&input)? else { return Ok(Items::new()) };
    let places = match input.integer_argument(evaluator, 0)? {
        None => 0,
        Some(places) => u32::try_from(places).map_err(|_| input.mismatch("a precision of 0 or more"))?,
    };
    Ok(one(Value::Decimal(rounded(value, places))))
}

/// What a function of binary numbers gives; empty where it is not defined.
fn binary<'t>(input: &Input<'t, '_>, of: impl FnOnce(f64) -> f64) -> Result<'t> {
    let value = decimal(input)?.and_then(|value| units::decimal(of(value.to_f64()?)));
    Ok(perhaps(value.map(Value::Decimal)))
}

pub(super) fn exp<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    binary(&input, f64::exp)
}

pub(super) fn ln<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    binary(&input, f64::ln)
}

pub(super) fn sqrt<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    binary(&input, f64::sqrt)
}

pub(super) fn log<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    match argument(evaluator, &input)?.as_ref().and_then(number) {
        Some(base) => binary(&input, |value| value.ln() / base.ln()),
        None => Ok(Items::new()),
    }
}

fn number(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Integer(value) => value.to_f64(),
        Value::Decimal(value) => value.to_f64(),
        _ => None,
    }
}

/// Exact where the exponent is whole.
pub(super) fn power<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let (Some(base), Some(exponent)) = (decimal(&input)?, argument(evaluator, &input)?) else {
        return Ok(Items::new());
    };
    if let Value::Integer(exponent @ 0..=LARGEST_EXPONENT) = exponent {
        evaluator.spend(input.at(), exponent.unsigned_abs() as usize)?;
        let product = (0..exponent).try_fold(Decimal::ONE, |product, _| product.checked_mul(base));
        let is_integer = matches!(input.value()?, Some(Value::Integer(_)));
        return Ok(perhaps(product.and_then(|product| match is_integer {
            true => product.to_i32().map(|value| Value::Integer(value.into())),
            false => Some(Value::Decimal(product)),
        })));
    }
    match number(&exponent) {
        Some(exponent) => binary(&input, |value| value.powf(exponent)),
        None => Ok(Items::new()),
    }
}
