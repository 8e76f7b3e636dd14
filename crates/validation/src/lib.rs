//! Whether a resource keeps FHIR's rules: every problem at once, each with its element, line and rule.

pub mod narrative;
