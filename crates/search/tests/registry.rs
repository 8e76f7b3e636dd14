//! What is planned for the standard search parameters.
#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::collections::BTreeSet;

use rushlight_model::ResourceType;
use rushlight_model::definitions::{Definitions, Release};
use rushlight_search::{Found, Registry};

const RELEASES: [Release; 3] = [Release::R4, Release::R4B, Release::R5];

fn units(registry: &Registry, ty: &str, code: &str) -> Vec<i32> {
    let ty = ResourceType::from_name(ty).unwrap();
    registry.parameter(ty, code).unwrap().units().iter().map(|unit| unit.number).collect()
}

#[test]
fn parameters_that_index_the_same_share_units() {
    for release in RELEASES {
        let registry = Registry::standard(release);
        let of = |code| units(&registry, "Observation", code);
        assert_eq!(of("subject"), of("patient"));
        assert_eq!(of("combo-code"), [of("code"), of("component-code")].concat());
        assert_eq!(
            of("combo-value-quantity"),
            [of("value-quantity"), of("component-value-quantity")].concat()
        );
        assert_eq!(
            of("combo-code-value-quantity"),
            [of("code-value-quantity"), of("component-code-value-quantity")].concat()
        );
        assert_eq!(of("value-quantity").len(), 1);
        assert_eq!(units(&registry, "Patient", "name"), units(&registry, "Patient", "phonetic"));
    }
}

#[test]
fn what_access_depends_on_is_planned_for_all_types() {
    for release in RELEASES {
        let registry = Registry::standard(release);
        for ty in Definitions::of(release).resource_types() {
            assert_eq!(registry.security_labels(ty), units(&registry, ty.name(), "_security"), "{ty}");
        }
        let patient = ResourceType::from_name("Patient").unwrap();
        assert!(registry.patient_compartment(patient).is_some());
    }
}

#[test]
fn no_standard_parameter_is_lost() {
    let mut missing = BTreeSet::new();
    for release in RELEASES {
        let registry = Registry::standard(release);
        for ty in Definitions::of(release).resource_types() {
            for parameter in registry.parameters(ty) {
                if let Found::Nowhere(why) = parameter.found {
                    let why = why.split_whitespace().last().unwrap_or_default();
                    let any = if parameter.code.starts_with('_') { "*" } else { ty.name() };
                    missing.insert(format!("{release:?} {any} {} {why}", parameter.code));
                }
            }
        }
    }
    let missing: Vec<&str> = missing.iter().map(String::as_str).collect();
    assert_eq!(missing, NOWHERE);
}

/// Release, type, code, and the last word of why.
const NOWHERE: [&str; 34] = [
    "R4 * _content store",
    "R4 * _query resource",
    "R4 * _text store",
    "R4B * _content store",
    "R4B * _filter resource",
    "R4B * _has resource",
    "R4B * _list resource",
    "R4B * _query resource",
    "R4B * _text store",
    "R4B * _type resource",
    // It leads to a backbone element.
    "R4B Ingredient manufacturer type",
    "R4B Patient age expression",
    "R4B Patient birthOrderBoolean expression",
    "R5 * _content store",
    "R5 * _filter resource",
    "R5 * _has resource",
    "R5 * _in resource",
    "R5 * _list resource",
    "R5 * _query resource",
    "R5 * _text store",
    "R5 * _type resource",
    "R5 CareTeam date type",
    "R5 Composition section-code-text indexed",
    "R5 Composition section-text way",
    "R5 Device code-value-concept indexed",
    // Its component leads to the string in the reference.
    "R5 Encounter location-period indexed",
    "R5 EvidenceVariable topic type",
    "R5 ImagingStudy reason expression",
    "R5 Location contains way",
    "R5 Medication form expression",
    "R5 MedicationKnowledge packaging-cost expression",
    "R5 MedicationKnowledge packaging-cost-concept expression",
    "R5 Observation component-value-canonical type",
    "R5 Observation value-canonical type",
];
