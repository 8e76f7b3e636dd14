//! The systems of codes that don't say theirs.

use rushlight_model::definitions::{ANY_SYSTEM, Definitions, Membership, ValueSet};

use super::hash;

/// The systems that the value set of a required binding has codes of: `code` elements have no system of their own
/// (<https://hl7.org/fhir/R4/search.html#token>).
#[derive(Debug)]
pub(crate) struct ImpliedSystem {
    set: &'static ValueSet,
    /// The systems of whose codes it is known which are in the set, and their hashes.
    systems: Box<[(&'static str, i64)]>,
    /// What other codes are of: the hash of the one system that has more codes than the definitions know, such as
    /// media types and languages.
    other: i64,
}

impl ImpliedSystem {
    /// Those of a value set; `None` if the definitions don't have it.
    pub(crate) fn of(value_set: &str, definitions: &'static Definitions) -> Option<Self> {
        let set = definitions.value_set(value_set)?;
        let mut systems: Vec<_> = set.codes().map(|(system, _)| system).collect();
        systems.sort_unstable();
        systems.dedup();
        let systems = systems.into_iter().map(|system| (system, hash(system))).collect();
        let other = match set.open_systems() {
            [open] if *open != ANY_SYSTEM => hash(open),
            _ => 0,
        };
        Some(Self { set, systems, other })
    }

    /// The hash of the one system that has a code in the set; 0 if none can be told, or more than one has it.
    pub(crate) fn hash_for(&self, code: &str) -> i64 {
        let has = |system: &str| self.set.contains(Some(system), code) == Membership::In;
        let mut having = self.systems.iter().filter(|(system, _)| has(system)).map(|(_, hash)| *hash);
        match (having.next(), having.next()) {
            (Some(system), None) => system,
            (None, _) if !code.is_empty() => self.other,
            _ => 0,
        }
    }
}
