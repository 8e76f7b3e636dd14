//! How one problem is told: to people, as compilers do, or as a line of JSON.

use crate::cli::CheckArgs;
use crate::source::Document;
use crate::terminal::{Painter, Pointed, json_line, visible};
use rushlight_model::json::Position;
use rushlight_model::outcome::{IssueType, Severity};
use serde::Serialize;

/// Where a problem is.
pub struct Place<'a> {
    /// The document.
    pub document: &'a Document,
    /// Line and column in it.
    pub position: Position,
    /// The same in bytes.
    pub offset: usize,
}

/// What a problem is.
pub struct Finding<'a> {
    /// The rule that is broken: a name of [`rushlight_validation::Rule`], `json` or `limit`.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What kind it is.
    pub code: IssueType,
    /// The element in FHIRPath, where there is one.
    pub expression: Option<&'a str>,
    /// What was found and what is expected.
    pub text: &'a str,
}

/// How problems are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// To people.
    Human(Painter),
    /// To programs.
    Json,
}

/// A problem as a line of JSON; the order of the members is documented.
#[derive(Serialize)]
struct Line<'a> {
    source: &'a str,
    line: usize,
    column: usize,
    rule: &'static str,
    severity: Severity,
    code: IssueType,
    expression: Option<&'a str>,
    text: &'a str,
}

impl Format {
    /// As the command line and the terminal want it.
    pub fn of(args: &CheckArgs) -> Self {
        if args.json { Self::Json } else { Self::Human(Painter::of(&std::io::stdout())) }
    }

    /// A problem's text, with the end of its last line.
    pub fn problem(self, place: &Place<'_>, finding: &Finding<'_>) -> String {
        let Position { line, column } = place.position;
        let line = place.document.line - 1 + line;
        match self {
            Self::Human(painter) => human(place, finding, Position { line, column }, painter),
            Self::Json => json_line(&Line {
                source: &place.document.name,
                line,
                column,
                rule: finding.rule,
                severity: finding.severity,
                code: finding.code,
                expression: finding.expression,
                text: finding.text,
            }),
        }
    }
}

fn human(place: &Place<'_>, finding: &Finding<'_>, position: Position, painter: Painter) -> String {
    let (severity, rule, text) = (finding.severity.code(), finding.rule, visible(finding.text));
    let pointed = Pointed {
        text: &place.document.bytes,
        offset: place.offset,
        position,
        source: &place.document.name,
        beside: finding.expression,
    };
    format!("{}: {text}\n{}", painter.bad(format_args!("{severity}[{rule}]")), pointed.show(painter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_all_that_colours_add() {
        let document = Document { name: "a.json".into(), line: 9, bytes: b"{}\n[1]".to_vec(), weight: 0 };
        let place = Place { document: &document, position: Position { line: 2, column: 2 }, offset: 4 };
        let finding = Finding {
            rule: "json",
            severity: Severity::Error,
            code: IssueType::Structure,
            expression: None,
            text: "no",
        };
        let of = |colours| Format::Human(Painter { colours }).problem(&place, &finding);
        let mut coloured = of(true);
        assert!(coloured.starts_with("\u{1b}[1m\u{1b}[31merror[json]\u{1b}[0m: no\n"), "{coloured:?}");
        for code in ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[31m", "\u{1b}[34m"] {
            coloured = coloured.replace(code, "");
        }
        assert_eq!(coloured, of(false));
        assert_eq!(of(false), "error[json]: no\n   --> a.json:10:2\n 10 | [1]\n    |  ^\n\n");
    }
}
