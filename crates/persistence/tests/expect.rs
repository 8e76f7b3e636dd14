//! Writes that depend on what a query matches: whatever comes between is noticed.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use common::{Dice, Fixture, id};
use rushlight_model::{Body, Id, Limits, ResourceType};
use rushlight_persistence::{
    Access, Op, Origin, Precondition, Refusal, Store, TransactError, Written, WrittenAs,
};
use rushlight_search::query::{Clause, Condition, Link, Op as Test, Query, RowTest, Scalar};
use rushlight_search::{TableId, hash};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

const SYSTEM: &str = "urn:example:mrn";

fn ty(name: &str) -> ResourceType {
    ResourceType::from_name(name).unwrap()
}

fn patient(name: &str, value: &str) -> Body {
    let json = format!(
        r#"{{"resourceType":"Patient","id":"{name}","identifier":[{{"system":"{SYSTEM}","value":"{value}"}}],"gender":"female","active":true}}"#
    );
    Body::parse(json.as_bytes(), &Limits::default()).unwrap()
}

fn row(store: &Store, parameter: &str, value: &str, system: Option<&str>) -> Condition {
    let registry = store.registry();
    let units = registry.parameter(ty("Patient"), parameter).unwrap().units();
    let units = units.iter().map(|unit| unit.number).collect();
    let test = RowTest::any(TableId::TOKEN, units).and(0, Test::Is(Scalar::Text(value.to_owned())));
    Condition::Row(match system {
        Some(system) => test.and(1, Test::Is(Scalar::Int(hash(system)))),
        None => test,
    })
}

fn query(conditions: Vec<Condition>) -> Arc<Query> {
    let clause =
        |condition| Clause { name: String::new(), value: String::new(), meaning: String::new(), condition };
    let clauses = conditions.into_iter().map(clause).collect();
    Arc::new(Query { clauses, ..Query::all(vec![ty("Patient")]) })
}

/// The same key, spelled in several ways.
fn spelled(store: &Store, value: &str, way: u64) -> Arc<Query> {
    let with = row(store, "identifier", value, Some(SYSTEM));
    let without = row(store, "identifier", value, None);
    let more = row(store, "gender", "female", None);
    query(match way % 5 {
        0 => vec![with],
        1 => vec![without],
        2 => vec![more, with],
        3 => vec![with, more],
        _ => vec![Condition::Any(vec![with, without])],
    })
}

fn expect(query: &Arc<Query>, found: &[&str]) -> Op {
    let found = found.iter().map(|name| (ty("Patient"), id(name))).collect();
    Op::Expect { query: Arc::clone(query), access: Access::all(), found }
}

fn create(name: &str, value: &str) -> Op {
    Op::Create { id: id(name), body: patient(name, value) }
}

fn put(name: &str, value: &str) -> Op {
    Op::Put { ty: ty("Patient"), id: id(name), body: patient(name, value), precondition: Precondition::None }
}

fn delete(name: &str) -> Op {
    Op::Delete { ty: ty("Patient"), id: id(name), precondition: Precondition::None }
}

