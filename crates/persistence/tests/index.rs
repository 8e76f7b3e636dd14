//! The index against the bodies: as of any moment, whatever was merged, after any end.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use common::{Dice, Fixture, body, id, observation};
use rushlight_persistence::{
    Access, Lookup, Op, Origin, Precondition, Snapshot, Store, StoreError, StoreOptions,
};
use rushlight_search::{Entry, TableId};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// An entry of its own.
type Owned = (TableId, Vec<u8>);

/// What every entry should find: which resources (by id) have it now.
type Expected = BTreeMap<Owned, BTreeSet<String>>;

/// The entries of a body.
fn entries(store: &Store, body: &str) -> Vec<Owned> {
    let entries = store.registry().extract_text(body.as_bytes());
    entries.iter().map(|entry| (entry.table, entry.key.to_vec())).collect()
}

fn expected(store: &Store, current: &BTreeMap<String, String>) -> Expected {
    let mut all = Expected::new();
    for (name, text) in current {
        for entry in entries(store, body(name, text).text()) {
            all.entry(entry).or_default().insert(name.clone());
        }
    }
    all
}

fn check(store: &Store, snapshot: &Snapshot, expected: &Expected, known: &BTreeSet<Owned>) {
    let names: BTreeMap<i64, String> = rids(store);
    for entry in known {
        let (table, key) = (entry.0, entry.1.as_slice());
        let lookup =
            Lookup { entry: Entry { table, key, ordinal: 0 }, ty: observation(), snapshot, limit: 10_000 };
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
fn churn(store: &Store, seed: u64, rounds: usize) -> (Vec<(Snapshot, Expected)>, BTreeSet<Owned>) {
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
        let now = expected(store, &current);
        known.extend(now.keys().cloned());
        if round % 9 == 0 {
            remembered.push((store.snapshot().unwrap(), now));
        }
    }
    remembered.push((store.snapshot().unwrap(), expected(store, &current)));
    (remembered, known)
}

#[test]
fn lookups_agree_with_brute_force_as_of_every_snapshot() {
    for fixture in Fixture::all() {
        let store = fixture.open();
        let (remembered, known) = churn(&store, 7, 60);
        assert!(known.iter().any(|(table, _)| *table == TableId::COMPARTMENT), "compartments are among them");
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
    assert!(after.wait_built(Duration::from_secs(60)).unwrap());
    check(&after, snapshot, expected, &known);
    // What was there before the newest version is not built again, and nobody is told otherwise.
    let (before, _) = &remembered[0];
    let (table, key) = known.first().map(|entry| (entry.0, entry.1.as_slice())).unwrap();
    let lookup =
        Lookup { entry: Entry { table, key, ordinal: 0 }, ty: observation(), snapshot: before, limit: 1 };
    assert!(matches!(after.lookup(&Access::all(), &lookup), Err(StoreError::TooOld)));
    fixture.sound(&after);
}

#[test]
fn searches_between_merges_neither_lose_nor_double_an_entry() {
    let fixture = Fixture::sqlite();
    let store = fixture.open();
    // One entry that all have: every search must count exactly what was acknowledged.
    assert!(entries(&store, body("x", "shared").text()).len() > 5);
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
                        let entry = entries(&store, &first.body).remove(0);
                        let has = |body: &str| entries(&store, body).contains(&entry);
                        let brute = current.iter().filter(|version| has(&version.body)).count();
                        let (table, key) = (entry.0, entry.1.as_slice());
                        let entry = Entry { table, key, ordinal: 0 };
                        let lookup = Lookup { entry, ty: observation(), snapshot: &snapshot, limit: 100_000 };
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

#[test]
fn values_that_many_have_are_counted() {
    for fixture in Fixture::all() {
        let options = StoreOptions::new(fixture.options().location);
        let (origin, ty) = (Origin::of("test"), observation());
        let text = |number: usize| if number < 100 { "often" } else { "once" };
        let name = |number: usize| format!("r{number}");
        let store = Store::open(&options).unwrap();
        let create = |number| Op::Create { id: id(&name(number)), body: body(&name(number), text(number)) };
        store.transact(&origin, (0..101).map(create).collect()).unwrap();
        drop(store);
        let store = Store::open(&options).unwrap();
        let code = |text: &str| {
            let mut entries = entries(&store, body("x", text).text()).into_iter();
            let is_code = |(table, key): &Owned| {
                *table == TableId::TOKEN
                    && Entry { table: *table, key, ordinal: 0 }.to_string().contains(&format!("({text}, "))
            };
            entries.find(is_code).unwrap()
        };
        let common = |store: &Store, (table, key): &Owned| {
            store.common(Entry { table: *table, key, ordinal: 0 }).unwrap()
        };
        let (often, once) = (code("often"), code("once"));
        let unit = Entry { table: often.0, key: &often.1, ordinal: 0 }.unit();
        assert_eq!((common(&store, &often), common(&store, &once)), (Some(100), None));
        assert_eq!(store.rows(TableId::TOKEN, unit).unwrap(), 101);
        let delete = |number| Op::Delete { ty, id: id(&name(number)), precondition: Precondition::None };
        store.transact(&origin, (0..30).map(delete).collect()).unwrap();
        drop(store);
        let store = Store::open(&options).unwrap();
        assert_eq!((common(&store, &often), store.rows(TableId::TOKEN, unit).unwrap()), (Some(70), 71));
    }
}
