//! Representations: `Accept`, `_format`, `_pretty`, `Content-Type` and `fhirVersion`.

use crate::client::Client;
use crate::interactions::{on_each_store, refused};

const PATIENT: &str = r#"{"resourceType":"Patient","id":"p","active":true}"#;

/// GET with one header.
fn get(client: &Client, path: &str, header: (&str, &str)) -> crate::client::Answer {
    client.send("GET", path, &[header], b"").unwrap()
}

#[test]
fn json_is_written_under_the_name_that_was_asked_for() {
    on_each_store(|client| {
        client.put("/Patient/p", PATIENT).expect(201);
        for (accept, query, content_type) in [
            ("*/*", "", "application/fhir+json; charset=utf-8"),
            ("application/json", "", "application/json; charset=utf-8"),
            ("text/json", "", "text/json; charset=utf-8"),
            ("application/json, */*;q=0.8", "", "application/json; charset=utf-8"),
            ("text/html, */*;q=0.1", "", "application/fhir+json; charset=utf-8"),
            ("application/json;q=0, */*", "", "application/fhir+json; charset=utf-8"),
            (
                "application/fhir+json; fhirVersion=4.0",
                "",
                "application/fhir+json; fhirVersion=4.0; charset=utf-8",
            ),
            ("text/html", "?_format=json", "application/fhir+json; charset=utf-8"),
            ("text/html", "?_format=application/fhir+json", "application/fhir+json; charset=utf-8"),
            ("text/html", "?_format=application/json", "application/json; charset=utf-8"),
        ] {
            for path in ["/Patient/p", "/metadata", "/Patient/_history"] {
                let answer = get(client, &format!("{path}{query}"), ("Accept", accept)).expect(200);
                assert_eq!(answer.header("content-type"), content_type, "{path}{query} {accept}");
                assert!(answer.header("vary").starts_with("Accept"), "{path}");
                answer.json();
            }
        }
        let missing = get(client, "/Patient/q", ("Accept", "application/json")).expect(404);
        assert_eq!(missing.header("content-type"), "application/json; charset=utf-8", "errors, too");
        assert_eq!(missing.json()["resourceType"], "OperationOutcome");
    });
}

#[test]
fn what_cannot_be_written_or_read_is_refused_by_name() {
    on_each_store(|client| {
        client.put("/Patient/p", PATIENT).expect(201);
        for (accept, query, says) in [
            ("application/fhir+xml", "", "XML is not supported yet"),
            ("application/json", "?_format=html", "HTML is not supported yet"),
            ("*/*", "?_format=application/fhir+xml", "XML is not supported yet"),
            ("*/*", "?_format=text/turtle", "Turtle is not supported yet"),
            ("application/fhir+json;fhirVersion=5.0", "", "this store holds FHIR 4.0 (R4)"),
            ("application/fhir+json;charset=utf-16", "", "utf-16"),
            ("*/*;q=0", "", "accept application/fhir+json"),
        ] {
            refused(
                &get(client, &format!("/Patient/p{query}"), ("Accept", accept)),
                406,
                "not-supported",
                says,
            );
        }
        refused(&get(client, "/Patient/p", ("Accept", "*/*;q=7")), 400, "value", "Accept");
        refused(&client.get("/Patient/p?_format=json&_format=json"), 400, "value", "_format");
        refused(&client.get("/Patient/p?_pretty=1"), 400, "value", "_pretty");
        refused(&client.get("/Patient/p?_prety=true"), 400, "not-supported", "did you mean _pretty?");
        refused(
            &client.get("/Patient/p?x=1"),
            400,
            "not-supported",
            "known are _summary, _elements, _format, _pretty",
        );
        refused(
            &client.get("/_history?qqqqqqqq=1"),
            400,
            "not-supported",
            "_count, _since, _at, _sort, _page, _format, _pretty",
        );
        for (content_type, status, says) in [
            ("application/fhir+json; charset=UTF-8", 201, ""),
            ("application/json; charset=\"utf-8\"", 201, ""),
            ("text/json", 201, ""),
            ("application/fhir+json; fhirVersion=4.0", 201, ""),
            ("application/fhir+json; fhirVersion=3.0", 415, "this store holds FHIR 4.0 (R4)"),
            ("application/fhir+json; charset=iso-8859-1", 415, "iso-8859-1"),
            ("application/fhir+xml", 415, "application/fhir+xml"),
            ("application/x-www-form-urlencoded", 415, "application/x-www-form-urlencoded"),
        ] {
            let sent = [("Content-Type", content_type)];
            let answer = client.send("POST", "/Patient", &sent, PATIENT.as_bytes()).unwrap();
            match status {
                201 => assert_eq!(answer.status, 201, "{content_type}"),
                _ => refused(&answer, status, "not-supported", says),
            }
        }
        let history = client.get("/_history?_count=1").expect(200).json();
        assert_eq!(history["total"], 5, "what was refused is not stored");
    });
}

#[test]
fn pretty_is_the_same_laid_out() {
    on_each_store(|client| {
        client.put("/Patient/p", PATIENT).expect(201);
        for (path, status) in [
            ("/Patient/p", 200),
            ("/_history", 200),
            ("/metadata", 200),
            ("/Patient/q", 404),
            ("/Patient/p?x=1", 400),
        ] {
            let plain = client.get(path).expect(status);
            let and = if path.contains('?') { '&' } else { '?' };
            let pretty = client.get(&format!("{path}{and}_pretty=true")).expect(status);
            assert!(!plain.text.contains('\n'));
            assert!(pretty.text.contains("\n  \"resourceType\": \""), "{path}: {}", pretty.text);
            if path != "/_history" {
                assert_eq!(pretty.json(), plain.json());
            }
            assert_eq!(client.get(&format!("{path}{and}_pretty=false")).expect(status).json(), plain.json());
        }
    });
}
