//! What is printed for people: colours where they are wanted, and a piece of a text with a caret below a place in it.

mod excerpt;

use clap::builder::styling::{AnsiColor, Style};
use excerpt::Excerpt;
pub use excerpt::visible;
use rushlight_model::json::{JsonErrorKind, Position};
use rushlight_model::{BodyError, BodyErrorKind};
use std::fmt;
use std::io::{self, IsTerminal, Write};

/// Paints, where there are colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Painter {
    /// Whether there are.
    pub colours: bool,
}

impl Painter {
    /// As what is printed to and the environment want it: <https://no-color.org>.
    pub fn of(out: &impl IsTerminal) -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { colours: out.is_terminal() && !refused }
    }

    /// What is wrong.
    pub fn bad(self, text: impl fmt::Display) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    /// What is beside the matter.
    pub fn dim(self, text: impl fmt::Display) -> String {
        self.paint(AnsiColor::Blue.on_default(), text)
    }

    fn paint(self, style: Style, text: impl fmt::Display) -> String {
        if self.colours {
            format!("{}{text}{}", style.render(), style.render_reset())
        } else {
            text.to_string()
        }
    }
}

/// A place in a text.
pub struct Pointed<'a> {
    /// The text.
    pub text: &'a [u8],
    /// The byte.
    pub offset: usize,
    /// What its line and column are called.
    pub position: Position,
    /// What the text is called.
    pub source: &'a str,
    /// What else is said of the place.
    pub beside: Option<&'a str>,
}

impl Pointed<'_> {
    /// The place as compilers show it: where it is, its line, and a caret below it; with an empty line at the end.
    pub fn show(&self, painter: Painter) -> String {
        let Position { line, column } = self.position;
        let excerpt = Excerpt::of(self.text, self.offset);
        let margin = " ".repeat(line.to_string().len());
        let beside = self.beside.map(|beside| format!("  {}", visible(beside))).unwrap_or_default();
        let (arrow, source) = (painter.dim("-->"), visible(self.source));
        let mut out = format!("{margin} {arrow} {source}:{line}:{column}{beside}\n");
        let gutter = |number: &dyn fmt::Display| painter.dim(format_args!("{number} |"));
        out.push_str(format!(" {} {}", gutter(&line), excerpt.text).trim_end());
        let caret = " ".repeat(excerpt.column);
        out.push_str(&format!("\n {} {caret}{}\n\n", gutter(&margin), painter.bad("^")));
        out
    }
}

/// The byte of a position.
pub fn offset_of(text: &[u8], Position { line, column }: Position) -> usize {
    let mut ends = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    let begun = if line < 2 { 0 } else { ends.nth(line - 2).unwrap_or(text.len()) };
    let rest = text.get(begun..).unwrap_or_default();
    let mut characters = rest.iter().enumerate().filter(|(_, byte)| **byte & 0xC0 != 0x80);
    characters.nth(column.saturating_sub(1)).map_or(text.len(), |(at, _)| begun + at)
}

/// What is wrong with a text, for people at a command line that has `--max-size`.
pub fn explained(error: &BodyErrorKind) -> String {
    match error {
        BodyErrorKind::Json(JsonErrorKind::TooLong { .. }) => {
            format!("{error}; --max-size sets how many are taken")
        }
        _ => error.to_string(),
    }
}

/// The byte where reading a text stopped.
pub fn offset_of_error(text: &[u8], error: &BodyError) -> usize {
    match (&error.kind, std::str::from_utf8(text)) {
        // Its position may be inside of what is no character.
        (BodyErrorKind::Json(JsonErrorKind::InvalidUtf8), Err(invalid)) => invalid.valid_up_to(),
        _ => offset_of(text, error.position),
    }
}

/// Writes to standard error. Where nobody reads it, nothing is said.
pub fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// A value as JSON on a line of its own.
pub fn json_line(value: &impl serde::Serialize) -> String {
    let mut line = serde_json::to_string(value).unwrap_or_default();
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_leads_back_to_its_byte() {
        let text = "{\"ä\":\n\n \"日本\", \"e\u{301}\"\n";
        for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
            assert_eq!(offset_of(text.as_bytes(), Position::of(text.as_bytes(), offset)), offset);
        }
    }
}
