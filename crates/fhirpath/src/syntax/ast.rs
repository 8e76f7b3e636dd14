//! The tree of an expression, as it was written.

use super::{Operator, TypeOperator};

/// Where something begins in the text, in bytes. All places are equal, so that trees are when they say the same.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place(pub u32);

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// An expression and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// Where it begins; for an operator's, where the operator is.
    pub place: Place,
    /// What it is.
    pub kind: ExprKind,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A value.
    Literal(Literal),
    /// `%name`
    Variable(Box<str>),
    /// `$this`
    This,
    /// `$index`
    Index,
    /// `$total`
    Total,
    /// Steps from an expression, or from what is looked at.
    Path {
        /// From where; from what is looked at if there is none.
        start: Option<Box<Expr>>,
        /// The steps; at least one.
        steps: Vec<Step>,
    },
    /// `-x` or, if not `negative`, `+x`.
    Sign {
        /// Whether it is a minus.
        negative: bool,
        /// What it is before.
        operand: Box<Expr>,
    },
    /// `x + y`
    Binary {
        /// Between them.
        operator: Operator,
        /// Before it.
        left: Box<Expr>,
        /// After it.
        right: Box<Expr>,
    },
    /// `x is FHIR.Patient`
    Type {
        /// `is` or `as`.
        operator: TypeOperator,
        /// Before it.
        operand: Box<Expr>,
        /// After it.
        ty: TypeName,
    },
}

/// A step of a path.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// `.name`
    Member {
        /// The element's name, or at the beginning of a path perhaps a type's.
        name: Box<str>,
        /// Where it is.
        place: Place,
    },
    /// `[index]`
    Index(Expr),
    /// `.name(arguments)`
    Call {
        /// The function's name.
        name: Box<str>,
        /// Its arguments.
        arguments: Vec<Expr>,
        /// Where it is.
        place: Place,
    },
}

/// A value in an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `{}`
    Empty,
    /// `true`
    Boolean(bool),
    /// `'text'`, without its quotes and escapes.
    String(Box<str>),
    /// `42`
    Integer(Box<str>),
    /// `4.20`
    Decimal(Box<str>),
    /// `@2024-02`, without `@`.
    Date(Box<str>),
    /// `@2024T` or `@2024-02-29T10:00Z`, without `@` and a `T` at the end.
    DateTime(Box<str>),
    /// `@T10:00`, without `@T`.
    Time(Box<str>),
    /// `4 days` or `4.0 'mg'`
    Quantity(Box<str>, Unit),
}

/// The unit of a quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A word for a duration of the calendar: `day`, `days`.
    Calendar(Box<str>),
    /// A code of UCUM.
    Ucum(Box<str>),
}

/// The name of a type.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeName {
    /// `FHIR` or `System`, if it is written.
    pub namespace: Option<Box<str>>,
    /// `Patient`
    pub name: Box<str>,
    /// Where it is.
    pub place: Place,
}
