//! Dates: <https://hl7.org/fhir/R4/search.html#date>.

use rushlight_model::json::Value;
use rushlight_model::primitive::DateTime;

use super::members::{items, members};
use super::{Datatype, Element};
use crate::Entries;
use crate::table::TableId;

/// An interval that no time is in.
const BARE: [i64; 2] = [i64::MAX, i64::MIN];

/// What has no time zone is taken to be in UTC: a server in another place finds the same.
const DEFAULT_OFFSET: i16 = 0;

pub(super) fn index(unit: i32, element: Element<'_>, out: &mut Entries) {
    let interval = match element.datatype {
        Datatype::Date => time(element.value),
        Datatype::Period => period(element.value),
        Datatype::Timing => timing(element.value),
        _ => return,
    };
    let [low, high] = interval.unwrap_or(BARE);
    out.row(TableId::DATE, unit).int(low).int(high).end();
}

/// The first and last microsecond of a point in time, as precise as it is.
fn time(value: Option<Value<'_>>) -> Option<[i64; 2]> {
    DateTime::parse(&value?.as_str()?).ok().map(|time| time.interval(DEFAULT_OFFSET))
}

fn period(value: Option<Value<'_>>) -> Option<[i64; 2]> {
    let [start, end] = members(value, ["start", "end"]).map(time);
    if start.is_none() && end.is_none() {
        return None;
    }
    Some([start.map_or(i64::MIN, |[first, _]| first), end.map_or(i64::MAX, |[_, last]| last)])
}

/// From the first to the last of its events and the period that it repeats in.
fn timing(value: Option<Value<'_>>) -> Option<[i64; 2]> {
    let [events, repeat] = members(value, ["event", "repeat"]);
    let [bounds] = members(repeat, ["boundsPeriod"]);
    let events = items(events).filter_map(|event| time(Some(event)));
    events.chain(period(bounds)).reduce(|[low, high], [first, last]| [low.min(first), high.max(last)])
}
