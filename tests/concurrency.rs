//! Many clients at once; on PostgreSQL against two server processes on one database.

use crate::client::Client;
use crate::process::{Server, assert_sound, heavy};
use rushlight_test_support::{TestStore, stores};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Runs a story against one server per process that the store admits.
fn on_each_store(story: impl Fn(&[Client])) {
    let _turn = heavy();
    for store in stores() {
        let servers = servers(&store);
        let clients: Vec<Client> = servers.iter().map(Server::client).collect();
        story(&clients);
        for server in servers {
            assert!(server.stop());
        }
        assert_sound(&store.url);
    }
}

fn servers(store: &TestStore) -> Vec<Server> {
    let count = if store.name == "postgres" { 2 } else { 1 };
    (0..count).map(|_| Server::start(&store.url)).collect()
}

fn patient(id: &str, text: &str) -> String {
    json!({"resourceType": "Patient", "id": id, "language": text}).to_string()
}

#[test]
fn sixty_four_writers_of_one_resource_leave_no_gap() {
    on_each_store(|clients| {
        const WRITERS: usize = 64;
        const EACH: usize = 5;
        let versions: Vec<i64> = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let client = &clients[writer % clients.len()];
                    scope.spawn(move || -> Vec<i64> {
                        (0..EACH)
                            .map(|round| {
                                let answer =
                                    client.put("/Patient/one", &patient("one", &format!("{writer}-{round}")));
                                assert!([200, 201].contains(&answer.status), "{}", answer.text);
                                answer.version()
                            })
                            .collect()
                    })
                })
                .collect();
            writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
        });
        let unique: BTreeSet<i64> = versions.iter().copied().collect();
        let all = i64::try_from(WRITERS * EACH).unwrap();
        assert_eq!(unique, (1..=all).collect(), "each acknowledged version once, none left out");
        let entries = clients[0].pages("/Patient/one/_history?_count=37");
        let told: Vec<String> = entries
            .iter()
            .map(|entry| entry["resource"]["meta"]["versionId"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(told, (1..=all).rev().map(|version| version.to_string()).collect::<Vec<_>>());
        let times: Vec<&str> =
            entries.iter().map(|entry| entry["resource"]["meta"]["lastUpdated"].as_str().unwrap()).collect();
        assert!(times.is_sorted_by(|newer, older| newer > older), "lastUpdated rises with every version");
    });
}

#[test]
fn no_update_is_lost_among_clients_that_read_and_write_back() {
    on_each_store(|clients| {
        clients[0].put("/Patient/counter", &patient("counter", "0")).expect(201);
        let wins = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for worker in 0..64 {
                let (client, wins) = (&clients[worker % clients.len()], &wins);
                scope.spawn(move || {
                    for _ in 0..4 {
                        let read = client.get("/Patient/counter").expect(200);
                        let count: usize = read.json()["language"].as_str().unwrap().parse().unwrap();
                        let next = patient("counter", &(count + 1).to_string());
                        match client.put_if("/Patient/counter", read.version(), &next).status {
                            200 => wins.fetch_add(1, Ordering::SeqCst),
                            412 => 0,
                            other => panic!("{other}"),
                        };
                    }
                });
            }
        });
        let end = clients[0].get("/Patient/counter").expect(200);
        let wins = wins.load(Ordering::SeqCst);
        assert!(wins > 0);
        assert_eq!(end.json()["language"], wins.to_string(), "the counter counts the writes that won");
        assert_eq!(end.version(), i64::try_from(wins).unwrap() + 1);
    });
}

