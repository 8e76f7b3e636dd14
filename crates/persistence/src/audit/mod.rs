//! The audit: who did what, in chains of rows that can't be changed unnoticed.
//!
//! Every request that writes commits together with one row. Reads and refusals follow about a second later, many in
//! one row ([`observe`]). A row holds the SHA-256 of itself, of the versions that it wrote and of the row before
//! ([`chain`]); a second table holds each chain's head. [`verify`] finds what was changed, removed or put elsewhere.

pub(crate) mod chain;
pub(crate) mod observe;
mod strays;
pub(crate) mod told;
pub(crate) mod verify;
