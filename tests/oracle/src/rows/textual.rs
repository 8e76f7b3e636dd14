//! Strings and URIs: <https://hl7.org/fhir/R4/search.html#string>, <https://hl7.org/fhir/R4/search.html#uri>.

use super::{Column, Row, row};
use crate::expression::Node;
use crate::hash::hash;
use crate::json::Json;
use crate::text::normal;

/// The parts of a datatype that are searched as strings.
fn parts(ty: &str) -> Option<&'static [&'static str]> {
    Some(match ty {
        "HumanName" => &["family", "given", "prefix", "suffix", "text"],
        "Address" => &["line", "city", "district", "state", "postalCode", "country", "text"],
        "Annotation" => &["text"],
        "ContactPoint" | "Identifier" => &["value"],
        "Coding" => &["display"],
        "CodeableConcept" => &["text"],
        _ => return None,
    })
}

pub fn strings(node: &Node<'_>) -> Option<Vec<Row>> {
    let texts: Vec<&str> = match node.ty.name {
        "boolean" | "decimal" | "integer" | "integer64" | "positiveInt" | "unsignedInt" => return None,
        _ if node.is_primitive() => node.primitive().into_iter().collect(),
        ty => {
            let names = parts(ty)?;
            let own = names.iter().flat_map(|name| members(node.value, name));
            let codings = node.get("coding").into_iter().flat_map(Json::items);
            let displays = codings.flat_map(|coding| members(Some(coding), "display"));
            own.chain(displays).collect()
        }
    };
    Some(texts.into_iter().map(string).collect())
}

fn members<'j>(json: Option<&'j Json>, name: &str) -> impl Iterator<Item = &'j str> + use<'j> {
    json.map_or(&[][..], |json| json.all(name)).iter().filter_map(Json::text)
}

fn string(text: &str) -> Row {
    row("string", [Column::text(&normal(text)), Column::Int(hash(text))])
}

pub fn uris(node: &Node<'_>) -> Option<Vec<Row>> {
    match node.ty.name {
        "uri" | "url" | "canonical" | "oid" | "uuid" => {
            Some(node.primitive().map(|text| row("uri", [Column::text(text)])).into_iter().collect())
        }
        _ => None,
    }
}
