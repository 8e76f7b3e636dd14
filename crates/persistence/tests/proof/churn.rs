//! Readers page through searches while others write: each page is as of page one.

use crate::common::Fixture;
use crate::number;
use crate::pages::{Pages, name};
use crate::stocked::{delete, put, read, world};
use rushlight_model::{Id, ResourceType};
use rushlight_oracle::dice::Dice;
use rushlight_oracle::search::Question;
use rushlight_oracle::world::World;
use rushlight_persistence::{
    Access, From, Origin, Search, SearchPage, Store, StoreError, Totals, TransactError, Version,
};
use rushlight_search::query::Query;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// How many resources come and go.
const RESOURCES: usize = 120;

/// How many resources a long transaction writes: more than one of the short ones' lane.
const MANY: usize = 66;

/// How many writes there may be before the reader comes to its next page.
const AHEAD: usize = 8;

/// What is paged through, and how it is sorted.
const SEARCHES: &[(&str, &str)] = &[
    ("status=final", ""),
    ("status=final", "date"),
    ("code=urn:s|a", "-date,code"),
    ("value-quantity=gt3", "value-quantity"),
    ("status:not=amended", "-_lastUpdated"),
    ("date=ge2020-01-05", "_id"),
    ("subject:Patient.gender=male", "-code,date,-_id"),
    ("", "status,-value-quantity"),
];

fn observation(name: &str, dice: &mut Dice) -> String {
    let (status, code) = (dice.one(&["final", "amended"]), dice.one(&["a", "b", "c"]));
    let (day, value, patient) = (1 + dice.below(28), dice.below(9), dice.below(4));
    format!(
        r#"{{"resourceType":"Observation","id":"{name}","status":"{status}","code":{{"coding":[{{"system":"urn:s","code":"{code}"}}]}},"subject":{{"reference":"Patient/p{patient}"}},"effectiveDateTime":"2020-01-{day:02}","valueQuantity":{{"value":{value},"unit":"x"}}}}"#
    )
}

fn write(store: &Store, dice: &mut Dice) {
    let ty = ResourceType::from_name("Observation").unwrap();
    let name = format!("o{}", dice.below(RESOURCES));
    let id = Id::new(&name).unwrap();
    let op = if dice.once_in(4) { delete(ty, &id) } else { put(ty, &id, &observation(&name, dice)) };
    store.transact(&Origin::of("test"), vec![op]).unwrap();
}

/// Some resources at once: a long transaction, which on PostgreSQL others overtake, or make fail.
fn write_many(store: &Store, dice: &mut Dice) {
    let ty = ResourceType::from_name("Observation").unwrap();
    let names = (0..MANY).map(|number| format!("m{number}"));
    let ops = names.map(|name| put(ty, &Id::new(&name).unwrap(), &observation(&name, dice)));
    match store.transact(&Origin::of("test"), ops.collect()) {
        Ok(_) | Err(TransactError::Store(StoreError::Contention)) => {}
        Err(error) => panic!("{error:?}"),
    }
}

fn question((filter, sort): (&str, &str)) -> Question {
    let filter = filter.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    let sort = Some(("_sort".to_owned(), sort.to_owned())).filter(|(_, keys)| !keys.is_empty());
    Question {
        types: vec![ResourceType::from_name("Observation").unwrap()],
        pairs: filter.into_iter().chain(sort).collect(),
        ..Question::default()
    }
}

/// Pages once through a search; `between` runs between two pages. Fails unless each match comes once, in its place and in
/// its state of page one.
fn page_through(store: &Store, asked: &Question, count: usize, mut between: impl FnMut()) -> usize {
    let access = Access::all();
    let query = read(store, &access, asked).unwrap();
    let mut found: Vec<Version> = Vec::new();
    let mut page = present(store, &access, &query, count);
    let snapshot = page.snapshot.clone();
    let pages = Pages { store, access: &access, query: &query, snapshot: &snapshot, count };
    let total = page.total;
    loop {
        found.append(&mut page.matches);
        let Some(next) = page.next else { break };
        between();
        page = pages.page(From::After(next), Totals::None).unwrap();
    }
    // What it is compared with is found from the history, which no later write changes.
    let world: World = world(store, &snapshot);
    let expected: Vec<(String, i64)> = world
        .matches(asked)
        .iter()
        .map(|at| (format!("Observation/{}", world.records[*at].id), world.records[*at].last_updated))
        .collect();
    let found: Vec<(String, i64)> = found.iter().map(|one| (name(one), one.last_updated)).collect();
    assert_eq!(found, expected, "{asked} on pages of {count}");
    assert_eq!(total, Some(found.len() as i64));
    found.len()
}

/// The first page of the present, whatever that is.
fn present(store: &Store, access: &Access, query: &Query, count: usize) -> SearchPage {
    let (bytes, most_included) = (usize::MAX >> 1, 100);
    let search = Search {
        query,
        snapshot: None,
        count,
        bytes,
        most_included,
        from: From::First,
        total: Totals::Accurate,
    };
    store.search(access, &search).unwrap()
}

#[test]
fn pages_stand_still_while_others_write() {
    let rounds = number("RUSHLIGHT_PAGINGS", 6) as usize;
    for fixture in Fixture::all() {
        let store = fixture.open();
        let mut dice = Dice::new(1);
        for (number, gender) in [(0, "male"), (1, "female"), (2, "male")] {
            let id = Id::new(&format!("p{number}")).unwrap();
            let text = format!(r#"{{"resourceType":"Patient","id":"{id}","gender":"{gender}"}}"#);
            let op = put(ResourceType::from_name("Patient").unwrap(), &id, &text);
            store.transact(&Origin::of("test"), vec![op]).unwrap();
        }
        (0..2 * RESOURCES).for_each(|_| write(&store, &mut dice));
        let (done, written, wanted) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for seed in 0..2 {
                let (store, done, written, wanted) = (&store, &done, &written, &wanted);
                scope.spawn(move || {
                    let mut dice = Dice::new(100 + seed);
                    while !done.load(Ordering::Relaxed) {
                        // A few ahead of the reader, or the history would grow without end.
                        if written.load(Ordering::Relaxed) < wanted.load(Ordering::Relaxed) + AHEAD {
                            match dice.once_in(200) {
                                true => write_many(store, &mut dice),
                                false => write(store, &mut dice),
                            }
                            written.fetch_add(1, Ordering::Relaxed);
                        } else {
                            thread::yield_now();
                        }
                    }
                });
            }
            let _stop = Stop(&done);
            let mut read = 0;
            for round in 0..rounds {
                for search in SEARCHES {
                    let wait = || {
                        let next = written.load(Ordering::Relaxed) + 3;
                        wanted.fetch_max(next, Ordering::Relaxed);
                        while written.load(Ordering::Relaxed) < next {
                            thread::yield_now();
                        }
                    };
                    read += page_through(&store, &question(*search), 5 + round % 9, wait);
                }
            }
            assert!(read > 20 * rounds, "only {read} matches");
        });
        fixture.sound(&store);
    }
}

/// Ends the writers, also where the reader fails.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
