//! Black-box suites: the real binary over HTTP, on both stores.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod audit;
mod binary;
mod bounds;
mod bundles;
mod capabilities;
mod certificates;
mod check;
mod client;
mod concurrency;
mod conditional;
mod conditional_writes;
mod contained;
mod crash;
mod disk;
mod encodings;
mod exactness;
mod explaining;
mod fhirpath;
mod generate;
mod golden;
mod hostile;
mod http_hostile;
mod interactions;
mod negotiation;
mod ops;
mod paths;
mod preferences;
mod process;
mod provenance;
mod raw;
mod reindex;
mod search_hostile;
mod search_pages;
mod search_parameters;
mod searching;
mod slow;
mod synthea;
mod tls;
mod validation;
