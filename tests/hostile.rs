//! Every input of the corpus is refused precisely, in bounded memory, and nothing of it is stored.

use crate::client::{Answer, Client};
use crate::process::{Server, assert_sound, heavy};
use rushlight_test_support::hostile::{Input, inputs};
use rushlight_test_support::{data, stores};
use serde_json::Value;
use std::time::{Duration, Instant};

/// Characters of an issue's text and of an expression; bytes of a whole answer. At the most.
const LONGEST_TEXT: usize = 750;
const LONGEST_EXPRESSION: usize = 4000;
const LONGEST_ANSWER: usize = 256 << 10;

/// Kilobytes that a request may take: the tree of a text has at most 32 bytes for each two of it.
fn allowed(body: &[u8]) -> usize {
    48 * 1024 + body.len() * 20 / 1024
}

#[test]
fn hostile_inputs_are_refused_and_leave_nothing() {
    let _turn = heavy();
    for (number, store) in stores().into_iter().enumerate() {
        let server = Server::start(&store.url);
        let client = server.client();
        let total = || client.get("/_history?_count=1").expect(200).json()["total"].clone();
        let mut faults = Vec::new();
        // What is wrong with large ones is found before any store is asked.
        let asked = inputs().filter(|input| input.status != 201 && (!input.is_large() || number == 0));
        for input in asked {
            let found = refused(&server, &client, input, &input.body());
            faults.extend(found.err().map(|fault| format!("{}: {fault}", input.name)));
        }
        assert!(faults.is_empty(), "{}: {}", store.name, faults.join("\n"));
        assert_eq!(total(), 0, "{}", store.name);
        let right: Vec<Input> = inputs().filter(|input| input.status == 201).collect();
        right.iter().for_each(|input| stored(&client, *input));
        assert_eq!(total(), right.len(), "{}", store.name);
        assert!(server.stop());
        assert_sound(&store.url);
    }
}

/// As a new resource as the table says; as an update and as one of two entries of a transaction somehow.
fn refused(server: &Server, client: &Client, input: Input, body: &[u8]) -> Result<(), String> {
    let (before, _) = server.memory();
    server.forget_most_memory();
    let answer = send(client, "POST", &path(input), body)?;
    let taken = server.memory().1.saturating_sub(before);
    if taken > allowed(body) {
        return Err(format!("{taken} kB for {} bytes", body.len()));
    }
    let issues = issues(&answer)?;
    let rule = format!("[{}]", input.tells);
    let told = issues.iter().any(|issue| match input.status {
        422 => issue["diagnostics"].as_str().is_some_and(|text| text.ends_with(&rule)),
        _ => issue["code"] == input.tells,
    });
    if answer.status != input.status || !told {
        return Err(format!("expected {} {}: {}", input.status, input.tells, told_by(&answer)));
    }
    if !input.ty.is_empty() {
        if !input.is_large() {
            issues_of(send(client, "PUT", &format!("/{}/hostile", input.ty), body))?;
        }
        issues_of(send(client, "POST", "", &in_transaction(input, body)))?;
    }
    Ok(())
}

fn path(input: Input) -> String {
    if input.ty.is_empty() { String::new() } else { format!("/{}", input.ty) }
}

/// One request. Says how long it took where that was long: no test depends on it, people should see it.
fn send(client: &Client, method: &str, path: &str, body: &[u8]) -> Result<Answer, String> {
    let begun = Instant::now();
    let answer = client.send(method, path, &[], body);
    if begun.elapsed() > Duration::from_secs(2) {
        let (name, seconds) = (&body[..body.len().min(60)], begun.elapsed().as_secs_f64());
        data::say(&format!("{seconds:.1} s: {method} {path} {}", String::from_utf8_lossy(name)));
    }
    answer
}

fn issues_of(answer: Result<Answer, String>) -> Result<Vec<Value>, String> {
    issues(&answer?)
}

/// The issues of an OperationOutcome of bounded length, which does not tell the input again.
fn issues(answer: &Answer) -> Result<Vec<Value>, String> {
    let fault = |what: &str| Err(format!("{what}: {}", told_by(answer)));
    if !matches!(answer.status, 400 | 413 | 422) || answer.text.len() > LONGEST_ANSWER {
        return fault("not refused, or at length");
    }
    let outcome = answer.json();
    let issues = outcome["issue"].as_array().cloned().unwrap_or_default();
    if outcome["resourceType"] != "OperationOutcome" || issues.is_empty() {
        return fault("no OperationOutcome");
    }
    let length = |text: &Value| text.as_str().map_or(0, |text| text.chars().count());
    for issue in &issues {
        let mut expressions = issue["expression"].as_array().into_iter().flatten();
        if issue["severity"] != "error"
            || !issue["code"].is_string()
            || !(1..=LONGEST_TEXT).contains(&length(&issue["diagnostics"]))
            || !expressions.all(|one| (1..=LONGEST_EXPRESSION).contains(&length(one)))
        {
            return fault("an issue without severity, code or diagnostics, or too long");
        }
    }
    Ok(issues)
}

fn told_by(answer: &Answer) -> String {
    format!("{} {}", answer.status, answer.text.chars().take(1000).collect::<String>())
}

/// The input as the second of two entries.
fn in_transaction(input: Input, body: &[u8]) -> Vec<u8> {
    let good = r#"{"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}}"#;
    let mut bundle =
        format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{good},{{"resource":"#)
            .into_bytes();
    bundle.extend(body);
    bundle.extend(format!(r#","request":{{"method":"POST","url":"{}"}}}}]}}"#, input.ty).into_bytes());
    bundle
}

/// What is strange and right is stored, and comes back as it was written.
fn stored(client: &Client, input: Input) {
    let body = String::from_utf8(input.body()).unwrap();
    let answer = client.post(&path(input), &body);
    assert_eq!(answer.status, 201, "{}: {}", input.name, told_by(&answer));
    let got = client.get(answer.header("location").split("/fhir").nth(1).unwrap()).expect(200);
    let (_, members) = body.split_once(',').unwrap();
    assert!(got.text.ends_with(members), "{}", input.name);
}
