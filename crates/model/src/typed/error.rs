//! Why JSON is not what a type says.

use thiserror::Error;

use crate::json::{JsonError, Kind, Value};

/// What is wrong with a text that was to become a struct.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// The text is not JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The text is JSON, but an element is wrong.
    #[error("{expression}: {kind}")]
    Element {
        /// The FHIRPath of the element.
        expression: String,
        /// The byte that its value begins with, in the text that was parsed;
        /// [`Position::of`](crate::json::Position::of) makes it a line and a column.
        offset: usize,
        /// What is wrong.
        kind: ReadErrorKind,
    },
}

/// What is wrong with an element.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadErrorKind {
    /// It is another kind of JSON value.
    #[error("{expected} is expected, not {}", name(*.found))]
    WrongKind {
        /// What would have been right.
        expected: &'static str,
        /// What is there.
        found: Kind,
    },
    /// The text is not of the primitive type's format.
    #[error("{found:?} is not of type {expected}")]
    Format {
        /// The primitive type.
        expected: &'static str,
        /// What is there; its first 64 characters.
        found: String,
    },
    /// `[]`, which FHIR does not have.
    #[error("an array must not be empty")]
    EmptyArray,
    /// The array of values and the array of their extensions do not go together.
    #[error("the arrays of values and of extensions must have the same length")]
    Lengths,
    /// An element that may be of several types is there in two.
    #[error("the element is there twice, in two types")]
    SecondType,
    /// A resource that does not say what it is.
    #[error("the member resourceType is missing")]
    NoResourceType,
    /// A resource of another type.
    #[error("resource type {expected} is expected, not {found:?}")]
    OtherResource {
        /// The type that was asked for.
        expected: &'static str,
        /// What is there; its first 64 characters.
        found: String,
    },
    /// More levels than a reader takes on.
    #[error("more than {limit} levels of objects and arrays")]
    TooDeep {
        /// The most that are taken.
        limit: usize,
    },
}

impl ReadError {
    pub(super) fn new(value: Value<'_>, kind: ReadErrorKind) -> Self {
        Self::Element { expression: String::new(), offset: value.source(), kind }
    }

    /// The same error, seen from one level further out.
    pub(super) fn within(mut self, step: &str) -> Self {
        if let Self::Element { expression, .. } = &mut self {
            let dot = if expression.is_empty() || expression.starts_with('[') { "" } else { "." };
            *expression = format!("{step}{dot}{expression}");
        }
        self
    }

    /// The same error, seen from the array around.
    pub(super) fn at(self, index: usize) -> Self {
        self.within(&format!("[{index}]"))
    }
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Object => "an object",
        Kind::Array => "an array",
        Kind::String => "a string",
        Kind::Number => "a number",
        Kind::Boolean => "a boolean",
        Kind::Null => "null",
    }
}
