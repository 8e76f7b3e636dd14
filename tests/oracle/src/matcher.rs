//! Whether a search value matches a row: <https://hl7.org/fhir/R4/search.html#prefix>, and its chapters on types.

use crate::decimal::Decimal;
use crate::hash::{cut, cut_bytes, hash};
use crate::interval;
use crate::rows::measured::BaseUnits;
use crate::rows::{Column, Row, Sort};
use crate::text::normal;
use rushlight_model::{Id, ResourceType};

/// Whether a value, as it stands in a URL, matches a row of a parameter of this sort. `now` is in microseconds since
/// 1970. What is no value fails loudly.
pub fn matches(sort: Sort, value: &str, row: &Row, now: i64) -> bool {
    let columns = &row.1[..];
    match (sort, row.0.as_str(), columns) {
        (Sort::Token, "token", [Column::Text(code), Column::Int(system)]) => token(value, code, *system),
        (Sort::Reference, "reference", [Column::Bytes(target), Column::Int(ty), Column::Text(version)]) => {
            reference(value, target, *ty, version)
        }
        (Sort::Uri, "uri", [Column::Text(uri)]) => *uri == cut(value),
        (Sort::String, "string", [Column::Text(own), Column::Int(_)]) => own.starts_with(&normal(value)),
        (Sort::Date, "date", [Column::Int(low), Column::Int(high)]) => date(value, (*low, *high), now),
        (Sort::Number, "number", [Column::Bytes(low), Column::Bytes(high)]) => {
            number(value, Decimal::clone, (low, high))
        }
        (Sort::Quantity, ..) => quantity(&value.split('|').collect::<Vec<_>>(), row),
        _ => false,
    }
}

/// `:exact`
pub fn matches_exactly(value: &str, row: &Row) -> bool {
    row.0 == "string" && row.1[1] == Column::Int(hash(value))
}

/// `:contains`
pub fn is_contained(value: &str, row: &Row) -> bool {
    matches!(&row.1[..], [Column::Text(own), _] if row.0 == "string" && kept(own).contains(&normal(value)))
}

/// Of a long text its beginning, without what tells it from others.
pub fn kept(own: &str) -> &str {
    let rest = own.len().checked_sub(33).filter(|at| *at >= 557 && own.as_bytes()[*at] == 1);
    &own[..rest.unwrap_or(own.len())]
}

fn prefix(value: &str) -> (&str, &str) {
    let is_prefix = |two: &&str| two.bytes().all(|byte| byte.is_ascii_lowercase());
    match value.get(..2).filter(is_prefix) {
        Some(prefix) => (prefix, &value[2..]),
        None => ("eq", value),
    }
}

/// How the range of a row has to lie to that of the value, whose end may be outside of it.
fn holds<T: Ord + ?Sized>(prefix: &str, value: (&T, &T), open: bool, row: (&T, &T)) -> bool {
    let (low, high) = row;
    // A bare row's.
    if low > high {
        return false;
    }
    let within = value.0 <= low && if open { high < value.1 } else { high <= value.1 };
    match prefix {
        "eq" => within,
        "ne" => !within,
        "gt" => high > value.1,
        "lt" => low < value.0,
        "ge" => high > value.1 || within,
        "le" => low < value.0 || within,
        "sa" => low > value.1,
        "eb" => high < value.0,
        "ap" => low <= value.1 && high >= value.0,
        other => panic!("no prefix: {other}"),
    }
}

pub fn date(value: &str, row: (i64, i64), now: i64) -> bool {
    let (prefix, text) = prefix(value);
    let (mut low, mut high) = interval::parse(text).unwrap_or_else(|| panic!("no date: {text}"));
    if prefix == "ap" {
        // About: within a tenth of how long ago it is.
        low -= (now - low).abs() / 10;
        high += (now - high).abs() / 10;
    }
    holds(prefix, (&low, &high), false, (&row.0, &row.1))
}

/// A number, in other units, against the bytes of a row.
fn number(value: &str, convert: impl Fn(&Decimal) -> Decimal, row: (&[u8], &[u8])) -> bool {
    let (prefix, text) = prefix(value);
    let value = Decimal::parse(text).unwrap_or_else(|| panic!("no number: {text}"));
    let digits = || Decimal::unit_of_last_digit(text).unwrap().times(&Decimal::parse("0.5").unwrap());
    let around = match prefix {
        // As far as the digits that are told go.
        "eq" | "ne" => digits(),
        // What eq finds, at least.
        "ap" => digits().max(value.magnitude_only().times(&Decimal::parse("0.1").unwrap())),
        _ => Decimal::parse("0").unwrap(),
    };
    let end = |end: Decimal| convert(&end).encoded();
    let (low, high) = (end(value.plus(&around.negated())), end(value.plus(&around)));
    holds(prefix, (&low[..], &high[..]), matches!(prefix, "eq" | "ne"), row)
}

/// The number, and perhaps the system and the code, of a value against a row of either table.
pub fn quantity(parts: &[&str], (table, columns): &Row) -> bool {
    match (table.as_str(), &columns[..]) {
        ("quantity", [Column::Bytes(low), Column::Bytes(high), Column::Int(system), units @ ..]) => {
            let fits = match parts {
                [_] => true,
                [_, "", unit] => units.contains(&Column::Int(hash(unit))),
                [_, own, code] => *system == hash(own) && units[0] == Column::Int(hash(code)),
                _ => panic!("no quantity: {parts:?}"),
            };
            fits && number(parts[0], Decimal::clone, (low, high))
        }
        ("quantity_ucum", [Column::Int(base), Column::Bytes(low), Column::Bytes(high)]) => {
            let [number_text, system, code] = parts else { return false };
            // Without a system the unit is meant as it is written.
            let Some(unit) = BaseUnits::of(system, code).filter(|_| !system.is_empty()) else { return false };
            hash(&unit.base) == *base && number(number_text, |end| unit.convert(end), (low, high))
        }
        _ => false,
    }
}

fn token(value: &str, code: &str, system: i64) -> bool {
    match value.split_once('|') {
        None => cut(value) == code,
        Some((own, "")) => system == hash(own) && system != 0,
        Some((own, wanted)) => system == hash(own) && cut(wanted) == code,
    }
}

fn reference(value: &str, target: &[u8], ty: i64, version: &str) -> bool {
    if let Ok(id) = Id::new(value) {
        return target == id.to_key();
    }
    if let Some((name, id)) = value.split_once('/')
        && let (Some(named), Ok(id)) = (ResourceType::from_name(name), Id::new(id))
    {
        return target == id.to_key() && ty == i64::from(named.number());
    }
    let (url, wanted) = value.rsplit_once('|').unwrap_or((value, ""));
    target == cut_bytes(1, url) && (wanted.is_empty() || wanted == version)
}
