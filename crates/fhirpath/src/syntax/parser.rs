//! From tokens to the tree, by the strength of operators.
//!
//! The height of the tree is bounded, so that whoever walks it may recurse.

use rushlight_model::nearest;

use super::ast::{Expr, ExprKind, Literal, Place, Step, TypeName, Unit};
use super::lexer::{Lexer, Token};
use super::operator::{Operator, TypeOperator, is_keyword};
use crate::error::{ErrorKind, Fault};
use crate::units::Calendar;
use crate::value::Value;

/// Bytes of an expression, at most.
const LONGEST: usize = 64 * 1024;
/// Expressions inside one another, at most.
const HIGHEST: usize = 100;

/// Reads an expression.
pub(crate) fn parse(text: &str) -> Result<Expr, Fault> {
    if text.len() > LONGEST {
        return Err(Fault::new(0, ErrorKind::Limit { what: "bytes in an expression", most: LONGEST }));
    }
    let mut parser = Parser { lexer: Lexer::new(text), token: Token::End, at: 0, depth: 0 };
    parser.advance()?;
    let parsed = parser.expression(0)?;
    match parser.token {
        Token::End => Ok(parsed.expr),
        _ => Err(parser.unexpected("an operator or the end")),
    }
}

/// An expression and how many levels it has.
struct Parsed {
    expr: Expr,
    height: usize,
}

struct Parser<'e> {
    lexer: Lexer<'e>,
    token: Token<'e>,
    at: u32,
    depth: usize,
}

