//! An element of a resource, with its definition.

use crate::json::Json;
use rushlight_model::definitions::{Definitions, ElementDefinition, Strength, TypeDefinition, TypeKind};

/// An element. A primitive has a value, a companion (`_name`: its id and extensions), or both.
#[derive(Clone, Copy, Debug)]
pub struct Node<'j> {
    pub value: Option<&'j Json>,
    pub companion: Option<&'j Json>,
    pub ty: &'static TypeDefinition,
    /// The value set that the element's codes must be of.
    pub value_set: Option<&'static str>,
    /// Of a resource that is contained: what contains it.
    pub container: Option<&'j Json>,
}

impl<'j> Node<'j> {
    /// A resource. `None` if the release does not know its type.
    pub fn resource(json: &'j Json, definitions: &'static Definitions) -> Option<Self> {
        let ty = definitions.ty(json.text_of("resourceType")?)?;
        Some(Self { value: Some(json), companion: None, ty, value_set: None, container: None })
    }

    /// A resource in another one.
    pub fn inside(json: &'j Json, container: &'j Json, definitions: &'static Definitions) -> Option<Self> {
        Some(Self { container: Some(container), ..Self::resource(json, definitions)? })
    }

    pub fn is_primitive(&self) -> bool {
        self.ty.kind == TypeKind::Primitive
    }

    /// A member of the JSON object.
    pub fn get(&self, name: &str) -> Option<&'j Json> {
        self.value?.get(name)
    }

    /// The text of a primitive.
    pub fn primitive(&self) -> Option<&'j str> {
        self.value?.primitive()
    }

    /// The elements of this name; `None` if the type has no such element.
    pub fn members(&self, name: &str, definitions: &'static Definitions) -> Option<Vec<Self>> {
        let element = self.ty.element(name)?;
        let mut members = Vec::new();
        for (at, ty) in (0_u8..).zip(element.types.iter()) {
            let json_name = element.json_name(at).unwrap();
            let definition = definitions.type_at(ty.ty).unwrap();
            members.extend(self.of_member(element, &json_name, definition, definitions));
        }
        Some(members)
    }

    fn of_member(
        &self,
        element: &ElementDefinition,
        json_name: &str,
        ty: &'static TypeDefinition,
        definitions: &'static Definitions,
    ) -> Vec<Self> {
        // Extensions of a primitive are in its companion.
        let holder = if self.is_primitive() { self.companion } else { self.value };
        let all = |name: &str| holder.map_or(&[][..], |holder| holder.all(name));
        let (values, companions) = (all(json_name), all(&format!("_{json_name}")));
        let binding = element.binding.filter(|binding| binding.strength == Strength::Required);
        let there = |from: &'j [Json], at: usize| from.get(at).filter(|json| **json != Json::Null);
        let mut found = Vec::new();
        for at in 0..values.len().max(companions.len()) {
            let (value, companion) = (there(values, at), there(companions, at));
            if value.is_none() && companion.is_none() {
                continue;
            }
            // `Resource` stands for any of its kinds.
            let inner = value.filter(|_| ty.name == "Resource").and_then(|json| json.text_of("resourceType"));
            let ty = inner.and_then(|name| definitions.ty(name)).unwrap_or(ty);
            let value_set = binding.map(|binding| binding.value_set);
            found.push(Self { value, companion, ty, value_set, container: None });
        }
        found
    }
}
