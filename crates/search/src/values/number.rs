//! Numbers: <https://hl7.org/fhir/R4/search.html#number>.

use super::decimal::Number;
use super::members::{members, written};
use super::{Datatype, Element};
use crate::Entries;
use crate::table::TableId;

pub(super) fn index(unit: i32, element: Element<'_>, out: &mut Entries) {
    let numbers = match element.datatype {
        Datatype::Number => {
            let number = written(element.value).and_then(|text| Number::parse(&text));
            [number.clone(), number]
        }
        Datatype::Range => members(element.value, ["low", "high"]).map(|end| {
            let [value] = members(end, ["value"]);
            Number::parse(&written(value)?)
        }),
        _ => return,
    };
    let [low, high] = match numbers {
        [None, None] => [Number::greatest(), Number::least()],
        [low, high] => [low.unwrap_or_else(Number::least), high.unwrap_or_else(Number::greatest)],
    };
    out.row(TableId::NUMBER, unit).bytes(low.as_bytes()).bytes(high.as_bytes()).end();
}
