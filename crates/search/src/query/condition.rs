//! What must hold of a resource, in terms of ids, versions and index entries.
//!
//! This is what a query comes to once its text is understood. A store turns it into SQL, and [`matches`] evaluates it
//! on the entries of one resource; both know nothing of parameters, modifiers and prefixes.
//!
//! [`matches`]: Condition::matches

use std::borrow::Cow;

use rushlight_model::{Id, ResourceType};

use crate::key::Value;
use crate::table::TableId;

/// Everything matches.
impl Default for Condition {
    fn default() -> Self {
        Self::everything()
    }
}

/// What must hold of a resource.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// All of these. Without any, everything matches.
    All(Vec<Condition>),
    /// One of these at least. Without any, nothing matches.
    Any(Vec<Condition>),
    /// Not this.
    Not(Box<Condition>),
    /// The resource is of one of these types.
    Types(Vec<ResourceType>),
    /// The resource has one of these ids, whatever its type.
    Ids(Vec<Id>),
    /// `meta.lastUpdated` is within these microseconds since 1970, both ends inclusive; of what is contained, that of its
    /// container.
    Updated {
        /// The earliest.
        from: i64,
        /// The latest.
        to: i64,
    },
    /// The resource has an index entry that passes a test.
    Row(RowTest),
    /// A reference of the resource leads to a resource for which something holds: one of the same store, one that the
    /// resource contains, or where it is itself contained another one in its container, or that.
    Chain(Link),
    /// A reference of a stored resource, for which something holds, leads to the resource: to one that is contained, that
    /// of its container.
    Has(Link),
    /// The resource contains one for which something holds.
    Contained(Within),
}

/// A question about what resources contain.
#[derive(Clone, Debug, PartialEq)]
pub struct Within {
    /// The types of what is contained.
    pub types: Vec<ResourceType>,
    /// What must hold of it.
    pub condition: Box<Condition>,
}

/// A test of one index entry.
#[derive(Clone, Debug, PartialEq)]
pub struct RowTest {
    /// The table that the entry is in.
    pub table: TableId,
    /// The units of which it may be; not empty.
    pub units: Vec<i32>,
    /// What all must hold of its values. Without any, each entry passes, also one that only says that there is an
    /// element ([`Entry::is_bare`](crate::Entry::is_bare)).
    pub tests: Vec<ColumnTest>,
}

/// A test of one value of an entry.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnTest {
    /// The place of the column in [`IndexTable::columns`](crate::IndexTable::columns).
    pub column: usize,
    /// What must hold of its value.
    pub op: Op,
}

/// What must hold of a value. Texts and bytes compare byte by byte; the operand has the column's kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// It is this one.
    Is(Scalar),
    /// It is one of these. Without any, no value is.
    OneOf(Vec<Scalar>),
    /// It is another one.
    IsNot(Scalar),
    /// It is less.
    Below(Scalar),
    /// It is less, or this one.
    AtMost(Scalar),
    /// It is greater.
    Above(Scalar),
    /// It is greater, or this one.
    AtLeast(Scalar),
    /// It begins with this text, taken literally; only for columns of text.
    Begins(String),
    /// It has this text in it, taken literally; only for columns of text.
    Contains(String),
    /// It is not greater than the value of another column: an interval that some value is in.
    UpTo(usize),
    /// It and the next column are a latitude and a longitude in degrees, and this place on the sphere of the Earth is
    /// no farther from them than so many metres.
    Near {
        /// Degrees.
        latitude: f64,
        /// Degrees.
        longitude: f64,
        /// Metres.
        distance: f64,
    },
}

/// A value to compare with.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// Of a column of integers.
    Int(i64),
    /// Of a column of doubles.
    Real(f64),
    /// Of a column of text.
    Text(String),
    /// Of a column of bytes.
    Bytes(Vec<u8>),
}

/// References between resources of the same store.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The units that the reference may be of; not empty. All are of the type of the resource that refers.
    pub units: Vec<i32>,
    /// The type of the resource at the other end: in a chain of that which is referred to, in `_has` of that which
    /// refers.
    pub other: ResourceType,
    /// What must hold of the resource at the other end.
    pub condition: Box<Condition>,
}

impl Condition {
    /// Matches everything.
    #[must_use]
    pub fn everything() -> Self {
        Self::All(Vec::new())
    }

