//! The evaluator: a walk over the program, within a budget.

mod arithmetic;
mod equality;
mod operators;
mod order;
mod single;
mod temporal;

use rushlight_model::definitions::{Definitions, TypeDefinition};
use rushlight_model::nearest;
use smallvec::smallvec;

use crate::environment::{Environment, fixed, is_reserved};
use crate::error::{ErrorKind, Fault};
use crate::program::{Op, Options, Step};
use crate::syntax::TypeOperator;
use crate::value::{Item, Items, Node, TypeSpec, Value, boolean, string};

pub(crate) use arithmetic::negative;
pub(crate) use equality::{all_equal, are_equal};
pub(crate) use order::compare;
pub(crate) use single::{integer, mismatch, not_single, single, truth};

/// What an expression is looked at with.
#[derive(Clone, Debug)]
pub(crate) struct Scope<'t> {
    /// `$this`, and where paths without a beginning begin.
    pub(crate) this: Items<'t>,
    /// `$index`
    pub(crate) index: Option<i64>,
    /// `$total`
    pub(crate) total: Option<Items<'t>>,
}

impl<'t> Scope<'t> {
    /// The same with another item in sight.
    pub(crate) fn of(&self, this: Item<'t>, index: usize) -> Self {
        Self { this: smallvec![this], index: i64::try_from(index).ok(), total: self.total.clone() }
    }
}

pub(crate) struct Evaluator<'t> {
    pub(crate) definitions: &'static Definitions,
    pub(crate) environment: &'t Environment<'t>,
    pub(crate) options: Options,
    context: Node<'t>,
    steps: usize,
    /// What `defineVariable` has set, the innermost last.
    defined: Vec<(String, Items<'t>)>,
}

pub(crate) type Result<'t> = std::result::Result<Items<'t>, Fault>;

impl<'t> Evaluator<'t> {
    pub(crate) fn new(
        definitions: &'static Definitions,
        options: Options,
        context: Node<'t>,
        environment: &'t Environment<'t>,
    ) -> Self {
        Self {
            definitions,
            environment,
            options,
            context,
            steps: environment.budget.steps,
            defined: Vec::new(),
        }
    }

    pub(crate) fn run(mut self, program: &'t Op) -> Result<'t> {
        let scope = Scope { this: smallvec![self.context.into()], index: None, total: None };
        self.eval(program, &scope)
    }

    /// Takes steps from the budget.
    pub(crate) fn spend(&mut self, at: u32, steps: usize) -> std::result::Result<(), Fault> {
        match self.steps.checked_sub(steps) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => {
                let most = self.environment.budget.steps;
                Err(Fault::new(at, ErrorKind::Limit { what: "steps", most }))
            }
        }
    }

    /// Takes what a collection costs, if it is not too large.
    pub(crate) fn bounded(&mut self, at: u32, items: Items<'t>) -> Result<'t> {
        self.spend(at, items.len())?;
        self.bounded_items(at, items)
    }

    /// A collection, if it is not too large.
    pub(crate) fn bounded_items(&self, at: u32, items: Items<'t>) -> Result<'t> {
        let most = self.environment.budget.items;
        if items.len() > most {
            return Err(Fault::new(at, ErrorKind::Limit { what: "items", most }));
        }
        Ok(items)
    }

    /// A collection of a string, if it is not too long.
    pub(crate) fn text(&mut self, at: u32, text: String) -> Result<'t> {
        let most = self.environment.budget.bytes;
        if text.len() > most {
            return Err(Fault::new(at, ErrorKind::Limit { what: "bytes in a string", most }));
        }
        self.spend(at, text.len() / 16)?;
        Ok(string(text))
    }

    /// What an operation gives; variables that are defined in it are gone after it.
    pub(crate) fn eval(&mut self, op: &'t Op, scope: &Scope<'t>) -> Result<'t> {
        let defined = self.defined.len();
        let found = self.open(op, scope);
        self.defined.truncate(defined);
        found
    }

