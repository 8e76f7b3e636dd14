//! Expressions with everything looked up that does not depend on the tree.

use std::fmt;

use regex::{Regex, RegexBuilder};
use rushlight_model::definitions::{Definitions, TypeDefinition};
use rushlight_model::nearest;
use smallvec::SmallVec;

use crate::error::{ErrorKind, Fault};
use crate::functions::{self, Arguments, Function};
use crate::syntax::{Expr, ExprKind, Literal, Operator, Step as Written, TypeOperator, type_path};
use crate::value::{TypeSpec, Value};

/// What the engine may be told about the expressions that it compiles.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The type of what it will be evaluated on, if that is always the same: what is for other types is left out.
    pub on: Option<&'static TypeDefinition>,
    /// Whether `as` keeps the items of its type, as `ofType()` does, where there are several. The specification makes
    /// that an error (<https://hl7.org/fhirpath/N1/#as-type-specifier>); R4's search parameters and its constraint dom-3
    /// count on it.
    pub as_keeps: bool,
}

/// An operation that gives a collection.
#[derive(Debug)]
pub(crate) enum Op {
    /// One value, or none.
    Constant(Option<Value<'static>>),
    Variable(Box<str>, u32),
    This,
    Index,
    Total,
    /// Steps from an operation, or from what is looked at.
    Path(Option<Box<Op>>, Box<[Step]>),
    /// The other sign.
    Negative(Box<Op>, u32),
    Binary(Operator, Box<[Op; 2]>, u32),
    Type(TypeOperator, Box<Op>, TypeSpec, u32),
}

/// A step of a path.
#[derive(Debug)]
pub(crate) enum Step {
    /// The name of a type at the beginning of a path: stays where it is if that has the type. And whether nothing
    /// comes of the steps after it where it has not.
    Root(&'static TypeDefinition, bool),
    Member(Box<str>),
    Index(Op, u32),
    Call(Box<Call>),
}

impl Step {
    /// Whether what it gives is empty where what it is given is, and nothing else happens.
    fn gives_nothing_of_nothing(&self) -> bool {
        match self {
            Self::Root(..) | Self::Member(_) | Self::Index(..) => true,
            Self::Call(call) => call.function.gives_nothing_of_nothing(),
        }
    }
}

/// A function, and what it is called with.
pub(crate) struct Call {
    pub(crate) function: &'static Function,
    pub(crate) arguments: SmallVec<[Op; 2]>,
    pub(crate) ty: Option<TypeSpec>,
    /// The pattern, if it is constant.
    pub(crate) regex: Option<Regex>,
    /// Of `sort`: which arguments are descending.
    pub(crate) descending: SmallVec<[bool; 2]>,
    pub(crate) at: u32,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({:?})", self.function.name, self.arguments)
    }
}

pub(crate) struct Compiler {
    pub(crate) definitions: &'static Definitions,
    /// The type of `$this`, if it is known.
    pub(crate) on: Option<&'static TypeDefinition>,
}

impl Compiler {
    pub(crate) fn op(&self, expr: &Expr) -> Result<Op, Fault> {
        let at = expr.place.0;
        Ok(match &expr.kind {
            ExprKind::Literal(literal) => Op::Constant(constant(literal, at)?),
            ExprKind::Variable(name) => Op::Variable(name.clone(), at),
            ExprKind::This => Op::This,
            ExprKind::Index => Op::Index,
            ExprKind::Total => Op::Total,
            ExprKind::Path { start, steps } => self.path(start.as_deref(), steps)?,
            ExprKind::Sign { negative, operand } => self.signed(*negative, operand, at)?,
            ExprKind::Binary { operator, left, right } => {
                let operands = [self.op(left)?, self.op(right)?];
                match (operator, operands) {
                    // A union has no item twice already.
                    (
                        Operator::Union,
                        [union @ (Op::Binary(Operator::Union, ..) | Op::Constant(None)), Op::Constant(None)],
                    ) => union,
                    (_, operands) => Op::Binary(*operator, Box::new(operands), at),
                }
            }
            ExprKind::Type { operator, operand, ty } => {
                Op::Type(*operator, Box::new(self.op(operand)?), TypeSpec::of(ty, self.definitions)?, at)
            }
        })
    }

    /// A sign before a literal becomes part of it.
    fn signed(&self, negative: bool, operand: &Expr, at: u32) -> Result<Op, Fault> {
        let operand = self.op(operand)?;
        Ok(match operand {
            Op::Constant(Some(Value::Integer(value))) if negative => {
                Op::Constant(Some(Value::Integer(-value)))
            }
            Op::Constant(Some(Value::Decimal(value))) if negative => {
                Op::Constant(Some(Value::Decimal(-value)))
            }
            operand if negative => Op::Negative(Box::new(operand), at),
            // A plus changes nothing, but wants a number all the same.
            operand => Op::Negative(Box::new(Op::Negative(Box::new(operand), at)), at),
        })
    }

