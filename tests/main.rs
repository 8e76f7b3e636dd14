//! Black-box suites: the real binary over HTTP, on both stores.

mod client;
mod concurrency;
mod crash;
mod disk;
mod interactions;
mod process;
mod synthea;
