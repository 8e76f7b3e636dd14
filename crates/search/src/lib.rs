//! From a resource to the index entries by which searches find it.
//!
//! There is one index table per kind of search parameter; [`TABLES`] says which columns it has, so that a store
//! can create and fill all of them in the same way. Pure functions: no clock, disk or SQL.

mod entry;
mod stand_in;
mod table;

pub use entry::{Entry, Scalar, diff};
pub use stand_in::extract;
pub use table::{Column, IndexTable, Kind, LAYOUT, TABLES, TableId};
