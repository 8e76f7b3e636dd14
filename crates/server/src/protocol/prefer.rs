//! What a client would like, and need not get: the header `Prefer`.
//!
//! <https://hl7.org/fhir/R4/http.html#ops>, [RFC 7240](https://www.rfc-editor.org/rfc/rfc7240).

use super::list::{split, unquoted};
use crate::error::Error;
use actix_web::http::header::HeaderMap;

/// What the answer to a write should hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// No body.
    Minimal,
    /// The resource.
    Representation,
    /// An OperationOutcome that says what was done.
    Outcome,
}

impl Return {
    const ALL: [(Self, &'static str); 3] = [
        (Self::Minimal, "minimal"),
        (Self::Representation, "representation"),
        (Self::Outcome, "OperationOutcome"),
    ];

    /// `Preference-Applied`.
    pub const fn applied(self) -> &'static str {
        match self {
            Self::Minimal => "return=minimal",
            Self::Representation => "return=representation",
            Self::Outcome => "return=OperationOutcome",
        }
    }
}

/// How strictly a request is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handling {
    /// As always: what is not known is refused.
    Strict,
    /// Parameters that are not known are passed over, with a warning.
    Lenient,
}

impl Handling {
    const ALL: [(Self, &'static str); 2] = [(Self::Strict, "strict"), (Self::Lenient, "lenient")];

    /// `Preference-Applied`.
    pub const fn applied(self) -> &'static str {
        match self {
            Self::Strict => "handling=strict",
            Self::Lenient => "handling=lenient",
        }
    }
}

/// The preferences that mean something here. Others are passed over, as RFC 7240 wants it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prefer {
    /// `return`
    pub returns: Option<Return>,
    /// `handling`
    pub handling: Option<Handling>,
}

impl Prefer {
    /// Reads the header; of a preference that is there twice, the first counts.
    ///
    /// # Errors
    /// 400 for what is no list of preferences.
    pub fn of(headers: &HeaderMap) -> Result<Self, Error> {
        let mut found = Self::default();
        let (mut returns, mut handling) = (false, false);
        for value in headers.get_all("Prefer") {
            for text in split(value.to_str().map_err(|_| bad())?, ',') {
                let (name, value) = preference(text).ok_or_else(bad)?;
                let first = |seen: &mut bool| !std::mem::replace(seen, true);
                if name.eq_ignore_ascii_case("return") && first(&mut returns) {
                    found.returns = known(&Return::ALL, value);
                } else if name.eq_ignore_ascii_case("handling") && first(&mut handling) {
                    found.handling = known(&Handling::ALL, value);
                }
            }
        }
        Ok(found)
    }
}

fn bad() -> Error {
    Error::BadHeader { name: "Prefer", expected: "preferences, as in return=minimal, handling=lenient" }
}

fn known<T: Copy>(all: &[(T, &str)], value: &str) -> Option<T> {
    let value = unquoted(value);
    all.iter().find(|(_, name)| name.eq_ignore_ascii_case(&value)).map(|(known, _)| *known)
}

/// The name and value of a preference, without its parameters. `None`: it is none.
fn preference(text: &str) -> Option<(&str, &str)> {
    let mut parts = split(text, ';').map(|part| part.split_once('=').unwrap_or((part, "")));
    let first = parts.next()?;
    let trimmed =
        |(name, value): (&'_ str, &'_ str)| is_token(name.trim_end()) && is_value(value.trim_start());
    (trimmed(first) && parts.all(trimmed)).then_some((first.0.trim_end(), first.1.trim_start()))
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

fn is_value(text: &str) -> bool {
    let quoted = text.len() > 1 && text.starts_with('"') && text.ends_with('"');
    text.is_empty() || quoted || is_token(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn prefer(text: &str) -> Result<Prefer, Error> {
        let mut headers = HeaderMap::new();
        for one in text.split('|') {
            headers.append(HeaderName::from_static("prefer"), HeaderValue::from_str(one).unwrap());
        }
        Prefer::of(&headers)
    }

    #[test]
    fn what_means_something_is_found_and_the_rest_passed_over() {
        use Handling::{Lenient, Strict};
        use Return::{Minimal, Outcome, Representation};
        for (text, returns, handling) in [
            ("return=minimal", Some(Minimal), None),
            ("return=\"representation\"; x=y", Some(Representation), None),
            ("Return = OperationOutcome , handling=LENIENT", Some(Outcome), Some(Lenient)),
            ("handling=strict|return=minimal", Some(Minimal), Some(Strict)),
            ("return=minimal, return=representation", Some(Minimal), None),
            ("return=everything, return=minimal", None, None),
            ("respond-async, wait=10, foo; bar=\"a,b;c\"", None, None),
            ("", None, None),
        ] {
            assert_eq!(prefer(text).unwrap(), Prefer { returns, handling }, "{text}");
        }
        for text in ["=minimal", "return=min imal", "return=\"minimal", "a b", "return=minimal;=x", "(x)"] {
            assert!(prefer(text).is_err(), "{text}");
        }
    }
}
