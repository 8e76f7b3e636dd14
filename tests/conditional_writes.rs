//! Writes that depend on what a search finds: alone, in Bundles, and many at once.

use crate::client::{Answer, Client};
use crate::interactions::{on_each_store, refused};
use crate::process::{Server, assert_sound, heavy};
use rushlight_test_support::stores;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

const SYSTEM: &str = "urn:example:mrn";

fn patient(id: Option<&str>, value: &str, active: bool) -> String {
    let mut patient = json!({"resourceType": "Patient", "active": active,
        "identifier": [{"system": SYSTEM, "value": value}]});
    if let Some(id) = id {
        patient["id"] = id.into();
    }
    patient.to_string()
}

fn send(client: &Client, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    client.send(method, path, headers, body.as_bytes()).unwrap()
}

fn versions(client: &Client) -> u64 {
    client.get("/_history?_count=0").expect(200).json()["total"].as_u64().unwrap()
}

#[test]
fn what_matches_decides() {
    on_each_store(|client| {
        client.put("/Patient/one", &patient(Some("one"), "1", true)).expect(201);
        client.put("/Patient/two", &patient(Some("two"), "2", true)).expect(201);
        client.put("/Patient/twin", &patient(Some("twin"), "2", true)).expect(201);
        let new = |value: &str| patient(None, value, false);
        let named = |id: &str, value: &str| patient(Some(id), value, false);
        let (first, second) = (("If-Match", "W/\"1\""), ("If-Match", "W/\"2\""));
        for (method, path, headers, body, status, code) in [
            // None matches.
            ("POST", "/Patient", vec![("If-None-Exist", "identifier=a")], new("a"), 201, ""),
            ("PUT", "/Patient?identifier=b", vec![], new("b"), 201, ""),
            ("PUT", "/Patient?identifier=c", vec![], named("c", "c"), 201, ""),
            ("PUT", "/Patient/?identifier=d", vec![("If-None-Match", "*")], new("d"), 201, ""),
            ("PUT", "/Patient?identifier=e", vec![first], new("e"), 412, "conflict"),
            ("PUT", "/Patient?identifier=e", vec![], named("one", "e"), 409, "duplicate"),
            ("DELETE", "/Patient?identifier=e", vec![], String::new(), 204, ""),
            ("DELETE", "/Patient?identifier=e", vec![first], String::new(), 412, "conflict"),
            // One does.
            ("POST", "/Patient", vec![("If-None-Exist", "identifier=urn:example:mrn|1")], new("1"), 200, ""),
            (
                "POST",
                "/Patient",
                vec![("If-None-Exist", "identifier=urn%3Aexample%3Amrn%7C1")],
                new("1"),
                200,
                "",
            ),
            ("PUT", "/Patient?identifier=1", vec![("If-None-Match", "*")], new("1"), 412, "conflict"),
            ("PUT", "/Patient?identifier=1", vec![second], new("1"), 412, "conflict"),
            ("PUT", "/Patient?identifier=1", vec![first], new("1"), 200, ""),
            ("PUT", "/Patient?identifier=1", vec![], new("1"), 200, ""),
            ("PUT", "/Patient?identifier=1", vec![], named("one", "1"), 200, ""),
            ("PUT", "/Patient?identifier=1", vec![], named("other", "1"), 400, "invalid"),
            ("DELETE", "/Patient?identifier=1", vec![first], String::new(), 412, "conflict"),
            ("DELETE", "/Patient?identifier=1", vec![], String::new(), 204, ""),
            // Several do.
            ("POST", "/Patient", vec![("If-None-Exist", "identifier=2")], new("2"), 412, "multiple-matches"),
            ("PUT", "/Patient?identifier=2", vec![], new("2"), 412, "multiple-matches"),
            ("DELETE", "/Patient?identifier=2", vec![], String::new(), 412, "multiple-matches"),
            // They are read strictly, whatever the client would like.
            (
                "DELETE",
                "/Patient?identifer=a",
                vec![("Prefer", "handling=lenient")],
                String::new(),
                400,
                "not-supported",
            ),
            (
                "POST",
                "/Patient",
                vec![("If-None-Exist", "a"), ("If-None-Exist", "b")],
                new("a"),
                400,
                "value",
            ),
        ] {
            let before = versions(client);
            let answer = send(client, method, path, &headers, &body);
            assert_eq!(answer.status, status, "{method} {path} {headers:?} {body}: {}", answer.text);
            if status >= 400 {
                refused(&answer, status, code, "");
                assert_eq!(versions(client), before, "{method} {path}: nothing was written");
            } else if status < 204 {
                let read =
                    client.get(&format!("/Patient/{}", answer.json()["id"].as_str().unwrap())).expect(200);
                assert_eq!(answer.header("etag"), read.header("etag"), "{method} {path}");
                assert_eq!(answer.json(), read.json(), "{method} {path}");
                assert!(answer.header("location").ends_with(&format!("_history/{}", read.version())));
            }
        }
        client.get("/Patient/one").expect(410);
        client.get("/Patient/c").expect(200);
        // What is deleted does not match: it is made anew, under a new id.
        let again =
            send(client, "POST", "/Patient", &[("If-None-Exist", "identifier=1")], &new("1")).expect(201);
        assert_ne!(again.json()["id"], "one");
        let provenance = json!({"resourceType": "Provenance", "recorded": "2026-01-01T00:00:00Z",
            "agent": [{"who": {"display": "a"}}]})
        .to_string();
        for (value, status, written) in [("p", 201, 2), ("p", 200, 0)] {
            let (before, criteria) = (versions(client), format!("identifier={value}"));
            let headers = [("If-None-Exist", criteria.as_str()), ("X-Provenance", provenance.as_str())];
            send(client, "POST", "/Patient", &headers, &new(value)).expect(status);
            assert_eq!(versions(client) - before, written, "a Provenance is of what was written");
        }
    });
}

