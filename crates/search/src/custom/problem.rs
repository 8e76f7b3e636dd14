//! What is wrong with a SearchParameter resource.

use rushlight_model::json::Value;
use rushlight_model::outcome::IssueType;

/// A reason why a SearchParameter can't be indexed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The element in FHIRPath from the root of its tree: `SearchParameter.component[1].expression`, or
    /// `Bundle.entry[0].resource.expression`.
    pub expression: String,
    /// Where the element begins in the text that was parsed.
    pub offset: usize,
    /// What kind of problem it is.
    pub code: IssueType,
    /// What is wrong, and what would be right. Inside of an expression it begins with the column.
    pub text: String,
}

/// An element of the resource.
#[derive(Clone, Debug)]
pub(super) struct Place {
    expression: String,
    offset: usize,
}

impl Place {
    /// Of a value in the resource.
    pub(super) fn of(value: Value<'_>) -> Self {
        let mut root = value;
        while let Some(parent) = root.parent() {
            root = parent;
        }
        let ty = root.get("resourceType").and_then(Value::as_str).unwrap_or_default();
        let path = value.path();
        let dot = if path.is_empty() { "" } else { "." };
        Self { expression: format!("{ty}{dot}{path}"), offset: value.source() }
    }

    /// Of an element that a value does not have.
    pub(super) fn missing(value: Value<'_>, name: &str) -> Self {
        let Self { expression, offset } = Self::of(value);
        Self { expression: format!("{expression}.{name}"), offset }
    }

    pub(super) fn problem(&self, code: IssueType, text: impl Into<String>) -> Problem {
        Problem { expression: self.expression.clone(), offset: self.offset, code, text: text.into() }
    }
}
