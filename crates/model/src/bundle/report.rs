//! Issues as they are found in a Bundle.

use crate::json::{Position, Value};
use crate::outcome::{Issue, IssueType, OperationOutcome};

/// More issues than these help nobody, and each costs a walk through the text.
const MOST: usize = 100;

/// Collects issues, each with its element, line and column.
pub(super) struct Report<'a> {
    bytes: &'a [u8],
    issues: Vec<Issue>,
}

impl<'a> Report<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, issues: Vec::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.issues.is_empty()
    }

    /// Something is wrong with a value.
    pub(super) fn at(&mut self, value: Value<'_>, code: IssueType, text: impl AsRef<str>) {
        self.add(value, code, text.as_ref(), [expression(value)]);
    }

    /// An object lacks a member.
    pub(super) fn missing(&mut self, object: Value<'_>, member: &str, text: impl AsRef<str>) {
        self.add(object, IssueType::Required, text.as_ref(), [format!("{}.{member}", expression(object))]);
    }

    /// Two values do not go together; the first one's position is shown.
    pub(super) fn both(
        &mut self,
        value: Value<'_>,
        other: Value<'_>,
        code: IssueType,
        text: impl AsRef<str>,
    ) {
        self.add(value, code, text.as_ref(), [expression(value), expression(other)]);
    }

    fn add<const N: usize>(
        &mut self,
        value: Value<'_>,
        code: IssueType,
        text: &str,
        expressions: [String; N],
    ) {
        if self.issues.len() < MOST {
            let Position { line, column } = Position::of(self.bytes, value.source());
            let mut issue = Issue::error(code, format!("line {line}, column {column}: {text}"));
            issue.expression.extend(expressions);
            self.issues.push(issue);
        }
    }

    pub(super) fn finish(self) -> Result<(), OperationOutcome> {
        if self.issues.is_empty() { Ok(()) } else { Err(OperationOutcome { issues: self.issues }) }
    }
}

fn expression(value: Value<'_>) -> String {
    let path = value.path();
    if path.is_empty() { "Bundle".to_owned() } else { format!("Bundle.{path}") }
}