impl<'e> Parser<'e> {
    /// Takes the present token.
    fn advance(&mut self) -> Result<Token<'e>, Fault> {
        let (token, at) = self.lexer.next()?;
        self.at = at;
        Ok(std::mem::replace(&mut self.token, token))
    }

    fn is(&self, sign: &str) -> bool {
        matches!(self.token, Token::Sign(found) if found == sign)
    }

    fn take(&mut self, sign: &str) -> Result<bool, Fault> {
        let is = self.is(sign);
        if is {
            self.advance()?;
        }
        Ok(is)
    }

    fn expect(&mut self, sign: &'static str) -> Result<(), Fault> {
        if self.take(sign)? { Ok(()) } else { Err(self.unexpected(sign)) }
    }

    fn unexpected(&self, expected: &'static str) -> Fault {
        let found = match &self.token {
            Token::End => "the end".to_owned(),
            Token::Word(word) => (*word).to_owned(),
            Token::Delimited(name) => format!("`{name}`"),
            Token::String(text) => format!("'{}'", text.chars().take(32).collect::<String>()),
            Token::Number(text) => (*text).to_owned(),
            Token::Date(text) | Token::DateTime(text) => format!("@{text}"),
            Token::Time(text) => format!("@T{text}"),
            Token::Sign(sign) => (*sign).to_owned(),
        };
        let words = Operator::ALL.iter().map(|operator| operator.text()).chain(["is", "as"]);
        let suggestion = match self.token {
            Token::Word(word) => nearest(word, words).filter(|known| *known != word).map(str::to_owned),
            _ => None,
        };
        Fault::new(self.at, ErrorKind::Syntax { expected: expected.into(), found, suggestion })
    }

    fn bounded(&self, height: usize) -> Result<usize, Fault> {
        if height > HIGHEST {
            let kind = ErrorKind::Limit { what: "expressions inside one another", most: HIGHEST };
            return Err(Fault::new(self.at, kind));
        }
        Ok(height)
    }

    /// An expression whose operators bind at least so tightly.
    fn expression(&mut self, strength: u8) -> Result<Parsed, Fault> {
        self.depth = self.bounded(self.depth + 1)?;
        let mut left = self.signed()?;
        loop {
            let place = Place(self.at);
            let word = match self.token {
                Token::Word(word) => word,
                Token::Sign(sign) => sign,
                _ => break,
            };
            if let Some(operator) = Operator::of(word).filter(|operator| operator.strength() >= strength) {
                self.advance()?;
                let right = self.expression(operator.strength() + 1)?;
                let height = self.bounded(left.height.max(right.height) + 1)?;
                let (left_expr, right) = (Box::new(left.expr), Box::new(right.expr));
                let kind = ExprKind::Binary { operator, left: left_expr, right };
                left = Parsed { expr: Expr { place, kind }, height };
            } else if let Some(operator) =
                TypeOperator::of(word).filter(|_| TypeOperator::STRENGTH >= strength)
            {
                self.advance()?;
                let ty = self.type_name()?;
                let height = self.bounded(left.height + 1)?;
                let kind = ExprKind::Type { operator, operand: Box::new(left.expr), ty };
                left = Parsed { expr: Expr { place, kind }, height };
            } else {
                break;
            }
        }
        self.depth -= 1;
        Ok(left)
    }

    /// An expression without operators, perhaps after a sign.
    fn signed(&mut self) -> Result<Parsed, Fault> {
        let place = Place(self.at);
        let negative = self.is("-");
        if !negative && !self.is("+") {
            return self.path();
        }
        self.advance()?;
        self.depth = self.bounded(self.depth + 1)?;
        let operand = self.signed()?;
        self.depth -= 1;
        let height = self.bounded(operand.height + 1)?;
        let kind = ExprKind::Sign { negative, operand: Box::new(operand.expr) };
        Ok(Parsed { expr: Expr { place, kind }, height })
    }

    /// A term and the steps after it.
    fn path(&mut self) -> Result<Parsed, Fault> {
        let place = Place(self.at);
        let (start, mut steps, mut height) = self.term()?;
        loop {
            if self.take(".")? {
                let (step, inside) = self.step()?;
                steps.push(step);
                height = height.max(inside);
            } else if self.take("[")? {
                let index = self.expression(0)?;
                self.expect("]")?;
                steps.push(Step::Index(index.expr));
                height = height.max(index.height);
            } else {
                break;
            }
        }
        let expr = match start {
            Some(start) if steps.is_empty() => start,
            start => Expr { place, kind: ExprKind::Path { start: start.map(Box::new), steps } },
        };
        let height = self.bounded(height + 1)?;
        Ok(Parsed { expr, height })
    }

    /// What a path begins with: an expression, or its first step.
    fn term(&mut self) -> Result<(Option<Expr>, Vec<Step>, usize), Fault> {
        let place = Place(self.at);
        let kind = match &self.token {
            Token::Sign("(") => {
                self.advance()?;
                let inside = self.expression(0)?;
                self.expect(")")?;
                return Ok((Some(inside.expr), Vec::new(), inside.height));
            }
            Token::Sign("{") => {
                self.advance()?;
                self.expect("}")?;
                ExprKind::Literal(Literal::Empty)
            }
            Token::Sign("%") => {
                self.advance()?;
                ExprKind::Variable(self.variable()?)
            }
            Token::Sign("$this") => self.then(ExprKind::This)?,
            Token::Sign("$index") => self.then(ExprKind::Index)?,
            Token::Sign("$total") => self.then(ExprKind::Total)?,
            Token::Word("true") => self.then(ExprKind::Literal(Literal::Boolean(true)))?,
            Token::Word("false") => self.then(ExprKind::Literal(Literal::Boolean(false)))?,
            Token::Word(word)
                if is_keyword(word) && !matches!(*word, "in" | "contains" | "is" | "as" | "div" | "mod") =>
            {
                return Err(self.unexpected("an expression"));
            }
            Token::Word(_) | Token::Delimited(_) => {
                let (step, height) = self.step()?;
                return Ok((None, vec![step], height));
            }
            Token::Sign(_) | Token::End => return Err(self.unexpected("an expression")),
            _ => ExprKind::Literal(self.literal()?),
        };
        Ok((Some(Expr { place, kind }), Vec::new(), 0))
    }

    fn then(&mut self, kind: ExprKind) -> Result<ExprKind, Fault> {
        self.advance()?;
        Ok(kind)
    }

    /// `name` or `name(arguments)`.
    fn step(&mut self) -> Result<(Step, usize), Fault> {
        let place = Place(self.at);
        let name = self.name("the name of an element or function")?;
        if !self.take("(")? {
            return Ok((Step::Member { name, place }, 0));
        }
        let mut arguments = Vec::new();
        let mut height = 0;
        while !self.is(")") {
            if !arguments.is_empty() && !self.take(",")? {
                return Err(self.unexpected(", or )"));
            }
            let argument = self.expression(0)?;
            height = height.max(argument.height);
            arguments.push(argument.expr);
        }
        self.advance()?;
        Ok((Step::Call { name, arguments, place }, height))
    }

    fn name(&mut self, expected: &'static str) -> Result<Box<str>, Fault> {
        match &self.token {
            Token::Word(_) | Token::Delimited(_) => {}
            _ => return Err(self.unexpected(expected)),
        }
        match self.advance()? {
            Token::Word(word) => Ok(word.into()),
            Token::Delimited(name) => Ok(name),
            _ => Ok("".into()),
        }
    }

    /// What follows `%`.
    fn variable(&mut self) -> Result<Box<str>, Fault> {
        if matches!(self.token, Token::String(_)) {
            let Token::String(name) = self.advance()? else { return Ok("".into()) };
            return Ok(name);
        }
        self.name("the name of a variable")
    }

    fn type_name(&mut self) -> Result<TypeName, Fault> {
        let place = Place(self.at);
        let name = self.name("the name of a type")?;
        if !self.take(".")? {
            return Ok(TypeName { namespace: None, name, place });
        }
        let own = self.name("the name of a type")?;
        Ok(TypeName { namespace: Some(name), name: own, place })
    }

    fn literal(&mut self) -> Result<Literal, Fault> {
        let at = self.at;
        let literal = match self.advance()? {
            Token::String(text) => Literal::String(text),
            Token::Date(text) => Literal::Date(text.into()),
            Token::DateTime(text) => Literal::DateTime(text.into()),
            Token::Time(text) => Literal::Time(text.into()),
            Token::Number(text) => self.number(text)?,
            _ => Literal::Empty,
        };
        // What stands for nothing is refused here, where its place is known.
        Value::of_literal(&literal).map_err(|kind| Fault::new(at, kind))?;
        Ok(literal)
    }

    fn number(&mut self, text: &'e str) -> Result<Literal, Fault> {
        match &self.token {
            Token::String(_) => {
                let Token::String(unit) = self.advance()? else { return Ok(Literal::Empty) };
                Ok(Literal::Quantity(text.into(), Unit::Ucum(unit)))
            }
            Token::Word(word) if Calendar::of(word).is_some() => {
                let unit = Unit::Calendar((*word).into());
                self.advance()?;
                Ok(Literal::Quantity(text.into(), unit))
            }
            _ if text.contains('.') => Ok(Literal::Decimal(text.into())),
            _ => Ok(Literal::Integer(text.into())),
        }
    }
}

/// The type that an argument names: `Patient` or `FHIR.Patient`.
pub(crate) fn type_path(expr: &Expr) -> Option<TypeName> {
    let ExprKind::Path { start: None, steps } = &expr.kind else { return None };
    let place = expr.place;
    match steps.as_slice() {
        [Step::Member { name, .. }] => Some(TypeName { namespace: None, name: name.clone(), place }),
        [Step::Member { name: namespace, .. }, Step::Member { name, .. }] => {
            Some(TypeName { namespace: Some(namespace.clone()), name: name.clone(), place })
        }
        _ => None,
    }
}
