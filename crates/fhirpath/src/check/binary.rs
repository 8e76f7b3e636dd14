//! Operators with two operands.

use super::Checker;
use super::shape::{Shape, Sort, Ty};
use crate::error::ErrorKind;
use crate::syntax::Operator;

impl Checker {
    pub(super) fn binary(&mut self, operator: Operator, [left, right]: [Shape; 2], at: u32) -> Shape {
        use Operator::*;
        match operator {
            Union => return left.or(right),
            Plus | Minus | Times | Divide | Div | Mod | Less | LessOrEqual | Greater | GreaterOrEqual => {}
            Concatenate => {
                for operand in [&left, &right] {
                    self.takes("&", operand, "Strings", at, |sort| sort == Sort::String);
                }
                return Shape::system("String");
            }
            _ => return Shape::system("Boolean"),
        }
        let compares = matches!(operator, Less | LessOrEqual | Greater | GreaterOrEqual);
        if let (Some(ones), Some(others)) = (&left.types, &right.types)
            && !ones.is_empty()
            && !others.is_empty()
        {
            let sorts = |types: &[Ty]| types.iter().map(|ty| ty.sort(self.definitions)).collect::<Vec<_>>();
            let (ones, others) = (sorts(ones), sorts(others));
            if !ones.iter().any(|one| others.iter().any(|other| combine(operator, *one, *other))) {
                let (left, right) = (left.names(), right.names());
                self.say(at, ErrorKind::Operands { operator: operator.text(), left, right });
            }
        }
        match operator {
            _ if compares => Shape::system("Boolean"),
            Div => Shape::system("Integer"),
            _ => Shape::unknown(),
        }
    }
}

pub(super) fn is_number(sort: Sort) -> bool {
    matches!(sort, Sort::Number | Sort::Quantity)
}

/// Whether an operator has a meaning for two sorts.
fn combine(operator: Operator, one: Sort, other: Sort) -> bool {
    use Operator::*;
    match (operator, one, other) {
        (Plus | Minus, Sort::Date | Sort::Time, Sort::Quantity) => true,
        (Plus, Sort::String, Sort::String) => true,
        (Less | LessOrEqual | Greater | GreaterOrEqual, Sort::String | Sort::Date | Sort::Time, _) => {
            one == other
        }
        (Div | Mod, ..) => one == Sort::Number && other == Sort::Number,
        _ => is_number(one) && is_number(other),
    }
}
