//! What SQL finds is what the conditions say of each resource, as of any snapshot, in order and page by page.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use common::{Dice, Fixture, id};
use rushlight_model::{Body, Id, Limits, ResourceType};
use rushlight_persistence::{
    Access, From, Op, Origin, Precondition, Search, SearchPage, Snapshot, Store, StoreOptions, Totals,
};
use rushlight_search::query::{
    Candidate, Clause, Condition, Elsewhere, Include, Link, Op as Test, Query, RowTest, Scalar, SortBy,
    SortKey,
};
use rushlight_search::{Entries, Registry, TableId, hash};
use std::collections::BTreeMap;

fn ty(name: &str) -> ResourceType {
    ResourceType::from_name(name).unwrap()
}

fn units(registry: &Registry, on: &str, code: &str) -> Vec<i32> {
    registry.parameter(ty(on), code).unwrap().units().iter().map(|unit| unit.number).collect()
}

/// A store that takes so many matches to be many, so that pages are found in either way.
fn opened(fixture: &Fixture, many: i64) -> Store {
    Store::open(&StoreOptions { many_matches: many, ..fixture.options() }).unwrap()
}

/// A resource as the test knows it.
#[derive(Clone)]
struct Known {
    last_updated: i64,
    entries: Entries,
    order: usize,
}

type World = BTreeMap<(ResourceType, Id), Known>;

struct Around<'w>(&'w World);

impl Elsewhere for Around<'_> {
    fn leads_to(&self, ty: ResourceType, id: &Id, condition: &Condition) -> bool {
        self.0.get_key_value(&(ty, id.clone())).is_some_and(|found| holds(found, condition, self))
    }

    fn is_referred_to(&self, ty: ResourceType, id: &Id, link: &Link) -> bool {
        let me = Condition::Types(vec![ty]);
        let me = Condition::All(vec![me, Condition::Ids(vec![id.clone()])]);
        let link_to =
            Condition::Chain(Link { units: link.units.clone(), other: ty, condition: Box::new(me) });
        let others = self.0.iter().filter(|(key, _)| key.0 == link.other);
        let mut others = others.filter(|found| holds(*found, &link.condition, self));
        others.any(|found| holds(found, &link_to, self))
    }
}

fn holds(
    ((ty, id), known): (&(ResourceType, Id), &Known),
    condition: &Condition,
    world: &Around<'_>,
) -> bool {
    let Known { last_updated, entries, .. } = known;
    condition.matches(Candidate { ty: *ty, id, last_updated: *last_updated, entries }, world)
}

