//! Paths and methods: what leads where, however it is written.

use crate::client::Client;
use crate::interactions::{on_each_store, refused};
use std::io::{Read, Write};
use std::net::TcpStream;

const PATIENT: &str = r#"{"resourceType":"Patient","id":"p"}"#;

/// A request as it is, without a client that tidies it up; the whole answer.
fn raw(client: &Client, head: &str, body: &str) -> String {
    let address = client.base.strip_prefix("http://").unwrap().split('/').next().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(stream, "{head}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn paths_are_what_they_are_however_written() {
    on_each_store(|client| {
        client.put("/Patient/p", PATIENT).expect(201);
        for (target, status) in [
            ("/Patient/p", 200),
            ("/Patient/p/", 200),
            ("/%50atient/%70", 200),
            ("/Patient/p/_history/1/", 200),
            ("/Patient/p?", 200),
            ("/Patient/p//", 404),
            ("//Patient/p", 404),
            ("/Patient//p", 404),
            ("/Patient/p%2F", 400),
            ("/Patient%2Fp", 404),
            ("/Patient/p%", 400),
            ("/Patient/%FF", 400),
            ("/Patient/p%00", 400),
            ("/Patient/p;v=1", 400),
            ("/Patient;v=1/p", 404),
            ("/Patient/.", 400),
            ("/Patient/..", 400),
            ("/Patient/%2e%2E", 400),
            ("/Patient/../Patient/p", 404),
            ("/patient/p", 404),
            ("/patient", 404),
            ("/Patient/p/_history/1/x", 404),
            ("/../healthz", 404),
        ] {
            let answer = raw(client, &format!("GET /fhir{target} HTTP/1.1\r\nHost: x"), "");
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{target}: {answer}");
            assert!(status == 200 || answer.contains("OperationOutcome"), "{target}: {answer}");
        }
        for id in [".", "..", "%2e", "%2E."] {
            let head =
                format!("PUT /fhir/Patient/{id} HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json");
            let answer = raw(client, &head, r#"{"resourceType":"Patient","id":".."}"#);
            assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("lead elsewhere"), "{answer}");
        }
        let dotted = r#"{"resourceType":"Patient","id":"..."}"#;
        client.put("/Patient/...", dotted).expect(201);
        client.get("/Patient/...").expect(200);
        assert_eq!(client.get("/_history").expect(200).json()["total"], 2);
    });
}

#[test]
fn links_are_the_configured_ones_whatever_a_request_says_of_its_host() {
    on_each_store(|client| {
        for (number, head) in [
            "POST http://evil.example/fhir/Patient HTTP/1.1\r\nHost: evil.example",
            "POST /fhir/Patient HTTP/1.1\r\nHost: evil.example",
            "POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\nForwarded: host=evil.example",
        ]
        .into_iter()
        .enumerate()
        {
            let answer = raw(client, &format!("{head}\r\nContent-Type: application/json"), PATIENT);
            assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
            assert!(answer.contains(&format!("{}/Patient/", client.base)) && !answer.contains("evil"), "{answer}");
            let history = raw(client, "GET http://evil.example/fhir/_history?_count=1 HTTP/1.1\r\nHost: evil.example", "");
            assert!(history.contains(&client.base) && !history.contains("evil"), "{number}: {history}");
        }
    });
}

#[test]
fn every_path_says_its_methods() {
    on_each_store(|client| {
        let ask = |method: &str, path: &str| client.send(method, path, &[], b"").unwrap();
        for (path, allow) in [
            ("/metadata", "GET, HEAD, OPTIONS"),
            ("", "POST, GET, HEAD, OPTIONS"),
            ("/_history", "GET, HEAD, OPTIONS"),
            ("/Patient", "POST, GET, HEAD, PUT, DELETE, OPTIONS"),
            ("/Patient/_search", "POST, OPTIONS"),
            ("/Patient/p/Observation", "GET, HEAD, OPTIONS"),
            ("/Patient/p", "GET, HEAD, PUT, DELETE, OPTIONS"),
            ("/Patient/p/_history", "GET, HEAD, OPTIONS"),
            ("/Patient/p/_history/1", "GET, HEAD, OPTIONS"),
            ("/Patient/p/$everything", "OPTIONS"),
        ] {
            let answer = ask("OPTIONS", path).expect(204);
            assert_eq!((answer.header("allow"), answer.text.as_str()), (allow, ""), "{path}");
            assert!(answer.header("access-control-allow-origin").is_empty());
            assert!(!answer.header("x-request-id").is_empty());
            let refusal = ask("TRACE", path);
            refused(&refusal, 405, "not-supported", "");
            assert_eq!(refusal.header("allow"), allow);
        }
        refused(&ask("OPTIONS", "/a/b/c/d/e"), 404, "not-found", "");
        let all = raw(client, "OPTIONS * HTTP/1.1\r\nHost: x", "");
        assert!(all.starts_with("HTTP/1.1 204 "), "{all}");
        assert!(all.to_lowercase().contains("allow: get, head, post, put, delete, options"), "{all}");
        for header in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"] {
            let answer = client.send("POST", "/Patient", &[(header, "DELETE")], PATIENT.as_bytes()).unwrap();
            refused(&answer, 400, "value", "send the method itself");
        }
        for (method, path) in [
            ("GET", "/$versions"),
            ("POST", "/$convert"),
            ("GET", "/Patient/$match"),
            ("POST", "/Patient/%24match"),
            ("GET", "/Patient/p/$everything"),
            ("POST", "/Patient/p/_history/1/$meta"),
        ] {
            let body = if method == "POST" { "{}" } else { "" };
            let answer = client.send(method, path, &[], body.as_bytes()).unwrap();
            refused(&answer, 400, "not-supported", "the operation “$");
        }
        assert_eq!(client.get("/_history").expect(200).json()["total"], 0);
    });
}
