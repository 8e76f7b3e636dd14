//! Writes without conditions race conditional creates whose criteria they come to match, or cease to: the history of the
//! store is one that could have happened one after the other.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use common::{Dice, Fixture, id};
use rushlight_model::{Body, Id, Limits, ResourceType};
use rushlight_persistence::{
    Access, HistoryQuery, Op, Order, Origin, Precondition, Refusal, Scope, Snapshot, Store, TransactError,
};
use rushlight_search::query::{Clause, Condition, Op as Test, Query, RowTest, Scalar};
use rushlight_search::{TableId, hash};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const SYSTEM: &str = "urn:example:mrn";
/// Clients of each sort.
const CLIENTS: u64 = 8;
/// What patients are told apart by.
const KEYS: u64 = 6;
/// Patients that writes without conditions are about.
const OTHERS: u64 = 12;

fn patients() -> ResourceType {
    ResourceType::from_name("Patient").unwrap()
}

fn patient(name: &str, key: &str) -> Body {
    let json = format!(
        r#"{{"resourceType":"Patient","id":"{name}","identifier":[{{"system":"{SYSTEM}","value":"{key}"}}]}}"#
    );
    Body::parse(json.as_bytes(), &Limits::default()).unwrap()
}

/// `identifier=system|key`
fn with_key(store: &Store, key: &str) -> Arc<Query> {
    let registry = store.registry();
    let units = registry.parameter(patients(), "identifier").unwrap().units();
    let test = RowTest::any(TableId::TOKEN, units.iter().map(|unit| unit.number).collect())
        .and(0, Test::Is(Scalar::Text(key.to_owned())))
        .and(1, Test::Is(Scalar::Int(hash(SYSTEM))));
    let (name, value, meaning) = Default::default();
    let clauses = vec![Clause { name, value, meaning, condition: Condition::Row(test) }];
    Arc::new(Query { clauses, ..Query::all(vec![patients()]) })
}

/// What a conditional create answered.
enum Answer {
    Created(Id),
    /// One of these was found between two moments.
    Found(Id, [Snapshot; 2]),
}

