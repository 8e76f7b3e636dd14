//! OperationOutcome: <https://hl7.org/fhir/R4/operationoutcome.html>.

use super::datatypes::*;
use super::elements::*;
use super::resource::Resource;
use super::table::*;
use crate::outcome;

domain_resource! {
    /// What went wrong, or well.
    ///
    /// [`outcome::OperationOutcome`] is what this server says itself: a list of issues, quick to make and to write.
    /// It becomes this one, which holds whatever any server says, by [`From`].
    ///
    /// ```
    /// use rushlight_model::outcome::{IssueType, Severity};
    /// use rushlight_model::typed::{OperationOutcome, OperationOutcomeIssue};
    ///
    /// let outcome = OperationOutcome::new().issue(
    ///     OperationOutcomeIssue::new()
    ///         .severity(Severity::Error)
    ///         .code(IssueType::NotFound)
    ///         .diagnostics("there is no Patient/p1"),
    /// );
    /// let text = outcome.to_json();
    /// assert_eq!(
    ///     text,
    ///     r#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"not-found","diagnostics":"there is no Patient/p1"}]}"#
    /// );
    /// let read = OperationOutcome::from_json(text.as_bytes())?;
    /// assert!(read.issue.iter().any(|issue| issue.code.as_str() == Some("not-found")));
    /// # Ok::<(), rushlight_model::typed::ReadError>(())
    /// ```
    OperationOutcome {
        /// The findings.
        issue: many(OperationOutcomeIssue) = "issue",
    }
}

backbone! {
    /// A finding of an [`OperationOutcome`].
    OperationOutcomeIssue {
        /// How bad it is: `fatal`, `error`, `warning` or `information`.
        severity: primitive(String) = "severity",
        /// What kind it is, a code of [`outcome::IssueType`].
        code: primitive(String) = "code",
        /// More about it, for people or by codes of the system's own.
        details: one(CodeableConcept) = "details",
        /// What helps to find the cause.
        diagnostics: primitive(String) = "diagnostics",
        /// Where, as an XPath or an HTTP parameter; R4 prefers `expression`.
        location: primitives(String) = "location",
        /// Where: FHIRPath of the elements.
        expression: primitives(String) = "expression",
    }
}

impl From<outcome::Severity> for Primitive<String> {
    fn from(severity: outcome::Severity) -> Self {
        Self::from(severity.code())
    }
}

impl From<outcome::IssueType> for Primitive<String> {
    fn from(code: outcome::IssueType) -> Self {
        Self::from(code.code())
    }
}

impl From<outcome::Issue> for OperationOutcomeIssue {
    fn from(issue: outcome::Issue) -> Self {
        let mut out = Self::new().severity(issue.severity).code(issue.code);
        out.details = issue.details.map(|text| CodeableConcept::new().text(text));
        out.diagnostics.value = Some(issue.diagnostics).filter(|text| !text.is_empty());
        out.expression = issue.expression.into_iter().map(Primitive::from).collect();
        out
    }
}

impl From<outcome::OperationOutcome> for OperationOutcome {
    fn from(outcome: outcome::OperationOutcome) -> Self {
        Self { issue: outcome.issues.into_iter().map(Into::into).collect(), ..Self::default() }
    }
}
