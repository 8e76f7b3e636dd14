//! Two collections: <https://hl7.org/fhirpath/N1/#combining>.

use crate::evaluate::{Evaluator, Input, Result};
use crate::value::Items;

pub(super) fn union<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let other = input.argument(evaluator, 0)?;
    let at = input.at();
    evaluator.union(input.items, other, at)
}

pub(super) fn combine<'t>(evaluator: &mut Evaluator<'t>, mut input: Input<'t, '_>) -> Result<'t> {
    let other = input.argument(evaluator, 0)?;
    let at = input.at();
    input.items.extend(other);
    evaluator.bounded(at, input.items)
}

pub(super) fn intersect<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let kept = of_both(evaluator, &input, true)?;
    evaluator.union(kept, Items::new(), input.at())
}

pub(super) fn exclude<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    of_both(evaluator, &input, false)
}

/// The items that the other collection has, or has not.
fn of_both<'t>(evaluator: &mut Evaluator<'t>, input: &Input<'t, '_>, wanted: bool) -> Result<'t> {
    let other = input.argument(evaluator, 0)?;
    let mut kept = Items::new();
    for item in &input.items {
        if evaluator.has(&other, item, input.at())? == wanted {
            kept.push(item.clone());
        }
    }
    Ok(kept)
}
