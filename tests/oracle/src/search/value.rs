//! Whether one alternative of a value matches a row: <https://hl7.org/fhir/R4/search.html#ptypes>.

use super::text::{plain, split};
use crate::decimal::Decimal;
use crate::hash::{cut, cut_bytes, hash};
use crate::interval;
use crate::matcher;
use crate::rows::measured::BaseUnits;
use crate::rows::{Column, Row, Sort};
use crate::text::normal;
use rushlight_model::definitions::SearchParameterType;
use rushlight_model::{Id, ResourceType};

/// The value of a parameter of one of the plain types.
pub fn of(ty: SearchParameterType, value: &str, row: &Row, now: i64, base: &str) -> bool {
    use SearchParameterType as T;
    match ty {
        T::Token => token(value, row),
        T::Reference => reference(value, row, base),
        T::String => string(value, row),
        T::Uri => uri(value, row),
        T::Date => matcher::matches(Sort::Date, value, row, now),
        T::Number => matcher::matches(Sort::Number, value, row, now),
        T::Quantity => quantity(value, row),
        T::Special => near(value, row),
        T::Composite => panic!("composites have parts"),
    }
}

pub fn token(value: &str, (table, columns): &Row) -> bool {
    let ("token", [Column::Text(code), Column::Int(system)]) = (table.as_str(), &columns[..]) else {
        return false;
    };
    let parts: Vec<String> = split(value, '|').iter().map(|part| plain(part)).collect();
    match &parts[..] {
        [wanted] => cut(wanted) == *code && !code.is_empty(),
        [own, wanted] if wanted.is_empty() => *system == hash(own) && *system != 0,
        [own, wanted] => *system == hash(own) && cut(wanted) == *code,
        _ => panic!("no token: {value}"),
    }
}

/// `:text`: as a string.
pub fn text(value: &str, (table, columns): &Row) -> bool {
    let ("token_text", [Column::Text(own)]) = (table.as_str(), &columns[..]) else { return false };
    own.starts_with(&normal(&plain(value)))
}

/// `:of-type`
pub fn of_type(value: &str, (table, columns): &Row) -> bool {
    let ("token_type", [Column::Text(own), Column::Text(code), Column::Int(system)]) =
        (table.as_str(), &columns[..])
    else {
        return false;
    };
    let parts: Vec<String> = split(value, '|').iter().map(|part| plain(part)).collect();
    let [wanted_system, wanted_code, wanted] = &parts[..] else { panic!("no typed identifier: {value}") };
    hash(wanted_system) == *system && cut(wanted_code) == *code && cut(wanted) == *own
}

fn string(value: &str, (table, columns): &Row) -> bool {
    let ("string", [Column::Text(own), _]) = (table.as_str(), &columns[..]) else { return false };
    !own.is_empty() && own.starts_with(&normal(&plain(value)))
}

pub fn exactly(value: &str, row: &Row) -> bool {
    matcher::matches_exactly(&plain(value), row)
}

pub fn contained(value: &str, row: &Row) -> bool {
    matcher::is_contained(&plain(value), row)
}

fn uri(value: &str, (table, columns): &Row) -> bool {
    matches!((table.as_str(), &columns[..]), ("uri", [Column::Text(own)]) if *own == cut(&plain(value)))
}

/// <https://hl7.org/fhir/R4/search.html#uri>
pub fn below(value: &str, (table, columns): &Row) -> bool {
    let ("uri", [Column::Text(own)]) = (table.as_str(), &columns[..]) else { return false };
    is_below(own, &plain(value))
}

pub fn above(value: &str, (table, columns): &Row) -> bool {
    let ("uri", [Column::Text(own)]) = (table.as_str(), &columns[..]) else { return false };
    !own.is_empty() && is_below(&plain(value), own)
}

