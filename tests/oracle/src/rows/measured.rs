//! Numbers, quantities and places: <https://hl7.org/fhir/R4/search.html#number>,
//! <https://hl7.org/fhir/R4/search.html#quantity>, <https://hl7.org/fhir/R4/location.html#positional>.

use super::{Column, Row, row};
use crate::decimal::{Decimal, GREATEST, LEAST};
use crate::expression::Node;
use crate::hash::hash;
use crate::json::Json;
use rushlight_model::definitions::Definitions;

/// An end of an interval: infinite where it is missing.
type End = Option<Decimal>;

/// An interval with its unit.
struct Measure<'j> {
    low: End,
    high: End,
    system: &'j str,
    code: &'j str,
    unit: &'j str,
}

fn ends(low: &End, high: &End) -> [Column; 2] {
    let bytes = |end: &End, missing: [u8; 2]| end.as_ref().map_or(missing.to_vec(), Decimal::encoded);
    [Column::Bytes(bytes(low, LEAST)), Column::Bytes(bytes(high, GREATEST))]
}

fn decimal(json: Option<&Json>) -> End {
    Decimal::parse(json?.primitive()?)
}

/// The values of a `Range`'s ends; `None` if it has neither.
fn range(json: &Json) -> Option<(End, End)> {
    let end = |name: &str| decimal(json.get(name).and_then(|quantity| quantity.get("value")));
    let (low, high) = (end("low"), end("high"));
    (low.is_some() || high.is_some()).then_some((low, high))
}

pub fn numbers(node: &Node<'_>, definitions: &'static Definitions) -> Option<Vec<Row>> {
    let is = |name: &str| node.ty.is_a(definitions, name);
    let found = if is("integer") || is("integer64") || is("decimal") {
        let value = decimal(node.value);
        value.map(|value| (Some(value.clone()), Some(value)))
    } else if is("Range") {
        node.value.and_then(range)
    } else {
        return None;
    };
    Some(found.map(|(low, high)| row("number", ends(&low, &high))).into_iter().collect())
}

pub fn quantities(node: &Node<'_>, definitions: &'static Definitions) -> Option<Vec<Row>> {
    let json = node.value;
    let found = match node.ty.name {
        _ if node.ty.is_a(definitions, "Quantity") => json.and_then(quantity),
        "Money" => json.and_then(money),
        "Range" => json.and_then(of_range),
        "SampledData" => json.and_then(sampled),
        _ => return None,
    };
    let Some(found) = found else { return Some(Vec::new()) };
    let [low, high] = ends(&found.low, &found.high);
    let units = [found.system, found.code, found.unit].map(|text| Column::Int(hash(text)));
    let plain = row("quantity", [low, high].into_iter().chain(units));
    Some(std::iter::once(plain).chain(canonical(&found)).collect())
}

fn measure<'j>(low: End, high: End, units: Option<&'j Json>) -> Measure<'j> {
    let part = |name: &str| units.and_then(|units| units.text_of(name)).unwrap_or("");
    Measure { low, high, system: part("system"), code: part("code"), unit: part("unit") }
}

fn quantity(json: &Json) -> Option<Measure<'_>> {
    let value = decimal(json.get("value"))?;
    let (low, high) = match json.text_of("comparator") {
        Some("<" | "<=") => (None, Some(value)),
        Some(">" | ">=") => (Some(value), None),
        _ => (Some(value.clone()), Some(value)),
    };
    Some(measure(low, high, Some(json)))
}

fn money(json: &Json) -> Option<Measure<'_>> {
    let value = decimal(json.get("value"));
    value.as_ref()?;
    let currency = json.text_of("currency").unwrap_or("");
    Some(Measure {
        low: value.clone(),
        high: value,
        system: "urn:iso:std:iso:4217",
        code: currency,
        unit: currency,
    })
}

fn of_range(json: &Json) -> Option<Measure<'_>> {
    let (low, high) = range(json)?;
    Some(measure(low, high, json.get("low").or(json.get("high"))))
}

/// From the least to the greatest of the samples: `origin + factor × number`.
fn sampled(json: &Json) -> Option<Measure<'_>> {
    let origin = json.get("origin")?;
    let zero = decimal(origin.get("value"))?;
    let factor = decimal(json.get("factor")).or(Decimal::parse("1"))?;
    let numbers = json.text_of("data")?.split_whitespace().filter_map(Decimal::parse);
    let values: Vec<Decimal> = numbers.map(|number| zero.plus(&factor.times(&number))).collect();
    Some(measure(Some(values.iter().min()?.clone()), Some(values.iter().max()?.clone()), Some(origin)))
}

/// UCUM's base units for a unit, and how to come to them.
pub struct BaseUnits {
    pub base: String,
    scale: Scale,
}

enum Scale {
    Factor(Decimal),
    Celsius,
    Fahrenheit,
}

impl BaseUnits {
    /// `None` for what is no unit of UCUM's, or one that is not on a scale with others.
    pub fn of(system: &str, code: &str) -> Option<Self> {
        if system != "http://unitsofmeasure.org" {
            return None;
        }
        let unit = ucum::analyze(code).ok()?;
        let base = unit.dimension.to_string();
        let (base, scale) = match code {
            "Cel" => (base, Scale::Celsius),
            "[degF]" => (base, Scale::Fahrenheit),
            // An arbitrary unit can be compared with nothing else.
            _ if !ucum::is_comparable(code, code).ok()? => {
                (code.to_owned(), Scale::Factor(Decimal::parse("1")?))
            }
            _ if unit.is_special => return None,
            // Of a double, fifteen digits are sure.
            _ => (base, Scale::Factor(Decimal::parse(&format!("{:.14e}", unit.factor))?)),
        };
        Some(Self { base, scale })
    }

    pub fn convert(&self, value: &Decimal) -> Decimal {
        let number = |text| Decimal::parse(text).unwrap();
        match &self.scale {
            Scale::Factor(factor) => value.times(factor),
            Scale::Celsius => value.plus(&number("273.15")).over(1, 12),
            Scale::Fahrenheit => value.plus(&number("459.67")).times(&number("5")).over(9, 12),
        }
    }
}

fn canonical(found: &Measure<'_>) -> Option<Row> {
    let units = BaseUnits::of(found.system, found.code)?;
    let convert = |end: &End| end.as_ref().map(|end| units.convert(end));
    let ends = ends(&convert(&found.low), &convert(&found.high));
    Some(row("quantity_ucum", std::iter::once(Column::Int(hash(&units.base))).chain(ends)))
}

pub fn positions(node: &Node<'_>) -> Option<Vec<Row>> {
    if node.ty.name != "Location.position" {
        return None;
    }
    let degrees =
        |name: &str| Some(Column::Real(format!("{:?}", node.get(name)?.primitive()?.parse::<f64>().ok()?)));
    let place = degrees("latitude").zip(degrees("longitude"));
    Some(place.map(|(latitude, longitude)| row("position", [latitude, longitude])).into_iter().collect())
}
