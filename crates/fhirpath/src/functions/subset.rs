//! Some of the items: <https://hl7.org/fhirpath/N1/#subsetting>.

use crate::evaluate::{Evaluator, Input, Result};
use crate::value::Items;

pub(super) fn single<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    input.single()?;
    Ok(input.items)
}

pub(super) fn first<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    Ok(input.items.into_iter().take(1).collect())
}

pub(super) fn last<'t>(_: &mut Evaluator<'t>, mut input: Input<'t, '_>) -> Result<'t> {
    Ok(input.items.pop().into_iter().collect())
}

pub(super) fn tail<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    Ok(input.items.into_iter().skip(1).collect())
}

pub(super) fn skip<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let Some(count) = input.integer_argument(evaluator, 0)? else { return Ok(Items::new()) };
    Ok(input.items.into_iter().skip(usize::try_from(count).unwrap_or(0)).collect())
}

pub(super) fn take<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let Some(count) = input.integer_argument(evaluator, 0)? else { return Ok(Items::new()) };
    Ok(input.items.into_iter().take(usize::try_from(count).unwrap_or(0)).collect())
}
