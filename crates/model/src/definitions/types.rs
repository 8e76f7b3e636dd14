//! Types and elements: <https://hl7.org/fhir/R4/elementdefinition.html>.

use std::sync::Arc;

use super::Definitions;
use super::index::Index;

/// A type's number in one release's [`Definitions`]. It is not kept: another version may number types differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TypeId(pub(super) u16);

impl TypeId {
    /// Its place among the release's types, for tables beside them.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What sort of type it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeKind {
    /// A value without elements of its own: `string`, `date`.
    Primitive,
    /// A structure of elements: `HumanName`. `Element` is one, too.
    Datatype,
    /// `Patient`; `Resource` and `DomainResource` as well.
    Resource,
    /// The content of an element that is defined in place, named by its path: `Patient.contact`.
    Backbone,
}

/// How bad it is to break a constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The resource is invalid.
    Error,
    /// The resource is poor.
    Warning,
}

/// A rule in FHIRPath.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Constraint {
    /// Its name: `pat-1`.
    pub key: &'static str,
    /// How bad it is to break it.
    pub severity: Severity,
    /// The expression that is true where it is kept.
    pub expression: &'static str,
}

/// A type: what elements it has and what rules.
#[derive(Debug)]
pub struct TypeDefinition {
    /// Its name.
    pub name: &'static str,
    /// Its number.
    pub id: TypeId,
    /// What sort of type it is.
    pub kind: TypeKind,
    /// The type whose elements and constraints it has, too.
    pub base: Option<TypeId>,
    /// Whether only types based on it are used.
    pub is_abstract: bool,
    /// The format of a primitive type's values.
    pub regex: Option<&'static str>,
    /// The rules for the whole, the base's before its own.
    pub constraints: Arc<[Constraint]>,
    pub(super) elements: Box<[ElementDefinition]>,
    pub(super) members: Index,
}

/// Which element a member of a JSON object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The element's place in [`TypeDefinition::elements`].
    pub element: u16,
    /// The place of the member's type in [`ElementDefinition::types`].
    pub ty: u8,
}

impl TypeDefinition {
    /// Its elements in the specification's order, inherited ones first.
    #[must_use]
    pub fn elements(&self) -> &[ElementDefinition] {
        &self.elements
    }

    /// The element of a member of this type's JSON object. The name of a choice has its type in it.
    ///
    /// ```
    /// use rushlight_model::definitions::{Definitions, Release};
    ///
    /// let r4 = Definitions::of(Release::R4);
    /// let observation = r4.ty("Observation").ok_or("unknown")?;
    /// let member = observation.member("valueQuantity").ok_or("unknown")?;
    /// let element = &observation.elements()[usize::from(member.element)];
    /// assert_eq!((element.name, element.types[usize::from(member.ty)].code), ("value", "Quantity"));
    /// assert_eq!(observation.member("value"), None);
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    #[inline]
    pub fn member(&self, json_name: &str) -> Option<Member> {
        let found = self.members.find(json_name, |number| {
            let member = unpacked(number);
            self.elements
                .get(usize::from(member.element))
                .is_some_and(|one| one.is_named(json_name, member.ty))
        });
        found.map(unpacked)
    }

    /// The element of this name: `value`, not `value[x]` or `valueQuantity`.
    #[must_use]
    pub fn element(&self, name: &str) -> Option<&ElementDefinition> {
        self.elements.iter().find(|element| element.name == name)
    }

    /// Whether it is this type, or based on it.
    #[must_use]
    pub fn is_based_on(&self, definitions: &Definitions, other: TypeId) -> bool {
        let mut own = self;
        loop {
            if own.id == other {
                return true;
            }
            let Some(base) = own.base.and_then(|base| definitions.type_at(base)) else { return false };
            own = base;
        }
    }

    /// Whether it is the type of this name, or based on it.
    #[must_use]
    pub fn is_a(&self, definitions: &Definitions, name: &str) -> bool {
        self.name == name
            || self
                .base
                .and_then(|base| definitions.type_at(base))
                .is_some_and(|base| base.is_a(definitions, name))
    }
}

/// A member as the number that an [`Index`] holds.
pub(super) const fn packed(member: Member) -> u32 {
    (member.element as u32) << 8 | member.ty as u32
}

const fn unpacked(number: u32) -> Member {
    Member { element: (number >> 8) as u16, ty: number as u8 }
}

/// An element of a type.
#[derive(Clone, Debug)]
pub struct ElementDefinition {
    /// Its name, without path and `[x]`.
    pub name: &'static str,
    /// How many there are at least.
    pub min: u32,
    /// How many there are at most; any number where there is none. 0: it must not be there.
    pub max: Option<u32>,
    /// Whether it is one of several types, whose name its JSON name ends with.
    pub choice: bool,
    /// Whether it changes what others mean.
    pub modifier: bool,
    /// Whether it is part of a summary.
    pub summary: bool,
    /// Its types; more than one only where it is a choice.
    pub types: Arc<[TypeRef]>,
    /// The codes that it may have.
    pub binding: Option<Binding>,
    /// The rules for each of its values.
    pub constraints: Arc<[Constraint]>,
}

impl ElementDefinition {
    /// Whether it may repeat: whether it is an array in JSON.
    #[must_use]
    pub fn repeats(&self) -> bool {
        self.max.is_none_or(|max| max > 1)
    }

    /// The name of its JSON member when it is of its type at this place.
    #[must_use]
    pub fn json_name(&self, ty: u8) -> Option<String> {
        let code = self.types.get(usize::from(ty))?.code;
        if !self.choice {
            return Some(self.name.to_owned());
        }
        let (first, rest) = code.split_at_checked(1)?;
        Some([self.name, &first.to_ascii_uppercase(), rest].concat())
    }

    #[inline]
    fn is_named(&self, json_name: &str, ty: u8) -> bool {
        if !self.choice {
            return self.name == json_name;
        }
        let Some(ending) = json_name.strip_prefix(self.name) else { return false };
        let code = self.types.get(usize::from(ty)).map_or("", |ty| ty.code);
        match (ending.as_bytes().split_first(), code.as_bytes().split_first()) {
            (Some((a, ending)), Some((b, code))) => *a == b.to_ascii_uppercase() && ending == code,
            _ => false,
        }
    }
}

/// A type that an element may have.
#[derive(Debug)]
pub struct TypeRef {
    /// The name that counts in JSON and FHIRPath.
    pub code: &'static str,
    /// The definition that values follow: the type of that name, or one that refines it.
    pub ty: TypeId,
    /// The types that a reference or canonical may lead to; all where there are none.
    pub targets: Box<[&'static str]>,
}

/// How far codes must come from a value set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// They must.
    Required,
    /// They must, if one of the value set's says what is meant.
    Extensible,
    /// They should.
    Preferred,
    /// They may.
    Example,
}

/// The value set that an element's codes come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// How far they must.
    pub strength: Strength,
    /// Its URL, without version. [`Definitions::value_set`] has those that are required or extensible.
    pub value_set: &'static str,
}
