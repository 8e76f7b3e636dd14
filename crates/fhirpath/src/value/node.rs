//! A place in a tree: an element of FHIR, with its type.

use std::borrow::Cow;

use rushlight_model::definitions::{Definitions, ElementDefinition, TypeDefinition, TypeKind};
use rushlight_model::json::{self, Kind};
use rushlight_model::primitive::{DateTime, Primitive, Time};
use rust_decimal::Decimal;

use super::{Item, Items, Quantity, QuantityUnit, TypeInfo, Value, decimal};

const UCUM: &str = "http://unitsofmeasure.org";

/// An element or resource where it is in a tree.
///
/// A primitive element has its value, or its companion (`_name`, with id and extensions), or both.
#[derive(Clone, Copy, Debug)]
pub struct Node<'t> {
    pub(super) value: Option<json::Value<'t>>,
    pub(super) companion: Option<json::Value<'t>>,
    pub(super) ty: Option<&'static TypeDefinition>,
    pub(super) definitions: &'static Definitions,
}

impl<'t> Node<'t> {
    /// A resource, whose type its `resourceType` says.
    #[must_use]
    pub fn resource(value: json::Value<'t>, definitions: &'static Definitions) -> Self {
        let ty = resource_type(value, definitions);
        Self { value: Some(value), companion: None, ty, definitions }
    }

    /// An element of a type.
    #[must_use]
    pub fn element(
        value: json::Value<'t>,
        ty: &'static TypeDefinition,
        definitions: &'static Definitions,
    ) -> Self {
        Self { value: Some(value), companion: None, ty: Some(ty), definitions }
    }

    /// Something of which no more than its type is known: where a reference leads to.
    pub(crate) fn elsewhere(ty: &'static TypeDefinition, definitions: &'static Definitions) -> Self {
        Self { value: None, companion: None, ty: Some(ty), definitions }
    }

