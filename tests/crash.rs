//! Servers, and databases, killed at random under load; then everything acknowledged is there, nothing is torn.

use crate::client::{Answer, Client};
use crate::process::{Server, assert_sound, heavy};
use rushlight_test_support::postgres::Cluster;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Clients at a time.
const CLIENTS: u64 = 8;

/// A small generator, so that a failure is repeated by its seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// What a client knows of one resource of its own.
#[derive(Clone, Debug, Default)]
struct Known {
    /// Acknowledged: version and content (`None`: deleted).
    acknowledged: (i64, Option<String>),
    /// Sent and not answered.
    pending: Option<Option<String>>,
}

/// What a client knows: its resources, and the transaction on its way.
#[derive(Debug, Default)]
struct Ledger {
    known: BTreeMap<String, Known>,
    /// The ids and the content of a transaction that was sent and not answered.
    transaction: Option<(Vec<String>, String)>,
    /// The ids of what all clients make under conditions, by the key that it is made for.
    made: BTreeMap<String, String>,
}

/// The client's own file: written and flushed before sending and after each answer.
struct Paper(File);

impl Paper {
    fn note(&mut self, line: &str) {
        writeln!(self.0, "{line}").unwrap();
        self.0.sync_data().unwrap();
    }
}

fn rounds() -> u64 {
    std::env::var("RUSHLIGHT_CRASH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(100)
}

fn patient(id: &str, text: &str) -> Value {
    json!({"resourceType": "Patient", "id": id, "language": text})
}

/// Writes until the server dies; returns at the first request without an answer.
fn play(
    client: &Client,
    ledger: &mut Ledger,
    paper: &mut Paper,
    dice: &mut Dice,
    owner: u64,
    stop: &AtomicBool,
) {
    while !stop.load(Ordering::Relaxed) {
        let id = format!("c{owner}-{}", dice.below(6));
        let text = dice.0.to_string();
        match dice.below(12) {
            10.. => {
                let key = format!("k{}", dice.below(200));
                let Some(answer) = make(client, &key) else { return };
                if ![200, 201].contains(&answer.status) {
                    return refused(&answer);
                }
                let id = answer.json()["id"].as_str().unwrap().to_owned();
                paper.note(&format!("acknowledged {key} {id}"));
                assert_eq!(ledger.made.entry(key).or_insert_with(|| id.clone()), &id, "made once");
            }
            0..2 => {
                let ids: Vec<String> = (0..5).map(|at| format!("c{owner}-t{at}")).collect();
                let entries: Vec<Value> = ids
                    .iter()
                    .map(|id| json!({"resource": patient(id, &text), "request": {"method": "PUT", "url": format!("Patient/{id}")}}))
                    .collect();
                paper.note(&format!("send transaction {text}"));
                ledger.transaction = Some((ids.clone(), text.clone()));
                let bundle =
                    json!({"resourceType": "Bundle", "type": "transaction", "entry": entries}).to_string();
                let Ok(answer) = client.send("POST", "", &[], bundle.as_bytes()) else { return };
                if answer.status != 200 {
                    return refused(&answer);
                }
                paper.note(&format!("acknowledged transaction {text}"));
                let answer = answer.json();
                for (at, id) in ids.into_iter().enumerate() {
                    let etag = answer["entry"][at]["response"]["etag"].as_str().unwrap().to_owned();
                    let version = etag.trim_start_matches("W/\"").trim_end_matches('"').parse().unwrap();
                    ledger
                        .known
                        .insert(id, Known { acknowledged: (version, Some(text.clone())), pending: None });
                }
                ledger.transaction = None;
            }
            turn => {
                let delete = turn == 2;
                let content = (!delete).then(|| text.clone());
                paper.note(&format!("send {id} {content:?}"));
                let known = ledger.known.entry(id.clone()).or_default();
                known.pending = Some(content.clone());
                let path = format!("/Patient/{id}");
                let sent = match &content {
                    None => client.send("DELETE", &path, &[], b""),
                    Some(text) => client.send("PUT", &path, &[], patient(&id, text).to_string().as_bytes()),
                };
                let Ok(answer) = sent else { return };
                if ![200, 201, 204].contains(&answer.status) {
                    return refused(&answer);
                }
                let version = if answer.header("etag").is_empty() { 0 } else { answer.version() };
                paper.note(&format!("acknowledged {id} {version}"));
                known.acknowledged = (version, content);
                known.pending = None;
            }
        }
    }
}

/// Makes what all clients make, unless it is there.
fn make(client: &Client, key: &str) -> Option<Answer> {
    let body = json!({"resourceType": "Patient", "identifier": [{"value": key}]}).to_string();
    client.send("POST", "/Patient", &[("If-None-Exist", &format!("identifier={key}"))], body.as_bytes()).ok()
}

/// While its database is down a server may refuse; anything else is a fault.
fn refused(answer: &Answer) {
    assert!([500, 503].contains(&answer.status), "{}: {}", answer.status, answer.text);
}

/// What is there must be what was acknowledged, or what was on its way; then that is what is known.
fn check(client: &Client, ledger: &mut Ledger) {
    let read = |id: &str| -> (i64, Option<String>) {
        let answer = client.get(&format!("/Patient/{id}"));
        match answer.status {
            200 => (answer.version(), Some(answer.json()["language"].as_str().unwrap().to_owned())),
            410 => (answer.version(), None),
            404 => (0, None),
            other => panic!("{other}: {}", answer.text),
        }
    };
    if let Some((ids, text)) = ledger.transaction.take() {
        let states: Vec<(i64, Option<String>)> = ids.iter().map(|id| read(id)).collect();
        let written = states.iter().filter(|(_, content)| content.as_ref() == Some(&text)).count();
        assert!(written == 0 || written == ids.len(), "a transaction is whole or absent: {states:?}");
        for (id, state) in ids.into_iter().zip(states) {
            let known = ledger.known.entry(id.clone()).or_default();
            if written == 0 {
                assert_eq!(state, known.acknowledged, "{id}: an acknowledged write was lost");
            } else {
                assert_eq!(state.0, known.acknowledged.0 + 1, "{id}: versions count without a gap");
            }
            known.acknowledged = state;
        }
    }
    for (key, id) in &ledger.made {
        let found = make(client, key).unwrap().expect(200);
        assert_eq!(found.json()["id"], **id, "{key}: it is there, and no second one");
    }
    for (id, known) in &mut ledger.known {
        let found = read(id);
        let (version, _) = known.acknowledged;
        let expected = match known.pending.take() {
            // Written or not, but if written then as the next version. A delete of nothing makes no version.
            Some(content) if found == (version + 1, content.clone()) => found.clone(),
            _ => known.acknowledged.clone(),
        };
        assert_eq!(found, expected, "{id}: an acknowledged write was lost");
        known.acknowledged = found;
    }
}

fn run(url: &str, seed: u64, mut cluster: Option<&mut Cluster>) {
    let _turn = heavy();
    let place = tempfile::tempdir().unwrap();
    let mut ledgers: Vec<Ledger> = (0..CLIENTS).map(|_| Ledger::default()).collect();
    let mut papers: Vec<Paper> = (0..CLIENTS)
        .map(|owner| Paper(File::create(place.path().join(owner.to_string())).unwrap()))
        .collect();
    let mut dice = Dice(seed);
    let mut server = Server::start(url);
    let acknowledged = Mutex::new(0);
    for round in 0..rounds() {
        let stop = AtomicBool::new(false);
        let pause = Duration::from_millis(20 + dice.below(230));
        let database = cluster.is_some() && round % 10 == 9;
        std::thread::scope(|scope| {
            for (owner, (ledger, paper)) in ledgers.iter_mut().zip(&mut papers).enumerate() {
                let client = server.client();
                let (stop, acknowledged) = (&stop, &acknowledged);
                let mut dice = Dice(seed ^ (round << 8) ^ owner as u64);
                scope.spawn(move || {
                    play(&client, ledger, paper, &mut dice, owner as u64, stop);
                    *acknowledged.lock().unwrap() += ledger.known.len();
                });
            }
            std::thread::sleep(pause);
            if let (true, Some(cluster)) = (database, cluster.as_deref_mut()) {
                cluster.kill();
                cluster.launch();
            }
            server.kill();
            stop.store(true, Ordering::Relaxed);
        });
        if round % 20 == 19 {
            // Index rows, in the tail and in the tables, agree with the bodies.
            assert_sound(url);
        }
        server = Server::start(url);
        let client = server.client();
        std::thread::scope(|scope| {
            for ledger in &mut ledgers {
                let client = client.clone();
                scope.spawn(move || check(&client, ledger));
            }
        });
    }
    assert!(*acknowledged.lock().unwrap() > 0);
    assert!(server.stop());
    assert_sound(url);
}

#[test]
fn acknowledged_is_durable_on_sqlite_whenever_the_server_dies() {
    let store = rushlight_test_support::sqlite();
    run(&store.url, 42, None);
}

#[test]
fn acknowledged_is_durable_on_postgresql_whenever_server_or_database_die() {
    let Some(mut cluster) = Cluster::start(&[]) else { return };
    let url = cluster.url();
    run(&url, 43, Some(&mut cluster));
}

/// The same load on a database that does not flush before it answers must lose something: the test can fail.
#[test]
fn without_synchronous_commit_postgresql_loses_acknowledged_writes() {
    let Some(mut cluster) = Cluster::start(&["synchronous_commit=off", "wal_writer_delay=10s"]) else {
        return;
    };
    let _turn = heavy();
    let url = cluster.url();
    let (text, started) = match Server::try_start(&url, &[]) {
        Ok(_) => (String::new(), true),
        Err(text) => (text, false),
    };
    assert!(!started && text.contains("synchronous_commit"), "refused without leave: {text}");
    let mut lost = 0;
    for round in 0..10 {
        let mut server = Server::start_with(&url, &[("RUSHLIGHT_DURABILITY", "off-for-testing")]);
        let path = format!("/Patient/r{round}");
        server.client().put(&path, &patient(&format!("r{round}"), "x").to_string()).expect(201);
        cluster.kill();
        server.kill();
        cluster.launch();
        let server = Server::start_with(&url, &[("RUSHLIGHT_DURABILITY", "off-for-testing")]);
        lost += usize::from(server.client().get(&path).status == 404);
        if lost > 0 {
            break;
        }
    }
    assert!(lost > 0, "every write survived although nothing was flushed");
}
