//! Hostile HTTP: every exchange of `fixtures/hostile/http.tsv` is answered as it says there or closed, in bounded
//! memory; the server lives, and nothing is stored that should not be.

use crate::client::Client;
use crate::process::{Server, assert_sound};
use crate::raw::Raw;
use rushlight_test_support::hostile::written_out;
use rushlight_test_support::stores;

const EXCHANGES: &str = include_str!("../fixtures/hostile/http.tsv");

/// What the table's abbreviations stand for.
const PIECES: [(&str, &str); 4] = [
    ("«get»", "GET /fhir/Patient/victim HTTP/1.1↵Host: localhost↵"),
    ("«post»", "POST /fhir/Patient HTTP/1.1↵Host: localhost↵Content-Type: application/fhir+json↵"),
    ("«delete»", "DELETE /fhir/Patient/victim HTTP/1.1↵Host: localhost↵↵"),
    ("«patient»", r#"{"resourceType":"Patient"}"#),
];

/// Kilobytes that an exchange may take, beside the length of what is sent.
const ALLOWED: usize = 16 * 1024;

/// Name, statuses and bytes of each exchange.
fn exchanges() -> impl Iterator<Item = (&'static str, &'static str, Vec<u8>)> {
    EXCHANGES.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let mut columns = line.splitn(3, '\t');
        let mut next = || columns.next().unwrap_or_else(|| panic!("three columns: {line}"));
        let (name, statuses, bytes) = (next(), next(), next());
        let bytes = PIECES.iter().fold(bytes.to_owned(), |text, (short, long)| text.replace(short, long));
        (name, statuses, written_out(&bytes))
    })
}

#[test]
fn hostile_exchanges_are_refused_and_leave_nothing() {
    for store in stores() {
        let server = Server::start(&store.url);
        let client = server.client();
        let victim = || client.put("/Patient/victim", &patient("victim"));
        victim().expect(201);
        let mut written = 1;
        let mut faults = Vec::new();
        for (name, statuses, bytes) in exchanges() {
            written += i64::from(statuses.ends_with("201"));
            if let Err(fault) = held(&server, &client, statuses, &bytes, written) {
                faults.push(format!("{name}: {fault}"));
                // The next ones begin with what they expect.
                victim();
                written = total(&client);
            }
        }
        assert!(faults.is_empty(), "{}: {} faults\n{}", store.name, faults.len(), faults.join("\n"));
        assert!(server.stop());
        assert_sound(&store.url);
    }
}

#[test]
fn a_thousand_requests_sent_at_once_are_answered_whole_and_in_order() {
    for store in stores() {
        let server = Server::start(&store.url);
        let client = server.client();
        for id in 0..10 {
            client.put(&format!("/Patient/p{id}"), &patient(&format!("p{id}"))).expect(201);
        }
        let mut requests = String::new();
        for number in 0..1000 {
            // Every third writes, every tenth finds nothing.
            let (method, body) = match number % 3 {
                0 => ("PUT", patient(&format!("n{number}"))),
                _ => ("GET", String::new()),
            };
            requests.push_str(&format!(
                "{method} /fhir/Patient/{} HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: {number}\r\n\
                 Connection: {}\r\nContent-Type: application/fhir+json\r\nContent-Length: {}\r\n\r\n{body}",
                asked(number),
                if number == 999 { "close" } else { "keep-alive" },
                body.len()
            ));
        }
        let answers = Raw::connect(&client.base).exchange_openly(requests.as_bytes()).unwrap();
        assert_eq!(answers.len(), 1000);
        for (number, answer) in answers.iter().enumerate() {
            assert_eq!(answer.header("x-request-id"), number.to_string());
            match (number % 3, number % 10) {
                (0, _) => assert_eq!((answer.status, &answer.json()["id"]), (201, &asked(number).into())),
                (_, 9) => assert_eq!(answer.status, 404),
                _ => assert_eq!((answer.status, &answer.json()["id"]), (200, &asked(number).into())),
            }
        }
        assert_eq!(total(&client), 10 + 334);
    }
}

/// The id that a request of the thousand is about.
fn asked(number: usize) -> String {
    match (number % 3, number % 10) {
        (0, _) => format!("n{number}"),
        (_, 9) => "nobody".to_owned(),
        (_, id) => format!("p{id}"),
    }
}

