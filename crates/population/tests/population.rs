//! A population as its users see it: the same for ever, whole, within its limits and plausible.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use std::collections::{HashMap, HashSet};

use common::{RELEASES, Record, TODAY, options, population, record, records, resources};
use rushlight_model::bundle::{self, Condition, PlannedOp};
use rushlight_model::{Limits, parse_instant};
use rushlight_population::{Day, Options, Population, Release, Resources};

/// What the bytes of the pool and of 50 patients add up to.
///
/// A change of any table or rule changes all who are drawn: raise no alarm, put in the sums that the failing test
/// shows, and say in the change log that populations are new. Without such a change the sums must stay.
const GOLDEN: [(Release, u64); 3] = [
    (Release::R4, 6_810_123_955_241_364_747),
    (Release::R4B, 6_810_123_955_241_364_747),
    (Release::R5, 8_645_550_604_274_734_963),
];

#[test]
fn the_same_bytes_for_ever() {
    let sums = RELEASES.map(|release| {
        let population = population(release);
        let mut resources = Resources::new();
        population.write_pool(&mut resources);
        let mut sum = fnv(0xCBF2_9CE4_8422_2325, resources.ndjson());
        for number in 1..=50 {
            population.write_patient(number, &mut resources);
            sum = fnv(sum, resources.ndjson());
        }
        (release, sum)
    });
    assert_eq!(sums, GOLDEN);
}

