//! Synthetic populations: the same bytes from the same seed, valid in every release, and served by `--demo`.

use crate::process::{Server, assert_sound, rushlight};
use rushlight_test_support::{sqlite, stores};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// `rushlight generate` into a folder; what it said, and whether it succeeded.
fn generate(folder: &Path, switches: &[&str]) -> (String, bool) {
    rushlight(&[&["generate", "--to", folder.to_str().unwrap()], switches].concat())
}

/// The files that it makes in a new folder, by name.
fn files(switches: &[&str]) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let (said, success) = generate(folder.path(), switches);
    assert!(success, "{said}");
    let entries = fs::read_dir(folder.path()).unwrap().map(Result::unwrap);
    entries
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap()))
        .collect()
}

#[test]
fn the_same_switches_give_the_same_bytes_and_others_give_others() {
    for format in ["ndjson", "bundles"] {
        let make = |more: &[&str]| files(&[&["--format", format, "--patients", "20"], more].concat());
        let first = make(&["--seed", "7"]);
        assert!(first == make(&["--seed", "7"]), "{format}: not repeated");
        for other in [
            &["--seed", "8"][..],
            &["--seed", "7", "--today", "2020-02-29"],
            &["--seed", "7", "--fhir-version", "5.0"],
            &["--seed", "7", "--resources-per-patient", "5"],
        ] {
            assert!(first != make(other), "{format}: {other:?} changed nothing");
        }
    }
}

#[test]
fn ndjson_has_a_file_for_each_type_and_bundles_one_for_each_patient() {
    let ndjson = files(&["--patients", "12"]);
    assert_eq!(ndjson["Patient.ndjson"].lines().count(), 12);
    let mut resources = 0;
    for (name, text) in &ndjson {
        let start = format!(r#"{{"resourceType":"{}","#, name.strip_suffix(".ndjson").unwrap());
        assert!(text.ends_with('\n') && text.lines().all(|line| line.starts_with(&start)), "{name}");
        resources += text.lines().count();
    }
    let bundles = files(&["--patients", "12", "--format", "bundles"]);
    let names: Vec<&str> = bundles.keys().map(String::as_str).collect();
    assert_eq!(
        (names[0], names[1], names[12]),
        ("000-pool.json", "patient-0000001.json", "patient-0000012.json")
    );
    assert_eq!(names.len(), 13);
    let entries: usize = bundles.values().map(|text| text.matches(r#""method":"PUT""#).count()).sum();
    assert_eq!(entries, resources);
}

#[test]
fn nothing_is_overwritten_and_nothing_is_mixed() {
    for (format, name) in [("ndjson", "Patient.ndjson"), ("bundles", "patient-0000009.json")] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), "mine").unwrap();
        let (said, success) = generate(folder.path(), &["--patients", "3", "--format", format]);
        assert!(!success && said.contains(name) && said.contains("--to"), "{said}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{format}");
        assert_eq!(fs::read_to_string(folder.path().join(name)).unwrap(), "mine");
    }
}

#[test]
fn what_can_not_be_asked_for_is_refused() {
    for switches in [["--today", "2026-02-30"], ["--today", "0199-12-31"], ["--fhir-version", "3.0"]] {
        let folder = tempfile::tempdir().unwrap();
        let (said, success) = generate(folder.path(), &switches);
        assert!(!success && said.contains(switches[0]), "{said}");
    }
}

#[test]
fn bundles_of_each_release_are_loaded_without_a_rejection() {
    for release in ["4.0", "4.3", "5.0"] {
        let folder = tempfile::tempdir().unwrap();
        let switches = ["--patients", "60", "--format", "bundles", "--fhir-version", release];
        let (said, success) = generate(folder.path(), &switches);
        assert!(success, "{said}");
        let total: u64 = said
            .lines()
            .find_map(|line| line.split_once(" resources in "))
            .map(|(count, _)| count.trim().parse().unwrap())
            .unwrap();
        let store = sqlite();
        let rejects = folder.path().join("rejects");
        let bundles = folder.path().to_str().unwrap();
        let (said, success) = rushlight(&[
            "load",
            bundles,
            "--database-url",
            &store.url,
            "--fhir-version",
            release,
            "--rejects",
            rejects.to_str().unwrap(),
        ]);
        let expected =
            format!("61 bundles: {total} resources created, 0 updated, 0 unchanged, 0 bundles rejected");
        assert!(success && said.contains(&expected), "{release}: {said}, not {expected}");
        assert!(!rejects.exists());
        assert_sound(&store.url);
    }
}

#[test]
fn a_demonstration_fills_an_empty_store_once() {
    for store in stores() {
        let serve = |patients| Server::start_with(&store.url, &[("RUSHLIGHT_DEMO", patients)]);
        let patients = |server: &Server| server.client().pages("/Patient/_history?_count=1000").len();
        let server = serve("30");
        assert_eq!(patients(&server), 30, "{}", store.name);
        let patient = server.client().get("/Patient/1-p30").expect(200);
        assert_eq!((patient.version(), &patient.json()["resourceType"]), (1, &"Patient".into()));
        server.client().delete("/Patient/1-p30").expect(204);
        assert!(server.stop());

        // Neither the deleted patient comes back, nor do more patients come.
        let server = serve("100");
        server.client().get("/Patient/1-p30").expect(410);
        server.client().get("/Patient/1-p31").expect(404);
        assert!(server.stop());
        assert_sound(&store.url);
    }
}
