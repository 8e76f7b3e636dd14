//! Types: <https://hl7.org/fhirpath/N1/#types-and-reflection>.

use rushlight_model::definitions::{Definitions, TypeDefinition, TypeKind};
use rushlight_model::nearest;

use super::Item;
use crate::error::{ErrorKind, Fault};
use crate::syntax::TypeName;

/// A type as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeInfo {
    /// `System` or `FHIR`.
    pub namespace: &'static str,
    /// `Integer`, `Patient`; of a backbone element its path.
    pub name: &'static str,
    /// The name of the type that it is based on, with its namespace, if it is based on one.
    pub base: Option<&'static str>,
}

impl TypeInfo {
    pub(crate) const fn system(name: &'static str) -> Self {
        Self { namespace: "System", name, base: None }
    }

    pub(crate) fn fhir(ty: &'static TypeDefinition, definitions: &'static Definitions) -> Self {
        let base = ty.base.and_then(|base| definitions.type_at(base)).map(|base| base.name);
        Self { namespace: "FHIR", name: ty.name, base }
    }
}

impl std::fmt::Display for TypeInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.namespace, self.name)
    }
}

const SYSTEM: [&str; 9] =
    ["Boolean", "String", "Integer", "Decimal", "Date", "DateTime", "Time", "Quantity", "Any"];

/// A type that is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TypeSpec {
    System(&'static str),
    Fhir(&'static TypeDefinition),
    /// A type of FHIR that is looked for in the namespace `System`.
    Nothing,
}

impl TypeSpec {
    /// The type of a name; without a namespace, FHIR's before the others.
    pub(crate) fn of(name: &TypeName, definitions: &'static Definitions) -> Result<Self, Fault> {
        let fhir = definitions.ty(&name.name).map(TypeSpec::Fhir);
        let system = SYSTEM.into_iter().find(|known| **known == *name.name).map(TypeSpec::System);
        let found = match name.namespace.as_deref() {
            None => fhir.or(system),
            Some("FHIR") => fhir,
            Some("System") => system.or(fhir.map(|_| TypeSpec::Nothing)),
            Some(_) => None,
        };
        found.ok_or_else(|| {
            let suggestion = nearest(&name.name, suggestions(definitions)).map(str::to_owned);
            Fault::new(name.place.0, ErrorKind::UnknownType { name: name.to_string(), suggestion })
        })
    }

    /// Whether an item is of it, or of a type based on it.
    pub(crate) fn is(self, item: &Item<'_>) -> bool {
        match (self, item) {
            (Self::System("Any"), _) => true,
            (Self::System(name), Item::Value(value)) => value.type_name() == name,
            (Self::Fhir(ty), Item::Value(value)) => ty.name == "Quantity" && value.type_name() == "Quantity",
            (Self::Fhir(ty), Item::Node(node)) => node.is_of(ty),
            _ => false,
        }
    }

    /// Whether `as` and `ofType` let an item through. A primitive must be of just this type: a `code` is no `string`.
    pub(crate) fn admits(self, item: &Item<'_>) -> bool {
        match (self, item) {
            (Self::Fhir(ty), Item::Node(node)) if ty.kind == TypeKind::Primitive => {
                node.definition().is_some_and(|own| own.id == ty.id)
            }
            _ => self.is(item),
        }
    }
}

/// The names that a type may have.
fn suggestions(definitions: &'static Definitions) -> impl Iterator<Item = &'static str> {
    definitions.types().iter().map(|ty| ty.name).chain(SYSTEM)
}
