//! Each interaction, each refusal, each header: as an integration engineer would try them on the first day.

use crate::client::{Client, link};
use crate::process::{RUSHLIGHT, Server, assert_sound, rushlight};
use rushlight_test_support::stores;
use serde_json::Value;

pub fn on_each_store(story: impl Fn(&Client)) {
    on_each_store_with(&[], story);
}

/// The same with environment variables for the server.
pub fn on_each_store_with(environment: &[(&str, &str)], story: impl Fn(&Client)) {
    for store in stores() {
        let server = Server::start_with(&store.url, environment);
        story(&server.client());
        assert!(server.stop(), "{}: SIGTERM ends the server cleanly", store.name);
        assert_sound(&store.url);
    }
}

/// A refusal: its status, the issue's code, and a part of what it says.
#[track_caller]
pub fn refused(answer: &crate::client::Answer, status: u16, code: &str, says: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/fhir+json; charset=utf-8");
    let outcome = answer.json();
    assert_eq!(outcome["resourceType"], "OperationOutcome", "{outcome}");
    let issues = outcome["issue"].as_array().unwrap();
    let found = issues.iter().any(|issue| {
        let all = format!("{} {}", issue["diagnostics"].as_str().unwrap_or(""), issue["expression"]);
        issue["severity"] == "error" && issue["code"] == code && all.contains(says)
    });
    assert!(found, "{code} that says “{says}”: {outcome}");
    assert!(!answer.header("x-request-id").is_empty());
}

#[test]
fn a_resource_is_created_read_updated_deleted_and_remembered() {
    on_each_store(|client| {
        let created =
            client.post("/Patient", r#"{"resourceType":"Patient","id":"mine","active":true}"#).expect(201);
        let patient = created.json();
        let id = patient["id"].as_str().unwrap();
        assert_ne!(id, "mine", "the server assigns ids");
        assert_eq!(patient["meta"]["versionId"], "1");
        assert_eq!(created.header("etag"), "W/\"1\"");
        let path = format!("/Patient/{id}");
        assert_eq!(created.header("location"), format!("{}{path}/_history/1", client.base));
        assert!(created.header("last-modified").ends_with(" GMT"));
        let read = client.get(&path).expect(200);
        assert_eq!(read.text, created.text);
        assert_eq!(read.header("etag"), "W/\"1\"");

        let second = format!(r#"{{"resourceType":"Patient","id":"{id}","active":false}}"#);
        let updated = client.put(&path, &second).expect(200);
        assert_eq!(updated.version(), 2);
        assert_eq!(
            client.put(&path, &second).expect(200).version(),
            2,
            "a PUT that changes nothing makes no version"
        );
        assert_eq!(client.get(&format!("{path}/_history/1")).expect(200).text, created.text);
        assert_eq!(client.get(&format!("{path}/_history/2")).expect(200).json()["active"], false);

        assert_eq!(client.delete(&path).expect(204).version(), 3);
        client.delete(&path).expect(204);
        client.delete("/Patient/never").expect(204);
        let gone = client.get(&path);
        refused(&gone, 410, "deleted", "version 3");
        assert_eq!(gone.version(), 3);
        refused(&client.get(&format!("{path}/_history/3")), 410, "deleted", "");
        client.get(&format!("{path}/_history/2")).expect(200);
        assert_eq!(client.put(&path, &second).expect(201).version(), 4);

        let entries = client.pages(&format!("{path}/_history?_count=3"));
        let told: Vec<[&str; 4]> = entries
            .iter()
            .map(|entry| {
                let (request, response) = (&entry["request"], &entry["response"]);
                [&request["method"], &request["url"], &response["status"], &response["etag"]]
                    .map(|value| value.as_str().unwrap())
            })
            .collect();
        let url = path.trim_start_matches('/');
        let expected = [
            ["PUT", url, "201 Created", "W/\"4\""],
            ["DELETE", url, "204 No Content", "W/\"3\""],
            ["PUT", url, "200 OK", "W/\"2\""],
            ["POST", "Patient", "201 Created", "W/\"1\""],
        ];
        assert_eq!(told, expected);
        assert!(entries[1].get("resource").is_none(), "a delete has no resource");
    });
}

#[test]
fn what_went_in_comes_out_digit_by_digit() {
    let body = r#"{ "resourceType" : "Observation", "id":"o", "meta":{"versionId":"77","lastUpdated":"1999-01-01T00:00:00Z","tag":[{"code":"t"}]},
      "contained":[{"resourceType":"Patient","id":"p","birthDate":"1970"}], "_status":{"extension":[{"url":"u","valueDecimal":1.00}]},
      "valueQuantity":{"value":1.00,"extension":[{"url":"x","valueDecimal":-0.0e-10},{"url":"y","valueInteger":1E5}]},
      "note":[{"text":"a\"b\\c\/d\n\u00e4 ä 🔥 \ud83d\udd25"}], "given":[null,"x"], "_given":[{"id":"g"},null], "zz":12345678901234567890.123456789012345678901234567890 }"#;
    // Not a valid Observation: whatever is kept is kept as it came.
    on_each_store_with(&[("RUSHLIGHT_VALIDATION", "off")], |client| {
        client.put("/Observation/o", body).expect(201);
        let text = client.get("/Observation/o").expect(200).text;
        let compact = text.replace(char::is_whitespace, "");
        for kept in [
            r#""value":1.00,"#,
            r#""valueDecimal":-0.0e-10"#,
            r#""valueInteger":1E5"#,
            r#""given":[null,"x"],"_given":[{"id":"g"},null]"#,
            r#""zz":12345678901234567890.123456789012345678901234567890"#,
            r#"\u00e4ä🔥\ud83d\udd25"#,
            r#""tag":[{"code":"t"}]"#,
        ] {
            assert!(compact.contains(kept), "{kept} in {text}");
        }
        let mut value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["meta"]["versionId"], "1", "the server's own, not the client's");
        assert_ne!(value["meta"]["lastUpdated"], "1999-01-01T00:00:00Z");
        let mut expected: Value = serde_json::from_str(body).unwrap();
        expected["meta"] = Value::Null;
        value["meta"] = Value::Null;
        assert_eq!(value, expected);
        let again = client.get("/Observation/o").expect(200).text;
        assert_eq!(
            client.put("/Observation/o", &again).expect(200).version(),
            1,
            "its own output changes nothing"
        );
    });
}