/// As a server does it: look, then create under the condition that there still is none.
fn create_if_none(store: &Store, key: &str) -> Answer {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let query = with_key(store, key);
    loop {
        let before = store.snapshot().unwrap();
        let found = store.matching(&Access::all(), &query, 2).unwrap();
        if let Some(found) = found.first() {
            return Answer::Found(found.id.clone(), [before, store.snapshot().unwrap()]);
        }
        let name = format!("made-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let expect = Op::Expect { query: Arc::clone(&query), access: Access::all(), found: Vec::new() };
        let create = Op::Create { id: id(&name), body: patient(&name, key) };
        match store.transact(&Origin::of("test"), vec![expect, create]) {
            Ok(_) => return Answer::Created(id(&name)),
            Err(TransactError::Refused { why: Refusal::Changed, .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
}

/// A write without a condition: a patient comes to have a key, or ceases to.
fn write(store: &Store, dice: &mut Dice) {
    let name = format!("other-{}", dice.below(OTHERS));
    let key = format!("k{}", dice.below(KEYS));
    let put = |key: &str| Op::Put {
        ty: patients(),
        id: id(&name),
        body: patient(&name, key),
        precondition: Precondition::None,
    };
    let op = match dice.below(5) {
        0..3 => put(&key),
        3 => put("none"),
        _ => delete(id(&name)),
    };
    store.transact(&Origin::of("test"), vec![op]).unwrap();
}

fn delete(id: Id) -> Op {
    Op::Delete { ty: patients(), id, precondition: Precondition::None }
}

/// All that have a key go at once.
fn delete_with(store: &Store, key: &str) {
    let found = store.matching(&Access::all(), &with_key(store, key), 50).unwrap();
    let ops = found.into_iter().map(|found| delete(found.id)).collect();
    store.transact(&Origin::of("test"), ops).unwrap();
}

/// Clients of both sorts write at once.
fn race(stores: &[Store], rounds: u64) -> Vec<(String, Answer)> {
    std::thread::scope(|scope| {
        let mut conditional = Vec::new();
        for client in 0..CLIENTS {
            let store = &stores[client as usize % stores.len()];
            conditional.push(scope.spawn(move || {
                let mut dice = Dice(client);
                let mut answers = Vec::new();
                for _ in 0..rounds {
                    let key = format!("k{}", dice.below(KEYS));
                    let answer = create_if_none(store, &key);
                    // Where there always is one, nothing is created.
                    if dice.below(2) == 0 {
                        delete_with(store, &key);
                    }
                    answers.push((key, answer));
                }
                answers
            }));
            // Those of the other sort are on the other store, too.
            let store = &stores[(client as usize / 2) % stores.len()];
            scope.spawn(move || {
                let mut dice = Dice(1000 + client);
                (0..rounds).for_each(|_| write(store, &mut dice));
            });
        }
        conditional.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// What is told of a version: its number, and its key, if it has one.
type Told = (i64, Option<String>);

/// The versions of each patient, the oldest first.
fn history(store: &Store) -> BTreeMap<Id, Vec<Told>> {
    let snapshot = store.snapshot().unwrap();
    let query = HistoryQuery {
        count: usize::MAX >> 1,
        order: Order::Oldest,
        ..HistoryQuery::new(Scope::Type(patients()), &snapshot)
    };
    let page = store.history(&Access::all(), &query).unwrap().unwrap();
    let mut all: BTreeMap<Id, Vec<Told>> = BTreeMap::new();
    for version in page.versions {
        let key = version.body.split("\"value\":\"").nth(1).and_then(|rest| rest.split('"').next());
        let key = key.filter(|_| !version.deleted).map(str::to_owned);
        all.entry(version.id).or_default().push((version.seq, key));
    }
    all
}

/// What could not have happened in the order of the numbers.
fn impossible(history: &BTreeMap<Id, Vec<Told>>, answers: &[(String, Answer)]) -> Vec<String> {
    let has = |versions: &[Told], key: &str, before: i64| {
        let last = versions.iter().rfind(|(number, _)| *number < before);
        last.is_some_and(|(_, own)| own.as_deref() == Some(key))
    };
    let mut out = Vec::new();
    for (key, answer) in answers {
        match answer {
            Answer::Created(id) => {
                let number = history[id][0].0;
                let others =
                    history.iter().filter(|(other, versions)| *other != id && has(versions, key, number));
                out.extend(others.map(|(other, versions)| {
                    format!("{id} was created with {key} as {number}, where {other} had it: {versions:?}")
                }));
            }
            Answer::Found(id, [before, after]) => {
                let versions = history.get(id).map_or(&[][..], Vec::as_slice);
                let seen = |snapshot: &Snapshot, number: i64| snapshot.shows(number);
                let was = versions.iter().enumerate().any(|(at, (number, own))| {
                    let ended = versions.get(at + 1).is_some_and(|(next, _)| seen(before, *next));
                    own.as_deref() == Some(key) && seen(after, *number) && !ended
                });
                if !was {
                    let had = versions.iter().filter(|(_, own)| own.as_deref() == Some(key));
                    let had: Vec<i64> = had.map(|(number, _)| *number).collect();
                    let (before, after) = (before.upto, after.upto);
                    out.push(format!(
                        "{id} was found by {key} between {before} and {after}, and has it in the versions {had:?} of {:?}",
                        versions.iter().map(|(number, _)| number).collect::<Vec<_>>()
                    ));
                }
            }
        }
    }
    out
}

#[test]
fn plain_writes_and_conditional_creates_happen_one_after_the_other() {
    let rounds = std::env::var("RUSHLIGHT_RACES").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    for fixture in Fixture::all() {
        let stores = fixture.open_twice();
        let answers = race(&stores, rounds);
        let history = history(&stores[0]);
        let created = answers.iter().filter(|(_, answer)| matches!(answer, Answer::Created(_))).count();
        let wrong = impossible(&history, &answers);
        eprintln!("{created} of {} created, {} wrong", answers.len(), wrong.len());
        assert!(created > 0 && created < answers.len(), "{created} of {}", answers.len());
        let shown = &wrong[..wrong.len().min(10)];
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), answers.len(), shown.join("\n"));
        fixture.sound(&stores[0]);
    }
}
