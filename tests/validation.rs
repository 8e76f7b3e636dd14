//! Records that break FHIR's rules are refused, every rule at once, in the release of the store.

use crate::client::Answer;
use crate::process::{Server, assert_sound, rushlight};
use rushlight_test_support::stores;
use serde_json::{Value, json};

const RELEASES: [(&str, &str); 3] = [("4.0", "4.0.1"), ("4.3", "4.3.0"), ("5.0", "5.0.0")];

/// The rules and elements that a 422 tells.
fn broken(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, 422, "{}", answer.text);
    let outcome = answer.json();
    let issues = outcome["issue"].as_array().unwrap().iter();
    issues
        .map(|issue| {
            let text = issue["diagnostics"].as_str().unwrap();
            assert!(text.starts_with("line "), "{text}");
            let rule = text.rsplit('[').next().unwrap().trim_end_matches(']').to_owned();
            (rule, issue["expression"][0].as_str().unwrap().to_owned())
        })
        .collect()
}

#[test]
fn every_broken_rule_is_told_and_nothing_is_written() {
    for store in stores() {
        let server = Server::start(&store.url);
        let client = server.client();
        let bad = r#"{"resourceType":"Patient","id":"p","gender":"M","birthDate":"1970-13-01","nmae":[],
            "managingOrganization":{"reference":"Patient/1"}}"#;
        let expected: Vec<(String, String)> = [
            ("required-binding", "Patient.gender"),
            ("format", "Patient.birthDate"),
            ("unknown-element", "Patient.nmae"),
            ("reference-target", "Patient.managingOrganization"),
        ]
        .map(|(rule, element)| (rule.to_owned(), element.to_owned()))
        .into();
        assert_eq!(broken(&client.put("/Patient/p", bad)), expected);
        assert_eq!(broken(&client.post("/Patient", bad)), expected);
        let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
            {"resource": {"resourceType": "Patient", "id": "good"}, "request": {"method": "PUT", "url": "Patient/good"}},
            {"resource": {"resourceType": "Patient", "active": "yes"}, "request": {"method": "POST", "url": "Patient"}},
        ]});
        let told = broken(&client.post("", &bundle.to_string()));
        assert_eq!(told, [("format".to_owned(), "Bundle.entry[1].resource.active".to_owned())]);
        // What is no FHIR JSON at all is another matter.
        for text in
            [r#"{"resourceType":"Patient","resourceType":"Patient"}"#, r#"{"resourceType":"Patience"}"#, "{"]
        {
            assert_eq!(client.post("/Patient", text).status, 400, "{text}");
        }
        let history = client.get("/_history").expect(200).json();
        assert_eq!(history["total"], 0, "{history}");
        assert!(server.stop());
        let server = Server::start_with(&store.url, &[("RUSHLIGHT_VALIDATION", "off")]);
        server.client().put("/Patient/p", bad).expect(201);
        assert!(server.stop());
        assert_sound(&store.url);
    }
}

#[test]
fn a_store_keeps_to_its_release() {
    for (short, version) in RELEASES {
        for store in stores() {
            let server = Server::start_with(&store.url, &[("RUSHLIGHT_FHIR_VERSION", short)]);
            let client = server.client();
            let capabilities = client.get("/metadata").expect(200).json();
            assert_eq!(capabilities["fhirVersion"], version);
            client.put("/Patient/p", r#"{"resourceType":"Patient","id":"p","active":true}"#).expect(201);
            client.get("/Patient/p").expect(200);
            assert_eq!(client.get("/Patient/_history").expect(200).json()["total"], 1);
            let transport = client.get("/Transport/t");
            assert_eq!(transport.status, 404);
            assert_eq!(
                transport.json()["issue"][0]["code"],
                if short == "5.0" { "not-found" } else { "not-supported" }
            );
            // An element that R5 renamed.
            let encounter = |status: &str, name: &str, class: Value| {
                let text = json!({"resourceType": "Encounter", "status": status, "class": class, name: {"start": "2026"}});
                client.post("/Encounter", &text.to_string()).status
            };
            let (old, new) = (
                encounter("finished", "period", json!({"code": "AMB"})),
                encounter("completed", "actualPeriod", json!([{"text": "ambulatory"}])),
            );
            assert_eq!((old, new), if short == "5.0" { (422, 201) } else { (201, 422) }, "{short}");
            assert!(server.stop());
            let other = if short == "5.0" { "4.0" } else { "5.0" };
            let refused = Server::try_start(&store.url, &[("RUSHLIGHT_FHIR_VERSION", other)]).err().unwrap();
            assert!(refused.contains(&format!("holds FHIR {short}")), "{refused}");
            let (text, success) = rushlight(&["verify", "--database-url", &store.url]);
            assert!(success, "without a version, a store says its own: {text}");
        }
    }
}
