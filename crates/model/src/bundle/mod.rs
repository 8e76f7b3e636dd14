//! Batches and transactions: from a Bundle to the operations of its entries.
//!
//! Specification: <https://hl7.org/fhir/R4/http.html#transaction>. Planning is pure: it checks every entry, gives
//! new resources their ids, and makes links between the entries of a transaction point to where those resources
//! will be.

mod conditions;
mod criteria;
mod entry;
mod links;
mod report;
mod rewrite;

use std::collections::HashMap;

pub use conditions::{Condition, Unless};
use criteria::Settled;
pub use criteria::{Around, Asked, Asker, Found};
use entry::{Entry, Verb};
use links::Links;
use report::Report;
use rewrite::{Between, Rewriter};

use crate::json::{Kind, Tree, Value};
use crate::outcome::{IssueType, OperationOutcome};
use crate::{Body, Id, ResourceType};

/// Issues of a transaction that are told, and of an entry of a batch; of a batch together, beyond one for each entry.
const MOST: usize = 100;
const MOST_OF_ENTRY: usize = 10;
const MOST_OF_BATCH: usize = 1000;

/// One entry's operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedEntry {
    /// The entry's place in the Bundle, from 0: responses go out in this order.
    pub index: usize,
    /// What to do.
    pub op: PlannedOp,
}

/// What an entry does.
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
        /// What must hold first.
        condition: Condition,
    },
    /// DELETE.
    Delete {
        /// The resource's type.
        ty: ResourceType,
        /// The resource's id.
        id: Id,
        /// What must hold first.
        condition: Condition,
    },
    /// POST, of what is there already: it is not made.
    Exists {
        /// The resource's type.
        ty: ResourceType,
        /// The resource's id.
        id: Id,
    },
    /// DELETE of what criteria match.
    DeleteFound {
        /// The resources' type.
        ty: ResourceType,
        /// Their ids.
        ids: Vec<Id>,
        /// What must hold first, if it is one.
        condition: Condition,
    },
    /// Of a batch: POST, PUT or DELETE of what criteria match, which nobody has looked for yet.
    Conditional {
        /// Which of them.
        by: Asker,
        /// The type.
        ty: ResourceType,
        /// Names and values, as after the question mark of a URL.
        criteria: String,
        /// What to store, with the id that it has itself, if any; `None` for a DELETE.
        body: Option<Body>,
        /// What must hold first.
        condition: Condition,
    },
    /// GET or HEAD, of whatever is served at a URL.
    Get {
        /// The URL, relative to the base; with its parameters.
        url: String,
        /// HEAD: the answer has no resource.
        head: bool,
        /// When the answer need have none.
        unless: Unless,
    },
}

/// An entry of a batch: what it does, or why it can't.
#[derive(Debug)]
pub struct BatchEntry {
    /// The entry's place in the Bundle, from 0.
    pub index: usize,
    /// Its operation.
    pub op: Result<PlannedOp, OperationOutcome>,
}

/// The two kinds of Bundle that ask for something to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interaction {
    /// Each entry by itself.
    Batch,
    /// All or none.
    Transaction,
}

impl Interaction {
    /// The Bundle's type, as it says itself; `None` for any other.
    #[must_use]
    pub fn of(bundle: Value<'_>) -> Option<Self> {
        match bundle.get("type")?.as_str()?.as_ref() {
            "batch" => Some(Self::Batch),
            "transaction" => Some(Self::Transaction),
            _ => None,
        }
    }
}

/// How many entries a Bundle has.
#[must_use]
pub fn count(bundle: Value<'_>) -> usize {
    bundle.get("entry").map_or(0, |entries| entries.children().count())
}

