//! Values that elements have, as searches write them, and values beside them.

use crate::dice::Dice;
use crate::expression::Node;
use crate::interval;
use crate::json::Json;
use crate::rows::Sort;
use crate::search::text::escaped;
use crate::text::normal;
use rushlight_model::Id;

/// A value, the modifier that it is for, and what is special about it.
pub struct Value {
    pub modifier: &'static str,
    pub text: String,
    pub form: String,
}

/// A prefix, as kinds name it.
fn told(prefix: &str) -> &str {
    if prefix.is_empty() { "plain" } else { prefix }
}

fn value(modifier: &'static str, text: String, form: impl Into<String>) -> Option<Value> {
    Some(Value { modifier, text, form: form.into() })
}

const PREFIXES: [&str; 10] = ["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"];

/// A value of an element; plain: without a modifier.
pub fn of(sort: Sort, node: &Node<'_>, plain: bool, dice: &mut Dice, base: &str) -> Option<Value> {
    match sort {
        Sort::Token => token(node, plain, dice),
        Sort::String => string(node, plain, dice),
        Sort::Date => date(node, dice),
        Sort::Number => number(node, dice),
        Sort::Quantity => quantity(node, dice),
        Sort::Reference => reference(node, plain, dice, base),
        Sort::Uri => uri(node, plain, dice),
        Sort::Position => near(node, dice),
    }
}

fn token(node: &Node<'_>, plain: bool, dice: &mut Dice) -> Option<Value> {
    let json = node.value?;
    let codings: Vec<&Json> = match node.ty.name {
        "CodeableConcept" => json.all("coding").iter().collect(),
        "Coding" => vec![json],
        _ => Vec::new(),
    };
    let (system, code) = match node.ty.name {
        "CodeableConcept" | "Coding" => {
            let coding = dice.of(&codings);
            let part = |name| coding.and_then(|coding| coding.text_of(name)).unwrap_or("");
            (part("system"), part("code"))
        }
        "Identifier" => (json.text_of("system").unwrap_or(""), json.text_of("value").unwrap_or("")),
        "ContactPoint" => (json.text_of("use").unwrap_or(""), json.text_of("value").unwrap_or("")),
        _ => ("", json.primitive()?),
    };
    if !plain
        && dice.once_in(5)
        && let Some(text) = texts(node, json, dice)
    {
        return value("text", escaped(&text), "");
    }
    if !plain && node.ty.name == "Identifier" && dice.once_in(2) {
        let types: Vec<&Json> = json.all("type").iter().flat_map(|ty| ty.all("coding")).collect();
        if let Some(ty) = dice.of(&types)
            && let (Some(ty_code), false) = (ty.text_of("code"), code.is_empty())
        {
            let system = ty.text_of("system").unwrap_or("");
            let text = [system, ty_code, code].map(escaped).join("|");
            return value("of-type", text, "");
        }
    }
    let modifier = if !plain && dice.once_in(5) { "not" } else { "" };
    let (system, code) = (escaped(system), escaped(code));
    match dice.below(4) {
        _ if code.is_empty() && system.is_empty() => None,
        0 if !system.is_empty() => value(modifier, format!("{system}|"), "system|"),
        1 if !code.is_empty() => value(modifier, format!("|{code}"), "|code"),
        2 if !code.is_empty() => value(modifier, format!("{system}|{code}"), "system|code"),
        _ if code.is_empty() => value(modifier, format!("{system}|"), "system|"),
        _ => value(modifier, code, "code"),
    }
}

/// A beginning of one of the texts beside a token.
fn texts(node: &Node<'_>, json: &Json, dice: &mut Dice) -> Option<String> {
    let of_concept = |json: &Json| -> Vec<String> {
        let displays = json.all("coding").iter().filter_map(|coding| coding.text_of("display"));
        displays.chain(json.text_of("text")).map(str::to_owned).collect()
    };
    let all = match node.ty.name {
        "CodeableConcept" => of_concept(json),
        "Coding" => json.text_of("display").map(str::to_owned).into_iter().collect(),
        "Identifier" => json.all("type").iter().flat_map(of_concept).collect(),
        _ => Vec::new(),
    };
    let text = dice.of(&all)?;
    beginning(&text, dice)
}

/// A beginning of a text, in any case; `None` where that is nothing to compare with.
fn beginning(text: &str, dice: &mut Dice) -> Option<String> {
    let chars: Vec<char> = text.chars().take(200).collect();
    let length = 1 + dice.below(chars.len().max(1));
    let start: String = chars.iter().take(length).collect();
    let start = match dice.below(3) {
        0 => start.to_uppercase(),
        1 => start.to_lowercase(),
        _ => start,
    };
    (!normal(&start).is_empty()).then_some(start)
}

