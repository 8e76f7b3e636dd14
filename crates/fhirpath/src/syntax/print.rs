//! A tree written so that it is read again as the same tree.

use std::fmt::{self, Display, Formatter, Write as _};

use super::ast::{Expr, ExprKind, Literal, Step, TypeName, Unit};
use super::operator::{TypeOperator, is_keyword};

/// Tighter than every operator: only paths are.
const PATH: u8 = 12;
const SIGN: u8 = 11;

impl Expr {
    fn strength(&self) -> u8 {
        match &self.kind {
            ExprKind::Binary { operator, .. } => operator.strength(),
            ExprKind::Type { .. } => TypeOperator::STRENGTH,
            ExprKind::Sign { .. } => SIGN,
            _ => PATH,
        }
    }

    /// Writes it, between parentheses unless it binds at least so tightly.
    fn within(&self, f: &mut Formatter<'_>, strength: u8) -> fmt::Result {
        if self.strength() >= strength { write!(f, "{self}") } else { write!(f, "({self})") }
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExprKind::Literal(literal) => write!(f, "{literal}"),
            ExprKind::Variable(name) => {
                f.write_str("%")?;
                identifier(f, name)
            }
            ExprKind::This => f.write_str("$this"),
            ExprKind::Index => f.write_str("$index"),
            ExprKind::Total => f.write_str("$total"),
            ExprKind::Path { start, steps } => path(f, start.as_deref(), steps),
            ExprKind::Sign { negative, operand } => {
                f.write_str(if *negative { "-" } else { "+" })?;
                operand.within(f, SIGN)
            }
            ExprKind::Binary { operator, left, right } => {
                left.within(f, operator.strength())?;
                write!(f, " {} ", operator.text())?;
                right.within(f, operator.strength() + 1)
            }
            ExprKind::Type { operator, operand, ty } => {
                operand.within(f, TypeOperator::STRENGTH)?;
                write!(f, " {} {ty}", operator.text())
            }
        }
    }
}

fn path(f: &mut Formatter<'_>, start: Option<&Expr>, steps: &[Step]) -> fmt::Result {
    if let Some(start) = start {
        // A path that begins with a path was written with parentheses.
        let nested = matches!(start.kind, ExprKind::Path { .. });
        start.within(f, if nested { PATH + 1 } else { PATH })?;
    }
    for (at, step) in steps.iter().enumerate() {
        let point = if at == 0 && start.is_none() { "" } else { "." };
        match step {
            Step::Member { name, .. } => {
                f.write_str(point)?;
                identifier(f, name)?;
            }
            Step::Index(index) => write!(f, "[{index}]")?,
            Step::Call { name, arguments, .. } => {
                f.write_str(point)?;
                identifier(f, name)?;
                f.write_str("(")?;
                for (at, argument) in arguments.iter().enumerate() {
                    f.write_str(if at == 0 { "" } else { ", " })?;
                    write!(f, "{argument}")?;
                }
                f.write_str(")")?;
            }
        }
    }
    Ok(())
}

impl Display for TypeName {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(namespace) = &self.namespace {
            identifier(f, namespace)?;
            f.write_str(".")?;
        }
        identifier(f, &self.name)
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("{}"),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::String(text) => quoted(f, '\'', text),
            Self::Integer(text) | Self::Decimal(text) => f.write_str(text),
            Self::Date(text) => write!(f, "@{text}"),
            Self::DateTime(text) if text.contains('T') => write!(f, "@{text}"),
            Self::DateTime(text) => write!(f, "@{text}T"),
            Self::Time(text) => write!(f, "@T{text}"),
            Self::Quantity(value, Unit::Calendar(word)) => write!(f, "{value} {word}"),
            Self::Quantity(value, Unit::Ucum(code)) => {
                write!(f, "{value} ")?;
                quoted(f, '\'', code)
            }
        }
    }
}

fn identifier(f: &mut Formatter<'_>, name: &str) -> fmt::Result {
    let plain = name.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
        && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
        && !is_keyword(name);
    if plain { f.write_str(name) } else { quoted(f, '`', name) }
}

fn quoted(f: &mut Formatter<'_>, quote: char, text: &str) -> fmt::Result {
    f.write_char(quote)?;
    for char in text.chars() {
        match char {
            '\\' => f.write_str("\\\\")?,
            char if char == quote => write!(f, "\\{char}")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '\0'..=' ' if char != ' ' => write!(f, "\\u{:04x}", u32::from(char))?,
            char => f.write_char(char)?,
        }
    }
    f.write_char(quote)
}
