//! Who asks, and what they may see.

use rushlight_model::ResourceType;
use std::collections::BTreeSet;

/// What a caller may see. Every read of the store takes one and turns it into a predicate of its SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    types: Option<BTreeSet<ResourceType>>,
}

impl Access {
    /// Everything. Spelled out where it is meant.
    #[must_use]
    pub fn all() -> Self {
        Self { types: None }
    }

    /// Only resources of these types.
    #[must_use]
    pub fn types(types: impl IntoIterator<Item = ResourceType>) -> Self {
        Self { types: Some(types.into_iter().collect()) }
    }

    /// Whether resources of this type are visible at all.
    #[must_use]
    pub fn permits(&self, ty: ResourceType) -> bool {
        self.types.as_ref().is_none_or(|types| types.contains(&ty))
    }

    /// The numbers of the visible types; `None` means all.
    pub(crate) fn type_numbers(&self) -> Option<Vec<i64>> {
        self.types.as_ref().map(|types| types.iter().map(|ty| i64::from(ty.number())).collect())
    }
}

/// Who writes: recorded with every version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor(Option<String>);

impl Actor {
    /// A caller who was not identified.
    #[must_use]
    pub fn anonymous() -> Self {
        Self(None)
    }

    /// An identified caller, by a stable name without personal data.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self(Some(name.into()))
    }

    /// The name, if the caller was identified.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

/// Where a write comes from: what the audit tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Who asks.
    pub actor: Actor,
    /// The id of the request; empty where there is none.
    pub request: String,
    /// What is done, by FHIR's code for it, or the name of a command.
    pub interaction: &'static str,
}

impl Origin {
    /// A request of somebody's.
    #[must_use]
    pub fn new(actor: Actor, request: impl Into<String>, interaction: &'static str) -> Self {
        Self { actor, request: request.into(), interaction }
    }

    /// Something that is done without a request and for nobody.
    #[must_use]
    pub fn of(interaction: &'static str) -> Self {
        Self::new(Actor::anonymous(), "", interaction)
    }
}
