//! Tests of entries before it is known of which units they are, and how many of one form become one.

use std::collections::HashMap;

use super::fault::{Fault, Result};
use super::limits::TESTS;
use crate::query::{ColumnTest, Condition, Op, RowTest, Scalar};
use crate::registry::UnitUse;
use crate::table::TableId;

/// A test of entries of a table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) table: TableId,
    pub(super) tests: Vec<ColumnTest>,
}

/// What a value means: one of these tests must pass, and how that is told.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Meant {
    pub(super) shapes: Vec<Shape>,
    pub(super) words: String,
}

impl Shape {
    pub(super) fn of(table: TableId) -> Self {
        Self { table, tests: Vec::new() }
    }

    pub(super) fn and(mut self, column: usize, op: Op) -> Self {
        self.tests.push(ColumnTest { column, op });
        self
    }

    pub(super) fn with(mut self, tests: impl IntoIterator<Item = ColumnTest>) -> Self {
        self.tests.extend(tests);
        self
    }

    /// The values that a column must have, if it is asked for equality.
    fn values(&self, column: usize) -> Option<&[Scalar]> {
        values(&self.tests, column)
    }
}

/// The values that a column must have, if it is asked for equality.
fn values(tests: &[ColumnTest], column: usize) -> Option<&[Scalar]> {
    tests.iter().find(|test| test.column == column).and_then(|test| match &test.op {
        Op::Is(value) => Some(std::slice::from_ref(value)),
        Op::OneOf(values) => Some(values.as_slice()),
        _ => None,
    })
}

impl Meant {
    pub(super) fn one(shape: Shape, words: impl Into<String>) -> Self {
        Self { shapes: vec![shape], words: words.into() }
    }

    /// One of several.
    pub(super) fn any(all: Vec<Self>) -> Self {
        let mut shapes = Vec::new();
        let mut words = Vec::new();
        for meant in all {
            shapes.extend(meant.shapes);
            words.push(meant.words);
        }
        Self { shapes, words: alternatives(&words) }
    }
}

/// Alternatives in words; of very many, the first ones.
fn alternatives(words: &[String]) -> String {
    const SHOWN: usize = 10;
    let shown = words.get(..SHOWN.min(words.len())).unwrap_or_default().join(", or ");
    match words.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown}, or {more} others"),
    }
}

pub(super) fn text(value: impl Into<String>) -> Scalar {
    Scalar::Text(value.into())
}

/// Joins those that ask for equality of the first column and are alike otherwise.
pub(super) fn joined(shapes: Vec<Shape>) -> Vec<Shape> {
    if shapes.len() < 2 {
        return shapes;
    }
    let mut out: Vec<Shape> = Vec::new();
    let mut groups: HashMap<String, usize> = HashMap::new();
    for shape in shapes {
        let Some(values) = shape.values(0) else {
            out.push(shape);
            continue;
        };
        // Of a string as it is written, the hash says which it is: its normal text says no more.
        let is_exact = shape.table == TableId::STRING;
        let rest: Vec<&ColumnTest> =
            shape.tests.iter().filter(|test| test.column != 0 && !is_exact).collect();
        let key = format!("{:?} {rest:?}", shape.table);
        let other = if is_exact { shape.values(1) } else { None };
        match groups.get(&key).and_then(|at| out.get_mut(*at)) {
            Some(group) => {
                add(&mut group.tests, 0, values);
                if let Some(other) = other {
                    add(&mut group.tests, 1, other);
                }
            }
            None => {
                groups.insert(key, out.len());
                out.push(shape);
            }
        }
    }
    out
}

fn add(tests: &mut [ColumnTest], column: usize, values: &[Scalar]) {
    let Some(test) = tests.iter_mut().find(|test| test.column == column) else { return };
    match &mut test.op {
        Op::OneOf(known) => known.extend_from_slice(values),
        op => {
            let mut all: Vec<Scalar> = if let Op::Is(value) = op { vec![value.clone()] } else { Vec::new() };
            all.extend_from_slice(values);
            *op = Op::OneOf(all);
        }
    }
}

