//! Primitive types: <https://hl7.org/fhir/R4/datatypes.html#primitive>.
//!
//! [`Primitive`] decides whether a text has its type's format. [`DateTime`], [`Time`] and [`Decimal`] say what such
//! a text means; the text itself is kept by whoever has it, so nothing is lost.
//!
//! One set of rules serves R4, R4B and R5. Where their regular expressions differ: fractions of a second and
//! decimals have any number of digits (R4), a `dateTime` without a time may have a zone (R5), white space may
//! stand between the groups of a `base64Binary` (R4), and a `code` has no white space but single spaces (R5, and
//! R4's own words). A time of a `dateTime` needs its zone, as both say in words and only R4 in its expression.

mod arithmetic;
mod calendar;
mod cursor;
mod decimal;
pub(crate) mod format;
mod temporal;

use crate::json::{Kind, Value, decode};

pub(crate) use calendar::civil_from_days;
pub use decimal::Decimal;
pub use temporal::{DateTime, Precision, Time};

/// Makes [`Primitive`] from rows of a type, its name, its JSON kind, and its format in plain words.
macro_rules! primitives {
    ($($variant:ident $name:literal $kind:ident $expected:literal;)*) => {
        /// A primitive type of R4, R4B or R5.
        ///
        /// ```
        /// use rushlight_model::json::{Limits, Tree};
        /// use rushlight_model::primitive::Primitive;
        ///
        /// let date = Primitive::from_name("date").unwrap();
        /// let born = Tree::parse(br#""2023-02-28""#, &Limits::default())?;
        /// assert_eq!(date.check(born.root()), Ok(()));
        /// assert_eq!(
        ///     date.check_text("2023-02-29").unwrap_err().to_string(),
        ///     "expected a date: YYYY, YYYY-MM or YYYY-MM-DD; there is no such day"
        /// );
        /// # Ok::<(), rushlight_model::json::JsonError>(())
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Primitive {
            $(#[doc = $expected] $variant,)*
        }

        impl Primitive {
            /// Every type.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The type of a name, as in `StructureDefinition.type`.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Its name in FHIR.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// What its values are in JSON.
            #[must_use]
            pub const fn kind(self) -> Kind {
                match self {
                    $(Self::$variant => Kind::$kind,)*
                }
            }

            /// Its format in plain words, beginning with an article.
            #[must_use]
            pub const fn expected(self) -> &'static str {
                match self {
                    $(Self::$variant => $expected,)*
                }
            }
        }
    };
}

primitives! {
    Boolean "boolean" Boolean "a boolean: true or false";
    Integer "integer" Number "an integer: a whole number from -2147483648 to 2147483647";
    Integer64 "integer64" String "an integer64: a string with a whole number of 64 bits";
    String "string" String "a string: 1 to 1048576 characters, no control characters but tab, CR and LF";
    Decimal "decimal" Number "a decimal: digits, perhaps with a minus, a point or an exponent";
    Uri "uri" String "a uri: at least one character, no white space";
    Url "url" String "a url: at least one character, no white space";
    Canonical "canonical" String "a canonical: at least one character, no white space";
    Base64Binary "base64Binary" String "a base64Binary: groups of four of A-Z, a-z, 0-9, + and /, the last padded with =";
    Instant "instant" String "an instant: YYYY-MM-DDThh:mm:ss, perhaps a fraction, and Z, +hh:mm or -hh:mm";
    Date "date" String "a date: YYYY, YYYY-MM or YYYY-MM-DD";
    DateTime "dateTime" String "a dateTime: YYYY, YYYY-MM, YYYY-MM-DD, or YYYY-MM-DDThh:mm:ss, perhaps a fraction, and Z, +hh:mm or -hh:mm";
    Time "time" String "a time: hh:mm:ss, perhaps a fraction; at most 23:59:60";
    Code "code" String "a code: at least one character, no white space but single spaces inside";
    Oid "oid" String "an oid: urn:oid: and numbers between points, the first at most 2";
    Id "id" String "an id: 1 to 64 of A-Z, a-z, 0-9, - and .";
    Markdown "markdown" String "a markdown: 1 to 1048576 characters, no control characters but tab, CR and LF";
    UnsignedInt "unsignedInt" Number "an unsignedInt: a whole number from 0 to 2147483647";
    PositiveInt "positiveInt" Number "a positiveInt: a whole number from 1 to 2147483647";
    Uuid "uuid" String "a uuid: urn:uuid: and 8-4-4-4-12 digits of 0-9 and a-f";
    Xhtml "xhtml" String "an xhtml: at least one character, no control characters but tab, CR and LF";
}

