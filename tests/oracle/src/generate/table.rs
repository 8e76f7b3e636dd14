//! What was asked, by kind.

use super::Asked;
use std::collections::BTreeMap;
use std::fmt;

/// Counts searches by kind.
#[derive(Debug, Default)]
pub struct Table {
    kinds: BTreeMap<String, Count>,
    all: Count,
}

/// How many searches there were, how many had matches, and how many had some resources match and others not.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    asked: usize,
    matching: usize,
    parting: usize,
}

impl Table {
    /// Of a search: how many of how many candidates matched.
    pub fn count(&mut self, asked: &Asked, matches: usize, candidates: usize) {
        let add = |count: &mut Count| {
            count.asked += 1;
            count.matching += usize::from(matches > 0);
            count.parting += usize::from(matches > 0 && matches < candidates);
        };
        let mut kinds = asked.kinds.clone();
        kinds.sort();
        kinds.dedup();
        kinds.into_iter().for_each(|kind| add(self.kinds.entry(kind).or_default()));
        add(&mut self.all);
    }

    /// Whether it is enough to have asked so often, where `amount` was wanted. Which kinds come up is chance, and where few
    /// resources are at hand some are rare: until each has matched, it goes on up to three times as long.
    pub fn is_enough(&self, asked: u64, amount: u64, kinds: &[&str]) -> bool {
        asked >= amount && (asked >= 3 * amount || self.lacking(kinds).is_empty())
    }

    fn lacking<'k>(&self, kinds: &[&'k str]) -> Vec<&'k str> {
        let matched =
            |kind: &&str| self.kinds.iter().any(|(own, count)| own.starts_with(*kind) && count.matching > 0);
        kinds.iter().copied().filter(|kind| !matched(kind)).collect()
    }

    /// # Panics
    /// Where one of these kinds was not asked with matches, or fewer than half of all searches told some from others.
    pub fn has(&self, kinds: &[&str]) {
        let without = self.lacking(kinds);
        assert!(without.is_empty(), "nothing matched of {without:?}:\n{self}");
        assert!(2 * self.all.parting > self.all.asked, "few searches match some and not all:\n{self}");
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:44} {:>6} {:>8} {:>8}", "kind", "asked", "matching", "parting")?;
        for (kind, count) in self.kinds.iter().chain([(&"all".to_owned(), &self.all)]) {
            writeln!(f, "{kind:44} {:>6} {:>8} {:>8}", count.asked, count.matching, count.parting)?;
        }
        Ok(())
    }
}

/// What every suite of searches must have: kinds, or how they begin.
pub const KINDS: &[&str] = &[
    "token code",
    "token system|code",
    "token |code",
    "token system|",
    "token :not",
    "token :text",
    "token :of-type",
    "token or",
    "token :missing",
    "string",
    "string :exact",
    "string :contains",
    "string or",
    "string :missing",
    "date eq",
    "date ne",
    "date gt",
    "date lt",
    "date ge",
    "date le",
    "date sa",
    "date eb",
    "date ap",
    "date year",
    "date month",
    "date day",
    "date minute",
    "date second",
    "date zone",
    "date or",
    "date :missing",
    "quantity eq",
    "quantity ne",
    "quantity gt",
    "quantity lt",
    "quantity ge",
    "quantity le",
    "quantity sa",
    "quantity eb",
    "quantity ap",
    "quantity converted",
    "quantity system|code",
    "quantity code",
    "quantity number",
    "date plain",
    "quantity plain",
    "reference id",
    "reference type/id",
    "reference own URL",
    "reference :identifier",
    "reference :missing",
    "uri",
    "composite",
    "chain 1",
    "chain 2",
    "chain 3",
    "chain into _has",
    "chain into contained",
    "chain within a container",
    "chain to the container",
    "chain out of contained",
    "contained token",
    "contained string",
    "contained date",
    "contained reference",
    "contained all of a type",
    "contained _id",
    "contained _lastUpdated",
    "contained chain",
    "contained _has",
    "_contained=true container",
    "_contained=true contained",
    "_contained=both container",
    "_contained=both contained",
    "_has 1",
    "_has 2",
    "_has out of a chain",
    "compartment",
    "_id",
    "_lastUpdated",
    "_profile",
    "_tag",
    "and",
    "several types",
    "_sort by 1",
    "_sort by 2",
    "_sort by 3",
    "_sort by references to a type",
    "_include",
    "_include:iterate",
    "_revinclude",
    "_revinclude:iterate",
    "_include *",
    "special near",
    "_list",
    "_list or",
    "token :in stored",
    "token :in known",
    "token :not-in stored",
    "token :not-in known",
    "token :below",
    "token :above",
    "reference :below",
    "reference :above",
    "reference :below version",
    "_text",
    "_text words",
    "_text or",
    "_content",
    "_content words",
    "_content or",
    "_filter and",
    "_filter or",
    "_filter ()",
    "_filter not",
    "_filter chain",
    "_filter [] chain",
    "_filter _id",
    "_filter _lastUpdated",
    "_filter string eq",
    "_filter string ne",
    "_filter string co",
    "_filter string sw",
    "_filter string pr",
    "_filter token eq",
    "_filter token ne",
    "_filter token in",
    "_filter token ni",
    "_filter token ss",
    "_filter token sb",
    "_filter token pr",
    "_filter uri eq",
    "_filter uri ne",
    "_filter uri ss",
    "_filter uri sb",
    "_filter uri pr",
    "_filter reference eq",
    "_filter reference re",
    "_filter reference ss",
    "_filter reference sb",
    "_filter reference pr",
    "_filter date eq",
    "_filter date ne",
    "_filter date gt",
    "_filter date lt",
    "_filter date ge",
    "_filter date le",
    "_filter date ap",
    "_filter date sa",
    "_filter date eb",
    "_filter date po",
    "_filter date pr",
    "_filter number eq",
    "_filter number ne",
    "_filter number gt",
    "_filter number lt",
    "_filter number ge",
    "_filter number le",
    "_filter number ap",
    "_filter number sa",
    "_filter number eb",
    "_filter number pr",
    "_filter quantity eq",
    "_filter quantity ne",
    "_filter quantity gt",
    "_filter quantity lt",
    "_filter quantity ge",
    "_filter quantity le",
    "_filter quantity ap",
    "_filter quantity sa",
    "_filter quantity eb",
    "_filter quantity pr",
    "_filter composite pr",
    "_filter special pr",
];
