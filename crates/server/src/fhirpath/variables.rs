//! `--variable`: what an expression may use as `%name`.

use rushlight_fhirpath::{Environment, Expression, Item, Node, is_reserved};
use rushlight_model::definitions::Definitions;
use rushlight_model::json::{Limits, Tree};
use std::error::Error;

/// A variable as the command line has it: `NAME=TEXT`, or `NAME:=EXPRESSION`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    name: String,
    value: Given,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Given {
    /// A String.
    Text(String),
    /// What an expression gives.
    Expression(String),
}

impl Variable {
    /// Reads one.
    ///
    /// # Errors
    /// What is none, or the name of a variable that always is set.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (name, value) =
            text.split_once('=').ok_or("write NAME=TEXT, or NAME:=EXPRESSION for what is no text")?;
        let (name, value) = match name.strip_suffix(':') {
            Some(name) => (name, Given::Expression(value.to_owned())),
            None => (name, Given::Text(value.to_owned())),
        };
        let name = name.strip_prefix('%').unwrap_or(name);
        if name.is_empty() {
            return Err("the name is missing".to_owned());
        }
        if is_reserved(name) {
            return Err(format!("%{name} has a meaning of its own"));
        }
        Ok(Self { name: name.to_owned(), value })
    }
}

/// Variables whose expressions are compiled.
pub struct Variables<'a> {
    variables: Vec<(&'a str, Value<'a>)>,
    /// What the expressions are evaluated on: nothing.
    nothing: Tree,
    definitions: &'static Definitions,
    environment: Environment<'static>,
}

enum Value<'a> {
    Text(&'a str),
    Expression(Expression),
}

/// The values of variables by their names.
pub type Values<'v> = Vec<(&'v str, Vec<Item<'v>>)>;

impl<'a> Variables<'a> {
    /// Compiles.
    ///
    /// # Errors
    /// An expression that is none, or a name that is there twice.
    pub fn compile(given: &'a [Variable], definitions: &'static Definitions) -> Result<Self, Box<dyn Error>> {
        let mut variables: Vec<(&str, Value<'_>)> = Vec::new();
        for Variable { name, value } in given {
            if variables.iter().any(|(known, _)| known == name) {
                return Err(format!("the variable %{name} is given twice").into());
            }
            let value = match value {
                Given::Text(text) => Value::Text(text),
                Given::Expression(text) => {
                    let compiled = Expression::compile(text, definitions);
                    Value::Expression(compiled.map_err(|error| format!("the variable %{name}: {error}"))?)
                }
            };
            variables.push((name, value));
        }
        let nothing = Tree::parse(b"{}", &Limits::default())?;
        Ok(Self { variables, nothing, definitions, environment: Environment::new() })
    }

    /// Evaluates the expressions.
    ///
    /// # Errors
    /// An expression that can't be evaluated.
    pub fn values(&self) -> Result<Values<'_>, Box<dyn Error>> {
        let mut values: Values<'_> = Vec::new();
        for (name, value) in &self.variables {
            let items = match value {
                Value::Text(text) => vec![rushlight_fhirpath::Value::String((*text).into()).into()],
                Value::Expression(expression) => {
                    let node = Node::resource(self.nothing.root(), self.definitions);
                    let found = expression.evaluate(node, &self.environment);
                    found.map_err(|error| format!("the variable %{name}: {error}"))?.into_vec()
                }
            };
            values.push((name, items));
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values() {
        let of = |name: &str, value| Ok(Variable { name: name.to_owned(), value });
        for (text, expected) in [
            ("a=b", of("a", Given::Text("b".to_owned()))),
            ("%a=", of("a", Given::Text(String::new()))),
            ("a=b:=c", of("a", Given::Text("b:=c".to_owned()))),
            ("a:=1 = 2", of("a", Given::Expression("1 = 2".to_owned()))),
            ("a", Err("write NAME=TEXT, or NAME:=EXPRESSION for what is no text".to_owned())),
            ("=x", Err("the name is missing".to_owned())),
            ("resource=x", Err("%resource has a meaning of its own".to_owned())),
            ("%ucum:='x'", Err("%ucum has a meaning of its own".to_owned())),
        ] {
            assert_eq!(Variable::parse(text), expected, "{text}");
        }
    }
}
