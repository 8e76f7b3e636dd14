//! The official examples of R4, R4B and R5, where they are at hand.

use std::collections::BTreeMap;

use rushlight_test_support::data;

use super::*;

const PACKAGES: [&str; 3] =
    ["hl7.fhir.r4.examples-4.0.1", "hl7.fhir.r4b.examples-4.3.0", "hl7.fhir.r5.examples-5.0.0"];

const TYPES: [&str; 7] = [
    "Bundle",
    "CapabilityStatement",
    "DiagnosticReport",
    "Observation",
    "OperationOutcome",
    "Parameters",
    "Patient",
];

#[test]
fn official_examples_come_out_as_they_went_in() {
    for package in PACKAGES {
        let Some(resources) = data::package(package) else { continue };
        let mut counts = BTreeMap::<&str, usize>::new();
        for (file, text) in &resources {
            // Packages name their files `Type-id.json`.
            let ty = file.split('-').next().unwrap_or_default();
            if !TYPES.contains(&ty) {
                continue;
            }
            match exact(str::from_utf8(text).unwrap()) {
                Ok(Some(resource)) => assert!(!matches!(resource, Resource::Other(_)), "{file}"),
                Ok(None) => panic!("{file} is not the same afterwards"),
                Err(error) => panic!("{file}: {error}"),
            }
            *counts.entry(ty).or_default() += 1;
        }
        data::say(&format!("{package}: {} exact, {counts:?}", counts.values().sum::<usize>()));
        assert!(counts.contains_key("Patient") && counts.contains_key("Observation"), "{package}");
    }
}
