//! `_text` and `_content`: <https://hl7.org/fhir/R4/search.html#content>.

use super::text::plain;
use crate::hash::cut;
use crate::json::Json;
use crate::text::normal;
use std::collections::BTreeSet;

/// A longer text without white space is data.
const DATA: usize = 1000;

/// The words of a text: what is between characters that are no letters and no digits.
pub fn words(text: &str) -> BTreeSet<String> {
    let normal = normal(text);
    normal.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty()).map(cut).collect()
}

/// The words of the narrative.
pub fn of_narrative(resource: &Json) -> BTreeSet<String> {
    let div = resource.get("text").and_then(|text| text.text_of("div"));
    div.map_or_else(BTreeSet::new, |div| words(&shown(div)))
}

/// The words of the narrative and of all other strings. What a resource is, is none of its strings.
pub fn of_everything(resource: &Json) -> BTreeSet<String> {
    let mut all = of_narrative(resource);
    let Json::Object(members) = resource else { return all };
    for (name, member) in members.iter().filter(|(name, _)| name != "resourceType") {
        strings(member, name == "text", &mut all);
    }
    all
}

fn strings(json: &Json, narrative: bool, all: &mut BTreeSet<String>) {
    match json {
        Json::Text(text) if text.len() > DATA && !text.contains(char::is_whitespace) => {}
        Json::Text(text) => all.extend(words(text)),
        Json::Array(items) => items.iter().for_each(|item| strings(item, false, all)),
        Json::Object(members) => {
            let others = members.iter().filter(|(name, _)| !(narrative && name == "div"));
            others.for_each(|(_, member)| strings(member, false, all));
        }
        Json::Null | Json::Boolean(_) | Json::Number(_) => {}
    }
}

/// The text that a reader of XHTML sees. Markup parts words; so do characters whose names XML does not know.
fn shown(xhtml: &str) -> String {
    let mut out = String::new();
    let mut rest = xhtml;
    while let Some(char) = rest.chars().next() {
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            out.push(' ');
        } else if char == '<' {
            rest = after_tag(rest);
            out.push(' ');
        } else if char == '&' {
            let (name, after) = rest[1..].split_once(';').unwrap_or(("", ""));
            out.push(named(name).unwrap_or(' '));
            rest = after;
        } else {
            out.push(char);
            rest = &rest[char.len_utf8()..];
        }
    }
    out
}

/// What follows a tag, in whose attributes `>` may stand.
fn after_tag(text: &str) -> &str {
    let mut quote = None;
    for (at, char) in text.char_indices() {
        match (quote, char) {
            (None, '>') => return &text[at + 1..],
            (None, '"' | '\'') => quote = Some(char),
            (Some(open), char) if open == char => quote = None,
            _ => {}
        }
    }
    ""
}

fn named(name: &str) -> Option<char> {
    let code = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => match name.strip_prefix('#')?.split_once(['x', 'X']) {
            Some(("", hex)) => code(hex, 16),
            _ => code(&name[1..], 10),
        },
    }
}

/// Whether all words of a value are among these.
pub fn has(own: &BTreeSet<String>, value: &str) -> bool {
    words(&plain(value)).iter().all(|word| own.contains(word))
}

#[test]
fn what_is_shown() {
    for (xhtml, expected) in [
        ("<div>a<b>b</b></div>", "a b"),
        ("<p title=\"x > y\">B&#228;r &amp; c&#x0;</p>", "bar c"),
        ("<!-- a > b -->seen<br/>too", "seen too"),
    ] {
        let found: Vec<String> = words(&shown(xhtml)).into_iter().collect();
        assert_eq!(found.join(" "), expected, "{xhtml}");
    }
}