    /// Matches nothing.
    #[must_use]
    pub fn nothing() -> Self {
        Self::Any(Vec::new())
    }

    /// All of these must hold; what is itself such a list is part of this one.
    #[must_use]
    pub fn all(parts: Vec<Self>) -> Self {
        let flat = |part| if let Self::All(inner) = part { inner } else { vec![part] };
        Self::list(parts.into_iter().flat_map(flat).collect(), Self::All)
    }

    /// One of these must hold; what is itself such a list is part of this one.
    #[must_use]
    pub fn any(parts: Vec<Self>) -> Self {
        let flat = |part| if let Self::Any(inner) = part { inner } else { vec![part] };
        Self::list(parts.into_iter().flat_map(flat).collect(), Self::Any)
    }

    /// One part stands for itself.
    fn list(mut parts: Vec<Self>, of: fn(Vec<Self>) -> Self) -> Self {
        match parts.pop() {
            Some(only) if parts.is_empty() => only,
            last => {
                parts.extend(last);
                of(parts)
            }
        }
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        matches!(self, Self::All(parts) if parts.iter().all(Self::is_everything))
    }

    /// The opposite.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Not(condition) => *condition,
            condition => Self::Not(Box::new(condition)),
        }
    }

    /// Whether it asks for what other resources hold: a chain, or `_has`.
    #[must_use]
    pub fn looks_elsewhere(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::looks_elsewhere),
            Self::Not(part) => part.looks_elsewhere(),
            Self::Chain(_) | Self::Has(_) => true,
            Self::Contained(within) => within.condition.looks_elsewhere(),
            Self::Types(_) | Self::Ids(_) | Self::Updated { .. } | Self::Row(_) => false,
        }
    }

    /// Calls `visit` with each link in it, an outer one before those within.
    pub fn links<'c>(&'c self, visit: &mut impl FnMut(&'c Link)) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.links(visit)),
            Self::Not(part) => part.links(visit),
            Self::Chain(link) | Self::Has(link) => {
                visit(link);
                link.condition.links(visit);
            }
            Self::Contained(within) => within.condition.links(visit),
            Self::Types(_) | Self::Ids(_) | Self::Updated { .. } | Self::Row(_) => {}
        }
    }

    /// Calls `visit` with the types of contained resources that it asks about.
    pub fn contained(&self, visit: &mut impl FnMut(ResourceType)) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.contained(visit)),
            Self::Not(part) => part.contained(visit),
            Self::Chain(link) => {
                visit(link.other);
                link.condition.contained(visit);
            }
            Self::Has(link) => link.condition.contained(visit),
            Self::Contained(within) => {
                within.types.iter().copied().for_each(&mut *visit);
                within.condition.contained(visit);
            }
            Self::Types(_) | Self::Ids(_) | Self::Updated { .. } | Self::Row(_) => {}
        }
    }

    /// Calls `visit` with each unit that it names; those of [`Self::contained`] are beside them.
    pub fn units(&self, visit: &mut impl FnMut(i32)) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.units(visit)),
            Self::Not(part) => part.units(visit),
            Self::Row(test) => test.units.iter().copied().for_each(visit),
            Self::Chain(link) | Self::Has(link) => {
                link.units.iter().copied().for_each(&mut *visit);
                link.condition.units(visit);
            }
            Self::Contained(within) => within.condition.units(visit),
            Self::Types(_) | Self::Ids(_) | Self::Updated { .. } => {}
        }
    }
}

impl RowTest {
    /// Any entry of these units: the parameter is not missing.
    #[must_use]
    pub fn any(table: TableId, units: Vec<i32>) -> Self {
        Self { table, units, tests: Vec::new() }
    }

    /// With a further test.
    #[must_use]
    pub fn and(mut self, column: usize, op: Op) -> Self {
        self.tests.push(ColumnTest { column, op });
        self
    }
}

impl Scalar {
    /// The value as an entry has it.
    #[must_use]
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Int(value) => Value::Int(*value),
            Self::Real(value) => Value::Real(*value),
            Self::Text(value) => Value::Text(Cow::Borrowed(value.as_bytes())),
            Self::Bytes(value) => Value::Bytes(Cow::Borrowed(value)),
        }
    }
}
