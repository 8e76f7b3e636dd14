//! Counts.

use std::collections::BTreeMap;

/// What was checked, and what of it is not as it should be.
#[derive(Default)]
pub struct Tally {
    /// Files, entries of archives and lines of NDJSON.
    pub documents: u64,
    /// Documents with a problem.
    pub invalid: u64,
    /// Resources; those in the entries of a Bundle count, not the Bundle.
    pub resources: u64,
    /// Bytes, unpacked.
    pub bytes: u64,
    rules: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// Counts a problem.
    pub fn broken(&mut self, rule: &'static str) {
        *self.rules.entry(rule).or_default() += 1;
    }

    /// All problems.
    pub fn problems(&self) -> u64 {
        self.rules.values().sum()
    }

    /// How often each rule is broken: the most often first, and then by name.
    pub fn rules(&self) -> Vec<(&'static str, u64)> {
        let mut rules: Vec<_> = self.rules.iter().map(|(rule, count)| (*rule, *count)).collect();
        rules.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        rules
    }

    /// Adds another's counts.
    pub fn add(&mut self, other: &Self) {
        self.documents += other.documents;
        self.invalid += other.invalid;
        self.resources += other.resources;
        self.bytes += other.bytes;
        for (rule, count) in &other.rules {
            *self.rules.entry(rule).or_default() += count;
        }
    }
}
