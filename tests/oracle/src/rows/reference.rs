//! References: <https://hl7.org/fhir/R4/search.html#reference>.

use super::{Column, Row, coded, row};
use crate::expression::Node;
use crate::hash::cut_bytes;
use crate::json::Json;
use rushlight_model::definitions::TypeKind;
use rushlight_model::{Id, ResourceType};

/// Begins the target of what is elsewhere.
const ELSEWHERE: u8 = 1;

/// Begins the target of what is in the same resource.
const CONTAINED: u8 = 2;

/// Where a reference leads.
struct Target {
    bytes: Vec<u8>,
    ty: Option<ResourceType>,
    version: String,
}

impl Target {
    fn row(self) -> Row {
        let ty = self.ty.map_or(0, |ty| i64::from(ty.number()));
        row("reference", [Column::Bytes(self.bytes), Column::Int(ty), Column::text(&self.version)])
    }
}

pub fn rows(node: &Node<'_>, resource: &Node<'_>) -> Option<Vec<Row>> {
    let target = target(node, resource)?;
    let identifiers = reference(node).into_iter().flat_map(|json| json.all("identifier"));
    let identifiers = identifiers.map(coded::of_reference);
    Some(target.map(Target::row).into_iter().chain(identifiers).collect())
}

/// The type that a reference leads to, if it can be told.
pub fn target_type(node: &Node<'_>, resource: &Node<'_>) -> Option<&'static str> {
    Some(target(node, resource)??.ty?.name())
}

/// The `Reference` that an element is or has.
fn reference<'j>(node: &Node<'j>) -> Option<&'j Json> {
    match node.ty.name {
        "Reference" => node.value,
        "CodeableReference" => node.get("reference"),
        _ => None,
    }
}

/// `None` if it is no reference at all; nothing inside if it leads nowhere that could be told.
fn target(node: &Node<'_>, resource: &Node<'_>) -> Option<Option<Target>> {
    Some(match node.ty.name {
        "Reference" | "CodeableReference" => reference(node).map(|json| of_reference(json, resource)),
        "canonical" | "uri" | "url" | "oid" | "uuid" => node.primitive().map(canonical),
        _ if node.ty.kind == TypeKind::Resource => Some(of_resource(node)),
        _ => return None,
    })
}

fn of_resource(node: &Node<'_>) -> Target {
    let id = node.get("id").and_then(Json::text).and_then(|id| Id::new(id).ok());
    let bytes = id.map(|id| id.to_key()).unwrap_or_default();
    Target { bytes, ty: ResourceType::from_name(node.ty.name), version: String::new() }
}

fn canonical(text: &str) -> Target {
    let (url, version) = text.rsplit_once('|').unwrap_or((text, ""));
    Target { bytes: cut_bytes(ELSEWHERE, url), ty: None, version: version.to_owned() }
}

fn of_reference(json: &Json, resource: &Node<'_>) -> Target {
    let told = json.text_of("type").and_then(ResourceType::from_name);
    let Some(text) = json.text_of("reference") else {
        return Target { bytes: Vec::new(), ty: told, version: String::new() };
    };
    if let Some(id) = text.strip_prefix('#') {
        // What contains others is not told by the kind of reference: within them it is the same.
        let whole = resource.container.or(resource.value).unwrap();
        let ty = if id.is_empty() { whole.text_of("resourceType") } else { contained(id, whole) };
        let ty = ty.and_then(ResourceType::from_name);
        return Target { bytes: cut_bytes(CONTAINED, id), ty, version: String::new() };
    }
    let (place, version) = match text.rsplit_once("/_history/") {
        Some((place, version)) if Id::new(version).is_ok() => (place, version),
        _ => (text, ""),
    };
    let version = version.to_owned();
    match restful(place) {
        Some(("", ty, id)) => Target { bytes: id.to_key(), ty: Some(ty), version },
        other => {
            let ty = told.or(other.map(|(_, ty, _)| ty));
            Target { bytes: cut_bytes(ELSEWHERE, place), ty, version }
        }
    }
}

/// What is before `Type/id`, the type and the id.
fn restful(text: &str) -> Option<(&str, ResourceType, Id)> {
    let (before, id) = text.rsplit_once('/')?;
    let (before, ty) = before.rsplit_once('/').map_or(("", before), |(before, ty)| (before, ty));
    // `/Patient/1` is not relative to the server's base.
    let before = if text.starts_with('/') { "/" } else { before };
    Some((before, ResourceType::from_name(ty)?, Id::new(id).ok()?))
}

fn contained<'j>(id: &str, whole: &'j Json) -> Option<&'j str> {
    let all = whole.all("contained");
    all.iter().find(|one| one.text_of("id") == Some(id))?.text_of("resourceType")
}
