//! The audit of a server, examined by the command when it has ended.

use crate::process::{Server, rushlight};
use rushlight_test_support::stores;

/// Rows and versions that `rushlight audit verify` tells of a sound store.
fn told(text: &str) -> (u64, u64) {
    let numbers: Vec<u64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    assert!(text.ends_with("no faults\n"), "{text}");
    (numbers[0], numbers[2])
}

/// Two writes, a write that changes nothing, a refusal and two reads.
fn visit(url: &str, environment: &[(&str, &str)]) {
    let server = Server::start_with(url, environment);
    let client = server.client();
    let patient = r#"{"resourceType":"Patient","id":"a"}"#;
    assert!([200, 201].contains(&client.put("/Patient/a", patient).status));
    client.put("/Patient/a", patient).expect(200);
    client.post("/Patient", r#"{"resourceType":"Patient"}"#).expect(201);
    client.put("/Patient/a", "{").expect(400);
    client.get("/Patient/a").expect(200);
    client.get("/Patient/b").expect(404);
    assert!(server.stop());
}

#[test]
fn what_a_server_did_is_in_the_audit_and_a_head_that_was_kept_still_is() {
    for store in stores() {
        let url = store.url.as_str();
        visit(url, &[("RUSHLIGHT_AUDIT_READS", "false")]);
        let (text, success) = rushlight(&["audit", "verify", "--database-url", url]);
        assert!(success, "{text}");
        assert_eq!(told(&text), (2, 2), "{}: {text}", store.name);
        let (heads, success) = rushlight(&["audit", "head", "--database-url", url]);
        assert!(success, "{heads}");
        let head = heads.trim();
        assert!(head.contains(":2:"), "{heads}");

        visit(url, &[]);
        let (text, success) = rushlight(&["audit", "verify", "--database-url", url, "--expect", head]);
        assert!(success, "{text}");
        let (rows, versions) = told(&text);
        assert_eq!(versions, 3, "the first PUT changes nothing any more: {text}");
        assert!((4..=8).contains(&rows), "the POST, and the others in a row or a few: {text}");

        let other = head.replace(":2:", ":1:");
        let (text, success) = rushlight(&["audit", "verify", "--database-url", url, "--expect", &other]);
        assert!(!success);
        assert!(text.contains(&format!("fault: the head {other} is not in its chain")), "{text}");
        let (text, success) = rushlight(&["audit", "verify", "--database-url", url, "--expect", "1:2"]);
        assert!(!success);
        assert!(text.contains("not a head"), "{text}");
    }
}
