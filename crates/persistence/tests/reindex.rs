//! What is newly indexed is built while the store is in use; what is not any more is forgotten.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use common::{Dice, Fixture, body, id, observation};
use rushlight_model::{Body, Limits, ResourceType};
use rushlight_persistence::{
    Access, JobState, Location, Lookup, Op, Origin, Precondition, Store, StoreError, StoreOptions,
};
use rushlight_search::{Entries, TableId, Words};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(20);

fn options(fixture: &Fixture) -> StoreOptions {
    StoreOptions { stretch: Some(5), ..fixture.options() }
}

/// Two handles: two stores on one PostgreSQL, as two processes would have; one store on SQLite.
fn open(fixture: &Fixture) -> Vec<Store> {
    let stores = if fixture.is_postgres() { 2 } else { 1 };
    (0..stores).map(|_| Store::open(&options(fixture)).unwrap()).collect()
}

fn parameter() -> ResourceType {
    ResourceType::from_name("SearchParameter").unwrap()
}

/// Defines the parameter `own` of Observations.
fn define(store: &Store, expression: &str) {
    let json = format!(
        r#"{{"resourceType":"SearchParameter","id":"own","status":"active","url":"http://example.org/own","code":"own","base":["Observation"],"type":"string","expression":"{expression}"}}"#
    );
    let body = Body::parse(json.as_bytes(), &Limits::default()).unwrap();
    let (ty, id, precondition) = (parameter(), id("own"), Precondition::None);
    store.transact(&Origin::of("test"), vec![Op::Put { ty, id, body, precondition }]).unwrap();
}

fn put(store: &Store, name: &str, text: &str) {
    let (ty, id, body, precondition) = (observation(), id(name), body(name, text), Precondition::None);
    store.transact(&Origin::of("test"), vec![Op::Put { ty, id, body, precondition }]).unwrap();
}

/// Random writes.
fn write(store: &Store, dice: &mut Dice) {
    let name = format!("r{}", dice.below(60));
    if dice.below(4) == 0 {
        let (ty, id, precondition) = (observation(), id(&name), Precondition::None);
        store.transact(&Origin::of("test"), vec![Op::Delete { ty, id, precondition }]).unwrap();
    } else {
        put(store, &name, &format!("t{}", dice.below(5)));
    }
}

/// Tells writers to stop, also when a test fails.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn wait(what: &str, mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < LIMIT, "never so: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The unit of the parameter `own`, as this store knows it.
fn unit(store: &Store) -> Option<i32> {
    Some(store.registry().parameter(observation(), "own")?.units()[0].number)
}

/// Waits until a unit other than `before` is the parameter's, in all handles, and built.
fn built(stores: &[Store], before: Option<i32>) -> i32 {
    for store in stores {
        wait("the parameter is known", || unit(store).is_some_and(|unit| Some(unit) != before));
        wait("it is built", || store.wait_built(LIMIT).unwrap());
    }
    unit(&stores[0]).unwrap()
}

/// How many resources have a string under a unit.
fn found(store: &Store, unit: i32, text: &str) -> Result<usize, StoreError> {
    let mut entries = Entries::default();
    let hash = store.registry().extract_text(body("x", text).text().as_bytes());
    let exact = hash
        .iter()
        .filter(|entry| entry.table == TableId::STRING)
        .find(|entry| entry.to_string().contains(&format!("({text}, ")))
        .and_then(|entry| entry.values().nth(1).map(|value| value.to_string().parse::<i64>().unwrap()))
        .unwrap();
    entries.row(TableId::STRING, unit).text(text).int(exact).end();
    entries.finish();
    let entry = entries.iter().next().unwrap();
    let snapshot = store.snapshot()?;
    let lookup = Lookup { entry, ty: observation(), snapshot: &snapshot, limit: 10_000 };
    Ok(store.lookup(&Access::all(), &lookup)?.len())
}

/// How many resources have this text, by reading all.
fn counted(store: &Store, text: &str) -> usize {
    let snapshot = store.snapshot().unwrap();
    let all = store.scan(&Access::all(), Some(observation()), &snapshot, 0, 100_000).unwrap();
    all.iter().filter(|version| version.body.contains(&format!("\"valueString\":\"{text}\""))).count()
}

