//! Searches of both stores, against brute force that shares no code with them.
//!
//! `RUSHLIGHT_QUERIES` says how many are asked of each store, `RUSHLIGHT_SEED` which.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod churn;
#[path = "../common/mod.rs"]
mod common;
mod interference;
mod pages;
mod queries;
mod stocked;
/// What the server asks of the store to read a search: value sets, code systems, hierarchies.
#[path = "../../../server/src/stored/mod.rs"]
mod stored;
mod writes;

/// A number that the environment may set.
fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().map_or(default, |text| text.parse().unwrap())
}
