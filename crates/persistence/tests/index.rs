//! The index against the bodies: as of any moment, whatever was merged, after any end.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use common::{Dice, Fixture, body, id, observation};
use rushlight_persistence::{Access, Lookup, Op, Origin, Precondition, Snapshot, Store};
use rushlight_search::{Entry, extract};
use std::collections::{BTreeMap, BTreeSet};

/// What every entry should find: which resources (by id) have it now.
type Expected = BTreeMap<Entry, BTreeSet<String>>;

fn expected(current: &BTreeMap<String, String>) -> Expected {
    let mut all = Expected::new();
    for (name, text) in current {
        for entry in extract(observation(), body(name, text).text().as_bytes()) {
            all.entry(entry).or_default().insert(name.clone());
        }
    }
    all
}

fn check(store: &Store, snapshot: &Snapshot, expected: &Expected, known: &BTreeSet<Entry>) {
    let names: BTreeMap<i64, String> = rids(store);
    for entry in known {
        let lookup = Lookup { entry, ty: observation(), snapshot, limit: 10_000 };
        let found = store.lookup(&Access::all(), &lookup).unwrap();
        let unique: BTreeSet<String> = found.iter().map(|rid| names[rid].clone()).collect();
        assert_eq!(unique.len(), found.len(), "an entry is found once, not twice: {entry:?}");
        assert_eq!(&unique, expected.get(entry).unwrap_or(&BTreeSet::new()), "{entry:?} as of {snapshot:?}");
    }
}

/// The key of a resource is the number of its first version.
fn rids(store: &Store) -> BTreeMap<i64, String> {
    use rushlight_persistence::{HistoryQuery, Scope};
    let snapshot = store.snapshot().unwrap();
    let query = HistoryQuery { count: 1_000_000, ..HistoryQuery::new(Scope::System, &snapshot) };
    let versions = store.history(&Access::all(), &query).unwrap().unwrap().versions;
    versions.into_iter().filter(|v| v.version == 1).map(|v| (v.seq, v.id.as_str().to_owned())).collect()
}

/// Plays random writes, remembering some snapshots and what they should show.
fn churn(store: &Store, seed: u64, rounds: usize) -> (Vec<(Snapshot, Expected)>, BTreeSet<Entry>) {
    let mut dice = Dice(seed);
    let mut current: BTreeMap<String, String> = BTreeMap::new();
    let mut remembered = Vec::new();
    let mut known = BTreeSet::new();
    for round in 0..rounds {
        let mut ops = Vec::new();
        let mut touched = BTreeSet::new();
        for _ in 0..=dice.below(4) {
            let name = format!("r{}", dice.below(12));
            if !touched.insert(name.clone()) {
                continue;
            }
            if dice.below(5) == 0 {
                current.remove(&name);
                ops.push(Op::Delete { ty: observation(), id: id(&name), precondition: Precondition::None });
            } else {
                // Few texts, so that a resource gets entries back that it once had.
                let text = format!("t{}", dice.below(4));
                ops.push(Op::Put {
                    ty: observation(),
                    id: id(&name),
                    body: body(&name, &text),
                    precondition: Precondition::None,
                });
                current.insert(name, text);
            }
        }
        store.transact(&Origin::of("test"), ops).unwrap();
        let now = expected(&current);
        known.extend(now.keys().cloned());
        if round % 9 == 0 {
            remembered.push((store.snapshot().unwrap(), now));
        }
    }
    remembered.push((store.snapshot().unwrap(), expected(&current)));
    (remembered, known)
}

#[test]
fn lookups_agree_with_brute_force_as_of_every_snapshot() {
    for fixture in Fixture::all() {
        let store = fixture.open();
        let (remembered, known) = churn(&store, 7, 60);
        for (snapshot, expected) in &remembered {
            check(&store, snapshot, expected, &known);
        }
        fixture.sound(&store);
        if !fixture.is_postgres() {
            assert!(store.merges() > 3, "the tail was merged on the way");
        }
        // The clean stop merges the rest; nothing changes for a reader.
        drop(store);
        let store = fixture.open();
        for (snapshot, expected) in &remembered {
            check(&store, snapshot, expected, &known);
        }
        fixture.sound(&store);
    }
}

#[test]
fn an_index_lost_or_cut_off_is_rebuilt_from_the_bodies() {
    let fixture = Fixture::sqlite();
    let folder = fixture.url().strip_prefix("sqlite:").unwrap().to_owned();
    let copy = tempfile::tempdir().unwrap();
    let store = fixture.open();
    let (remembered, known) = churn(&store, 11, 60);
    // What a crash leaves: the files as they are, and no tail.
    for name in ["rushlight.db", "rushlight.db-wal", "index.db", "index.db-wal"] {
        let from = std::path::Path::new(&folder).join(name);
        if from.exists() {
            std::fs::copy(from, copy.path().join(name)).unwrap();
        }
    }
    let mut options = fixture.options();
    options.location = rushlight_persistence::Location::Sqlite(copy.path().to_owned());
    let after = Store::open(&options).unwrap();
    let (snapshot, expected) = remembered.last().unwrap();
    check(&after, snapshot, expected, &known);
    fixture.sound(&after);
    drop(after);
    for name in ["index.db", "index.db-wal", "index.db-shm"] {
        let _ = std::fs::remove_file(copy.path().join(name));
    }
    let after = Store::open(&options).unwrap();
    check(&after, snapshot, expected, &known);
    fixture.sound(&after);
}

#[test]
fn searches_between_merges_neither_lose_nor_double_an_entry() {
    let fixture = Fixture::sqlite();
    let store = fixture.open();
    // One entry that all have: every search must count exactly what was acknowledged.
    let shared = extract(observation(), body("x", "shared").text().as_bytes());
    assert!(!shared.is_empty());
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for reader in 0..2 {
            let (store, done) = (store.clone(), &done);
            scope.spawn(move || {
                let mut rounds = 0;
                while !done.load(std::sync::atomic::Ordering::Relaxed) || rounds < 3 {
                    let snapshot = store.snapshot().unwrap();
                    let current =
                        store.scan(&Access::all(), Some(observation()), &snapshot, 0, 100_000).unwrap();
                    // An entry shared by many: take one of the first resource and count by brute force.
                    if let Some(first) = current.get(reader) {
                        let entry = extract(first.ty, first.body.as_bytes()).remove(0);
                        let brute = current
                            .iter()
                            .filter(|version| extract(version.ty, version.body.as_bytes()).contains(&entry))
                            .count();
                        let lookup =
                            Lookup { entry: &entry, ty: observation(), snapshot: &snapshot, limit: 100_000 };
                        assert_eq!(store.lookup(&Access::all(), &lookup).unwrap().len(), brute);
                    }
                    rounds += 1;
                }
            });
        }
        for round in 0..400 {
            let name = format!("r{}", round % 90);
            let op = Op::Put {
                ty: observation(),
                id: id(&name),
                body: body(&name, &format!("{}", round / 90)),
                precondition: Precondition::None,
            };
            store.transact(&Origin::of("test"), vec![op]).unwrap();
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    assert!(store.merges() > 10);
    fixture.sound(&store);
}
