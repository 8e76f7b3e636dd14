//! Batches and transactions. <https://hl7.org/fhir/R4/http.html#transaction>

use crate::client::{Answer, Client, link};
use crate::interactions::{on_each_store, on_each_store_with, refused};
use serde_json::{Value, json};

fn bundle(ty: &str, entries: &[Value]) -> String {
    json!({"resourceType": "Bundle", "type": ty, "entry": entries}).to_string()
}

fn put(id: &str) -> Value {
    json!({"resource": {"resourceType": "Patient", "id": id}, "request": {"method": "PUT", "url": format!("Patient/{id}")}})
}

fn request(method: &str, url: &str) -> Value {
    json!({"request": {"method": method, "url": url}})
}

/// The statuses of a response's entries.
fn statuses(answer: &Answer) -> Vec<u16> {
    let entries = answer.json()["entry"].as_array().unwrap().clone();
    let status = |entry: &Value| entry["response"]["status"].as_str().unwrap()[..3].parse().unwrap();
    entries.iter().map(status).collect()
}

/// What was written since the store was made.
fn written(client: &Client) -> i64 {
    client.get("/_history?_count=1").expect(200).json()["total"].as_i64().unwrap()
}

#[test]
fn a_transaction_answers_in_order_and_links_its_entries() {
    on_each_store(|client| {
        client.put("/Patient/old", r#"{"resourceType":"Patient","id":"old"}"#).expect(201);
        let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
            {"fullUrl": "urn:uuid:11111111-1111-4111-8111-111111111111", "resource": {"resourceType": "Observation", "status": "final", "code": {"text": "x"},
                "subject": {"reference": "urn:uuid:22222222-2222-4222-8222-222222222222"}}, "request": {"method": "POST", "url": "Observation"}},
            {"fullUrl": "urn:uuid:22222222-2222-4222-8222-222222222222", "resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient"}},
            {"request": {"method": "DELETE", "url": "Patient/old", "ifMatch": "W/\"1\""}},
            {"resource": {"resourceType": "Patient", "id": "new"}, "request": {"method": "PUT", "url": "Patient/new"}},
        ]});
        let answer = client.post("", &bundle.to_string()).expect(200).json();
        assert_eq!(answer["type"], "transaction-response");
        let statuses: Vec<&str> = answer["entry"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["response"]["status"].as_str().unwrap())
            .collect();
        assert_eq!(statuses, ["201 Created", "201 Created", "204 No Content", "201 Created"]);
        let location = |at: usize| answer["entry"][at]["response"]["location"].as_str().unwrap().to_owned();
        let observation = client.get(&location(0)).expect(200).json();
        let patient =
            location(1).split("/_history").next().unwrap().rsplit_once("/Patient/").unwrap().1.to_owned();
        assert_eq!(observation["subject"]["reference"], format!("Patient/{patient}"));
        client.get("/Patient/old").expect(410);

        for (entry, says) in [
            (
                json!({"resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient", "ifNoneExist": "identifer=x"}}),
                "identifer",
            ),
            (
                json!({"resource": {"resourceType": "Patient"}, "request": {"method": "PUT", "url": "Patient?identifer=x"}}),
                "identifer",
            ),
            (
                json!({"resource": {"resourceType": "Observation", "subject": {"reference": "Patient?identifer=x"}}, "request": {"method": "POST", "url": "Observation"}}),
                "identifer",
            ),
        ] {
            let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
                {"resource": {"resourceType": "Patient", "id": "poisoned"}, "request": {"method": "PUT", "url": "Patient/poisoned"}}, entry]});
            refused(&client.post("", &bundle.to_string()), 400, "not-supported", says);
        }
        let stale = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
            {"resource": {"resourceType": "Patient", "id": "poisoned"}, "request": {"method": "PUT", "url": "Patient/poisoned"}},
            {"resource": {"resourceType": "Patient", "id": "new"}, "request": {"method": "PUT", "url": "Patient/new", "ifMatch": "W/\"7\""}}]});
        refused(&client.post("", &stale.to_string()), 412, "conflict", "Bundle.entry[1]");
        client.get("/Patient/poisoned").expect(404);
        let empty = client.post("/", r#"{"resourceType":"Bundle","type":"transaction"}"#).expect(200).json();
        assert!(empty.get("entry").is_none());
    });
}

