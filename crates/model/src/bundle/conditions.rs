//! The conditions of an entry's request: <https://hl7.org/fhir/R4/http.html#concurrency>.

use super::entry::Verb;
use super::report::Report;
use crate::json::Value;
use crate::outcome::IssueType;
use crate::parse_instant;

/// What must hold of the current version for a write to be carried out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    #[default]
    None,
    /// `ifMatch`: it is this one.
    Version(i64),
    /// `ifNoneMatch: *`: there is none.
    Absent,
}

/// When a read need not answer with the resource, because the client has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unless {
    /// `ifNoneMatch`, as in the header If-None-Match.
    pub none_match: Option<String>,
    /// `ifModifiedSince`, in microseconds since 1970.
    pub modified_since: Option<i64>,
}

/// Which conditions go with which verb, and what is said of the others.
const TABLE: [(&str, &[Verb], IssueType, &str); 4] = [
    ("ifMatch", &[Verb::Put, Verb::Delete], IssueType::Invalid, "ifMatch is for PUT and DELETE"),
    (
        "ifNoneMatch",
        &[Verb::Put, Verb::Get, Verb::Head],
        IssueType::Invalid,
        "ifNoneMatch is for PUT, GET and HEAD",
    ),
    ("ifModifiedSince", &[Verb::Get, Verb::Head], IssueType::Invalid, "ifModifiedSince is for GET and HEAD"),
    ("ifNoneExist", &[Verb::Post], IssueType::Invalid, "ifNoneExist is for POST"),
];

/// Reads the conditions of a request; what is wrong with them is reported.
pub(super) fn read(request: Value<'_>, verb: Verb, report: &mut Report) -> (Condition, Unless) {
    for (name, verbs, code, text) in TABLE {
        if let Some(value) = request.get(name).filter(|_| !verbs.contains(&verb)) {
            report.at(value, code, text);
        }
    }
    if matches!(verb, Verb::Get | Verb::Head) {
        return (Condition::None, unless(request, report));
    }
    let version = request.get("ifMatch").and_then(|value| version(value, report));
    match (version, request.get("ifNoneMatch").filter(|_| verb == Verb::Put)) {
        (version, None) => (version.map_or(Condition::None, Condition::Version), Unless::default()),
        (None, Some(value)) if value.as_str().as_deref() == Some("*") => {
            (Condition::Absent, Unless::default())
        }
        (found, Some(value)) => {
            let text = match found {
                None => "ifNoneMatch of a PUT must be *",
                Some(_) => "ifMatch and ifNoneMatch exclude each other",
            };
            report.at(value, IssueType::Value, text);
            (Condition::None, Unless::default())
        }
    }
}

/// An entity tag of ours, weak or strong.
fn version(value: Value<'_>, report: &mut Report) -> Option<i64> {
    let text = value.as_str().unwrap_or_default();
    let digits =
        text.strip_prefix("W/").unwrap_or(&text).strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let version = digits.and_then(|digits| digits.parse().ok()).filter(|version| *version > 0);
    if version.is_none() {
        report.at(value, IssueType::Value, "ifMatch must be W/\"n\", where n is a version's number");
    }
    version
}

fn unless(request: Value<'_>, report: &mut Report) -> Unless {
    let none_match = request.get("ifNoneMatch").and_then(|value| match value.as_str() {
        Some(text) if !text.is_empty() => Some(text.into_owned()),
        _ => {
            report.at(value, IssueType::Value, "ifNoneMatch must be W/\"n\" or *");
            None
        }
    });
    let modified_since = request.get("ifModifiedSince").and_then(|value| {
        let instant = value.as_str().and_then(|text| parse_instant(&text));
        if instant.is_none() {
            report.at(value, IssueType::Value, "ifModifiedSince must be an instant, as 2026-11-24T10:00:00Z");
        }
        instant
    });
    Unless { none_match, modified_since }
}
