//! FHIR's own functions: <https://hl7.org/fhir/R4/fhirpath.html#functions>.

use std::borrow::Cow;

use rushlight_model::definitions::{Definitions, TypeDefinition, TypeKind};

use crate::embedded::canonical;
use crate::error::Fault;
use crate::evaluate::{Evaluator, Input, Result, single};
use crate::value::{Item, Items, Node, Value, boolean, perhaps};

/// Where FHIR's own types have their profiles.
const TYPES: &str = "http://hl7.org/fhir/StructureDefinition/";

fn extensions<'t>(evaluator: &mut Evaluator<'t>, input: &Input<'t, '_>) -> Result<'t> {
    let Some(url) = input.string_argument(evaluator, 0)? else { return Ok(Items::new()) };
    let mut found = Items::new();
    for item in &input.items {
        if let Item::Node(node) = item {
            node.children_named("extension", &mut found);
        }
    }
    found.retain(|item| matches!(item, Item::Node(node) if node.text("url").as_deref() == Some(&url)));
    evaluator.bounded(input.at(), found)
}

pub(super) fn extension<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    extensions(evaluator, &input)
}

pub(super) fn has_extension<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    Ok(boolean(!extensions(evaluator, &input)?.is_empty()))
}

/// The value of the one item that is a primitive.
fn primitive<'t>(input: &Input<'t, '_>) -> Option<Value<'t>> {
    match input.items.as_slice() {
        [Item::Node(node)] if node.has_value() => node.value(),
        [Item::Value(value)] => Some(value.clone()),
        _ => None,
    }
}

pub(super) fn has_value<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    Ok(boolean(primitive(&input).is_some()))
}

pub(super) fn get_value<'t>(_: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    Ok(perhaps(primitive(&input)))
}

/// What references and the like lead to; those that lead nowhere are left out.
pub(super) fn resolve<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let mut found = Items::new();
    for item in &input.items {
        let (reference, ty) = match item {
            Item::Node(node) if node.primitive().is_some() => {
                (node.json().and_then(|value| value.as_str()), None)
            }
            Item::Node(node) => (node.text("reference"), node.text("type")),
            Item::Value(Value::String(text)) => (Some(text.clone()), None),
            _ => (None, None),
        };
        let target = match &reference {
            Some(reference) => target(evaluator, reference),
            None => None,
        };
        let by_type = || {
            let ty = reference.as_deref().and_then(type_of_target).map(Cow::Borrowed).or(ty)?;
            let ty = resource_type(evaluator.definitions, &ty)?;
            Some(Node::elsewhere(ty, evaluator.definitions))
        };
        found.extend(target.or_else(by_type).map(Item::Node));
    }
    evaluator.bounded(input.at(), found)
}

fn resource_type(definitions: &'static Definitions, name: &str) -> Option<&'static TypeDefinition> {
    definitions.ty(name).filter(|ty| ty.kind == TypeKind::Resource)
}

/// The resource that a reference leads to: one that is contained, or one that the host knows.
fn target<'t>(evaluator: &Evaluator<'t>, reference: &str) -> Option<Node<'t>> {
    let Some(id) = reference.strip_prefix('#') else { return evaluator.environment.host.resolve(reference) };
    let holders = [evaluator.resource(), evaluator.root_resource()];
    let mut holders = holders.into_iter().flatten();
    if id.is_empty() {
        return holders.last();
    }
    holders.find_map(|holder| {
        let mut contained = Items::new();
        holder.children_named("contained", &mut contained);
        contained.into_iter().find_map(|item| match item {
            Item::Node(node) if node.text("id").as_deref() == Some(id) => Some(node),
            _ => None,
        })
    })
}

/// `Patient` of `Patient/1`, `http://example.org/Patient/1/_history/2` or `Patient/1#part`.
fn type_of_target(reference: &str) -> Option<&str> {
    let path = reference.split(['#', '|', '?']).next()?;
    let path = path.split_once("/_history/").map_or(path, |(path, _)| path);
    let (before, id) = path.rsplit_once('/')?;
    let ty = before.rsplit('/').next()?;
    (!id.is_empty() && ty.starts_with(|char: char| char.is_ascii_uppercase())).then_some(ty)
}

/// What the host says of the one item; an error if it says nothing.
fn asked<'t>(input: &Input<'t, '_>, ask: impl FnOnce(&Item<'t>) -> Option<bool>) -> Result<'t> {
    let Some(item) = input.single()? else { return Ok(Items::new()) };
    ask(item).map(boolean).ok_or_else(|| input.unanswered())
}

/// Each of FHIR's types is a profile, too.
pub(super) fn conforms_to<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let Some(profile) = input.string_argument(evaluator, 0)? else { return Ok(Items::new()) };
    let own = type_of_profile(&profile, evaluator.definitions);
    let host = evaluator.environment.host;
    asked(&input, |item| {
        let by_type = || own.map(|ty| matches!(item, Item::Node(node) if node.is_a(ty.name)));
        host.conforms_to(item, &profile).or_else(by_type)
    })
}

/// The type that a profile with or without version is, unless it is of another release.
fn type_of_profile(profile: &str, definitions: &'static Definitions) -> Option<&'static TypeDefinition> {
    let (name, version) = canonical(profile.strip_prefix(TYPES)?);
    definitions.ty(name).filter(|_| version.is_none_or(|version| version == definitions.release().version()))
}

pub(super) fn member_of<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let Some(value_set) = input.string_argument(evaluator, 0)? else { return Ok(Items::new()) };
    let host = evaluator.environment.host;
    asked(&input, |item| host.member_of(item, &value_set))
}

/// The one item of the argument.
fn other<'t>(
    evaluator: &mut Evaluator<'t>,
    input: &Input<'t, '_>,
) -> std::result::Result<Option<Item<'t>>, Fault> {
    let items = input.argument(evaluator, 0)?;
    Ok(single(&items, input.name(), input.at())?.cloned())
}

pub(super) fn subsumes<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let Some(other) = other(evaluator, &input)? else { return Ok(Items::new()) };
    let host = evaluator.environment.host;
    asked(&input, |item| host.subsumes(item, &other))
}

pub(super) fn subsumed_by<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let Some(other) = other(evaluator, &input)? else { return Ok(Items::new()) };
    let host = evaluator.environment.host;
    asked(&input, |item| host.subsumes(&other, item))
}

pub(super) fn html_checks<'t>(evaluator: &mut Evaluator<'t>, input: Input<'t, '_>) -> Result<'t> {
    let host = evaluator.environment.host;
    asked(&input, |item| host.html_checks(item))
}
