//! From one type to another: <https://hl7.org/fhirpath/N1/#conversion>.

use std::borrow::Cow;

use rushlight_model::primitive::{Precision, Time};
use rust_decimal::Decimal;

use crate::evaluate::{Evaluator, Input, Result};
use crate::units;
use crate::value::{self, Items, Quantity, QuantityUnit, Value, boolean, perhaps};

/// What a value is converted to, if it can be.
type Conversion = for<'t> fn(Value<'t>) -> Option<Value<'t>>;

fn convert<'t>(input: &Input<'t, '_>, conversion: Conversion) -> Result<'t> {
    Ok(perhaps(input.value()?.and_then(conversion)))
}

fn converts<'t>(input: &Input<'t, '_>, conversion: Conversion) -> Result<'t> {
    if input.single()?.is_none() {
        return Ok(Items::new());
    }
    Ok(boolean(input.value()?.and_then(conversion).is_some()))
}

/// Makes two functions of a conversion.
macro_rules! conversions {
    ($($to:ident $converts:ident $conversion:ident;)*) => {
        $(
            pub(super) fn $to<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
                convert(&input, $conversion)
            }

            pub(super) fn $converts<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
                converts(&input, $conversion)
            }
        )*
    };
}

conversions! {
    to_boolean converts_to_boolean into_boolean;
    to_integer converts_to_integer into_integer;
    to_decimal converts_to_decimal into_decimal;
    to_string converts_to_string into_string;
    to_date converts_to_date into_date;
    to_date_time converts_to_date_time into_date_time;
    to_time converts_to_time into_time;
}

fn into_boolean(value: Value<'_>) -> Option<Value<'_>> {
    let of_decimal = |value: Decimal| match () {
        () if value == Decimal::ONE => Some(true),
        () if value.is_zero() => Some(false),
        () => None,
    };
    let truth = match value {
        Value::Boolean(value) => Some(value),
        Value::Integer(value) => of_decimal(value.into()),
        Value::Decimal(value) => of_decimal(value),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" | "1.0" => Some(true),
            "false" | "f" | "no" | "n" | "0" | "0.0" => Some(false),
            _ => None,
        },
        _ => None,
    };
    truth.map(Value::Boolean)
}

fn into_integer(value: Value<'_>) -> Option<Value<'_>> {
    match value {
        Value::Integer(_) => Some(value),
        Value::Boolean(value) => Some(Value::Integer(value.into())),
        Value::String(text) => value::integer(&text).map(Value::Integer),
        _ => None,
    }
}

fn into_decimal(value: Value<'_>) -> Option<Value<'_>> {
    match value {
        Value::Integer(value) => Some(Value::Decimal(value.into())),
        Value::Decimal(_) | Value::Wide(_) => Some(value),
        Value::Boolean(value) => Some(Value::Decimal(Decimal::new(if value { 10 } else { 0 }, 1))),
        Value::String(text) => {
            let digits = text.strip_prefix('+').unwrap_or(&text);
            let plain = digits.chars().all(|char| char.is_ascii_digit() || matches!(char, '.' | '-'));
            value::decimal(digits).filter(|_| plain && !digits.ends_with('.')).map(Value::Decimal)
        }
        _ => None,
    }
}

fn into_string(value: Value<'_>) -> Option<Value<'_>> {
    match value {
        Value::String(_) => Some(value),
        _ => Some(Value::String(Cow::Owned(value.to_string()))),
    }
}

fn into_date(value: Value<'_>) -> Option<Value<'_>> {
    match value {
        Value::Date(_) => Some(value),
        Value::DateTime(at) => Some(Value::Date(at.date())),
        Value::String(text) => value::date(&text).map(Value::Date),
        _ => None,
    }
}

fn into_date_time(value: Value<'_>) -> Option<Value<'_>> {
    match value {
        Value::DateTime(_) => Some(value),
        Value::Date(date) => Some(Value::DateTime(date)),
        Value::String(text) => value::date_time(&text).map(Value::DateTime),
        _ => None,
    }
}

fn into_time(value: Value<'_>) -> Option<Value<'_>> {
    match value {
        Value::Time(_) => Some(value),
        Value::String(text) => {
            let time = Time::parse(text.strip_prefix('T').unwrap_or(&text)).ok()?;
            (time.precision() >= Precision::Hour).then_some(Value::Time(time))
        }
        _ => None,
    }
}

fn into_quantity(value: Value<'_>) -> Option<Quantity<'_>> {
    let of_one = |value| Some(Quantity { value, unit: QuantityUnit::Ucum(Cow::Borrowed("1")) });
    match value {
        Value::Quantity(quantity) => Some(*quantity),
        Value::Integer(value) => of_one(value.into()),
        Value::Decimal(value) => of_one(value),
        Value::Boolean(value) => of_one(Decimal::new(if value { 10 } else { 0 }, 1)),
        Value::String(text) => value::quantity(&text),
        _ => None,
    }
}

/// The input as a quantity, in the unit of the argument if there is one.
fn quantity<'t>(
    evaluator: &mut Evaluator<'t>,
    input: &Input<'t, '_>,
) -> std::result::Result<Option<Quantity<'t>>, crate::error::Fault> {
    let Some(quantity) = input.value()?.and_then(into_quantity) else { return Ok(None) };
    let Some(unit) = input.string_argument(evaluator, 0)? else { return Ok(Some(quantity)) };
    let wanted = match units::Calendar::of(&unit) {
        Some(calendar) => QuantityUnit::Calendar(calendar),
        None => QuantityUnit::Ucum(unit),
    };
    let one = Quantity { value: Decimal::ONE, unit: wanted };
    Ok(quantity.in_unit_of(&one))
}

pub(super) fn to_quantity<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    Ok(perhaps(quantity(evaluator, &input)?.map(Box::new).map(Value::Quantity)))
}

pub(super) fn converts_to_quantity<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    if input.single()?.is_none() {
        return Ok(Items::new());
    }
    Ok(boolean(quantity(evaluator, &input)?.is_some()))
}
