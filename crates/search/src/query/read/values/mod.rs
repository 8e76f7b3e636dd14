//! From one alternative of a value to tests of entries, one file for each type of search parameter.

mod composite;
mod date;
mod number;
mod position;
mod quantity;
mod range;
mod reference;
mod string;
mod token;
mod uri;

pub(super) use composite::composite;
pub(super) use date::{date, overlapping, updated};
pub(super) use number::number;
pub(super) use position::near;
pub(super) use quantity::quantity;
use range::Prefix;
pub(super) use reference::{below_version, reference};
pub(super) use string::{contains, equals, exact, starts, words};
pub(super) use token::{Coded, of_type, text, token};
pub(super) use uri::{above, below, uri};

use super::Reader;
use super::fault::{Fault, Result};
use super::rows::Meant;
use crate::values::Sort;

/// A value of a parameter whose entries are of this sort, without a modifier.
pub(super) fn plain(reader: &Reader<'_>, sort: Sort, text: &str) -> Result<Meant> {
    match sort {
        Sort::Token => token(text),
        Sort::Reference => reference(reader.base, text, None),
        Sort::Date => date(text, reader.now),
        Sort::String => starts(text),
        Sort::Number => number(text),
        Sort::Quantity => quantity(text, reader.registry.ucum()),
        Sort::Uri => uri(text),
        Sort::Position => near(text),
    }
}

/// A value without anything in it, where something must be.
fn nothing(what: &str) -> Fault {
    Fault::value(format!("{what} is empty"))
}