/// Plans a transaction: its operations in the order in which FHIR carries them out (DELETE, POST, PUT, GET, HEAD).
///
/// `bytes` is the text that the tree was parsed from, for positions. Each POST takes one id from `new_id`. Links to
/// entries follow: a `reference`, whether it is an entry's `urn:uuid:` or other `fullUrl` or `Type/id` of a resource
/// that gets a new id; `urn:` placeholders in other elements of type `uri` or `url`; and `href` and `src` in
/// narratives. A link to a version of such an entry leads to the version that is written: 1 for a POST, for a PUT
/// what `around` says. Not touched: identifiers, canonicals and canonical `url`s, other texts, and Bundles inside
/// the Bundle, whose links are their own.
///
/// ```
/// use rushlight_model::bundle::{Condition, PlannedOp, plan};
/// use rushlight_model::{Id, Limits, tree};
///
/// let bundle = br#"{"resourceType": "Bundle", "type": "transaction", "entry": [
///   {"fullUrl": "urn:uuid:9f0c", "resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient"}},
///   {"resource": {"resourceType": "Observation", "id": "o1", "subject": {"reference": "urn:uuid:9f0c"}},
///    "request": {"method": "PUT", "url": "Observation/o1", "ifMatch": "W/\"3\""}}
/// ]}"#;
/// let new = Id::new("p1")?;
/// let planned = plan(&tree(bundle, &Limits::default())?, bundle, &mut || new.clone(), &())?;
/// let PlannedOp::Put { body, condition, .. } = &planned[1].op else { return Err("a PUT")? };
/// assert_eq!(body.text(), r#"{"resourceType":"Observation","id":"o1","subject":{"reference":"Patient/p1"}}"#);
/// assert_eq!(*condition, Condition::Version(3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// With every issue that was found (the first hundred): what is wrong, and what this server does not do.
pub fn plan(
    tree: &Tree,
    bytes: &[u8],
    new_id: &mut dyn FnMut() -> Id,
    around: &dyn Around,
) -> Result<Vec<PlannedEntry>, OperationOutcome> {
    let mut report = Report::new(MOST);
    let mut entries = Vec::new();
    for (index, value) in entries_of(tree.root(), Interaction::Transaction, &mut report).enumerate() {
        if report.is_full() {
            break;
        }
        entries.extend(Entry::read(index, value, new_id, &mut report));
    }
    criteria::settle(&mut entries, around, &mut report);
    refuse_same_identities(&entries, &mut report);
    for (entry, first) in same_full_urls(&entries) {
        report.both(entry.1, first, IssueType::Duplicate, SAME_FULL_URL);
    }
    let links = Links::of(&entries);
    // Links to entries that were refused would only repeat what is reported.
    let strict = report.is_empty();
    let rewriter = Rewriter { tree, links: &links, between: Between::Followed(around), strict };
    let mut planned: Vec<(Verb, PlannedEntry)> = Vec::with_capacity(entries.len());
    for entry in entries {
        if report.is_full() {
            break;
        }
        let (verb, index) = (entry.verb, entry.index);
        planned.extend(operation(entry, &rewriter, &mut report).map(|op| (verb, PlannedEntry { index, op })));
    }
    report.finish(bytes)?;
    planned.sort_by_key(|(verb, _)| *verb);
    Ok(planned.into_iter().map(|(_, planned)| planned).collect())
}

/// Plans a batch: its operations in the order in which a transaction would carry them out, so that the two agree;
/// entries that can't be carried out come first.
///
/// As [`plan`], but each entry by itself: a link to another that gets a new id is refused.
///
/// # Errors
/// Where the Bundle as a whole is none that can be carried out.
pub fn plan_batch(
    tree: &Tree,
    bytes: &[u8],
    new_id: &mut dyn FnMut() -> Id,
) -> Result<Vec<BatchEntry>, OperationOutcome> {
    let mut whole = Report::new(MOST);
    let values: Vec<Value<'_>> = entries_of(tree.root(), Interaction::Batch, &mut whole).collect();
    let mut told = 0;
    let mut reports: Vec<Report> = Vec::with_capacity(values.len());
    let mut entries = Vec::with_capacity(values.len());
    for (index, value) in values.into_iter().enumerate() {
        let mut report = Report::new(if told < MOST_OF_BATCH { MOST_OF_ENTRY } else { 1 });
        entries.extend(Entry::read(index, value, new_id, &mut report));
        told += report.len();
        reports.push(report);
    }
    for ((index, value), first) in same_full_urls(&entries) {
        if let Some(report) = reports.get_mut(index) {
            report.both(value, first, IssueType::Duplicate, SAME_FULL_URL);
        }
    }
    let links = Links::of(&entries);
    whole.finish(bytes)?;
    let rewriter = Rewriter { tree, links: &links, between: Between::Refused, strict: true };
    let mut planned: Vec<(Option<Verb>, usize, Option<PlannedOp>)> = Vec::with_capacity(reports.len());
    let mut entries = entries.into_iter().peekable();
    for (index, report) in reports.iter_mut().enumerate() {
        let entry = entries.next_if(|entry| entry.index == index).filter(|_| report.is_empty());
        let verb = entry.as_ref().map(|entry| entry.verb);
        let op = entry.and_then(|entry| operation(entry, &rewriter, report));
        planned.push((verb, index, op));
    }
    report::place(&mut reports, bytes);
    let mut batch: Vec<(Option<Verb>, BatchEntry)> = planned
        .into_iter()
        .zip(reports)
        .map(|((verb, index, op), report)| {
            let op = op.filter(|_| report.is_empty()).ok_or_else(|| report.outcome());
            (verb.filter(|_| op.is_ok()), BatchEntry { index, op })
        })
        .collect();
    batch.sort_by_key(|(verb, _)| *verb);
    Ok(batch.into_iter().map(|(_, entry)| entry).collect())
}

