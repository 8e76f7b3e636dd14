//! Building the index: `$reindex` and `/metrics` tell how far it is, `rushlight reindex` waits for it and ends it.

use crate::client::Client;
use crate::interactions::refused;
use crate::process::{Server, assert_sound, rushlight};
use rushlight_test_support::stores;
use serde_json::{Value, json};
use std::fs;
use std::time::{Duration, Instant};

/// The jobs, newest first, each as an object of its parts.
fn jobs(client: &Client) -> Vec<Value> {
    let answer = client.get("/$reindex").expect(200).json();
    assert_eq!(answer["resourceType"], "Parameters");
    let none = Vec::new();
    let told = answer["parameter"].as_array().unwrap_or(&none);
    let job = |parameter: &Value| {
        assert_eq!(parameter["name"], "job");
        let mut job = json!({});
        for part in parameter["part"].as_array().unwrap() {
            let part = part.as_object().unwrap();
            let (_, value) = part.iter().find(|(name, _)| name.starts_with("value")).unwrap();
            job[part["name"].as_str().unwrap()] = value.clone();
        }
        job
    };
    told.iter().map(job).collect()
}

/// Waits until there are so many jobs, all at their end.
fn wait(client: &Client, count: usize) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let jobs = jobs(client);
        let ended = |job: &Value| job["state"] != "waiting" && job["state"] != "running";
        if jobs.len() >= count && jobs.iter().all(ended) {
            return jobs;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{jobs:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn weight(code: &str) -> String {
    json!({
        "resourceType": "SearchParameter", "id": code, "url": format!("http://example.org/{code}"), "name": "Weight",
        "status": "active", "description": "weight", "code": code, "base": ["Observation"], "type": "quantity",
        "expression": format!("Observation.value.ofType(Quantity).where(unit = '{code}')"),
    })
    .to_string()
}

/// The server's own address.
fn origin(client: &Client) -> &str {
    client.base.trim_end_matches("/fhir")
}

fn metric(client: &Client, name: &str) -> String {
    let text = client.get(&format!("{}/metrics", origin(client))).expect(200).text;
    let line = text.lines().find(|line| line.starts_with(&format!("rushlight_{name}{{"))).unwrap_or_default();
    line.rsplit(' ').next().unwrap().to_owned()
}

#[test]
fn how_far_the_index_is_can_be_seen_and_waited_for() {
    for store in stores() {
        let server = Server::start(&store.url);
        let client = server.client();
        assert_eq!(client.get("/$reindex").expect(200).json(), json!({"resourceType": "Parameters"}));
        for number in 0..50 {
            let text = json!({"resourceType": "Observation", "status": "final", "code": {"text": "w"},
                "valueQuantity": {"value": number, "unit": "kg"}});
            client.post("/Observation", &text.to_string()).expect(201);
        }
        client.put("/SearchParameter/kg", &weight("kg")).expect(201);
        let told = wait(&client, 1);
        assert_eq!((&told[0]["kind"], &told[0]["state"]), (&json!("reindex"), &json!("done")));
        assert_eq!(told[0]["percent"], 100, "{told:?}");
        for instant in ["created", "started", "ended"] {
            assert!(told[0][instant].as_str().unwrap().ends_with('Z'), "{told:?}");
        }
        assert_eq!([metric(&client, "store_jobs"), metric(&client, "store_units_building")], ["0", "0"]);
        client.get(&format!("{}/readyz", origin(&client))).expect(200);
        // It tells; it does nothing.
        let answer = client.post("/$reindex", r#"{"resourceType":"Parameters"}"#);
        assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD, OPTIONS"));
        refused(&client.get("/$reindex?type=Patient"), 400, "not-supported", "type");
        assert!(server.stop());

        let run =
            |switches: &[&str]| rushlight(&[&["reindex", "--database-url", &store.url], switches].concat());
        let (out, good) = run(&[]);
        assert!(good && out.contains("the index holds all that is to be indexed"), "{out}");
        let (out, good) = run(&["--status"]);
        assert!(good && out.contains("reindex, done, "), "{out}");
        let (out, good) = run(&["--cancel", "999"]);
        assert!(!good && out.contains("there is no job 999"), "{out}");
        let id = told[0]["id"].as_str().unwrap();
        let (out, good) = run(&["--cancel", id]);
        assert!(!good && out.contains(&format!("job {id} is done already")), "{out}");
        let (out, good) = run(&["--cancel", "1", "--status"]);
        assert!(!good && out.contains("cannot be used with"), "{out}");
        if let Some(folder) = store.url.strip_prefix("sqlite:") {
            lost_index(folder, &run);
        }
        assert_sound(&store.url);
    }
}

/// The index of an embedded store is derived: without it, a job is there to build it.
fn lost_index(folder: &str, run: &dyn Fn(&[&str]) -> (String, bool)) {
    fs::remove_file(format!("{folder}/index.db")).unwrap();
    let (out, _) = run(&["--status"]);
    let id = out.strip_prefix("job ").and_then(|rest| rest.split_once(": reindex, waiting, ")).unwrap().0;
    let (out, good) = run(&["--cancel", id]);
    assert!(good && out.contains(&format!("job {id} ends before its next step")), "{out}");
    let (out, _) = run(&["--status"]);
    assert!(out.contains(&format!("job {id}: reindex, cancelled, ")), "{out}");
    let (out, good) = run(&[]);
    assert!(good && out.contains("the index holds all that is to be indexed"), "{out}");
    let (out, _) = run(&["--status"]);
    assert!(!out.contains("waiting") && !out.contains("running"), "{out}");
}
