//! The header `X-Provenance`: <https://hl7.org/fhir/R4/provenance.html#header>.

use crate::client::{Answer, Client};
use crate::interactions::{on_each_store, refused};

const PROVENANCE: &str = r#"{"resourceType":"Provenance","recorded":"2026-01-01T00:00:00Z","agent":[{"who":{"display":"Jürgen"}}]}"#;

fn patient(active: bool) -> String {
    format!(r#"{{"resourceType":"Patient","id":"p","active":{active}}}"#)
}

fn send(client: &Client, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let all: Vec<(&str, &str)> = [("X-Provenance", PROVENANCE)].iter().chain(headers).copied().collect();
    client.send(method, path, &all, body.as_bytes()).unwrap()
}

/// The target of the newest Provenance.
fn target(client: &Client) -> String {
    let newest = client.get("/Provenance/_history?_count=1").expect(200).json();
    let resource = &newest["entry"][0]["resource"];
    assert_eq!(resource["agent"][0]["who"]["display"], "Jürgen");
    assert_eq!(resource["target"].as_array().unwrap().len(), 1);
    resource["target"][0]["reference"].as_str().unwrap().to_owned()
}

#[test]
fn a_provenance_is_stored_with_what_it_is_about() {
    on_each_store(|client| {
        let created = send(client, "POST", "/Patient", &[], &patient(true)).expect(201);
        assert_eq!(created.json()["resourceType"], "Patient");
        assert!(created.header("location").ends_with(&target(client)));
        assert!(target(client).ends_with("/_history/1"));
        for (headers, active, expected) in [
            (&[][..], true, "Patient/p"),
            (&[("If-Match", "W/\"1\"")], false, "Patient/p/_history/2"),
            (&[("If-Match", "W/\"2\"")], false, "Patient/p/_history/2"),
            (&[("If-Match", "W/\"2\"")], true, "Patient/p/_history/3"),
            (&[], false, "Patient/p"),
        ] {
            let answer = send(client, "PUT", "/Patient/p", headers, &patient(active));
            assert!(matches!(answer.status, 200 | 201), "{}", answer.text);
            assert_eq!(target(client), expected);
            client.get(&format!("/{expected}")).expect(200);
        }
        assert_eq!(client.get("/Provenance/_history").expect(200).json()["total"], 6);
    });
}

#[test]
fn neither_is_stored_where_one_is_refused() {
    on_each_store(|client| {
        let with = |provenance: &str| {
            let headers = [("X-Provenance", provenance)];
            client.send("PUT", "/Patient/p", &headers, patient(true).as_bytes()).unwrap()
        };
        let targeted = PROVENANCE.replacen("{", r#"{"target":[{"reference":"Patient/x"}],"#, 1);
        for (provenance, status, code, says) in [
            (targeted.as_str(), 400, "value", "without a target"),
            ("{}", 400, "value", "one Provenance in JSON"),
            ("{", 400, "structure", "in the header X-Provenance: line 1"),
            (r#"{"resourceType":"Patient"}"#, 400, "invalid", "in the header X-Provenance: "),
            (r#"{"resourceType":"Provenance"}"#, 422, "required", "in the header X-Provenance: "),
        ] {
            refused(&with(provenance), status, code, says);
        }
        refused(
            &send(client, "PUT", "/Patient/p", &[("If-Match", "W/\"7\"")], &patient(true)),
            412,
            "conflict",
            "",
        );
        refused(
            &send(client, "PUT", "/Patient/p", &[], r#"{"resourceType":"Patient","id":"p","x":1}"#),
            422,
            "structure",
            "x",
        );
        for (method, path, body) in [
            ("GET", "/metadata", ""),
            ("DELETE", "/Patient/p", ""),
            ("POST", "", r#"{"resourceType":"Bundle","type":"transaction"}"#),
        ] {
            refused(&send(client, method, path, &[], body), 400, "value", "X-Provenance");
        }
        assert_eq!(client.get("/_history").expect(200).json()["total"], 0);
    });
}
