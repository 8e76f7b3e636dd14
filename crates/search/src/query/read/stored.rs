//! What only stored resources can answer.

use rushlight_model::{Id, ResourceType};

/// A value that may not be known, or else why it can't be told, in words that follow a colon.
pub type Told<T> = Result<Option<Vec<T>>, String>;

/// What only stored resources can answer of a search. Definitions that are part of FHIR need not be: whatever is not
/// known here is looked for among them. What can't be decided is told as such: a search is refused then, never widened.
pub trait Stored {
    /// All codes of a value set, as systems and codes; `None` if it is not known.
    /// <https://hl7.org/fhir/R4/search.html#token> (`:in`)
    fn codes(&self, value_set: &str) -> Told<(String, String)>;

    /// A code and those below it, or above it, in its code system; `None` if that is not known.
    /// <https://hl7.org/fhir/R4/search.html#token> (`:below`, `:above`)
    fn related_codes(&self, system: &str, code: &str, below: bool) -> Told<String>;

    /// A resource, and those of its type whose references of these units lead to it, directly or not; or those that its
    /// references lead to. `None` if hierarchies of resources are not known.
    /// <https://hl7.org/fhir/R4/search.html#recursive>
    fn related(&self, ty: ResourceType, id: &Id, units: &[i32], below: bool) -> Told<Id>;
}

/// Knows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NothingStored;

impl Stored for NothingStored {
    fn codes(&self, _: &str) -> Told<(String, String)> {
        Ok(None)
    }

    fn related_codes(&self, _: &str, _: &str, _: bool) -> Told<String> {
        Ok(None)
    }

    fn related(&self, _: ResourceType, _: &Id, _: &[i32], _: bool) -> Told<Id> {
        Ok(None)
    }
}
