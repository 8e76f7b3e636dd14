//! 48,125 realistic records: over HTTP and by `rushlight load`, into both stores, each read back as it went in.

use crate::client::Client;
use crate::process::{RUSHLIGHT, Server, assert_sound, heavy};
use rushlight_test_support::{TestStore, data, stores};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

/// The archive's resources by type, as its description counts them.
const COUNTS: [(&str, usize); 16] = [
    ("AllergyIntolerance", 52),
    ("CarePlan", 407),
    ("Claim", 5630),
    ("Condition", 1160),
    ("DiagnosticReport", 1623),
    ("Encounter", 4325),
    ("ExplanationOfBenefit", 4325),
    ("Goal", 269),
    ("ImagingStudy", 62),
    ("Immunization", 1878),
    ("MedicationRequest", 1305),
    ("Observation", 22_570),
    ("Organization", 246),
    ("Patient", 151),
    ("Practitioner", 246),
    ("Procedure", 3876),
];

/// The archive's Bundles, unpacked by the system's own tool.
fn bundles(archive: &Path) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    assert!(
        Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(folder.path()).status().unwrap().success()
    );
    let mut bundles = Vec::new();
    let mut folders = vec![folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                let mut text = String::new();
                std::fs::File::open(path).unwrap().read_to_string(&mut text).unwrap();
                bundles.push(text);
            }
        }
    }
    bundles
}

/// All current resources, as the system's history tells them: a scan over HTTP.
fn stored(client: &Client) -> Vec<Value> {
    client.pages("/_history?_count=1000").into_iter().map(|mut entry| entry["resource"].take()).collect()
}

/// A resource without what the server may change: id, meta, and the ids within references.
fn essence(resource: &Value) -> String {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                for (name, value) in members.iter_mut() {
                    match value {
                        Value::String(text) if name == "reference" && !text.starts_with('#') => {
                            *text = String::new()
                        }
                        value => strip(value),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value = resource.clone();
    let members = value.as_object_mut().unwrap();
    members.remove("id");
    members.remove("meta");
    strip(&mut value);
    value.to_string()
}

/// What went in came out: as many of each, with the same values, and references that lead somewhere.
fn compare(client: &Client, sent: &HashMap<String, usize>) {
    let stored = stored(client);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut left = sent.clone();
    let mut names = std::collections::HashSet::new();
    for resource in &stored {
        let ty = resource["resourceType"].as_str().unwrap();
        *counts.entry(ty.to_owned()).or_default() += 1;
        assert_eq!(resource["meta"]["versionId"], "1");
        names.insert(format!("{ty}/{}", resource["id"].as_str().unwrap()));
        let essence = essence(resource);
        match left.get_mut(&essence) {
            Some(count) if *count > 0 => *count -= 1,
            _ => panic!("came out and did not go in: {essence}"),
        }
    }
    let expected: BTreeMap<String, usize> =
        COUNTS.iter().map(|(ty, count)| ((*ty).to_owned(), *count)).collect();
    assert_eq!(counts, expected);
    assert_eq!(left.values().sum::<usize>(), 0, "everything came out");
    let mut references = 0;
    let mut open: Vec<&Value> = stored.iter().collect();
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                if let Some(reference) = members.get("reference").and_then(Value::as_str)
                    && !reference.starts_with('#')
                {
                    assert!(names.contains(reference), "{reference} leads nowhere");
                    references += 1;
                }
                open.extend(members.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    assert!(references > 100_000, "references were rewritten: {references}");
}

fn sent(bundles: &[String]) -> HashMap<String, usize> {
    let mut sent = HashMap::new();
    for bundle in bundles {
        let bundle: Value = serde_json::from_str(bundle).unwrap();
        for entry in bundle["entry"].as_array().unwrap() {
            *sent.entry(essence(&entry["resource"])).or_default() += 1;
        }
    }
    sent
}

fn on_each_store(fill: impl Fn(&TestStore, &[String], &Path)) {
    let Some(archive) = data::synthea() else { return };
    let _turn = heavy();
    let bundles = bundles(&archive);
    assert_eq!(bundles.len(), 151);
    let sent = sent(&bundles);
    for store in stores() {
        fill(&store, &bundles, &archive);
        let server = Server::start(&store.url);
        compare(&server.client(), &sent);
        assert!(server.stop());
        assert_sound(&store.url);
    }
}

#[test]
fn synthea_through_transactions_is_kept_as_it_came() {
    on_each_store(|store, bundles, _| {
        let server = Server::start(&store.url);
        let next = Mutex::new(bundles.iter());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let client = server.client();
                    loop {
                        let Some(bundle) = next.lock().unwrap().next() else { break };
                        client.post("", bundle).expect(200);
                    }
                });
            }
        });
        // Killed, not stopped: what was acknowledged needs no farewell.
    });
}

#[test]
fn synthea_through_load_is_kept_as_it_came_and_a_second_run_changes_nothing() {
    on_each_store(|store, _, archive| {
        let load = |place: &str| {
            let output = Command::new(RUSHLIGHT)
                .args(["load", "--database-url", &store.url, place])
                .current_dir(tempfile::tempdir().unwrap().path())
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        let archive = archive.to_str().unwrap();
        assert!(
            load(archive)
                .contains("151 bundles: 48125 resources created, 0 updated, 0 unchanged, 0 bundles rejected")
        );
        assert!(
            load(archive)
                .contains("151 bundles: 0 resources created, 0 updated, 48125 unchanged, 0 bundles rejected")
        );
    });
}
