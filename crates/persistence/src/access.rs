//! Who asks, and what they may see.

use rushlight_model::{Id, ResourceType};
use rushlight_search::query::{Candidate, Condition, Op, RowTest, Scalar};
use rushlight_search::{Registry, TableId, cut, hash};
use std::collections::{BTreeMap, BTreeSet};

/// What a caller may see and do: rules that must all hold. Every read of the store takes one and turns it into a predicate
/// of its SQL, on every resource that is looked at. What may not be seen does not exist.
///
/// ```
/// use rushlight_model::{Id, ResourceType};
/// use rushlight_persistence::{Access, Interaction};
///
/// let ty = |name| ResourceType::from_name(name).ok_or("unknown");
/// let own = Access::patient(Id::new("p1")?, [ty("Practitioner")?]);
/// let few = Access::interactions([(ty("Observation")?, vec![Interaction::Read, Interaction::Search])]);
/// let access = own.and(few).and(Access::hiding([("http://example.org/labels", "secret")]));
/// assert!(access.permits(ty("Observation")?) && !access.permits(ty("Practitioner")?));
/// assert!(!access.permits_to(Interaction::Update, ty("Observation")?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    rules: Vec<Rule>,
    /// Whether it may be told how searches are answered: plans and counts look behind the rules.
    explained: bool,
}

/// What is done with resources of a type, as far as it is permitted by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Interaction {
    /// A version is read, by itself or where it is included.
    Read,
    /// Resources are looked for, also on the way of a chain, or asked about what they hold.
    Search,
    /// A history is read.
    History,
    /// A resource is made.
    Create,
    /// A resource gets another version.
    Update,
    /// A resource is deleted.
    Delete,
}

impl Interaction {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Read, Self::Search, Self::History, Self::Create, Self::Update, Self::Delete];
}

/// One of the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    /// These types, and this with each.
    Types(BTreeMap<ResourceType, BTreeSet<Interaction>>),
    /// What is in the compartment of a Patient, and all of some types.
    Patient { id: Id, shared: BTreeSet<ResourceType> },
    /// Nothing that has one of these labels: system and code.
    Hidden(BTreeSet<(String, String)>),
}

impl Access {
    /// Everything. Spelled out where it is meant.
    #[must_use]
    pub fn all() -> Self {
        Self { rules: Vec::new(), explained: true }
    }

    /// Only resources of these types, and everything with them.
    #[must_use]
    pub fn types(types: impl IntoIterator<Item = ResourceType>) -> Self {
        Self::interactions(types.into_iter().map(|ty| (ty, Interaction::ALL)))
    }

    /// Only resources of these types, and only this with them. Of a type that may not be read nothing is seen.
    #[must_use]
    pub fn interactions<I>(types: impl IntoIterator<Item = (ResourceType, I)>) -> Self
    where
        I: IntoIterator<Item = Interaction>,
    {
        let mut all: BTreeMap<ResourceType, BTreeSet<Interaction>> = BTreeMap::new();
        types.into_iter().for_each(|(ty, permitted)| all.entry(ty).or_default().extend(permitted));
        Self { rules: vec![Rule::Types(all)], explained: false }
    }

    /// Only what is in the compartment of a Patient, the Patient among it, and of the types that are listed everything.
    /// <https://hl7.org/fhir/R4/compartmentdefinition-patient.html>
    #[must_use]
    pub fn patient(id: Id, shared: impl IntoIterator<Item = ResourceType>) -> Self {
        let rules = vec![Rule::Patient { id, shared: shared.into_iter().collect() }];
        Self { rules, explained: false }
    }

    /// Nothing that has one of these labels in `meta.security`, each a system (empty: none) and a code.
    /// <https://hl7.org/fhir/R4/security-labels.html>
    #[must_use]
    pub fn hiding<S: Into<String>, C: Into<String>>(labels: impl IntoIterator<Item = (S, C)>) -> Self {
        let labels: BTreeSet<(String, String)> =
            labels.into_iter().map(|(system, code)| (system.into(), code.into())).collect();
        if labels.is_empty() {
            return Self::all();
        }
        Self { rules: vec![Rule::Hidden(labels)], explained: false }
    }

