//! What filters ask for.

use rushlight_model::ResourceType;
use rushlight_model::definitions::SearchParameterType;

use super::super::Search;
use super::super::clause::Asked;
use super::super::fault::{Fault, Result};
use super::super::group::Group;
use super::super::modifier::Modifier;
use super::super::rows::{self, Meant, Shape, merged, text as text_of};
use super::super::text::escape;
use super::super::values::{self, Coded};
use super::parse::{Filter, Operator, Step, Test};
use crate::query::{Condition, Op, Scalar};
use crate::registry::Found;
use crate::table::TableId;
use crate::values::{cut, hash, normal};

impl Search<'_> {
    pub(super) fn filtered(&self, types: &[ResourceType], filter: &Filter, depth: usize) -> Result<Asked> {
        let two = |left: &Filter, right: &Filter| {
            Ok((self.filtered(types, left, depth)?, self.filtered(types, right, depth)?))
        };
        Ok(match filter {
            Filter::And(left, right) => {
                let (left, right) = two(left, right)?;
                let condition = Condition::all(vec![left.condition, right.condition]);
                Asked { condition, words: format!("({}) and ({})", left.words, right.words) }
            }
            Filter::Or(..) => {
                let mut parts = Vec::new();
                let words = self.alternatives(types, filter, depth, &mut parts)?;
                Asked { condition: merged(parts), words }
            }
            Filter::Not(inner) => {
                let inner = self.filtered(types, inner, depth)?;
                Asked { condition: inner.condition.negated(), words: format!("not ({})", inner.words) }
            }
            Filter::Test(test) => self.path(types, &test.path, test, depth).map_err(|fault| {
                let text = match fault.text.strip_prefix("column ") {
                    Some(_) => fault.text,
                    None => format!("column {}: {}", test.column, fault.text),
                };
                Fault { text, ..fault }
            })?,
        })
    }

    /// Adds what the terms of a row of `or` come to; all of it in words.
    fn alternatives(
        &self,
        types: &[ResourceType],
        filter: &Filter,
        depth: usize,
        parts: &mut Vec<Condition>,
    ) -> Result<String> {
        if let Filter::Or(left, right) = filter {
            let left = self.alternatives(types, left, depth, parts)?;
            let right = self.alternatives(types, right, depth, parts)?;
            return Ok(format!("({left}) or ({right})"));
        }
        let asked = self.filtered(types, filter, depth)?;
        parts.push(asked.condition);
        Ok(asked.words)
    }

    fn path(&self, types: &[ResourceType], path: &[Step], test: &Test, depth: usize) -> Result<Asked> {
        let Some((step, rest)) = path.split_first() else { return Err(Fault::value("there is no path")) };
        let (code, only) = step.name.split_once(':').unwrap_or((&step.name, ""));
        if rest.is_empty() {
            if !only.is_empty() {
                return Err(Fault::unsupported("parameters in filters have no modifiers, but operators"));
            }
            return self.test(types, code, test);
        }
        let only = if only.is_empty() { None } else { Some(self.reader.type_named(only)?) };
        self.followed(types, (code, only), depth, |target, depth| {
            let last = self.path(&[target], rest, test, depth)?;
            let Some(filter) = &step.filter else { return Ok(last) };
            let own = self.filtered(&[target], filter, depth)?;
            let condition = Condition::All(vec![own.condition, last.condition]);
            Ok(Asked { condition, words: format!("{} and {}", own.words, last.words) })
        })
    }

    fn test(&self, types: &[ResourceType], code: &str, test: &Test) -> Result<Asked> {
        let groups = self.reader.groups(types, code)?;
        let mut parts = Vec::new();
        let mut told = String::new();
        for group in &groups {
            let (condition, words) = self.compared(group, test)?;
            parts.push(condition);
            if told.is_empty() {
                told = words;
            }
        }
        // Whether none is in a set is asked of all types together.
        let condition = Condition::any(parts);
        Ok(if test.operator == Operator::Ni {
            Asked { condition: condition.negated(), words: format!("no {code} {told}") }
        } else {
            Asked { condition, words: format!("{code} {told}") }
        })
    }

    fn compared(&self, group: &Group<'_>, test: &Test) -> Result<(Condition, String)> {
        if test.operator == Operator::Pr {
            let missing = match test.value.as_str() {
                "true" => "false",
                "false" => "true",
                _ => return Err(Fault::value("the value of pr is true or false")),
            };
            return self.reader.of_group(group, Some(Modifier::Missing), missing);
        }
        match group.parameter.found {
            Found::Id | Found::LastUpdated => self.of_record(group, test),
            _ => {
                let meant = self.meant(group, test)?;
                Ok((rows::condition(meant.shapes, &group.units)?, meant.words))
            }
        }
    }

    /// `_id` and `_lastUpdated`.
    fn of_record(&self, group: &Group<'_>, test: &Test) -> Result<(Condition, String)> {
        let is_id = matches!(group.parameter.found, Found::Id);
        match (test.operator, prefix(test.operator)) {
            (Operator::Eq, _) if is_id => self.reader.of_group(group, None, &escape(&test.value, None)),
            (Operator::Ne, _) if is_id => {
                let (condition, words) = self.reader.of_group(group, None, &escape(&test.value, None))?;
                Ok((condition.negated(), format!("is another than what {words}")))
            }
            (_, Some(prefix)) if !is_id => {
                self.reader.of_group(group, None, &format!("{prefix}{}", test.value))
            }
            _ => Err(refused(group, test)),
        }
    }

    fn meant(&self, group: &Group<'_>, test: &Test) -> Result<Meant> {
        use Operator as O;
        let value = test.value.as_str();
        let literal = escape(value, None);
        let reader = &self.reader;
        match (group.parameter.ty, test.operator) {
            (SearchParameterType::String, O::Eq) => values::equals(&literal),
            (SearchParameterType::String, O::Ne) => Ok(unequal_string(value)),
            (SearchParameterType::String, O::Co) => values::contains(&literal),
            (SearchParameterType::String, O::Sw) => values::starts(&literal),
            (SearchParameterType::Token, O::Eq) => values::token(&escape(value, Some('|'))),
            (SearchParameterType::Token, O::Ne) => unequal_token(&escape(value, Some('|'))),
            (SearchParameterType::Token, O::In | O::Ni) => reader.in_value_set(value),
            // What is asked for is above what is there, or below it.
            (SearchParameterType::Token, O::Ss) => {
                reader.alternative(group, Some(Modifier::Below), &escape(value, Some('|')))
            }
            (SearchParameterType::Token, O::Sb) => {
                reader.alternative(group, Some(Modifier::Above), &escape(value, Some('|')))
            }
            (SearchParameterType::Uri, O::Eq) => values::uri(&literal),
            (SearchParameterType::Uri, O::Ne) => Ok(unequal_uri(value)),
            (SearchParameterType::Uri, O::Ss) => values::below(&literal),
            (SearchParameterType::Uri, O::Sb) => values::above(&literal),
            (SearchParameterType::Reference, O::Eq | O::Re) => {
                reader.alternative(group, None, &escape(value, Some('|')))
            }
            (SearchParameterType::Reference, O::Ss) => {
                reader.alternative(group, Some(Modifier::Below), &escape(value, Some('|')))
            }
            (SearchParameterType::Reference, O::Sb) => {
                reader.alternative(group, Some(Modifier::Above), &escape(value, Some('|')))
            }
            (SearchParameterType::Date, O::Po) => values::overlapping(value, reader.now),
            (
                SearchParameterType::Date | SearchParameterType::Number | SearchParameterType::Quantity,
                operator,
            ) => {
                let prefix = prefix(operator).ok_or_else(|| refused(group, test))?;
                if value.starts_with(|char: char| char.is_ascii_alphabetic()) {
                    return Err(Fault::value("values in filters have no prefixes, but operators"));
                }
                reader.alternative(group, None, &escape(&format!("{prefix}{value}"), Some('|')))
            }
            _ => Err(refused(group, test)),
        }
    }
}

