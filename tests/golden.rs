//! Golden stories, `fixtures/golden`: each interaction and each error, request and whole answer, on both stores and
//! through TLS.
//!
//! `RUSHLIGHT_GOLDEN=write` writes the answers that differ into the files, to be looked at before they are committed.

use crate::certificates::Certificates;
use crate::client::{Answer, Client};
use crate::process::{Server, assert_sound};
use rushlight_test_support::golden::{Bindings, Exchange, Message, Story, differs, generalised, told};
use rushlight_test_support::{sqlite, stores};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use ureq::http::StatusCode;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/golden");
const API: &str = include_str!("../docs/api.md");
const ERRORS: &str = include_str!("../crates/server/src/error.rs");

/// Headers that belong to the connection, or are checked here for all answers.
const NOT_SHOWN: [&str; 5] = ["connection", "date", "content-length", "transfer-encoding", "x-request-id"];

/// Errors that no exchange of a story can provoke, and what shows them instead.
const NOT_PROVOKED: [(u16, &str, &str); 10] = [
    (408, "timeout", "needs a body that does not arrive: bounds.rs"),
    (410, "expired", "a page link is held for 24 hours: page.rs"),
    (414, "too-long", "needs 8 KiB: bounds.rs"),
    (422, "too-costly", "needs thousands of index entries: bounds.rs"),
    (431, "too-long", "needs 16 KiB: bounds.rs"),
    (500, "exception", "there must be none"),
    (503, "throttled", "needs a full queue: concurrency.rs"),
    (503, "transient", "needs a busy or closing store: disk.rs and the stories of persistence"),
    (503, "timeout", "needs a slow database: the stories of persistence"),
    (507, "no-store", "needs a full disk: disk.rs"),
];

/// Name, file and content of each story.
fn all() -> Vec<(String, PathBuf, Story)> {
    let files = fs::read_dir(FOLDER).unwrap().map(|file| file.unwrap().path());
    let mut stories: Vec<_> = files
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let story = Story::parse(&fs::read_to_string(&path).unwrap());
            (name, path, story)
        })
        .collect();
    stories.sort_by(|one, other| one.0.cmp(&other.0));
    assert!(stories.len() > 5, "the stories are found");
    stories
}

