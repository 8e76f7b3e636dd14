//! Resources of R5 to and from the structs of [fhir-rs](https://docs.rs/fhir-rs/0.1.0), if they survive it.
//!
//! Only with the feature `fhir-rs`, for Rust programs that use that crate. It keeps decimals as `f64`, times in three
//! forms, and skips what it does not know. So everything is converted there and back, and what does not come back
//! the same is refused, with the first place that differs:
//!
//! ```
//! use ::fhir_rs::prelude::Patient;
//! use rushlight_model::fhir_rs::{FhirRsError, from_json, to_json};
//!
//! let text = br#"{"resourceType":"Patient","active":true,"name":[{"family":"Duck","given":["Donald"]}]}"#;
//! let patient: Patient = from_json(text)?;
//! assert_eq!(to_json(&patient)?.as_bytes(), text);
//!
//! let split = br#"{"resourceType":"Patient","name":[{"given":["Donald",null],"_given":[null,{"id":"b"}]}]}"#;
//! assert!(from_json::<Patient>(split).is_err());
//! let unknown = br#"{"resourceType":"Patient","name":[{"nick":"Don"}]}"#;
//! let error = from_json::<Patient>(unknown).unwrap_err();
//! assert_eq!(error.to_string(), r#"Patient.name[0].nick: "Don" would become nothing"#);
//! # Ok::<(), FhirRsError>(())
//! ```
//!
//! A resource does not say of which release it is. One of R4 or R4B passes if R5 has all of its elements.
//!
//! fhir-rs does not check formats, and panics at some malformed dates. The panic is caught where panics unwind, but
//! the program's hook shows its message, which quotes the text: validate first what comes from outside. It reads
//! times without an offset in the time zone of the process, so whether they pass depends on that.

mod debug;
mod error;

use std::fmt::Debug;
use std::thread;

use ::fhir_rs::prelude as library;
use library::{Deserialize, Serialize};

pub use error::FhirRsError;

use crate::json::{Limits, Tree, Value};

/// Twice what resources as deep as the default [`Limits`] allow need in a build without optimisation.
const STACK: usize = 32 << 20;

/// The struct of a resource's JSON.
///
/// # Errors
/// When the text is no JSON, fhir-rs does not read it as a `T`, or the `T`'s JSON is not the same value: an object's
/// members may be in another order, an array's items may not, and numbers keep their digits.
pub fn from_json<T>(bytes: &[u8]) -> Result<T, FhirRsError>
where
    T: for<'de> Deserialize<'de> + Serialize + Send,
{
    let tree = Tree::parse(bytes, &Limits::default())?;
    apart(|| {
        let resource = read(tree.text())?;
        let back = write(&resource)?;
        match tree.root().difference(back.root()) {
            None => Ok(resource),
            Some(difference) => Err(FhirRsError::Lost {
                expression: expression(tree.root(), &difference.path()),
                found: difference.one.map(|value| short(value.raw())),
                back: difference.other.map(|value| short(value.raw())),
            }),
        }
    })
}

/// The JSON of a resource's struct, compact. Whether it is FHIR's is not asked: fhir-rs has fields that R5 has not.
///
/// A struct much deeper than the default [`Limits`], which only code can build, overflows the stack.
///
/// # Errors
/// When fhir-rs does not write it, or the struct that it reads from what it has written is another, as [`Debug`] shows
/// it. So is a time that was read from a text with `Z`, which fhir-rs writes as an offset.
pub fn to_json<T>(resource: &T) -> Result<String, FhirRsError>
where
    T: for<'de> Deserialize<'de> + Serialize + Debug + Sync,
{
    apart(|| {
        let tree = write(resource)?;
        let back: T = read(tree.text())?;
        match debug::difference(resource, &back) {
            None => Ok(tree.into_text()),
            Some(lost) => Err(lost),
        }
    })
}

fn read<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, FhirRsError> {
    library::from_json(text).map_err(|error| FhirRsError::Unread(short(&error.to_string())))
}

fn write<T: Serialize>(resource: &T) -> Result<Tree, FhirRsError> {
    let unwritten = |error: String| FhirRsError::Unwritten(short(&error));
    let text = library::to_json(resource).map_err(|error| unwritten(error.to_string()))?;
    Tree::parse(text.as_bytes(), &Limits::default()).map_err(|error| unwritten(error.to_string()))
}

/// Runs fhir-rs where its panics end and its recursion has room.
fn apart<R: Send>(work: impl FnOnce() -> Result<R, FhirRsError> + Send) -> Result<R, FhirRsError> {
    thread::scope(|scope| {
        let running = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        running.map_err(|_| FhirRsError::NoThread)?.join().map_err(|_| FhirRsError::Panicked)?
    })
}

fn expression(root: Value<'_>, path: &str) -> String {
    let name = root.get("resourceType").and_then(Value::as_str).unwrap_or_default();
    let dot = if name.is_empty() || path.is_empty() { "" } else { "." };
    format!("{}{dot}{path}", short(&name))
}

/// As much of a text as an error may quote.
fn short(text: &str) -> String {
    text.chars().take(64).collect()
}
