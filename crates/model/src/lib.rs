//! FHIR resource models: types, definitions, ids, instants, bodies, bundles and outcomes.
//!
//! Pure functions from bytes to values: no clock, disk, SQL or HTTP. Times and new ids are handed in.
//!
//! A resource is built and read by name as a struct of [`typed`], which has those that programs meet most, or read as
//! a [`Tree`](json::Tree), which takes any JSON. Both keep every digit.
//!
//! ```
//! use rushlight_model::json::{Limits, Tree};
//! use rushlight_model::typed::{CodeableConcept, Decimal, Observation, ObservationStatus, Quantity};
//!
//! // Build.
//! let weight = Observation::new()
//!     .status(ObservationStatus::Final)
//!     .code(CodeableConcept::new().text("Body weight"))
//!     .value(Quantity::new().value(Decimal::new("72.50")?).unit("kg"));
//!
//! // Print: `to_json` is compact, `to_json_pretty` for people.
//! println!("{}", weight.to_json_pretty());
//! let text = weight.to_json();
//!
//! // Read: as a struct, or as a tree.
//! assert_eq!(Observation::from_json(text.as_bytes())?, weight);
//! let tree = Tree::parse(text.as_bytes(), &Limits::default())?;
//! let value = tree.root().get("valueQuantity").and_then(|quantity| quantity.get("value"));
//! assert_eq!(value.map(|value| value.raw()), Some("72.50"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Whether it keeps FHIR's rules the crate `rushlight-validation` says; its first page goes the whole way. The
//! [`definitions`] that it goes by, of R4, R4B and R5, are here, and so are the formats of [`primitive`] values.
//! With the feature `fhir-rs`, the module `fhir_rs` converts resources to and from the structs of that crate.

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
pub use id::{Id, IdKey, InvalidId};
pub use instant::{format_instant, parse_instant};
pub use json::Limits;
pub use nearest::nearest;
pub use resource_type::ResourceType;
