//! Quantities: <https://hl7.org/fhir/R4/search.html#quantity>.

use std::borrow::Cow;

use rushlight_fhirpath::Decimal;
use rushlight_model::json::Value;

use super::decimal::Number;
use super::members::{members, said, written};
use super::{Datatype, Element, Units, hash};
use crate::Entries;
use crate::table::TableId;

const UCUM: &str = "http://unitsofmeasure.org";
const CURRENCIES: &str = "urn:iso:std:iso:4217";

/// Between two numbers of a unit. What is missing is infinitely far; if both are, there is no quantity.
#[derive(Default)]
struct Measured<'t> {
    ends: [Option<Cow<'t, str>>; 2],
    system: Cow<'t, str>,
    code: Cow<'t, str>,
    unit: Cow<'t, str>,
}

impl Measured<'_> {
    /// Its ends as numbers; `None` if there are none.
    fn interval(&self, read: impl Fn(&str) -> Option<Number>) -> Option<[Number; 2]> {
        let [low, high] = self.ends.each_ref().map(Option::as_deref);
        let first = low.and_then(&read);
        let last = if high == low { first.clone() } else { high.and_then(&read) };
        if first.is_none() && last.is_none() {
            return None;
        }
        Some([first.unwrap_or_else(Number::least), last.unwrap_or_else(Number::greatest)])
    }
}

pub(super) fn index(unit: i32, element: Element<'_>, out: &mut Entries) {
    let measured = match element.datatype {
        Datatype::Quantity => quantity(element.value),
        Datatype::Money => money(element.value),
        Datatype::Range => range(element.value),
        Datatype::SampledData => sampled(element.value),
        _ => return,
    };
    literal(unit, &measured, out);
    if measured.system == UCUM {
        canonical(unit, &measured, element.units, out);
    }
}

fn quantity(value: Option<Value<'_>>) -> Measured<'_> {
    let names = ["value", "comparator", "system", "code", "unit"];
    let [value, comparator, system, code, unit] = members(value, names);
    let number = written(value);
    let ends = match said(comparator).as_ref() {
        "<" | "<=" => [None, number],
        ">" | ">=" => [number, None],
        _ => [number.clone(), number],
    };
    Measured { ends, system: said(system), code: said(code), unit: said(unit) }
}

fn money(value: Option<Value<'_>>) -> Measured<'_> {
    let [value, currency] = members(value, ["value", "currency"]);
    let (number, currency) = (written(value), said(currency));
    Measured {
        ends: [number.clone(), number],
        system: Cow::Borrowed(CURRENCIES),
        code: currency.clone(),
        unit: currency,
    }
}

fn range(value: Option<Value<'_>>) -> Measured<'_> {
    let [low, high] = members(value, ["low", "high"]);
    let units = quantity(low.or(high));
    let ends = [low, high].map(|end| written(end?.get("value")));
    Measured { ends, ..units }
}

/// From the least to the greatest of the samples: <https://hl7.org/fhir/R4/datatypes.html#SampledData>.
fn sampled(value: Option<Value<'_>>) -> Measured<'_> {
    let [origin, factor, data] = members(value, ["origin", "factor", "data"]);
    let units = quantity(origin);
    let least_and_greatest = || {
        let [origin, _] = &units.ends;
        let origin = decimal(origin.as_deref()?)?;
        let factor = factor.map_or(Some(Decimal::ONE), |factor| decimal(factor.raw()))?;
        let data = said(data);
        // E, L and U stand for what could not be measured.
        let samples = data.split_whitespace().filter_map(decimal);
        let values = samples.filter_map(|sample| sample.checked_mul(factor)?.checked_add(origin));
        let ends = values.map(|value| [value, value]).reduce(|[a, b], [c, d]| [a.min(c), b.max(d)])?;
        Some(ends.map(|end| Some(Cow::Owned(end.to_string()))))
    };
    let ends = least_and_greatest().unwrap_or_default();
    Measured { ends, ..units }
}

fn decimal(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text)).ok()
}

fn literal(unit: i32, measured: &Measured<'_>, out: &mut Entries) {
    let row = out.row(TableId::QUANTITY, unit);
    let Some([low, high]) = measured.interval(Number::parse) else {
        let (low, high) = (Number::greatest(), Number::least());
        return row.bytes(low.as_bytes()).bytes(high.as_bytes()).int(0).int(0).int(0).end();
    };
    let Measured { system, code, unit, .. } = measured;
    row.bytes(low.as_bytes()).bytes(high.as_bytes()).int(hash(system)).int(hash(code)).int(hash(unit)).end();
}

/// The same in base units, where that is known.
fn canonical(unit: i32, measured: &Measured<'_>, units: &Units, out: &mut Entries) {
    let Some(of) = units.unit(&measured.code) else { return };
    let Some([low, high]) = measured.interval(|number| of.convert(number)) else { return };
    out.row(TableId::QUANTITY_UCUM, unit).int(of.base).bytes(low.as_bytes()).bytes(high.as_bytes()).end();
}