#[test]
fn a_criterion_without_a_value_is_refused() {
    on_each_store(|client| {
        client.put("/Patient/p", &patient(Some("p"), "1", true)).expect(201);
        let criteria = ["identifier=&active=true", "identifer&active=true", "active=true&bogus="];
        for criteria in criteria {
            refused(&client.delete(&format!("/Patient?{criteria}")), 400, "required", "has no value");
            let update = client.put(&format!("/Patient?{criteria}"), &patient(None, "2", true));
            refused(&update, 400, "required", "has no value");
            let create =
                send(client, "POST", "/Patient", &[("If-None-Exist", criteria)], &patient(None, "3", true));
            refused(&create, 400, "required", "has no value");
        }
        assert_eq!(client.get("/Patient/p").expect(200).version(), 1);
        assert_eq!(client.get("/Patient?_summary=count").expect(200).json()["total"], 1);
    });
}

#[test]
fn several_are_deleted_where_it_is_allowed() {
    for store in stores() {
        let allowed = ("RUSHLIGHT_CONDITIONAL_DELETE", "3");
        let refused_ids = ("RUSHLIGHT_UPDATE_AS_CREATE", "refused");
        let server = Server::start_with(&store.url, &[allowed, refused_ids]);
        let client = server.client();
        for (value, count) in [("3", 3), ("4", 4)] {
            for _ in 0..count {
                client.post("/Patient", &patient(None, value, true)).expect(201);
            }
        }
        client.delete("/Patient?identifier=4").expect(412);
        let told = [("Prefer", "return=OperationOutcome")];
        let answer = send(&client, "DELETE", "/Patient?identifier=3", &told, "").expect(200).json();
        assert_eq!(answer["issue"].as_array().unwrap().len(), 3, "{answer}");
        client.delete("/Patient?identifier=3").expect(204);
        assert_eq!(versions(&client), 10);
        let delete = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
            {"request": {"method": "DELETE", "url": "Patient?identifier=4"}}]});
        client.post("", &delete.to_string()).expect(412);
        // A client chooses no id, and the server does.
        client.put("/Patient?identifier=5", &patient(Some("mine"), "5", true)).expect(405);
        client.put("/Patient?identifier=5", &patient(None, "5", true)).expect(201);
        client.put("/Patient?identifier=5", &patient(None, "5", false)).expect(200);
        let metadata = client.get("/metadata").expect(200).json();
        assert_eq!(metadata["rest"][0]["resource"][0]["conditionalDelete"], "multiple");
        assert!(server.stop());
    }
}

