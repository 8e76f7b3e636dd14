//! What an expression can give: of which types, and whether in an order.

use rushlight_model::definitions::{Definitions, ElementDefinition, TypeDefinition, TypeKind};
use rushlight_model::primitive::Primitive;

use crate::value::{TypeInfo, TypeSpec};

/// A type.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ty {
    System(&'static str),
    Fhir(&'static TypeDefinition),
}

/// What types are alike for operators and functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Boolean,
    Number,
    String,
    Quantity,
    Date,
    Time,
    Structure,
}

impl Ty {
    pub(super) fn name(self) -> String {
        match self {
            Self::System(name) => format!("System.{name}"),
            Self::Fhir(ty) => ty.name.to_owned(),
        }
    }

    pub(super) fn info(self, definitions: &'static Definitions) -> TypeInfo {
        match self {
            Self::System(name) => TypeInfo::system(name),
            Self::Fhir(ty) => TypeInfo::fhir(ty, definitions),
        }
    }

    pub(super) fn sort(self, definitions: &'static Definitions) -> Sort {
        let name = match self {
            Self::System(name) => name,
            Self::Fhir(ty) if ty.kind != TypeKind::Primitive => {
                return if ty.is_a(definitions, "Quantity") { Sort::Quantity } else { Sort::Structure };
            }
            Self::Fhir(ty) => match Primitive::from_name(ty.name) {
                Some(Primitive::Boolean) => "Boolean",
                Some(
                    Primitive::Integer
                    | Primitive::Integer64
                    | Primitive::PositiveInt
                    | Primitive::UnsignedInt
                    | Primitive::Decimal,
                ) => "Integer",
                Some(Primitive::Date | Primitive::DateTime | Primitive::Instant) => "Date",
                Some(Primitive::Time) => "Time",
                _ => "String",
            },
        };
        match name {
            "Boolean" => Sort::Boolean,
            "Integer" | "Decimal" => Sort::Number,
            "String" => Sort::String,
            "Quantity" => Sort::Quantity,
            "Date" | "DateTime" => Sort::Date,
            "Time" => Sort::Time,
            _ => Sort::Structure,
        }
    }

    fn is(self, other: Self) -> bool {
        match (self, other) {
            (Self::System(one), Self::System(other)) => one == other,
            (Self::Fhir(one), Self::Fhir(other)) => one.id == other.id,
            _ => false,
        }
    }
}

/// What an expression can give.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// The types that its items may have, none where there are no items; `None` where nothing is known.
    pub(super) types: Option<Vec<Ty>>,
    pub(super) ordered: bool,
}

impl Shape {
    pub(super) fn unknown() -> Self {
        Self { types: None, ordered: true }
    }

    /// Of what is never there.
    pub(super) fn nothing() -> Self {
        Self { types: Some(Vec::new()), ordered: true }
    }

    pub(super) fn of(ty: Ty) -> Self {
        Self { types: Some(vec![ty]), ordered: true }
    }

    pub(super) fn system(name: &'static str) -> Self {
        Self::of(Ty::System(name))
    }

    pub(super) fn of_spec(spec: TypeSpec) -> Self {
        match spec {
            TypeSpec::System("Any") | TypeSpec::Nothing => Self::unknown(),
            TypeSpec::System(name) => Self::system(name),
            TypeSpec::Fhir(ty) => Self::of(Ty::Fhir(ty)),
        }
    }

    /// What either gives.
    pub(super) fn or(self, other: Self) -> Self {
        let types = match (self.types, other.types) {
            (Some(mut types), Some(others)) => {
                for ty in others {
                    if !types.iter().any(|known| known.is(ty)) {
                        types.push(ty);
                    }
                }
                Some(types)
            }
            _ => None,
        };
        Self { types, ordered: self.ordered && other.ordered }
    }

    /// Whether none of its types is of the sort; nothing is known of what is unknown.
    pub(super) fn is_never(&self, definitions: &'static Definitions, fits: impl Fn(Sort) -> bool) -> bool {
        let never = |types: &Vec<Ty>| !types.is_empty() && !types.iter().any(|ty| fits(ty.sort(definitions)));
        self.types.as_ref().is_some_and(never)
    }

    /// The names of its types.
    pub(super) fn names(&self) -> String {
        let names: Vec<_> = self.types.iter().flatten().map(|ty| ty.name()).collect();
        match names.as_slice() {
            [] => "anything".to_owned(),
            names => names.join(" or "),
        }
    }
}

/// The types of an element, by the names that count in FHIRPath.
pub(super) fn types_of(element: &ElementDefinition, definitions: &'static Definitions) -> Vec<Ty> {
    element
        .types
        .iter()
        .filter_map(|ty| definitions.ty(ty.code).or(definitions.type_at(ty.ty)).map(Ty::Fhir))
        .collect()
}
