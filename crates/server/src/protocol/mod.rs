//! HTTP's own rules, apart from FHIR's interactions: what a request's headers ask for, and how a response is dressed.
//!
//! [RFC 9110](https://www.rfc-editor.org/rfc/rfc9110), with <https://hl7.org/fhir/R4/http.html>.

pub mod coding;
pub mod conditions;
pub mod content;
pub mod cors;
pub mod headers;
pub mod list;
pub mod negotiate;
pub mod prefer;
pub mod represent;
