//! Tokens: <https://hl7.org/fhir/R4/search.html#token>.

use rushlight_model::json::Value;

use super::members::{items, members, said, written};
use super::text::{cut_text, normal_bytes};
use super::{Datatype, Element, cut, hash};
use crate::Entries;
use crate::table::TableId;

/// The system of `true` and `false`.
const SPECIAL_VALUES: &str = "http://hl7.org/fhir/special-values";

pub(super) fn index(unit: i32, element: Element<'_>, out: &mut Entries) {
    let value = element.value;
    match element.datatype {
        Datatype::Coding => coding(unit, value, out),
        Datatype::CodeableConcept => concept(unit, value, out),
        Datatype::CodeableReference => {
            let [concept_of] = members(value, ["concept"]);
            concept(unit, concept_of, out);
        }
        Datatype::Identifier => identifier(unit, value, out),
        Datatype::ContactPoint => {
            let [value, used] = members(value, ["value", "use"]);
            row(unit, &said(value), hash(&said(used)), out);
        }
        Datatype::Code => {
            let code = written(value).unwrap_or_default();
            row(unit, &code, element.system.map_or(0, |system| system.hash_for(&code)), out);
        }
        Datatype::Boolean => match written(value) {
            Some(text) => row(unit, &text, hash(SPECIAL_VALUES), out),
            None => row(unit, "", 0, out),
        },
        Datatype::Number | Datatype::Date | Datatype::Uri | Datatype::Text => {
            row(unit, &written(value).unwrap_or_default(), 0, out);
        }
        _ => {}
    }
}

/// A coded value; an empty one without a system is the bare row.
pub(super) fn row(unit: i32, code: &str, system: i64, out: &mut Entries) {
    out.row(TableId::TOKEN, unit).text(&cut(code)).int(system).end();
}

fn text(unit: i32, text: Option<Value<'_>>, out: &mut Entries) {
    let Some(text) = text.and_then(Value::as_str) else { return };
    let normal = normal_bytes(&text);
    // Of blanks and accents alone, nothing is left.
    if !normal.is_empty() {
        out.row(TableId::TOKEN_TEXT, unit).bytes(&cut_text(&normal)).end();
    }
}

fn coding(unit: i32, value: Option<Value<'_>>, out: &mut Entries) {
    let [system, code, display] = members(value, ["system", "code", "display"]);
    row(unit, &said(code), hash(&said(system)), out);
    text(unit, display, out);
}

fn concept(unit: i32, value: Option<Value<'_>>, out: &mut Entries) {
    let [codings, words] = members(value, ["coding", "text"]);
    let mut codings = items(codings).peekable();
    if codings.peek().is_none() {
        row(unit, "", 0, out);
    }
    codings.for_each(|value| coding(unit, Some(value), out));
    text(unit, words, out);
}

fn identifier(unit: i32, value: Option<Value<'_>>, out: &mut Entries) {
    let [system, value, ty] = members(value, ["system", "value", "type"]);
    let value = said(value);
    row(unit, &value, hash(&said(system)), out);
    let [codings, words] = members(ty, ["coding", "text"]);
    text(unit, words, out);
    let cut_value = cut(&value);
    for value_of in items(codings) {
        let [system, code, display] = members(Some(value_of), ["system", "code", "display"]);
        text(unit, display, out);
        let code = said(code);
        // A search by type names all three.
        if !value.is_empty() && !code.is_empty() {
            let row = out.row(TableId::TOKEN_TYPE, unit);
            row.text(&cut_value).text(&cut(&code)).int(hash(&said(system))).end();
        }
    }
}
