//! How a type's table becomes a struct with its builder, reader and writer.
//!
//! A row is `field: kind(Type) = "jsonName",` under a doc comment. The kinds are
//!
//! | kind | held as | builder method |
//! |---|---|---|
//! | `one` | `Option<Type>` | sets it |
//! | `many` | `Vec<Type>` | adds one |
//! | `primitive` | `Primitive<Type>` | sets it |
//! | `primitives` | `Vec<Primitive<Type>>` | adds one |
//! | `choice` | `Option<Type>`, a `choice!`; the name is what stands before the type's name | sets it |

pub(super) use super::code::*;
pub(super) use super::error::{ReadError, ReadErrorKind};
pub(super) use super::primitive::*;
pub(super) use super::raw::RawJson;
pub(super) use super::read::{self, Choice, Composite, Member, Object, Part};
pub(super) use super::write::{self, Writer};

/// The type of a field.
macro_rules! held {
    (primitive $ty:ty) => { Primitive<$ty> };
    (primitives $ty:ty) => { Vec<Primitive<$ty>> };
    (many $ty:ty) => { Vec<$ty> };
    ($kind:ident $ty:ty) => { Option<$ty> };
}

/// The builder method of a field.
macro_rules! setter {
    ($field:ident primitive $ty:ty) => {
        setter!($field, "Sets", Primitive<$ty>, |record, value| record.$field = value);
    };
    ($field:ident primitives $ty:ty) => {
        setter!($field, "Adds one to", Primitive<$ty>, |record, value| record.$field.push(value));
    };
    ($field:ident many $ty:ty) => {
        setter!($field, "Adds one to", $ty, |record, value| record.$field.push(value));
    };
    ($field:ident $kind:ident $ty:ty) => {
        setter!($field, "Sets", $ty, |record, value| record.$field = Some(value));
    };
    ($field:ident, $does:literal, $ty:ty, |$record:ident, $value:ident| $put:expr) => {
        #[doc = concat!($does, " `", stringify!($field), "`.")]
        #[must_use]
        pub fn $field(self, $value: impl Into<$ty>) -> Self {
            let mut $record = self;
            let $value = $value.into();
            $put;
            $record
        }
    };
}

/// Texts and values of a type, to and fro.
macro_rules! json_methods {
    ($name:ident) => {
        impl $name {
            /// Reads JSON, at most [64 levels](crate::json::Limits) of it.
            ///
            /// # Errors
            /// When the text is not JSON, or an element is not what its type says.
            pub fn from_json(bytes: &[u8]) -> Result<Self, ReadError> {
                let tree = crate::json::Tree::parse(bytes, &crate::json::Limits::default())?;
                Self::try_from(tree.root())
            }

            /// The value as JSON without white space.
            #[must_use]
            pub fn to_json(&self) -> String {
                let mut out = Writer::default();
                Composite::write(self, &mut out);
                out.into_text()
            }

            /// The value as JSON for people: a member a line, two spaces a level.
            #[must_use]
            pub fn to_json_pretty(&self) -> String {
                crate::json::pretty(&self.to_json())
            }
        }

        impl TryFrom<crate::json::Value<'_>> for $name {
            type Error = ReadError;

            fn try_from(value: crate::json::Value<'_>) -> Result<Self, ReadError> {
                read::root(value)
            }
        }
    };
}

