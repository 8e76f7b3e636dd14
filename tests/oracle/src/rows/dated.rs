//! Dates: <https://hl7.org/fhir/R4/search.html#date>.

use super::{Column, Row, row};
use crate::expression::Node;
use crate::interval::{self, Interval};
use crate::json::Json;

pub fn rows(node: &Node<'_>) -> Option<Vec<Row>> {
    let found = match node.ty.name {
        "date" | "dateTime" | "instant" => node.primitive().and_then(interval::parse),
        "Period" => node.value.and_then(period),
        "Timing" => node.value.and_then(timing),
        _ => return None,
    };
    Some(found.map(|(low, high)| row("date", [Column::Int(low), Column::Int(high)])).into_iter().collect())
}

fn period(json: &Json) -> Option<Interval> {
    let end = |name: &str| json.text_of(name).and_then(interval::parse);
    match (end("start"), end("end")) {
        (None, None) => None,
        (start, end) => {
            Some((start.map_or(i64::MIN, |(low, _)| low), end.map_or(i64::MAX, |(_, high)| high)))
        }
    }
}

/// The outer limits of all its times.
fn timing(json: &Json) -> Option<Interval> {
    let events = json.all("event").iter().filter_map(Json::text).filter_map(interval::parse);
    let bounds = json.get("repeat").and_then(|repeat| repeat.get("boundsPeriod")).and_then(period);
    events.chain(bounds).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}
