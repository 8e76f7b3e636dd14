//! From a resource to the index entries by which searches find it.
//!
//! There is one index table per kind of search parameter; [`TABLES`] says which columns it has, so that a store
//! can create and fill all of them in the same way. Pure functions: no clock, disk or SQL.

pub mod contained;
mod custom;
mod entries;
pub mod key;
mod program;
pub mod query;
mod registry;
mod table;
mod values;
mod words;

pub use custom::{Custom, CustomComponent, Problem};
pub use entries::{Entries, Entry, Row, diff};
pub use registry::{Found, Parameter, Plan, Registry, Unit, UnitUse};
pub use table::{Column, GREATEST, IndexTable, Kind, LAYOUT, LEAST, TABLES, TableId};
pub use values::{CUT, CUT_LEAST, CUT_TAIL, Number, Sort, Units, cut, hash, normal};
pub use words::Words;
