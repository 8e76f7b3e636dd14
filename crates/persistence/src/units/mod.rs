//! What the store indexes: the registry of its release and of its own SearchParameter resources, in which each unit
//! has the number that the store gave it.
//!
//! A unit's key says what it extracts. When that changes, the key does, and it is another unit with another number:
//! rows of the two are never confused. A number is never given twice.

pub(crate) mod census;
pub(crate) mod state;

use crate::index::common::Tallied;
use crate::search::needs::Held;
use crate::sql::Shapes;
use rushlight_model::ResourceType;
use rushlight_model::definitions::{Definitions, Release};
use rushlight_search::{Custom, Entries, Plan, Registry, Words};
use std::sync::{Arc, PoisonError, RwLock};

/// The resource type that defines search parameters.
pub(crate) fn search_parameter() -> Option<ResourceType> {
    ResourceType::from_name("SearchParameter")
}

/// Its number; one that no type has, if there is none.
pub(crate) fn search_parameter_number() -> i16 {
    search_parameter().and_then(|ty| i16::try_from(ty.number()).ok()).unwrap_or(i16::MAX)
}

/// What a store indexes beside its SearchParameter resources.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) release: Release,
    pub(crate) words: Words,
}

/// The units that a store should have, given the bodies of its SearchParameter resources.
pub(crate) fn plan(wanted: Wanted, bodies: &[String]) -> Plan {
    let definitions = Definitions::of(wanted.release);
    let (customs, problems) = Custom::read_all(bodies, definitions);
    for (id, problem) in problems {
        log::warn!("SearchParameter/{id} is not indexed: {}: {}", problem.expression, problem.text);
    }
    Plan::with(definitions, &customs, wanted.words)
}

/// What is indexed from one moment on.
pub(crate) struct Known {
    /// Rises with every change, in all processes of a store alike.
    pub(crate) generation: i64,
    pub(crate) registry: Arc<Registry>,
    /// The numbers of the registry's units, ascending.
    pub(crate) numbers: Vec<i32>,
    /// The searches of it that are kept prepared.
    pub(crate) shapes: Shapes,
    /// Which of the units were seen to be complete.
    pub(crate) complete: state::Seen,
    /// Which contained resources there were found to be.
    pub(crate) held: Held,
    /// How common values were found to be.
    pub(crate) tallied: Tallied,
}

impl Known {
    /// A registry from now on.
    pub(crate) fn new(generation: i64, registry: Registry) -> Self {
        let mut numbers: Vec<i32> = registry.units().iter().map(|unit| unit.number).collect();
        numbers.sort_unstable();
        let (shapes, complete, held, tallied) = Default::default();
        Self { generation, registry: Arc::new(registry), numbers, shapes, complete, held, tallied }
    }

    /// Whether a unit has this number.
    pub(crate) fn has(&self, unit: i32) -> bool {
        self.numbers.binary_search(&unit).is_ok()
    }

    /// The entries of a stored body; none of an empty one, which a deleted resource has.
    pub(crate) fn entries(&self, body: &str) -> Entries {
        if body.is_empty() { Entries::default() } else { self.registry.extract_text(body.as_bytes()) }
    }

    /// The entries of a body that is stored already. It may have more than a store takes since something else is
    /// indexed: that can't be refused any more, so it is told.
    pub(crate) fn entries_of_stored(&self, rid: i64, body: &str) -> Entries {
        let entries = self.entries(body);
        if entries.overflows() {
            log::error!(
                "the resource that version {rid} of the store began has more index entries than a store takes: \
                 it is not found by all of them"
            );
        }
        entries
    }
}

/// What is indexed now, as this process knows it.
pub(crate) struct Units {
    pub(crate) wanted: Wanted,
    current: RwLock<Arc<Known>>,
}

impl Units {
    /// Begins with what is indexed when the store is opened.
    pub(crate) fn new(wanted: Wanted, known: Known) -> Self {
        Self { wanted, current: RwLock::new(Arc::new(known)) }
    }

    /// What is indexed now.
    pub(crate) fn current(&self) -> Arc<Known> {
        // Whoever holds the lock only swaps a pointer.
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on, this is; unless something newer is known already.
    pub(crate) fn replace(&self, known: Known) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if known.generation > current.generation {
            *current = Arc::new(known);
        }
    }
}
