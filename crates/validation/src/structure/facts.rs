//! What a walk asks of each type, looked up by number.

use rushlight_model::definitions::{Definitions, TypeDefinition, TypeId, TypeKind};
use rushlight_model::primitive::Primitive;

/// How values of a type are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// A JSON scalar of a format.
    Primitive(Primitive),
    /// `Narrative.div`.
    Narrative,
    /// A whole resource, which names its own type.
    Resource,
    /// An object with the type's elements.
    Object,
}

/// What must be known of a type besides its definition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fact {
    pub(super) content: Content,
    /// The elements that must be there, one bit for each, in the order of the type's elements.
    pub(super) required: u128,
    /// Whether it has rules of its own that are checked after its elements.
    pub(super) special: Special,
}

/// Types with rules of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Special {
    None,
    Extension,
    Reference,
}

/// The facts of a release's types, by [`TypeId::index`].
#[derive(Debug)]
pub(super) struct Facts(Box<[Fact]>);

impl Facts {
    pub(super) fn new(definitions: &Definitions) -> Self {
        Self(definitions.types().iter().map(fact).collect())
    }

    pub(super) fn of(&self, ty: TypeId) -> Fact {
        const PLAIN: Fact = Fact { content: Content::Object, required: 0, special: Special::None };
        self.0.get(ty.index()).copied().unwrap_or(PLAIN)
    }
}

fn fact(ty: &TypeDefinition) -> Fact {
    let content = match (ty.kind, Primitive::from_name(ty.name)) {
        (_, Some(Primitive::Xhtml)) => Content::Narrative,
        (TypeKind::Primitive, Some(primitive)) => Content::Primitive(primitive),
        (TypeKind::Resource, _) if ty.is_abstract => Content::Resource,
        _ => Content::Object,
    };
    let special = match ty.name {
        "Extension" => Special::Extension,
        "Reference" => Special::Reference,
        _ => Special::None,
    };
    let required = |(at, element): (usize, &rushlight_model::definitions::ElementDefinition)| {
        if element.min > 0 { bit(at) } else { 0 }
    };
    let required = ty.elements().iter().enumerate().map(required).fold(0, |all, one| all | one);
    Fact { content, required, special }
}

/// The bit of the element at a place. No type of FHIR has more than 128 elements; those beyond are not asked for.
pub(super) fn bit(at: usize) -> u128 {
    u32::try_from(at).ok().and_then(|at| 1_u128.checked_shl(at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_model::definitions::Release;

    #[test]
    fn every_element_has_its_bit() {
        for release in Release::ALL {
            let definitions = Definitions::of(release);
            for ty in definitions.types() {
                assert!(ty.elements().len() <= 128, "{}", ty.name);
            }
            let known = |name: &str| Facts::new(definitions).of(definitions.ty(name).unwrap().id);
            assert_eq!(known("date").content, Content::Primitive(Primitive::Date));
            assert_eq!(known("Resource").content, Content::Resource);
            assert_eq!(known("xhtml").content, Content::Narrative);
            assert_eq!(known("Observation").required.count_ones(), 2, "status and code");
        }
    }
}
