//! How writes travel: requests wait in a bounded [`queue`], a lane drains them in batches, [`batch`] and [`plan`]
//! decide without a database what is written, and the engine of the store writes it in one transaction.

pub(crate) mod allow;
pub(crate) mod batch;
pub(crate) mod expect;
pub(crate) mod lane;
pub(crate) mod plan;
pub(crate) mod queue;
pub(crate) mod request;
