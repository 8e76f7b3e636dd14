//! What expressions compute with: values of their own, and places in a tree.

mod difference;
mod literal;
mod node;
mod place;
mod quantity;
mod types;

use std::borrow::Cow;
use std::fmt;

use rushlight_model::primitive::{DateTime, Time};
use rust_decimal::Decimal;
use smallvec::SmallVec;

pub(crate) use literal::{date, date_time, decimal, integer, quantity};
pub use node::Node;
pub use place::Paths;
pub use quantity::{Quantity, QuantityUnit};
pub(crate) use quantity::{are_equivalent, rounded};
pub use types::TypeInfo;
pub(crate) use types::TypeSpec;

/// A collection: most have one item or none.
pub type Items<'t> = SmallVec<[Item<'t>; 1]>;

/// An item of a collection.
#[derive(Clone, Debug)]
pub enum Item<'t> {
    /// A place in a tree.
    Node(Node<'t>),
    /// A computed value.
    Value(Value<'t>),
    /// What `type()` says.
    Type(TypeInfo),
}

/// A value of a type of <https://hl7.org/fhirpath/N1/#literals>.
#[derive(Clone, Debug)]
pub enum Value<'t> {
    /// A Boolean.
    Boolean(bool),
    /// An Integer; of 64 bits where R5's `integer64` is read.
    Integer(i64),
    /// A Decimal, with as many places as it was written with.
    Decimal(Decimal),
    /// A Decimal with more digits than can be computed with, as it was written. It can be compared.
    Wide(Cow<'t, str>),
    /// A String.
    String(Cow<'t, str>),
    /// A Date.
    Date(DateTime),
    /// A DateTime.
    DateTime(DateTime),
    /// A Time.
    Time(Time),
    /// A Quantity.
    Quantity(Box<Quantity<'t>>),
}

impl Value<'_> {
    /// The name of its type in the namespace `System`.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Boolean(_) => "Boolean",
            Self::Integer(_) => "Integer",
            Self::Decimal(_) | Self::Wide(_) => "Decimal",
            Self::String(_) => "String",
            Self::Date(_) => "Date",
            Self::DateTime(_) => "DateTime",
            Self::Time(_) => "Time",
            Self::Quantity(_) => "Quantity",
        }
    }
}

/// As `toString()` says it.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::Decimal(value) => value.fmt(f),
            Self::Wide(text) | Self::String(text) => text.fmt(f),
            Self::Date(value) | Self::DateTime(value) => value.fmt(f),
            Self::Time(value) => value.fmt(f),
            Self::Quantity(value) => value.fmt(f),
        }
    }
}

impl<'t> Item<'t> {
    /// The value that it is, or that it is converted to where one is needed; complex elements but quantities have
    /// none.
    #[must_use]
    pub fn value(&self) -> Option<Value<'t>> {
        match self {
            Self::Node(node) => node.value(),
            Self::Value(value) => Some(value.clone()),
            Self::Type(_) => None,
        }
    }

    /// Its type.
    #[must_use]
    pub fn type_info(&self) -> TypeInfo {
        match self {
            Self::Node(node) => node.type_info(),
            Self::Value(value) => TypeInfo::system(value.type_name()),
            Self::Type(_) => TypeInfo::system("SimpleTypeInfo"),
        }
    }
}

impl<'t> From<Value<'t>> for Item<'t> {
    fn from(value: Value<'t>) -> Self {
        Self::Value(value)
    }
}

impl<'t> From<Node<'t>> for Item<'t> {
    fn from(node: Node<'t>) -> Self {
        Self::Node(node)
    }
}

/// A collection of one value.
pub(crate) fn one<'t>(value: Value<'t>) -> Items<'t> {
    smallvec::smallvec![Item::Value(value)]
}

pub(crate) fn boolean<'t>(value: bool) -> Items<'t> {
    one(Value::Boolean(value))
}

pub(crate) fn string<'t>(text: impl Into<Cow<'t, str>>) -> Items<'t> {
    one(Value::String(text.into()))
}

/// A collection of one value, or of none.
pub(crate) fn perhaps(value: Option<Value<'_>>) -> Items<'_> {
    value.map(Item::Value).into_iter().collect()
}
