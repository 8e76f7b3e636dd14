//! Quantities: <https://hl7.org/fhir/R4/search.html#quantity>.

use super::super::fault::{Fault, Result, quoted};
use super::super::rows::{Meant, Shape};
use super::super::text::{plain, split};
use super::number::Ends;
use crate::query::{Op, Scalar};
use crate::table::TableId;
use crate::values::{Units, hash};

const UCUM: &str = "http://unitsofmeasure.org";

const LOW: usize = 0;
const HIGH: usize = 1;
const SYSTEM: usize = 2;
const CODE: usize = 3;
const UNIT: usize = 4;

/// `[prefix][number]`, `[prefix][number]|[system]|[code]` or `[prefix][number]||[code]`.
pub(in super::super) fn quantity(text: &str, units: &Units) -> Result<Meant> {
    let parts: Vec<&str> = split(text, '|').collect();
    let (number, system, code) = match parts[..] {
        [number] => (number, "", ""),
        [number, system, code] if !code.is_empty() => (number, system, code),
        [_, _, ""] => {
            return Err(Fault::value("a unit needs its code: number|system|code, or number||code"));
        }
        [number, unit] => {
            let text = format!("a unit follows two bars: {}", quoted(&format!("{number}||{unit}")));
            return Err(Fault::value(text));
        }
        _ => {
            let text = "a quantity is number, number|system|code or number||code; write \\| for a bar in it";
            return Err(Fault::value(text));
        }
    };
    let (system, code) = (plain(system)?, plain(code)?);
    let ends = Ends::read(number)?;
    let mut meant = Meant { shapes: Vec::new(), words: ends.words(&unit(&system, &code)) };
    let converted = if system == UCUM { in_base_units(&ends, &code, units)? } else { None };
    // Whatever has a unit that can be converted has an entry in base units.
    meant.shapes = match converted {
        Some(shapes) => shapes,
        None => literal(&ends, &system, &code)?,
    };
    Ok(meant)
}

fn unit(system: &str, code: &str) -> String {
    match (system, code) {
        ("", "") => String::new(),
        ("" | UCUM, code) => format!(" {code}"),
        (system, code) => format!(" {code} of {system}"),
    }
}

/// As it is written, with its units.
fn literal(ends: &Ends, system: &str, code: &str) -> Result<Vec<Shape>> {
    let is = |column, text: &str| (column, Op::Is(Scalar::Int(hash(text))));
    let ways = match (system, code) {
        ("", "") => vec![vec![]],
        ("", code) => vec![vec![is(CODE, code)], vec![is(UNIT, code)]],
        (system, code) => vec![vec![is(SYSTEM, system), is(CODE, code)]],
    };
    let scalars = ends.scalars(crate::values::Number::parse)?;
    let mut shapes = Vec::new();
    for tests in ends.prefix.tests([LOW, HIGH], scalars, ends.is_open()) {
        for way in &ways {
            let shape = Shape::of(TableId::QUANTITY).with(tests.iter().cloned());
            shapes.push(way.iter().cloned().fold(shape, |shape, (column, op)| shape.and(column, op)));
        }
    }
    Ok(shapes)
}

/// In UCUM's base units, if the code is one of UCUM's that can be converted.
fn in_base_units(ends: &Ends, code: &str, units: &Units) -> Result<Option<Vec<Shape>>> {
    let Some((base, _)) = units.base("1", code) else { return Ok(None) };
    let scalars = ends.scalars(|end| units.base(end, code).map(|(_, number)| number))?;
    let of_base = || Shape::of(TableId::QUANTITY_UCUM).and(0, Op::Is(Scalar::Int(base)));
    let tests = ends.prefix.tests([1, 2], scalars, ends.is_open());
    Ok(Some(tests.into_iter().map(|tests| of_base().with(tests)).collect()))
}
