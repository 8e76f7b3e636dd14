//! The tree, its types, and what is beside it: <https://hl7.org/fhirpath/N1/#tree-navigation>.

use rushlight_model::primitive::{DateTime, Time};
use smallvec::SmallVec;

use crate::error::Fault;
use crate::evaluate::{Evaluator, Input, Result, Scope};
use crate::syntax::TypeOperator;
use crate::value::{Item, Items, Value, one, perhaps};

pub(super) fn children<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    evaluator.bounded(input.at(), children_of(&input.items))
}

fn children_of<'t>(items: &[Item<'t>]) -> Items<'t> {
    let nodes = items.iter().filter_map(|item| if let Item::Node(node) = item { Some(node) } else { None });
    nodes.flat_map(|node| node.children()).flat_map(|(_, found)| found).collect()
}

/// Level by level.
pub(super) fn descendants<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let mut all = Items::new();
    let mut level = children_of(&input.items);
    while !level.is_empty() {
        let next = children_of(&level);
        all.extend(level);
        all = evaluator.bounded_items(input.at(), all)?;
        level = next;
    }
    evaluator.bounded(input.at(), all)
}

pub(super) fn of_type<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let ty = input.call.ty;
    Ok(input.items.into_iter().filter(|item| ty.is_some_and(|ty| ty.admits(item))).collect())
}

pub(super) fn is<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    operator(evaluator, TypeOperator::Is, input)
}

pub(super) fn r#as<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    operator(evaluator, TypeOperator::As, input)
}

fn operator<'t>(evaluator: &mut Evaluator<'t>, operator: TypeOperator, input: Input<'t, '_>) -> Result<'t> {
    match input.call.ty {
        Some(ty) => {
            let at = input.at();
            evaluator.of_type(operator, input.items, ty, at)
        }
        None => Ok(Items::new()),
    }
}

pub(super) fn r#type<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    Ok(input.items.iter().map(|item| Item::Type(item.type_info())).collect())
}

pub(super) fn trace<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let name = input.string_argument(evaluator, 0)?.unwrap_or_default();
    let host = evaluator.environment.host;
    if input.call.arguments.len() < 2 {
        host.trace(&name, &input.items);
        return Ok(input.items);
    }
    let mut seen = Items::new();
    for (index, item) in input.items.iter().enumerate() {
        seen.extend(input.each(evaluator, 1, item, index)?);
    }
    host.trace(&name, &evaluator.bounded_items(input.at(), seen)?);
    Ok(input.items)
}

/// Its second argument is looked at from the whole input.
pub(super) fn define_variable<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let Some(name) = input.string_argument(evaluator, 0)? else { return Err(input.mismatch("a name")) };
    let value = match input.call.arguments.get(1) {
        Some(argument) => {
            let scope = Scope { this: input.items.clone(), ..input.scope.clone() };
            evaluator.eval(argument, &scope)?
        }
        None => input.items.clone(),
    };
    evaluator.define(name.into_owned(), value, input.at())?;
    Ok(input.items)
}

fn time(evaluator: &Evaluator<'_>, input: &Input<'_, '_>) -> std::result::Result<DateTime, Fault> {
    evaluator.environment.now.ok_or_else(|| input.unanswered())
}

pub(super) fn now<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    Ok(one(Value::DateTime(time(evaluator, &input)?)))
}

pub(super) fn today<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    Ok(one(Value::Date(time(evaluator, &input)?.date())))
}

pub(super) fn time_of_day<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let now = time(evaluator, &input)?.to_string();
    let clock: Option<SmallVec<[&str; 2]>> =
        now.split_once('T').map(|(_, clock)| clock.split(['Z', '+', '-']).collect());
    let clock = clock.and_then(|parts| parts.first().and_then(|clock| Time::parse(clock).ok()));
    Ok(perhaps(clock.map(Value::Time)))
}
