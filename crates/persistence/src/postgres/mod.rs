//! The shared store: any number of processes on one PostgreSQL.
//!
//! Index entries are written directly, in the transaction of the records: PostgreSQL logs rows, not pages, so there
//! is nothing to gain from a tail.

pub(crate) mod audit;
pub(crate) mod build;
pub(crate) mod connect;
pub(crate) mod engine;
pub(crate) mod entries;
pub(crate) mod expect;
pub(crate) mod horizon;
pub(crate) mod tally;
pub(crate) mod tx;
pub(crate) mod units;
