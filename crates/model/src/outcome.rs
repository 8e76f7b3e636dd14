//! What went wrong, in FHIR's words: <https://hl7.org/fhir/R4/operationoutcome.html>.

use std::fmt;

use serde::ser::{SerializeStruct, Serializer};
use serde::{Deserialize, Serialize};

/// How bad an issue is: <https://hl7.org/fhir/R4/valueset-issue-severity.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The action failed, and nothing more could be checked.
    Fatal,
    /// The action failed.
    Error,
    /// The action was done, though something looks wrong.
    Warning,
    /// Nothing is wrong.
    Information,
}

impl Severity {
    /// The code as FHIR spells it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fatal => "fatal",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Information => "information",
        }
    }
}

macro_rules! issue_types {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// What kind of issue it is: <https://hl7.org/fhir/R4/valueset-issue-type.html>.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum IssueType {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl IssueType {
            /// The code as FHIR spells it.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

issue_types! {
    /// Content that is not valid.
    Invalid = "invalid",
    /// The form is wrong: JSON that is none, an unknown element.
    Structure = "structure",
    /// An element that must be there is missing.
    Required = "required",
    /// A value is not allowed where it stands.
    Value = "value",
    /// A rule between elements is broken.
    Invariant = "invariant",
    /// The asker's identity or rights.
    Security = "security",
    /// The asker must say who they are.
    Login = "login",
    /// The asker is not known.
    Unknown = "unknown",
    /// The session is over.
    Expired = "expired",
    /// The asker may not do this.
    Forbidden = "forbidden",
    /// Something was left out because of privacy.
    Suppressed = "suppressed",
    /// Processing failed.
    Processing = "processing",
    /// The server does not do this.
    NotSupported = "not-supported",
    /// The same thing is there twice.
    Duplicate = "duplicate",
    /// Several things match where one is wanted.
    MultipleMatches = "multiple-matches",
    /// The thing asked for is not there.
    NotFound = "not-found",
    /// The thing asked for was deleted.
    Deleted = "deleted",
    /// The content is too long.
    TooLong = "too-long",
    /// A code is not known or not allowed.
    CodeInvalid = "code-invalid",
    /// An extension is not known.
    Extension = "extension",
    /// The request costs more than the server spends.
    TooCostly = "too-costly",
    /// A rule of the business is broken.
    BusinessRule = "business-rule",
    /// Another write came first.
    Conflict = "conflict",
    /// Only a part could be done.
    Incomplete = "incomplete",
    /// May work later.
    Transient = "transient",
    /// A lock could not be taken.
    LockError = "lock-error",
    /// The store cannot be reached.
    NoStore = "no-store",
    /// Something went wrong in the server.
    Exception = "exception",
    /// It took too long.
    Timeout = "timeout",
    /// Too much is asked at once.
    Throttled = "throttled",
    /// For information only.
    Informational = "informational",
}

/// One finding of an [`OperationOutcome`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Issue {
    /// How bad it is.
    pub severity: Severity,
    /// What kind it is.
    pub code: IssueType,
    /// A text for people, beside the diagnostics.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    pub details: Option<String>,
    /// What was expected and what was found.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub diagnostics: String,
    /// Where: FHIRPath of the elements.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expression: Vec<String>,
}

impl Issue {
    /// An error.
    #[must_use]
    pub fn error(code: IssueType, diagnostics: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            details: None,
            diagnostics: diagnostics.into(),
            expression: Vec::new(),
        }
    }

    /// A warning.
    #[must_use]
    pub fn warning(code: IssueType, diagnostics: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, diagnostics) }
    }

    /// Something to tell, where nothing is wrong.
    #[must_use]
    pub fn information(code: IssueType, diagnostics: impl Into<String>) -> Self {
        Self { severity: Severity::Information, ..Self::error(code, diagnostics) }
    }

    /// The same issue at one more element.
    #[must_use]
    pub fn at(mut self, expression: impl Into<String>) -> Self {
        self.expression.push(expression.into());
        self
    }
}

/// Every finding at once.
///
/// ```
/// use rushlight_model::outcome::{Issue, IssueType, OperationOutcome};
///
/// let outcome = OperationOutcome::from(Issue::error(IssueType::Required, "no id").at("Patient.id"));
/// assert_eq!(
///     outcome.to_json(),
///     r#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"required","diagnostics":"no id","expression":["Patient.id"]}]}"#,
/// );
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OperationOutcome {
    /// The findings; FHIR wants at least one.
    pub issues: Vec<Issue>,
}

impl OperationOutcome {
    /// The outcome as a resource.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl From<Issue> for OperationOutcome {
    fn from(issue: Issue) -> Self {
        Self { issues: vec![issue] }
    }
}

impl Serialize for OperationOutcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("OperationOutcome", 2)?;
        out.serialize_field("resourceType", "OperationOutcome")?;
        out.serialize_field("issue", &self.issues)?;
        out.end()
    }
}

impl fmt::Display for OperationOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, issue) in self.issues.iter().enumerate() {
            let gap = if at == 0 { "" } else { "; " };
            write!(f, "{gap}{}: {}", issue.code.code(), issue.diagnostics)?;
            if let Some(expression) = issue.expression.first() {
                write!(f, " ({expression})")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for OperationOutcome {}

/// A CodeableConcept with a text only.
fn as_text<S: Serializer>(text: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut out = serializer.serialize_struct("CodeableConcept", 1)?;
    out.serialize_field("text", text)?;
    out.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json() {
        let mut issue = Issue::warning(IssueType::TooCostly, "").at("A.b").at("A.c");
        issue.details = Some("a \"text\"".to_owned());
        let outcome = OperationOutcome { issues: vec![issue, Issue::error(IssueType::NotSupported, "x")] };
        assert_eq!(
            outcome.to_json(),
            concat!(
                r#"{"resourceType":"OperationOutcome","issue":["#,
                r#"{"severity":"warning","code":"too-costly","details":{"text":"a \"text\""},"expression":["A.b","A.c"]},"#,
                r#"{"severity":"error","code":"not-supported","diagnostics":"x"}]}"#
            )
        );
        assert_eq!(outcome.to_string(), "too-costly:  (A.b); not-supported: x");
    }

    #[test]
    fn codes_are_what_is_written() {
        for code in [IssueType::MultipleMatches, IssueType::Deleted, IssueType::LockError] {
            assert_eq!(serde_json::to_value(code).unwrap(), code.code());
        }
    }
}
