//! Which links mean an entry of the same Bundle.

use std::collections::{HashMap, HashSet};

use super::criteria::Settled;
use super::entry::{Entry, Verb};
use crate::{Id, ResourceType};

/// The entries by the names under which links can mean them; the values are `Type/id`.
pub(super) struct Links {
    full_urls: HashMap<String, String>,
    /// The entries whose `fullUrl` is an address: by its base, then by its `Type/id`.
    bases: HashMap<String, Neighbours>,
    /// `Type/id` at the end of the `fullUrl` of an entry that is stored under another; `None`: of several.
    relative: HashMap<String, Option<String>>,
    /// `Type/id` of the entries that name it themselves.
    own: HashSet<String>,
    /// `Type/id` of what is there already, so that no version of it is written.
    unwritten: HashSet<String>,
    /// `Type/id` of the entries that have another name in the Bundle; with the version that is sure to be written,
    /// if there is one.
    moved: HashMap<String, Option<i64>>,
}

/// Entries of one base: `Type/id` of the address, and what is written instead.
pub(super) type Neighbours = HashMap<String, String>;

/// What a link means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// Nothing in this Bundle.
    Elsewhere,
    /// An entry, by its `Type/id`.
    Entry { target: String, fragment: String },
    /// The version of an entry that is to be written.
    Version { target: String, fragment: String },
    /// An entry that should be there and is not.
    Missing,
    /// One of several entries.
    Ambiguous,
    /// Whatever a search would find.
    Conditional { ty: ResourceType, criteria: String, fragment: String },
}

impl Links {
    pub(super) fn of(entries: &[Entry<'_>]) -> Self {
        let mut links = Self {
            full_urls: HashMap::new(),
            bases: HashMap::new(),
            relative: HashMap::new(),
            own: HashSet::new(),
            unwritten: HashSet::new(),
            moved: HashMap::new(),
        };
        for entry in entries {
            let Some((ty, id)) = &entry.target else { continue };
            let target = format!("{ty}/{id}");
            if let Some((_, url)) = entry.full_url.as_ref().filter(|_| entry.verb != Verb::Delete) {
                let new = entry.verb == Verb::Post && entry.settled != Settled::Exists;
                let new = new || entry.settled == Settled::Makes;
                links.add(url, &target, new.then_some(1));
            }
            if entry.settled == Settled::Exists {
                links.unwritten.insert(target.clone());
            }
            if entry.verb != Verb::Post {
                links.own.insert(target);
            }
        }
        links
    }

    fn add(&mut self, url: &str, target: &str, version: Option<i64>) {
        self.full_urls.insert(url.to_owned(), target.to_owned());
        let address = split(url);
        if address.is_none_or(|(_, tail)| tail != target) {
            self.moved.insert(target.to_owned(), version);
        }
        let Some((base, tail)) = address else { return };
        self.bases.entry(base.to_owned()).or_default().insert(tail.to_owned(), target.to_owned());
        if tail != target {
            self.relative
                .entry(tail.to_owned())
                .and_modify(|known| *known = None)
                .or_insert_with(|| Some(target.to_owned()));
        }
    }

    /// Whether an entry gets another name than it has in the Bundle, and if so, the version that is sure to be
    /// written.
    pub(super) fn moved(&self, target: &str) -> Option<Option<i64>> {
        self.moved.get(target).copied()
    }

    /// Whether an entry found its resource there, and writes no version of it.
    pub(super) fn is_unwritten(&self, target: &str) -> bool {
        self.unwritten.contains(target)
    }

    /// Whether no link can mean an entry.
    pub(super) fn is_empty(&self) -> bool {
        self.full_urls.is_empty()
    }

    /// The entry that a placeholder (`urn:uuid:…`, `urn:oid:…`) stands for.
    pub(super) fn placeholder(&self, uri: &str) -> Option<&str> {
        if is_placeholder(uri) { self.full_urls.get(uri).map(String::as_str) } else { None }
    }

    /// The entries that a relative reference in an entry of this `fullUrl` can mean first of all. Looked up once for
    /// an entry: its address may be long, and its references many.
    pub(super) fn neighbours(&self, full_url: &str) -> Option<&Neighbours> {
        self.bases.get(split(full_url)?.0)
    }

    /// What a reference in an entry with these neighbours means.
    pub(super) fn resolve(&self, reference: &str, neighbours: Option<&Neighbours>) -> Link {
        let (link, fragment) = reference.find('#').map_or((reference, ""), |at| reference.split_at(at));
        if link.is_empty() {
            return Link::Elsewhere;
        }
        let entry = |target: &String| Link::Entry { target: target.clone(), fragment: fragment.to_owned() };
        if let Some(target) = self.full_urls.get(link) {
            return entry(target);
        }
        if let Some((unversioned, _)) = link.split_once("/_history/") {
            return match self.resolve(unversioned, neighbours) {
                // Under its own name a version is the one that it says.
                Link::Entry { target, .. } if self.moved.contains_key(&target) => {
                    Link::Version { target, fragment: fragment.to_owned() }
                }
                Link::Entry { .. } => Link::Elsewhere,
                other => other,
            };
        }
        if is_placeholder(link) {
            return Link::Missing;
        }
        if let Some((name, criteria)) = link.split_once('?') {
            let criteria = criteria.to_owned();
            return ResourceType::from_name(name).map_or(Link::Elsewhere, |ty| Link::Conditional {
                ty,
                criteria,
                fragment: fragment.to_owned(),
            });
        }
        // Relative to the base of the entry that it is in, if that is an entry's own address.
        if let Some(target) = neighbours.and_then(|neighbours| neighbours.get(link)) {
            return entry(target);
        }
        if self.own.contains(link) {
            return Link::Elsewhere;
        }
        match self.relative.get(link) {
            Some(Some(target)) => entry(target),
            Some(None) => Link::Ambiguous,
            None => Link::Elsewhere,
        }
    }
}

fn is_placeholder(uri: &str) -> bool {
    // Schemes are of either case.
    ["urn:uuid:", "urn:oid:"]
        .iter()
        .any(|scheme| uri.get(..scheme.len()).is_some_and(|begins| begins.eq_ignore_ascii_case(scheme)))
}

/// A RESTful address as its base, with the slash, and `Type/id`.
fn split(url: &str) -> Option<(&str, &str)> {
    let (before, id) = url.rsplit_once('/')?;
    let name = before.rsplit_once('/').map_or(before, |(_, name)| name);
    ResourceType::from_name(name)?;
    Id::check(id).ok()?;
    url.split_at_checked(before.len() - name.len())
}
