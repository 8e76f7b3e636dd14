//! What can be wrong with an expression, or with its use.

use std::borrow::Cow;

use rushlight_model::json::Position;
use thiserror::Error;

/// An expression that is none, that does not fit what it is used for, or whose evaluation stopped.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}: {kind}", place(*position))]
pub struct Error {
    /// Where in the expression.
    pub position: Position,
    /// What is wrong.
    pub kind: ErrorKind,
}

/// Most expressions have one line.
fn place(position: Position) -> String {
    match position.line {
        1 => format!("column {}", position.column),
        line => format!("line {line}, column {}", position.column),
    }
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Another token than the grammar has here.
    #[error("expected {expected}, found {found}{}", meant(suggestion))]
    Syntax {
        /// What would have been right.
        expected: Cow<'static, str>,
        /// What is there.
        found: String,
        /// What may be meant.
        suggestion: Option<String>,
    },
    /// A literal that stands for nothing.
    #[error("{text:?} is not {expected}")]
    Literal {
        /// What it should be, with its article.
        expected: &'static str,
        /// What is there.
        text: String,
    },
    /// A function that there is not.
    #[error("there is no function {name}(){}", meant(suggestion))]
    UnknownFunction {
        /// Its name.
        name: String,
        /// What may be meant.
        suggestion: Option<String>,
    },
    /// A type that there is not.
    #[error("there is no type {name}{}", meant(suggestion))]
    UnknownType {
        /// Its name.
        name: String,
        /// What may be meant.
        suggestion: Option<String>,
    },
    /// A variable that nobody has set.
    #[error("there is no variable %{name}{}", meant(suggestion))]
    UnknownVariable {
        /// Its name.
        name: String,
        /// What may be meant.
        suggestion: Option<String>,
    },
    /// An element that a type does not have; only the [check](crate::Expression::check) says so.
    #[error("{ty} has no element {name}{}", meant(suggestion))]
    UnknownElement {
        /// The type.
        ty: String,
        /// The element's name.
        name: String,
        /// What may be meant.
        suggestion: Option<String>,
    },
    /// Too few or too many arguments.
    #[error("{function}() takes {expected}, found {found}")]
    Arguments {
        /// The function.
        function: &'static str,
        /// How many arguments it takes, in words.
        expected: String,
        /// How many there are.
        found: usize,
    },
    /// A regular expression that is none.
    #[error("not a regular expression: {message}")]
    Regex {
        /// Why not.
        message: String,
    },
    /// A variable that is set for the second time.
    #[error("the variable %{name} is defined already")]
    DefinedTwice {
        /// Its name.
        name: String,
    },
    /// Several items where one is wanted.
    #[error("{what} takes one item, found {count}")]
    NotSingle {
        /// Who wants it.
        what: Cow<'static, str>,
        /// How many there are.
        count: usize,
    },
    /// An item of the wrong type.
    #[error("{what} takes {expected}, found {found}")]
    Mismatch {
        /// Who wants it.
        what: Cow<'static, str>,
        /// What would have been right.
        expected: Cow<'static, str>,
        /// The type that is there.
        found: String,
    },
    /// Operands that an operator does not combine.
    #[error("{left} {operator} {right} has no meaning")]
    Operands {
        /// The operator.
        operator: &'static str,
        /// The type on its left.
        left: String,
        /// The type on its right.
        right: String,
    },
    /// The order of what has none is asked for; only the [check](crate::Expression::check) says so.
    #[error("{what} asks for the order of items that have none")]
    Unordered {
        /// Who asks.
        what: &'static str,
    },
    /// A function that needs an answer that the [`Host`](crate::Host) does not give.
    #[error("{what} can't be answered here")]
    Unanswered {
        /// What.
        what: String,
    },
    /// More than a budget allows.
    #[error("more than {most} {what}")]
    Limit {
        /// Of what.
        what: &'static str,
        /// The most that is allowed.
        most: usize,
    },
}

fn meant(suggestion: &Option<String>) -> String {
    suggestion.as_ref().map(|name| format!("; did you mean {name}?")).unwrap_or_default()
}

/// An error whose place is an offset; it becomes an [`Error`](struct@Error) where the expression's text is at hand.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) at: u32,
    pub(crate) kind: Box<ErrorKind>,
}

impl Fault {
    pub(crate) fn new(at: u32, kind: ErrorKind) -> Self {
        Self { at, kind: Box::new(kind) }
    }

    pub(crate) fn in_text(self, text: &str) -> Error {
        Error { position: Position::of(text.as_bytes(), self.at as usize), kind: *self.kind }
    }
}
