//! Why a resource does not pass.

use thiserror::Error;

use crate::json::JsonError;

/// Why a resource does not pass between its JSON and its struct of fhir-rs. Texts that are quoted are cut to 64 characters.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FhirRsError {
    /// The text is not JSON, or beyond the default [`Limits`](crate::json::Limits).
    #[error(transparent)]
    Json(#[from] JsonError),
    /// fhir-rs does not read it, and does not say where.
    #[error("fhir-rs does not read it: {0}")]
    Unread(String),
    /// fhir-rs does not write it, or writes what is no JSON.
    #[error("fhir-rs does not write it: {0}")]
    Unwritten(String),
    /// It would come back as something else.
    #[error("{expression}: {} would become {}", quoted(.found), quoted(.back))]
    Lost {
        /// The element: from JSON its FHIRPath with JSON's member names, `Observation.valueQuantity.value`; from a
        /// struct the way through its fields, `Observation.value.extension[0].id`.
        expression: String,
        /// What is there, as JSON or as [`Debug`] shows the struct; `None`: nothing.
        found: Option<String>,
        /// What would come back, in the same way.
        back: Option<String>,
    },
    /// fhir-rs panicked.
    #[error("fhir-rs panicked")]
    Panicked,
    /// The system has no thread to run it on.
    #[error("no thread for fhir-rs")]
    NoThread,
}

fn quoted(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or("nothing")
}
