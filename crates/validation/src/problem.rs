//! What is wrong with a resource, and how that is told: <https://hl7.org/fhir/R4/operationoutcome.html>.

use rushlight_model::json::{Position, Positions};
use rushlight_model::outcome::{Issue, IssueType};

/// Makes [`Rule`] from rows of a rule, its name, and the issue type that tells that it is broken.
macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident $name:literal $code:ident;)*) => {
        /// A rule that a resource can break.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Rule {
            $($(#[$doc])* $variant,)*
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name; FHIR's own key where it has one.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The issue type that says that it is broken.
            #[must_use]
            pub const fn code(self) -> IssueType {
                match self { $(Self::$variant => IssueType::$code,)* }
            }
        }
    };
}

rules! {
    /// A resource names its type, one of the release's that is not abstract.
    ResourceType "resource-type" Value;
    /// Only elements that the type has.
    UnknownElement "unknown-element" Structure;
    /// Objects, arrays and values where FHIR's JSON has them.
    JsonKind "json-kind" Structure;
    /// Objects, arrays and values are never empty.
    Empty "empty" Structure;
    /// An array of values and that of their extensions go together.
    PrimitiveExtension "primitive-extension" Structure;
    /// Elements with a minimum are there.
    Minimum "minimum" Required;
    /// Elements with a maximum are there no more often.
    Maximum "maximum" Structure;
    /// An element with a choice of types has one of them.
    Choice "choice" Structure;
    /// Values have the format of their type.
    Format "format" Value;
    /// Codes are of the value set that is required.
    Binding "required-binding" CodeInvalid;
    /// References are written as a URL of a resource, or of one that is contained.
    ReferenceFormat "reference-format" Value;
    /// References lead to a type that the element allows.
    ReferenceTarget "reference-target" Value;
    /// An extension has extensions or a value, and not both.
    Extension "ext-1" Invariant;
    /// A reference within the resource leads to what is contained there.
    LocalReference "ref-1" Invariant;
    /// What is contained contains nothing.
    NestedContained "dom-2" Invariant;
    /// What is contained is referred to.
    UnusedContained "dom-3" Invariant;
    /// What is contained has no version of its own.
    ContainedVersion "dom-4" Invariant;
    /// What is contained has no security label of its own.
    ContainedSecurity "dom-5" Invariant;
    /// What is contained has an id, no two the same.
    ContainedId "contained-id" Invariant;
    /// A narrative is XHTML that does nothing.
    Narrative "narrative" Invalid;
    /// More problems than are told.
    More "more" TooCostly;
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The rule that is broken.
    pub rule: Rule,
    /// The element, in FHIRPath.
    pub expression: String,
    /// The byte of the text that was parsed at which the element begins.
    pub offset: usize,
    /// What was found there, and what is expected.
    pub text: String,
}

/// As much of a found text as a problem quotes.
pub(crate) fn short(text: &str) -> &str {
    const LONGEST: usize = 64;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => text.get(..end).unwrap_or_default(),
        None => text,
    }
}

/// Problems as issues, in the order of the text that was parsed, each with line and column.
#[must_use]
pub fn issues(problems: &[Problem], text: &[u8]) -> Vec<Issue> {
    located(problems, text).into_iter().map(|(position, problem)| issue(problem, position)).collect()
}

fn issue(problem: &Problem, Position { line, column }: Position) -> Issue {
    let Problem { rule, expression, text, .. } = problem;
    let text = format!("line {line}, column {column}: {text} [{}]", rule.name());
    Issue::error(rule.code(), text).at(expression.clone())
}

/// Problems in the order of the text that was parsed, each with its position there.
///
/// The text is walked once, whatever the number of problems and the length of lines.
#[must_use]
pub fn located<'p>(problems: &'p [Problem], text: &[u8]) -> Vec<(Position, &'p Problem)> {
    let mut sorted: Vec<&Problem> = problems.iter().collect();
    sorted.sort_by_key(|problem| problem.offset);
    let mut positions = Positions::new(text);
    sorted.into_iter().map(|problem| (positions.of(problem.offset), problem)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_those_of_the_text() {
        let text = "{\n \"ä\": 1,\n\n  \"b\": 2}".as_bytes();
        let problems: Vec<Problem> = [8, 16, 0]
            .map(|offset| Problem { rule: Rule::Format, expression: "X".into(), offset, text: String::new() })
            .into();
        let places: Vec<String> = issues(&problems, text)
            .into_iter()
            .map(|issue| issue.diagnostics.split(':').next().unwrap_or_default().to_owned())
            .collect();
        let expected: Vec<String> = [0, 8, 16]
            .map(|offset| Position::of(text, offset))
            .map(|Position { line, column }| format!("line {line}, column {column}"))
            .into();
        assert_eq!(places, expected);
        assert_eq!(expected, ["line 1, column 1", "line 2, column 6", "line 4, column 4"]);
    }

    #[test]
    fn names_differ() {
        let mut names: Vec<&str> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Rule::ALL.len());
    }
}
