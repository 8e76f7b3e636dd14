//! Primitive values: <https://hl7.org/fhir/R4/datatypes.html#primitive>.

use std::fmt;

use super::elements::{Element, Extension};
use super::read::short;
use crate::json::{Kind, quote};
use crate::primitive::Primitive as Format;

/// A primitive element: its value, and what JSON puts under the name with an underscore.
///
/// Both may be missing; then the element is not there.
///
/// ```
/// use rushlight_model::typed::{Date, Extension, Patient, Primitive};
///
/// let born = Primitive::from(Date::new("1974-12")?).extension(
///     Extension::new().url("http://example.org/estimated").value(true),
/// );
/// let patient = Patient::new().birth_date(born);
/// assert_eq!(patient.birth_date.as_str(), Some("1974-12"));
/// assert!(patient.to_json().ends_with(
///     r#""birthDate":"1974-12","_birthDate":{"extension":[{"url":"http://example.org/estimated","valueBoolean":true}]}}"#
/// ));
/// # Ok::<(), rushlight_model::typed::InvalidPrimitive>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Primitive<T> {
    /// The value.
    pub value: Option<T>,
    /// Id and extensions.
    pub element: Option<Box<Element>>,
}

impl<T> Primitive<T> {
    /// The value, if there is one.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// Adds an extension.
    #[must_use]
    pub fn extension(mut self, extension: Extension) -> Self {
        self.element.get_or_insert_default().extension.push(extension);
        self
    }
}

impl<T: AsRef<str>> Primitive<T> {
    /// The value's text, if there is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.value.as_ref().map(AsRef::as_ref)
    }
}

impl<T> Default for Primitive<T> {
    fn default() -> Self {
        Self { value: None, element: None }
    }
}

impl<T> From<T> for Primitive<T> {
    fn from(value: T) -> Self {
        Self { value: Some(value), element: None }
    }
}

impl From<&str> for Primitive<String> {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<i32> for Primitive<Decimal> {
    fn from(number: i32) -> Self {
        Self::from(Decimal(number.to_string()))
    }
}

/// A value that JSON writes as a string, a number or a boolean.
pub(super) trait Scalar: Sized {
    /// FHIR's name of the type.
    const TYPE: &'static str;
    const KINDS: &'static [Kind];
    /// The kinds in words.
    const EXPECTED: &'static str;

    /// The value of a text, a string's without quotes and escapes; `None` if it is not of the format.
    fn read(text: &str, kind: Kind) -> Option<Self>;
    /// Appends the value as JSON.
    fn write(&self, out: &mut String);
}

impl Scalar for String {
    const TYPE: &'static str = "string";
    const KINDS: &'static [Kind] = &[Kind::String];
    const EXPECTED: &'static str = "a string";

    fn read(text: &str, _: Kind) -> Option<Self> {
        Some(text.to_owned())
    }

    fn write(&self, out: &mut String) {
        quote(out, self);
    }
}

/// Types whose every value has one spelling only.
macro_rules! exact {
    ($($ty:ty, $name:literal, $kind:ident, $expected:literal;)*) => { $(
        impl Scalar for $ty {
            const TYPE: &'static str = $name;
            const KINDS: &'static [Kind] = &[Kind::$kind];
            const EXPECTED: &'static str = $expected;

            fn read(text: &str, _: Kind) -> Option<Self> {
                text.parse().ok().filter(|value: &Self| value.to_string() == text)
            }

            fn write(&self, out: &mut String) {
                out.push_str(&self.to_string());
            }
        }
    )* };
}

exact! {
    bool, "boolean", Boolean, "a boolean";
    i32, "integer", Number, "a number";
    u32, "unsignedInt", Number, "a number";
}

/// A number of bytes, which releases write differently.
///
/// ```
/// use rushlight_model::typed::{Attachment, Size};
///
/// let attachment = Attachment::from_json(br#"{"size":"5000000000"}"#)?;
/// assert_eq!(attachment.size.get().map(|size| size.bytes()), Some(5_000_000_000));
/// # Ok::<(), rushlight_model::typed::ReadError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// R4 and R4B: an unsignedInt, a JSON number.
    Number(u32),
    /// R5: an integer64, a JSON string.
    Text(i64),
}

impl Size {
    /// The number.
    #[must_use]
    pub fn bytes(self) -> i64 {
        match self {
            Self::Number(bytes) => bytes.into(),
            Self::Text(bytes) => bytes,
        }
    }
}

impl From<u32> for Primitive<Size> {
    fn from(bytes: u32) -> Self {
        Self::from(Size::Number(bytes))
    }
}

impl Scalar for Size {
    const TYPE: &'static str = "unsignedInt or integer64";
    const KINDS: &'static [Kind] = &[Kind::Number, Kind::String];
    const EXPECTED: &'static str = "a number";

    fn read(text: &str, kind: Kind) -> Option<Self> {
        if kind == Kind::Number {
            return u32::read(text, kind).map(Self::Number);
        }
        text.parse().ok().filter(|bytes: &i64| bytes.to_string() == text).map(Self::Text)
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Number(bytes) => out.push_str(&bytes.to_string()),
            Self::Text(bytes) => quote(out, &bytes.to_string()),
        }
    }
}

/// A text that is not of a primitive type's format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not of type {expected}")]
pub struct InvalidPrimitive {
    /// The type.
    pub expected: &'static str,
    /// What is there; its first 64 characters.
    pub found: String,
}

/// Primitives that are kept as their text.
macro_rules! texts {
    ($( $(#[$doc:meta])* $name:ident, $ty:literal, $kind:ident, $expected:literal, |$out:ident, $text:ident| $write:expr; )*) => { $(
        $(#[$doc])*
        ///
        /// Two are equal if their texts are.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// The value that a text stands for.
            ///
            /// # Errors
            /// When the text is not of this format.
            pub fn new(text: &str) -> Result<Self, InvalidPrimitive> {
                if Format::$name.check_text(text).is_ok() {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(InvalidPrimitive { expected: $ty, found: short(text) })
                }
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Scalar for $name {
            const TYPE: &'static str = $ty;
            const KINDS: &'static [Kind] = &[Kind::$kind];
            const EXPECTED: &'static str = $expected;

            fn read(text: &str, _: Kind) -> Option<Self> {
                Self::new(text).ok()
            }

            fn write(&self, $out: &mut String) {
                let $text = &self.0;
                $write;
            }
        }
    )* };
}

texts! {
    /// A decimal number with the digits that it was written with: `1.00` is not `1.0`.
    Decimal, "decimal", Number, "a number", |out, text| out.push_str(text);
    /// A year, a month or a day: `1974`, `1974-12`, `1974-12-25`.
    Date, "date", String, "a string", |out, text| quote(out, text);
    /// A [`Date`], or a time of a day with its zone: `2026-11-24T10:43:30+01:00`.
    DateTime, "dateTime", String, "a string", |out, text| quote(out, text);
    /// A time known at least to the second: `2026-11-24T10:43:30.123Z`.
    Instant, "instant", String, "a string", |out, text| quote(out, text);
    /// A time of any day: `10:43:30`.
    Time, "time", String, "a string", |out, text| quote(out, text);
}
