//! Links between entries, replaced in the text of a resource.

use std::borrow::Cow;
use std::ops::Range;

use super::entry::Entry;
use super::links::{Link, Links, Neighbours};
use super::report::Report;
use crate::json::{Kind, Tree, Value, decode, quote};
use crate::outcome::IssueType;

/// The resource's compact text, with links to entries as they will be after the transaction.
///
/// A placeholder that no entry has is reported if `strict`, other links that cannot be followed always.
pub(super) fn rewritten<'t>(
    tree: &'t Tree,
    resource: Value<'t>,
    entry: &Entry<'_>,
    links: &Links,
    strict: bool,
    report: &mut Report<'_>,
) -> Cow<'t, str> {
    let neighbours = entry.full_url.as_ref().and_then(|(_, url)| links.neighbours(url));
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut at = resource.number();
    while at < resource.after() {
        let value = resource.numbered(at);
        at += 1;
        match value.kind() {
            // The links of a Bundle are between its own entries.
            Kind::Object if is_bundle(value) => at = value.after(),
            Kind::String => match role(value, resource) {
                Role::Reference => {
                    let link = links.resolve(&value.as_str().unwrap_or_default(), neighbours);
                    if link != Link::Missing || strict {
                        match reference(value, link) {
                            Ok(edit) => edits.extend(edit),
                            Err((code, text)) => report.at(value, code, text),
                        }
                    }
                }
                Role::Uri => edits.extend(uri(value, links)),
                Role::Narrative => narrative(value, neighbours, links, &mut edits),
                Role::Other => {}
            },
            _ => {}
        }
    }
    apply(tree, resource, &edits)
}

/// What a string may hold.
enum Role {
    Reference,
    /// A `uri` or `url` that is no identity of its own.
    Uri,
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
        name if ["Uri", "Url", "Uuid", "Oid"].iter().any(|end| name.ends_with(end)) => Role::Uri,
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

type Edit = (Range<usize>, String);

fn reference(value: Value<'_>, link: Link) -> Result<Option<Edit>, (IssueType, &'static str)> {
    match link {
        Link::Elsewhere => Ok(None),
        Link::Entry(target) => Ok(Some((value.span(), quoted(&target)))),
        Link::Missing => Err((IssueType::Invalid, "the Bundle creates no entry of this fullUrl")),
        Link::Ambiguous => {
            Err((IssueType::MultipleMatches, "several entries have a fullUrl that ends like this"))
        }
        Link::Version => Err((
            IssueType::NotSupported,
            "references to a version of an entry of the Bundle are not supported",
        )),
        Link::Conditional => Err((IssueType::NotSupported, "conditional references are not supported")),
    }
}

fn uri(value: Value<'_>, links: &Links) -> Option<Edit> {
    if !value.raw().starts_with("\"urn:") {
        return None;
    }
    let target = links.placeholder(&value.as_str()?)?.to_owned();
    Some((value.span(), quoted(&target)))
}

/// Replaces `href` and `src` in XHTML that is written as a JSON string, and touches nothing else of it.
fn narrative(value: Value<'_>, neighbours: Option<&Neighbours>, links: &Links, edits: &mut Vec<Edit>) {
    if links.is_empty() {
        return;
    }
    let raw = value.raw();
    let start = value.span().start;
    let mut from = 0;
    while let Some(found) = attribute(raw, from) {
        from = found.end;
        let address = raw.get(found.clone()).unwrap_or_default();
        if let Link::Entry(target) = links.resolve(&decode(address), neighbours) {
            let inside = quoted(&target);
            edits.push((start + found.start..start + found.end, inside.trim_matches('"').to_owned()));
        }
    }
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
