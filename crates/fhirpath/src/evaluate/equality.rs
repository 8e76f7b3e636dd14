//! What is the same: <https://hl7.org/fhirpath/N1/#equality>.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::Evaluator;
use super::order::{decimal, numbers, quantity};
use crate::error::Fault;
use crate::value::{Item, Items, Node, Value};

/// `=`: `None` if one is empty, or if it is open whether two items are the same.
pub(crate) fn all_equal<'t>(
    evaluator: &mut Evaluator<'t>,
    one: &Items<'t>,
    other: &Items<'t>,
    at: u32,
) -> Result<Option<bool>, Fault> {
    if one.is_empty() || other.is_empty() {
        return Ok(None);
    }
    in_order(evaluator, one, other, at)
}

fn in_order<'t>(
    evaluator: &mut Evaluator<'t>,
    one: &Items<'t>,
    other: &Items<'t>,
    at: u32,
) -> Result<Option<bool>, Fault> {
    if one.len() != other.len() {
        return Ok(Some(false));
    }
    let mut all = Some(true);
    for (one, other) in one.iter().zip(other) {
        match are_equal(evaluator, one, other, at)? {
            Some(false) => return Ok(Some(false)),
            None => all = None,
            Some(true) => {}
        }
    }
    Ok(all)
}

/// `=` of two items.
pub(crate) fn are_equal<'t>(
    evaluator: &mut Evaluator<'t>,
    one: &Item<'t>,
    other: &Item<'t>,
    at: u32,
) -> Result<Option<bool>, Fault> {
    evaluator.spend(at, 1)?;
    if let (Item::Node(one), Item::Node(other)) = (one, other)
        && one.is_same(*other)
    {
        return Ok(Some(true));
    }
    match (one.value(), other.value(), one, other) {
        (Some(one), Some(other), ..) => Ok(equal_values(&one, &other)),
        (None, None, Item::Node(one), Item::Node(other)) => equal_nodes(evaluator, *one, *other, at),
        (None, None, Item::Type(one), Item::Type(other)) => Ok(Some(one == other)),
        _ => Ok(Some(false)),
    }
}

fn equal_values(one: &Value<'_>, other: &Value<'_>) -> Option<bool> {
    match (one, other) {
        (Value::Boolean(one), Value::Boolean(other)) => Some(one == other),
        (Value::String(one), Value::String(other)) => Some(one == other),
        (Value::Date(one) | Value::DateTime(one), Value::Date(other) | Value::DateTime(other)) => {
            one.equals(*other, None)
        }
        (Value::Time(one), Value::Time(other)) => one.equals(*other),
        _ => match numbers(one, other) {
            Some(order) => order.map(Ordering::is_eq),
            None => Some(false),
        },
    }
}

/// All their elements are the same, repetitions in the same order.
fn equal_nodes<'t>(
    evaluator: &mut Evaluator<'t>,
    one: Node<'t>,
    other: Node<'t>,
    at: u32,
) -> Result<Option<bool>, Fault> {
    if one.differs(other) {
        return Ok(Some(false));
    }
    let Some(pairs) = paired(one, other) else { return Ok(Some(false)) };
    let mut all = Some(true);
    for (one, other) in &pairs {
        match in_order(evaluator, one, other, at)? {
            Some(false) => return Ok(Some(false)),
            None => all = None,
            Some(true) => {}
        }
    }
    Ok(all)
}

/// The children of both by their names; `None` if one has a name that the other has not.
fn paired<'t>(one: Node<'t>, other: Node<'t>) -> Option<Vec<(Items<'t>, Items<'t>)>> {
    let sorted = |node: Node<'t>| {
        let mut children: Vec<(Cow<'t, str>, Items<'t>)> = node.children();
        children.sort_by(|(one, _), (other, _)| one.cmp(other));
        children
    };
    let [one, other] = [sorted(one), sorted(other)];
    let same = one.len() == other.len() && one.iter().zip(&other).all(|((one, _), (other, _))| one == other);
    same.then(|| one.into_iter().zip(other).map(|((_, one), (_, other))| (one, other)).collect())
}

/// `~`: the order of the items does not matter.
pub(crate) fn all_equivalent<'t>(
    evaluator: &mut Evaluator<'t>,
    one: &Items<'t>,
    other: &Items<'t>,
    at: u32,
) -> Result<bool, Fault> {
    if one.len() != other.len() {
        return Ok(false);
    }
    let mut left: Vec<&Item<'t>> = other.iter().collect();
    for item in one {
        let mut found = None;
        for (place, candidate) in left.iter().enumerate() {
            if are_equivalent(evaluator, item, candidate, at)? {
                found = Some(place);
                break;
            }
        }
        let Some(place) = found else { return Ok(false) };
        left.swap_remove(place);
    }
    Ok(true)
}

/// `~` of two items.
pub(crate) fn are_equivalent<'t>(
    evaluator: &mut Evaluator<'t>,
    one: &Item<'t>,
    other: &Item<'t>,
    at: u32,
) -> Result<bool, Fault> {
    evaluator.spend(at, 1)?;
    match (one.value(), other.value(), one, other) {
        (Some(one), Some(other), ..) => Ok(equivalent_values(&one, &other)),
        (None, None, Item::Node(one), Item::Node(other)) => {
            let Some(pairs) = paired(*one, *other) else { return Ok(false) };
            for (one, other) in &pairs {
                if !all_equivalent(evaluator, one, other, at)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (None, None, Item::Type(one), Item::Type(other)) => Ok(one == other),
        _ => Ok(false),
    }
}

fn equivalent_values(one: &Value<'_>, other: &Value<'_>) -> bool {
    match (one, other) {
        (Value::String(one), Value::String(other)) => plain(one).eq(plain(other)),
        (Value::Quantity(_), _) | (_, Value::Quantity(_)) => match (quantity(one), quantity(other)) {
            (Some(one), Some(other)) => one.is_equivalent(&other),
            _ => false,
        },
        _ => match (decimal(one), decimal(other)) {
            (Some(one), Some(other)) => crate::value::are_equivalent(one, other),
            _ => equal_values(one, other) == Some(true),
        },
    }
}

/// Case does not count, and all white space is alike.
fn plain(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase).map(|char| if char.is_whitespace() { ' ' } else { char })
}
