//! How one problem is told: to people, as compilers do, or as a line of JSON.

use super::excerpt::{Excerpt, visible};
use crate::cli::CheckArgs;
use crate::source::Document;
use clap::builder::styling::{AnsiColor, Style};
use rushlight_model::json::Position;
use rushlight_model::outcome::{IssueType, Severity};
use serde::Serialize;
use std::fmt;
use std::io::IsTerminal;

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
    Human {
        /// With colours.
        colours: bool,
    },
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
    /// As the command line and the terminal want it: <https://no-color.org>.
    pub fn of(args: &CheckArgs) -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if args.json {
            Self::Json
        } else {
            Self::Human { colours: std::io::stdout().is_terminal() && !refused }
        }
    }

    /// A problem's text, with the end of its last line.
    pub fn problem(self, place: &Place<'_>, finding: &Finding<'_>) -> String {
        let Position { line, column } = place.position;
        let line = place.document.line - 1 + line;
        match self {
            Self::Human { colours } => human(place, finding, Position { line, column }, colours),
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

/// A value on a line of its own.
pub fn json_line(value: &impl Serialize) -> String {
    let mut line = serde_json::to_string(value).unwrap_or_default();
    line.push('\n');
    line
}

fn human(place: &Place<'_>, finding: &Finding<'_>, at: Position, colours: bool) -> String {
    let Position { line, column } = at;
    let excerpt = Excerpt::of(&place.document.bytes, place.offset);
    let margin = " ".repeat(line.to_string().len());
    let severity = finding.severity.code();
    let bad = Painted { colours, style: AnsiColor::Red.on_default().bold() };
    let dim = Painted { colours, style: AnsiColor::Blue.on_default() };
    let mut out =
        format!("{}: {}\n", bad.paint(format_args!("{severity}[{}]", finding.rule)), visible(finding.text));
    let expression = finding.expression.map(|path| format!("  {}", visible(path))).unwrap_or_default();
    let source = visible(&place.document.name);
    out.push_str(&format!(
        "{margin} {} {source}:{line}:{column}{expression}\n",
        dim.paint(format_args!("-->"))
    ));
    let gutter = |number: &dyn fmt::Display| dim.paint(format_args!("{number} |"));
    out.push_str(format!(" {} {}", gutter(&line), excerpt.text).trim_end());
    let caret = " ".repeat(excerpt.column);
    out.push_str(&format!("\n {} {caret}{}\n\n", gutter(&margin), bad.paint(format_args!("^"))));
    out
}

/// A style, where there are colours.
struct Painted {
    colours: bool,
    style: Style,
}

impl Painted {
    fn paint(&self, text: fmt::Arguments<'_>) -> String {
        if self.colours {
            format!("{}{text}{}", self.style.render(), self.style.render_reset())
        } else {
            text.to_string()
        }
    }
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
        let of = |colours| Format::Human { colours }.problem(&place, &finding);
        let mut coloured = of(true);
        assert!(coloured.starts_with("\u{1b}[1m\u{1b}[31merror[json]\u{1b}[0m: no\n"), "{coloured:?}");
        for code in ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[31m", "\u{1b}[34m"] {
            coloured = coloured.replace(code, "");
        }
        assert_eq!(coloured, of(false));
        assert_eq!(of(false), "error[json]: no\n   --> a.json:10:2\n 10 | [1]\n    |  ^\n\n");
    }
}
