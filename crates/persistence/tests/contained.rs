//! Contained resources in the index: as the bodies say, whatever is written and built, and seen with their containers.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{Dice, Fixture, id};
use rushlight_model::{Body, Limits, ResourceType};
use rushlight_persistence::{Access, From, Op, Origin, Precondition, Search, Store, StoreOptions, Totals};
use rushlight_search::query::{Contained, Form, NothingStored, Query, Reader};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(20);

fn ty(name: &str) -> ResourceType {
    ResourceType::from_name(name).unwrap()
}

fn put(store: &Store, of: &str, name: &str, members: &str) {
    let json = format!(r#"{{"resourceType":"{of}","id":"{name}",{members}}}"#);
    let body = Body::parse(json.as_bytes(), &Limits::default()).unwrap();
    let op = Op::Put { ty: ty(of), id: id(name), body, precondition: Precondition::None };
    store.transact(&Origin::of("test"), vec![op]).unwrap();
}

/// An Observation that contains its subject.
fn holder(store: &Store, name: &str, family: &str, more: &str) {
    let patient = format!(r#"{{"resourceType":"Patient","id":"p","name":[{{"family":"{family}"}}]}}"#);
    let members =
        format!(r##""status":"final","contained":[{patient}],"subject":{{"reference":"#p"}}{more}"##);
    put(store, "Observation", name, &members);
}

fn read(store: &Store, on: &str, pairs: &[(&str, &str)], contained: Contained) -> Query {
    let registry = store.registry();
    let reader = Reader { registry: &registry, now: 0, base: "http://x", stored: &NothingStored };
    let pairs: Vec<(String, String)> = pairs.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
    let reading = reader.query(&[ty(on)], &pairs);
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    Query { contained, ..reading.query }
}

/// The ids of what is found; of what is contained, with its container's.
fn found(store: &Store, access: &Access, query: &Query) -> Vec<String> {
    let snapshot = store.snapshot().unwrap();
    let (count, bytes, most_included) = (1000, usize::MAX >> 1, 0);
    let (from, total) = (From::First, Totals::Accurate);
    let search = Search { query, snapshot: Some(&snapshot), count, bytes, most_included, from, total };
    let page = store.search(access, &search).unwrap();
    assert_eq!(page.total, Some(page.matches.len() as i64));
    let containers = page.containers.iter().chain(std::iter::repeat(&None));
    let name = |container: &Option<rushlight_persistence::Container>, own: &str| match container {
        Some(container) => format!("{}#{own}", container.id),
        None => own.to_owned(),
    };
    page.matches.iter().zip(containers).map(|(one, of)| name(of, one.id.as_str())).collect()
}

#[test]
fn entries_follow_what_is_written_merged_and_lost() {
    for fixture in Fixture::all() {
        let store = fixture.open();
        let mut dice = Dice(3);
        for round in 0..120 {
            let name = format!("r{}", dice.below(9));
            let inner: Vec<String> = (0..dice.below(4))
                .map(|at| {
                    let (id, family) = (dice.below(3), dice.below(3));
                    let link = format!(r##"{{"other":{{"reference":"#i{}"}},"type":"seealso"}}"##, (at + 1) % 3);
                    format!(r#"{{"resourceType":"Patient","id":"i{id}","name":[{{"family":"f{family}"}}],"link":[{link}]}}"#)
                })
                .collect();
            if dice.below(5) == 0 {
                let op =
                    Op::Delete { ty: ty("Observation"), id: id(&name), precondition: Precondition::None };
                store.transact(&Origin::of("test"), vec![op]).unwrap();
            } else {
                let inner = inner.join(",");
                let members =
                    format!(r##""status":"final","contained":[{inner}],"subject":{{"reference":"#i0"}}"##);
                put(&store, "Observation", &name, &members);
            }
            if round % 40 == 20 {
                fixture.sound(&store);
            }
        }
        fixture.sound(&store);
        assert!(fixture.is_postgres() || store.merges() > 3, "the tail was merged on the way");
        let all = Contained::Only(Form::Contained);
        let ask =
            |store: &Store| found(store, &Access::all(), &read(store, "Patient", &[("family", "f1")], all));
        let before = ask(&store);
        assert!(before.len() > 2, "{before:?}");
        drop(store);
        // What the index has lost is found in the bodies again.
        if let Some(folder) = fixture.url().strip_prefix("sqlite:") {
            for name in ["index.db", "index.db-wal", "index.db-shm"] {
                let _ = std::fs::remove_file(std::path::Path::new(folder).join(name));
            }
        }
        let store = fixture.open();
        assert!(store.wait_built(LIMIT).unwrap());
        fixture.sound(&store);
        assert_eq!(ask(&store), before);
    }
}

#[test]
fn what_is_newly_indexed_is_built_for_contained_resources_too() {
    for fixture in Fixture::all() {
        let store = Store::open(&StoreOptions { stretch: Some(3), ..fixture.options() }).unwrap();
        for at in 0..20 {
            holder(&store, &format!("r{at}"), &format!("f{}", at % 4), "");
        }
        let define = |expression: &str| {
            let members = format!(
                r#""status":"active","url":"http://example.org/own","code":"own","base":["Patient"],"type":"string","expression":"{expression}""#
            );
            put(&store, "SearchParameter", "own", &members);
            let begun = std::time::Instant::now();
            let is_known =
                || store.registry().customs().iter().any(|own| format!("{own:?}").contains(expression));
            while !is_known() {
                assert!(begun.elapsed() < LIMIT, "never known: {expression}");
                std::thread::sleep(Duration::from_millis(5));
            }
            assert!(store.wait_built(LIMIT).unwrap());
        };
        for (expression, value, expected) in [("Patient.name.family", "f2", 5), ("Patient.id", "p", 20)] {
            define(expression);
            let pairs = [("own", value)];
            let query = read(&store, "Patient", &pairs, Contained::Only(Form::Contained));
            assert_eq!(found(&store, &Access::all(), &query).len(), expected, "{expression}");
            let chain = [("subject:Patient.own", value)];
            let query = read(&store, "Observation", &chain, Contained::No);
            assert_eq!(found(&store, &Access::all(), &query).len(), expected, "{expression}");
            fixture.sound(&store);
        }
    }
}

#[test]
fn what_is_contained_is_seen_with_its_container() {
    for fixture in Fixture::all() {
        let store = fixture.open();
        let secret = r#","meta":{"security":[{"system":"urn:l","code":"secret"}]}"#;
        holder(&store, "open", "x", "");
        holder(&store, "closed", "x", secret);
        holder(&store, "mine", "x", r#","performer":[{"reference":"Patient/me"}]"#);
        put(&store, "Patient", "me", r#""name":[{"family":"x"}]"#);
        put(&store, "Patient", "other", r#""name":[{"family":"x"}]"#);
        let within = Contained::Both(Form::Contained);
        let ask = |access: &Access| {
            let [by_chain, by_container] =
                [Contained::No, Contained::Only(Form::Container)].map(|contained| {
                    let (on, name) = if contained == Contained::No {
                        ("Observation", "subject:Patient.family")
                    } else {
                        ("Patient", "family")
                    };
                    found(&store, access, &read(&store, on, &[(name, "x")], contained))
                });
            // A chain leads into what a container holds, and what it holds leads to the container.
            assert_eq!(by_chain, by_container);
            found(&store, access, &read(&store, "Patient", &[("family", "x")], within))
        };
        let [observations, patients] = [["Observation"], ["Patient"]].map(|name| Access::types(name.map(ty)));
        for (access, expected) in [
            (Access::all(), "open#p closed#p mine#p me other"),
            (observations.clone(), "open#p closed#p mine#p"),
            (patients, "me other"),
            (Access::hiding([("urn:l", "secret")]), "open#p mine#p me other"),
            (observations.and(Access::hiding([("urn:l", "secret")])), "open#p mine#p"),
            (Access::patient(id("me"), []), "mine#p me"),
            // A contained patient of the same id is another one.
            (Access::patient(id("p"), []), ""),
        ] {
            assert_eq!(ask(&access).join(" "), expected, "{access:?}");
        }
    }
}
