//! What the population is drawn from. To add to it, add rows here.

pub(crate) mod allergy;
pub(crate) mod culture;
pub(crate) mod disorder;
pub(crate) mod growth;
pub(crate) mod laboratory;
pub(crate) mod medication;
pub(crate) mod vaccine;
pub(crate) mod vital;
