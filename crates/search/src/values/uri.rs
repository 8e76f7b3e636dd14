//! URIs: <https://hl7.org/fhir/R4/search.html#uri>.

use super::members::said;
use super::{Datatype, Element, cut};
use crate::Entries;
use crate::table::TableId;

/// The text as it is: URIs are compared literally. An empty one is the bare row.
pub(super) fn index(unit: i32, element: Element<'_>, out: &mut Entries) {
    if element.datatype == Datatype::Uri {
        out.row(TableId::URI, unit).text(&cut(&said(element.value))).end();
    }
}
