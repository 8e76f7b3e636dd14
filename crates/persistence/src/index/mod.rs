//! Index entries as the two stores keep them: how one is looked up, as of any snapshot.

pub(crate) mod common;
pub(crate) mod lookup;
pub(crate) mod rows;
pub(crate) mod shape;
