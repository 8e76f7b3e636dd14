//! Structs for the resources that a Rust program builds or reads most, with their datatypes.
//!
//! The fields are those of [FHIR R4](https://hl7.org/fhir/R4/), under their own names in Rust's spelling (`type_`,
//! `use_` and `div_`, because Rust has these words). All are public, and each has a builder method of the same name
//! that sets it, or adds one where there can be many. What may be of several types, `value[x]`, is an enum, which the
//! builder method takes or makes:
//!
//! ```
//! use rushlight_model::typed::{
//!     CodeableConcept, Coding, DateTime, Decimal, Observation, ObservationStatus, ObservationValue, Quantity,
//! };
//!
//! let rate = Observation::new()
//!     .status(ObservationStatus::Final)
//!     .code(Coding::new().system("http://loinc.org").code("8867-4").display("Heart rate"))
//!     .subject("Patient/p1")
//!     .effective(DateTime::new("2026-11-24T10:43:30+01:00")?)
//!     .value(
//!         Quantity::new()
//!             .value(Decimal::new("72.0")?)
//!             .unit("beats/minute")
//!             .system("http://unitsofmeasure.org")
//!             .code("/min"),
//!     );
//! println!("{}", rate.to_json_pretty());
//!
//! let read = Observation::from_json(rate.to_json().as_bytes())?;
//! assert_eq!(read, rate);
//! if let Some(ObservationValue::Quantity(quantity)) = &read.value {
//!     assert_eq!(quantity.value.as_str(), Some("72.0"));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Nothing is lost
//!
//! Every type can be read from JSON (`from_json`, or `TryFrom` a [`Value`](crate::json::Value)) and written again
//! (`to_json`, `to_json_pretty`), and what comes out is the same JSON value: numbers and dates keep their digits,
//! [primitives](Primitive) their extensions, and members without a field, those of R4B and R5 among them, are kept in
//! `other_members`. Only the order of an object's members may be another.
//!
//! Reading is strict about what JSON must look like ([`ReadErrorKind`]) and about the formats of dates, times and
//! numbers. It does not ask for required elements, nor whether codes are known.

#[macro_use]
mod table;

mod bundle;
mod capability_statement;
mod code;
mod datatypes;
mod diagnostic_report;
mod elements;
mod error;
mod observation;
mod operation_outcome;
mod parameters;
mod patient;
mod primitive;
mod raw;
mod read;
mod resource;
mod write;

pub use bundle::*;
pub use capability_statement::*;
pub use code::*;
pub use datatypes::*;
pub use diagnostic_report::*;
pub use elements::*;
pub use error::{ReadError, ReadErrorKind};
pub use observation::*;
pub use operation_outcome::*;
pub use parameters::*;
pub use patient::*;
pub use primitive::{Date, DateTime, Decimal, Instant, InvalidPrimitive, Primitive, Size, Time};
pub use raw::RawJson;
pub use resource::Resource;

#[cfg(test)]
mod tests;
