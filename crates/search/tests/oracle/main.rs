//! Brute force against the index: each standard search parameter's rows, found in the slowest and plainest way, from
//! the specification's text (<https://hl7.org/fhir/R4/search.html>), are those that the registry's program finds.
//!
//! Nothing here is shared with how resources are indexed: not the walk, not FHIRPath, not the values' forms. The
//! definitions, the names of tables and the keys of ids are.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed step is a failed test")]

mod compare;
mod expectations;
mod properties;
mod worked;

use compare::Comparison;
use rushlight_model::ResourceType;
use rushlight_model::definitions::{Definitions, Release};
use rushlight_oracle::{forge, sources};
use rushlight_test_support::data::say;

/// How many resources of each type are made up at least, and at most where a parameter is still without rows.
const FORGED: std::ops::Range<u64> = 12..1000;

/// Compares texts, and says how many.
fn compared(name: &str, release: Release, texts: impl Iterator<Item = String>) -> Comparison {
    let mut comparison = Comparison::new(release);
    texts.for_each(|text| comparison.text(&text));
    say(&format!("{name}: {comparison}"));
    comparison
}

/// # Panics
/// Where something differs, or too few resources or parameters were looked at.
fn agree(comparisons: &[Comparison], resources: usize, parameters: usize) {
    let report: String = comparisons.iter().map(Comparison::report).collect();
    assert!(report.is_empty(), "{report}");
    for comparison in comparisons {
        assert!(
            comparison.resources >= resources && comparison.found.len() >= parameters,
            "only {comparison}"
        );
    }
}

/// What is always at hand: a population of each release, and the resources of the repository.
#[test]
fn populations_agree() {
    let comparisons = Release::ALL.map(|release| {
        let fixture = include_str!("../../../../fixtures/transaction-bundle.json").to_owned();
        compared("population", release, sources::population(release, 100).into_iter().chain([fixture]))
    });
    agree(&comparisons, 1000, 100);
}

/// What is made up for every type of every release: no parameter stays without rows.
#[test]
fn forged_resources_agree() {
    let comparisons = Release::ALL.map(forged);
    agree(&comparisons, 2000, 2000);
    let without = comparisons.iter().flat_map(|comparison| {
        let release = comparison.definitions.release();
        let types = release_types(release).flat_map(|ty| comparison.without_rows(ty));
        types.map(move |(ty, code)| format!("{release} {ty} {code}")).collect::<Vec<_>>()
    });
    let without: Vec<String> = without.collect();
    assert!(without.is_empty(), "nothing is ever found of {without:?}");
}

fn release_types(release: Release) -> impl Iterator<Item = ResourceType> {
    Definitions::of(release).resource_types()
}

fn forged(release: Release) -> Comparison {
    let definitions = Definitions::of(release);
    let mut comparison = Comparison::new(release);
    for ty in release_types(release) {
        for number in 0..FORGED.end {
            if number >= FORGED.start && comparison.without_rows(ty).is_empty() {
                break;
            }
            comparison.text(&forge::resource(definitions, definitions.resource(ty).unwrap(), number));
        }
    }
    say(&format!("forged: {comparison}"));
    comparison
}

#[test]
fn examples_agree() {
    let compare = |(package, release)| Some(compared(package, release, sources::of_package(package)?));
    let comparisons: Vec<Comparison> = sources::PACKAGES.into_iter().filter_map(compare).collect();
    agree(&comparisons, 2900, 200);
}

#[test]
fn synthea_agrees() {
    let Some(texts) = sources::synthea() else { return };
    agree(&[compared("Synthea", Release::R4, texts)], 48_000, 150);
}
