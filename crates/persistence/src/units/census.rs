//! The units that there should be, against those that the store knows.

use crate::error::StoreError;
use crate::units::Known;
use rushlight_search::{Plan, contained};
use std::collections::{HashMap, HashSet};

/// What must change in the store's table of units.
pub(crate) struct Census {
    plan: Plan,
    numbers: HashMap<String, i32>,
    /// Units to add.
    pub(crate) fresh: Vec<(i32, String)>,
    /// Numbers of units to retire.
    pub(crate) gone: Vec<i32>,
}

impl Census {
    /// Compares with the store's units: number, key, and whether it is retired.
    ///
    /// # Errors
    /// A store that has used up its numbers.
    pub(crate) fn new(plan: Plan, stored: Vec<(i32, String, bool)>) -> Result<Self, StoreError> {
        let mut last = stored.iter().map(|(number, ..)| *number).max().unwrap_or(0);
        let mut numbers: HashMap<String, i32> = stored
            .into_iter()
            .filter(|(.., retired)| !retired)
            .map(|(number, key, _)| (key, number))
            .collect();
        let mut fresh = Vec::new();
        for key in plan.keys().filter(|key| !numbers.contains_key(*key)) {
            let used_up = || StoreError::Damaged("all numbers of units are used up".to_owned());
            last = last.checked_add(1).filter(|number| *number < contained::UNITS).ok_or_else(used_up)?;
            fresh.push((last, key.to_owned()));
        }
        let wanted: HashSet<&str> = plan.keys().collect();
        let gone =
            numbers.iter().filter(|(key, _)| !wanted.contains(key.as_str())).map(|(_, n)| *n).collect();
        numbers.extend(fresh.iter().map(|(number, key)| (key.clone(), *number)));
        Ok(Self { plan, numbers, fresh, gone })
    }

    /// Whether something changes, as against what is known to be indexed now, if anything is: the units, or only the
    /// parameters that share them.
    pub(crate) fn changes(&self, now: Option<&Known>) -> bool {
        !self.fresh.is_empty()
            || !self.gone.is_empty()
            || now.is_some_and(|now| now.registry.customs() != self.plan.customs())
    }

    /// What is indexed once the changes are made.
    pub(crate) fn known(self, generation: i64) -> Known {
        let numbers = self.numbers;
        // Every key of the plan has a number by now; 0 belongs to no unit.
        Known::new(generation, self.plan.number(|key| numbers.get(key).copied().unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_model::definitions::{Definitions, Release};

    #[test]
    fn keys_keep_their_numbers_and_no_number_is_given_twice() {
        let plan = || Plan::new(Definitions::of(Release::R4), &[]);
        let first = Census::new(plan(), Vec::new()).unwrap();
        assert!(first.changes(None) && first.gone.is_empty());
        assert_eq!(first.fresh.len(), plan().keys().count());
        let mut stored: Vec<(i32, String, bool)> =
            first.fresh.iter().map(|(number, key)| (*number, key.clone(), false)).collect();
        let again = Census::new(plan(), stored.clone()).unwrap();
        assert!(!again.changes(None));
        assert_eq!(again.known(1).numbers, first.known(1).numbers);

        // One is unknown to the plan, one was retired and comes back under a number of its own.
        let greatest = stored.len() as i32 + 7;
        stored.push((greatest, "other".to_owned(), false));
        stored[0].2 = true;
        let later = Census::new(plan(), stored.clone()).unwrap();
        assert_eq!(later.fresh, [(greatest + 1, stored[0].1.clone())]);
        assert_eq!(later.gone, [greatest]);
        let known = later.known(2);
        assert!(known.has(greatest + 1) && !known.has(greatest) && !known.has(stored[0].0));
    }
}
