//! Links between entries, replaced in the text of a resource.

use std::borrow::Cow;
use std::ops::Range;

use super::criteria::{Around, Asked, Asker, Found};
use super::entry::Entry;
use super::links::{Link, Links, Neighbours};
use super::report::Report;
use crate::json::{Kind, Tree, Value, decode, quote};
use crate::outcome::IssueType;
use crate::{Id, ResourceType};

/// What links between the entries of a Bundle are.
pub(super) enum Between<'a> {
    /// Of a transaction: they follow.
    Followed(&'a dyn Around),
    /// Of a batch: there must be none, since any entry may fail.
    Refused,
}

/// Makes the texts of the resources of one Bundle.
pub(super) struct Rewriter<'a> {
    pub(super) tree: &'a Tree,
    pub(super) links: &'a Links,
    pub(super) between: Between<'a>,
    /// Whether a placeholder that no entry has is reported.
    pub(super) strict: bool,
}

impl<'a> Rewriter<'a> {
    /// A resource's compact text, with links to entries as they will be. Links that can't be are reported.
    pub(super) fn text(&self, resource: Value<'a>, entry: &Entry<'_>, report: &mut Report) -> Cow<'a, str> {
        let neighbours = entry.full_url.as_ref().and_then(|(_, url)| self.links.neighbours(url));
        let mut edits: Vec<Edit> = Vec::new();
        let mut at = resource.number();
        while at < resource.after() {
            let value = resource.numbered(at);
            at += 1;
            let edit = match value.kind() {
                // The links of a Bundle are between its own entries.
                Kind::Object if is_bundle(value) => {
                    at = value.after();
                    continue;
                }
                Kind::String => match role(value, resource) {
                    Role::Reference => {
                        let link = self.links.resolve(&value.as_str().unwrap_or_default(), neighbours);
                        self.written(link, entry.index)
                    }
                    Role::Uri => self.uri(value, entry.index),
                    Role::Identifier => self.identifier(value),
                    Role::Narrative => {
                        self.narrative(value, (entry.index, neighbours), &mut edits);
                        continue;
                    }
                    Role::Other => continue,
                },
                _ => continue,
            };
            match edit {
                Ok(Some(text)) => edits.push((value.span(), quoted(&text))),
                Ok(None) => {}
                Err((code, text)) => report.at(value, code, text),
            }
        }
        apply(self.tree, resource, &edits)
    }

    /// What a link becomes; `None` where it stays.
    fn written(&self, link: Link, entry: usize) -> Result<Option<String>, Refusal> {
        match (link, &self.between) {
            (Link::Elsewhere, _) => Ok(None),
            (Link::Missing, _) if !self.strict => Ok(None),
            (Link::Missing, _) => Err((IssueType::Invalid, "the Bundle writes no entry of this fullUrl")),
            (Link::Ambiguous, _) => {
                Err((IssueType::MultipleMatches, "several entries have a fullUrl that ends like this"))
            }
            (Link::Conditional { .. }, Between::Refused) => Err((
                IssueType::NotSupported,
                "conditional references are for transactions: another writer could come between",
            )),
            (Link::Conditional { ty, criteria, fragment }, Between::Followed(around)) => {
                match around.found(Asked { entry, by: Asker::Reference, ty, criteria: &criteria }) {
                    Found::These(ids) => Ok(ids.first().map(|id| format!("{ty}/{id}{fragment}"))),
                    Found::Later => Ok(None),
                    Found::NotSupported => {
                        Err((IssueType::NotSupported, "conditional references are not supported here"))
                    }
                }
            }
            (Link::Entry { target, fragment }, Between::Followed(_)) => {
                Ok(Some(format!("{target}{fragment}")))
            }
            (Link::Version { target, fragment }, Between::Followed(around)) => {
                match self.version(&target, *around) {
                    Some(version) => Ok(Some(format!("{target}/_history/{version}{fragment}"))),
                    None => Err((IssueType::NotSupported, "which version this entry will have is not known")),
                }
            }
            (Link::Entry { target, .. } | Link::Version { target, .. }, Between::Refused) => {
                match self.links.moved(&target) {
                    Some(_) => Err((
                        IssueType::BusinessRule,
                        "an entry of a batch can't refer to another, which may fail; send a transaction",
                    )),
                    None => Ok(None),
                }
            }
        }
    }

    fn version(&self, target: &str, around: &dyn Around) -> Option<i64> {
        if self.links.is_unwritten(target) {
            return None;
        }
        if let Some(Some(sure)) = self.links.moved(target) {
            return Some(sure);
        }
        let (ty, id) = target.split_once('/')?;
        around.version(ResourceType::from_name(ty)?, &Id::new(id).ok()?)
    }

    /// The entry that a placeholder in an element of a URI type stands for.
    fn placeholder(&self, value: Value<'_>) -> Option<Link> {
        if !value.raw().starts_with("\"urn:") {
            return None;
        }
        let target = self.links.placeholder(&value.as_str()?)?.to_owned();
        Some(Link::Entry { target, fragment: String::new() })
    }

    fn uri(&self, value: Value<'_>, entry: usize) -> Result<Option<String>, Refusal> {
        self.placeholder(value).map_or(Ok(None), |link| self.written(link, entry))
    }

    /// A UUID or OID can't become an address.
    fn identifier(&self, value: Value<'_>) -> Result<Option<String>, Refusal> {
        match self.placeholder(value) {
            None => Ok(None),
            Some(_) => Err((
                IssueType::BusinessRule,
                "this is the fullUrl of an entry, and its type can't hold the address that takes its place",
            )),
        }
    }

    /// Replaces `href` and `src` in XHTML that is written as a JSON string, and touches nothing else of it.
    fn narrative(
        &self,
        value: Value<'_>,
        (entry, neighbours): (usize, Option<&Neighbours>),
        edits: &mut Vec<Edit>,
    ) {
        if self.links.is_empty() || matches!(self.between, Between::Refused) {
            return;
        }
        let raw = value.raw();
        let start = value.span().start;
        let mut from = 0;
        while let Some(found) = attribute(raw, from) {
            from = found.end;
            let address = raw.get(found.clone()).unwrap_or_default();
            let link = self.links.resolve(&decode(address), neighbours);
            // Narratives link to what is written out.
            let followed = !matches!(link, Link::Missing | Link::Conditional { .. });
            if let (true, Ok(Some(text))) = (followed, self.written(link, entry)) {
                let inside = quoted(&text);
                edits.push((start + found.start..start + found.end, inside.trim_matches('"').to_owned()));
            }
        }
    }
}