/// Alternatives, with one test for those that ask for other values of the first column and are alike otherwise.
pub(super) fn merged(parts: Vec<Condition>) -> Condition {
    let parts = match Condition::any(parts) {
        Condition::Any(parts) => parts,
        one => return one,
    };
    let mut out: Vec<Condition> = Vec::with_capacity(parts.len());
    let mut groups: HashMap<String, usize> = HashMap::new();
    for part in parts {
        let Condition::Row(test) = part else {
            out.push(part);
            continue;
        };
        let Some(values) = values(&test.tests, 0) else {
            out.push(Condition::Row(test));
            continue;
        };
        let others: Vec<&ColumnTest> = test.tests.iter().filter(|test| test.column != 0).collect();
        let key = format!("{:?} {:?} {others:?}", test.table, test.units);
        match groups.get(&key).and_then(|at| out.get_mut(*at)) {
            Some(Condition::Row(known)) => add(&mut known.tests, 0, values),
            _ => {
                groups.insert(key, out.len());
                out.push(Condition::Row(test));
            }
        }
    }
    for part in &mut out {
        if let Condition::Row(test) = part {
            test.tests.iter_mut().for_each(|test| unique(&mut test.op));
        }
    }
    Condition::any(out)
}

/// One of the tests passes on an entry of one of the units.
pub(super) fn condition(shapes: Vec<Shape>, units: &[UnitUse]) -> Result<Condition> {
    let mut parts = Vec::new();
    let mut shapes = joined(shapes);
    shapes.iter_mut().flat_map(|shape| &mut shape.tests).for_each(|test| unique(&mut test.op));
    for shape in shapes {
        for (target, numbers) in by_target(units) {
            parts.extend(on_units(&shape, target.map(|target| i64::from(target.number())), numbers));
            if parts.len() > TESTS {
                let text = format!(
                    "it comes to more than {TESTS} different tests: each string, range and unit is one, while codes, ids and \
                     references count as one for all"
                );
                return Err(Fault::costly(text));
            }
        }
    }
    Ok(Condition::any(parts))
}

/// Each value once.
fn unique(op: &mut Op) {
    if let Op::OneOf(values) = op {
        values.sort_by(|a, b| match (a, b) {
            (Scalar::Text(a), Scalar::Text(b)) => a.cmp(b),
            (Scalar::Bytes(a), Scalar::Bytes(b)) => a.cmp(b),
            (Scalar::Int(a), Scalar::Int(b)) => a.cmp(b),
            _ => std::cmp::Ordering::Equal,
        });
        values.dedup();
        if let [_] = &values[..]
            && let Some(value) = values.pop()
        {
            *op = Op::Is(value);
        }
    }
}

/// The units, by the type that their references must lead to.
pub(super) fn by_target(units: &[UnitUse]) -> Vec<(Option<rushlight_model::ResourceType>, Vec<i32>)> {
    let mut out: Vec<(Option<rushlight_model::ResourceType>, Vec<i32>)> = Vec::new();
    for unit in units {
        match out.iter_mut().find(|(target, _)| *target == unit.target) {
            Some((_, numbers)) => numbers.push(unit.number),
            None => out.push((unit.target, vec![unit.number])),
        }
    }
    for (_, numbers) in &mut out {
        numbers.sort_unstable();
        numbers.dedup();
    }
    out
}

/// A test on units whose references have to lead to a type; none if it asks for another one.
fn on_units(shape: &Shape, target: Option<i64>, numbers: Vec<i32>) -> Option<Condition> {
    let test = RowTest { table: shape.table, units: numbers.clone(), tests: shape.tests.clone() };
    let Some(target) = target else { return Some(Condition::Row(test)) };
    let leads = Op::Is(Scalar::Int(target));
    if shape.table == TableId::REFERENCE {
        return match shape.tests.iter().find(|test| test.column == 1) {
            Some(own) => (own.op == leads).then_some(Condition::Row(test)),
            None => Some(Condition::Row(test.and(1, leads))),
        };
    }
    // An identifier does not tell to what the reference beside it leads.
    let each = numbers.into_iter().map(|number| {
        let reference = RowTest::any(TableId::REFERENCE, vec![number]).and(1, leads.clone());
        let own = RowTest { table: shape.table, units: vec![number], tests: shape.tests.clone() };
        Condition::all(vec![Condition::Row(own), Condition::Row(reference)])
    });
    Some(Condition::any(each.collect()))
}