/// A made-up Patient or Observation; few values, so that conditions match some.
fn made(dice: &mut Dice) -> (ResourceType, Id, Body) {
    let number = dice.below(24);
    let name = format!("r{number}");
    let pick =
        |dice: &mut Dice, of: &[&str]| of[usize::try_from(dice.below(of.len() as u64)).unwrap()].to_owned();
    let json = if number.is_multiple_of(3) {
        let family = pick(dice, &["Smith", "smithers", "Ångström", "a_b%", "x"]);
        let birth = pick(
            dice,
            &[r#""birthDate":"1980-02-03","#, r#""birthDate":"1980","#, "", r#""birthDate":"2001-12","#],
        );
        format!(
            r#"{{"resourceType":"Patient","id":"{name}",{birth}"name":[{{"family":"{family}"}},{{"family":"zz"}}],"gender":"{}"}}"#,
            pick(dice, &["male", "female", "other"])
        )
    } else {
        let subject = dice.below(8) * 3;
        let when = pick(dice, &["2020-01-01", "2020-01-02T10:00:00Z", "2021", "2020-06"]);
        let value = pick(
            dice,
            &[
                r#","valueQuantity":{"value":5.4,"system":"http://unitsofmeasure.org","code":"mg"}"#,
                r#","valueQuantity":{"value":7}"#,
                r#","valueString":"words"}"#.trim_end_matches('}'),
                "",
            ],
        );
        format!(
            r#"{{"resourceType":"Observation","id":"{name}","status":"{}","code":{{"coding":[{{"system":"urn:s","code":"{}"}},{{"code":"z"}}]}},"subject":{{"reference":"Patient/r{subject}"}},"effectiveDateTime":"{when}"{value}}}"#,
            pick(dice, &["final", "amended"]),
            pick(dice, &["a", "b", "c"]),
        )
    };
    let body = Body::parse(json.as_bytes(), &Limits::default()).unwrap();
    (body.resource_type(), id(&name), body)
}

fn text(value: &str) -> Scalar {
    Scalar::Text(value.to_owned())
}

/// A made-up condition on an Observation or a Patient.
fn condition(dice: &mut Dice, registry: &Registry, on: &str, depth: u64) -> Condition {
    let row = |code: &str, table| RowTest::any(table, units(registry, on, code));
    let kinds = if depth == 0 { 8 } else { 14 };
    let deeper = |dice: &mut Dice| condition(dice, registry, on, depth.saturating_sub(1));
    let day = 86_400_000_000_i64;
    match (dice.below(kinds), on) {
        (0, "Patient") => {
            Condition::Row(row("family", TableId::STRING).and(0, Test::Begins("smi".to_owned())))
        }
        (1, "Patient") => {
            Condition::Row(row("family", TableId::STRING).and(0, Test::Contains("_b%".to_owned())))
        }
        (2, "Patient") => Condition::Row(row("gender", TableId::TOKEN).and(0, Test::Is(text("female")))),
        (3, "Patient") => Condition::Row(row("birthdate", TableId::DATE)).negated(),
        (4, "Patient") => {
            Condition::Row(row("family", TableId::STRING).and(1, Test::Is(Scalar::Int(hash("Smith")))))
        }
        (0, _) => Condition::Row(row("code", TableId::TOKEN).and(0, Test::OneOf(vec![text("a"), text("b")]))),
        (1, _) => Condition::Row(
            row("code", TableId::TOKEN)
                .and(0, Test::Is(text("c")))
                .and(1, Test::Is(Scalar::Int(hash("urn:s")))),
        ),
        (2, _) => Condition::Row(row("status", TableId::TOKEN).and(0, Test::IsNot(text("final")))),
        (3, _) => Condition::Row(
            row("date", TableId::DATE).and(0, Test::AtLeast(Scalar::Int(18_262 * day))).and(0, Test::UpTo(1)),
        ),
        (4, _) => Condition::Row(row("date", TableId::DATE).and(1, Test::Below(Scalar::Int(18_300 * day)))),
        (5, _) => Condition::Ids((0..3).map(|_| id(&format!("r{}", dice.below(24)))).collect()),
        (6, _) => Condition::Updated { from: 0, to: i64::MAX },
        (7, "Patient") => Condition::Row(row("birthdate", TableId::DATE)),
        (7, _) => Condition::Row(row("value-quantity", TableId::QUANTITY)),
        (8, _) => Condition::All(vec![deeper(dice), deeper(dice)]),
        (9, _) => Condition::Any(vec![deeper(dice), deeper(dice)]),
        (10, _) => deeper(dice).negated(),
        (_, "Patient") => Condition::Has(Link {
            units: units(registry, "Observation", "subject"),
            other: ty("Observation"),
            condition: Box::new(condition(dice, registry, "Observation", depth - 1)),
        }),
        _ => Condition::Chain(Link {
            units: units(registry, "Observation", "subject"),
            other: ty("Patient"),
            condition: Box::new(condition(dice, registry, "Patient", depth - 1)),
        }),
    }
}

fn query(on: &str, condition: Condition, sort: Vec<SortKey>) -> Query {
    let (name, value, meaning) = Default::default();
    let clauses = match condition {
        Condition::All(parts) => parts,
        part => vec![part],
    };
    let clauses = clauses
        .into_iter()
        .map(|condition| Clause {
            name: String::clone(&name),
            value: String::clone(&value),
            meaning: String::clone(&meaning),
            condition,
        })
        .collect();
    Query { clauses, sort, ..Query::all(vec![ty(on)]) }
}

fn search<'a>(query: &'a Query, snapshot: &'a Snapshot, count: usize, from: From) -> Search<'a> {
    Search {
        query,
        snapshot: Some(snapshot),
        count,
        bytes: usize::MAX,
        most_included: 1000,
        from,
        total: Totals::Accurate,
    }
}

fn names(page: &SearchPage) -> Vec<String> {
    page.matches.iter().map(|version| version.id.to_string()).collect()
}

/// All pages, and the same backward.
fn paged(
    store: &Store,
    access: &Access,
    query: &Query,
    snapshot: &Snapshot,
    count: usize,
) -> [Vec<String>; 2] {
    paged_within(usize::MAX, store, access, query, snapshot, count)
}

/// The same of pages that hold so many bytes.
fn paged_within(
    bytes: usize,
    store: &Store,
    access: &Access,
    query: &Query,
    snapshot: &Snapshot,
    count: usize,
) -> [Vec<String>; 2] {
    let ask = |from| {
        let search = Search { bytes, ..search(query, snapshot, count, from) };
        let page = store.search(access, &search).unwrap();
        let held: usize = page.matches.iter().map(|version| version.body.len()).sum();
        assert!(held <= bytes || page.matches.len() == 1, "{held} of {bytes}");
        page
    };
    let (mut all, mut from) = (Vec::new(), From::First);
    loop {
        let page = ask(from);
        all.extend(names(&page));
        match page.next {
            Some(next) => from = From::After(next),
            None => break,
        }
    }
    let (mut back, mut from) = (Vec::new(), From::Last);
    loop {
        let page = ask(from);
        back = [names(&page), back].concat();
        match page.previous {
            Some(previous) => from = From::Before(previous),
            None => return [all, back],
        }
    }
}

#[test]
fn sql_finds_what_the_conditions_say() {
    for (fixture, many) in
        Fixture::all().into_iter().zip([0, 1000]).chain(Fixture::all().into_iter().zip([1000, 0]))
    {
        let store = opened(&fixture, many);
        let registry = store.registry();
        let mut dice = Dice(7);
        let mut world = World::new();
        let mut made_so_far: BTreeMap<(ResourceType, Id), usize> = BTreeMap::new();
        let mut past: Vec<(Snapshot, World)> = Vec::new();
        let (mut some, mut asked) = (0, 0);
        for round in 0..60 {
            for _ in 0..4 {
                let (ty, name, body) = made(&mut dice);
                let key = (ty, name.clone());
                let delete = dice.below(6) == 0;
                let op = match delete {
                    true => Op::Delete { ty, id: name, precondition: Precondition::None },
                    false => Op::Put { ty, id: name, body: body.clone(), precondition: Precondition::None },
                };
                let written = store.transact(&Origin::of("test"), vec![op]).unwrap();
                if delete {
                    world.remove(&key);
                    continue;
                }
                let next = made_so_far.len();
                let order = *made_so_far.entry(key.clone()).or_insert(next);
                let entries = registry.extract_text(body.text().as_bytes());
                world.insert(key, Known { last_updated: written[0].last_updated, entries, order });
            }
            past.push((store.snapshot().unwrap(), world.clone()));
            for _ in 0..6 {
                let on = if dice.below(2) == 0 { "Patient" } else { "Observation" };
                let condition = condition(&mut dice, &registry, on, 3);
                let (snapshot, world) = &past[usize::try_from(dice.below(past.len() as u64)).unwrap()];
                let mut expected: Vec<(usize, String)> = world
                    .iter()
                    .filter(|(key, _)| key.0 == ty(on))
                    .filter(|found| holds(*found, &condition, &Around(world)))
                    .map(|((_, id), known)| (known.order, id.to_string()))
                    .collect();
                expected.sort();
                let expected: Vec<String> = expected.into_iter().map(|(_, name)| name).collect();
                asked += 1;
                some += usize::from(!expected.is_empty());
                let query = query(on, condition, Vec::new());
                let count = 1 + usize::try_from(dice.below(9)).unwrap();
                let [forward, backward] = paged(&store, &Access::all(), &query, snapshot, count);
                assert_eq!(forward, expected, "round {round}: {query:#?}");
                assert_eq!(backward, expected, "round {round}: {query:#?}");
                let page = store.search(&Access::all(), &search(&query, snapshot, 0, From::First)).unwrap();
                assert_eq!(page.total, i64::try_from(expected.len()).ok());
                let nothing = Access::types([ty("Basic")]);
                let page = store.search(&nothing, &search(&query, snapshot, 9, From::First)).unwrap();
                assert!(page.matches.is_empty());
            }
        }
        assert!(some * 3 > asked, "{some} of {asked} match something");
        fixture.sound(&store);
    }
}

#[test]
fn matches_are_sorted_with_what_has_no_value_last() {
    for (fixture, many) in
        Fixture::all().into_iter().zip([0, 1000]).chain(Fixture::all().into_iter().zip([1000, 0]))
    {
        let store = opened(&fixture, many);
        let registry = store.registry();
        let patients = [
            ("a", r#""birthDate":"1980-02-03","name":[{"family":"Zoe"},{"family":"Ada"}]"#),
            ("b", r#""name":[{"family":"mia"}]"#),
            ("c", r#""birthDate":"2001""#),
            ("d", r#""birthDate":"1980-02-03","name":[{"family":"Bob"}]"#),
            ("e", r#""active":true"#),
        ];
        for (name, rest) in patients {
            let json = format!(r#"{{"resourceType":"Patient","id":"{name}",{rest}}}"#);
            let body = Body::parse(json.as_bytes(), &Limits::default()).unwrap();
            let op = Op::Put { ty: ty("Patient"), id: id(name), body, precondition: Precondition::None };
            store.transact(&Origin::of("test"), vec![op]).unwrap();
        }
        let key = |code: &str, table, descending| SortKey {
            name: code.to_owned(),
            by: SortBy::Entries { table, units: units(&registry, "Patient", code), target: None },
            descending,
        };
        let snapshot = store.snapshot().unwrap();
        let birth = |descending| key("birthdate", TableId::DATE, descending);
        let family = |descending| key("family", TableId::STRING, descending);
        let by = |by, descending| SortKey { name: String::new(), by, descending };
        for (sort, expected) in [
            (vec![birth(false)], "adcbe"),
            (vec![birth(true)], "cadbe"),
            (vec![family(false)], "adbce"),
            (vec![family(true)], "abdce"),
            (vec![birth(true), family(true)], "cadbe"),
            (vec![birth(false), by(SortBy::LastUpdated, true)], "daceb"),
            (vec![by(SortBy::LastUpdated, true)], "edcba"),
            (vec![by(SortBy::Id, false)], "abcde"),
            (vec![key("gender", TableId::TOKEN, false), birth(true)], "cadbe"),
        ] {
            for count in 1..=5 {
                let query = Query { sort: sort.clone(), ..Query::all(vec![ty("Patient")]) };
                let pages = paged(&store, &Access::all(), &query, &snapshot, count);
                assert_eq!(pages.map(|page| page.concat()), [expected, expected], "{count}: {sort:?}");
            }
        }
    }
}

/// Rows of one value are walked; where some refer to several versions of it, each resource counts once.
#[test]
fn references_to_versions_are_walked_with_those_without() {
    const ALL: usize = 120;
    for fixture in Fixture::all() {
        let store = fixture.open();
        let ops = (0..ALL).map(|number| {
            let versions = if number % 3 == 0 { 1 } else { 12 };
            let target = |version: usize| match (number % 3, version) {
                (0 | 1, 1) => r#"{"reference":"Patient/p"}"#.to_owned(),
                (_, version) => format!(r#"{{"reference":"Patient/p/_history/{version}"}}"#),
            };
            let targets: Vec<String> = (1..=versions).map(target).collect();
            let name = format!("x{number:03}");
            let json =
                format!(r#"{{"resourceType":"Provenance","id":"{name}","target":[{}]}}"#, targets.join(","));
            let body = Body::parse(json.as_bytes(), &Limits::default()).unwrap();
            Op::Put { ty: ty("Provenance"), id: id(&name), body, precondition: Precondition::None }
        });
        store.transact(&Origin::of("test"), ops.collect()).unwrap();
        // How common a value is, is known once the store has been closed.
        store.close();
        drop(store);
        let store = fixture.open();
        let units = units(&store.registry(), "Provenance", "target");
        let to = i64::from(ty("Patient").number());
        let rows = RowTest::any(TableId::REFERENCE, units)
            .and(0, Test::Is(Scalar::Bytes(id("p").to_key())))
            .and(1, Test::Is(Scalar::Int(to)));
        let query = query("Provenance", Condition::Row(rows), Vec::new());
        let expected: Vec<String> = (0..ALL).map(|number| format!("x{number:03}")).collect();
        let snapshot = store.snapshot().unwrap();
        for count in [1, 7, 10, 119, 120] {
            let [forward, backward] = paged(&store, &Access::all(), &query, &snapshot, count);
            assert_eq!(forward, expected, "{count}");
            assert_eq!(backward, expected, "{count}");
        }
    }
}

/// A page ends where there is no room, wherever its matches are found: in the index, or in what is yet to be merged.
#[test]
fn pages_end_where_there_is_no_room() {
    const ALL: usize = 150;
    for fixture in Fixture::all() {
        let options = StoreOptions { many_matches: 5, ..fixture.options() };
        let write = |store: &Store, numbers: &mut dyn Iterator<Item = usize>, code: &str| {
            let ops = numbers.map(|number| {
                let (name, long) = (format!("x{number:03}"), "z".repeat(number * 37 % 900));
                let json = format!(
                    r#"{{"resourceType":"Observation","id":"{name}","status":"final","code":{{"coding":[{{"system":"urn:s","code":"{code}"}}],"text":"t{long}"}},"effectiveDateTime":"2020-01-0{}"}}"#,
                    1 + number / 75,
                );
                let body = Body::parse(json.as_bytes(), &Limits::default()).unwrap();
                Op::Put { ty: ty("Observation"), id: id(&name), body, precondition: Precondition::None }
            });
            store.transact(&Origin::of("test"), ops.collect()).unwrap();
        };
        let is_late = |number: &usize| (20..50).contains(number) || *number >= 140;
        let store = Store::open(&options).unwrap();
        write(&store, &mut (0..140), "other");
        write(&store, &mut (0..ALL).filter(|number| !is_late(number)), "x");
        store.close();
        drop(store);
        let store = Store::open(&options).unwrap();
        write(&store, &mut (0..ALL).filter(is_late), "x");
        let registry = store.registry();
        let rows = RowTest::any(TableId::TOKEN, units(&registry, "Observation", "code"))
            .and(0, Test::Is(Scalar::Text("x".to_owned())))
            .and(1, Test::Is(Scalar::Int(hash("urn:s"))));
        let by = |by, descending| SortKey { name: String::new(), by, descending };
        let date = |descending| {
            let units = units(&registry, "Observation", "date");
            by(SortBy::Entries { table: TableId::DATE, units, target: None }, descending)
        };
        let name = |number: usize| format!("x{number:03}");
        let upward: Vec<String> = (0..ALL).map(name).collect();
        let downward: Vec<String> = (75..ALL).chain(0..75).map(name).collect();
        // Two transactions, each of one time.
        let [early, late] = [false, true].map(|late| (0..ALL).filter(move |number| is_late(number) == late));
        let oldest: Vec<String> = early.clone().chain(late.clone()).map(name).collect();
        let newest: Vec<String> = oldest.iter().rev().cloned().collect();
        let newest_by_name: Vec<String> = late.chain(early).map(name).collect();
        let snapshot = store.snapshot().unwrap();
        for (sort, expected) in [
            (vec![], &upward),
            (vec![by(SortBy::LastUpdated, false)], &oldest),
            (vec![by(SortBy::LastUpdated, true)], &newest),
            (vec![by(SortBy::LastUpdated, true), by(SortBy::Id, false)], &newest_by_name),
            (vec![date(false)], &upward),
            (vec![date(true)], &downward),
            (vec![date(true), by(SortBy::Id, false)], &downward),
        ] {
            let query = query("Observation", Condition::Row(rows.clone()), sort.clone());
            for (count, bytes) in
                [(7, 1), (7, 4000), (100, 4000), (100, 30_000), (129, 30_000), (129, usize::MAX)]
            {
                let pages = paged_within(bytes, &store, &Access::all(), &query, &snapshot, count);
                for (page, way) in pages.iter().zip(["forward", "backward"]) {
                    assert_eq!(page, expected, "{way}, {count} in {bytes} bytes: {sort:?}");
                }
            }
        }
    }
}

#[test]
fn what_is_referred_to_is_included_once() {
    for fixture in Fixture::all() {
        let store = fixture.open();
        let registry = store.registry();
        let mut ops = Vec::new();
        let mut put = |of: &str, name: &str, rest: &str| {
            let json = format!(r#"{{"resourceType":"{of}","id":"{name}"{rest}}}"#);
            let body = Body::parse(json.as_bytes(), &Limits::default()).unwrap();
            ops.push(Op::Put { ty: ty(of), id: id(name), body, precondition: Precondition::None });
        };
        put("Organization", "o1", "");
        put("Organization", "o2", r#","partOf":{"reference":"Organization/o1"}"#);
        put("Patient", "p1", r#","managingOrganization":{"reference":"Organization/o2"}"#);
        put("Patient", "p2", r#","managingOrganization":{"reference":"Organization/o2"}"#);
        put("Patient", "p3", r#","managingOrganization":{"reference":"Organization/none"}"#);
        store.transact(&Origin::of("test"), ops).unwrap();
        let snapshot = store.snapshot().unwrap();
        let include = |source: &str, code: &str, iterate| Include {
            text: String::new(),
            source: ty(source),
            units: units(&registry, source, code),
            targets: Vec::new(),
            iterate,
        };
        let ask = |query: &Query, access: &Access, most| {
            let search = Search { most_included: most, ..search(query, &snapshot, 10, From::First) };
            let page = store.search(access, &search).unwrap();
            let mut included: Vec<String> =
                page.included.iter().map(|version| version.id.to_string()).collect();
            included.sort();
            (included.concat(), page.cut)
        };
        let patients = Query {
            includes: vec![include("Patient", "organization", false)],
            ..Query::all(vec![ty("Patient")])
        };
        assert_eq!(ask(&patients, &Access::all(), 10), ("o2".to_owned(), false));
        assert_eq!(ask(&patients, &Access::types([ty("Patient")]), 10), (String::new(), false));
        let mut further = patients.clone();
        further.includes.push(include("Organization", "partof", true));
        assert_eq!(ask(&further, &Access::all(), 10), ("o1o2".to_owned(), false));
        assert_eq!(ask(&further, &Access::all(), 1), ("o2".to_owned(), true));
        let organizations = Query {
            revincludes: vec![include("Patient", "organization", false)],
            ..Query::all(vec![ty("Organization")])
        };
        assert_eq!(ask(&organizations, &Access::all(), 10), ("p1p2".to_owned(), false));
    }
}
