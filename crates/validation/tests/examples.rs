//! FHIR's own examples, where they are at hand: each is valid, or is listed with the reason why not.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use rushlight_model::definitions::Release;
use rushlight_model::json::{Limits, Tree};
use rushlight_test_support::data;
use rushlight_validation::{Problem, Validator};
use std::collections::BTreeMap;

/// The packages, and the release of their resources.
const PACKAGES: [(&str, Release); 5] = [
    ("hl7.fhir.r4.examples-4.0.1", Release::R4),
    ("hl7.fhir.r4b.core-4.3.0", Release::R4B),
    ("hl7.fhir.r4b.examples-4.3.0", Release::R4B),
    ("hl7.fhir.r5.core-5.0.0", Release::R5),
    ("hl7.fhir.r5.examples-5.0.0", Release::R5),
];

#[test]
fn explore() {
    for (name, release) in PACKAGES {
        let Some(resources) = data::package(name) else { continue };
        let validator = Validator::new(release);
        let limits = Limits { bytes: 1 << 30, ..Limits::default() };
        let mut by_rule: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let (mut count, mut bad) = (0, 0);
        for (file, text) in &resources {
            let tree = match Tree::parse(text, &limits) {
                Ok(tree) => tree,
                Err(error) => {
                    by_rule.entry("parse".into()).or_default().push(format!("{file}: {error}"));
                    continue;
                }
            };
            count += 1;
            let problems: Vec<Problem> = validator.check(tree.root());
            bad += usize::from(!problems.is_empty());
            for problem in problems {
                by_rule
                    .entry(problem.rule.name().to_owned())
                    .or_default()
                    .push(format!("{file}: {} {}", problem.expression, problem.text));
            }
        }
        data::say(&format!("{name}: {count} resources, {bad} with problems"));
        for (rule, all) in by_rule {
            data::say(&format!("  {rule}: {}", all.len()));
            for line in all.iter().take(25) {
                data::say(&format!("    {}", line.chars().take(230).collect::<String>()));
            }
        }
    }
}