fn patient(id: &str) -> String {
    format!(r#"{{"resourceType":"Patient","id":"{id}"}}"#)
}

#[test]
fn links_are_the_operators_whatever_a_request_says_of_its_host() {
    let store = rushlight_test_support::sqlite();
    let server = Server::start(&store.url);
    let client = server.client();
    for id in ["a", "b"] {
        client.put(&format!("/Patient/{id}"), &patient(id)).expect(201);
    }
    let transaction = r#"{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}}]}"#;
    let requests = [
        ("GET", "/metadata", ""),
        ("POST", "/Patient", r#"{"resourceType":"Patient"}"#),
        ("PUT", "/Patient/c", r#"{"resourceType":"Patient","id":"c"}"#),
        ("POST", "", transaction),
        ("GET", "/Patient/_history?_count=1", ""),
        ("GET", "/Patient/nobody", ""),
        ("POST", "/Patient", "{"),
        ("DELETE", "/metadata", ""),
    ];
    let poisons = [
        "Host: evil.example\r\n",
        "Host: evil.example:1234\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: evil\r\n",
        "Host: localhost\r\nX-Forwarded-For: evil\r\nX-Forwarded-Port: evil\r\nX-Forwarded-Prefix: /evil\r\n",
        "Host: localhost\r\nForwarded: for=evil;host=evil.example;proto=evil\r\nX-Original-Host: evil\r\n",
        "Host: localhost\r\nOrigin: http://evil.example\r\nReferer: http://evil.example/\r\nX-Host: evil\r\n",
    ];
    for (method, path, body) in requests {
        for (target, poison) in ["", "http://evil.example"].iter().flat_map(|t| poisons.map(|p| (t, p))) {
            let request = format!(
                "{method} {target}/fhir{path} HTTP/1.1\r\n{poison}Content-Type: application/fhir+json\r\n\
                 Content-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let answers = Raw::connect(&client.base).exchange(request.as_bytes()).unwrap();
            let told = format!("{answers:?}");
            assert!(answers.len() == 1 && answers[0].status < 500, "{request}: {told}");
            assert!(!told.contains("evil"), "{request}: {told}");
            let links = told.matches("http://127.0.0.1").count();
            assert!(
                answers[0].status >= 400 || links == told.matches(&client.base).count(),
                "{request}: {told}"
            );
            assert!(answers[0].status >= 400 || links > 0, "{request}: {told}");
        }
    }
}

#[test]
fn connections_that_break_in_the_middle_leave_nothing() {
    for store in stores() {
        let server = Server::start(&store.url);
        let client = server.client();
        let request = written_out(&format!("{}Content-Length: 26↵↵{}", PIECES[1].1, PIECES[3].1));
        for cut in 0..request.len() {
            let mut connection = Raw::connect(&client.base);
            connection.send(&request[..cut]);
        }
        assert_eq!(total(&client), 0, "{}", store.name);
        assert!(server.stop());
    }
}

/// One exchange, and what is asked of the server after it.
fn held(server: &Server, client: &Client, statuses: &str, bytes: &[u8], written: i64) -> Result<(), String> {
    let (before, _) = server.memory();
    server.forget_most_memory();
    let answers = Raw::connect(&client.base).exchange(bytes)?;
    let taken = server.memory().1.saturating_sub(before);
    let found: Vec<String> = answers.iter().map(|answer| answer.status.to_string()).collect();
    let found = if found.is_empty() { "-".to_owned() } else { found.join(",") };
    if found != statuses {
        let told = answers.last().map_or("", |answer| &answer.text);
        return Err(format!("{found} instead of {statuses}: {}", told.chars().take(300).collect::<String>()));
    }
    if taken > ALLOWED + bytes.len() * 2 / 1024 {
        return Err(format!("{taken} kB of memory for {} bytes", bytes.len()));
    }
    if client.get("/Patient/victim").status != 200 {
        return Err("the victim was reached".to_owned());
    }
    match total(client) {
        stored if stored == written => Ok(()),
        stored => Err(format!("{stored} versions instead of {written}")),
    }
}

fn total(client: &Client) -> i64 {
    client.get("/_history?_count=1").expect(200).json()["total"].as_i64().unwrap()
}
