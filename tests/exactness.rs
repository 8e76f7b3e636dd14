//! What searches must not find, and what must not be claimed.

use crate::client::Client;
use crate::interactions::{on_each_store, refused};
use crate::searching::{ids, people};
use serde_json::{Value, json};

#[track_caller]
fn found(client: &Client, path: &str) -> Vec<String> {
    ids(&client.get(path).expect(200).json(), "match")
}

fn measured(client: &Client, id: &str, quantity: &Value) {
    let body = json!({"resourceType": "Observation", "id": id, "status": "final", "code": {"text": "x"}, "valueQuantity": quantity});
    client.put(&format!("/Observation/{id}"), &body.to_string()).expect(201);
}

#[test]
fn what_stands_for_the_rest_of_a_long_text_is_not_found() {
    on_each_store(|client| {
        for (id, text) in [("long", "x".repeat(5000)), ("end", "x".repeat(600)), ("wide", "€".repeat(300))]
        {
            let body = json!({"resourceType": "Patient", "id": id, "name": [{"family": text}]});
            client.put(&format!("/Patient/{id}"), &body.to_string()).expect(201);
        }
        for letter in "0123456789abcdef".chars() {
            assert!(found(client, &format!("/Patient?family:contains={letter}")).is_empty(), "{letter}");
        }
        assert!(found(client, "/Patient?family:contains=%01").is_empty());
        assert_eq!(found(client, "/Patient?family:contains=xxx&_sort=_id"), ["end", "long"]);
        assert_eq!(found(client, &format!("/Patient?family:contains={}", "x".repeat(560))).len(), 2);
        assert_eq!(found(client, "/Patient?family:contains=%E2%82%AC%E2%82%AC"), ["wide"]);
    });
}

#[test]
fn units_without_a_system_are_meant_as_they_are_written() {
    on_each_store(|client| {
        let ucum = "http://unitsofmeasure.org";
        measured(client, "mg", &json!({"value": 5.4, "system": ucum, "code": "mg", "unit": "milligram"}));
        measured(client, "ug", &json!({"value": 5400, "system": ucum, "code": "ug"}));
        assert_eq!(found(client, "/Observation?value-quantity=5.4||mg"), ["mg"]);
        assert_eq!(found(client, "/Observation?value-quantity=5.4||milligram"), ["mg"]);
        assert_eq!(found(client, &format!("/Observation?value-quantity=5.4|{ucum}|mg")), ["mg", "ug"]);
        // About is not less than equal.
        measured(client, "far", &json!({"value": 140}));
        assert_eq!(found(client, "/Observation?value-quantity=1e2"), ["far"]);
        assert_eq!(found(client, "/Observation?value-quantity=ap1e2"), ["far"]);
        assert!(found(client, "/Observation?value-quantity=ap100").is_empty());
    });
}

#[test]
fn canonical_urls_are_searched_and_not_followed() {
    on_each_store(|client| {
        let form = json!({"resourceType": "Questionnaire", "id": "q", "url": "http://q", "status": "active"});
        client.put("/Questionnaire/q", &form.to_string()).expect(201);
        let answers = json!({"resourceType": "QuestionnaireResponse", "id": "r", "status": "completed", "questionnaire": "http://q"});
        client.put("/QuestionnaireResponse/r", &answers.to_string()).expect(201);
        assert_eq!(found(client, "/QuestionnaireResponse?questionnaire=http://q"), ["r"]);
        for path in [
            "/QuestionnaireResponse?questionnaire.title=x",
            "/QuestionnaireResponse?_include=QuestionnaireResponse:questionnaire",
            "/Questionnaire?_revinclude=QuestionnaireResponse:questionnaire",
            "/Questionnaire?_has:QuestionnaireResponse:questionnaire:status=completed",
        ] {
            refused(&client.get(path), 400, "not-supported", "canonical URLs, which are not followed");
        }
        let all = found(client, "/QuestionnaireResponse?_include=*");
        assert_eq!(all, ["r"]);
        let claimed = client.get("/metadata").expect(200).text;
        assert!(!claimed.contains("QuestionnaireResponse:questionnaire"));
        assert!(claimed.contains("QuestionnaireResponse:subject"));
        let parameter = client.get("/SearchParameter/QuestionnaireResponse-questionnaire").expect(200).json();
        assert!(parameter.get("chain").is_none(), "{parameter}");
    });
}

