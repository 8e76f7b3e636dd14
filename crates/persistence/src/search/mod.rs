//! Searches: a typed query becomes SQL, and its matches pages. <https://hl7.org/fhir/R4/search.html>

pub(crate) mod alias;
pub(crate) mod compile;
mod contained;
mod drive;
mod explain;
mod follow;
mod hits;
mod include;
pub(crate) mod near;
pub(crate) mod needs;
mod order;
mod present;
mod recent;
mod run;
mod span;
mod values;
mod walk;

use crate::snapshot::Snapshot;
use crate::version::Version;
pub use explain::Explained;
pub(crate) use run::matching_on;
use rushlight_model::{Id, ResourceType};
use rushlight_search::query::Query;

/// A page of a search.
#[derive(Clone, Debug)]
pub struct Search<'a> {
    /// What is searched for.
    pub query: &'a Query,
    /// Which versions there are; those of the moment, where that is left open.
    pub snapshot: Option<&'a Snapshot>,
    /// Matches on the page, at the most. With 0 there is no page, but a total.
    pub count: usize,
    /// Bytes of bodies on a page, of matches and of what is included: it ends early rather than hold more, but holds one
    /// match at least.
    pub bytes: usize,
    /// Resources that are included, at the most.
    pub most_included: usize,
    /// Which page.
    pub from: From,
    /// Whether the matches of all pages are counted.
    pub total: Totals,
}

/// Where a page begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum From {
    /// With the first match.
    #[default]
    First,
    /// After a place.
    After(Place),
    /// So that it ends before a place.
    Before(Place),
    /// So that it ends with the last match.
    Last,
}

/// A place in the order of a search's matches: bytes that mean something to the search that it is of, in any process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place(pub Vec<u8>);

/// How the matches are counted: <https://hl7.org/fhir/R4/search.html#total>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Totals {
    /// Not at all, unless it is known anyway.
    #[default]
    None,
    /// As well as it can be told quickly.
    Estimate,
    /// Exactly.
    Accurate,
}

/// Alternatives whose lists are united by one statement, at the most: SQLite unites 500 statements, of which each table
/// has two, and alternatives may be in alternatives.
const UNITED: usize = 100;

/// Alternatives whose lists are united by statements within one, at the most.
const UNITED_TWICE: usize = 1000;

/// A resource that contains a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// Its type.
    pub ty: ResourceType,
    /// Its id.
    pub id: Id,
}

/// What a page holds.
#[derive(Clone, Debug, Default)]
pub struct SearchPage {
    /// Which versions there were.
    pub snapshot: Snapshot,
    /// The matches, in order, each as of the snapshot.
    pub matches: Vec<Version>,
    /// Where contained resources are answered, what contains each of the matches: such a match has type, id and text of
    /// its own, and the rest of its container's version. Empty otherwise.
    pub containers: Vec<Option<Container>>,
    /// What is included with them, each once, and none that is a match on this page.
    pub included: Vec<Version>,
    /// Whether more was to be included than may be.
    pub cut: bool,
    /// Where the next page continues; `None` on the last.
    pub next: Option<Place>,
    /// Before which the previous page ends; `None` on the first.
    pub previous: Option<Place>,
    /// How many matches there are on all pages, if it is known.
    pub total: Option<i64>,
}

/// A resource that a search matches now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Its type.
    pub ty: ResourceType,
    /// Its id.
    pub id: Id,
    /// Its current version.
    pub version: i64,
}
