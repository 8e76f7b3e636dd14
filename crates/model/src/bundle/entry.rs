//! One entry of a batch or transaction, checked.

use std::borrow::Cow;

use super::conditions::{self, Condition, Unless};
use super::criteria::Settled;
use super::report::Report;
use crate::body::suggestion;
use crate::body::{check_id, check_meta, resource_type};
use crate::json::{Kind, Value};
use crate::outcome::IssueType;
use crate::{Id, ResourceType, nearest};

/// What an entry does, in the order in which FHIR carries it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verb {
    Delete,
    Post,
    Put,
    Get,
    Head,
}

/// The verbs that are carried out, by name.
const VERBS: [(&str, Verb); 5] = [
    ("DELETE", Verb::Delete),
    ("POST", Verb::Post),
    ("PUT", Verb::Put),
    ("GET", Verb::Get),
    ("HEAD", Verb::Head),
];

impl Verb {
    fn name(self) -> &'static str {
        VERBS.iter().find(|(_, verb)| *verb == self).map_or("", |(name, _)| name)
    }

    /// Whether the entry has a resource.
    fn sends(self) -> bool {
        matches!(self, Self::Post | Self::Put)
    }

    /// Whether nothing is written.
    pub(super) fn reads(self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }
}

/// An entry in which nothing is wrong by itself.
pub(super) struct Entry<'t> {
    pub(super) index: usize,
    pub(super) verb: Verb,
    /// What is written: the type and id of the URL; of a POST, the new id. `None` where the entry reads.
    pub(super) target: Option<(ResourceType, Id)>,
    pub(super) condition: Condition,
    pub(super) unless: Unless,
    pub(super) full_url: Option<(Value<'t>, Cow<'t, str>)>,
    pub(super) resource: Option<Value<'t>>,
    /// `request.url`, and its text.
    pub(super) url: (Value<'t>, Cow<'t, str>),
    /// What says which resources are meant, instead of an id; and its element.
    pub(super) criteria: Option<(Value<'t>, Cow<'t, str>)>,
    /// The id that the resource has itself.
    pub(super) own_id: Option<(Value<'t>, Cow<'t, str>)>,
    /// What became of the criteria.
    pub(super) settled: Settled,
}

const ENTRY_MEMBERS: [&str; 6] = ["id", "extension", "link", "fullUrl", "resource", "request"];
const REQUEST_MEMBERS: [&str; 8] =
    ["id", "extension", "method", "url", "ifMatch", "ifNoneExist", "ifNoneMatch", "ifModifiedSince"];

impl<'t> Entry<'t> {
    /// Checks an entry; `None` when it cannot be carried out, and why is reported.
    pub(super) fn read(
        index: usize,
        entry: Value<'t>,
        new_id: &mut dyn FnMut() -> Id,
        report: &mut Report,
    ) -> Option<Self> {
        if entry.kind() != Kind::Object {
            report.at(entry, IssueType::Structure, "an entry is an object");
            return None;
        }
        only_members(entry, &ENTRY_MEMBERS, report);
        let full_url = full_url(entry, report);
        let Some(request) = entry.get("request") else {
            report.missing(entry, "request", "an entry of a batch or transaction has a request");
            return None;
        };
        if request.kind() != Kind::Object {
            report.at(request, IssueType::Structure, "request must be an object");
            return None;
        }
        only_members(request, &REQUEST_MEMBERS, report);
        let verb = verb(request, report);
        let url = string(request, "url", report);
        let ((verb, url), resource) = (verb.zip(url)?, entry.get("resource"));
        let (condition, unless) = conditions::read(request, verb, report);
        let criteria = criteria(request, verb, &url, report);
        let target = match verb.reads() {
            true => is_relative(url.0, &url.1, report).then_some(None),
            false => target(url.0, &url.1, verb, criteria.is_some(), report).map(Some),
        };
        if !resource_fits(entry, resource, verb, target.as_ref().and_then(Option::as_ref), url.0, report) {
            return None;
        }
        let target = target?.map(|(ty, id)| (ty, id.unwrap_or_else(new_id)));
        let own_id = resource.and_then(|resource| resource.get("id"));
        let own_id = own_id.and_then(|id| id.as_str().map(|text| (id, text)));
        let settled = Settled::default();
        Some(Self {
            index,
            verb,
            target,
            condition,
            unless,
            full_url,
            resource,
            url,
            criteria,
            own_id,
            settled,
        })
    }
}

