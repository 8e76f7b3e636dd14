//! FHIR's own examples, where they are at hand: each comes out of the tree as it went in, and is valid or is listed
//! with the reason why not.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use rushlight_model::definitions::Release;
use rushlight_model::json::{Limits, Tree};
use rushlight_test_support::data;
use rushlight_validation::Validator;
use std::collections::BTreeSet;

/// The packages, and the release of their resources.
const PACKAGES: [(&str, Release); 5] = [
    ("hl7.fhir.r4.examples-4.0.1", Release::R4),
    ("hl7.fhir.r4b.core-4.3.0", Release::R4B),
    ("hl7.fhir.r4b.examples-4.3.0", Release::R4B),
    ("hl7.fhir.r5.core-5.0.0", Release::R5),
    ("hl7.fhir.r5.examples-5.0.0", Release::R5),
];

/// What is wrong with some of them: package, file, rule, reason.
const INVALID: &str = include_str!("invalid-examples.tsv");

#[test]
fn examples_come_out_as_they_went_in_and_are_valid_or_listed() {
    for (package, release) in PACKAGES {
        let Some(resources) = data::package(package) else { continue };
        let validator = Validator::new(release);
        let mut found = BTreeSet::new();
        for (file, text) in &resources {
            let tree = Tree::parse(text, &Limits { bytes: 1 << 30, ..Limits::default() }).unwrap();
            same(file, text, &tree);
            let rules = validator.check(tree.root()).into_iter().map(|problem| problem.rule.name());
            found.extend(rules.map(|rule| format!("{package}\t{file}\t{rule}")));
        }
        let listed: BTreeSet<String> = INVALID
            .lines()
            .filter(|line| line.starts_with(&format!("{package}\t")))
            .map(|line| line.rsplit_once('\t').unwrap().0.to_owned())
            .collect();
        let files: BTreeSet<&str> = found.iter().filter_map(|line| line.split('\t').nth(1)).collect();
        data::say(&format!(
            "{package}: {} resources, {} of them invalid as listed",
            resources.len(),
            files.len()
        ));
        assert_eq!(found, listed, "{package}");
    }
}

/// Compact and pretty text are the same value, digit by digit.
fn same(file: &str, text: &[u8], tree: &Tree) {
    let pretty = tree.pretty();
    let again = Tree::parse(pretty.as_bytes(), &Limits { bytes: 1 << 30, ..Limits::default() }).unwrap();
    assert_eq!(again.text(), tree.text(), "{file}");
    // By another reader; numbers are compared by their text, which the two trees share with the input.
    let before: serde_json::Value = serde_json::from_slice(text).unwrap();
    let after: serde_json::Value = serde_json::from_str(tree.text()).unwrap();
    assert_eq!(after, before, "{file}");
}
