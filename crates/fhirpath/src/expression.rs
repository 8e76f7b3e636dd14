//! Compiled expressions.

use std::fmt;

use rushlight_model::definitions::Definitions;

use crate::check;
use crate::environment::Environment;
use crate::error::Error;
use crate::evaluate::Evaluator;
use crate::program::{Compiler, Op, Options};
use crate::syntax::{Expr, parse};
use crate::value::{Items, Node, TypeInfo};

/// A compiled expression.
#[derive(Debug)]
pub struct Expression {
    text: Box<str>,
    syntax: Expr,
    program: Op,
    definitions: &'static Definitions,
    options: Options,
}

impl Expression {
    /// Compiles a text for the resources of a release.
    ///
    /// # Errors
    /// When the text is no expression, or names a function or type that there is not.
    pub fn compile(text: &str, definitions: &'static Definitions) -> Result<Self, Error> {
        Self::compile_with(text, definitions, Options::default())
    }

    /// Compiles a text for the resources of a release.
    ///
    /// # Errors
    /// As [`Expression::compile`].
    pub fn compile_with(
        text: &str,
        definitions: &'static Definitions,
        options: Options,
    ) -> Result<Self, Error> {
        let compiled = parse(text).and_then(|syntax| {
            let program = Compiler { definitions, on: options.on }.op(&syntax)?;
            Ok((syntax, program))
        });
        let (syntax, program) = compiled.map_err(|fault| fault.in_text(text))?;
        Ok(Self { text: text.into(), syntax, program, definitions, options })
    }

    /// The text that it was compiled from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it says, as a tree.
    #[must_use]
    pub fn syntax(&self) -> &Expr {
        &self.syntax
    }

    /// What is found from a node, in its order.
    ///
    /// # Errors
    /// When the specification makes it one, when the budget is used up, or when the host has no answer.
    pub fn evaluate<'t>(
        &'t self,
        node: Node<'t>,
        environment: &'t Environment<'_>,
    ) -> Result<Items<'t>, Error> {
        Evaluator::new(self.definitions, self.options, node, environment)
            .run(&self.program)
            .map_err(|fault| fault.in_text(&self.text))
    }

    /// What can be said against it before it is evaluated on a type: elements that the type does not have, functions
    /// and operators that are given what they never take, and the order of what has none. Empty if there is nothing.
    #[must_use]
    pub fn check(&self, ty: &str) -> Vec<Error> {
        let (faults, _) = check::check(&self.syntax, ty, self.definitions);
        faults.into_iter().map(|fault| fault.in_text(&self.text)).collect()
    }

    /// The types of what it can find when it is evaluated on a type: none where it never finds anything, `None` where
    /// they can't be told.
    ///
    /// ```
    /// use rushlight_fhirpath::Expression;
    /// use rushlight_model::definitions::{Definitions, Release};
    ///
    /// let expression = Expression::compile("Observation.value.ofType(Quantity) | Patient.name", Definitions::of(Release::R4))?;
    /// let types = |on| expression.types(on).map(|types| types.iter().map(|ty| ty.name).collect::<Vec<_>>());
    /// assert_eq!(types("Observation"), Some(vec!["Quantity"]));
    /// assert_eq!(types("Patient"), Some(vec!["HumanName"]));
    /// assert_eq!(types("Device"), Some(vec![]));
    /// # Ok::<(), rushlight_fhirpath::Error>(())
    /// ```
    #[must_use]
    pub fn types(&self, ty: &str) -> Option<Vec<TypeInfo>> {
        check::check(&self.syntax, ty, self.definitions).1
    }
}

/// As it was written.
impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
