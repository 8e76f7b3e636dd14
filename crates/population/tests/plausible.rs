//! Whether the values fit the patients, and the patients a population.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;

use common::{Record, records};
use rushlight_population::Release;

const DIABETES: &str = "44054006";
const HYPERTENSION: &str = "59621000";
const METFORMIN: &str = "6809";
const GLYCATED: &str = "4548-4";
const PRESSURE: &str = "85354-9";

const PATIENTS: u64 = 2000;

fn check_share(what: &str, count: usize, of: usize, expected: RangeInclusive<usize>) {
    let per_mille = count * 1000 / of.max(1);
    assert!(expected.contains(&per_mille), "{what}: {per_mille} of a thousand, {count} of {of}");
}

/// What is counted, how it is seen, how many of a thousand are expected.
type Row<'a> = (&'a str, &'a dyn Fn(&Record) -> bool, RangeInclusive<usize>);

#[test]
fn shares() {
    let all: Vec<Record> = records(Release::R4, PATIENTS).collect();
    let having = |has: &dyn Fn(&Record) -> bool| all.iter().filter(|record| has(record)).count();
    let patient = |name: &'static str, text: &'static str| {
        move |record: &Record| record.resources[0].values(name).iter().any(|value| value == text)
    };
    let lacks =
        |name: &'static str| move |record: &Record| record.resources[0].tree.root().get(name).is_none();
    let of_age = |low, high| move |record: &Record| (low..high).contains(&record.age());
    let dead = |record: &Record| record.resources[0].json.contains("\"deceased");
    let accents = |record: &Record| !record.resources[0].value("family").is_ascii();
    let ill = |code: &'static str| move |record: &Record| record.condition(code).is_some();
    let any = |resource_type: &'static str| move |record: &Record| record.of(resource_type).next().is_some();
    let rows: [Row<'_>; 16] = [
        ("female", &patient("gender", "female"), 470..=530),
        ("neither female nor male is recorded", &patient("gender", "unknown"), 1..=15),
        ("under 18", &of_age(0, 18), 180..=250),
        ("over 65", &of_age(65, 120), 130..=220),
        ("dead", &dead, 20..=70),
        ("names with other letters than A to Z", &accents, 700..=900),
        ("no telephone or mail", &lacks("telecom"), 30..=120),
        ("no address", &lacks("address"), 30..=90),
        ("diabetes", &ill(DIABETES), 60..=130),
        ("hypertension", &ill(HYPERTENSION), 150..=280),
        ("a lasting disorder or one that passes", &any("Condition"), 550..=900),
        ("an allergy", &any("AllergyIntolerance"), 180..=260),
        ("a report", &any("DiagnosticReport"), 350..=700),
        ("a vaccination", &any("Immunization"), 600..=1000),
        ("a medicine", &any("MedicationRequest"), 400..=800),
        ("a visit", &any("Encounter"), 1000..=1000),
    ];
    for (what, has, expected) in rows {
        check_share(what, having(has), all.len(), expected);
    }
    let count: usize = all.iter().map(|record| record.resources.len()).sum();
    let mean = count / all.len();
    assert!((12..=24).contains(&mean), "{mean} resources per patient");
}

#[test]
fn values_are_within_what_is_seen() {
    // The code, what is possible at any age, and what the mean of grown-ups may be.
    let rows = [
        ("8302-2", 44.0..205.0, 160.0..176.0),
        ("29463-7", 2.0..200.0, 66.0..86.0),
        ("39156-5", 12.0..47.0, 23.0..29.0),
        (PRESSURE, 40.0..200.0, 95.0..108.0),
        ("8867-4", 45.0..171.0, 70.0..80.0),
        ("8310-5", 35.5..40.5, 37.0..38.5),
        ("9279-1", 10.0..61.0, 14.0..20.0),
        ("2708-6", 85.0..101.0, 96.0..99.0),
        (GLYCATED, 5.8..13.1, 6.5..8.0),
        ("2345-7", 66.0..345.0, 95.0..150.0),
        ("2093-3", 110.0..355.0, 170.0..210.0),
        ("2085-9", 25.0..96.0, 48.0..60.0),
        ("13457-7", 19.0..270.0, 90.0..140.0),
        ("2160-0", 0.1..4.6, 0.8..1.4),
        ("718-7", 7.0..18.1, 11.0..14.5),
        ("3016-3", 0.1..25.0, 2.0..6.0),
    ];
    let mut values: HashMap<String, Vec<f64>> = HashMap::new();
    for record in records(Release::R5, PATIENTS) {
        for observation in record.of("Observation") {
            let found = values.entry(observation.code()).or_default();
            for value in observation.quantities() {
                let row = rows.iter().find(|(code, ..)| *code == observation.code());
                assert!(row.is_none_or(|(_, possible, _)| possible.contains(&value)), "{}", observation.json);
                if record.age() >= 20 {
                    found.push(value);
                }
            }
        }
    }
    for (code, _, expected) in rows {
        let found = &values[code];
        let mean = found.iter().sum::<f64>() / found.len() as f64;
        assert!(expected.contains(&mean), "{code}: mean {mean} of {}", found.len());
    }
}

