//! The datatypes that entries are made of.

use rushlight_model::definitions::{Definitions, TypeDefinition, TypeKind};
use rushlight_model::primitive::Primitive;

use super::Sort;

/// What [`index`](super::index) tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Datatype {
    /// `boolean`
    Boolean,
    /// `decimal` and the kinds of integers.
    Number,
    /// `date`, `dateTime` and `instant`.
    Date,
    /// `code`
    Code,
    /// `uri`, `url`, `canonical`, `oid` and `uuid`.
    Uri,
    /// `string`, `markdown`, `id`, and any other primitive that is a text.
    Text,
    Coding,
    CodeableConcept,
    CodeableReference,
    Identifier,
    ContactPoint,
    HumanName,
    Address,
    Annotation,
    Period,
    Timing,
    /// `Quantity` and what is based on it.
    Quantity,
    Money,
    Range,
    SampledData,
    Reference,
    /// A whole resource of any type.
    Resource,
    /// `Location.position`
    Position,
    /// Anything else, of which no sort knows anything.
    Other,
}

impl Datatype {
    /// The datatype of elements with this definition.
    pub(crate) fn of(ty: &TypeDefinition, definitions: &Definitions) -> Self {
        match ty.kind {
            TypeKind::Resource => Self::Resource,
            TypeKind::Primitive => Primitive::from_name(ty.name).map_or(Self::Text, Self::of_primitive),
            TypeKind::Backbone | TypeKind::Datatype => Self::of_complex(ty, definitions),
        }
    }

    fn of_primitive(primitive: Primitive) -> Self {
        match primitive {
            Primitive::Boolean => Self::Boolean,
            Primitive::Decimal
            | Primitive::Integer
            | Primitive::Integer64
            | Primitive::UnsignedInt
            | Primitive::PositiveInt => Self::Number,
            Primitive::Date | Primitive::DateTime | Primitive::Instant => Self::Date,
            Primitive::Code => Self::Code,
            Primitive::Uri | Primitive::Url | Primitive::Canonical | Primitive::Oid | Primitive::Uuid => {
                Self::Uri
            }
            _ => Self::Text,
        }
    }

    fn of_complex(ty: &TypeDefinition, definitions: &Definitions) -> Self {
        match ty.name {
            "Coding" => Self::Coding,
            "CodeableConcept" => Self::CodeableConcept,
            "CodeableReference" => Self::CodeableReference,
            "Identifier" => Self::Identifier,
            "ContactPoint" => Self::ContactPoint,
            "HumanName" => Self::HumanName,
            "Address" => Self::Address,
            "Annotation" => Self::Annotation,
            "Period" => Self::Period,
            "Timing" => Self::Timing,
            "Money" => Self::Money,
            "Range" => Self::Range,
            "SampledData" => Self::SampledData,
            "Reference" => Self::Reference,
            "Location.position" => Self::Position,
            _ if ty.is_a(definitions, "Quantity") => Self::Quantity,
            _ => Self::Other,
        }
    }

    /// Whether elements of the datatype have entries of a sort.
    pub(crate) fn is_known_to(self, sort: Sort) -> bool {
        match sort {
            Sort::Token => matches!(
                self,
                Self::Boolean
                    | Self::Number
                    | Self::Date
                    | Self::Code
                    | Self::Uri
                    | Self::Text
                    | Self::Coding
                    | Self::CodeableConcept
                    | Self::CodeableReference
                    | Self::Identifier
                    | Self::ContactPoint
            ),
            Sort::Reference => {
                matches!(self, Self::Reference | Self::CodeableReference | Self::Resource | Self::Uri)
            }
            Sort::Date => matches!(self, Self::Date | Self::Period | Self::Timing),
            Sort::String => matches!(
                self,
                Self::Text
                    | Self::Code
                    | Self::Uri
                    | Self::Date
                    | Self::HumanName
                    | Self::Address
                    | Self::Annotation
                    | Self::Coding
                    | Self::CodeableConcept
                    | Self::ContactPoint
                    | Self::Identifier
            ),
            Sort::Number => matches!(self, Self::Number | Self::Range),
            Sort::Quantity => matches!(self, Self::Quantity | Self::Money | Self::Range | Self::SampledData),
            Sort::Uri => matches!(self, Self::Uri),
            Sort::Position => matches!(self, Self::Position),
        }
    }

    /// The sort of parameter that the datatype is made for; `None` where no sort knows it.
    pub(crate) fn sort(self) -> Option<Sort> {
        Some(match self {
            Self::Boolean
            | Self::Code
            | Self::Coding
            | Self::CodeableConcept
            | Self::CodeableReference
            | Self::Identifier
            | Self::ContactPoint => Sort::Token,
            Self::Reference | Self::Resource => Sort::Reference,
            Self::Date | Self::Period | Self::Timing => Sort::Date,
            Self::Text | Self::HumanName | Self::Address | Self::Annotation => Sort::String,
            Self::Number => Sort::Number,
            Self::Quantity | Self::Money | Self::Range | Self::SampledData => Sort::Quantity,
            Self::Uri => Sort::Uri,
            Self::Position => Sort::Position,
            Self::Other => return None,
        })
    }
}