    /// Its JSON, if it has a value.
    #[must_use]
    pub fn json(self) -> Option<json::Value<'t>> {
        self.value
    }

    /// The JSON of its id and extensions, if it is a primitive and has some.
    #[must_use]
    pub fn companion(self) -> Option<json::Value<'t>> {
        self.companion
    }

    /// Its type, if the definitions have it.
    #[must_use]
    pub fn definition(self) -> Option<&'static TypeDefinition> {
        self.ty
    }

    /// The definitions that its type is from.
    #[must_use]
    pub fn definitions(self) -> &'static Definitions {
        self.definitions
    }

    /// Whether it is of the type of this name, or of one based on it.
    #[must_use]
    pub fn is_a(self, name: &str) -> bool {
        self.ty.is_some_and(|ty| ty.is_a(self.definitions, name))
    }

    /// Whether it is of a type, or of one based on it.
    pub(crate) fn is_of(self, ty: &TypeDefinition) -> bool {
        self.ty.is_some_and(|own| own.is_based_on(self.definitions, ty.id))
    }

    pub(crate) fn type_info(self) -> TypeInfo {
        match self.ty {
            Some(ty) => TypeInfo::fhir(ty, self.definitions),
            None => TypeInfo { namespace: "FHIR", name: "Element", base: None },
        }
    }

    /// Where its members are: in its JSON, or in its companion.
    pub(crate) fn object(self) -> Option<json::Value<'t>> {
        self.value.filter(|value| value.kind() == Kind::Object).or(self.companion)
    }

    /// The first child of a name.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Self> {
        let mut found = Items::new();
        self.children_named(name, &mut found);
        found.into_iter().find_map(|item| if let Item::Node(node) = item { Some(node) } else { None })
    }

    /// What a child of this name says, if it is a string.
    pub(crate) fn text(self, name: &str) -> Option<Cow<'t, str>> {
        self.get(name)?.value?.as_str()
    }

    /// Appends the children of a name, which is that of an element: `value`, not `valueQuantity`.
    pub(crate) fn children_named(self, name: &str, out: &mut Items<'t>) {
        let Some(object) = self.object() else { return };
        let Some(ty) = self.ty else { return self.push(object, name, None, out) };
        if let Some(member) = ty.member(name) {
            let element = ty.elements().get(usize::from(member.element));
            if let Some(element) = element.filter(|element| element.name == name) {
                let child = self.type_of(element, member.ty);
                return self.push(object, name, child, out);
            }
        }
        // The name of a choice has its type in it.
        for child in object.children() {
            let Some(json_name) = child.name() else { continue };
            let json_name = json_name.strip_prefix('_').unwrap_or(&json_name);
            let Some(member) = json_name.starts_with(name).then(|| ty.member(json_name)).flatten() else {
                continue;
            };
            if let Some(element) = ty.elements().get(usize::from(member.element))
                && element.name == name
            {
                let child = self.type_of(element, member.ty);
                return self.push(object, json_name, child, out);
            }
        }
    }

    /// The type of a member. One that only restricts another has that one's name in JSON, and in FHIRPath.
    fn type_of(self, element: &ElementDefinition, ty: u8) -> Option<&'static TypeDefinition> {
        let reference = element.types.get(usize::from(ty))?;
        let definition = self.definitions.type_at(reference.ty)?;
        if definition.name == reference.code { Some(definition) } else { self.definitions.ty(reference.code) }
    }

    /// Appends what a member of an object holds.
    fn push(
        self,
        object: json::Value<'t>,
        name: &str,
        ty: Option<&'static TypeDefinition>,
        out: &mut Items<'t>,
    ) {
        let primitive = ty.is_none_or(|ty| ty.kind == TypeKind::Primitive);
        let (mut value, mut companion) = (None, None);
        for child in object.children() {
            if child.is_named(name) {
                value = Some(child);
            } else if primitive && child.is_companion_of(name) {
                companion = Some(child);
            }
        }
        self.push_pair(value, companion, ty, out);
    }

    fn push_pair(
        self,
        value: Option<json::Value<'t>>,
        companion: Option<json::Value<'t>>,
        ty: Option<&'static TypeDefinition>,
        out: &mut Items<'t>,
    ) {
        let is_array =
            |value: &Option<json::Value<'_>>| value.is_some_and(|value| value.kind() == Kind::Array);
        if !is_array(&value) && !is_array(&companion) {
            return out.extend(self.child(value, companion, ty));
        }
        let items = |value: Option<json::Value<'t>>| value.into_iter().flat_map(json::Value::children);
        let (mut values, mut companions) = (items(value), items(companion));
        loop {
            let (value, companion) = (values.next(), companions.next());
            if value.is_none() && companion.is_none() {
                return;
            }
            out.extend(self.child(value, companion, ty));
        }
    }

    /// A child, unless there is nothing.
    fn child(
        self,
        value: Option<json::Value<'t>>,
        companion: Option<json::Value<'t>>,
        ty: Option<&'static TypeDefinition>,
    ) -> Option<Item<'t>> {
        let there = |value: &json::Value<'_>| value.kind() != Kind::Null;
        let (value, companion) = (value.filter(there), companion.filter(there));
        value.or(companion)?;
        // A resource inside another says itself what it is.
        let ty = match (ty, value) {
            (Some(ty), Some(value)) if ty.kind == TypeKind::Resource => {
                resource_type(value, self.definitions).or(Some(ty))
            }
            _ => ty,
        };
        Some(Item::Node(Self { value, companion, ty, definitions: self.definitions }))
    }

    /// Its children with the names of their elements, in the order of the text.
    pub(crate) fn children(self) -> Vec<(Cow<'t, str>, Items<'t>)> {
        let mut children: Vec<(Cow<'t, str>, Items<'t>)> = Vec::new();
        let Some(object) = self.object() else { return children };
        let is_resource = self.ty.is_none_or(|ty| ty.kind == TypeKind::Resource);
        for child in object.children() {
            let Some(name) = child.name() else { continue };
            if is_resource && name == "resourceType" {
                continue;
            }
            let companion = name.strip_prefix('_').map(str::to_owned);
            if companion.as_ref().is_some_and(|name| object.get(name).is_some()) {
                continue;
            }
            let json_name = companion.map_or(name, Cow::Owned);
            let (name, ty) = self.element_of(&json_name);
            let mut found = Items::new();
            self.push(object, &json_name, ty, &mut found);
            children.push((name.map_or(json_name, Cow::Borrowed), found));
        }
        children
    }

    /// The element's name and type of a member.
    pub(super) fn element_of(
        self,
        json_name: &str,
    ) -> (Option<&'static str>, Option<&'static TypeDefinition>) {
        let found = self.ty.and_then(|ty| {
            let member = ty.member(json_name)?;
            let element = ty.elements().get(usize::from(member.element))?;
            Some((Some(element.name), self.type_of(element, member.ty)))
        });
        found.unwrap_or_default()
    }

    /// Which primitive type it is of; by its JSON where the definitions say nothing.
    pub(crate) fn primitive(self) -> Option<Primitive> {
        match self.ty {
            Some(ty) if ty.kind == TypeKind::Primitive => Primitive::from_name(ty.name),
            Some(_) => None,
            None => match self.value?.kind() {
                Kind::String => Some(Primitive::String),
                Kind::Number => Some(Primitive::Decimal),
                Kind::Boolean => Some(Primitive::Boolean),
                _ => None,
            },
        }
    }

    /// Whether it is a primitive that has a value, not only extensions.
    #[must_use]
    pub fn has_value(self) -> bool {
        self.primitive().is_some() && self.value.is_some()
    }

    /// The value that it is converted to where one is needed: of primitives and quantities. What is not written as
    /// its type wants is a string.
    #[must_use]
    pub fn value(self) -> Option<Value<'t>> {
        let Some(primitive) = self.primitive() else {
            return self.quantity().map(Box::new).map(Value::Quantity);
        };
        let value = self.value?;
        let text = value.as_str().unwrap_or(Cow::Borrowed(value.raw()));
        let read = match primitive {
            Primitive::Boolean => text.parse().ok().map(Value::Boolean),
            Primitive::Integer | Primitive::Integer64 | Primitive::UnsignedInt | Primitive::PositiveInt => {
                text.parse().ok().map(Value::Integer)
            }
            Primitive::Decimal => {
                Some(decimal(&text).map_or_else(|| Value::Wide(text.clone()), Value::Decimal))
            }
            Primitive::Date => DateTime::parse(&text).ok().map(Value::Date),
            Primitive::DateTime | Primitive::Instant => DateTime::parse(&text).ok().map(Value::DateTime),
            Primitive::Time => Time::parse(&text).ok().map(Value::Time),
            _ => None,
        };
        Some(read.unwrap_or(Value::String(text)))
    }

    /// <https://hl7.org/fhir/R4/fhirpath.html#quantity>; one with a comparator is not any one quantity.
    fn quantity(self) -> Option<Quantity<'t>> {
        if !self.is_a("Quantity") || self.get("comparator").is_some() {
            return None;
        }
        let value: Decimal = decimal(self.get("value")?.value?.raw())?;
        let unit = match self.text("code") {
            Some(code) if self.text("system").as_deref() == Some(UCUM) => code,
            _ => self.text("unit").unwrap_or(Cow::Borrowed("1")),
        };
        Some(Quantity { value, unit: QuantityUnit::Ucum(unit) })
    }

    /// Whether two are the same place of the same tree.
    pub(crate) fn is_same(self, other: Self) -> bool {
        let same = |one: Option<json::Value<'_>>, other: Option<json::Value<'_>>| match (one, other) {
            (Some(one), Some(other)) => std::ptr::eq(one.raw(), other.raw()),
            (None, None) => true,
            _ => false,
        };
        (self.value.is_some() || self.companion.is_some())
            && same(self.value, other.value)
            && same(self.companion, other.companion)
    }
}

fn resource_type(
    value: json::Value<'_>,
    definitions: &'static Definitions,
) -> Option<&'static TypeDefinition> {
    definitions.ty(&value.get("resourceType")?.as_str()?)
}