/// By whole segments of the path.
fn is_below(uri: &str, above: &str) -> bool {
    let above = above.trim_end_matches('/');
    uri.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

pub fn reference(value: &str, (table, columns): &Row, base: &str) -> bool {
    let ("reference", [Column::Bytes(target), Column::Int(ty), Column::Text(version)]) =
        (table.as_str(), &columns[..])
    else {
        return false;
    };
    let raw = split(value, '|');
    let value = plain(&raw[0]);
    if let Ok(id) = Id::new(&value) {
        return *target == id.to_key();
    }
    let local = value.strip_prefix(base).and_then(|rest| rest.strip_prefix('/')).unwrap_or(&value);
    if let Some((name, id)) = local.split_once('/')
        && let (Some(named), Ok(id)) = (ResourceType::from_name(name), Id::new(id))
    {
        let absolute = cut_bytes(1, &format!("{base}/{local}"));
        return (*target == id.to_key() && *ty == i64::from(named.number())) || *target == absolute;
    }
    let wanted = raw.get(1).map_or(String::new(), |version| plain(version));
    *target == cut_bytes(1, &value) && (wanted.is_empty() || wanted == *version)
}

fn quantity(value: &str, row: &Row) -> bool {
    let parts: Vec<String> = split(value, '|').iter().map(|part| plain(part)).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    const UCUM: &str = "http://unitsofmeasure.org";
    match parts[..] {
        // What can be converted is compared in base units.
        [number, UCUM, code] if BaseUnits::of(UCUM, code).is_some() => {
            row.0 == "quantity_ucum" && matcher::quantity(&[number, UCUM, code], row)
        }
        _ => matcher::quantity(&parts, row),
    }
}

/// `latitude|longitude|distance|units`: <https://hl7.org/fhir/R4/location.html#positional>
fn near(value: &str, (table, columns): &Row) -> bool {
    let ("position", [Column::Real(latitude), Column::Real(longitude)]) = (table.as_str(), &columns[..])
    else {
        return false;
    };
    let parts = split(value, '|');
    let number = |text: &String| text.parse::<f64>().unwrap();
    let metres = number(&parts[2]) * if parts[3] == "m" { 1.0 } else { 1000.0 };
    let (a, b) = ([number(latitude), number(longitude)], [number(&parts[0]), number(&parts[1])]);
    // The angle between two directions, by their cross and dot product.
    let direction = |[latitude, longitude]: [f64; 2]| {
        let (latitude, longitude) = (latitude.to_radians(), longitude.to_radians());
        [latitude.cos() * longitude.cos(), latitude.cos() * longitude.sin(), latitude.sin()]
    };
    let (a, b) = (direction(a), direction(b));
    let cross = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
    let length = cross.iter().map(|part| part * part).sum::<f64>().sqrt();
    let dot: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
    length.atan2(dot) * 6_371_008.8 <= metres
}

/// Each part of a composite against its columns.
pub fn composite(value: &str, (table, columns): &Row, now: i64, base: &str) -> bool {
    let parts = split(value, '$');
    let tables = parted(table);
    assert!(tables.len() == parts.len(), "{value} for {table}");
    let mut at = 0;
    tables.iter().zip(&parts).all(|(name, part)| {
        let (ty, width) = shape(name);
        let row = (name.to_string(), columns[at..at + width].to_vec());
        at += width;
        is_written(ty, part) && of(ty, part, &row, now, base)
    })
}

/// Whether a part is a value of this type at all: what one composite is made of differs between elements.
fn is_written(ty: SearchParameterType, part: &str) -> bool {
    use SearchParameterType as T;
    let letters = part.bytes().take_while(u8::is_ascii_alphabetic).count();
    let prefixes = ["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"];
    let (prefix, rest) = part.split_at(letters);
    let number = rest.split('|').next().unwrap();
    match ty {
        T::Number | T::Quantity => prefixes.contains(&prefix) && Decimal::parse(number).is_some(),
        T::Date => prefixes.contains(&prefix) && interval::parse(rest).is_some(),
        T::Token => split(part, '|').len() < 3,
        _ => true,
    }
}

/// `token_quantity_ucum` is a `token` and a `quantity_ucum`.
pub fn parted(table: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for word in table.split('_') {
        match parts.last_mut() {
            Some(last) if word == "ucum" => last.push_str("_ucum"),
            _ => parts.push(word.to_owned()),
        }
    }
    parts
}

pub fn shape(table: &str) -> (SearchParameterType, usize) {
    use SearchParameterType as T;
    match table {
        "token" => (T::Token, 2),
        "reference" => (T::Reference, 3),
        "date" => (T::Date, 2),
        "string" => (T::String, 2),
        "number" => (T::Number, 2),
        "quantity" => (T::Quantity, 5),
        "quantity_ucum" => (T::Quantity, 3),
        other => panic!("no part of a composite: {other}"),
    }
}