    fn path(&self, start: Option<&Expr>, steps: &[Written]) -> Result<Op, Fault> {
        let begin = start.map(|start| self.op(start)).transpose()?;
        let mut compiled = Vec::with_capacity(steps.len());
        for (at, step) in steps.iter().enumerate() {
            let first = at == 0 && begin.is_none();

            compiled.push(self.step(step, first)?);
        }
        let nothing_of_nothing = compiled.iter().all(Step::gives_nothing_of_nothing);
        if let Some(Step::Root(ty, flag)) = compiled.first_mut() {
            *flag = nothing_of_nothing;
            let elsewhere = self.on.is_some_and(|on| !on.is_based_on(self.definitions, ty.id));
            if elsewhere && nothing_of_nothing {
                return Ok(Op::Constant(None));
            }
        }
        Ok(Op::Path(begin.map(Box::new), compiled.into()))
    }

    fn step(&self, step: &Written, first: bool) -> Result<Step, Fault> {
        Ok(match step {
            Written::Member { name, .. } => {
                let is_type = first && name.starts_with(|char: char| char.is_ascii_uppercase());
                match is_type.then(|| self.definitions.ty(name)).flatten() {
                    Some(ty) => Step::Root(ty, false),
                    None => Step::Member(name.clone()),
                }
            }
            Written::Index(index) => Step::Index(self.op(index)?, index.place.0),
            Written::Call { name, arguments, place } => {
                Step::Call(Box::new(self.call(name, arguments, place.0)?))
            }
        })
    }

    fn call(&self, name: &str, written: &[Expr], at: u32) -> Result<Call, Fault> {
        let function = functions::named(name).ok_or_else(|| unknown_function(name, at))?;
        if !function.takes(written.len()) {
            let (function, expected) = (function.name, function.expected());
            return Err(Fault::new(at, ErrorKind::Arguments { function, expected, found: written.len() }));
        }
        let mut call = Call {
            function,
            arguments: SmallVec::new(),
            ty: None,
            regex: None,
            descending: SmallVec::new(),
            at,
        };
        let inside =
            Self { on: if function.arguments == Arguments::Plain { self.on } else { None }, ..*self };
        for argument in written {
            match function.arguments {
                Arguments::Type => call.ty = Some(self.type_argument(argument)?),
                Arguments::Keys => inside.key(argument, &mut call)?,
                _ => call.arguments.push(inside.op(argument)?),
            }
        }
        if let (Arguments::Pattern, Some(Op::Constant(Some(Value::String(pattern))))) =
            (function.arguments, call.arguments.first())
        {
            call.regex = Some(regex(pattern, function.name == "matchesFull", at)?);
        }
        Ok(call)
    }

    fn type_argument(&self, argument: &Expr) -> Result<TypeSpec, Fault> {
        let name = type_path(argument).ok_or_else(|| {
            let (expected, found) = ("the name of a type".into(), argument.to_string());
            Fault::new(argument.place.0, ErrorKind::Syntax { expected, found, suggestion: None })
        })?;
        TypeSpec::of(&name, self.definitions)
    }

    /// A minus before a key of `sort` means descending, whatever the key is.
    fn key(&self, argument: &Expr, call: &mut Call) -> Result<(), Fault> {
        let (descending, key) = match &argument.kind {
            ExprKind::Sign { negative: true, operand } => (true, &**operand),
            _ => (false, argument),
        };
        call.descending.push(descending);
        call.arguments.push(self.op(key)?);
        Ok(())
    }
}

fn constant(literal: &Literal, at: u32) -> Result<Option<Value<'static>>, Fault> {
    Value::of_literal(literal).map_err(|kind| Fault::new(at, kind))
}

fn unknown_function(name: &str, at: u32) -> Fault {
    let suggestion =
        nearest(name, functions::ALL.iter().map(|function| function.name)).map(|name| format!("{name}()"));
    Fault::new(at, ErrorKind::UnknownFunction { name: name.to_owned(), suggestion })
}

/// Compiles a pattern; a point is any character, line ends included: <https://hl7.org/fhirpath/N1/#matchesregex-string-boolean>.
pub(crate) fn regex(pattern: &str, whole: bool, at: u32) -> Result<Regex, Fault> {
    let anchored = whole.then(|| format!("^(?:{pattern})$"));
    let mut builder = RegexBuilder::new(anchored.as_deref().unwrap_or(pattern));
    builder.dot_matches_new_line(true).build().map_err(|error| {
        let message =
            error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        Fault::new(at, ErrorKind::Regex { message })
    })
}
