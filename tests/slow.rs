//! Slow clients: they hold nobody up, take a bounded amount of memory, and are given up in the configured time. How
//! fast others are meanwhile is measured by `rushlight-bench slow`.

use crate::client::Client;
use crate::process::{Server, heavy};
use crate::raw::Raw;
use rushlight_test_support::sqlite;
use std::time::{Duration, Instant};

/// Slow clients of each kind.
const CLIENTS: usize = 100;

/// Resources of the large answer, and bytes of each.
const RESOURCES: usize = 20;
const BYTES: usize = 100_000;

/// The beginning of a request whose body does not follow.
const BODY: &str = "POST /fhir/Patient HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\nContent-Length: 100000\r\n\r\n{\"resourceType\":";
const HEAD: &str = "GET /fhir/Patient/p HTTP/1.1\r\nHost: loc";
/// Asked for ten times, it is more than the system keeps for a client.
const LARGE: &str = "GET /fhir/Patient/_history HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn patient(id: usize) -> String {
    let text = "x".repeat(BYTES);
    format!(r#"{{"resourceType":"Patient","id":"p{id}","name":[{{"text":"{text}"}}]}}"#)
}

fn fill(client: &Client) {
    for id in 0..RESOURCES {
        client.put(&format!("/Patient/p{id}"), &patient(id)).expect(201);
    }
}

#[test]
fn slow_clients_hold_nobody_up_in_bounded_memory() {
    let _turn = heavy();
    let store = sqlite();
    let server = Server::start(&store.url);
    let client = server.client();
    fill(&client);
    let (before, _) = server.memory();
    server.forget_most_memory();
    let mut slow: Vec<Raw> = (0..CLIENTS * 2).map(|_| Raw::connect(&client.base)).collect();
    let large = LARGE.repeat(10);
    for (number, connection) in slow.iter_mut().enumerate() {
        connection.send(
            match number % 4 {
                0 => HEAD,
                1 => BODY,
                _ => &large,
            }
            .as_bytes(),
        );
    }
    for round in 0..50 {
        for (number, connection) in slow.iter_mut().enumerate().filter(|(number, _)| number % 4 < 2) {
            connection.send(if number % 4 == 0 { b"a" } else { b" " });
        }
        client.get(&format!("/Patient/p{}", round % RESOURCES)).expect(200);
        client
            .post("/Observation", r#"{"resourceType":"Observation","status":"final","code":{"text":"x"}}"#)
            .expect(201);
        client.get("/Observation/_history?_count=5").expect(200);
    }
    // The answers that nobody takes, once each, and what the allocator does not give back.
    let allowed = (CLIENTS * RESOURCES * BYTES / 1024) * 3 / 2 + 64 * 1024;
    let taken = server.memory().1.saturating_sub(before);
    assert!(taken < allowed, "{taken} kB instead of {allowed}");
    drop(slow);
    client.get("/Patient/p0").expect(200);
    assert!(server.stop());
}

/// Each kind of slowness, and how it is answered when its time is over.
#[test]
fn slow_clients_are_given_up() {
    let store = sqlite();
    let times =
        ["HEAD_TIME", "BODY_TIME", "WRITE_TIME", "KEEP_ALIVE"].map(|name| format!("RUSHLIGHT_{name}"));
    let environment: Vec<(&str, &str)> = times.iter().map(|name| (name.as_str(), "1s")).collect();
    let server = Server::start_with(&store.url, &environment);
    let client = server.client();
    fill(&client);
    let whole = LARGE.replace("/_history", "/p0");
    for (name, sent, statuses) in [
        ("nothing", String::new(), vec![408]),
        ("a head", HEAD.to_owned(), vec![408]),
        ("a body", BODY.to_owned(), vec![408]),
        ("an idle connection", whole.clone(), vec![200]),
        ("a second head", whole + HEAD, vec![200]),
    ] {
        let mut connection = Raw::connect(&client.base);
        connection.send(sent.as_bytes());
        let answers = connection.rest().unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let found: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(found, statuses, "{name}");
    }
    let mut unread = Raw::connect(&client.base);
    unread.send(LARGE.repeat(10).as_bytes());
    until("the connection is held", || unread.is_held());
    until("it is given up", || !unread.is_held());
    client.get("/Patient/p0").expect(200);
    assert!(server.stop());
}

/// Waits for what must come.
fn until(what: &str, is: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
