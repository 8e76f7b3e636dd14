//! Transactions: from a Bundle to the operations that a store carries out, all or none.
//!
//! Specification: <https://hl7.org/fhir/R4/http.html#transaction>. Planning is pure: it checks every entry, gives
//! new resources their ids, and makes links between entries point to where those resources will be.

mod entry;
mod links;
mod report;
mod rewrite;

use std::collections::HashMap;

use entry::{Entry, Verb};
use links::Links;
use report::Report;

use crate::body::UNBOUNDED;
use crate::json::{Kind, Tree, Value};
use crate::outcome::{IssueType, OperationOutcome};
use crate::{Body, Id, ResourceType};

/// One entry's operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedEntry {
    /// The entry's place in the Bundle, from 0: responses go out in this order.
    pub index: usize,
    /// What to do.
    pub op: PlannedOp,
}

/// What an entry does to a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlannedOp {
    /// POST: a new resource.
    Create {
        /// The new id.
        id: Id,
        /// What to store, with that id.
        body: Body,
    },
    /// PUT: a new version, or a new resource under an id of the client's.
    Put {
        /// The resource's type.
        ty: ResourceType,
        /// The resource's id, which `body` has too.
        id: Id,
        /// What to store.
        body: Body,
        /// The version that must be the current one.
        if_match: Option<i64>,
    },
    /// DELETE.
    Delete {
        /// The resource's type.
        ty: ResourceType,
        /// The resource's id.
        id: Id,
        /// The version that must be the current one.
        if_match: Option<i64>,
    },
}

/// Plans a transaction: its operations in the order in which FHIR carries them out (DELETE, POST, PUT).
///
/// `bytes` is the text that the tree was parsed from, for positions. Each POST takes one id from `new_id`. Links to entries follow: a `reference`, whether it is an entry's
/// `urn:uuid:` or other `fullUrl` or `Type/id` of a resource that gets a new id; `urn:` placeholders in other
/// elements of type `uri` or `url`; and `href` and `src` in narratives. Not touched: identifiers, canonicals
/// and canonical `url`s, other texts, and Bundles inside the Bundle, whose links are their own.
///
/// ```
/// use rushlight_model::bundle::{PlannedOp, plan};
/// use rushlight_model::{Id, Limits, tree};
///
/// let bundle = br#"{"resourceType": "Bundle", "type": "transaction", "entry": [
///   {"fullUrl": "urn:uuid:9f0c", "resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient"}},
///   {"resource": {"resourceType": "Observation", "id": "o1", "subject": {"reference": "urn:uuid:9f0c"}},
///    "request": {"method": "PUT", "url": "Observation/o1", "ifMatch": "W/\"3\""}}
/// ]}"#;
/// let new = Id::new("p1")?;
/// let planned = plan(&tree(bundle, &Limits::default())?, bundle, &mut || new.clone())?;
/// let PlannedOp::Put { body, if_match, .. } = &planned[1].op else { return Err("a PUT")? };
/// assert_eq!(body.text(), r#"{"resourceType":"Observation","id":"o1","subject":{"reference":"Patient/p1"}}"#);
/// assert_eq!(*if_match, Some(3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// With every issue that was found (the first hundred): what is wrong, and what this server does not do.
pub fn plan(
    tree: &Tree,
    bytes: &[u8],
    new_id: &mut dyn FnMut() -> Id,
) -> Result<Vec<PlannedEntry>, OperationOutcome> {
    let mut report = Report::new(bytes);
    let entries: Vec<Entry<'_>> = match entries_of(tree.root(), &mut report) {
        Some(entries) => {
            let mut read = Vec::new();
            for (index, value) in entries.children().enumerate() {
                if report.is_full() {
                    break;
                }
                read.extend(Entry::read(index, value, new_id, &mut report));
            }
            read
        }
        None => Vec::new(),
    };
    refuse_same_identities(&entries, &mut report);
    let links = Links::of(&entries, &mut report);
    // Links to entries that were refused would only repeat what is reported.
    let whole = report.is_empty();
    let mut planned: Vec<(Verb, PlannedEntry)> = Vec::with_capacity(entries.len());
    for entry in entries {
        if report.is_full() {
            break;
        }
        let body = match entry.resource {
            Some(resource) => {
                let text = rewrite::rewritten(tree, resource, &entry, &links, whole, &mut report);
                match Body::parse(text.as_bytes(), &UNBOUNDED) {
                    Ok(body) => Some(body),
                    Err(error) => {
                        report.at(resource, error.kind.code(), error.kind.to_string());
                        continue;
                    }
                }
            }
            None => None,
        };
        planned.extend(operation(entry, body));
    }
    report.finish()?;
    planned.sort_by_key(|(verb, _)| *verb);
    Ok(planned.into_iter().map(|(_, planned)| planned).collect())
}

/// The array of entries of a transaction that has any.
fn entries_of<'t>(root: Value<'t>, report: &mut Report<'_>) -> Option<Value<'t>> {
    if root.kind() != Kind::Object {
        report.at(root, IssueType::Structure, "a Bundle is a JSON object");
        return None;
    }
    match root.get("resourceType") {
        Some(name) if name.as_str().as_deref() == Some("Bundle") => {}
        Some(name) => report.at(name, IssueType::Value, "a transaction is a Bundle"),
        None => report.missing(root, "resourceType", "a transaction is a Bundle"),
    }
    match root.get("type") {
        None => report.missing(root, "type", "type must be transaction"),
        Some(ty) => match ty.as_str().as_deref() {
            Some("transaction") => {}
            Some("batch") => {
                report.at(ty, IssueType::NotSupported, "batch is not supported; transaction is");
                return None;
            }
            _ => {
                report.at(ty, IssueType::Value, "type must be transaction");
                return None;
            }
        },
    }
    let entries = root.get("entry")?;
    if entries.kind() != Kind::Array {
        report.at(entries, IssueType::Structure, "entry must be an array");
        return None;
    }
    Some(entries)
}

/// Two entries must not act on the same resource: FHIR gives them no order.
fn refuse_same_identities(entries: &[Entry<'_>], report: &mut Report<'_>) {
    let mut seen: HashMap<(ResourceType, &Id), &Entry<'_>> = HashMap::with_capacity(entries.len());
    for entry in entries {
        if let Some(first) = seen.insert((entry.ty, &entry.id), entry) {
            let text = format!("entries {} and {} act on the same resource", first.index, entry.index);
            report.both(entry.url, first.url, IssueType::Duplicate, text);
        }
    }
}

fn operation(entry: Entry<'_>, body: Option<Body>) -> Option<(Verb, PlannedEntry)> {
    let Entry { index, verb, ty, id, if_match, .. } = entry;
    let op = match verb {
        Verb::Delete => PlannedOp::Delete { ty, id, if_match },
        Verb::Post => PlannedOp::Create { body: body?.with_id(&id), id },
        Verb::Put => PlannedOp::Put { ty, id, body: body?, if_match },
    };
    Some((verb, PlannedEntry { index, op }))
}

#[cfg(test)]
mod tests;