#[test]
fn readers_never_see_a_part_of_a_transaction() {
    on_each_store(|clients| {
        const ENTRIES: usize = 5;
        let bundle = |text: &str, poison: Option<usize>| -> String {
            let entries: Vec<Value> = (0..ENTRIES)
                .map(|at| {
                    let id = format!("t{at}");
                    let mut request = json!({"method": "PUT", "url": format!("Patient/{id}")});
                    if poison == Some(at) {
                        request["ifMatch"] = "W/\"999999\"".into();
                    }
                    json!({"resource": {"resourceType": "Patient", "id": id, "language": text}, "request": request})
                })
                .collect();
            json!({"resourceType": "Bundle", "type": "transaction", "entry": entries}).to_string()
        };
        clients[0].post("", &bundle("0", None)).expect(200);
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for reader in 0..4 {
                let (client, done) = (&clients[reader % clients.len()], &done);
                scope.spawn(move || {
                    while !done.load(Ordering::Relaxed) {
                        // One page is one snapshot: the newest version of each must be of one transaction.
                        let page = client.get("/Patient/_history?_count=5").expect(200).json();
                        let texts: BTreeSet<&str> = page["entry"]
                            .as_array()
                            .unwrap()
                            .iter()
                            .map(|entry| entry["resource"]["language"].as_str().unwrap())
                            .collect();
                        assert_eq!(texts.len(), 1, "{page}");
                        assert_eq!(page["total"].as_u64().unwrap() % 5, 0);
                    }
                });
            }
            for round in 1..20 {
                let client = &clients[round % clients.len()];
                let poisoned = client.post("", &bundle(&format!("bad-{round}"), Some(round % ENTRIES)));
                assert_eq!(poisoned.status, 412, "{}", poisoned.text);
                client.post("", &bundle(&round.to_string(), None)).expect(200);
            }
            done.store(true, Ordering::Relaxed);
        });
        for at in 0..ENTRIES {
            let end = clients[0].get(&format!("/Patient/t{at}")).expect(200);
            assert_eq!((end.version(), end.json()["language"].as_str().unwrap()), (20, "19"));
        }
    });
}

#[test]
fn pages_of_history_are_exact_while_others_write() {
    on_each_store(|clients| {
        for number in 0..60 {
            clients[0].put(
                &format!("/Patient/h{}", number % 20),
                &patient(&format!("h{}", number % 20), &number.to_string()),
            );
        }
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for writer in 0..6 {
                let (client, done) = (&clients[writer % clients.len()], &done);
                scope.spawn(move || {
                    for round in 0.. {
                        if done.load(Ordering::Relaxed) {
                            break;
                        }
                        let id = format!("h{}", (round * 7 + writer) % 40);
                        match round % 9 {
                            8 => client.delete(&format!("/Patient/{id}")),
                            _ => client
                                .put(&format!("/Patient/{id}"), &patient(&id, &format!("{writer}-{round}"))),
                        };
                    }
                });
            }
            for round in 0..4 {
                let path = [
                    "/_history?_count=17",
                    "/Patient/_history?_count=5",
                    "/Patient/h3/_history?_count=1",
                    "/_history?_count=1000",
                ][round];
                let client = &clients[round % clients.len()];
                let first = client.get(path).expect(200).json();
                let total = first["total"].as_u64().unwrap();
                let mut entries: Vec<Value> = first["entry"].as_array().unwrap().clone();
                let mut next = crate::client::link(&first, "next");
                while let Some(path) = next {
                    // On PostgreSQL each page from the other process.
                    let page = clients[entries.len() % clients.len()]
                        .get(&path.replace(&client.base, ""))
                        .expect(200)
                        .json();
                    entries.extend(page["entry"].as_array().unwrap().iter().cloned());
                    next = crate::client::link(&page, "next");
                }
                assert_eq!(entries.len() as u64, total, "{path}");
                let keys: BTreeSet<String> = entries
                    .iter()
                    .map(|entry| format!("{} {}", entry["request"]["url"], entry["response"]["etag"]))
                    .collect();
                assert_eq!(keys.len(), entries.len(), "{path}: every version once");
                let times: Vec<&str> =
                    entries.iter().map(|entry| entry["response"]["lastModified"].as_str().unwrap()).collect();
                assert!(times.is_sorted_by(|newer, older| newer >= older), "{path}: newest first");
            }
            done.store(true, Ordering::Relaxed);
        });
    });
}

#[test]
fn polling_since_misses_nothing_while_sixteen_write() {
    on_each_store(|clients| {
        const WRITERS: usize = 16;
        const EACH: usize = 25;
        let seen = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let client = &clients[writer % clients.len()];
                    scope.spawn(move || {
                        for round in 0..EACH {
                            let id = format!("w{writer}-{round}");
                            client.put(&format!("/Patient/{id}"), &patient(&id, "x")).expect(201);
                        }
                    })
                })
                .collect();
            let mut seen = BTreeSet::new();
            let mut since: Option<String> = None;
            loop {
                let finished = writers.iter().all(|writer| writer.is_finished());
                let client = &clients[seen.len() % clients.len()];
                let path = since.as_ref().map_or("/_history?_count=50".to_owned(), |since| {
                    format!("/_history?_count=50&_since={since}")
                });
                let first = client.get(&path).expect(200).json();
                seen.extend(
                    client
                        .pages(&path)
                        .iter()
                        .map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned()),
                );
                since = first["timestamp"].as_str().map(str::to_owned);
                if finished {
                    break seen;
                }
            }
        });
        assert_eq!(seen.len(), WRITERS * EACH);
    });
}
