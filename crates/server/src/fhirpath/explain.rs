//! What is wrong with an expression, shown below its text.

use crate::terminal::{Painter, Pointed, json_line, offset_of, visible};
use rushlight_fhirpath::Error;
use serde::Serialize;

/// Explains the errors of one expression.
pub struct Explainer<'a> {
    expression: &'a str,
    painter: Painter,
}

/// An error as a line of JSON; the order of the members is documented.
#[derive(Serialize)]
struct Line {
    line: usize,
    column: usize,
    text: String,
}

impl<'a> Explainer<'a> {
    /// For an expression.
    pub fn new(expression: &'a str, painter: Painter) -> Self {
        Self { expression, painter }
    }

    /// How it paints.
    pub fn painter(&self) -> Painter {
        self.painter
    }

    /// An error, with a caret below its place.
    pub fn error(&self, error: &Error) -> String {
        self.told(&self.painter.bad("error"), error, None)
    }

    /// The same, where it came up with a resource.
    pub fn error_with(&self, error: &Error, resource: &str) -> String {
        self.told(&self.painter.bad("error"), error, Some(resource))
    }

    /// What may be the reason why nothing was found.
    pub fn warnings(&self, errors: &[Error]) -> String {
        errors.iter().map(|error| self.told("warning", error, None)).collect()
    }

    fn told(&self, what: &str, error: &Error, beside: Option<&str>) -> String {
        let pointed = Pointed {
            text: self.expression.as_bytes(),
            offset: offset_of(self.expression.as_bytes(), error.position),
            position: error.position,
            source: "expression",
            beside,
        };
        format!("{what}: {}\n{}", visible(&error.kind.to_string()), pointed.show(self.painter))
    }
}

/// An error as a line of JSON.
pub fn line(error: &Error) -> String {
    json_line(&Line {
        line: error.position.line,
        column: error.position.column,
        text: error.kind.to_string(),
    })
}
