//! How writes travel: requests wait in a bounded [`queue`], a lane drains them in batches, [`plan`] decides without
//! a database what a batch writes, and the engine of the store writes it in one transaction.

pub(crate) mod lane;
pub(crate) mod plan;
pub(crate) mod queue;
pub(crate) mod request;
