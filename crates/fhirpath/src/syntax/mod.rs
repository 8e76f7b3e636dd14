//! From text to a typed tree and back: <https://hl7.org/fhirpath/N1/grammar.html>.

mod ast;
mod lexer;
mod operator;
mod parser;
mod print;
#[cfg(test)]
mod tests;

pub use ast::{Expr, ExprKind, Literal, Place, Step, TypeName, Unit};
pub use operator::{Operator, TypeOperator};
pub(crate) use parser::{parse, type_path};
