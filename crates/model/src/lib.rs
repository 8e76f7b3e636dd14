//! FHIR resource models: types, definitions, ids, instants, bodies, bundles and outcomes.
//!
//! Pure functions from bytes to values: no clock, disk, SQL or HTTP. Times and new ids are handed in.

mod body;
pub mod bundle;
pub mod definitions;
#[cfg(feature = "fhir-rs")]
pub mod fhir_rs;
mod id;
mod instant;
pub mod json;
mod nearest;
pub mod outcome;
pub mod primitive;
mod resource_type;
pub mod typed;

pub use body::{Body, BodyError, BodyErrorKind, splice_meta, tree};
pub use id::{Id, InvalidId};
pub use instant::{format_instant, parse_instant};
pub use json::Limits;
pub use nearest::nearest;
pub use resource_type::ResourceType;