type Edit = (Range<usize>, String);
type Refusal = (IssueType, &'static str);

/// What a string may hold.
enum Role {
    Reference,
    /// A `uri` or `url` that is no identity of its own.
    Uri,
    /// A `uuid` or `oid`.
    Identifier,
    Narrative,
    Other,
}

fn role(value: Value<'_>, resource: Value<'_>) -> Role {
    let Some(parent) = value.parent() else { return Role::Other };
    let name = match parent.kind() {
        Kind::Array => parent.name(),
        _ => value.name(),
    };
    match name.as_deref().unwrap_or_default() {
        "reference" => Role::Reference,
        "div" => Role::Narrative,
        "url" if is_identity(parent, resource) => Role::Other,
        // Elements of type uri and url that point to something. Not `system`, which names a system, and not
        // canonicals, which FHIR excepts.
        "url" | "uri" | "source" | "endpoint" | "address" | "policy" => Role::Uri,
        name if ["Uri", "Url"].iter().any(|end| name.ends_with(end)) => Role::Uri,
        name if ["Uuid", "Oid"].iter().any(|end| name.ends_with(end)) => Role::Identifier,
        _ => Role::Other,
    }
}

/// Whether the `url` of this object says what the object *is*: a canonical resource, or an extension.
fn is_identity(object: Value<'_>, resource: Value<'_>) -> bool {
    if object.number() == resource.number() || object.get("resourceType").is_some() {
        return true;
    }
    let list = object.parent().and_then(Value::name);
    matches!(list.as_deref(), Some("extension" | "modifierExtension"))
}

fn is_bundle(value: Value<'_>) -> bool {
    // Resources are in `resource` or `contained`; looking into every object would cost more.
    let listed = || value.parent().and_then(Value::name).is_some_and(|name| name == "contained");
    (value.name().is_some_and(|name| name == "resource") || listed())
        && value.get("resourceType").is_some_and(|name| name.as_str().is_some_and(|name| name == "Bundle"))
}

/// The value of the next `href` or `src` attribute.
fn attribute(raw: &str, from: usize) -> Option<Range<usize>> {
    let mut at = from;
    loop {
        let sign = at + raw.get(at..)?.find('=')?;
        at = sign + 1;
        let before = raw.get(from..sign)?.trim_end();
        let Some(before) = before.strip_suffix("href").or_else(|| before.strip_suffix("src")) else {
            continue;
        };
        // White space, which JSON may write as an escape, parts an attribute from what is before it.
        if ![" ", "\\n", "\\t", "\\r"].iter().any(|space| before.ends_with(space)) {
            continue;
        }
        let value = raw.get(at..)?.trim_start();
        let Some(mark) = ["\\\"", "'"].into_iter().find(|mark| value.starts_with(mark)) else { continue };
        let value = value.get(mark.len()..)?;
        let start = raw.len() - value.len();
        return value.find(mark).map(|length| start..start + length);
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    quote(&mut out, text);
    out
}

/// The text with the edits, which are in its order.
fn apply<'t>(tree: &'t Tree, resource: Value<'t>, edits: &[Edit]) -> Cow<'t, str> {
    if edits.is_empty() {
        return Cow::Borrowed(resource.raw());
    }
    let whole = resource.span();
    let mut out = String::with_capacity(whole.len() + edits.len() * 16);
    let mut from = whole.start;
    for (range, replacement) in edits {
        out.push_str(tree.text().get(from..range.start).unwrap_or_default());
        out.push_str(replacement);
        from = range.end;
    }
    out.push_str(tree.text().get(from..whole.end).unwrap_or_default());
    Cow::Owned(out)
}
