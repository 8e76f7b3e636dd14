//! Whether a resource keeps FHIR's rules: every problem at once, each with its element, line and rule.
//!
//! [`Validator`] checks the structure of a resource against the definitions of one release:
//! <https://hl7.org/fhir/R4/validation.html>. It knows no network, disk or clock.
//!
//! ```
//! use rushlight_model::definitions::Release;
//! use rushlight_model::json::{Limits, Tree};
//! use rushlight_model::typed::{CodeableConcept, Decimal, Observation, ObservationStatus, Quantity};
//! use rushlight_validation::{Validator, issues};
//!
//! // Build, read as a tree, check, print.
//! let weight = Observation::new()
//!     .status(ObservationStatus::Final)
//!     .code(CodeableConcept::new().text("Body weight"))
//!     .value(Quantity::new().value(Decimal::new("72.50")?).unit("kg"));
//! let validator = Validator::new(Release::R4);
//! let tree = Tree::parse(weight.to_json().as_bytes(), &Limits::default())?;
//! assert!(validator.check(tree.root()).is_empty());
//! println!("{}", tree.pretty());
//!
//! // What is wrong is told all at once.
//! let text = br#"{"resourceType":"Observation",
//!   "status":"finished",
//!   "valeuString":"x"}"#;
//! let problems = validator.check(Tree::parse(text, &Limits::default())?.root());
//! let told: Vec<String> = issues(&problems, text).into_iter().map(|issue| issue.diagnostics).collect();
//! assert!(told.iter().any(|text| text.starts_with("line 3, column 17: there is no element valeuString")));
//! assert!(told.iter().any(|text| text.contains("did you mean valueString?")));
//! assert_eq!(problems.len(), 3, "an unknown code, an unknown element, and no code element");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod narrative;
mod problem;
mod structure;

pub use problem::{Problem, Rule, issues, located};
pub use structure::{MOST, Validator};
