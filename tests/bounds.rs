//! What a request may cost: each bound is told by status and words, and holds before the cost is paid.

use crate::client::{Answer, Client};
use crate::interactions::{on_each_store_with, refused};
use crate::ops::wait_for;
use crate::raw::Raw;
use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

/// The one answer to bytes after which the client waits, without saying that it has ended. Leave to go on is none.
fn exchange(client: &Client, bytes: &str) -> Answer {
    let mut answers = Raw::connect(&client.base).exchange_openly(bytes.as_bytes()).unwrap();
    answers.retain(|answer| answer.status != 100);
    assert_eq!(answers.len(), 1, "{answers:?}");
    answers.remove(0)
}

#[test]
fn long_urls_and_headers_are_refused() {
    on_each_store_with(&[("RUSHLIGHT_MAX_URL", "1KiB"), ("RUSHLIGHT_MAX_HEADERS", "2KiB")], |client| {
        let long = |bytes: usize| format!("/Patient/p?_format={}json", "%20".repeat(bytes / 3));
        refused(&client.get(&long(2000)), 414, "too-long", "1024 bytes");
        client.get("/Patient/p").expect(404);
        for (bytes, status) in [(1000, 404), (3000, 431)] {
            let headers: Vec<(String, String)> =
                (0..bytes / 100).map(|number| (format!("X-Filling-{number}"), "x".repeat(90))).collect();
            let headers: Vec<(&str, &str)> =
                headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let answer = client.send("GET", "/Patient/p", &headers, b"").unwrap().expect(status);
            if status == 431 {
                refused(&answer, 431, "too-long", "2048 bytes");
            }
        }
    });
}

