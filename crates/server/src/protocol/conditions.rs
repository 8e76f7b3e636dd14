//! Conditions on versions: entity tags and times. RFC 9110, section 13, and
//! <https://hl7.org/fhir/R4/http.html#concurrency>.

use super::list::split;
use crate::context::{one_header, version_number};
use crate::error::Error;
use actix_web::http::header::{HeaderMap, HttpDate};
use rushlight_persistence::Precondition;
use std::fmt::Display;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Whether the client has what it asks for: `If-None-Match`, or else `If-Modified-Since`.
///
/// `tag` is what stands between the quotes of the entity tag; the time is in microseconds since 1970.
///
/// # Errors
/// 400 for what is no list of entity tags. What is no HTTP-date is passed over, as the RFC wants it.
pub fn not_modified(headers: &HeaderMap, tag: &dyn Display, last_modified: i64) -> Result<bool, Error> {
    let mut lists = headers.get_all("If-None-Match").peekable();
    if lists.peek().is_some() {
        let tag = tag.to_string();
        let mut found = false;
        for list in lists {
            found |= lists_tag(list.to_str().map_err(|_| bad_tags())?, &tag)?;
        }
        return Ok(found);
    }
    let since = headers.get("If-Modified-Since").and_then(|value| value.to_str().ok());
    let Some(Ok(since)) = since.map(HttpDate::from_str) else { return Ok(false) };
    // Dates of HTTP are whole seconds.
    let seconds = u64::try_from(last_modified / 1_000_000).unwrap_or(0);
    Ok(UNIX_EPOCH + Duration::from_secs(seconds) <= SystemTime::from(since))
}

/// Whether a list of entity tags has this one, or is `*`. Whether tags are strong or weak makes no difference here; a
/// version's id without quotes is one, too, for some clients (fhirpy) send that.
///
/// # Errors
/// 400 for what is no such list.
pub fn lists_tag(list: &str, tag: &str) -> Result<bool, Error> {
    let bare = || version_number(list).map(|_| Tags::These(vec![list]));
    match Tags::parse(list).or_else(bare).ok_or_else(bad_tags)? {
        Tags::Any => Ok(true),
        Tags::These(tags) => Ok(tags.contains(&tag)),
    }
}

fn bad_tags() -> Error {
    Error::BadHeader { name: "If-None-Match", expected: "* or entity tags, as in W/\"3\", W/\"4\"" }
}

/// What an update asks of the current version.
///
/// # Errors
/// 400 for conditions that can't be read or exclude each other.
pub fn of_update(headers: &HeaderMap) -> Result<Precondition, Error> {
    let none = one_header(headers, "If-None-Match")?.map(str::trim);
    match (of_delete(headers)?, none) {
        (condition, None) => Ok(condition),
        (Precondition::None, Some("*")) => Ok(Precondition::IfNoneMatchAny),
        (Precondition::None, _) => Err(Error::BadHeader { name: "If-None-Match", expected: "*" }),
        _ => Err(Error::BadHeader { name: "If-None-Match", expected: "absent beside If-Match" }),
    }
}

/// What a delete asks of the current version.
///
/// # Errors
/// 400 for anything but one entity tag of ours; it may be strong or weak, for a version is never changed.
pub fn of_delete(headers: &HeaderMap) -> Result<Precondition, Error> {
    let Some(text) = one_header(headers, "If-Match")? else { return Ok(Precondition::None) };
    let version = match Tags::parse(text) {
        Some(Tags::These(tags)) => match tags.as_slice() {
            [tag] => version_number(tag),
            _ => None,
        },
        _ => None,
    };
    let expected = "one version, as in W/\"3\"";
    version.map(Precondition::IfMatch).ok_or(Error::BadHeader { name: "If-Match", expected })
}

/// A list of entity tags.
#[derive(Debug, PartialEq, Eq)]
enum Tags<'a> {
    /// `*`
    Any,
    /// What stands between their quotes.
    These(Vec<&'a str>),
}

impl<'a> Tags<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        if text.trim() == "*" {
            return Some(Self::Any);
        }
        let opaque = |tag: &'a str| {
            let inner = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?;
            (!inner.contains('"')).then_some(inner)
        };
        let tags: Vec<&str> = split(text, ',').map(opaque).collect::<Option<_>>()?;
        (!tags.is_empty()).then_some(Self::These(tags))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn headers(all: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| {
            (HeaderName::from_str(name).unwrap(), HeaderValue::from_str(value).unwrap())
        };
        all.iter().map(pair).collect()
    }

    #[test]
    fn tags_go_before_times() {
        const AT: i64 = 784_111_777_900_000;
        let (same, before, after) = (
            ("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("If-Modified-Since", "Sun, 06 Nov 1994 08:49:36 GMT"),
            ("If-Modified-Since", "Sunday, 06-Nov-94 08:49:38 GMT"),
        );
        for (given, expected) in [
            (vec![], false),
            (vec![("If-None-Match", "W/\"3\"")], true),
            (vec![("If-None-Match", "\"3\"")], true),
            (vec![("If-None-Match", "*")], true),
            (vec![("If-None-Match", "W/\"2\", \"a,b\",\"3\"")], true),
            (vec![("If-None-Match", "W/\"2\""), ("If-None-Match", "W/\"3\"")], true),
            (vec![("If-None-Match", "W/\"33\"")], false),
            (vec![("If-None-Match", "3")], true),
            (vec![("If-None-Match", "4")], false),
            (vec![same], true),
            (vec![after], true),
            (vec![before], false),
            (vec![("If-Modified-Since", "yesterday")], false),
            (vec![("If-None-Match", "W/\"2\""), same], false),
            (vec![("If-None-Match", "W/\"3\""), before], true),
        ] {
            assert_eq!(not_modified(&headers(&given), &3, AT).unwrap(), expected, "{given:?}");
        }
        for bad in ["x", "", "W/3", "\"3", "\"3\" \"4\"", "w/\"3\"", "*, \"3\""] {
            assert!(not_modified(&headers(&[("If-None-Match", bad)]), &3, AT).is_err(), "{bad}");
        }
    }

    #[test]
    fn writes_have_one_condition() {
        let update = |given: &[(&str, &str)]| of_update(&headers(given)).ok();
        assert_eq!(update(&[]), Some(Precondition::None));
        assert_eq!(update(&[("If-Match", "W/\"3\"")]), Some(Precondition::IfMatch(3)));
        assert_eq!(update(&[("If-Match", "\"3\"")]), Some(Precondition::IfMatch(3)));
        assert_eq!(update(&[("If-None-Match", "*")]), Some(Precondition::IfNoneMatchAny));
        for bad in [
            &[("If-Match", "3")][..],
            &[("If-Match", "W/\"03\"")],
            &[("If-Match", "W/\"1\", W/\"2\"")],
            &[("If-None-Match", "W/\"1\"")],
            &[("If-Match", "W/\"1\""), ("If-None-Match", "*")],
            &[("If-Match", "W/\"1\""), ("If-Match", "W/\"1\"")],
        ] {
            assert_eq!(update(bad), None, "{bad:?}");
        }
    }
}
