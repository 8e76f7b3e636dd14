//! References: <https://hl7.org/fhir/R4/search.html#reference>.

use rushlight_model::json::Value;
use rushlight_model::{Id, IdKey, ResourceType};

use super::contained::{Contained, number_of};
use super::members::{members, said};
use super::text::{Buffer, cut_text};
use super::{Datatype, Element, cut, hash, token};
use crate::Entries;
use crate::contained::MARK as CONTAINED;
use crate::table::TableId;

/// Begins a target that is not a resource of this store by its type and id: an absolute URL, a canonical.
const ELSEWHERE: u8 = 1;

/// What `Reference.type` is relative to.
const TYPES: &str = "http://hl7.org/fhir/StructureDefinition/";

pub(super) fn index(unit: i32, element: Element<'_>, out: &mut Entries) {
    match element.datatype {
        Datatype::Reference => reference(unit, element.value, element.contained, out),
        Datatype::CodeableReference => {
            let [value] = members(element.value, ["reference"]);
            reference(unit, value, element.contained, out);
        }
        Datatype::Uri => {
            let url = said(element.value);
            match url.rsplit_once('|') {
                _ if url.is_empty() => row(unit, &[], 0, "", out),
                Some((url, version)) => row(unit, &marked(ELSEWHERE, url), 0, version, out),
                None => row(unit, &marked(ELSEWHERE, &url), 0, "", out),
            }
        }
        Datatype::Resource => resource(unit, element.value, out),
        _ => {}
    }
}

/// Whether a target is a resource of the same store: neither elsewhere nor contained, and not that of a bare row.
pub(crate) fn is_here(target: &[u8]) -> bool {
    target.first().is_some_and(|first| !matches!(*first, ELSEWHERE | CONTAINED))
}

/// The target of a reference to what is not a resource of this store by its type and id.
pub(crate) fn elsewhere(url: &str) -> Vec<u8> {
    cut_text(&marked(ELSEWHERE, url)).into_owned()
}

/// A target; an empty one is the bare row.
fn row(unit: i32, target: &[u8], ty: i64, version: &str, out: &mut Entries) {
    out.row(TableId::REFERENCE, unit).bytes(&cut_text(target)).int(ty).text(&cut(version)).end();
}

fn reference(unit: i32, value: Option<Value<'_>>, contained: &Contained<'_>, out: &mut Entries) {
    let [text, ty, identifier] = members(value, ["reference", "type", "identifier"]);
    if identifier.is_some() {
        let [system, value] = members(identifier, ["system", "value"]);
        token::row(unit, &said(value), hash(&said(system)), out);
    }
    let (text, ty) = (said(text), said(ty));
    let ty = number_of(ty.strip_prefix(TYPES).unwrap_or(&ty));
    if text.is_empty() {
        return row(unit, &[], ty, "", out);
    }
    if let Some(id) = text.strip_prefix('#') {
        return row(unit, &marked(CONTAINED, id), contained.type_of(id), "", out);
    }
    let (text, version) = versioned(&text);
    match restful(text) {
        Some(("", ty, id)) => row(unit, id.as_ref(), ty, version, out),
        found => {
            let ty = if ty == 0 { found.map_or(0, |(_, ty, _)| ty) } else { ty };
            row(unit, &marked(ELSEWHERE, text), ty, version, out);
        }
    }
}

/// A reference without its version, and that.
pub(crate) fn versioned(text: &str) -> (&str, &str) {
    let parts =
        text.rsplit_once('/').and_then(|(rest, version)| Some((rest.strip_suffix("/_history")?, version)));
    parts.filter(|(_, version)| !version.is_empty()).unwrap_or((text, ""))
}

/// What comes before `Type/id`, the type's number and the id; `None` if the text does not end with those.
fn restful(text: &str) -> Option<(&str, i64, IdKey<'_>)> {
    let (rest, id) = text.rsplit_once('/')?;
    let (base, ty) = rest.rsplit_once('/').unwrap_or(("", rest));
    let ty = ResourceType::from_name(ty)?;
    // `/Patient/1` is not relative.
    let base = if text.starts_with('/') { "/" } else { base };
    Some((base, i64::from(ty.number()), Id::key_of(id).ok()?))
}

fn resource(unit: i32, value: Option<Value<'_>>, out: &mut Entries) {
    let [ty, id] = members(value, ["resourceType", "id"]);
    let id = said(id);
    let key = Id::key_of(&id);
    row(unit, key.as_ref().map_or(&[][..], AsRef::as_ref), number_of(&said(ty)), "", out);
}

fn marked(mark: u8, text: &str) -> Buffer {
    let mut target = Buffer::new();
    target.push(mark);
    target.extend_from_slice(text.as_bytes());
    target
}
