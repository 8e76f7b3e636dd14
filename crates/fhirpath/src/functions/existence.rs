//! Whether and how many: <https://hl7.org/fhirpath/N1/#existence>.

use crate::error::Fault;
use crate::evaluate::{Evaluator, Input, Result, mismatch, truth};
use crate::value::{Items, Value, boolean, one, perhaps};

pub(super) fn empty<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    Ok(boolean(input.items.is_empty()))
}

pub(super) fn exists<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    if input.call.arguments.is_empty() {
        return Ok(boolean(!input.items.is_empty()));
    }
    for (index, item) in input.items.iter().enumerate() {
        if input.holds(evaluator, item, index)? {
            return Ok(boolean(true));
        }
    }
    Ok(boolean(false))
}

pub(super) fn all<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    for (index, item) in input.items.iter().enumerate() {
        if !input.holds(evaluator, item, index)? {
            return Ok(boolean(false));
        }
    }
    Ok(boolean(true))
}

/// The Booleans that the input has to be.
fn booleans(input: &Input<'_, '_>) -> std::result::Result<Vec<bool>, Fault> {
    let of = |item| match crate::value::Item::value(item) {
        Some(Value::Boolean(value)) => Ok(value),
        _ => Err(mismatch(input.name(), "Booleans", item, input.at())),
    };
    input.items.iter().map(of).collect()
}

pub(super) fn all_true<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    Ok(boolean(!booleans(&input)?.contains(&false)))
}

pub(super) fn any_true<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    Ok(boolean(booleans(&input)?.contains(&true)))
}

pub(super) fn all_false<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    Ok(boolean(!booleans(&input)?.contains(&true)))
}

pub(super) fn any_false<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    Ok(boolean(booleans(&input)?.contains(&false)))
}

pub(super) fn subset_of<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let other = input.argument(evaluator, 0)?;
    contains_all(evaluator, &other, &input.items, input.at())
}

pub(super) fn superset_of<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let other = input.argument(evaluator, 0)?;
    contains_all(evaluator, &input.items, &other, input.at())
}

fn contains_all<'t>(evaluator: &mut Evaluator<'t>, all: &Items<'t>, some: &Items<'t>, at: u32) -> Result<'t> {
    for item in some {
        if !evaluator.has(all, item, at)? {
            return Ok(boolean(false));
        }
    }
    Ok(boolean(true))
}

pub(super) fn count<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    Ok(one(Value::Integer(i64::try_from(input.items.len()).unwrap_or(i64::MAX))))
}

pub(super) fn distinct<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let at = input.at();
    evaluator.union(input.items, Items::new(), at)
}

pub(super) fn is_distinct<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let (at, count) = (input.at(), input.items.len());
    Ok(boolean(evaluator.union(input.items, Items::new(), at)?.len() == count))
}

pub(super) fn not<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let truth = truth(&input.items, input.name(), input.at())?;
    Ok(perhaps(truth.map(|truth| Value::Boolean(!truth))))
}