/// A struct from its rows.
macro_rules! record {
    (
        $(#[$doc:meta])* $name:ident, resource: $resource:literal;
        $( $(#[$about:meta])* $field:ident: $kind:ident($ty:ty) = $json:literal, )*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct $name {
            $( $(#[$about])* pub $field: held!($kind $ty), )*
            /// Members that have no field here, by name; written after the others.
            pub other_members: Vec<(String, RawJson)>,
        }

        impl $name {
            /// One without any content.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }

            $( setter!($field $kind $ty); )*
        }

        impl Object for $name {
            const RESOURCE: bool = $resource;

            fn take(&mut self, member: &Member<'_>) -> Result<bool, ReadError> {
                Ok($( read::$kind(&mut self.$field, $json, member)? || )* false)
            }

            fn put(&self, out: &mut Writer) {
                $( write::$kind(&self.$field, $json, out); )*
            }

            fn other_members(&self) -> &[(String, RawJson)] {
                &self.other_members
            }

            fn keep(&mut self, name: String, value: RawJson) {
                self.other_members.push((name, value));
            }
        }

        impl Composite for $name {
            const TYPE: &'static str = stringify!($name);

            fn read(value: crate::json::Value<'_>, depth: usize) -> Result<Self, ReadError> {
                read::object(value, depth)
            }

            fn write(&self, out: &mut Writer) {
                out.object(self);
            }
        }

        json_methods!($name);
    };
}

/// A datatype: `id` and `extension`, then its rows.
macro_rules! datatype {
    ($(#[$doc:meta])* $name:ident { $($rows:tt)* }) => {
        record! {
            $(#[$doc])* $name, resource: false;
            /// Names the element inside its resource.
            id: primitive(String) = "id",
            /// What FHIR has no element for.
            extension: many(Extension) = "extension",
            $($rows)*
        }
    };
}

/// A part of a resource: also `modifierExtension`.
macro_rules! backbone {
    ($(#[$doc:meta])* $name:ident { $($rows:tt)* }) => {
        datatype! {
            $(#[$doc])* $name {
                /// Extensions that change the meaning of the rest; who does not know them must not use it.
                modifier_extension: many(Extension) = "modifierExtension",
                $($rows)*
            }
        }
    };
}

/// A resource: what every resource has, then its rows.
macro_rules! resource {
    ($(#[$doc:meta])* $name:ident { $($rows:tt)* }) => {
        record! {
            $(#[$doc])* $name, resource: true;
            /// The logical id, which the server's URL of the resource ends with.
            id: primitive(String) = "id",
            /// Version, time, profiles, tags.
            meta: one(Meta) = "meta",
            /// The rules that the content was made by and cannot be understood without.
            implicit_rules: primitive(String) = "implicitRules",
            /// The language of the content.
            language: primitive(String) = "language",
            $($rows)*
        }
    };
}

/// A resource with a narrative, contained resources and extensions.
macro_rules! domain_resource {
    ($(#[$doc:meta])* $name:ident { $($rows:tt)* }) => {
        resource! {
            $(#[$doc])* $name {
                /// The content for people to read.
                text: one(Narrative) = "text",
                /// Resources that exist only inside this one.
                contained: many(Resource) = "contained",
                /// What FHIR has no element for.
                extension: many(Extension) = "extension",
                /// Extensions that change the meaning of the rest; who does not know them must not use it.
                modifier_extension: many(Extension) = "modifierExtension",
                $($rows)*
            }
        }
    };
}

/// An element of several types, `value[x]`: a variant is named like the type in the element's JSON name.
macro_rules! choice {
    (
        $(#[$doc:meta])* $name:ident {
            $( $(#[$about:meta])* $variant:ident($ty:ty) $(from $($from:ty),+)?; )*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name {
            $( $(#[$about])* $variant($ty), )*
        }

        impl Choice for $name {
            fn take(held: &mut Option<Self>, suffix: &str, member: &Member<'_>) -> Result<bool, ReadError> {
                match suffix {
                    $( stringify!($variant) => {
                        if member.shadow && !<$ty as Part>::PRIMITIVE {
                            return Ok(false);
                        }
                        let mut part = match held.take() {
                            None => Default::default(),
                            Some(Self::$variant(part)) => part,
                            Some(_) => return Err(member.error(ReadErrorKind::SecondType)),
                        };
                        Part::fill(&mut part, member)?;
                        *held = Some(Self::$variant(part));
                        Ok(true)
                    } )*
                    _ => Ok(false),
                }
            }

            fn put(&self, prefix: &str, out: &mut Writer) {
                match self {
                    $( Self::$variant(part) => Part::put(part, prefix, stringify!($variant), out), )*
                }
            }
        }

        $( $( $(
            impl From<$from> for $name {
                fn from(value: $from) -> Self {
                    Self::$variant(value.into())
                }
            }
        )+ )? )*
    };
}