#[test]
fn words_are_indexed_from_when_they_are_asked_for() {
    for fixture in Fixture::all() {
        let store = Store::open(&options(&fixture)).unwrap();
        put(&store, "a", "grizzly");
        let content =
            |store: &Store| store.registry().parameter(observation(), "_content").unwrap().units().to_vec();
        assert!(content(&store).is_empty());
        store.close();
        drop(store);
        let asking = StoreOptions { words: Some(Words::Everything), ..options(&fixture) };
        for options in [asking, options(&fixture)] {
            let store = Store::open(&options).unwrap();
            wait("words are built", || store.wait_built(LIMIT).unwrap());
            let mut entries = Entries::default();
            entries.row(TableId::WORD, content(&store)[1].number).text("grizzly").end();
            let (entry, snapshot) = (entries.iter().next().unwrap(), store.snapshot().unwrap());
            let lookup = Lookup { entry, ty: observation(), snapshot: &snapshot, limit: 10 };
            assert_eq!(store.lookup(&Access::all(), &lookup).unwrap().len(), 1);
            fixture.sound(&store);
            store.close();
        }
    }
}

#[test]
fn what_is_newly_indexed_is_built_while_others_write() {
    for fixture in Fixture::all() {
        let stores = open(&fixture);
        let mut dice = Dice(3);
        (0..150).for_each(|_| write(&stores[0], &mut dice));
        let mut before = None;
        for (round, expression) in ["Observation.code.coding.code", "Observation.id"].iter().enumerate() {
            let done = AtomicBool::new(false);
            let unit = std::thread::scope(|scope| {
                let _end = End(&done);
                for (seed, store) in stores.iter().enumerate() {
                    let (done, seed) = (&done, seed as u64 + 10 * round as u64);
                    scope.spawn(move || {
                        let mut dice = Dice(seed);
                        while !done.load(Ordering::Relaxed) {
                            write(store, &mut dice);
                        }
                    });
                }
                define(stores.last().unwrap(), expression);
                built(&stores, before)
            });
            for store in &stores {
                fixture.sound(store);
                if round == 0 {
                    for text in ["t0", "t1", "t2", "t3", "t4"] {
                        assert_eq!(found(store, unit, text).unwrap(), counted(store, text), "{text}");
                    }
                } else {
                    let old = before.unwrap();
                    assert!(
                        matches!(found(store, old, "t0"), Err(StoreError::Unindexed(unit)) if unit == old)
                    );
                }
            }
            before = Some(unit);
        }
        wait("all jobs are done", || stores[0].jobs().unwrap().iter().all(|job| job.state.is_final()));
        let jobs = stores[0].jobs().unwrap();
        assert!(jobs.len() >= 2, "{jobs:?}");
        assert!(jobs.iter().all(|job| job.state == JobState::Done && job.kind == "reindex"), "{jobs:?}");
    }
}

#[test]
fn what_is_not_built_is_refused_not_half_found() {
    for fixture in Fixture::all() {
        let idle = StoreOptions { jobs: false, ..options(&fixture) };
        let store = Store::open(&idle).unwrap();
        (0..30).for_each(|number| put(&store, &format!("r{number}"), "t0"));
        define(&store, "Observation.code.coding.code");
        assert_eq!(unit(&store), None, "nobody looks");
        drop(store);
        let store = Store::open(&idle).unwrap();
        let own = unit(&store).unwrap();
        put(&store, "later", "t0");
        assert!(matches!(found(&store, own, "t0"), Err(StoreError::Building { .. })));
        assert_eq!(store.verify().unwrap().faults, ["1 units are not built"]);
        let jobs = store.jobs().unwrap();
        assert_eq!((jobs.len(), jobs[0].state), (1, JobState::Waiting));
        drop(store);
        let store = Store::open(&options(&fixture)).unwrap();
        assert!(store.wait_built(LIMIT).unwrap());
        assert_eq!(found(&store, own, "t0").unwrap(), 31);
        fixture.sound(&store);
        assert_eq!(store.jobs().unwrap().len(), 1, "the job that waited was done");
    }
}

