//! What an expression finds in a resource.

use super::{Expression, Node};
use crate::rows::reference;
use rushlight_model::definitions::Definitions;

/// Something found.
#[derive(Clone, Copy, Debug)]
pub enum Item<'e> {
    Node(Node<'e>),
    Boolean(bool),
    Text(&'e str),
    /// What a reference leads to, of which the type is all that can be told.
    Target(&'static str),
}

/// Where an expression is evaluated.
#[derive(Clone, Copy)]
pub struct Evaluation<'e> {
    pub definitions: &'static Definitions,
    pub resource: Node<'e>,
    /// Whether `resolve() is …` always holds: for what can't be told from a reference's target.
    pub any_target: bool,
}

type Items<'e> = Vec<Item<'e>>;

impl<'e> Evaluation<'e> {
    /// Evaluates an expression on an element.
    pub fn of(&self, expression: &'e Expression, this: Item<'e>) -> Items<'e> {
        use Expression as E;
        match expression {
            E::This => vec![this],
            E::Resource => vec![Item::Node(self.resource)],
            E::Text(text) => vec![Item::Text(text)],
            E::Boolean(value) => vec![Item::Boolean(*value)],
            E::Start(name) => self.start(name, this),
            E::Member(of, name) => {
                self.of(of, this).iter().flat_map(|item| self.member(*item, name)).collect()
            }
            E::At(of, at) => self.of(of, this).get(*at).copied().into_iter().collect(),
            E::Where(of, criterion) => {
                let keep = |item: &Item<'e>| self.single(criterion, *item) == Some(true);
                self.of(of, this).into_iter().filter(keep).collect()
            }
            E::Extension(of, url) => self.extensions(&self.of(of, this), url),
            E::Exists(of) => vec![Item::Boolean(!self.of(of, this).is_empty())],
            E::Resolve(of) => self.of(of, this).iter().filter_map(|item| self.resolved(*item)).collect(),
            E::OfType(of, ty) => self.of(of, this).into_iter().filter(|item| self.is_of(*item, ty)).collect(),
            E::Is(of, ty) => self.is(of, ty, this),
            E::Union(a, b) => [self.of(a, this), self.of(b, this)].concat(),
            E::And(a, b) => self.and(a, b, this),
            E::Equal(a, b) => self.equal(a, b, this).map(Item::Boolean).into_iter().collect(),
            E::Unequal(a, b) => self.equal(a, b, this).map(|is| Item::Boolean(!is)).into_iter().collect(),
        }
    }

    /// A type's name is the element itself, if it is of that type.
    fn start(&self, name: &str, this: Item<'e>) -> Items<'e> {
        if name.starts_with(char::is_uppercase) {
            assert!(self.definitions.ty(name).is_some(), "{name} is no type");
            return if self.is_a(this, name) { vec![this] } else { vec![] };
        }
        let Item::Node(node) = this else { panic!("{name} of {this:?}") };
        let found = node.members(name, self.definitions);
        // One expression is for several types of resources, not all of which have the element.
        assert!(found.is_some() || std::ptr::eq(node.ty, self.resource.ty), "{}.{name}", node.ty.name);
        found.unwrap_or_default().into_iter().map(Item::Node).collect()
    }

    fn member(&self, item: Item<'e>, name: &str) -> Items<'e> {
        let Item::Node(node) = item else { panic!("{name} of {item:?}") };
        let found = node.members(name, self.definitions);
        let found = found.unwrap_or_else(|| panic!("{}.{name} is not defined", node.ty.name));
        found.into_iter().map(Item::Node).collect()
    }

    fn extensions(&self, items: &[Item<'e>], url: &str) -> Items<'e> {
        let mut found: Items<'e> = items.iter().flat_map(|item| self.member(*item, "extension")).collect();
        found.retain(|item| matches!(item, Item::Node(node) if node.get("url").and_then(|url| url.text()) == Some(url)));
        found
    }

    fn resolved(&self, item: Item<'e>) -> Option<Item<'e>> {
        let Item::Node(node) = item else { panic!("resolve() of {item:?}") };
        reference::target_type(&node, &self.resource).map(Item::Target)
    }

    fn is(&self, of: &'e Expression, ty: &str, this: Item<'e>) -> Items<'e> {
        if self.any_target && matches!(of, Expression::Resolve(_)) {
            return vec![Item::Boolean(true)];
        }
        match self.of(of, this)[..] {
            [] => vec![],
            [item] => vec![Item::Boolean(self.is_a(item, ty))],
            _ => panic!("is {ty} of several"),
        }
    }

    fn is_a(&self, item: Item<'e>, ty: &str) -> bool {
        let ty = meant(ty);
        assert!(self.definitions.ty(ty).is_some(), "{ty} is no type");
        match item {
            Item::Node(node) => node.ty.is_a(self.definitions, ty),
            Item::Target(target) => target == ty,
            Item::Boolean(_) | Item::Text(_) => panic!("{item:?} is of no type of FHIR's"),
        }
    }

    /// As `as` and `ofType` ask: a `code` is a `string`, and yet not of the type `string`, as HL7's test suite has it.
    fn is_of(&self, item: Item<'e>, ty: &str) -> bool {
        let exact = |node: Node<'_>| !node.is_primitive() || node.ty.name == meant(ty);
        self.is_a(item, ty) && matches!(item, Item::Node(node) if exact(node))
    }

    /// The one truth value of a criterion.
    fn single(&self, criterion: &'e Expression, this: Item<'e>) -> Option<bool> {
        match self.of(criterion, this)[..] {
            [] => None,
            [Item::Boolean(value)] => Some(value),
            ref other => panic!("{other:?} is no truth value"),
        }
    }

    /// Of three values: what is empty is neither true nor false.
    fn and(&self, a: &'e Expression, b: &'e Expression, this: Item<'e>) -> Items<'e> {
        let value = match (self.single(a, this), self.single(b, this)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
        value.map(Item::Boolean).into_iter().collect()
    }

    /// Whether a primitive is equal to a literal.
    fn equal(&self, a: &'e Expression, b: &'e Expression, this: Item<'e>) -> Option<bool> {
        let (a, b) = (self.of(a, this), self.of(b, this));
        match (&a[..], &b[..]) {
            ([], _) => None,
            ([Item::Node(node)], [literal]) => {
                // What has no value, or is no primitive, is another thing than the literal.
                let Some(value) = node.value.filter(|_| node.is_primitive()) else { return Some(false) };
                Some(match literal {
                    Item::Text(text) => value.text() == Some(text),
                    Item::Boolean(flag) => *value == crate::json::Json::Boolean(*flag),
                    _ => panic!("{literal:?} is no literal"),
                })
            }
            _ => panic!("{a:?} = {b:?}"),
        }
    }
}

/// R4 writes `DateTime` once, and means the datatype.
fn meant(ty: &str) -> &str {
    if ty == "DateTime" { "dateTime" } else { ty }
}