/// FNV-1a.
fn fnv(sum: u64, text: &str) -> u64 {
    text.bytes().fold(sum, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

#[test]
fn a_patient_depends_on_seed_and_number_alone() {
    let population = population(Release::R4);
    let mut resources = Resources::new();
    let mut write = |number| {
        population.write_patient(number, &mut resources);
        resources.ndjson().to_owned()
    };
    let forward: Vec<String> = (1..=20).map(&mut write).collect();
    let mut backward: Vec<String> = (1..=20).rev().map(&mut write).collect();
    backward.reverse();
    assert_eq!(forward, backward);
    assert_eq!(forward.iter().collect::<HashSet<_>>().len(), 20);

    let other = Population::new(Options { seed: 8, ..options(Release::R4) });
    other.write_patient(1, &mut resources);
    let renamed = resources.ndjson().replace("8-", "7-");
    assert_ne!(renamed, forward[0], "another seed is another person, not another id");
}

#[test]
fn every_resource_is_whole_and_refers_to_what_there_is() {
    for release in RELEASES {
        let mut known = HashSet::new();
        let pool = resources(|resources| population(release).write_pool(resources));
        assert_eq!(pool.len(), 90);
        let patients = (1..=300).map(|number| record(release, number).resources);
        let mut bytes = (0, 0);
        for resource in pool.into_iter().chain(patients.flatten()) {
            let (json, root) = (&resource.json, resource.tree.root());
            let text = |name| root.get(name).and_then(|value| value.as_str()).unwrap_or_default();
            assert_eq!(text("resourceType"), resource.resource_type, "{json}");
            assert_eq!(text("id"), resource.id, "{json}");
            assert_eq!(resource.tree.text(), json, "compact");
            assert!((350..1500).contains(&json.len()), "{} bytes: {json}", json.len());
            bytes = (bytes.0 + json.len(), bytes.1 + 1);
            for reference in resource.values("reference") {
                assert!(known.contains(&reference), "{reference} in {json}");
            }
            assert!(known.insert(format!("{}/{}", resource.resource_type, resource.id)), "twice: {json}");
        }
        let mean = bytes.0 / bytes.1;
        assert!((500..900).contains(&mean), "{mean}");
    }
}

#[test]
fn no_record_is_over_the_limit() {
    for limit in [0, 1, 2, 3, 7, 15, 30, 1000] {
        let population = Population::new(Options { limit, ..options(Release::R4) });
        let mut most = 0;
        for number in 1..=500 {
            let resources = resources(|resources| population.write_patient(number, resources));
            assert_eq!(resources[0].resource_type, "Patient");
            assert!(resources.len() <= limit.max(1), "{} of {limit}", resources.len());
            most = most.max(resources.len());
        }
        assert!(most == limit.max(1) || limit == 1000 && most < 90, "{most} of {limit}");
    }
}

#[test]
fn nothing_is_dated_before_birth_or_after_today() {
    let dated = [
        "onsetDateTime",
        "abatementDateTime",
        "recordedDate",
        "authoredOn",
        "occurrenceDateTime",
        "effectiveDateTime",
        "issued",
        "start",
        "end",
        "deceasedDateTime",
        "birthDate",
    ];
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let tomorrow = parse_instant(TODAY).unwrap() + 86_400_000_000;
    for Record { resources, .. } in records(Release::R4, 1000) {
        let birth = resources[0].instant("birthDate");
        for resource in &resources {
            for name in dated {
                for text in resource.values(name) {
                    let at = parse_instant(&text).unwrap_or_else(|| panic!("{name}: {text}"));
                    assert!(at >= birth && at < tomorrow, "{name} {text}: {}", resource.json);
                    *seen.entry(name).or_default() += 1;
                }
            }
        }
    }
    assert_eq!(seen.len(), dated.len(), "{seen:?}");
}

#[test]
fn even_a_newborn_and_a_day_long_ago() {
    for today in ["1970-01-01", "1899-12-31", "2400-02-29"] {
        let options = Options { today: Day::parse(today).unwrap(), ..options(Release::R5) };
        for number in 1..=300 {
            let resources = resources(|resources| Population::new(options).write_patient(number, resources));
            assert!(resources.len() > 1);
        }
    }
}

#[test]
fn each_release_has_its_own_elements() {
    // The resource type, the element before R5, the element since.
    let rows = [
        ("Encounter", "period", "actualPeriod"),
        ("Encounter", "reasonCode", "reason"),
        ("Condition", "recorder", "participant"),
        ("AllergyIntolerance", "recorder", "participant"),
        ("MedicationRequest", "medicationCodeableConcept", "medication"),
        ("MedicationRequest", "reasonReference", "reason"),
        ("Organization", "telecom", "contact"),
        ("Organization", "address", "contact"),
    ];
    let read = |release| {
        let pool = resources(|resources| population(release).write_pool(resources));
        let mut all: Vec<common::Resource> =
            records(release, 200).flat_map(|record| record.resources).collect();
        all.extend(pool);
        move |ty: &str, name: &str| {
            let of_type = all.iter().filter(|resource| resource.resource_type == ty);
            of_type.filter(|resource| resource.tree.root().get(name).is_some()).count()
        }
    };
    let (r4, r4b, r5) = (read(Release::R4), read(Release::R4B), read(Release::R5));
    for (ty, before, since) in rows {
        let count = r5(ty, since);
        assert!(count > 0, "{ty}.{since}");
        assert_eq!((r4(ty, before), r4(ty, since)), (count, 0), "{ty}.{before} in R4");
        assert_eq!((r4b(ty, before), r4b(ty, since)), (count, 0), "{ty}.{before} in R4B");
        assert_eq!(r5(ty, before), 0, "{ty}.{before} in R5");
    }
}

#[test]
fn a_bundle_puts_every_resource_at_its_id() {
    for release in RELEASES {
        let mut resources = Resources::new();
        population(release).write_patient(3, &mut resources);
        let mut text = String::new();
        resources.write_transaction(&mut text);
        let tree = rushlight_model::tree(text.as_bytes(), &Limits::default()).unwrap();
        let planned = bundle::plan(&tree, text.as_bytes(), &mut || unreachable!(), &()).unwrap();
        assert_eq!(planned.len(), resources.len());
        for (entry, resource) in planned.iter().zip(resources.iter()) {
            let PlannedOp::Put { ty, id, body, condition: Condition::None } = &entry.op else {
                panic!("{:?}", entry.op)
            };
            assert_eq!((ty.name(), id.as_str()), (resource.resource_type, resource.id));
            assert_eq!(body.text(), resource.json);
        }
        let lines: Vec<&str> = resources.ndjson().lines().collect();
        assert_eq!(lines, resources.iter().map(|resource| resource.json).collect::<Vec<_>>());
    }
}
