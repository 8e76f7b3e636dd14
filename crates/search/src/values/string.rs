//! Strings: <https://hl7.org/fhir/R4/search.html#string>.

use rushlight_model::json::{Kind, Value};

use super::members::{items, members, said};
use super::text::{cut_text, normal_bytes};
use super::{Datatype, Element, hash};
use crate::Entries;
use crate::table::TableId;

pub(super) fn index(unit: i32, element: Element<'_>, out: &mut Entries) {
    let before = out.len();
    let value = element.value;
    match element.datatype {
        Datatype::Text | Datatype::Code | Datatype::Uri | Datatype::Date => texts(unit, value, out),
        Datatype::CodeableConcept => {
            let [codings] = members(value, ["coding"]);
            items(codings).for_each(|coding| parts(unit, Some(coding), &["display"], out));
            parts(unit, value, &["text"], out);
        }
        datatype => match parts_of(datatype) {
            [] => return,
            names => parts(unit, value, names, out),
        },
    }
    if out.len() == before {
        row(unit, "", out);
    }
}

/// The members of which any may match.
fn parts_of(datatype: Datatype) -> &'static [&'static str] {
    match datatype {
        Datatype::HumanName => &["family", "given", "prefix", "suffix", "text"],
        Datatype::Address => &["line", "city", "district", "state", "postalCode", "country", "text"],
        Datatype::Annotation => &["text"],
        Datatype::Coding => &["display"],
        Datatype::ContactPoint | Datatype::Identifier => &["value"],
        _ => &[],
    }
}

fn parts(unit: i32, object: Option<Value<'_>>, names: &[&str], out: &mut Entries) {
    let children = object.into_iter().flat_map(Value::children);
    let named = children.filter(|child| names.iter().any(|name| child.is_named(name)));
    named.for_each(|child| texts(unit, Some(child), out));
}

/// A string, or all strings of an array.
fn texts(unit: i32, value: Option<Value<'_>>, out: &mut Entries) {
    let Some(value) = value else { return };
    match value.kind() {
        Kind::String => row(unit, &said(Some(value)), out),
        Kind::Array => value.children().for_each(|item| texts(unit, Some(item), out)),
        _ => {}
    }
}

/// A text; an empty one is the bare row.
fn row(unit: i32, text: &str, out: &mut Entries) {
    out.row(TableId::STRING, unit).bytes(&cut_text(&normal_bytes(text))).int(hash(text)).end();
}