#[test]
fn stories_are_answered_as_they_are_written() {
    let writing = std::env::var("RUSHLIGHT_GOLDEN").is_ok_and(|mode| mode == "write");
    let mut faults = Vec::new();
    let certificates = Certificates::new();
    for (name, path, mut story) in all() {
        let environment = story.environment.clone();
        let environment: Vec<(&str, &str)> =
            environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let plain = stores().into_iter().map(|store| (store.name, store, false));
        for (place, store, encrypted) in plain.chain([("sqlite through TLS", sqlite(), true)]) {
            let server = match encrypted {
                true => Server::start_encrypted(&store.url, &certificates, &environment),
                false => Server::start_with(&store.url, &environment),
            };
            let (seen, differences) = play(&story.exchanges, &server.client());
            // What one store has written the others must repeat.
            if writing && place == "sqlite" {
                story.exchanges = seen;
                fs::write(&path, story.to_string()).unwrap();
            } else {
                faults.extend(differences.iter().map(|fault| format!("{name} on {place}: {fault}")));
            }
            assert!(server.stop(), "{name}");
            assert_sound(&store.url);
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

/// Plays a story: as it would be written now, and where that differs.
fn play(exchanges: &[Exchange], client: &Client) -> (Vec<Exchange>, Vec<String>) {
    let mut bindings = Bindings::new(&client.base);
    let (mut seen, mut faults) = (exchanges.to_vec(), Vec::new());
    for exchange in &mut seen {
        let answer = send(client, exchange, &bindings);
        let found = shown(&answer);
        let mut bound = bindings.clone();
        if let Err(fault) = differs(&mut bound, &exchange.answer, &found) {
            faults.push(told(exchange, &found, &fault));
            bound = bindings;
            exchange.answer = generalised(&mut bound, &found);
        }
        bindings = bound;
    }
    (seen, faults)
}

fn send(client: &Client, exchange: &Exchange, bindings: &Bindings) -> Answer {
    let fill = |text: &str| bindings.fill(text).unwrap_or_else(|fault| panic!("{}: {fault}", exchange.title));
    let request = &exchange.request;
    let (method, path) = request.first.split_once(' ').unwrap_or((&request.first, ""));
    let headers: Vec<(&str, String)> =
        request.headers.iter().map(|(name, value)| (name.as_str(), fill(value))).collect();
    let borrowed: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = client.send_as_is(method, &fill(path), &borrowed, fill(&request.body).as_bytes());
    let answer = answer.unwrap_or_else(|fault| panic!("{}: {fault}", exchange.title));
    let id = answer.header("x-request-id");
    let mine = headers.iter().find(|(name, _)| *name == "X-Request-Id").map_or(id, |(_, value)| value);
    assert!(!id.is_empty() && id == mine, "{}: {id}", exchange.title);
    answer
}

fn shown(answer: &Answer) -> Message {
    let headers = answer.headers.iter().filter(|(name, _)| !NOT_SHOWN.contains(&name.as_str()));
    Message {
        first: format!("HTTP/1.1 {}", answer.status),
        headers: headers.map(|(name, value)| (name.clone(), value.clone())).collect(),
        body: answer.text.trim_end_matches('\n').to_owned(),
    }
}

/// Status and code of every error that a story is answered with.
fn provoked() -> BTreeSet<(u16, String)> {
    let mut found = BTreeSet::new();
    for exchange in all().into_iter().flat_map(|(_, _, story)| story.exchanges) {
        let status = exchange.answer.first.rsplit(' ').next().unwrap().parse().unwrap();
        let body: Value = serde_json::from_str(&exchange.answer.body).unwrap_or_default();
        for issue in body["issue"].as_array().into_iter().flatten().filter(|_| status >= 400) {
            found.insert((status, issue["code"].as_str().unwrap().to_owned()));
        }
    }
    found
}

/// Status and code of every row of the table of errors in the documents.
fn documented() -> BTreeSet<(u16, String)> {
    let rows = API.split("\n## Errors").nth(1).unwrap().lines().filter(|line| line.starts_with("| "));
    let mut found = BTreeSet::new();
    for row in rows {
        let mut columns = row.split('|').skip(1);
        let (statuses, codes) = (columns.next().unwrap(), columns.next().unwrap());
        for status in statuses.split(',').filter_map(|status| status.trim().parse().ok()) {
            found.extend(codes.split('`').skip(1).step_by(2).map(|code| (status, code.to_owned())));
        }
    }
    found
}

/// Status and code of every line of the server's table of errors.
fn in_code() -> BTreeSet<(u16, String)> {
    let pairs =
        ERRORS.split("(S::").skip(1).filter_map(|rest| rest.split(')').next()?.split_once(", IssueType::"));
    pairs.map(|(status, code)| (number_of(status), kebab(code))).collect()
}

/// The number of a status by the name of its constant.
fn number_of(name: &str) -> u16 {
    let reason = |code: &u16| StatusCode::from_u16(*code).unwrap().canonical_reason().unwrap_or_default();
    let constant = |code: &u16| reason(code).to_uppercase().replace([' ', '-'], "_");
    (400..600).find(|code| constant(code) == name).unwrap_or_else(|| panic!("a status: {name}"))
}

fn kebab(name: &str) -> String {
    let mut out = String::new();
    for char in name.chars() {
        if char.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(char.to_ascii_lowercase());
    }
    out
}

#[test]
fn every_error_has_an_exchange() {
    let (provoked, documented, in_code) = (provoked(), documented(), in_code());
    assert!(in_code.len() > 10 && documented.len() > 20, "the tables are found");
    let excused: BTreeSet<(u16, String)> =
        NOT_PROVOKED.iter().map(|(status, code, _)| (*status, (*code).to_owned())).collect();
    let missing: Vec<_> = in_code
        .union(&documented)
        .filter(|error| !provoked.contains(error) && !excused.contains(error))
        .collect();
    assert!(missing.is_empty(), "no story is answered with {missing:?}");
    let idle: Vec<_> = excused.intersection(&provoked).collect();
    assert!(idle.is_empty(), "can be provoked: {idle:?}");
    let unsaid: Vec<_> =
        in_code.union(&provoked).filter(|error| !documented.contains(error) && error.0 != 500).collect();
    assert!(unsaid.is_empty(), "not in docs/api.md: {unsaid:?}");
}

#[test]
fn every_interaction_has_a_story() {
    let table = API.split("\n| interaction |").nth(1).unwrap().split("\n\n").next().unwrap();
    let interactions: Vec<&str> =
        table.lines().skip(2).flat_map(|row| row.split('|').nth(1).unwrap().trim().split(", ")).collect();
    assert!(interactions.len() > 6, "the table is found");
    let names: Vec<String> = all().into_iter().map(|(name, _, _)| name).collect();
    for interaction in interactions {
        assert!(names.iter().any(|name| name == interaction), "fixtures/golden/{interaction}.http");
    }
}
