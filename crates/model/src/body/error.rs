//! Why a text is no body.

use thiserror::Error;

use crate::InvalidId;
use crate::json::{JsonErrorKind, Position};
use crate::outcome::{Issue, IssueType, OperationOutcome};

/// A text that is no body, with the place where that shows.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {}, column {}: {kind}", position.line, position.column)]
pub struct BodyError {
    /// What is wrong.
    pub kind: BodyErrorKind,
    /// Where in the input.
    pub position: Position,
    /// The FHIRPath of the element, where it has one.
    pub expression: Option<String>,
}

/// What is wrong with a body.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BodyErrorKind {
    /// It is not JSON.
    #[error(transparent)]
    Json(JsonErrorKind),
    /// It is JSON, but no object.
    #[error("a resource is a JSON object")]
    NotAnObject,
    /// Nothing says what it is.
    #[error("the member resourceType is missing")]
    NoResourceType,
    /// A member is of another JSON type than it must be.
    #[error("{member} must be {expected}")]
    WrongKind {
        /// The member.
        member: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// The type is none of FHIR's.
    #[error("{found:?} is not a resource type of FHIR{}", suggestion(*.nearest))]
    UnknownResourceType {
        /// What is there; its first 64 characters.
        found: String,
        /// The type whose name is most like it.
        nearest: Option<&'static str>,
    },
    /// The id cannot be one.
    #[error("not an id: {0}")]
    InvalidId(InvalidId),
    /// A stored text is not what was stored.
    #[error("the stored text is damaged")]
    Damaged,
}

pub(crate) fn suggestion(nearest: Option<&'static str>) -> String {
    nearest.map_or_else(String::new, |nearest| format!("; did you mean {nearest}?"))
}

impl BodyErrorKind {
    /// The issue type that says this.
    #[must_use]
    pub fn code(&self) -> IssueType {
        match self {
            Self::Json(JsonErrorKind::TooLong { .. }) => IssueType::TooLong,
            Self::Json(JsonErrorKind::TooDeep { .. } | JsonErrorKind::TooManyValues { .. }) => {
                IssueType::TooCostly
            }
            Self::Json(_) | Self::NotAnObject | Self::WrongKind { .. } => IssueType::Structure,
            Self::NoResourceType => IssueType::Required,
            Self::UnknownResourceType { .. } | Self::InvalidId(_) => IssueType::Value,
            Self::Damaged => IssueType::Exception,
        }
    }
}

impl BodyError {
    pub(super) fn damaged() -> Self {
        Self { kind: BodyErrorKind::Damaged, position: Position { line: 1, column: 1 }, expression: None }
    }
}

impl From<BodyError> for Issue {
    fn from(error: BodyError) -> Self {
        let mut issue = Self::error(error.kind.code(), error.to_string());
        issue.expression.extend(error.expression);
        issue
    }
}

impl From<BodyError> for OperationOutcome {
    fn from(error: BodyError) -> Self {
        Self::from(Issue::from(error))
    }
}
