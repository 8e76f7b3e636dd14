//! What functions have in common: their input and their arguments.

use std::borrow::Cow;
use std::result::Result as Std;

use crate::error::{ErrorKind, Fault};
use crate::evaluate::{Evaluator, Input, Result, integer, mismatch, single, truth};
use crate::value::{Item, Items, Value};

impl<'t> Input<'t, '_> {
    pub(super) fn name(&self) -> &'static str {
        self.call.function.name
    }

    pub(super) fn at(&self) -> u32 {
        self.call.at
    }

    /// The only item, or none.
    pub(super) fn single(&self) -> Std<Option<&Item<'t>>, Fault> {
        single(&self.items, self.name(), self.at())
    }

    /// The only item's value, or none.
    pub(super) fn value(&self) -> Std<Option<Value<'t>>, Fault> {
        Ok(self.single()?.and_then(Item::value))
    }

    /// The only item's text; an error if it is something else.
    pub(super) fn string(&self) -> Std<Option<Cow<'t, str>>, Fault> {
        text(&self.items, self.name(), self.at())
    }

    /// An argument, looked at from where the function is called; empty if it is not given.
    pub(super) fn argument(&self, evaluator: &mut Evaluator<'t>, number: usize) -> Result<'t> {
        match self.call.arguments.get(number) {
            Some(argument) => evaluator.eval(argument, self.scope),
            None => Ok(Items::new()),
        }
    }

    pub(super) fn string_argument(
        &self,
        evaluator: &mut Evaluator<'t>,
        number: usize,
    ) -> Std<Option<Cow<'t, str>>, Fault> {
        text(&self.argument(evaluator, number)?, self.name(), self.at())
    }

    pub(super) fn integer_argument(
        &self,
        evaluator: &mut Evaluator<'t>,
        number: usize,
    ) -> Std<Option<i64>, Fault> {
        integer(&self.argument(evaluator, number)?, self.name(), self.at())
    }

    /// An argument, looked at from an item.
    pub(super) fn each(
        &self,
        evaluator: &mut Evaluator<'t>,
        number: usize,
        item: &Item<'t>,
        index: usize,
    ) -> Result<'t> {
        match self.call.arguments.get(number) {
            Some(argument) => evaluator.eval(argument, &self.scope.of(item.clone(), index)),
            None => Ok(Items::new()),
        }
    }

    /// Whether the first argument holds for an item.
    pub(super) fn holds(
        &self,
        evaluator: &mut Evaluator<'t>,
        item: &Item<'t>,
        index: usize,
    ) -> Std<bool, Fault> {
        let found = self.each(evaluator, 0, item, index)?;
        Ok(truth(&found, self.name(), self.at())? == Some(true))
    }

    /// Says that the only item is none that the function takes.
    pub(super) fn mismatch(&self, expected: &'static str) -> Fault {
        match self.items.first() {
            Some(item) => mismatch(self.name(), expected, item, self.at()),
            None => self.unanswered(),
        }
    }

    /// Says that nobody has an answer.
    pub(super) fn unanswered(&self) -> Fault {
        Fault::new(self.at(), ErrorKind::Unanswered { what: format!("{}()", self.name()) })
    }
}

fn text<'t>(items: &Items<'t>, what: &'static str, at: u32) -> Std<Option<Cow<'t, str>>, Fault> {
    let Some(item) = single(items, what, at)? else { return Ok(None) };
    match item.value() {
        Some(Value::String(text)) => Ok(Some(text)),
        // An element that has no value, but an extension that says why.
        None if matches!(item, Item::Node(node) if node.primitive().is_some()) => Ok(None),
        _ => Err(mismatch(what, "a String", item, at)),
    }
}