/// The prefix that is the same.
fn prefix(operator: Operator) -> Option<&'static str> {
    use Operator as O;
    match operator {
        O::Eq | O::Ne | O::Gt | O::Lt | O::Ge | O::Le | O::Ap | O::Sa | O::Eb => Some(operator.text()),
        _ => None,
    }
}

/// An operator that a parameter does not have.
fn refused(group: &Group<'_>, test: &Test) -> Fault {
    let (code, ty, operator) = (&group.parameter.code, group.parameter.ty.code(), test.operator.text());
    let why = match (test.operator, group.parameter.ty) {
        (Operator::Ew, _) => "the index has no ends of texts",
        (Operator::Co | Operator::Sw, SearchParameterType::Uri) => {
            "URIs are compared as a whole, or by ss and sb"
        }
        (_, SearchParameterType::Composite) => {
            "the parts of a composite can be asked for by a parameter only"
        }
        (_, SearchParameterType::Special) => "a special parameter is searched in its own way only",
        _ => "that is no comparison of such values",
    };
    Fault::unsupported(format!("{operator} is not supported for {code}, of the type {ty}: {why}"))
}

/// Some text is another one.
fn unequal_string(value: &str) -> Meant {
    let shape = Shape::of(TableId::STRING)
        .and(0, Op::IsNot(text_of(cut(&normal(value)))))
        .and(0, Op::IsNot(text_of("")));
    Meant::one(shape, format!("is another text than {}", super::super::fault::quoted(value)))
}

fn unequal_uri(value: &str) -> Meant {
    let shape = Shape::of(TableId::URI).and(0, Op::IsNot(text_of(cut(value)))).and(0, Op::IsNot(text_of("")));
    Meant::one(shape, format!("is another URI than {}", super::super::fault::quoted(value)))
}

/// Some code is another one, or of another system.
fn unequal_token(text: &str) -> Result<Meant> {
    let coded = Coded::read(text)?;
    let words = format!("is another code than one that {}", coded.words());
    let some_code = || Shape::of(TableId::TOKEN).and(0, Op::IsNot(text_of("")));
    let mut shapes = Vec::new();
    if let Some(code) = &coded.code {
        shapes.push(some_code().and(0, Op::IsNot(text_of(cut(code)))));
    }
    if let Some(system) = &coded.system {
        shapes.push(some_code().and(1, Op::IsNot(Scalar::Int(hash(system)))));
    }
    Ok(Meant { shapes, words })
}
