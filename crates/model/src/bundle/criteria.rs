//! Criteria: what an entry, or a reference, means by a search instead of an id.
//!
//! <https://hl7.org/fhir/R4/http.html#ccreate>, <https://hl7.org/fhir/R4/http.html#trules>

use super::conditions::Condition;
use super::entry::{Entry, Verb};
use super::report::Report;
use crate::outcome::IssueType;
use crate::{Id, ResourceType};

/// What planning a transaction must know of the store. `()` knows nothing.
pub trait Around {
    /// The version that a PUT of a resource will leave current; `None` where it can't be told.
    fn version(&self, ty: ResourceType, id: &Id) -> Option<i64>;

    /// What criteria match.
    fn found(&self, asked: Asked<'_>) -> Found;
}

impl Around for () {
    fn version(&self, _: ResourceType, _: &Id) -> Option<i64> {
        None
    }

    fn found(&self, _: Asked<'_>) -> Found {
        Found::NotSupported
    }
}

/// Criteria, and what asks for them.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The place of the entry in the Bundle.
    pub entry: usize,
    /// What it is for.
    pub by: Asker,
    /// The type of the resources.
    pub ty: ResourceType,
    /// Names and values, as after the question mark of a URL.
    pub criteria: &'a str,
}

/// What asks for criteria.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Asker {
    /// `ifNoneExist` of a POST.
    Create,
    /// The URL of a PUT.
    Update,
    /// The URL of a DELETE.
    Delete,
    /// A reference in a resource: of what there is when all is written.
    Reference,
}

/// What criteria match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nobody can tell: the Bundle is refused.
    NotSupported,
    /// It will be told when the Bundle is planned again: this plan is not carried out.
    Later,
    /// These resources; for a DELETE perhaps several, else one or none. A reference must lead to one: whoever tells of
    /// none sees to it that the plan is not carried out.
    These(Vec<Id>),
}

impl Asker {
    pub(super) fn of(verb: Verb) -> Self {
        match verb {
            Verb::Post => Self::Create,
            Verb::Delete => Self::Delete,
            Verb::Put | Verb::Get | Verb::Head => Self::Update,
        }
    }
}

/// Finds out which resources the criteria of entries mean.
pub(super) fn settle(entries: &mut [Entry<'_>], around: &dyn Around, report: &mut Report) {
    let placeholders: Vec<String> = entries
        .iter()
        .filter_map(|entry| entry.full_url.as_ref())
        .filter(|(_, url)| url.starts_with("urn:"))
        .map(|(_, url)| url.to_string())
        .collect();
    for entry in entries.iter_mut().filter(|entry| entry.criteria.is_some()) {
        settle_one(entry, around, &placeholders, report);
    }
}

fn settle_one(entry: &mut Entry<'_>, around: &dyn Around, placeholders: &[String], report: &mut Report) {
    let Some((at, criteria)) = &entry.criteria else { return };
    // What takes a placeholder's place is not known before the criteria have been looked for.
    if criteria.contains("urn:") && placeholders.iter().any(|url| criteria.contains(url)) {
        report.at(*at, IssueType::NotSupported, "criteria can't name another entry of the Bundle");
        return;
    }
    let Some(ty) = entry.target.as_ref().map(|(ty, _)| *ty) else { return };
    let asked = Asked { entry: entry.index, by: Asker::of(entry.verb), ty, criteria };
    let ids = match around.found(asked) {
        Found::NotSupported => {
            report.at(*at, IssueType::NotSupported, "conditional interactions are not supported here");
            return;
        }
        Found::Later => Vec::new(),
        Found::These(ids) => ids,
    };
    match (entry.verb, ids.first()) {
        (Verb::Delete, _) => entry.settled = Settled::Deletes(ids),
        (Verb::Post, Some(id)) => {
            entry.settled = Settled::Exists;
            entry.target = Some((ty, id.clone()));
        }
        (Verb::Put, Some(id)) => {
            if let Some((at, own)) = entry.own_id.as_ref().filter(|(_, own)| own != id.as_str()) {
                let text = format!("the resource that the criteria match has another id than {}", shown(own));
                report.at(*at, IssueType::Invalid, text);
            }
            entry.target = Some((ty, id.clone()));
        }
        (Verb::Put, None) => match (own(entry), entry.condition) {
            (None, Condition::None | Condition::Absent) => entry.settled = Settled::Makes,
            // What has the client's id does not match: it must not be written.
            (Some(id), Condition::None | Condition::Absent) => {
                entry.target = Some((ty, id));
                entry.condition = Condition::Absent;
            }
            // Of something that is not there: it is refused when it is carried out.
            (_, Condition::Version(_)) => {}
        },
        _ => {}
    }
}

/// The id that the resource of an entry has of its own.
fn own(entry: &Entry<'_>) -> Option<Id> {
    entry.own_id.as_ref().and_then(|(_, own)| Id::new(own).ok())
}

fn shown(id: &str) -> String {
    id.chars().take(64).collect()
}

/// What became of the criteria of an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Settled {
    /// It has none, or writes as one without.
    #[default]
    Writes,
    /// Nothing was found: the resource is made, under an id of the server's.
    Makes,
    /// The resource is there, and is not made.
    Exists,
    /// These are deleted.
    Deletes(Vec<Id>),
}