/// The entries of a Bundle that has the right shape and type.
fn entries_of<'t>(
    root: Value<'t>,
    interaction: Interaction,
    report: &mut Report,
) -> impl Iterator<Item = Value<'t>> + use<'t> {
    let entries = if root.kind() == Kind::Object {
        refuse_other_bundles(root, interaction, report);
        root.get("entry")
    } else {
        report.at(root, IssueType::Structure, "a Bundle is a JSON object");
        None
    };
    let array = entries.filter(|entries| entries.kind() == Kind::Array);
    if let (Some(entries), None) = (entries, array) {
        report.at(entries, IssueType::Structure, "entry must be an array");
    }
    let right = report.is_empty();
    array.into_iter().filter(move |_| right).flat_map(Value::children)
}

fn refuse_other_bundles(root: Value<'_>, interaction: Interaction, report: &mut Report) {
    match root.get("resourceType") {
        Some(name) if name.as_str().as_deref() == Some("Bundle") => {}
        Some(name) => report.at(name, IssueType::Value, "a batch or transaction is a Bundle"),
        None => report.missing(root, "resourceType", "a batch or transaction is a Bundle"),
    }
    match root.get("type") {
        None => report.missing(root, "type", "type must be batch or transaction"),
        Some(ty) if Interaction::of(root) != Some(interaction) => {
            let text = "type must be batch or transaction; other Bundles are stored by POST to Bundle";
            report.at(ty, IssueType::Value, text);
        }
        Some(_) => {}
    }
    if let Some(rules) = root.get("implicitRules") {
        report.at(rules, IssueType::NotSupported, "rules that change what a Bundle means are not known here");
    }
    if let Some(total) = root.get("total") {
        report.at(total, IssueType::Invariant, "only a search or history has a total (bdl-1)");
    }
}

const SAME_FULL_URL: &str = "two entries have the same fullUrl";

/// Entries whose `fullUrl` another before them has: the place and `fullUrl` of each, and the other's.
fn same_full_urls<'t>(entries: &[Entry<'t>]) -> Vec<((usize, Value<'t>), Value<'t>)> {
    let mut seen = HashMap::with_capacity(entries.len());
    let mut same = Vec::new();
    for entry in entries {
        let Some((at, url)) = &entry.full_url else { continue };
        match seen.get(&**url) {
            Some(first) => same.push(((entry.index, *at), *first)),
            None => drop(seen.insert(&**url, *at)),
        }
    }
    same
}

/// Two entries must not write the same resource: FHIR gives them no order.
fn refuse_same_identities(entries: &[Entry<'_>], report: &mut Report) {
    let mut seen: HashMap<(ResourceType, &Id), &Entry<'_>> = HashMap::with_capacity(entries.len());
    for entry in entries {
        let Some((ty, id)) = &entry.target else { continue };
        let ids = match &entry.settled {
            Settled::Deletes(ids) => ids.as_slice(),
            _ => std::slice::from_ref(id),
        };
        for id in ids {
            let Some(first) = seen.insert((*ty, id), entry) else { continue };
            // What is there already may be so for several.
            if first.settled == Settled::Exists && entry.settled == Settled::Exists {
                continue;
            }
            let text = format!("entries {} and {} act on the same resource", first.index, entry.index);
            report.both(entry.url.0, first.url.0, IssueType::Duplicate, text);
        }
    }
}

fn operation<'t>(entry: Entry<'t>, rewriter: &Rewriter<'t>, report: &mut Report) -> Option<PlannedOp> {
    let body = match entry.resource {
        Some(resource) => {
            let text = rewriter.text(resource, &entry, report);
            match Body::parse(text.as_bytes(), &crate::Limits::UNBOUNDED) {
                Ok(body) => Some(body),
                Err(error) => {
                    report.at(resource, error.kind.code(), error.kind.to_string());
                    return None;
                }
            }
        }
        None => None,
    };
    let by = Asker::of(entry.verb);
    let Entry { verb, target, condition, unless, url, criteria, settled, .. } = entry;
    let Some((ty, id)) = target else {
        return Some(PlannedOp::Get { url: url.1.into_owned(), head: verb == Verb::Head, unless });
    };
    if let (Some((_, criteria)), Between::Refused) = (criteria, &rewriter.between) {
        return Some(PlannedOp::Conditional { by, ty, criteria: criteria.into_owned(), body, condition });
    }
    match settled {
        Settled::Exists => return Some(PlannedOp::Exists { ty, id }),
        Settled::Deletes(ids) => return Some(PlannedOp::DeleteFound { ty, ids, condition }),
        Settled::Writes | Settled::Makes => {}
    }
    Some(match body {
        None => PlannedOp::Delete { ty, id, condition },
        Some(body) if verb == Verb::Post || settled == Settled::Makes => {
            PlannedOp::Create { body: body.with_id(&id), id }
        }
        Some(body) => PlannedOp::Put { ty, body: body.with_id(&id), id, condition },
    })
}

#[cfg(test)]
mod tests;