#[test]
fn entries_of_a_batch_stand_or_fall_alone_and_are_answered_in_their_order() {
    on_each_store(|client| {
        client.put("/Patient/old", r#"{"resourceType":"Patient","id":"old"}"#).expect(201);
        let conditional = |method: &str, url: &str, name: &str, value: &str| {
            let mut entry = request(method, url);
            entry["request"][name] = value.into();
            entry
        };
        let mut stale = put("old");
        stale["request"]["ifMatch"] = "W/\"7\"".into();
        let mut fresh = put("fresh");
        fresh["request"]["ifNoneMatch"] = "*".into();
        let mut exists = put("fresh");
        exists["request"]["ifNoneMatch"] = "*".into();
        let entries = [
            (request("GET", "Patient/p"), 200),
            (put("p"), 201),
            (
                json!({"resource": {"resourceType": "Patient", "actve": true}, "request": {"method": "POST", "url": "Patient"}}),
                422,
            ),
            (
                json!({"resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient"}}),
                201,
            ),
            (stale, 412),
            (fresh, 201),
            (exists, 412),
            (request("DELETE", "Patient/never"), 204),
            (request("DELETE", "Patient/old"), 204),
            (request("GET", "Patient/old"), 410),
            (request("GET", "Patient/old/_history/1"), 200),
            (request("GET", "Patient/none"), 404),
            (request("GET", "Patiant/none"), 404),
            (request("GET", "Patient?name=x"), 200),
            (request("GET", "Patient?nam=x"), 400),
            (request("GET", "metadata"), 200),
            (request("GET", "Patient/p/_history?_count=3&_sort=_lastUpdated"), 200),
            (request("GET", "_history?_cuont=3"), 400),
            (request("HEAD", "Patient/p"), 200),
            (request("PATCH", "Patient/p"), 400),
            (conditional("GET", "Patient/p", "ifNoneMatch", "W/\"1\""), 304),
            (conditional("GET", "Patient/p", "ifNoneMatch", "W/\"2\""), 200),
            (conditional("GET", "Patient/p", "ifModifiedSince", "2999-01-01T00:00:00Z"), 304),
            (conditional("GET", "Patient/p", "ifMatch", "W/\"1\""), 400),
            (
                json!({"resource": {"resourceType": "Observation", "status": "final", "code": {"text": "x"},
                "subject": {"reference": "urn:uuid:22222222-2222-4222-8222-222222222222"}}, "request": {"method": "POST", "url": "Observation"}}),
                400,
            ),
            (json!({}), 400),
        ];
        let (asked, expected): (Vec<Value>, Vec<u16>) = entries.into_iter().unzip();
        let answer = client.post("", &bundle("batch", &asked)).expect(200);
        assert_eq!(statuses(&answer), expected, "{}", answer.text);
        let answer = answer.json();
        assert_eq!(answer["type"], "batch-response");
        for (at, status) in expected.iter().enumerate() {
            let entry = &answer["entry"][at];
            let outcome = &entry["response"]["outcome"];
            assert_eq!(outcome["resourceType"] == "OperationOutcome", *status >= 400, "{entry}");
            let body = entry.get("resource").is_some();
            let head = asked[at]["request"]["method"] == "HEAD";
            let reads = asked[at]["request"]["method"] == "GET";
            assert_eq!(body, reads && *status == 200 && !head, "{entry}");
        }
        assert_eq!(answer["entry"][0]["resource"]["id"], "p", "reads come after writes");
        assert_eq!(answer["entry"][0]["fullUrl"], format!("{}/Patient/p", client.base));
        assert_eq!(
            answer["entry"][2]["response"]["outcome"]["issue"][0]["expression"][0],
            "Bundle.entry[2].resource.actve"
        );
        assert_eq!(answer["entry"][20]["response"]["etag"], "W/\"1\"");
        assert_eq!(answer["entry"][15]["resource"]["resourceType"], "CapabilityStatement");
        let history = &answer["entry"][16]["resource"];
        assert_eq!((&history["type"], &history["total"]), (&json!("history"), &json!(1)));
        assert_eq!(written(client), 5, "old, p, the POST, fresh, the deletion");
        let empty = client.post("", r#"{"resourceType":"Bundle","type":"batch"}"#).expect(200).json();
        assert_eq!((&empty["type"], empty.get("entry")), (&json!("batch-response"), None));
    });
}

#[test]
fn a_large_batch_is_written_whole() {
    on_each_store(|client| {
        let entries: Vec<Value> = (0..2500).map(|number| put(&format!("p{number}"))).collect();
        let answer = client.post("", &bundle("batch", &entries)).expect(200);
        assert_eq!(statuses(&answer), vec![201; 2500]);
        assert_eq!(written(client), 2500);
    });
}

#[test]
fn a_bundle_that_is_none_to_carry_out_is_refused() {
    on_each_store_with(&[], |client| {
        for (body, says) in [
            (json!({"resourceType": "Bundle", "type": "collection"}), "stored by POST to Bundle"),
            (json!({"resourceType": "Bundle"}), "Bundle.type"),
            (json!({"resourceType": "Patient"}), "Bundle.resourceType"),
            (
                json!({"resourceType": "Bundle", "type": "batch", "implicitRules": "http://x"}),
                "Bundle.implicitRules",
            ),
        ] {
            let answer = client.post("", &body.to_string());
            assert_eq!(answer.status, 400, "{}", answer.text);
            assert!(answer.text.contains(says), "{says}: {}", answer.text);
        }
        let around = json!({"resourceType": "Bundle", "type": "batch", "nonsense": 1, "entry": [put("p")]});
        refused(&client.post("", &around.to_string()), 422, "structure", "Bundle.nonsense");
        let many = bundle("batch", &vec![json!({}); 100_001]);
        refused(&client.post("", &many), 413, "too-costly", "100000 entries");
        assert_eq!(written(client), 0);
        client.post("/Bundle", r#"{"resourceType":"Bundle","type":"collection"}"#).expect(201);
    });
}

#[test]
fn references_to_versions_lead_to_what_is_written() {
    on_each_store(|client| {
        let transaction = |active: bool| {
            bundle(
                "transaction",
                &[
                    json!({"fullUrl": "urn:uuid:11111111-1111-4111-8111-111111111111", "resource": {"resourceType": "Patient", "id": "p", "active": active},
                    "request": {"method": "PUT", "url": "Patient/p"}}),
                    json!({"fullUrl": "urn:uuid:22222222-2222-4222-8222-222222222222", "resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient"}}),
                    json!({"resource": {"resourceType": "List", "id": "l", "status": "current", "mode": "snapshot", "entry": [
                    {"item": {"reference": "urn:uuid:11111111-1111-4111-8111-111111111111/_history/1"}},
                    {"item": {"reference": "urn:uuid:22222222-2222-4222-8222-222222222222/_history/1"}}]}, "request": {"method": "PUT", "url": "List/l"}}),
                ],
            )
        };
        for (active, version) in [(true, 1), (true, 1), (false, 2), (false, 2), (true, 3)] {
            let answer = client.post("", &transaction(active)).expect(200).json();
            assert_eq!(answer["entry"][0]["response"]["etag"], format!("W/\"{version}\""));
            let list = client.get("/List/l").expect(200).json();
            assert_eq!(list["entry"][0]["item"]["reference"], format!("Patient/p/_history/{version}"));
            let second = list["entry"][1]["item"]["reference"].as_str().unwrap().to_owned();
            assert!(second.ends_with("/_history/1"), "{second}");
            client.get(&format!("/{second}")).expect(200);
        }
        client.delete("/Patient/p").expect(204);
        refused(&client.post("", &transaction(true)), 400, "not-supported", "deleted");
    });
}

#[test]
fn reads_in_a_transaction_see_its_writes_or_fail_it() {
    on_each_store(|client| {
        client.put("/Patient/old", r#"{"resourceType":"Patient","id":"old"}"#).expect(201);
        let mut known = request("GET", "Patient/old");
        known["request"]["ifNoneMatch"] = "W/\"1\"".into();
        let entries = [
            request("GET", "Patient/p"),
            put("p"),
            known,
            request("HEAD", "Patient/p?_format=json"),
            request("GET", "Patient/old/_history/1"),
            request("GET", "metadata"),
            request("GET", "Patient/old"),
            request("GET", "Patient/old"),
        ];
        let answer = client.post("", &bundle("transaction", &entries)).expect(200);
        assert_eq!(statuses(&answer), [200, 201, 304, 200, 200, 200, 200, 200]);
        let answer = answer.json();
        let bodies: Vec<bool> = (0..8).map(|at| answer["entry"][at].get("resource").is_some()).collect();
        assert_eq!(bodies, [true, false, false, false, true, true, true, true]);
        assert_eq!(answer["entry"][0]["resource"], client.get("/Patient/p").json());
        let mut bad = request("GET", "Patient/old");
        bad["request"]["ifNoneMatch"] = "W/1".into();
        refused(
            &client.post("", &bundle("transaction", &[put("poisoned"), bad])),
            400,
            "value",
            "If-None-Match",
        );
        for (entry, code, says) in [
            (request("GET", "Patient/none"), "not-found", "Bundle.entry[1]"),
            (request("GET", "Patient/old/_history/9"), "not-found", "Bundle.entry[1]"),
            (request("GET", "Patiant/none"), "not-supported", "Bundle.entry[1]"),
            (request("GET", "Patient/a/b/c/d"), "not-found", "Bundle.entry[1]"),
            (request("GET", "Patient/old?x=1"), "not-supported", "Bundle.entry[1]"),
            (request("GET", "Patient?nam=x"), "not-supported", "did you mean name?"),
            (request("GET", "_history"), "not-supported", "history"),
        ] {
            let answer = client.post("", &bundle("transaction", &[put("poisoned"), entry]));
            refused(&answer, 400, code, says);
        }
        client.get("/Patient/poisoned").expect(404);
    });
}

#[test]
fn reads_of_a_bundle_are_answered_as_alone() {
    on_each_store(|client| {
        let body = r#"{"resourceType":"Patient","id":"p","active":true,"photo":[{"title":"x"}]}"#;
        client.put("/Patient/p", body).expect(201);
        client.put("/Patient/q", r#"{"resourceType":"Patient","id":"q"}"#).expect(201);
        for kind in ["batch", "transaction"] {
            let entries = [
                request("GET", "?_type=Patient&_count=1"),
                request("GET", "Patient/p?_summary=true"),
                request("GET", "Patient/p/_history/1?_elements=active"),
                request("HEAD", "Patient/p?_elements=active"),
            ];
            let answer = client.post("", &bundle(kind, &entries)).expect(200).json();
            let page = &answer["entry"][0]["resource"];
            let next = client.get(&link(page, "next").unwrap()).expect(200).json();
            assert_eq!(next["entry"][0]["resource"]["id"], "q");
            assert_eq!(link(page, "self").unwrap(), format!("{}?_type=Patient&_count=1", client.base));
            let alone = client.get("/Patient/p?_summary=true").expect(200).json();
            assert!(alone.get("photo").is_none());
            assert_eq!(answer["entry"][1]["resource"], alone);
            assert_eq!(answer["entry"][2]["resource"]["meta"]["tag"][0]["code"], "SUBSETTED");
            assert!(answer["entry"][3].get("resource").is_none());
            for (url, condition, code, status) in [
                ("Patient?_count=1", Some("*"), "invalid", "400"),
                ("metadata", Some("W/\"x\""), "invalid", "400"),
                ("Patient/p?_format=xml", None, "not-supported", "406"),
                ("Patient/p?_pretty=maybe", None, "value", "400"),
                ("Patient/p?_summary=count", None, "value", "400"),
                ("Patient/p?_elements=nothing", None, "value", "400"),
            ] {
                let mut bad = request("GET", url);
                if let Some(condition) = condition {
                    bad["request"]["ifNoneMatch"] = condition.into();
                }
                let answer = client.post("", &bundle(kind, &[put("poisoned"), bad]));
                let told = match kind {
                    "batch" => {
                        let entry = answer.expect(200).json()["entry"][1].clone();
                        assert!(
                            entry["response"]["status"].as_str().unwrap().starts_with(status),
                            "{url}: {entry}"
                        );
                        client.delete("/Patient/poisoned").expect(204);
                        entry["response"]["outcome"].clone()
                    }
                    _ => {
                        assert_eq!(answer.status, status.parse::<u16>().unwrap(), "{url}: {}", answer.text);
                        client.get("/Patient/poisoned").expect(410);
                        answer.json()
                    }
                };
                assert_eq!(told["issue"][0]["code"], code, "{url}: {told}");
            }
        }
        let lenient = [("Prefer", "handling=lenient"), ("Content-Type", "application/fhir+json")];
        let unknown = bundle("batch", &[request("GET", "Patient?bogus=1&_count=1")]);
        let answer = client.send("POST", "", &lenient, unknown.as_bytes()).unwrap().expect(200);
        assert_eq!(statuses(&answer), [200]);
        assert_eq!(statuses(&client.post("", &unknown).expect(200)), [400]);
    });
}

#[test]
fn what_the_client_would_like_back_is_in_each_entry() {
    on_each_store(|client| {
        for ty in ["batch", "transaction"] {
            let entries = [put("p"), json!({"request": {"method": "DELETE", "url": "Patient/never"}})];
            let send = |prefer: &str| {
                let headers = [("Prefer", prefer)];
                client.send("POST", "", &headers, bundle(ty, &entries).as_bytes()).unwrap().expect(200)
            };
            let minimal = send("return=minimal");
            assert_eq!(minimal.header("preference-applied"), "return=minimal");
            assert!(minimal.json()["entry"][0].get("resource").is_none());
            let whole = send("return=representation").json();
            assert_eq!(whole["entry"][0]["resource"], client.get("/Patient/p").json());
            assert!(whole["entry"][1].get("resource").is_none());
            let outcome = send("return=OperationOutcome").json();
            assert_eq!(outcome["entry"][0]["response"]["outcome"]["issue"][0]["severity"], "information");
        }
    });
}

#[test]
fn the_answers_of_a_bundle_have_so_much_room_and_no_more() {
    on_each_store_with(&[("RUSHLIGHT_MAX_BODY", "20000")], |client| {
        let text = "x".repeat(15_000);
        let long = json!({"resourceType": "Patient", "id": "p", "name": [{"text": text}]});
        client.put("/Patient/p", &long.to_string()).expect(201);
        let entries = ["GET Patient/p", "GET Patient/p/_history/1", "HEAD Patient/p", "GET metadata"]
            .map(|entry| entry.split_once(' ').unwrap())
            .map(|(method, url)| request(method, url));
        let answer = client.post("", &bundle("batch", &entries)).expect(200);
        assert_eq!(statuses(&answer), [200, 413, 413, 413], "what comes after it has no room either");
        for transaction in [[entries[1].clone(), entries[1].clone()], [put("q"), entries[3].clone()]] {
            refused(
                &client.post("", &bundle("transaction", &transaction)),
                413,
                "too-costly",
                "Bundle.entry[1]",
            );
        }
        client.get("/Patient/q").expect(404);
    });
}

#[test]
fn what_is_long_is_not_laid_out() {
    on_each_store_with(&[], |client| {
        let name = json!({"text": "x".repeat(1 << 20)});
        let long = json!({"resourceType": "Patient", "id": "p", "name": vec![name; 5]});
        client.put("/Patient/p", &long.to_string()).expect(201);
        refused(&client.get("/Patient/p?_pretty=true"), 400, "too-costly", "_pretty");
    });
}