#[test]
fn refusals_tell_what_is_wrong_and_where() {
    on_each_store(|client| {
        for (path, text) in [
            ("/Observation?date=2020-13", "the parameter “date”: "),
            ("/Patient?birthdate=2023-02-29", "there is no such day"),
            ("/Patient?birthdate=gt%202023", "\" 2023\""),
            ("/Observation?date=2020-01-01T10", "an hour without minutes"),
            ("/Patient?birthdate=2020-01-01Z", "a time zone without a time"),
            ("/Patient?_filter=_filter+eq+x", "_filter is no property of a resource"),
            ("/Patient?_count:exact=5", "it has no modifiers"),
            (
                "/Observation?category:in=http://hl7.org/fhir/ValueSet/observation-category",
                "neither stored nor",
            ),
        ] {
            let answer = client.get(path).expect(400);
            assert!(
                answer.text.contains(&json!(text).to_string().trim_matches('"').to_owned()),
                "{path}: {}",
                answer.text
            );
            assert!(!answer.text.contains("did you mean"), "{path}: {}", answer.text);
        }
        let lenient = client.send("GET", "/Patient?_count:exact=5", &[("Prefer", "handling=lenient")], b"");
        lenient.unwrap().expect(400);
    });
}

#[test]
fn a_chain_passes_over_types_in_which_a_name_means_something_else() {
    on_each_store(|client| {
        client.put("/Patient/p", r#"{"resourceType":"Patient","id":"p"}"#).expect(201);
        let refers = |ty: &str, id: &str, more: Value| {
            let mut body = json!({"resourceType": ty, "id": id, "subject": {"reference": "Patient/p"}});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            client.put(&format!("/{ty}/{id}"), &body.to_string()).expect(201);
        };
        refers("Observation", "o", json!({"status": "final", "code": {"text": "x"}}));
        refers("Encounter", "e", json!({"status": "finished", "class": {"code": "AMB"}}));
        // A Device is a subject of Observations, and of no Encounter.
        assert_eq!(found(client, "/Observation?subject._has:Encounter:subject:status=finished"), ["o"]);
        // MessageDefinition.focus is a code.
        assert!(found(client, "/Observation?focus.focus._id=x").is_empty());
        client.get("/Observation?subject._has:Claim:insurer:status=active").expect(400);
        // Of what some type knows otherwise, nothing is passed over.
        let lenient =
            client.send("GET", "/Observation?subject.code.name=x", &[("Prefer", "handling=lenient")], b"");
        refused(&lenient.unwrap(), 400, "value", "code of Group is of the type token");
    });
}

#[test]
fn more_alternatives_than_one_statement_unites_find_the_same() {
    on_each_store(|client| {
        people(client, 6, 2);
        client
            .put("/Observation/f", r#"{"resourceType":"Observation","id":"f","status":"final","code":{"text":"x"},"focus":[{"reference":"Patient/p2"}]}"#)
            .expect(201);
        let search = |path: &str, pairs: String| {
            let sent = [("Content-Type", "application/x-www-form-urlencoded")];
            let answer = client.send("POST", path, &sent, pairs.as_bytes()).unwrap().expect(200);
            ids(&answer.json(), "match")
        };
        let names = |from: usize, to: usize| (from..to).map(|at| format!("x{at}")).collect::<Vec<_>>();
        let of_names =
            format!("name={},family5,{},Family1", names(0, 150).join(","), names(150, 400).join(","));
        assert_eq!(search("/Patient/_search", of_names.clone()), ["p1", "p5"]);
        assert_eq!(
            search("/Patient/_search", format!("{of_names}&_sort=-birthdate&gender=male")),
            ["p5", "p1"]
        );
        assert_eq!(
            search("/Observation/_search", format!("subject:Patient.{of_names}")),
            Vec::<String>::new()
        );
        // Each type that focus may lead to is an alternative.
        assert_eq!(found(client, "/Observation?focus._id=p2"), ["f"]);
        assert_eq!(found(client, "/Observation?focus.identifier:missing=true&_id=f"), ["f"]);
        assert_eq!(
            found(client, "/Patient?_has:Observation:subject:_id=o1&_has:Observation:focus:status=final")
                .len(),
            0
        );
        let terms =
            |name: &str| names(0, 200).iter().map(|one| format!("{name} eq {one} or ")).collect::<String>();
        assert_eq!(
            search("/Patient/_search", format!("_filter={}gender eq male", terms("gender"))),
            ["p1", "p3", "p5"]
        );
        assert_eq!(
            search("/Patient/_search", format!("_filter={}family sw family4", terms("family"))),
            ["p4"]
        );
        assert_eq!(
            search(
                "/Observation/_search",
                format!("_filter={}subject.family sw family0", terms("subject.family"))
            ),
            ["o0", "o1"]
        );
    });
}