#[test]
fn every_refusal_says_what_and_where_and_changes_nothing() {
    on_each_store(|client| {
        let patient = r#"{"resourceType":"Patient","id":"p"}"#;
        client.put("/Patient/p", patient).expect(201);
        let send = |method: &str, path: &str, headers: &[(&str, &str)], body: &str| {
            client.send(method, path, headers, body.as_bytes()).unwrap()
        };
        for (method, path, body, status, code, says) in [
            ("GET", "/Patint/1", "", 404, "not-supported", "did you mean Patient?"),
            ("GET", "/Patient/q", "", 404, "not-found", "Patient/q"),
            ("GET", "/Patient/p/_history/2", "", 404, "not-found", ""),
            ("GET", "/Patient/p/_history/01", "", 404, "not-found", ""),
            ("GET", "/Patient/p/_history/x", "", 404, "not-found", ""),
            ("GET", "/Patient/q/_history", "", 404, "not-found", ""),
            ("GET", "/Patient/p_q", "", 400, "value", ""),
            ("GET", "/Patient/p?_sumary=true", "", 400, "not-supported", "_sumary"),
            ("GET", "/Patient/p/_history?_cont=1", "", 400, "not-supported", "did you mean _count?"),
            ("GET", "/Patient/p/_history?_count=x", "", 400, "value", "_count"),
            ("GET", "/Patient/p/_history?_count=-1", "", 400, "value", "_count"),
            ("GET", "/Patient/p/_history?_sort=name", "", 400, "value", "_sort"),
            ("GET", "/Patient/p/_history?_at=2026-13", "", 400, "value", "_at"),
            ("GET", "/Patient/p/_history?_at=ge2026", "", 400, "value", "_at"),
            ("GET", "/_history?_list=1", "", 400, "not-supported", "_list"),
            ("GET", "/_history?_page=AAAA&_sort=_lastUpdated", "", 400, "value", "_sort"),
            ("GET", "/_history?_since=yesterday", "", 400, "value", "_since"),
            ("GET", "/_history?_page=AAAA", "", 400, "value", "page link"),
            ("GET", "/Patient/p?_format=xml", "", 406, "not-supported", "XML is not supported yet"),
            ("GET", "/Patient/p?_summary=short", "", 400, "value", "true or text or data"),
            ("GET", "/Patient/p?_summary=count", "", 400, "value", "true, text, data or false"),
            ("GET", "/Patient/p?_elements=nam", "", 400, "value", "did you mean name?"),
            ("PUT", "/Patient", patient, 400, "required", "one criterion"),
            ("PUT", "/Patient?identifier=", patient, 400, "required", "has no value"),
            ("PUT", "/Patient?identifier=x&_count=1", patient, 400, "invalid", "_count"),
            ("PUT", "/Patient?identifer=x", patient, 400, "not-supported", "identifer"),
            ("DELETE", "/Patient", "", 400, "required", "one criterion"),
            ("DELETE", "/Patient?identifer=x", "", 400, "not-supported", "identifer"),
            ("PATCH", "/Patient/p", "[]", 400, "not-supported", "patch"),
            ("POST", "/Patient/p/$everything", "{}", 400, "not-supported", "$everything"),
            ("DELETE", "/metadata", "", 405, "not-supported", "GET"),
            ("PUT", "/Patient/p/_history/1", patient, 405, "not-supported", "GET"),
            ("GET", "/a/b/c/d/e", "", 404, "not-found", ""),
            ("PUT", "/Patient/q", patient, 400, "invalid", "Patient.id"),
            ("PUT", "/Patient/p", r#"{"resourceType":"Patient"}"#, 400, "invalid", "Patient.id"),
            ("PUT", "/Observation/p", patient, 400, "invalid", "Patient.resourceType"),
            ("POST", "/Patient", r#"{"resourceType":"Patient",}"#, 400, "structure", "line 1"),
            (
                "POST",
                "/Patient",
                "{\"resourceType\":\"Patient\",\n \"active\":tru}",
                400,
                "structure",
                "line 2",
            ),
            ("POST", "/Patient", r#"{"resourceType":"Patient","a":1,"a":2}"#, 400, "structure", ""),
            ("POST", "/Patient", r#"{"resourceType":"Patien"}"#, 400, "value", "Patient"),
            ("POST", "/Patient", r#"{"active":true}"#, 400, "required", "resourceType"),
            ("POST", "/Patient", "[]", 400, "structure", ""),
            ("POST", "/Patient", r#"{"resourceType":"Patient"} x"#, 400, "structure", ""),
        ] {
            let answer = send(method, path, &[], body);
            assert_eq!(
                (answer.status, answer.json()["issue"][0]["code"].as_str().unwrap_or("")),
                (status, code),
                "{method} {path} {body}: {}",
                answer.text
            );
            refused(&answer, status, code, says);
        }
        for (method, path, header, body, status, code) in [
            ("PUT", "/Patient/p", ("If-Match", "W/\"2\""), patient, 412, "conflict"),
            (
                "PUT",
                "/Patient/q",
                ("If-Match", "W/\"1\""),
                r#"{"resourceType":"Patient","id":"q"}"#,
                412,
                "conflict",
            ),
            ("DELETE", "/Patient/p", ("If-Match", "W/\"9\""), "", 412, "conflict"),
            ("PUT", "/Patient/p", ("If-None-Match", "*"), patient, 412, "conflict"),
            ("PUT", "/Patient/p", ("If-Match", "1"), patient, 400, "value"),
            ("PUT", "/Patient/p", ("If-Match", "W/\"1\", W/\"2\""), patient, 400, "value"),
            ("PUT", "/Patient/p", ("If-None-Match", "W/\"1\""), patient, 400, "value"),
            ("POST", "/Patient", ("If-Match", "W/\"1\""), patient, 400, "value"),
            ("DELETE", "/Patient/p", ("If-None-Match", "*"), "", 400, "value"),
            (
                "DELETE",
                "/Patient/p",
                ("If-Unmodified-Since", "Wed, 21 Oct 2015 07:28:00 GMT"),
                "",
                400,
                "value",
            ),
            ("POST", "/Patient", ("Content-Encoding", "compress"), patient, 415, "not-supported"),
            ("POST", "/Patient", ("If-None-Exist", "identifer=x"), patient, 400, "not-supported"),
            ("POST", "/Patient", ("If-None-Exist", ""), patient, 400, "required"),
            ("POST", "/Patient", ("If-None-Exist", "_sort=_id"), patient, 400, "invalid"),
            ("PUT", "/Patient?identifier=x", ("If-Match", "W/\"1\""), patient, 412, "conflict"),
            ("DELETE", "/Patient?identifier=x", ("If-Match", "W/\"1\""), "", 412, "conflict"),
            ("POST", "/Patient", ("Content-Type", "application/fhir+xml"), patient, 415, "not-supported"),
            (
                "POST",
                "/Patient",
                ("Content-Type", "application/json; charset=latin1"),
                patient,
                415,
                "not-supported",
            ),
            ("GET", "/Patient/p", ("Accept", "application/fhir+xml"), "", 406, "not-supported"),
        ] {
            let answer = send(method, path, &[header], body);
            assert_eq!(answer.status, status, "{method} {path} {header:?}: {}", answer.text);
            refused(&answer, status, code, "");
        }
        assert_eq!(send("DELETE", "/metadata", &[], "").header("allow"), "GET, HEAD, OPTIONS");
        let history = client.get("/_history").expect(200).json();
        assert_eq!(history["total"], 1, "nothing but the one PUT was written: {history}");
    });
}

#[test]
fn history_pages_are_stable_sealed_and_told_apart() {
    on_each_store(|client| {
        for number in 0..5 {
            client
                .put(
                    &format!("/Patient/p{number}"),
                    &format!(r#"{{"resourceType":"Patient","id":"p{number}"}}"#),
                )
                .expect(201);
        }
        let first = client.get("/Patient/_history?_count=2").expect(200).json();
        assert_eq!(first["total"], 5);
        assert_eq!(first["entry"].as_array().unwrap().len(), 2);
        let next = link(&first, "next").unwrap();
        assert!(link(&first, "self").unwrap().ends_with("/Patient/_history?_count=2"));
        client.put("/Patient/p9", r#"{"resourceType":"Patient","id":"p9"}"#).expect(201);
        let second = client.get(&next).expect(200).json();
        assert_eq!(second["total"], 5, "the snapshot of page one");
        assert_eq!(second["entry"][0]["resource"]["id"], "p2");
        let elsewhere = next.replace("/Patient/_history", "/_history");
        refused(&client.get(&elsewhere), 400, "value", "page link");
        let since = second["timestamp"].as_str().unwrap().replace('+', "%2B");
        let new = client.get(&format!("/_history?_since={since}")).expect(200).json();
        let names: Vec<&str> = new["entry"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["resource"]["id"].as_str().unwrap())
            .collect();
        // A writer in flight, in any database of the same PostgreSQL, holds that time back: more is then told again.
        assert!(
            names.starts_with(&["p9", "p4"]),
            "the published time includes what came last before it: {names:?}"
        );
        assert!(["p9", "p4", "p3", "p2", "p1", "p0"].starts_with(&names), "nothing is left out: {names:?}");
    });
}

#[test]
fn a_history_says_how_it_was_asked_and_shows_what_was_current_then() {
    on_each_store(|client| {
        let path = "/Patient/a";
        client.put(path, r#"{"resourceType":"Patient","id":"a"}"#).expect(201);
        let first = client.get(path).expect(200).json()["meta"]["lastUpdated"].as_str().unwrap().to_owned();
        client.put(path, r#"{"resourceType":"Patient","id":"a","active":true}"#).expect(200);
        client.delete(path).expect(204);
        let versions = |bundle: &Value| -> Vec<String> {
            let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
            entries.iter().map(|entry| entry["response"]["etag"].as_str().unwrap().to_owned()).collect()
        };
        let all = client.get(&format!("{path}/_history?_sort=_lastUpdated&_count=2")).expect(200).json();
        assert_eq!(versions(&all), ["W/\"1\"", "W/\"2\""]);
        assert!(link(&all, "self").unwrap().ends_with("/Patient/a/_history?_count=2&_sort=_lastUpdated"));
        let rest = client.get(&link(&all, "next").unwrap()).expect(200).json();
        assert_eq!(versions(&rest), ["W/\"3\""]);
        let then = client.get(&format!("{path}/_history?_at={first}")).expect(200).json();
        assert_eq!(versions(&then), ["W/\"1\""]);
        assert!(link(&then, "self").unwrap().ends_with(&format!("?_count=100&_at={first}")));
        let before = client.get(&format!("{path}/_history?_at=1999&_since=1998-01-01T00:00:00Z")).expect(200);
        assert_eq!(before.json()["total"], 0);
        let count = client.get("/_history?_count=0").expect(200).json();
        assert_eq!((&count["total"], &count["entry"]), (&3.into(), &Value::Null));
        assert_eq!(link(&count, "next"), None);
    });
}

#[test]
fn a_page_of_large_resources_ends_early() {
    on_each_store(|client| {
        for number in 0..3 {
            let path = format!("/Binary/b{number}");
            let data = "A".repeat(3 << 20);
            let body = format!(
                r#"{{"resourceType":"Binary","id":"b{number}","contentType":"text/plain","data":"{data}"}}"#
            );
            client.put(&path, &body).expect(201);
        }
        let first = client.get("/Binary/_history").expect(200).json();
        assert_eq!(first["entry"].as_array().unwrap().len(), 2, "6 MiB are within 8 MiB, 9 MiB are beyond");
        assert_eq!(first["total"], 3);
        assert_eq!(client.pages("/Binary/_history").len(), 3);
    });
}

#[test]
fn bodies_beyond_the_limit_are_refused_and_large_ones_within_are_kept() {
    on_each_store(|client| {
        let text = "x".repeat(3 << 20);
        let large = format!(r#"{{"resourceType":"Patient","id":"large","language":"{text}"}}"#);
        client.put("/Patient/large", &large).expect(201);
        assert_eq!(
            client.get("/Patient/large").expect(200).json()["language"].as_str().unwrap().len(),
            3 << 20
        );
        let deep =
            format!(r#"{{"resourceType":"Patient","extension":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
        refused(&client.post("/Patient", &deep), 400, "too-costly", "64 levels");
        let whole = vec![b' '; (64 << 20) + 1];
        let answer = client.send("POST", "/Patient", &[], &whole);
        // The server may close the connection before all of it was sent.
        if let Ok(answer) = answer {
            refused(&answer, 413, "too-long", "bytes");
        }
        client.get("/Patient/large").expect(200);
    });
}

#[test]
fn an_address_beyond_loopback_needs_leave_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("store");
    let (text, success) = rushlight(&["serve", "--bind", "0.0.0.0:0", "--data-dir", place.to_str().unwrap()]);
    assert!(!success);
    assert!(text.contains("--allow-anonymous"), "{text}");
    assert!(!place.exists(), "nothing was made");
    assert!(std::path::Path::new(RUSHLIGHT).exists());
}

#[test]
fn copies_are_made_while_serving_and_put_back() {
    let store = rushlight_test_support::sqlite();
    let server = Server::start(&store.url);
    let client = server.client();
    client.put("/Patient/p", r#"{"resourceType":"Patient","id":"p"}"#).expect(201);
    let place = tempfile::tempdir().unwrap();
    let folder = store.url.strip_prefix("sqlite:").unwrap();
    let (copy, restored) = (place.path().join("copy.db"), place.path().join("restored"));
    let (copy, restored) = (copy.to_str().unwrap(), restored.to_str().unwrap());
    let (text, success) = rushlight(&["backup", "--data-dir", folder, "--to", copy]);
    assert!(success, "{text}");
    client.put("/Patient/q", r#"{"resourceType":"Patient","id":"q"}"#).expect(201);
    let (text, success) = rushlight(&["restore", "--from", copy, "--data-dir", restored]);
    assert!(success, "{text}");
    assert!(!rushlight(&["restore", "--from", copy, "--data-dir", restored]).1);
    let url = format!("sqlite:{restored}");
    assert_sound(&url);
    let second = Server::start(&url);
    second.client().get("/Patient/p").expect(200);
    second.client().get("/Patient/q").expect(404);
}
