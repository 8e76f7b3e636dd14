//! The header `Prefer`: what an answer holds, and how strictly a request is taken.

use crate::client::{Answer, Client};
use crate::interactions::{on_each_store, refused};

const PATIENT: &str = r#"{"resourceType":"Patient","id":"p"}"#;

fn prefer(client: &Client, prefer: &str, method: &str, path: &str, body: &str) -> Answer {
    client.send(method, path, &[("Prefer", prefer)], body.as_bytes()).unwrap()
}

#[test]
fn the_answer_to_a_write_holds_what_the_client_prefers() {
    on_each_store(|client| {
        for (method, path, body, status, told) in [
            ("POST", "/Patient", PATIENT, 201, "was created, as version 1"),
            ("PUT", "/Patient/p", PATIENT, 201, "Patient/p was created, as version 1"),
            ("PUT", "/Patient/p", PATIENT, 200, "Patient/p is as it was, in version 1"),
            (
                "PUT",
                "/Patient/p",
                r#"{"resourceType":"Patient","id":"p","active":true}"#,
                200,
                "Patient/p was updated, to version 2",
            ),
        ] {
            let answer = prefer(client, "return=OperationOutcome", method, path, body).expect(status);
            let outcome = answer.json();
            assert_eq!(outcome["resourceType"], "OperationOutcome");
            assert_eq!(outcome["issue"][0]["severity"], "information");
            let text = outcome["issue"][0]["diagnostics"].as_str().unwrap();
            assert!(text.ends_with(told), "{text}");
            assert_eq!(answer.header("preference-applied"), "return=OperationOutcome");
        }
        let minimal = prefer(client, "return=minimal", "PUT", "/Patient/p", PATIENT).expect(200);
        assert_eq!((minimal.text.as_str(), minimal.header("content-type"), minimal.version()), ("", "", 3));
        assert_eq!(minimal.header("preference-applied"), "return=minimal");
        assert_eq!(minimal.header("location"), format!("{}/Patient/p/_history/3", client.base));
        let created = prefer(client, "return=minimal", "POST", "/Patient", PATIENT).expect(201);
        assert_eq!(created.text, "");
        client.get(created.header("location")).expect(200);
        let whole = prefer(client, "return=representation", "PUT", "/Patient/p", PATIENT).expect(200);
        assert_eq!(whole.json()["meta"]["versionId"], "3");
        assert_eq!(whole.header("preference-applied"), "return=representation");

        assert_eq!(prefer(client, "return=representation", "DELETE", "/Patient/p", "").expect(204).text, "");
        let again = prefer(client, "return=OperationOutcome", "DELETE", "/Patient/p", "").expect(200);
        assert_eq!(again.json()["issue"][0]["diagnostics"], "Patient/p was not there to delete");
        client.put("/Patient/p", PATIENT).expect(201);
        let deleted = prefer(client, "return=OperationOutcome", "DELETE", "/Patient/p", "").expect(200);
        assert_eq!(deleted.json()["issue"][0]["diagnostics"], "Patient/p was deleted, by version 6");
        assert_eq!(deleted.version(), 6);
    });
}

#[test]
fn lenient_requests_pass_over_unknown_parameters_and_say_so() {
    on_each_store(|client| {
        client.put("/Patient/p", PATIENT).expect(201);
        let lenient =
            prefer(client, "handling=lenient", "GET", "/Patient/p?_sumary=true&a%0Ab=1", "").expect(200);
        assert_eq!(lenient.header("preference-applied"), "handling=lenient");
        let warning = lenient.header("warning");
        assert!(
            warning.contains("the parameter _sumary is") && warning.contains("the parameter a?b is"),
            "{warning}"
        );
        let history = prefer(client, "handling=lenient", "GET", "/_history?x=1", "").expect(200);
        assert!(history.header("warning").contains(" x "));
        let strict = prefer(client, "handling=strict", "GET", "/Patient/p?x=1", "");
        refused(&strict, 400, "not-supported", "x");
        refused(&prefer(client, "handling=lenient", "GET", "/_history?_count=x", ""), 400, "value", "_count");
        for passed_over in ["respond-async, wait=10", "return=everything", "handling=whatever"] {
            let answer = prefer(client, passed_over, "GET", "/Patient/p", "").expect(200);
            assert_eq!(answer.header("preference-applied"), "");
        }
        refused(&prefer(client, "return=\"minimal", "PUT", "/Patient/p", PATIENT), 400, "value", "Prefer");
    });
}
