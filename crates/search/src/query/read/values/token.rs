//! Tokens: <https://hl7.org/fhir/R4/search.html#token>.

use super::super::fault::{Fault, Result, quoted};
use super::super::rows::{Meant, Shape, text as text_of};
use super::super::text::{plain, split};
use super::nothing;
use super::string::begins;
use crate::query::{Op, Scalar};
use crate::table::TableId;
use crate::values::{cut, hash};

const CODE: usize = 0;
const SYSTEM: usize = 1;

/// A coded value, as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Coded {
    /// `None`: any, or none. Empty: none.
    pub(in super::super) system: Option<String>,
    /// `None`: any.
    pub(in super::super) code: Option<String>,
}

impl Coded {
    /// `code`, `system|code`, `|code` or `system|`.
    pub(in super::super) fn read(text: &str) -> Result<Self> {
        let parts: Vec<&str> = split(text, '|').collect();
        let own = |text: &str| plain(text).map(|text| text.into_owned());
        match parts[..] {
            ["", ""] | [""] => Err(nothing("the code")),
            [code] => Ok(Self { system: None, code: Some(own(code)?) }),
            [system, ""] => Ok(Self { system: Some(own(system)?), code: None }),
            [system, code] => Ok(Self { system: Some(own(system)?), code: Some(own(code)?) }),
            _ => {
                let text = format!("{} has more than one bar: write \\| for one in a code", quoted(text));
                Err(Fault::value(text))
            }
        }
    }

    pub(in super::super) fn shape(&self) -> Shape {
        let mut shape = Shape::of(TableId::TOKEN);
        if let Some(code) = &self.code {
            shape = shape.and(CODE, Op::Is(text_of(cut(code))));
        }
        if let Some(system) = &self.system {
            shape = shape.and(SYSTEM, Op::Is(Scalar::Int(hash(system))));
        }
        shape
    }

    pub(in super::super) fn words(&self) -> String {
        match (self.system.as_deref(), self.code.as_deref()) {
            (None, code) => format!("is {}", code.unwrap_or("anything")),
            (Some(""), Some(code)) => format!("is {code} without a system"),
            (Some(system), Some(code)) => format!("is {code} of {system}"),
            (Some(system), None) => format!("is of {system}"),
        }
    }
}

pub(in super::super) fn token(text: &str) -> Result<Meant> {
    let coded = Coded::read(text)?;
    Ok(Meant::one(coded.shape(), coded.words()))
}

/// `:text`: what is displayed begins with it.
pub(in super::super) fn text(text: &str) -> Result<Meant> {
    let (op, words) = begins(text)?;
    Ok(Meant::one(Shape::of(TableId::TOKEN_TEXT).and(0, op), format!("is displayed as a text that {words}")))
}

/// `:of-type`: `system|code|value`.
pub(in super::super) fn of_type(text: &str) -> Result<Meant> {
    let parts: Vec<&str> = split(text, '|').collect();
    let [system, code, value] = parts[..] else {
        let text = "the value of :of-type is system|code|value: the identifier's type, and its value";
        return Err(Fault::value(text));
    };
    let (system, code, value) = (plain(system)?, plain(code)?, plain(value)?);
    if code.is_empty() || value.is_empty() {
        return Err(nothing("the type's code or the identifier's value"));
    }
    let shape = Shape::of(TableId::TOKEN_TYPE)
        .and(0, Op::Is(text_of(cut(&value))))
        .and(1, Op::Is(text_of(cut(&code))))
        .and(2, Op::Is(Scalar::Int(hash(&system))));
    let of = if system.is_empty() { String::new() } else { format!(" of {system}") };
    Ok(Meant::one(shape, format!("is {value}, of the type {code}{of}")))
}
