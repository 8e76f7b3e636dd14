//! Issues as they are found in a Bundle.

use crate::json::{Position, Positions, Value};
use crate::outcome::{Issue, IssueType, OperationOutcome};

/// Collects issues, each with its element and its place in the text.
pub(super) struct Report {
    /// How many are told: more help nobody.
    most: usize,
    /// With the byte of the text that each is about.
    issues: Vec<(usize, Issue)>,
}

impl Report {
    /// A report that tells so many issues; one at least.
    pub(super) fn new(most: usize) -> Self {
        Self { most: most.max(1), issues: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.issues.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.issues.is_empty()
    }

    /// Whether further issues would not be told, so that looking for them is of no use.
    pub(super) fn is_full(&self) -> bool {
        self.issues.len() >= self.most
    }

    /// Something is wrong with a value.
    pub(super) fn at(&mut self, value: Value<'_>, code: IssueType, text: impl Into<String>) {
        self.add(value, code, text, || vec![expression(value)]);
    }

    /// An object lacks a member.
    pub(super) fn missing(&mut self, object: Value<'_>, member: &str, text: impl Into<String>) {
        self.add(object, IssueType::Required, text, || vec![format!("{}.{member}", expression(object))]);
    }

    /// Two values do not go together; the first one's position is shown.
    pub(super) fn both(
        &mut self,
        value: Value<'_>,
        other: Value<'_>,
        code: IssueType,
        text: impl Into<String>,
    ) {
        self.add(value, code, text, || vec![expression(value), expression(other)]);
    }

    /// The expressions are made only for issues that are told: each counts the items before its own.
    fn add(
        &mut self,
        value: Value<'_>,
        code: IssueType,
        text: impl Into<String>,
        expressions: impl FnOnce() -> Vec<String>,
    ) {
        if !self.is_full() {
            let issue = Issue { expression: expressions(), ..Issue::error(code, text) };
            self.issues.push((value.source(), issue));
        }
    }

    /// The issues with line and column, if there are any.
    pub(super) fn finish(mut self, bytes: &[u8]) -> Result<(), OperationOutcome> {
        place([&mut self], bytes);
        if self.is_empty() { Ok(()) } else { Err(self.outcome()) }
    }

    /// What is told, as an outcome.
    pub(super) fn outcome(self) -> OperationOutcome {
        OperationOutcome { issues: self.issues.into_iter().map(|(_, issue)| issue).collect() }
    }
}

/// Gives each issue its line and column. The text is walked once, whatever the number of issues and reports.
pub(super) fn place<'r>(reports: impl IntoIterator<Item = &'r mut Report>, bytes: &[u8]) {
    let mut issues: Vec<&mut (usize, Issue)> =
        reports.into_iter().flat_map(|report| &mut report.issues).collect();
    issues.sort_by_key(|(offset, _)| *offset);
    let mut positions = Positions::new(bytes);
    for (offset, issue) in issues {
        let Position { line, column } = positions.of(*offset);
        issue.diagnostics.insert_str(0, &format!("line {line}, column {column}: "));
    }
}

fn expression(value: Value<'_>) -> String {
    let path = value.path();
    if path.is_empty() { "Bundle".to_owned() } else { format!("Bundle.{path}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Limits, Tree};

    #[test]
    fn issues_that_are_not_told_cost_nothing() {
        let text = b"[0,\n1]";
        let tree = Tree::parse(text, &Limits::default()).unwrap();
        let mut report = Report::new(100);
        let mut made = 0;
        for value in tree.root().children().collect::<Vec<_>>().into_iter().rev().cycle().take(1000) {
            report.add(value, IssueType::Value, "x", || {
                made += 1;
                vec!["Bundle".to_owned()]
            });
        }
        assert!(report.is_full());
        let issues = report.finish(text).unwrap_err().issues;
        assert_eq!((made, issues.len()), (100, 100));
        let told: Vec<&str> = issues.iter().take(2).map(|issue| issue.diagnostics.as_str()).collect();
        assert_eq!(told, ["line 2, column 1: x", "line 1, column 2: x"], "as they were found");
    }
}
