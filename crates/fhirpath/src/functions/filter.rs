//! Functions that look at each item: <https://hl7.org/fhirpath/N1/#filtering-and-projection>.

use std::cmp::Ordering;

use crate::error::Fault;
use crate::evaluate::{Evaluator, Input, Result, Scope, compare, not_single, single, truth};
use crate::value::{Item, Items};

pub(super) fn filter<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let mut kept = Items::new();
    for (index, item) in input.items.iter().enumerate() {
        if input.holds(evaluator, item, index)? {
            kept.push(item.clone());
        }
    }
    Ok(kept)
}

pub(super) fn select<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let mut selected = Items::new();
    for (index, item) in input.items.iter().enumerate() {
        selected.extend(input.each(evaluator, 0, item, index)?);
        selected = evaluator.bounded_items(input.at(), selected)?;
    }
    evaluator.bounded(input.at(), selected)
}

/// Selects from what has been selected until nothing new is found.
pub(super) fn repeat<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let mut all = Items::new();
    let mut pending = input.items.clone();
    while !pending.is_empty() {
        let mut next = Items::new();
        for (index, item) in pending.iter().enumerate() {
            for found in input.each(evaluator, 0, item, index)? {
                if !evaluator.has(&all, &found, input.at())? {
                    all.push(found.clone());
                    next.push(found);
                }
            }
        }
        all = evaluator.bounded_items(input.at(), all)?;
        pending = next;
    }
    Ok(all)
}

/// <https://hl7.org/fhirpath/N1/#aggregateaggregator--expression--init--value-value>
pub(super) fn aggregate<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let mut total = input.argument(evaluator, 1)?;
    let Some(aggregator) = input.call.arguments.first() else { return Ok(total) };
    for (index, item) in input.items.iter().enumerate() {
        let mut scope = input.scope.of(item.clone(), index);
        scope.total = Some(total);
        total = evaluator.eval(aggregator, &scope)?;
    }
    Ok(total)
}

/// The arguments are looked at from the input, and only those that matter.
pub(super) fn iif<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    if input.items.len() > 1 {
        return Err(not_single(input.name(), input.items.len(), input.at()));
    }
    let scope = Scope { this: input.items.clone(), ..input.scope.clone() };
    let mut arguments = input.call.arguments.iter();
    let Some(criterion) = arguments.next() else { return Ok(Items::new()) };
    let holds = truth(&evaluator.eval(criterion, &scope)?, input.name(), input.at())? == Some(true);
    match arguments.nth(usize::from(!holds)) {
        Some(branch) => evaluator.eval(branch, &scope),
        None => Ok(Items::new()),
    }
}

/// In the order of keys, the first first; what has no key comes after what has one.
pub(super) fn sort<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let at = input.at();
    let mut sorted: Vec<(Vec<Option<Item<'t>>>, Item<'t>)> = Vec::with_capacity(input.items.len());
    for (index, item) in input.items.iter().enumerate() {
        let mut keys = Vec::with_capacity(input.call.arguments.len().max(1));
        for number in 0..input.call.arguments.len() {
            keys.push(single(&input.each(evaluator, number, item, index)?, input.name(), at)?.cloned());
        }
        if keys.is_empty() {
            keys.push(Some(item.clone()));
        }
        evaluator.spend(at, sorted.len() / 16 + 1)?;
        // Where the order of partial dates is open there is no total order, which `sort_by` would panic at.
        let mut fault = None;
        let place = sorted.partition_point(|(before, _)| {
            in_order(before, &keys, &input.call.descending, at).unwrap_or_else(|found| {
                fault.get_or_insert(found);
                Ordering::Less
            }) != Ordering::Greater
        });
        if let Some(fault) = fault {
            return Err(fault);
        }
        sorted.insert(place, (keys, item.clone()));
    }
    Ok(sorted.into_iter().map(|(_, item)| item).collect())
}

fn in_order(
    one: &[Option<Item<'_>>],
    other: &[Option<Item<'_>>],
    descending: &[bool],
    at: u32,
) -> std::result::Result<Ordering, Fault> {
    for (place, keys) in one.iter().zip(other).enumerate() {
        let order = match keys {
            (Some(one), Some(other)) => compare(one, other, "sort()", at)?.unwrap_or(Ordering::Equal),
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
        };
        if order.is_ne() {
            return Ok(if descending.get(place) == Some(&true) { order.reverse() } else { order });
        }
    }
    Ok(Ordering::Equal)
}