fn string(node: &Node<'_>, plain: bool, dice: &mut Dice) -> Option<Value> {
    let json = node.value?;
    let mut all = Vec::new();
    if node.is_primitive() {
        all.extend(node.primitive());
    } else {
        let names = ["family", "given", "prefix", "suffix", "text", "line", "city", "postalCode", "country"];
        let names = names.iter().chain(&["state", "district", "value", "display"]);
        all.extend(names.flat_map(|name| json.all(name)).filter_map(Json::text));
    }
    let text = dice.of(&all)?;
    match if plain { 0 } else { dice.below(4) } {
        2 if normal(text).len() < 500 && !text.trim().is_empty() => {
            let own = if dice.once_in(4) { text.to_lowercase() } else { text.to_owned() };
            value("exact", escaped(&own), "")
        }
        3 => {
            let chars: Vec<char> = text.chars().collect();
            let from = dice.below(chars.len().max(1));
            let length = 1 + dice.below(6);
            let part: String = chars.iter().skip(from).take(length).collect();
            (!normal(&part).is_empty()).then_some(())?;
            value("contains", escaped(&part), "")
        }
        _ => value("", escaped(&beginning(text, dice)?), ""),
    }
}

fn date(node: &Node<'_>, dice: &mut Dice) -> Option<Value> {
    let json = node.value?;
    let all: Vec<&str> = match node.ty.name {
        "Period" => ["start", "end"].iter().filter_map(|name| json.text_of(name)).collect(),
        "Timing" => json.all("event").iter().filter_map(Json::text).collect(),
        _ => node.primitive().into_iter().collect(),
    };
    let text = dice.of(&all)?;
    let (text, form) = precision(text, dice);
    interval::parse(&text)?;
    let prefix = dice.one(&PREFIXES);
    value("", format!("{prefix}{text}"), format!("{}+{form}", told(prefix)))
}

/// A time as precise as chance has it.
fn precision(text: &str, dice: &mut Dice) -> (String, &'static str) {
    let cut = |length: usize| text.get(..length).unwrap_or(text).to_owned();
    match dice.below(7) {
        0 => (cut(4), "year"),
        1 if text.len() >= 7 => (cut(7), "month"),
        2 if text.len() >= 10 => (cut(10), "day"),
        3 if text.len() >= 16 => (cut(16), "minute"),
        4 if text.len() >= 19 => (format!("{}-03:30", cut(19)), "zone"),
        5 if text.len() >= 19 => (format!("{}Z", cut(19)), "second"),
        _ => (text.to_owned(), "as written"),
    }
}

