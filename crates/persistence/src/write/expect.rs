//! Whether queries still match what they matched when they were asked last.
//!
//! The engine asks the database about each [`Op::Expect`] of a batch, as of what is committed. What the batch itself has
//! written so far is judged here, by the entries of the new versions, and left out of the database's answer.

use crate::access::Access;
use crate::error::StoreError;
use crate::op::Op;
use crate::search::compile::Viewer;
use crate::units::Known;
use crate::write::request::{Key, Request};
use rushlight_model::ResourceType;
use rushlight_search::Entries;
use rushlight_search::query::{Candidate, Condition, Query};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

/// What the database says of one expectation: the resources that its query matches, or why it can't tell. Other requests
/// of the batch don't mind the latter.
pub(crate) type Answer = Result<Vec<Key>, StoreError>;

/// How long the writer's questions about the expectations of a batch may take together: others wait for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The time that is left of the patience with a batch.
pub(crate) struct Patience(Instant);

impl Patience {
    /// It begins.
    pub(crate) fn begin() -> Self {
        Self(Instant::now())
    }

    /// What is left.
    ///
    /// # Errors
    /// [`StoreError::Timeout`] where nothing is.
    pub(crate) fn left(&self) -> Result<Duration, StoreError> {
        PATIENCE.checked_sub(self.0.elapsed()).filter(|left| !left.is_zero()).ok_or(StoreError::Timeout)
    }
}

/// A question to the database.
pub(crate) struct Question<'a> {
    pub(crate) query: &'a Query,
    pub(crate) access: &'a Access,
    /// So many matches must be told, if there are so many, to be sure.
    pub(crate) limit: usize,
}

/// The questions of a batch, in the order of its ops.
pub(crate) fn questions(batch: &[Request]) -> Vec<Question<'_>> {
    let expects = |request: &Request| request.ops.iter().any(|op| matches!(op.op, Op::Expect { .. }));
    if !batch.iter().any(expects) {
        return Vec::new();
    }
    // Resources that ops before have written, at the most: the database's word on them does not count.
    let mut written: HashMap<ResourceType, usize> = HashMap::new();
    let mut questions = Vec::new();
    for prepared in batch.iter().flat_map(|request| &request.ops) {
        match &prepared.op {
            Op::Expect { query, access, found } => {
                let mates: usize =
                    written.iter().filter(|(ty, _)| is_of(query, **ty)).map(|(_, count)| count).sum();
                questions.push(Question { query, access, limit: found.len() + mates + 1 });
            }
            Op::Read { .. } => {}
            _ => {
                if let Some((ty, _)) = prepared.key() {
                    *written.entry(ty).or_default() += 1;
                }
            }
        }
    }
    questions
}

/// Whether a search of the query looks at resources of a type.
fn is_of(query: &Query, ty: ResourceType) -> bool {
    query.types.is_empty() || query.types.contains(&ty)
}

/// Whether a query asks for what other resources hold than those that it matches.
pub(crate) fn looks_elsewhere(query: &Query) -> bool {
    query.clauses.iter().any(|clause| clause.condition.looks_elsewhere())
}

/// A resource as a batch has left it.
#[derive(Clone, Debug)]
pub(crate) struct Mate<'a> {
    /// `None` where it is deleted.
    pub(crate) entries: Option<Cow<'a, Entries>>,
    pub(crate) last_updated: i64,
}

/// What was written by a batch, or by a request of it.
pub(crate) type Mates<'a> = HashMap<Key, Mate<'a>>;

/// Judges the expectations of a batch, in their order.
pub(crate) struct Judge<'a> {
    answers: std::vec::IntoIter<Answer>,
    /// Whether anything is expected in the batch: if not, nothing need be kept.
    pub(crate) expects: bool,
    mates: Mates<'a>,
}

impl<'a> Judge<'a> {
    /// With the database's answers to the [`questions`] of the batch.
    pub(crate) fn new(answers: Vec<Answer>) -> Self {
        let expects = !answers.is_empty();
        Self { answers: answers.into_iter(), expects, mates: Mates::new() }
    }

    /// The answers to the expectations of the next request.
    pub(crate) fn next(&mut self, request: &Request) -> Vec<Answer> {
        let count = request.ops.iter().filter(|prepared| matches!(prepared.op, Op::Expect { .. })).count();
        self.answers.by_ref().take(count).collect()
    }

    /// Takes in what a request has written.
    pub(crate) fn wrote(&mut self, own: Mates<'a>) {
        self.mates.extend(own);
    }

    /// Whether a query matches exactly what was found, after what the batch has written, and the request itself so far.
    pub(crate) fn holds(
        &self,
        (query, access, found): (&Query, &Access, &[Key]),
        committed: &[Key],
        own: &Mates<'_>,
        known: &Known,
    ) -> bool {
        let expected: HashSet<&Key> = found.iter().collect();
        if looks_elsewhere(query) {
            // It begins its batch, so nobody has written before it.
            return committed.iter().collect::<HashSet<_>>() == expected;
        }
        // As the search in the database has it.
        let seen = Viewer::searching(access, &known.registry).sees(&query.types);
        let mates = || {
            let others = self.mates.iter().filter(|(key, _)| !own.contains_key(*key));
            others.chain(own.iter()).filter(|(key, _)| is_of(query, key.0))
        };
        let mut matching: HashSet<&Key> = committed
            .iter()
            .filter(|key| !own.contains_key(*key) && !self.mates.contains_key(*key))
            .collect();
        matching.extend(mates().filter(|(key, mate)| matches(query, &seen, key, mate)).map(|(key, _)| key));
        matching == expected
    }
}

fn matches(query: &Query, seen: &Condition, (ty, id): &Key, mate: &Mate<'_>) -> bool {
    let Some(entries) = &mate.entries else { return false };
    let candidate = Candidate { ty: *ty, id, last_updated: mate.last_updated, entries };
    seen.matches(candidate, &())
        && query.clauses.iter().all(|clause| clause.condition.matches(candidate, &()))
}
