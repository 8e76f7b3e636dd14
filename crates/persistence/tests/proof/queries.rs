//! Generated searches, all pages of each.

use crate::common::Fixture;
use crate::number;
use crate::pages::{Pages, matches as matches_of, names};
use crate::stocked::{delete, load, put, read, world};
use crate::stored::OfStore;
use rushlight_model::definitions::Release;
use rushlight_oracle::dice::Dice;
use rushlight_oracle::generate::{Asked, Generator, KINDS, Table};
use rushlight_oracle::json::Json;
use rushlight_oracle::stock::{Amounts, Item, stock};
use rushlight_oracle::world::World;
use rushlight_persistence::{Access, Origin, Snapshot, Store};
use rushlight_search::Words;
use rushlight_search::query::Stored;
use rushlight_test_support::data::say;

/// How many differences are told in full.
const TOLD: usize = 30;

/// So many searches tell of every kind.
const ALL_KINDS: u64 = 5000;

#[test]
fn searches_answer_what_brute_force_finds() {
    searches(Release::R4, number("RUSHLIGHT_QUERIES", ALL_KINDS), KINDS);
}

/// What is much the same in all releases, of which a tenth of the searches has some.
const SOME_KINDS: &[&str] = &[
    "token",
    "reference",
    "date",
    "string",
    "quantity",
    "uri",
    "composite",
    "chain",
    "_has",
    "compartment",
    "_sort",
    "_include",
    "_revinclude",
    "_list",
    "_filter",
    "token :in",
    "_text",
    "_content",
];

#[test]
fn searches_of_r4b_answer_what_brute_force_finds() {
    searches(Release::R4B, number("RUSHLIGHT_QUERIES", ALL_KINDS) / 10, SOME_KINDS);
}

#[test]
fn searches_of_r5_answer_what_brute_force_finds() {
    searches(Release::R5, number("RUSHLIGHT_QUERIES", ALL_KINDS) / 10, SOME_KINDS);
}

fn searches(release: Release, amount: u64, kinds: &[&str]) {
    let items = stock(release, Amounts::SMALL);
    let seed = number("RUSHLIGHT_SEED", 1);
    let kinds = if number("RUSHLIGHT_QUERIES", ALL_KINDS) < ALL_KINDS { &[] } else { kinds };
    for fixture in Fixture::all() {
        let mut options = fixture.options();
        (options.release, options.words) = (Some(release), Some(Words::Everything));
        // Some entries are merged, and some are in several runs of the tail.
        (options.tail_floor, options.tail_cap) = (300, 300);
        // Some are listed, and some are walked to.
        options.many_matches = 60;
        let store = Store::open(&options).unwrap();
        load(&store, &items);
        disturb(&store, &items);
        let snapshot = store.snapshot().unwrap();
        let world = world(&store, &snapshot);
        let mut generator = Generator::new(&world, seed);
        let mut dice = Dice::new(seed);
        let mut table = Table::default();
        let mut different = Vec::new();
        for number in 0.. {
            if table.is_enough(number, amount, kinds) {
                break;
            }
            let asked = generator.ask();
            let matches = world.matches(&asked.question);
            let types = asked.question.types.iter();
            let candidates: usize = types.map(|ty| world.of_type(*ty).len()).sum();
            let candidates = if candidates == 0 { world.records.len() } else { candidates };
            table.count(&asked, matches.len(), candidates);
            let count = if dice.once_in(4) { 10_000 } else { 1 + matches.len() / (1 + dice.below(5)) };
            let asking = Asking { store: &store, snapshot: &snapshot, world: &world, count };
            if let Err(what) = asking.compare(&asked, &matches) {
                different.push(format!("seed {seed}, number {number}: {}\n    {what}", asked.question));
            }
        }
        say(&format!(
            "{} of {release:?}: {} resources, {amount} searches, {} differences\n{table}",
            if fixture.is_postgres() { "PostgreSQL" } else { "SQLite" },
            world.records.len(),
            different.len()
        ));
        let told = &different[..different.len().min(TOLD)];
        assert!(different.is_empty(), "{} differences:\n{}", different.len(), told.join("\n"));
        if !kinds.is_empty() {
            table.has(kinds);
        }
    }
}

#[test]
fn value_sets_of_fhir_are_known_by_their_version() {
    const GENDERS: &str = "http://hl7.org/fhir/ValueSet/administrative-gender";
    let store = Fixture::sqlite().open();
    let access = Access::all();
    let stored = OfStore::new(&store, &access, store.registry());
    for (version, expected) in [("", Some(4)), ("|4.0.1", Some(4)), ("|9", None)] {
        let codes = stored.codes(&format!("{GENDERS}{version}")).unwrap();
        assert_eq!(codes.map(|codes| codes.len()), expected, "{version}");
    }
}

