//! From an element of a resource to index entries, one file for each type of search parameter.
//!
//! `docs/search-index.md` tells for each type and datatype what is indexed.

mod contained;
mod datatype;
mod date;
mod decimal;
mod hash;
mod implied;
mod members;
mod number;
mod position;
mod quantity;
mod reference;
mod string;
mod text;
mod token;
mod units;
mod uri;

#[cfg(test)]
mod reach;
#[cfg(test)]
mod tests;

use rushlight_model::json::Value;

use crate::Entries;

pub(crate) use contained::{Contained, Inner};
pub(crate) use datatype::Datatype;
pub use decimal::Number;
pub use hash::hash;
pub(crate) use implied::ImpliedSystem;
pub(crate) use reference::{elsewhere, is_here, versioned};
pub(crate) use text::kept;
pub use text::{CUT, CUT_LEAST, CUT_TAIL, cut, normal};
pub use units::Units;

/// An element as a search parameter's expression finds it.
///
/// A primitive that has extensions only has no value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'t> {
    /// Its JSON; for a primitive not that of its companion.
    pub(crate) value: Option<Value<'t>>,
    /// Its datatype, found once for all elements of a definition.
    pub(crate) datatype: Datatype,
    /// For a `code` with a required binding: the systems that its codes may be of.
    pub(crate) system: Option<&'t ImpliedSystem>,
    /// What the resource that it is in contains, for references to that.
    pub(crate) contained: &'t Contained<'t>,
    /// The units that have been seen, of whoever indexes many resources.
    pub(crate) units: &'t Units,
}

/// What sort of entries a unit has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sort {
    /// Codes, identifiers, flags: <https://hl7.org/fhir/R4/search.html#token>.
    Token,
    /// References and canonical URLs: <https://hl7.org/fhir/R4/search.html#reference>.
    Reference,
    /// Dates, instants, periods: <https://hl7.org/fhir/R4/search.html#date>.
    Date,
    /// Names and texts: <https://hl7.org/fhir/R4/search.html#string>.
    String,
    /// Numbers: <https://hl7.org/fhir/R4/search.html#number>.
    Number,
    /// Measured values: <https://hl7.org/fhir/R4/search.html#quantity>.
    Quantity,
    /// URIs: <https://hl7.org/fhir/R4/search.html#uri>.
    Uri,
    /// Places: <https://hl7.org/fhir/R4/location.html#positional>.
    Position,
}

/// Adds the entries of an element to those of a unit. Elements of a datatype that the sort does not know add none; one
/// that it knows adds at least one, which no value matches if the element says nothing: then it is not missing.
pub(crate) fn index(sort: Sort, unit: i32, element: Element<'_>, out: &mut Entries) {
    match sort {
        Sort::Token => token::index(unit, element, out),
        Sort::Reference => reference::index(unit, element, out),
        Sort::Date => date::index(unit, element, out),
        Sort::String => string::index(unit, element, out),
        Sort::Number => number::index(unit, element, out),
        Sort::Quantity => quantity::index(unit, element, out),
        Sort::Uri => uri::index(unit, element, out),
        Sort::Position => position::index(unit, element, out),
    }
}