fn entry(method: &str, url: &str, resource: Value) -> Value {
    let mut entry = json!({"request": {"method": method, "url": url}});
    if !resource.is_null() {
        entry["resource"] = resource;
    }
    entry
}

fn unless(resource: Value, criteria: &str) -> Value {
    let mut entry = entry("POST", resource["resourceType"].as_str().unwrap(), resource.clone());
    entry["request"]["ifNoneExist"] = criteria.into();
    entry
}

#[test]
fn a_transaction_is_held_to_what_its_criteria_matched() {
    on_each_store(|client| {
        let of = |value: &str| json!({"resourceType": "Patient", "identifier": [{"system": SYSTEM, "value": value}]});
        let about = |reference: &str| {
            json!({"resourceType": "Observation", "status": "final", "code": {"text": "x"},
                "subject": {"reference": reference}})
        };
        for value in ["1", "1", "2"] {
            client.post("/Patient", &of(value).to_string()).expect(201);
        }
        let named = |value: &str, url: &str| {
            let mut entry = unless(of(value), &format!("identifier={value}"));
            entry["fullUrl"] = url.into();
            entry
        };
        let none = Value::Null;
        for (what, entries, expected) in [
            (
                "a new one, and a link to it",
                vec![named("3", "urn:uuid:a"), entry("POST", "Observation", about("urn:uuid:a"))],
                "201 201",
            ),
            (
                "the old one, and a link to it",
                vec![named("3", "urn:uuid:a"), entry("POST", "Observation", about("urn:uuid:a"))],
                "200 201",
            ),
            ("the same twice, found", vec![named("3", "urn:uuid:a"), named("3", "urn:uuid:b")], "200 200"),
            (
                "the same twice, new",
                vec![named("4", "urn:uuid:a"), named("4", "urn:uuid:b")],
                "400 duplicate",
            ),
            (
                "a plain one that would match",
                vec![named("4", "urn:uuid:a"), entry("POST", "Patient", of("4"))],
                "400 duplicate",
            ),
            (
                "found and written",
                vec![named("3", "urn:uuid:a"), entry("PUT", "Patient?identifier=3", of("3"))],
                "400 duplicate",
            ),
            ("several", vec![named("1", "urn:uuid:a")], "412 multiple-matches"),
            ("a reference", vec![entry("POST", "Observation", about("Patient?identifier=2"))], "201"),
            (
                "a reference to several",
                vec![entry("POST", "Observation", about("Patient?identifier=1"))],
                "412 multiple-matches",
            ),
            (
                "a reference to none",
                vec![entry("POST", "Observation", about("Patient?identifier=5"))],
                "412 not-found",
            ),
            (
                "a reference to what comes",
                vec![
                    entry("POST", "Patient", of("5")),
                    entry("POST", "Observation", about("Patient?identifier=urn:example:mrn|5")),
                ],
                "201 201",
            ),
            (
                "a reference to one too many",
                vec![
                    entry("POST", "Patient", of("5")),
                    entry("POST", "Observation", about("Patient?identifier=5")),
                ],
                "412 multiple-matches",
            ),
            (
                "a reference to what goes",
                vec![
                    entry("DELETE", "Patient?identifier=5", none.clone()),
                    entry("POST", "Observation", about("Patient?identifier=5")),
                ],
                "412 not-found",
            ),
            (
                "deleted and made anew",
                vec![
                    entry("DELETE", "Patient?identifier=5", none.clone()),
                    entry("PUT", "Patient?identifier=6", of("6")),
                ],
                "204 201",
            ),
            (
                "nothing to delete",
                vec![
                    entry("DELETE", "Patient?identifier=5", none.clone()),
                    entry("GET", "metadata", none.clone()),
                ],
                "204 200",
            ),
            (
                "criteria that are none",
                vec![entry("DELETE", "Patient?_sort=_id", none.clone())],
                "400 invalid",
            ),
        ] {
            let before = versions(client);
            let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
            let answer = client.post("", &bundle.to_string());
            let told: Vec<String> = match answer.json()["entry"].as_array() {
                Some(entries) => entries
                    .iter()
                    .map(|entry| entry["response"]["status"].as_str().unwrap()[..3].to_owned())
                    .collect(),
                None => vec![
                    answer.status.to_string(),
                    answer.json()["issue"][0]["code"].as_str().unwrap().to_owned(),
                ],
            };
            assert_eq!(told.join(" "), expected, "{what}: {}", answer.text);
            if answer.status != 200 {
                assert_eq!(versions(client), before, "{what}: nothing was written");
            }
        }
        for observation in client.pages("/Observation/_history") {
            let subject = observation["resource"]["subject"]["reference"].as_str().unwrap().to_owned();
            let found = client.get(&format!("/{subject}")).status;
            assert!([200, 410].contains(&found), "{subject}");
        }
        let batch = json!({"resourceType": "Bundle", "type": "batch", "entry": [
            named("7", "urn:uuid:a"), named("7", "urn:uuid:b"), named("1", "urn:uuid:c"),
            entry("PUT", "Patient?identifier=7", of("8")), entry("DELETE", "Patient?identifier=8", none.clone()),
            entry("DELETE", "Patient?identifier=9", none)]});
        let answer = client.post("", &batch.to_string()).expect(200).json();
        let statuses: Vec<&str> = answer["entry"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| &entry["response"]["status"].as_str().unwrap()[..3])
            .collect();
        assert_eq!(statuses, ["201", "200", "412", "200", "204", "204"], "{answer}");
    });
}