/// Some resources are deleted, some become as another of their type is, and some come back.
fn disturb(store: &Store, items: &[Item]) {
    let mut ops = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let other = items[at + 1..].iter().find(|other| other.ty == item.ty);
        match (at % 17, other) {
            (0 | 1, _) => ops.push(delete(item.ty, &item.id)),
            (2, Some(other)) => ops.push(put(item.ty, &item.id, &as_other(item, other))),
            _ => {}
        }
    }
    let back = items.iter().step_by(34).map(|item| put(item.ty, &item.id, &item.text));
    for ops in [ops, back.collect()] {
        store.transact(&Origin::of("test"), ops).unwrap();
    }
}

fn as_other(item: &Item, other: &Item) -> String {
    let Json::Object(mut members) = Json::read(&other.text) else { panic!() };
    members.retain(|(name, _)| name != "id");
    members.push(("id".to_owned(), Json::Text(item.id.to_string())));
    Json::Object(members).to_string()
}

struct Asking<'a> {
    store: &'a Store,
    snapshot: &'a Snapshot,
    world: &'a World,
    count: usize,
}

impl Asking<'_> {
    fn compare(&self, asked: &Asked, matches: &[usize]) -> Result<(), String> {
        let access = Access::all();
        let query = read(self.store, &access, &asked.question)?;
        let pages = Pages {
            store: self.store,
            access: &access,
            query: &query,
            snapshot: self.snapshot,
            count: self.count,
        };
        let told = |error| format!("failed: {error:?}");
        let expected: Vec<String> = matches.iter().map(|at| self.world.name(*at)).collect();
        let all = pages.forwards().map_err(told)?;
        let found: Vec<String> = all.iter().flat_map(matches_of).collect();
        same("matches", &found, &expected)?;
        if all[0].total != Some(expected.len() as i64) {
            return Err(format!("a total of {:?}, not {}", all[0].total, expected.len()));
        }
        same("backwards", &pages.backwards().map_err(told)?, &expected)?;
        let mut seen = 0;
        for page in &all {
            let on_page = &matches[seen..seen + page.matches.len()];
            seen += on_page.len();
            let expected = self.world.included(&asked.question, on_page);
            let mut expected: Vec<String> = expected.iter().map(|at| self.world.name(*at)).collect();
            let mut included = names(&page.included);
            expected.sort();
            included.sort();
            same("included", &included, &expected)?;
        }
        Ok(())
    }
}

fn same(what: &str, found: &[String], expected: &[String]) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    let only = |a: &[String], b: &[String]| -> Vec<String> {
        a.iter().filter(|one| !b.contains(one)).take(4).cloned().collect()
    };
    let first = found.iter().zip(expected).position(|(a, b)| a != b);
    Err(format!(
        "{what}: {} found, {} expected; missing {:?}, too many {:?}, the first difference at {first:?}",
        found.len(),
        expected.len(),
        only(expected, found),
        only(found, expected),
    ))
}

#[test]
fn ten_thousand_alternatives_are_answered() {
    use rushlight_model::ResourceType;
    use rushlight_oracle::search::Question;
    let items = stock(Release::R4, Amounts { forged: 2, patients: 5, examples: 0, synthea: 0 });
    let many = |make: &dyn Fn(usize) -> String| (0..10_000).map(make).collect::<Vec<_>>().join(",");
    let searches = [
        ("_id", many(&|at| format!("p{at}"))),
        ("identifier", many(&|at| format!("v{at}"))),
        ("identifier:not", many(&|at| format!("v{at}"))),
        ("family:exact", many(&|at| format!("f{at}"))),
        ("link", many(&|at| format!("Patient/p{at}"))),
    ];
    for fixture in Fixture::all() {
        let store = fixture.open();
        load(&store, &items);
        let snapshot = store.snapshot().unwrap();
        let world = world(&store, &snapshot);
        for (name, value) in &searches {
            let question = Question {
                types: vec![ResourceType::from_name("Patient").unwrap()],
                pairs: vec![(name.to_string(), value.clone())],
                ..Question::default()
            };
            let asked = Asked { kinds: Vec::new(), question };
            let asking = Asking { store: &store, snapshot: &snapshot, world: &world, count: 1000 };
            asking
                .compare(&asked, &world.matches(&asked.question))
                .unwrap_or_else(|why| panic!("{name}: {why}"));
        }
    }
}