#[test]
fn a_cancelled_job_stops_and_the_next_start_goes_on() {
    for fixture in Fixture::all() {
        let idle = StoreOptions { jobs: false, ..options(&fixture) };
        let store = Store::open(&idle).unwrap();
        (0..40).for_each(|number| put(&store, &format!("r{number}"), "t0"));
        define(&store, "Observation.code.coding.code");
        drop(store);
        let store = Store::open(&idle).unwrap();
        let job = store.jobs().unwrap()[0].id;
        assert!(store.cancel(job).unwrap());
        assert!(!store.cancel(job).unwrap(), "it has ended");
        assert_eq!(store.job(job).unwrap().unwrap().state, JobState::Cancelled);
        assert!(matches!(found(&store, unit(&store).unwrap(), "t0"), Err(StoreError::Building { .. })));
        drop(store);
        let store = Store::open(&options(&fixture)).unwrap();
        assert!(store.wait_built(LIMIT).unwrap());
        fixture.sound(&store);
    }
}

#[test]
fn a_build_goes_on_where_a_crash_cut_it_off() {
    let fixture = Fixture::sqlite();
    let folder = fixture.url().strip_prefix("sqlite:").unwrap().to_owned();
    let store = Store::open(&options(&fixture)).unwrap();
    let mut dice = Dice(5);
    (0..400).for_each(|number| put(&store, &format!("r{number}"), &format!("t{}", number % 5)));
    define(&store, "Observation.code.coding.code");
    let mut reached = BTreeSet::new();
    let mut copies = Vec::new();
    wait("it is done", || {
        write(&store, &mut dice);
        // What a crash leaves: the files as they are. The index first: it may not know more than the records.
        let copy = tempfile::tempdir().unwrap();
        for name in ["index.db", "index.db-wal", "rushlight.db", "rushlight.db-wal"] {
            let _ = std::fs::copy(std::path::Path::new(&folder).join(name), copy.path().join(name));
        }
        copies.push(copy);
        let jobs = store.jobs().unwrap();
        reached.extend(jobs.iter().map(|job| job.done));
        jobs.first().is_some_and(|job| job.state == JobState::Done)
    });
    assert!(reached.len() > 2, "it was seen on its way: {reached:?}");
    let step = copies.len().div_ceil(12);
    for copy in copies.iter().step_by(step) {
        let location = Location::Sqlite(copy.path().to_owned());
        let after = Store::open(&StoreOptions { location, ..options(&fixture) }).unwrap();
        assert!(after.wait_built(LIMIT).unwrap());
        fixture.sound(&after);
    }
}

#[test]
fn a_process_that_was_only_slow_changes_nothing_any_more() {
    let Some(fixture) = Fixture::postgres() else { return };
    let slow = StoreOptions { stretch: Some(1), ..options(&fixture) };
    let stores = [Store::open(&slow).unwrap(), Store::open(&slow).unwrap()];
    let origin = Origin::of("test");
    let op = |number: usize| {
        let name = format!("r{number}");
        let (id, body) = (id(&name), body(&name, "t0"));
        Op::Create { id, body }
    };
    stores[0].transact(&origin, (0..2000).map(op).collect()).unwrap();
    define(&stores[0], "Observation.code.coding.code");
    let job = || stores[0].jobs().unwrap().into_iter().next();
    wait("it is under way", || job().is_some_and(|job| job.state == JobState::Running && job.done > 0));
    // Another process has taken it over, and does nothing.
    fixture.execute("UPDATE job SET token = token + 1, owner = 'another', expires = 9000000000000000000");
    let reached = || fixture.text("SELECT sum(reached)::text AS text FROM pass");
    let before = reached();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(reached(), before, "the slow one has written on");
    assert_eq!(
        job().map(|job| (job.state, job.owner.unwrap())),
        Some((JobState::Running, "another".to_owned()))
    );
    // Then it says nothing for a minute.
    fixture.execute("UPDATE job SET expires = 0");
    let unit = built(&stores, None);
    for store in &stores {
        assert_eq!(found(store, unit, "t0").unwrap(), 2000);
        fixture.sound(store);
    }
}

#[test]
fn what_waits_in_the_tail_is_built_too() {
    for fixture in Fixture::all() {
        let location = fixture.options().location;
        let store = Store::open(&StoreOptions { stretch: Some(5), ..StoreOptions::new(location) }).unwrap();
        (0..50).for_each(|number| put(&store, &format!("r{number}"), "t0"));
        assert_eq!(store.merges(), 0);
        define(&store, "Observation.code.coding.code");
        (50..60).for_each(|number| put(&store, &format!("r{number}"), "t0"));
        let stores = [store];
        let unit = built(&stores, None);
        assert_eq!(found(&stores[0], unit, "t0").unwrap(), 60);
        fixture.sound(&stores[0]);
    }
}
