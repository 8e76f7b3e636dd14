//! The definitions of FHIR's releases: types, codes, search parameters, compartments and operations.
//!
//! They are facts of the specification (<https://hl7.org/fhir/R4/>, R4B, R5) that nothing changes, so there is one
//! of each in a process. `schemas/` has their text and says where it is from.

mod codes;
mod compartments;
mod index;
mod lines;
mod load;
mod operations;
mod release;
mod search;
mod types;

#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use crate::ResourceType;
use codes::Terminology;
pub(crate) use index::Index;
use load::Types;

pub use codes::{ANY_SYSTEM, CodeSystem, Concept, Membership, ValueSet};
pub use compartments::{Compartment, CompartmentMember};
pub use operations::{Operation, OperationParameter};
pub use release::Release;
pub use search::{Component, SearchParameter, SearchParameterType};
pub use types::{
    Binding, Constraint, ElementDefinition, Member, Severity, Strength, TypeDefinition, TypeId, TypeKind,
    TypeRef,
};

/// The definitions of a release. Types are there at once; the rest is read when it is first asked for.
///
/// ```
/// use rushlight_model::definitions::{Definitions, Release, Strength};
///
/// let r4 = Definitions::of(Release::R4);
/// let patient = r4.ty("Patient").ok_or("unknown")?;
/// let gender = patient.element("gender").ok_or("unknown")?;
/// assert_eq!((gender.min, gender.max), (0, Some(1)));
/// let binding = gender.binding.ok_or("unbound")?;
/// assert_eq!(binding.strength, Strength::Required);
/// assert!(r4.value_set(binding.value_set).is_some());
/// assert!(patient.is_a(r4, "DomainResource"));
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug)]
pub struct Definitions {
    release: Release,
    types: Types,
    terminology: OnceLock<Terminology>,
    search_parameters: OnceLock<Box<[SearchParameter]>>,
    compartments: OnceLock<Box<[Compartment]>>,
    operations: OnceLock<Box<[Operation]>>,
}

impl Definitions {
    /// The definitions of a release.
    #[must_use]
    pub fn of(release: Release) -> &'static Self {
        static R4: OnceLock<Definitions> = OnceLock::new();
        static R4B: OnceLock<Definitions> = OnceLock::new();
        static R5: OnceLock<Definitions> = OnceLock::new();
        let once = match release {
            Release::R4 => &R4,
            Release::R4B => &R4B,
            Release::R5 => &R5,
        };
        once.get_or_init(|| Self::load(release))
    }

    fn load(release: Release) -> Self {
        Self {
            release,
            types: load::load(release.texts().types),
            terminology: OnceLock::new(),
            search_parameters: OnceLock::new(),
            compartments: OnceLock::new(),
            operations: OnceLock::new(),
        }
    }

    /// Whose definitions they are.
    #[must_use]
    pub fn release(&self) -> Release {
        self.release
    }

    /// The type of this name; a backbone element's is its path: `Patient.contact`.
    #[must_use]
    pub fn ty(&self, name: &str) -> Option<&TypeDefinition> {
        self.types.named(name)
    }

    /// The type of this number.
    #[must_use]
    pub fn type_at(&self, id: TypeId) -> Option<&TypeDefinition> {
        self.types.at(id)
    }

    /// All types, in the order of their numbers.
    #[must_use]
    pub fn types(&self) -> &[TypeDefinition] {
        self.types.all()
    }

    /// The definition of a resource type, if this release has it.
    #[must_use]
    pub fn resource(&self, ty: ResourceType) -> Option<&TypeDefinition> {
        self.ty(ty.name())
    }

    /// The resource types of this release, in the order of their names.
    pub fn resource_types(&self) -> impl Iterator<Item = ResourceType> + use<> {
        let release = self.release;
        ResourceType::all().filter(move |ty| ty.in_release(release))
    }

    /// The value set of this URL, if a required or extensible binding names it and the packages have it.
    #[must_use]
    pub fn value_set(&self, url: &str) -> Option<&ValueSet> {
        self.terminology().set(url)
    }

    /// The value sets behind required and extensible bindings, in the order of their URLs.
    #[must_use]
    pub fn value_sets(&self) -> &[ValueSet] {
        self.terminology().sets()
    }

    /// The code system of this URL, if a value set needs it and the packages have it.
    #[must_use]
    pub fn code_system(&self, url: &str) -> Option<&CodeSystem> {
        self.terminology().system(url).map(AsRef::as_ref)
    }

    /// The code systems that value sets need, in the order of their URLs.
    pub fn code_systems(&self) -> impl Iterator<Item = &CodeSystem> {
        self.terminology().systems()
    }

    fn terminology(&self) -> &Terminology {
        self.terminology.get_or_init(|| Terminology::load(self.release.texts().codes))
    }

    /// The search parameters, in the order of their URLs.
    #[must_use]
    pub fn search_parameters(&self) -> &[SearchParameter] {
        self.search_parameters.get_or_init(|| search::load(self.release.texts().search))
    }

    /// The compartments, in the order of their URLs.
    #[must_use]
    pub fn compartments(&self) -> &[Compartment] {
        self.compartments.get_or_init(|| compartments::load(self.release.texts().compartments))
    }

    /// The operations, in the order of their URLs.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        self.operations.get_or_init(|| operations::load(self.release.texts().operations))
    }
}
