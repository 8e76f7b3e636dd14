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

impl Expr {
    /// Reads a text.
    ///
    /// # Errors
    /// When it is no expression.
    pub fn parse(text: &str) -> Result<Self, crate::Error> {
        parse(text).map_err(|fault| fault.in_text(text))
    }
}