#[test]
fn what_is_computed_fits_what_it_is_computed_from() {
    for record in records(Release::R4, 500) {
        let mut last: HashMap<String, f64> = HashMap::new();
        for observation in record.of("Observation") {
            let values = observation.quantities();
            match (observation.code().as_str(), values.as_slice()) {
                ("39156-5", [index]) => {
                    let expected = last["29463-7"] / (last["8302-2"] / 100.0).powi(2);
                    assert!((index - expected).abs() < 0.06, "{index} {expected}");
                }
                ("13457-7", [ldl]) => {
                    let expected = last["2093-3"] - last["2085-9"] - last["2571-8"] / 5.0;
                    assert!((ldl - expected).abs() < 1.0, "{ldl} {expected}");
                }
                (PRESSURE, values) => assert!(values[0] > values[1] + 20.0, "{values:?}"),
                (_, values) => assert_eq!(values.len(), 1, "{}", observation.json),
            }
            last.insert(observation.code(), values[0]);
        }
    }
}

#[test]
fn diabetics_are_watched_treated_and_get_better() {
    let (mut watched, mut diabetics) = (0, 0);
    let (mut first, mut later) = (Vec::new(), Vec::new());
    for record in records(Release::R4, PATIENTS) {
        let values: Vec<f64> = record
            .of("Observation")
            .filter(|observation| observation.code() == GLYCATED)
            .flat_map(common::Resource::quantities)
            .collect();
        let metformin = record
            .of("MedicationRequest")
            .filter(|request| request.values("code").iter().any(|code| code == METFORMIN));
        let reasons: HashSet<String> = metformin.flat_map(|request| request.values("reference")).collect();
        let Some(condition) = record.condition(DIABETES) else {
            assert!(
                values.is_empty() && reasons.is_empty(),
                "not a diabetic: {:?}",
                record.resources[0].json
            );
            continue;
        };
        assert!(reasons.contains(&format!("Condition/{}", condition.id)), "{reasons:?}");
        if let [early, .., late] = values.as_slice() {
            first.push(*early);
            later.push(*late);
        }
        watched += usize::from(!values.is_empty());
        diabetics += 1;
    }
    check_share("glycated haemoglobin of diabetics", watched, diabetics, 800..=1000);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    assert!(mean(&first) > mean(&later) + 0.03, "{} {}", mean(&first), mean(&later));
}

#[test]
fn children_grow() {
    let mut grown = 0;
    for record in records(Release::R4, PATIENTS).filter(|record| record.age() < 15) {
        let heights: Vec<f64> = record
            .of("Observation")
            .filter(|observation| observation.code() == "8302-2")
            .flat_map(common::Resource::quantities)
            .collect();
        assert!(heights.windows(2).all(|pair| pair[0] < pair[1] + 0.4), "{heights:?}");
        grown += heights.len().saturating_sub(1);
    }
    assert!(grown > 200, "{grown}");
}

#[test]
fn nobody_is_given_what_an_allergy_forbids() {
    let (mut allergic, mut given) = (0, 0);
    for record in records(Release::R5, PATIENTS) {
        let has = record.of("AllergyIntolerance").any(|allergy| allergy.code() == "91936005");
        let amoxicillin = record
            .of("MedicationRequest")
            .any(|request| request.values("text").iter().any(|text| text.starts_with("Amoxicillin")));
        assert!(!(has && amoxicillin), "{}", record.resources[0].json);
        allergic += usize::from(has);
        given += usize::from(amoxicillin);
    }
    assert!(allergic > 20 && given > 10, "{allergic} {given}");
}