#[test]
fn a_resource_with_too_many_index_entries_is_refused_and_leaves_nothing() {
    on_each_store_with(&[], |client| {
        let observation = |count: usize| {
            let codings: Vec<String> = (0..count).map(|code| format!(r#"{{"code":"{code}"}}"#)).collect();
            let concept = format!(r#"{{"coding":[{}]}}"#, codings.join(","));
            format!(
                r#"{{"resourceType":"Observation","id":"o","status":"final","code":{concept},"valueCodeableConcept":{concept}}}"#
            )
        };
        refused(&client.put("/Observation/o", &observation(65)), 422, "too-costly", "index entries");
        client.get("/Observation/o").expect(404);
        client.put("/Observation/o", &observation(64)).expect(201);
    });
}

#[test]
fn a_body_that_is_said_to_be_too_long_is_refused_before_it_is_sent() {
    on_each_store_with(&[("RUSHLIGHT_MAX_BODY", "10000")], |client| {
        let head = "POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\n";
        refused(
            &exchange(client, &format!("{head}Content-Length: 10001\r\n\r\n")),
            413,
            "too-long",
            "10000 bytes",
        );
        refused(
            &exchange(
                client,
                &format!("{head}Content-Length: 99999999999999999\r\nExpect: 100-continue\r\n\r\n"),
            ),
            413,
            "too-long",
            "10000 bytes",
        );
        let chunks = format!("{head}Transfer-Encoding: chunked\r\n\r\n2711\r\n{}\r\n", " ".repeat(0x2711));
        refused(&exchange(client, &chunks), 413, "too-long", "10000 bytes");
        let within = format!(r#"{{"resourceType":"Patient","language":"{}"}}"#, "x".repeat(9000));
        client.post("/Patient", &within).expect(201);
    });
}

#[test]
fn a_body_that_does_not_arrive_is_not_waited_for() {
    on_each_store_with(&[("RUSHLIGHT_BODY_TIME", "1s")], |client| {
        let head = "POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\n";
        let answer = exchange(client, &format!("{head}Content-Length: 100\r\n\r\n{{\"resource"));
        refused(&answer, 408, "timeout", "within 1 s");
        assert_eq!(client.get("/_history").expect(200).json()["total"], 0);
    });
}

#[test]
fn deep_bodies_are_refused_at_the_depth_that_is_set() {
    on_each_store_with(&[("RUSHLIGHT_MAX_DEPTH", "10")], |client| {
        let deep = |levels: usize| {
            let (open, close) = (r#"{"extension":["#.repeat(levels), "]}".repeat(levels));
            format!(r#"{{"resourceType":"Patient","extension":[{open}{close}]}}"#)
        };
        refused(&client.post("/Patient", &deep(5)), 400, "too-costly", "10 levels");
        assert_ne!(client.post("/Patient", &deep(3)).status, 400);
    });
}

/// Rounds of requests at once, of which one must meet another. No round is known to need more than a few.
const ROUNDS: usize = 100;

#[test]
fn many_large_bodies_at_once_take_turns() {
    let bounds = [("RUSHLIGHT_HEAVY", "1"), ("RUSHLIGHT_HEAVY_QUEUE", "0")];
    on_each_store_with(&bounds, |client| {
        let text = "x".repeat(512 << 10);
        let send = |number: usize| {
            let body = format!(r#"{{"resourceType":"Patient","id":"p{number}","language":"{text}"}}"#);
            let answer = client.put(&format!("/Patient/p{number}"), &body);
            if answer.status == 503 {
                refused(&answer, 503, "throttled", "large requests");
                assert_eq!(answer.header("retry-after"), "1");
            }
            answer.status
        };
        let round = || -> Vec<u16> {
            std::thread::scope(|scope| {
                let all: Vec<_> = (0..8).map(|number| scope.spawn(move || send(number))).collect();
                all.into_iter().map(|one| one.join().unwrap()).collect()
            })
        };
        let met = (0..ROUNDS).any(|_| {
            let statuses = round();
            assert!(statuses.iter().all(|status| matches!(status, 200 | 201 | 503)), "{statuses:?}");
            statuses.contains(&503)
        });
        assert!(met, "no two of {ROUNDS} rounds were at work at once");
        client.put("/Patient/p", r#"{"resourceType":"Patient","id":"p"}"#).expect(201);
    });
}

/// Sends a request and breaks the connection: what was not read of the answer makes it a reset.
fn break_off(client: &Client, request: &str, body: &str, after: Duration) {
    let mut stream = TcpStream::connect(client.base.split('/').nth(2).unwrap()).unwrap();
    let length = body.len();
    stream
        .write_all(format!("{request}Content-Length: {length}\r\nExpect: 100-continue\r\n\r\n").as_bytes())
        .unwrap();
    assert_eq!(stream.peek(&mut [0]).unwrap(), 1, "leave to go on");
    stream.write_all(body.as_bytes()).unwrap();
    std::thread::sleep(after);
}

#[test]
fn a_client_that_goes_away_leaves_its_turn() {
    let bounds = [("RUSHLIGHT_HEAVY", "1"), ("RUSHLIGHT_HEAVY_QUEUE", "0")];
    on_each_store_with(&bounds, |client| {
        let head = "POST /fhir HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\n";
        let entry = r#"{"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}}"#;
        let entries = vec![entry; 200].join(",");
        let bundle = format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{entries}]}}"#);
        // At different stages of its work.
        for round in 0..40 {
            break_off(client, head, &bundle, Duration::from_micros(500 * round));
        }
        let empty = r#"{"resourceType":"Bundle","type":"transaction"}"#;
        wait_for("a turn", || client.post("", empty).status == 200);
    });
}

#[test]
fn large_bodies_on_their_way_share_memory() {
    on_each_store_with(&[("RUSHLIGHT_LARGE_BODIES", "150KiB")], |client| {
        let body = format!(r#"{{"resourceType":"Patient","id":"p","language":"{}"}}"#, "x".repeat(100 << 10));
        let put = || client.put("/Patient/p", &body);
        put().expect(201);
        let head = "PUT /fhir/Patient/q HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\n";
        let part = format!("{head}Content-Length: 100000\r\n\r\n{}", " ".repeat(90_000));
        let mut held = None;
        // Of two that meet either may be refused.
        wait_for("a body that takes memory", || {
            let mut other = Raw::connect(&client.base);
            other.send(part.as_bytes());
            let (_, answer) = held.insert((other, put()));
            answer.status == 503
        });
        let (other, answer) = held.unwrap();
        refused(&answer, 503, "throttled", "large requests");
        drop(other);
        wait_for("memory that is given back", || put().status == 200);
    });
}
