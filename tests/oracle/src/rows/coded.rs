//! Tokens: <https://hl7.org/fhir/R4/search.html#token>.

use super::{Column, Row, row};
use crate::expression::Node;
use crate::hash::hash;
use crate::json::Json;
use crate::text::normal;
use rushlight_model::definitions::{ANY_SYSTEM, Definitions, Release};
use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;

const SPECIAL_VALUES: &str = "http://hl7.org/fhir/special-values";

fn token(code: Option<&str>, system: Option<&str>) -> Row {
    row("token", [Column::text(code.unwrap_or("")), Column::Int(hash(system.unwrap_or("")))])
}

/// Of a truth value that an expression comes to.
pub fn truth(value: bool) -> Row {
    token(Some(if value { "true" } else { "false" }), Some(SPECIAL_VALUES))
}

pub fn rows(node: &Node<'_>, definitions: &'static Definitions) -> Option<Vec<Row>> {
    let Some(json) = node.value else {
        return node.is_primitive().then(Vec::new);
    };
    Some(match node.ty.name {
        "Coding" => coding(json),
        "CodeableConcept" => concept(json),
        "CodeableReference" => json.all("concept").iter().flat_map(concept).collect(),
        "Identifier" => identifier(json),
        "ContactPoint" => vec![token(json.text_of("value"), json.text_of("use"))],
        "boolean" => vec![token(json.primitive(), Some(SPECIAL_VALUES))],
        "code" => {
            let code = json.primitive()?;
            let system = node.value_set.and_then(|set| system(definitions, set, code));
            vec![token(Some(code), system.as_deref())]
        }
        _ if node.is_primitive() => vec![token(json.primitive(), None)],
        _ => return None,
    })
}

fn text(text: Option<&str>) -> Option<Row> {
    let normal = text.map(normal).filter(|normal| !normal.is_empty())?;
    Some(row("token_text", [Column::text(&normal)]))
}

fn coding(json: &Json) -> Vec<Row> {
    let own = token(json.text_of("code"), json.text_of("system"));
    std::iter::once(own).chain(text(json.text_of("display"))).collect()
}

fn concept(json: &Json) -> Vec<Row> {
    json.all("coding").iter().flat_map(coding).chain(text(json.text_of("text"))).collect()
}

fn identifier(json: &Json) -> Vec<Row> {
    let value = json.text_of("value");
    let mut rows = vec![token(value, json.text_of("system"))];
    for ty in json.all("type") {
        rows.extend(concept(ty).into_iter().filter(|(table, _)| table == "token_text"));
        // `:of-type` asks for both.
        rows.extend(ty.all("coding").iter().filter_map(|coding| {
            let system = Column::Int(hash(coding.text_of("system").unwrap_or("")));
            Some(row("token_type", [Column::text(value?), Column::text(coding.text_of("code")?), system]))
        }));
    }
    rows
}

/// Of a reference's identifier, for `:identifier`.
pub fn of_reference(identifier: &Json) -> Row {
    token(identifier.text_of("value"), identifier.text_of("system"))
}

/// The one system of a value set that has a code; if none has, the one whose codes nobody lists.
fn system(definitions: &'static Definitions, set: &'static str, code: &str) -> Option<String> {
    type Systems = HashMap<&'static str, BTreeSet<&'static str>>;
    static SETS: Mutex<Option<HashMap<(Release, &'static str), Systems>>> = Mutex::new(None);
    let mut sets = SETS.lock().unwrap();
    let sets = sets.get_or_insert_with(HashMap::new);
    let set_of_codes = definitions.value_set(set)?;
    let systems = sets.entry((definitions.release(), set)).or_insert_with(|| {
        let mut systems = Systems::new();
        for (system, code) in set_of_codes.codes() {
            systems.entry(code).or_default().insert(system);
        }
        systems
    });
    match systems.get(code) {
        Some(found) => found.first().filter(|_| found.len() == 1).map(|system| system.to_string()),
        None => match set_of_codes.open_systems() {
            [only] if *only != ANY_SYSTEM => Some(only.to_string()),
            _ => None,
        },
    }
}