/// What a URL names: a type, and an id unless the verb is POST.
type Target = (ResourceType, Option<Id>);

fn only_members(object: Value<'_>, known: &[&'static str], report: &mut Report) {
    for member in object.children() {
        if report.is_full() {
            return;
        }
        let Some(name) = member.name() else { continue };
        let bare = name.strip_prefix('_').unwrap_or(&name);
        if known.contains(&bare) {
            continue;
        }
        if bare == "modifierExtension" {
            report.at(member, IssueType::NotSupported, "modifier extensions are not supported here");
        } else if known.len() == ENTRY_MEMBERS.len() && matches!(bare, "search" | "response") {
            report.at(
                member,
                IssueType::Invariant,
                format!("an entry of a batch or transaction has no {bare}"),
            );
        } else {
            let near = nearest(bare, known.iter().copied());
            report.at(member, IssueType::Structure, format!("unknown element{}", suggestion(near)));
        }
    }
}

/// A member that must be there and be a string.
fn string<'t>(object: Value<'t>, name: &str, report: &mut Report) -> Option<(Value<'t>, Cow<'t, str>)> {
    let Some(value) = object.get(name) else {
        report.missing(object, name, format!("{name} is missing"));
        return None;
    };
    match value.as_str() {
        Some(text) if !text.is_empty() => Some((value, text)),
        _ => {
            report.at(value, IssueType::Value, format!("{name} must be a string that is not empty"));
            None
        }
    }
}

fn full_url<'t>(entry: Value<'t>, report: &mut Report) -> Option<(Value<'t>, Cow<'t, str>)> {
    entry.get("fullUrl")?;
    let (value, url) = string(entry, "fullUrl", report)?;
    if url.contains("/_history/") {
        report.at(value, IssueType::Invariant, "a fullUrl names no version");
        return None;
    }
    Some((value, url))
}

fn verb(request: Value<'_>, report: &mut Report) -> Option<Verb> {
    let (value, name) = string(request, "method", report)?;
    let known = VERBS.iter().find(|(known, _)| *known == name).map(|(_, verb)| *verb);
    match (known, &*name) {
        (Some(_), _) => {}
        (None, "PATCH") => report.at(value, IssueType::NotSupported, "PATCH is not supported yet"),
        _ => report.at(value, IssueType::Value, "method must be GET, HEAD, POST, PUT or DELETE"),
    }
    known
}

/// Whether a URL goes on from the server's base.
fn is_relative(at: Value<'_>, url: &str, report: &mut Report) -> bool {
    let is = !url.starts_with('/') && !url.contains("://");
    if !is {
        report.at(at, IssueType::Value, "url must be relative to the server's base, with no slash before it");
    }
    is
}

/// What stands instead of an id: `ifNoneExist` of a POST, and what follows the question mark in the URL of another write.
fn criteria<'t>(
    request: Value<'t>,
    verb: Verb,
    (at, url): &(Value<'t>, Cow<'t, str>),
    report: &mut Report,
) -> Option<(Value<'t>, Cow<'t, str>)> {
    match verb {
        Verb::Post => request.get("ifNoneExist").and_then(|_| string(request, "ifNoneExist", report)),
        Verb::Put | Verb::Delete => url.split_once('?').map(|(_, text)| (*at, Cow::Owned(text.to_owned()))),
        Verb::Get | Verb::Head => None,
    }
}

