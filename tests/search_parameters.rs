//! SearchParameter resources: an active one that can't be indexed is refused, with its place in the body and in the
//! expression.

use crate::client::{Answer, Client};
use crate::process::{Server, assert_sound};
use rushlight_test_support::stores;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A search parameter for Observations that is right.
fn weight() -> Value {
    json!({
        "resourceType": "SearchParameter", "id": "weight", "url": "http://example.org/weight", "name": "Weight",
        "status": "active", "description": "weight", "code": "weight", "base": ["Observation"], "type": "quantity",
        "expression": "Observation.value.ofType(Quantity)",
    })
}

fn with(changes: &Value) -> Value {
    let mut resource = weight();
    for (name, value) in changes.as_object().unwrap() {
        resource[name] = value.clone();
    }
    resource
}

/// Element and text of each issue of a 422.
fn told(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, 422, "{}", answer.text);
    let outcome = answer.json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let issues = outcome["issue"].as_array().unwrap().iter();
    issues.map(|issue| (text(&issue["expression"][0]), text(&issue["diagnostics"]))).collect()
}

/// Repeats a request until what the server indexes has followed the last write; not so fast that it can't.
fn until(status: u16, request: impl Fn() -> Answer) -> Answer {
    let begun = Instant::now();
    loop {
        let answer = request();
        if answer.status == status || begun.elapsed() > Duration::from_secs(30) {
            return answer.expect(status);
        }
        std::thread::sleep(Duration::from_millis(300));
    }
}

fn put(client: &Client, resource: &Value) -> Answer {
    let id = resource["id"].as_str().unwrap();
    client.put(&format!("/SearchParameter/{id}"), &resource.to_string())
}

fn transaction(entries: &[Value]) -> String {
    let entry = |resource: &Value| {
        let id = resource["id"].as_str().unwrap();
        json!({"resource": resource, "request": {"method": "PUT", "url": format!("SearchParameter/{id}")}})
    };
    let entries: Vec<Value> = entries.iter().map(entry).collect();
    json!({"resourceType": "Bundle", "type": "transaction", "entry": entries}).to_string()
}

#[test]
fn what_cannot_be_indexed_is_refused_with_its_place() {
    for store in stores() {
        let server = Server::start(&store.url);
        let client = server.client();
        let text = "{\"resourceType\":\"SearchParameter\",\"id\":\"w\",\"url\":\"http://example.org/w\",\"name\":\"W\",\n\"status\":\"active\",\"description\":\"w\",\"code\":\"w\",\"base\":[\"Observation\"],\"type\":\"quantity\",\n  \"expression\": \"Observation.valu.ofType(Quantity)\", \"chain\": [\"a\"]}";
        let expected = [
            (
                "SearchParameter.expression".to_owned(),
                "line 3, column 17: column 13: Observation has no element valu; did you mean value? [search-parameter]".to_owned(),
            ),
            (
                "SearchParameter.chain[0]".to_owned(),
                "line 3, column 64: only parameters of the type reference are chained [search-parameter]".to_owned(),
            ),
        ];
        assert_eq!(told(&client.put("/SearchParameter/w", text)), expected);
        assert_eq!(told(&client.post("/SearchParameter", text)), expected);
        let wrong = with(&json!({"id": "wrong", "url": "http://example.org/wrong", "code": "status"}));
        let found = told(&client.post("", &transaction(&[weight(), wrong.clone()])));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, "Bundle.entry[1].resource.code");
        assert!(found[0].1.ends_with(
            ": status is the code of http://hl7.org/fhir/SearchParameter/Observation-status already [search-parameter]"
        ), "{found:?}");
        // Of a batch, each entry by itself.
        let batch = transaction(&[wrong, weight()]).replace("\"transaction\"", "\"batch\"");
        let answer = client.post("", &batch).expect(200).json();
        let status = |at: usize| answer["entry"][at]["response"]["status"].as_str().unwrap()[..3].to_owned();
        assert_eq!([status(0), status(1)], ["422", "201"]);
        // What is no active one is a record like others.
        let draft = with(
            &json!({"id": "draft", "url": "http://example.org/draft", "status": "draft", "expression": "("}),
        );
        put(&client, &draft).expect(201);
        assert!(server.stop());
        // Not even without validation.
        let server = Server::start_with(&store.url, &[("RUSHLIGHT_VALIDATION", "off")]);
        assert_eq!(told(&server.client().put("/SearchParameter/w", text)), expected);
        assert!(server.stop());
        assert_sound(&store.url);
    }
}

#[test]
fn search_parameters_are_checked_against_those_there_are() {
    for store in stores() {
        let server = Server::start(&store.url);
        let client = server.client();
        let component =
            |definition: &str, expression: &str| json!({"definition": definition, "expression": expression});
        let both = with(&json!({
            "id": "both", "url": "http://example.org/both", "code": "both", "type": "composite", "expression": "Observation",
            "component": [
                component("http://hl7.org/fhir/SearchParameter/clinical-code", "code"),
                component("http://example.org/weight", "value.ofType(Quantity)"),
            ],
        }));
        let missing = told(&put(&client, &both));
        assert_eq!(missing[0].0, "SearchParameter.component[1].definition");
        // One transaction may bring both.
        client.post("", &transaction(&[weight(), both.clone()])).expect(200);
        let again = with(&json!({"id": "again"}));
        let refused = until(422, || client.post("/SearchParameter", &again.to_string()));
        assert!(
            told(&refused).iter().any(|(element, _)| element == "SearchParameter.url"),
            "{}",
            refused.text
        );
        // Itself, changed, it may be.
        put(&client, &with(&json!({"code": "mass"}))).expect(200);
        let third = with(&json!({"id": "third", "url": "http://example.org/third"}));
        until(201, || put(&client, &third));
        client.delete("/SearchParameter/third").expect(204);
        assert!(server.stop());
        assert_sound(&store.url);
    }
}