impl Primitive {
    /// Whether a JSON value is one of this type.
    ///
    /// Nothing is allocated unless the value is a string with escapes. Of `xhtml` only the characters are
    /// looked at, not what they mark up.
    ///
    /// # Errors
    /// When it is of another JSON kind or has another format.
    pub fn check(self, value: Value<'_>) -> Result<(), PrimitiveError> {
        let found = value.kind();
        if found != self.kind() {
            return Err(PrimitiveError { primitive: self, problem: Problem::Kind { found } });
        }
        let raw = value.raw();
        match raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(inside) => self.check_text(&decode(inside)),
            None => self.check_text(raw),
        }
    }

    /// Whether a decoded text, as it stands in an attribute of XML, is one of this type.
    ///
    /// # Errors
    /// When it has another format.
    pub fn check_text(self, text: &str) -> Result<(), PrimitiveError> {
        const INTEGER: i64 = i32::MAX as i64;
        let result = match self {
            _ if text.is_empty() => Err(Problem::Empty),
            Self::Boolean => format::boolean(text),
            Self::Integer => format::integer(text, b"-", -INTEGER - 1..=INTEGER),
            Self::Integer64 => format::integer64(text),
            Self::UnsignedInt => format::integer(text, b"", 0..=INTEGER),
            Self::PositiveInt => format::integer(text, b"", 1..=INTEGER),
            Self::Decimal => Decimal::parse(text).map(drop),
            Self::String | Self::Markdown => format::string(text),
            Self::Xhtml => format::characters(text),
            Self::Uri | Self::Url | Self::Canonical => format::uri(text),
            Self::Base64Binary => format::base64(text),
            Self::Instant => format::instant(text).map(drop),
            Self::Date => format::date(text).map(drop),
            Self::DateTime => format::date_time(text).map(drop),
            Self::Time => format::time(text).map(drop),
            Self::Code => format::code(text),
            Self::Oid => format::oid(text),
            Self::Id => format::id(text),
            Self::Uuid => format::uuid(text),
        };
        result.map_err(|problem| PrimitiveError { primitive: self, problem })
    }
}

/// A value that is not of its primitive type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {}; {problem}", primitive.expected())]
pub struct PrimitiveError {
    /// The type that it should have.
    pub primitive: Primitive,
    /// Why it has not.
    pub problem: Problem,
}

/// Why a value is not of a primitive type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is JSON of another kind.
    #[error("found {}", json_kind(*found))]
    Kind {
        /// The kind that it is.
        found: Kind,
    },
    /// It has no characters.
    #[error("it is empty")]
    Empty,
    /// It has another format.
    #[error("it is wrong from character {} on", at + 1)]
    Format {
        /// How many of its characters are right; all of them if it ends too early.
        at: usize,
    },
    /// A date that its month does not have.
    #[error("there is no such day")]
    NoSuchDay,
    /// A number that is too small or too large.
    #[error("the number is out of range")]
    OutOfRange,
    /// More characters than allowed.
    #[error("it is too long")]
    TooLong,
}

const fn json_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Object => "a JSON object",
        Kind::Array => "a JSON array",
        Kind::String => "a JSON string",
        Kind::Number => "a JSON number",
        Kind::Boolean => "a JSON boolean",
        Kind::Null => "null",
    }
}

#[cfg(test)]
mod tests;
