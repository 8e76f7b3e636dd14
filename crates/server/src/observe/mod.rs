//! What the operator sees of a running server: logs, metrics and whether it is alive and ready.

pub mod log;
pub mod meter;
pub mod metrics;
pub mod probe;
