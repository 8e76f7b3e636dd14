//! Operators between two collections: <https://hl7.org/fhirpath/N1/#operations>.

use std::cmp::Ordering;

use super::arithmetic::arithmetic;
use super::order::compare;
use super::{Evaluator, Result, Scope, all_equal, equality::all_equivalent, mismatch, single, truth};
use crate::error::Fault;
use crate::program::Op;
use crate::syntax::Operator;
use crate::value::{Item, Items, Value, boolean, perhaps};

impl<'t> Evaluator<'t> {
    pub(super) fn binary(
        &mut self,
        operator: Operator,
        operands: &'t [Op; 2],
        at: u32,
        scope: &Scope<'t>,
    ) -> Result<'t> {
        let [left, right] = operands;
        let left = self.eval(left, scope)?;
        if let Operator::And | Operator::Or | Operator::Xor | Operator::Implies = operator {
            return self.logic(operator, &left, right, at, scope);
        }
        let right = self.eval(right, scope)?;
        match operator {
            Operator::Union => self.union(left, right, at),
            Operator::Equal => Ok(perhaps(all_equal(self, &left, &right, at)?.map(Value::Boolean))),
            Operator::NotEqual => {
                Ok(perhaps(all_equal(self, &left, &right, at)?.map(|equal| Value::Boolean(!equal))))
            }
            Operator::Equivalent => Ok(boolean(all_equivalent(self, &left, &right, at)?)),
            Operator::NotEquivalent => Ok(boolean(!all_equivalent(self, &left, &right, at)?)),
            Operator::In => self.membership(&left, &right, operator, at),
            Operator::Contains => self.membership(&right, &left, operator, at),
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                ordered(operator, &left, &right, at)
            }
            Operator::Concatenate => self.concatenate(&left, &right, at),
            _ => self.arithmetic(operator, &left, &right, at),
        }
    }

    /// Three-valued logic; the right operand only is looked at if it matters.
    fn logic(
        &mut self,
        operator: Operator,
        left: &Items<'t>,
        right: &'t Op,
        at: u32,
        scope: &Scope<'t>,
    ) -> Result<'t> {
        let left = truth(left, operator.text(), at)?;
        match (operator, left) {
            (Operator::And, Some(false)) => return Ok(boolean(false)),
            (Operator::Or, Some(true)) | (Operator::Implies, Some(false)) => return Ok(boolean(true)),
            _ => {}
        }
        let right = truth(&self.eval(right, scope)?, operator.text(), at)?;
        let decided = match (operator, left, right) {
            (Operator::And, _, Some(false)) => Some(false),
            (Operator::And, Some(true), right) => right,
            (Operator::Or | Operator::Implies, _, Some(true)) => Some(true),
            (Operator::Or, Some(false), right) | (Operator::Implies, Some(true), right) => right,
            (Operator::Xor, Some(left), Some(right)) => Some(left != right),
            _ => None,
        };
        Ok(perhaps(decided.map(Value::Boolean)))
    }

    /// The items of both without those that are equal to one before.
    pub(crate) fn union(&mut self, left: Items<'t>, right: Items<'t>, at: u32) -> Result<'t> {
        match (left.len(), right.len()) {
            (0 | 1, 0) => return Ok(left),
            (0, 1) => return Ok(right),
            _ => {}
        }
        let mut all = Items::new();
        for item in left.into_iter().chain(right) {
            if !self.has(&all, &item, at)? {
                all.push(item);
            }
        }
        self.bounded(at, all)
    }

    /// Whether a collection has an item that is equal.
    pub(crate) fn has(
        &mut self,
        items: &Items<'t>,
        wanted: &Item<'t>,
        at: u32,
    ) -> std::result::Result<bool, Fault> {
        for item in items {
            if super::are_equal(self, item, wanted, at)? == Some(true) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn membership(&mut self, item: &Items<'t>, items: &Items<'t>, operator: Operator, at: u32) -> Result<'t> {
        match single(item, operator.text(), at)? {
            None => Ok(Items::new()),
            Some(item) => Ok(boolean(self.has(items, item, at)?)),
        }
    }

    /// What is empty is an empty string here.
    fn concatenate(&mut self, left: &Items<'t>, right: &Items<'t>, at: u32) -> Result<'t> {
        let text = |items: &Items<'t>| match single(items, "&", at)? {
            None => Ok(String::new()),
            Some(item) => match item.value() {
                Some(Value::String(text)) => Ok(text.into_owned()),
                _ => Err(mismatch("&", "Strings", item, at)),
            },
        };
        let joined = text(left)? + &text(right)?;
        self.text(at, joined)
    }

    fn arithmetic(&mut self, operator: Operator, left: &Items<'t>, right: &Items<'t>, at: u32) -> Result<'t> {
        let operands = (single(left, operator.text(), at)?, single(right, operator.text(), at)?);
        let (Some(left), Some(right)) = operands else { return Ok(Items::new()) };
        match arithmetic(operator, left, right, at)? {
            Some(Value::String(text)) => self.text(at, text.into_owned()),
            value => Ok(perhaps(value)),
        }
    }
}

fn ordered<'t>(operator: Operator, left: &Items<'t>, right: &Items<'t>, at: u32) -> Result<'t> {
    let operands = (single(left, operator.text(), at)?, single(right, operator.text(), at)?);
    let (Some(left), Some(right)) = operands else { return Ok(Items::new()) };
    let order = compare(left, right, operator.text(), at)?;
    let holds = order.map(|order| match operator {
        Operator::Less => order == Ordering::Less,
        Operator::LessOrEqual => order != Ordering::Greater,
        Operator::Greater => order == Ordering::Greater,
        _ => order != Ordering::Less,
    });
    Ok(perhaps(holds.map(Value::Boolean)))
}