/// Keys of the great test: `RUSHLIGHT_KEYS=1000` for the full one.
fn keys() -> usize {
    std::env::var("RUSHLIGHT_KEYS").ok().and_then(|keys| keys.parse().ok()).unwrap_or(100)
}

#[test]
fn sixty_four_clients_make_each_thing_once() {
    const CLIENTS: usize = 64;
    let (keys, _turn) = (keys(), heavy());
    for store in stores() {
        let count = if store.name == "postgres" { 2 } else { 1 };
        let servers: Vec<Server> = (0..count).map(|_| Server::start(&store.url)).collect();
        let clients: Vec<Client> = servers.iter().map(Server::client).collect();
        let (made, busy) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for number in 0..CLIENTS {
                let (client, made, busy) = (&clients[number % clients.len()], &made, &busy);
                scope.spawn(move || {
                    for key in 0..keys {
                        let value = format!("k{}", (key + number % 3) % keys);
                        let body = patient(None, &value, true);
                        let spelled = match (number + key) % 4 {
                            0 => format!("identifier={SYSTEM}|{value}"),
                            1 => format!("identifier={value}"),
                            2 => format!("active=true&identifier={value}"),
                            _ => format!("identifier={value}&active=true"),
                        };
                        loop {
                            let answer = match (number + key) % 3 {
                                0 => {
                                    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
                                        unless(serde_json::from_str(&body).unwrap(), &spelled)]});
                                    client.post("", &bundle.to_string())
                                }
                                1 => send(client, "POST", "/Patient", &[("If-None-Exist", &spelled)], &body),
                                _ => client.put(&format!("/Patient?{}", spelled.replace('|', "%7C")), &body),
                            };
                            if answer.status == 503 {
                                busy.fetch_add(1, Ordering::Relaxed);
                                continue;
                            }
                            assert!([200, 201].contains(&answer.status), "{}", answer.text);
                            let entry = &answer.json()["entry"][0]["response"]["status"];
                            let created = answer.status == 201 || entry == "201 Created";
                            made.fetch_add(usize::from(created), Ordering::Relaxed);
                            break;
                        }
                    }
                });
            }
        });
        eprintln!("{}: {} answers of 503", store.name, busy.into_inner());
        assert_eq!(made.into_inner(), keys, "{}", store.name);
        let history = clients[0].get("/Patient/_history?_count=0").expect(200).json();
        assert_eq!(
            history["total"].as_u64(),
            Some(keys as u64),
            "{}: each once, and never changed",
            store.name
        );
        for server in servers {
            assert!(server.stop());
        }
        assert_sound(&store.url);
    }
}