fn outcome(result: Result<Vec<Written>, TransactError>) -> String {
    match result {
        Ok(written) => written.iter().map(|one| format!("{:?}", one.outcome)).collect::<Vec<_>>().join(" "),
        Err(TransactError::Refused { op, why: Refusal::Changed }) => format!("changed {op}"),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn an_expectation_is_judged_at_its_place() {
    for fixture in Fixture::all() {
        let store = fixture.open();
        let key = |value: &str| spelled(&store, value, 0);
        let chain = |value: &str| {
            let units = store.registry().parameter(ty("Patient"), "link").unwrap().units().to_vec();
            let condition = Box::new(row(&store, "identifier", value, None));
            let units = units.iter().map(|unit| unit.number).collect();
            let link = Link { units, other: ty("Patient"), condition };
            query(vec![Condition::Any(vec![row(&store, "identifier", value, None), Condition::Chain(link)])])
        };
        for (what, ops, expected) in [
            ("nothing is there", vec![expect(&key("a"), &[]), create("a1", "a")], "Created"),
            ("somebody was quicker", vec![expect(&key("a"), &[]), create("a2", "a")], "changed 0"),
            ("it is still there", vec![expect(&key("a"), &["a1"]), put("a1", "b")], "Updated"),
            ("it is no longer", vec![expect(&key("a"), &["a1"]), put("a1", "c")], "changed 0"),
            ("another one", vec![expect(&key("b"), &["a2"]), create("a3", "b")], "changed 0"),
            ("one of two", vec![expect(&key("b"), &["a1", "a2"]), create("a3", "b")], "changed 0"),
            (
                "own writes count",
                vec![
                    expect(&key("d"), &[]),
                    create("d1", "d"),
                    expect(&key("d"), &["d1"]),
                    put("a1", "d"),
                    expect(&key("d"), &["d1", "a1"]),
                    expect(&key("b"), &[]),
                ],
                "Created Updated",
            ),
            ("own deletes count", vec![delete("d1"), expect(&key("d"), &["a1"])], "Deleted"),
            ("of what was refused, nothing", vec![create("e1", "e"), expect(&key("e"), &[])], "changed 1"),
            ("nothing was written", vec![expect(&key("e"), &[]), expect(&key("d"), &["a1"])], ""),
            (
                "elsewhere: as of the beginning",
                vec![create("e1", "e"), expect(&chain("e"), &[]), expect(&key("e"), &["e1"])],
                "Created",
            ),
        ] {
            assert_eq!(outcome(store.transact(&Origin::of("test"), ops)), expected, "{what}");
        }
        fixture.sound(&store);
    }
}

#[test]
fn batch_mates_are_seen() {
    for fixture in Fixture::all() {
        let store = fixture.open();
        // While the first is written, the others wait, and become one batch.
        let (sender, receiver) = std::sync::mpsc::channel();
        for number in 0..200 {
            let value = (number % 10).to_string();
            let ops = vec![
                expect(&spelled(&store, &value, number / 10), &[]),
                create(&format!("n{number}"), &value),
            ];
            let sender = sender.clone();
            store.submit(&Origin::of("test"), ops, move |result| {
                sender.send((value, outcome(result))).unwrap()
            });
        }
        drop(sender);
        let mut created: BTreeMap<String, usize> = BTreeMap::new();
        for (value, said) in receiver {
            *created.entry(value).or_default() += usize::from(said == "Created");
        }
        assert_eq!(created.into_values().collect::<Vec<_>>(), [1; 10]);
    }
}

/// As a server does it: look, then write under the condition that it is still so. The id of the one that is there at the
/// end, and how often it was tried.
fn make(store: &Store, value: &str, way: u64, asserted: bool) -> (Id, usize) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let query = spelled(store, value, way);
    for tried in 1.. {
        let found = store.matching(&Access::all(), &query, 2).unwrap();
        if let Some(found) = found.first() {
            return (found.id.clone(), tried);
        }
        let name = format!("made-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let mut ops = vec![create(&name, value)];
        if asserted {
            ops.insert(0, expect(&query, &[]));
        }
        match store.transact(&Origin::of("test"), ops) {
            Ok(written) => {
                assert_eq!(written.len(), 1);
                assert_eq!(written[0].outcome, WrittenAs::Created);
                return (id(&name), tried);
            }
            Err(TransactError::Refused { why: Refusal::Changed, .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
    unreachable!()
}

/// Keys of the great test: 1,000 with `RUSHLIGHT_KEYS=1000`.
fn keys() -> usize {
    std::env::var("RUSHLIGHT_KEYS").ok().and_then(|keys| keys.parse().ok()).unwrap_or(100)
}

/// Sixty-four clients make the same things at once; how many there are of each at the end.
fn race(stores: &[Store], keys: usize, asserted: bool) -> Vec<usize> {
    const CLIENTS: usize = 64;
    let tries = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (store, tries) = (&stores[client % stores.len()], &tries);
            scope.spawn(move || {
                let mut dice = Dice(client as u64);
                let begin = dice.below(4) as usize;
                for number in 0..keys {
                    let value = format!("k{}", (number + begin) % keys);
                    let (_, tried) = make(store, &value, dice.below(5), asserted);
                    tries.fetch_add(tried, Ordering::Relaxed);
                }
            });
        }
    });
    eprintln!("{} tries for {}", tries.into_inner(), CLIENTS * keys);
    let store = &stores[0];
    (0..keys)
        .map(|number| {
            let query = spelled(store, &format!("k{number}"), 0);
            store.matching(&Access::all(), &query, 100).unwrap().len()
        })
        .collect()
}

#[test]
fn sixty_four_clients_make_each_thing_once() {
    for fixture in Fixture::all() {
        let stores = fixture.open_twice();
        let counts = race(&stores, keys(), true);
        assert!(counts.iter().all(|count| *count == 1), "{counts:?}");
        fixture.sound(&stores[0]);
    }
}

#[test]
fn without_expectations_there_are_several() {
    for fixture in Fixture::all() {
        let counts = race(&fixture.open_twice(), 20, false);
        assert!(counts.iter().any(|count| *count > 1), "{counts:?}");
    }
}

#[test]
fn what_may_not_be_seen_is_as_if_it_were_not_there() {
    for fixture in Fixture::all() {
        let store = fixture.open();
        store.transact(&Origin::of("test"), vec![create("there", "a")]).unwrap();
        let blind = Access::types([ty("Observation")]);
        let by_key = spelled(&store, "a", 0);
        let expect = |found: &[&str]| match expect(&by_key, found) {
            Op::Expect { query, found, .. } => Op::Expect { query, found, access: blind.clone() },
            other => other,
        };
        let read = |name: &str| Op::Read { ty: ty("Patient"), id: id(name), access: blind.clone() };
        let told = |ops: Vec<Op>| {
            let origin = Origin::of("test").seeing(blind.clone());
            match store.transact(&origin, ops) {
                Ok(written) => format!("{:?}", written.iter().map(|one| one.version).collect::<Vec<_>>()),
                Err(TransactError::Refused { why, .. }) => why.to_string(),
                Err(other) => panic!("{other}"),
            }
        };
        // Nothing that is answered tells the two apart.
        for (there, not) in [
            (vec![put("there", "b")], vec![put("other", "b")]),
            (vec![delete("there")], vec![delete("other")]),
            (vec![read("there")], vec![read("other")]),
            (vec![expect(&[])], vec![expect(&[]), expect(&[])]),
            (vec![expect(&["there"])], vec![expect(&["other"])]),
        ] {
            assert_eq!(told(there).replace("there", "other"), told(not));
        }
        assert_eq!(told(vec![create("new", "a")]), "Patient is not to be written like this by this caller");
        assert_eq!(store.matching(&blind, &by_key, 9).unwrap(), []);
        let found = store.matching(&Access::all(), &by_key, 9).unwrap();
        assert_eq!((found.len(), found[0].version), (1, 1), "nothing was changed");
    }
}