    fn open(&mut self, op: &'t Op, scope: &Scope<'t>) -> Result<'t> {
        self.spend(0, 1)?;
        match op {
            Op::Constant(value) => Ok(value.iter().map(|value| Item::Value(value.borrowed())).collect()),
            Op::Variable(name, at) => self.variable(name, *at),
            Op::This => Ok(scope.this.clone()),
            Op::Index => {
                Ok(scope.index.map(|index| Item::Value(Value::Integer(index))).into_iter().collect())
            }
            Op::Total => Ok(scope.total.clone().unwrap_or_default()),
            Op::Path(start, steps) => self.path(start.as_deref(), steps, scope),
            Op::Negative(operand, at) => negative(self.eval(operand, scope)?, *at),
            Op::Binary(operator, operands, at) => self.binary(*operator, operands, *at, scope),
            Op::Type(operator, operand, ty, at) => {
                let items = self.eval(operand, scope)?;
                self.of_type(*operator, items, *ty, *at)
            }
        }
    }

    fn path(&mut self, start: Option<&'t Op>, steps: &'t [Step], scope: &Scope<'t>) -> Result<'t> {
        let (mut items, steps) = match (start, scope.this.as_slice(), steps) {
            // What the beginning defines, the steps know.
            (Some(start), ..) => (self.open(start, scope)?, steps),
            // Most terms of many search parameters are for other types.
            (None, this, [Step::Root(ty, true), ..]) if !this.iter().any(|item| is_of(item, ty)) => {
                return Ok(Items::new());
            }
            // What most paths begin with costs no copy.
            (None, [Item::Node(node)], [Step::Root(ty, _), Step::Member(name), rest @ ..])
                if node.is_of(ty) =>
            {
                let mut found = Items::new();
                node.children_named(name, &mut found);
                (self.bounded(0, found)?, rest)
            }
            (None, ..) => (scope.this.clone(), steps),
        };
        for step in steps {
            items = match step {
                Step::Root(ty, _) => {
                    items.retain(|item| is_of(item, ty));
                    items
                }
                Step::Member(name) => self.members(items, name)?,
                Step::Index(index, at) => {
                    let index = self.eval(index, scope)?;
                    match integer(&index, "an index", *at)? {
                        Some(index) => usize::try_from(index).ok().and_then(|at| items.into_iter().nth(at)),
                        None => None,
                    }
                    .into_iter()
                    .collect()
                }
                Step::Call(call) => (call.function.run)(self, Input { items, call, scope })?,
            };
        }
        Ok(items)
    }

    fn members(&mut self, items: Items<'t>, name: &str) -> Result<'t> {
        let mut found = Items::new();
        for item in items {
            match item {
                Item::Node(node) => node.children_named(name, &mut found),
                Item::Type(ty) => match (name, ty.base) {
                    ("namespace", _) => found.push(Value::String(ty.namespace.into()).into()),
                    ("name", _) => found.push(Value::String(ty.name.into()).into()),
                    ("baseType", Some(base)) => {
                        found.push(Value::String(format!("{}.{base}", ty.namespace).into()).into());
                    }
                    _ => {}
                },
                Item::Value(_) => {}
            }
        }
        self.bounded(0, found)
    }

    pub(crate) fn of_type(
        &mut self,
        operator: TypeOperator,
        items: Items<'t>,
        ty: TypeSpec,
        at: u32,
    ) -> Result<'t> {
        if items.len() > 1 && !(operator == TypeOperator::As && self.options.as_keeps) {
            return Err(not_single(operator.text(), items.len(), at));
        }
        Ok(match operator {
            TypeOperator::Is => items.first().map(|item| boolean(ty.is(item))).unwrap_or_default(),
            TypeOperator::As => items.into_iter().filter(|item| ty.admits(item)).collect(),
        })
    }

    /// `%resource`: what is told, or what the expression is evaluated on if that is a resource.
    pub(crate) fn resource(&self) -> Option<Node<'t>> {
        self.environment.resource.or_else(|| self.context.is_a("Resource").then_some(self.context))
    }

    pub(crate) fn root_resource(&self) -> Option<Node<'t>> {
        self.environment.root_resource.or_else(|| self.resource())
    }

    fn variable(&mut self, name: &str, at: u32) -> Result<'t> {
        if let Some((_, items)) = self.defined.iter().rev().find(|(known, _)| known == name) {
            let items = items.clone();
            return self.bounded(at, items);
        }
        if let Some((_, items)) = self.environment.variables.iter().find(|(known, _)| known == name) {
            return self.bounded(at, items.iter().cloned().collect());
        }
        let node = match name {
            "context" => Some(self.context),
            "resource" => self.resource(),
            "rootResource" => self.root_resource(),
            _ => {
                return fixed(name).map(string).ok_or_else(|| self.unknown_variable(name, at));
            }
        };
        Ok(node.map(Item::Node).into_iter().collect())
    }

    fn unknown_variable(&self, name: &str, at: u32) -> Fault {
        let known = ["context", "resource", "rootResource", "ucum", "sct", "loinc"].into_iter();
        let set = self.environment.variables.iter().map(|(name, _)| &**name);
        let defined = self.defined.iter().map(|(name, _)| name.as_str());
        let suggestion = nearest(name, known.chain(set).chain(defined)).map(|name| format!("%{name}"));
        Fault::new(at, ErrorKind::UnknownVariable { name: name.to_owned(), suggestion })
    }

    /// Sets a variable for what follows in its path.
    pub(crate) fn define(
        &mut self,
        name: String,
        items: Items<'t>,
        at: u32,
    ) -> std::result::Result<(), Fault> {
        let known = self.defined.iter().any(|(known, _)| *known == name)
            || self.environment.variables.iter().any(|(known, _)| *known == name);
        if is_reserved(&name) || known {
            return Err(Fault::new(at, ErrorKind::DefinedTwice { name }));
        }
        self.defined.push((name, items));
        Ok(())
    }
}

fn is_of(item: &Item<'_>, ty: &TypeDefinition) -> bool {
    matches!(item, Item::Node(node) if node.is_of(ty))
}

/// What a function is called with.
pub(crate) struct Input<'t, 's> {
    pub(crate) items: Items<'t>,
    pub(crate) call: &'t crate::program::Call,
    pub(crate) scope: &'s Scope<'t>,
}
