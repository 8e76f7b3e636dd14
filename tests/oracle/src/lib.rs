//! Brute force: what search parameters find in resources, and what searches answer, in the slowest and plainest way, from
//! the specification's text (<https://hl7.org/fhir/R4/search.html>).
//!
//! Nothing here is shared with how resources are indexed and searched: not the walk, not FHIRPath, not the values' forms,
//! not the reading of queries. The definitions, the names of tables and the keys of ids are.
#![expect(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "a suite's scaffold: a failed step is a failed test"
)]

pub mod access;
pub mod decimal;
pub mod dice;
pub mod expression;
pub mod forge;
pub mod generate;
pub mod grown;
pub mod hash;
pub mod interval;
pub mod json;
pub mod matcher;
pub mod parameter;
pub mod rows;
pub mod search;
pub mod sources;
pub mod stock;
pub mod text;
pub mod world;