/// The URL of a write.
fn target(at: Value<'_>, url: &str, verb: Verb, conditional: bool, report: &mut Report) -> Option<Target> {
    let (url, query) = url.split_once('?').map_or((url, None), |(url, query)| (url, Some(query)));
    if query.is_some() && verb == Verb::Post {
        report.at(at, IssueType::Value, "the condition of a POST is in ifNoneExist");
        return None;
    }
    if !is_relative(at, url, report) {
        return None;
    }
    // FHIR writes it with a slash, and without.
    let url = if query.is_some() { url.strip_suffix('/').unwrap_or(url) } else { url };
    let (name, id) = url.split_once('/').map_or((url, None), |(name, id)| (name, Some(id)));
    if name.starts_with('$') || id.is_some_and(|id| id.contains('$')) {
        report.at(at, IssueType::NotSupported, "operations are not supported in a Bundle yet");
        return None;
    }
    let Some(ty) = ResourceType::from_name(name) else {
        let near = suggestion(ResourceType::nearest(name).map(ResourceType::name));
        report.at(at, IssueType::Value, format!("no resource type of FHIR before the slash or end{near}"));
        return None;
    };
    let refuse = |report: &mut Report, text: String| {
        report.at(at, IssueType::Value, text);
        None
    };
    match (verb, id) {
        (Verb::Post, None) => Some((ty, None)),
        (Verb::Post, Some(_)) => refuse(report, format!("the url of a POST is its type: {ty}")),
        (_, None) if conditional => Some((ty, None)),
        (_, Some(_)) if conditional => {
            refuse(report, "a url has an id, or criteria after its type, but not both".to_owned())
        }
        (_, None) => refuse(report, format!("the url of a {} is Type/id", verb.name())),
        (_, Some(id)) => match Id::new(id) {
            Ok(id) => Some((ty, Some(id))),
            Err(why) => refuse(report, format!("the url of a {} is Type/id: {why}", verb.name())),
        },
    }
}

/// Whether the entry has the resource that its request needs, and no other.
fn resource_fits(
    entry: Value<'_>,
    resource: Option<Value<'_>>,
    verb: Verb,
    target: Option<&Target>,
    url: Value<'_>,
    report: &mut Report,
) -> bool {
    let Some(resource) = resource else {
        if verb.sends() {
            report.missing(entry, "resource", format!("a {} has a resource", verb.name()));
        }
        return !verb.sends();
    };
    if !verb.sends() {
        report.at(resource, IssueType::Invalid, format!("a {} has no resource", verb.name()));
        return false;
    }
    if resource.kind() != Kind::Object {
        report.at(resource, IssueType::Structure, "a resource is a JSON object");
        return false;
    }
    let (Some(found), id) = (own_type(resource, report), own_id(resource, report)) else { return false };
    let Some((ty, wanted)) = target else { return false };
    let (name, own) = found;
    if own != *ty {
        let text = format!("the resource is of type {own}, its url says {ty}");
        report.both(name, url, IssueType::Invalid, text);
        return false;
    }
    match (wanted, id) {
        (None, Some(_)) => true,
        (Some(_), Some(None)) => {
            report.missing(resource, "id", "the resource of a PUT has the id of its url");
            false
        }
        (Some(wanted), Some(Some((at, id)))) if id != wanted.as_str() => {
            report.both(at, url, IssueType::Invalid, "the resource of a PUT has the id of its url");
            false
        }
        (_, id) => id.is_some(),
    }
}

fn own_type<'t>(resource: Value<'t>, report: &mut Report) -> Option<(Value<'t>, ResourceType)> {
    let Some(name) = resource.get("resourceType") else {
        report.missing(resource, "resourceType", "the member resourceType is missing");
        return None;
    };
    match resource_type(name.kind(), name.raw()) {
        Ok(ty) => Some((name, ty)),
        Err(kind) => {
            report.at(name, kind.code(), kind.to_string());
            None
        }
    }
}

/// The resource's id if it has one; `None` if the id or `meta` is wrong.
fn own_id<'t>(resource: Value<'t>, report: &mut Report) -> Option<Option<(Value<'t>, Cow<'t, str>)>> {
    let mut right = true;
    if let Some(meta) = resource.get("meta")
        && let Err(kind) = check_meta(meta.kind())
    {
        report.at(meta, kind.code(), kind.to_string());
        right = false;
    }
    let Some(id) = resource.get("id") else { return right.then_some(None) };
    if let Err(kind) = check_id(id.kind(), id.raw()) {
        report.at(id, kind.code(), kind.to_string());
        return None;
    }
    right.then(|| id.as_str().map(|text| (id, text)))
}
