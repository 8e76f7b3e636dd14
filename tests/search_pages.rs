//! Pages of a search: each link, and what is written meanwhile.

use crate::client::{Client, link};
use crate::interactions::{on_each_store, refused};
use crate::searching::{ids, people};
use serde_json::Value;
use std::sync::atomic::{AtomicBool, Ordering};

#[track_caller]
fn get(client: &Client, path: &str) -> Value {
    client.get(path).expect(200).json()
}

#[track_caller]
fn follow(client: &Client, bundle: &Value, relation: &str) -> Value {
    get(client, &link(bundle, relation).unwrap_or_else(|| panic!("no {relation}: {}", bundle["link"])))
}

#[test]
fn each_link_leads_where_it_says() {
    on_each_store(|client| {
        people(client, 7, 0);
        for (order, all) in [
            ("", ["p0", "p1", "p2", "p3", "p4", "p5", "p6"]),
            ("&_sort=-birthdate", ["p6", "p5", "p4", "p3", "p2", "p1", "p0"]),
        ] {
            let first = get(client, &format!("/Patient?_count=3&_total=accurate{order}"));
            assert_eq!(ids(&first, "match"), all[..3]);
            assert!(link(&first, "previous").is_none());
            let second = follow(client, &first, "next");
            assert_eq!(ids(&second, "match"), all[3..6]);
            let third = follow(client, &second, "next");
            assert_eq!(ids(&third, "match"), all[6..]);
            assert!(link(&third, "next").is_none());
            assert_eq!(ids(&follow(client, &third, "previous"), "match"), all[3..6]);
            assert_eq!(ids(&follow(client, &second, "previous"), "match"), all[..3]);
            let last = follow(client, &first, "last");
            assert_eq!(ids(&last, "match"), all[6..]);
            assert_eq!(ids(&follow(client, &last, "previous"), "match"), all[3..6]);
            for page in [&second, &third, &last] {
                assert_eq!(page["total"], 7);
                assert_eq!(link(page, "self"), link(&first, "self"));
                assert_eq!(ids(&follow(client, page, "first"), "match"), all[..3]);
            }
        }
        let uncounted = get(client, "/Patient?_count=3");
        assert!(link(&uncounted, "last").is_none(), "the last page is known where the total is");
    });
}

#[test]
fn links_are_sealed_and_belong_to_their_path() {
    on_each_store(|client| {
        people(client, 3, 3);
        let first = get(client, "/Patient?_count=1&name=Family");
        let next = link(&first, "next").unwrap();
        assert!(!next.contains("Family"), "a link tells nothing: {next}");
        let text = next.split("_page=").nth(1).unwrap();
        for path in ["/Observation", "/Patient/p0/Observation", "", "/_history", "/Patient/_history"] {
            refused(&client.get(&format!("{path}?_page={text}")), 400, "value", "page link");
        }
        for other in [format!("{next}A"), next.replace(".next", ""), next.replace(".next", ".previous")] {
            refused(&client.get(&other), 400, "value", "page link");
        }
        refused(&client.get(&format!("{next}&_count=2")), 400, "value", "alone");
        client.get(&format!("{next}&_pretty=true")).expect(200);
    });
}

/// The matches with their versions.
fn versions(bundle: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let matches =
        bundle["entry"].as_array().into_iter().flatten().filter(|entry| entry["search"]["mode"] == "match");
    matches
        .map(|entry| (text(&entry["resource"]["id"]), text(&entry["resource"]["meta"]["versionId"])))
        .collect()
}

/// Pages are of the moment of page one, whatever is written while they are read.
#[test]
fn pages_hold_still_while_others_write() {
    on_each_store(|client| {
        const PEOPLE: usize = 60;
        people(client, PEOPLE, 0);
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut turn = 0_usize;
                // It ends by itself where the reader fails.
                while !done.load(Ordering::Relaxed) && turn < 4_000 {
                    let id = format!("p{}", turn * 7 % PEOPLE);
                    let path = format!("/Patient/{id}");
                    match turn % 3 {
                        0 => drop(client.delete(&path)),
                        1 => drop(client.put(&path, &format!(r#"{{"resourceType":"Patient","id":"{id}","gender":"other","birthDate":"2001"}}"#))),
                        _ => {
                            let id = format!("q{}", turn % 20);
                            let body = format!(r#"{{"resourceType":"Patient","id":"{id}","gender":"female","birthDate":"19{}"}}"#, 10 + turn % 90);
                            drop(client.put(&format!("/Patient/{id}"), &body));
                        }
                    }
                    turn += 1;
                }
            });
            for round in 0..12 {
                let sort = ["", "&_sort=birthdate", "&_sort=-_lastUpdated", "&_sort=_id"][round % 4];
                let whole = get(client, &format!("/Patient?_count=1000{sort}"));
                let first = get(client, &format!("/Patient?_count=7&_total=accurate{sort}"));
                let mut seen = versions(&first);
                let mut page = first.clone();
                while link(&page, "next").is_some() {
                    page = follow(client, &page, "next");
                    seen.extend(versions(&page));
                    assert!(seen.len() < 100_000, "the pages go on and on{sort}");
                }
                assert_eq!(seen.len() as i64, first["total"].as_i64().unwrap(), "nothing is skipped{sort}");
                let mut back = versions(&page);
                while link(&page, "previous").is_some() {
                    page = follow(client, &page, "previous");
                    back.splice(0..0, versions(&page));
                    assert!(back.len() <= seen.len(), "the pages go back and back{sort}");
                }
                assert_eq!(back, seen, "there and back{sort}");
                let mut distinct: Vec<&str> = seen.iter().map(|(id, _)| id.as_str()).collect();
                distinct.sort_unstable();
                distinct.dedup();
                assert_eq!(distinct.len(), seen.len(), "nothing is there twice{sort}");
                assert!(!ids(&whole, "match").is_empty());
            }
            done.store(true, Ordering::Relaxed);
        });
    });
}
