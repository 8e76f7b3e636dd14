//! Whether a resource keeps FHIR's rules: every problem at once, each with its element, line and rule.
//!
//! [`Validator`] checks the structure of a resource against the definitions of one release:
//! <https://hl7.org/fhir/R4/validation.html>. It knows no network, disk or clock.
//!
//! ```
//! use rushlight_model::definitions::Release;
//! use rushlight_model::json::{Limits, Tree};
//! use rushlight_validation::{Validator, issues};
//!
//! let text = br#"{"resourceType":"Observation",
//!   "status":"finished",
//!   "valeuString":"x"}"#;
//! let tree = Tree::parse(text, &Limits::default())?;
//! let problems = Validator::new(Release::R4).check(tree.root());
//! let told: Vec<String> = issues(&problems, text).into_iter().map(|issue| issue.diagnostics).collect();
//! assert!(told.iter().any(|text| text.starts_with("line 3, column 17: there is no element valeuString")));
//! assert!(told.iter().any(|text| text.contains("did you mean valueString?")));
//! assert_eq!(problems.len(), 3, "an unknown code, an unknown element, and no code element");
//! # Ok::<(), rushlight_model::json::JsonError>(())
//! ```

pub mod narrative;
mod problem;
mod structure;

pub use problem::{Problem, Rule, issues, located};
pub use structure::{MOST, Validator};
