//! The part of FHIRPath (<https://hl7.org/fhirpath/N1/>) that the standard search parameters use.

mod evaluate;
mod node;
mod parse;

pub use evaluate::{Evaluation, Item};
pub use node::Node;
pub use parse::parse;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// What the expression is asked of: the resource, or in a criterion the item.
    This,
    /// `%resource`
    Resource,
    Text(String),
    Boolean(bool),
    /// The first name of a path: a type, or an element of what it is asked of.
    Start(String),
    Member(Box<Expression>, String),
    /// `[0]`, and `first()`
    At(Box<Expression>, usize),
    Where(Box<Expression>, Box<Expression>),
    /// `extension('url')`
    Extension(Box<Expression>, String),
    Exists(Box<Expression>),
    Resolve(Box<Expression>),
    /// `as`, `as()` and `ofType()`, which in search keep what is of the type.
    OfType(Box<Expression>, String),
    Is(Box<Expression>, String),
    Union(Box<Expression>, Box<Expression>),
    And(Box<Expression>, Box<Expression>),
    Equal(Box<Expression>, Box<Expression>),
    Unequal(Box<Expression>, Box<Expression>),
}
