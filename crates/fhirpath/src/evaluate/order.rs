//! What is more and what is less: <https://hl7.org/fhirpath/N1/#comparison>.

use std::borrow::Cow;
use std::cmp::Ordering;

use rushlight_model::primitive;
use rust_decimal::Decimal;

use crate::error::{ErrorKind, Fault};
use crate::value::{Item, Quantity, QuantityUnit, Value};

/// Which of two items is more; `None` if that is open.
pub(crate) fn compare(
    one: &Item<'_>,
    other: &Item<'_>,
    operator: &'static str,
    at: u32,
) -> Result<Option<Ordering>, Fault> {
    let order = match (one.value(), other.value()) {
        (Some(one), Some(other)) => of_values(&one, &other),
        _ => Err(()),
    };
    order.map_err(|()| operands(operator, one, other, at))
}

pub(super) fn operands(operator: &'static str, left: &Item<'_>, right: &Item<'_>, at: u32) -> Fault {
    let [left, right] = [left, right].map(|item| item.type_info().to_string());
    Fault::new(at, ErrorKind::Operands { operator, left, right })
}

/// An error if values of these types have no order.
fn of_values(one: &Value<'_>, other: &Value<'_>) -> Result<Option<Ordering>, ()> {
    Ok(match (one, other) {
        (Value::String(one), Value::String(other)) => Some(one.cmp(other)),
        (Value::Date(one) | Value::DateTime(one), Value::Date(other) | Value::DateTime(other)) => {
            one.compare(*other, None)
        }
        (Value::Time(one), Value::Time(other)) => one.compare(*other),
        _ => match numbers(one, other) {
            Some(order) => order,
            None => return Err(()),
        },
    })
}

/// The order of two numbers or quantities; `None` if one is neither.
pub(super) fn numbers(one: &Value<'_>, other: &Value<'_>) -> Option<Option<Ordering>> {
    if let (Value::Integer(one), Value::Integer(other)) = (one, other) {
        return Some(Some(one.cmp(other)));
    }
    if let (Some(one), Some(other)) = (decimal(one), decimal(other)) {
        return Some(Some(one.cmp(&other)));
    }
    if let (Some(one), Some(other)) = (written(one), written(other)) {
        let parsed = (primitive::Decimal::parse(&one).ok()?, primitive::Decimal::parse(&other).ok()?);
        return Some(Some(parsed.0.cmp(&parsed.1)));
    }
    Some(quantity(one)?.compare(&quantity(other)?))
}

/// A number that can be computed with.
pub(super) fn decimal(value: &Value<'_>) -> Option<Decimal> {
    match value {
        Value::Integer(value) => Some(Decimal::from(*value)),
        Value::Decimal(value) => Some(*value),
        _ => None,
    }
}

/// A number as text: it may have any number of digits.
fn written<'v>(value: &'v Value<'_>) -> Option<Cow<'v, str>> {
    match value {
        Value::Wide(text) => Some(Cow::Borrowed(text)),
        _ => decimal(value).map(|value| Cow::Owned(value.to_string())),
    }
}

/// A quantity, or a number as one.
pub(super) fn quantity<'t>(value: &Value<'t>) -> Option<Quantity<'t>> {
    match value {
        Value::Quantity(quantity) => Some((**quantity).clone()),
        _ => Some(Quantity { value: decimal(value)?, unit: QuantityUnit::Ucum(Cow::Borrowed("1")) }),
    }
}
