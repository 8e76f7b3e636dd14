//! Places: <https://hl7.org/fhir/R4/location.html#positional>.

use super::members::{members, written};
use super::{Datatype, Element};
use crate::Entries;
use crate::table::TableId;

/// Degrees, as doubles: a tenth of a micrometre is precise enough. Half a position is none.
pub(super) fn index(unit: i32, element: Element<'_>, out: &mut Entries) {
    if element.datatype != Datatype::Position {
        return;
    }
    let degrees = members(element.value, ["latitude", "longitude"])
        .map(|value| written(value)?.parse().ok().filter(|degrees: &f64| degrees.is_finite()));
    if let [Some(latitude), Some(longitude)] = degrees {
        out.row(TableId::POSITION, unit).real(latitude).real(longitude).end();
    }
}
