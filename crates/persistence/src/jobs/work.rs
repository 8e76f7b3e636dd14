//! What a job does.

use crate::error::StoreError;
use crate::jobs::lease::Lease;

/// How far something has come, in steps of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) done: i64,
    /// 0 while it is not known.
    pub(crate) total: i64,
}

/// What one step came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) progress: Progress,
    /// Where to go on, for whoever takes the job over.
    pub(crate) place: String,
}

/// A job as it is done: step by step, each well within the life of a lease.
///
/// A step that was taken may be taken again: a process can end before the step is recorded.
pub(crate) trait Work {
    /// The next step; `None` once there is nothing left to do. What it writes for good, it writes only while the lease
    /// holds.
    fn step(&mut self, lease: &Lease) -> Result<Option<Step>, StoreError>;
}
