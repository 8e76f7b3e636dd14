//! What is found by what is contained: <https://hl7.org/fhir/R4/search.html#contained>.

use std::borrow::Cow;

use rushlight_model::ResourceType;

use super::condition::{Condition, Within};
use super::{Clause, Query};

/// `_contained`: whether a search finds stored resources, or those that these contain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Contained {
    /// Stored resources.
    #[default]
    No,
    /// Contained ones.
    Only(Form),
    /// Both.
    Both(Form),
}

/// `_containedType`: what is answered for a contained resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// The stored resource that contains it.
    #[default]
    Container,
    /// The contained resource.
    Contained,
}

impl Query {
    /// The query that answers with stored resources, where this one does: containers are those that contain a match.
    #[must_use]
    pub fn of_containers(&self, all: impl Iterator<Item = ResourceType>) -> Cow<'_, Self> {
        let both = match self.contained {
            Contained::Only(Form::Container) => false,
            Contained::Both(Form::Container) => true,
            _ => return Cow::Borrowed(self),
        };
        let types = if self.types.is_empty() { all.collect() } else { self.types.clone() };
        let own = self.condition();
        let within = Within { types: types.clone(), condition: Box::new(own.clone()) };
        let mut ways = vec![Condition::Contained(within)];
        if both {
            ways.push(Condition::all(vec![Condition::Types(types), own]));
        }
        let mut clause = Clause { condition: Condition::any(ways), ..Clause::default() };
        "what is contained".clone_into(&mut clause.meaning);
        Cow::Owned(Self { clauses: vec![clause], ..Self::all(Vec::new()) })
    }
}