    /// Only what the other permits, too.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.rules.extend(other.rules);
        self.explained &= other.explained;
        self
    }

    /// With the privilege to be told how searches are answered, which who may see everything has anyway: plans and counts
    /// look behind the rules.
    #[must_use]
    pub fn explaining(self) -> Self {
        Self { explained: true, ..self }
    }

    /// Whether the caller may be told how searches are answered.
    #[must_use]
    pub fn explains(&self) -> bool {
        self.explained
    }

    /// Whether there are resources of this type that may be seen, for all that can be told without a look at them.
    #[must_use]
    pub fn permits(&self, ty: ResourceType) -> bool {
        self.permits_to(Interaction::Read, ty)
    }

    /// Whether this may be done with resources of this type that may be seen.
    #[must_use]
    pub fn permits_to(&self, interaction: Interaction, ty: ResourceType) -> bool {
        self.rules.iter().all(|rule| match rule {
            Rule::Types(types) => types.get(&ty).is_some_and(|permitted| permitted.contains(&interaction)),
            Rule::Patient { .. } | Rule::Hidden(_) => true,
        })
    }

    /// Whether the caller sees a resource, or a version of it, of this content.
    pub(crate) fn shows(&self, registry: &Registry, candidate: Candidate<'_>) -> bool {
        self.rules.is_empty()
            || self.condition_on(registry, &[candidate.ty], &[Interaction::Read]).matches(candidate, &())
    }

    /// Whether the caller sees every resource of this type, whatever is in it: then none that there is is hidden.
    pub(crate) fn shows_all_of(&self, ty: ResourceType) -> bool {
        self.permits(ty)
            && self.rules.iter().all(|rule| match rule {
                Rule::Types(_) => true,
                Rule::Patient { shared, .. } => shared.contains(&ty),
                Rule::Hidden(_) => false,
            })
    }

    /// Whether what may be seen depends on no more than the type.
    pub(crate) fn is_by_type(&self) -> bool {
        self.rules.iter().all(|rule| matches!(rule, Rule::Types(_)))
    }

    /// What must hold of a resource so that it may be seen.
    #[must_use]
    pub fn condition(&self, registry: &Registry) -> Condition {
        self.condition_on(registry, &[], &[Interaction::Read])
    }

    /// What must hold of a resource of one of these types, of any where there are none, so that all this may be done with
    /// it. It names units of these types only, and nothing that holds anyway.
    pub(crate) fn condition_on(
        &self,
        registry: &Registry,
        types: &[ResourceType],
        interactions: &[Interaction],
    ) -> Condition {
        let all: Vec<ResourceType> = match types {
            [] => registry.definitions().resource_types().collect(),
            types => types.to_vec(),
        };
        let permits = |ty: &ResourceType| interactions.iter().all(|it| self.permits_to(*it, *ty));
        let visible: Vec<ResourceType> = all.iter().copied().filter(permits).collect();
        let mut parts = Vec::new();
        if visible.len() < all.len() {
            parts.push(Condition::Types(visible.clone()));
        }
        for rule in &self.rules {
            match rule {
                Rule::Types(_) => {}
                Rule::Patient { id, shared } => parts.extend(within(registry, &visible, id, shared)),
                Rule::Hidden(labels) => parts.push(without(registry, &visible, labels)),
            }
        }
        Condition::all(parts)
    }

    /// The numbers of the types that may be read; `None` means all.
    pub(crate) fn type_numbers(&self, interaction: Interaction) -> Option<Vec<i64>> {
        if !self.rules.iter().any(|rule| matches!(rule, Rule::Types(_))) {
            return None;
        }
        let types = ResourceType::all().filter(|ty| self.permits(*ty) && self.permits_to(interaction, *ty));
        Some(types.map(|ty| i64::from(ty.number())).collect())
    }
}

/// That a resource is in the compartment of a Patient, or of a type that is shared; `None` where that goes without saying.
fn within(
    registry: &Registry,
    types: &[ResourceType],
    id: &Id,
    shared: &BTreeSet<ResourceType>,
) -> Option<Condition> {
    let (open, closed): (Vec<ResourceType>, Vec<ResourceType>) =
        types.iter().partition(|ty| shared.contains(ty));
    if closed.is_empty() {
        return None;
    }
    let units: Vec<i32> = closed.iter().filter_map(|ty| registry.patient_compartment(*ty)).collect();
    let mut parts = Vec::new();
    if !units.is_empty() {
        let test = RowTest::any(TableId::COMPARTMENT, units).and(0, Op::Is(Scalar::Bytes(id.to_key())));
        parts.push(Condition::Row(test));
    }
    if !open.is_empty() {
        parts.push(Condition::Types(open));
    }
    Some(Condition::any(parts))
}

/// That a resource has none of these labels.
fn without(registry: &Registry, types: &[ResourceType], labels: &BTreeSet<(String, String)>) -> Condition {
    let units: Vec<i32> = types.iter().flat_map(|ty| registry.security_labels(*ty)).copied().collect();
    if units.is_empty() {
        return Condition::everything();
    }
    let mut by_system: BTreeMap<&str, Vec<Scalar>> = BTreeMap::new();
    for (system, code) in labels {
        by_system.entry(system).or_default().push(Scalar::Text(cut(code).into_owned()));
    }
    let has = |(system, codes): (&str, Vec<Scalar>)| {
        let test = RowTest::any(TableId::TOKEN, units.clone())
            .and(0, Op::OneOf(codes))
            .and(1, Op::Is(Scalar::Int(hash(system))));
        Condition::Row(test)
    };
    Condition::any(by_system.into_iter().map(has).collect()).negated()
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
    /// What the caller may see: what may not be seen can't be written either, and is not told from what is not there.
    pub access: Access,
}

impl Origin {
    /// A request of somebody's, who may see everything; unless [`Self::seeing`] says otherwise.
    #[must_use]
    pub fn new(actor: Actor, request: impl Into<String>, interaction: &'static str) -> Self {
        Self { actor, request: request.into(), interaction, access: Access::all() }
    }

    /// The same of somebody who may see so much.
    #[must_use]
    pub fn seeing(self, access: Access) -> Self {
        Self { access, ..self }
    }

    /// Something that is done without a request and for nobody.
    #[must_use]
    pub fn of(interaction: &'static str) -> Self {
        Self::new(Actor::anonymous(), "", interaction)
    }
}