/// Digits near those of a number.
fn digits(text: &str, dice: &mut Dice) -> String {
    let (mantissa, power) = match text.find(['e', 'E']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let mantissa: String = mantissa.chars().take(30).collect();
    match dice.below(6) {
        0 => format!("{mantissa}{power}"),
        1 if mantissa.contains('.') => format!("{mantissa}0{power}"),
        2 => format!("{}{power}", mantissa.split('.').next().unwrap()),
        3 if mantissa.contains('.') => {
            format!("{}{power}", mantissa.split_at(mantissa.len() - 1).0.trim_end_matches('.'))
        }
        4 if power.is_empty() => format!("{mantissa}e0"),
        _ => format!("{mantissa}{power}"),
    }
}

fn number(node: &Node<'_>, dice: &mut Dice) -> Option<Value> {
    let text = match node.ty.name {
        "Range" => node.get("low").or(node.get("high"))?.get("value")?.primitive()?,
        _ => node.primitive()?,
    };
    let prefix = dice.one(&PREFIXES);
    value("", format!("{prefix}{}", digits(text, dice)), told(prefix))
}

fn quantity(node: &Node<'_>, dice: &mut Dice) -> Option<Value> {
    let json = match node.ty.name {
        "Range" => node.get("low").or(node.get("high"))?,
        "SampledData" => node.get("origin")?,
        _ => node.value?,
    };
    let text = json.get("value")?.primitive()?;
    let prefix = dice.one(&PREFIXES);
    let (system, code) = match node.ty.name {
        "Money" => ("urn:iso:std:iso:4217", json.text_of("currency").unwrap_or("")),
        _ => (json.text_of("system").unwrap_or(""), json.text_of("code").unwrap_or("")),
    };
    let unit = json.text_of("unit").unwrap_or("");
    let number = digits(text, dice);
    let (units, form) = match dice.below(5) {
        0 if !code.is_empty() => (format!("||{}", escaped(code)), "code"),
        1 if !unit.is_empty() => (format!("||{}", escaped(unit)), "unit"),
        2 | 3 if !code.is_empty() && !system.is_empty() => {
            let other = OTHER_UNITS.iter().find(|(own, ..)| *own == code).filter(|_| dice.once_in(2));
            if let Some((_, other, power)) = other.filter(|_| !number.contains(['e', 'E'])) {
                let text = format!("{prefix}{number}e{power}|{}|{}", escaped(system), escaped(other));
                return value("", text, format!("{}+converted", told(prefix)));
            }
            (format!("|{}|{}", escaped(system), escaped(code)), "system|code")
        }
        _ => (String::new(), "number"),
    };
    value("", format!("{prefix}{number}{units}"), format!("{}+{form}", told(prefix)))
}

/// A unit, another one, and of which power of ten it is the inverse.
const OTHER_UNITS: [(&str, &str, i32); 9] = [
    ("mg", "ug", 3),
    ("kg", "g", 3),
    ("g", "mg", 3),
    ("mmol/L", "umol/L", 3),
    ("mg/dL", "g/dL", -3),
    ("g/dL", "mg/dL", 3),
    ("cm", "m", -2),
    ("m", "cm", 2),
    ("mL", "L", -3),
];

fn reference(node: &Node<'_>, plain: bool, dice: &mut Dice, base: &str) -> Option<Value> {
    if let Some(identifier) = node.get("identifier").filter(|_| !plain && node.ty.name == "Reference")
        && dice.once_in(3)
    {
        let part = |name| escaped(identifier.text_of(name).unwrap_or(""));
        let (system, own) = (part("system"), part("value"));
        if !own.is_empty() {
            let text = if dice.once_in(2) { own } else { format!("{system}|{own}") };
            return value("identifier", text, "");
        }
    }
    let text = match node.ty.name {
        "Reference" => node.get("reference")?.text()?,
        "CodeableReference" => node.get("reference")?.text_of("reference")?,
        _ if node.is_primitive() => node.primitive()?,
        _ => return None,
    };
    let place = text.split("/_history/").next().unwrap();
    if place.starts_with('#') || place.len() > 400 {
        return None;
    }
    match place.split_once('/') {
        Some((ty, id)) if Id::new(id).is_ok() && rushlight_model::ResourceType::from_name(ty).is_some() => {
            match dice.below(4) {
                0 => value("", id.to_owned(), "id"),
                1 if base.is_empty() => None,
                1 => value("", format!("{base}/{place}"), "own URL"),
                2 if !plain => Some(Value {
                    modifier: rushlight_model::ResourceType::from_name(ty)?.name(),
                    text: id.to_owned(),
                    form: "type".to_owned(),
                }),
                _ => value("", place.to_owned(), "type/id"),
            }
        }
        // What looks like an id is one.
        _ if Id::new(place).is_ok() || place.starts_with('|') => None,
        _ => {
            let (url, version) = text.rsplit_once('|').unwrap_or((place, ""));
            if version.is_empty() || dice.once_in(2) {
                value("", escaped(url), "URL")
            } else {
                value("", format!("{}|{}", escaped(url), escaped(version)), "URL|version")
            }
        }
    }
}

fn uri(node: &Node<'_>, plain: bool, dice: &mut Dice) -> Option<Value> {
    let text = node.primitive()?;
    if text.len() > 400 || text.is_empty() {
        return None;
    }
    let has_path = text.contains("://");
    match if plain { 0 } else { dice.below(4) } {
        2 if has_path => value("below", escaped(text.rsplit_once('/')?.0), ""),
        3 if has_path => value("above", escaped(&format!("{text}/deeper")), ""),
        _ => value("", escaped(text), ""),
    }
}

fn near(node: &Node<'_>, dice: &mut Dice) -> Option<Value> {
    let degrees = |name| node.get(name)?.primitive()?.parse::<f64>().ok();
    let (latitude, longitude) = (degrees("latitude")?, degrees("longitude")?);
    let distance = dice.one(&[1, 10, 100, 1000]);
    let unit = dice.one(&["km", "m"]);
    value("", format!("{:.3}|{:.3}|{distance}|{unit}", latitude + 0.01, longitude - 0.01), "near")
}
