//! How searches are planned: what is indexed is found by the index, and no table is read from its beginning to its end.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{Fixture, id};
use rushlight_model::{Body, Limits, ResourceType};
use rushlight_persistence::{
    Access, Explained, From, Op, Origin, Precondition, Search, Store, StoreError, StoreOptions, Totals,
};
use rushlight_search::query::{Contained, Form, NothingStored, Query, Reader};

const OBSERVATIONS: u64 = 4000;
const PATIENTS: u64 = 400;

/// Of each kind of value one that many have, and one that few have.
fn observation(number: u64) -> String {
    let code = if number % 500 == 7 { "rare" } else { "common" };
    let status = if number % 500 == 8 { "amended" } else { "final" };
    let (patient, day) = (number % PATIENTS, 1 + number % 28);
    let year = if number % 500 == 9 { 2010 } else { 2020 };
    let value = if number % 500 == 10 { 5000 } else { number % 100 };
    format!(
        r#"{{"resourceType":"Observation","id":"o{number}","status":"{status}","code":{{"coding":[{{"system":"urn:s","code":"{code}"}}]}},"subject":{{"reference":"Patient/p{patient}"}},"effectiveDateTime":"{year}-01-{day:02}","valueQuantity":{{"value":{value},"system":"http://unitsofmeasure.org","code":"mg"}}}}"#
    )
}

fn patient(number: u64) -> String {
    let (family, gender) = if number % 100 == 7 { ("Rarely", "other") } else { ("Often", "female") };
    format!(
        r#"{{"resourceType":"Patient","id":"p{number}","gender":"{gender}","birthDate":"19{:02}-05-05","name":[{{"family":"{family}"}}],"identifier":[{{"system":"urn:i","value":"{number}"}}]}}"#,
        number % 100
    )
}

/// What else is in the tables, as in a store that is in use: no table is all of one parameter.
fn other(number: u64) -> String {
    let onset = if number.is_multiple_of(2) {
        format!(r#""onsetDateTime":"19{:02}-03""#, number % 90)
    } else {
        format!(r#""onsetAge":{{"value":{},"system":"http://unitsofmeasure.org","code":"a"}}"#, number % 90)
    };
    format!(
        r#"{{"resourceType":"Condition","id":"c{number}","code":{{"coding":[{{"system":"urn:s","code":"c{}"}}],"text":"x"}},"subject":{{"reference":"Patient/p{}"}},{onset},"onsetString":"s{number}","asserter":{{"reference":"Practitioner/q{number}"}},"recordedDate":"2019-02-{:02}"}}"#,
        number % 50,
        number % PATIENTS,
        1 + number % 28
    )
}

fn put(text: &str) -> Op {
    let body = Body::parse(text.as_bytes(), &Limits::default()).unwrap();
    let name = text.split(r#""id":""#).nth(1).unwrap().split('"').next().unwrap();
    Op::Put { ty: body.resource_type(), id: id(name), body, precondition: Precondition::None }
}

/// A store where so many matches are many.
fn filled(fixture: &Fixture) -> Store {
    let options = StoreOptions { many_matches: 100, tail_floor: 4000, tail_cap: 4000, ..fixture.options() };
    let store = Store::open(&options).unwrap();
    let observations = (0..OBSERVATIONS).flat_map(|number| [observation(number), other(number)]);
    let texts: Vec<String> = (0..PATIENTS).map(patient).chain(observations).collect();
    for texts in texts.chunks(400) {
        let ops = texts.iter().map(|text| put(text)).collect();
        store.transact(&Origin::of("test"), ops).unwrap();
    }
    // Some have older versions.
    let ops = (0..40)
        .map(|number| {
            put(&observation(OBSERVATIONS + number)
                .replace(&format!("o{}", OBSERVATIONS + number), &format!("o{number}")))
        })
        .collect();
    store.transact(&Origin::of("test"), ops).unwrap();
    // What is common is written now and then, and when a store is closed.
    store.close();
    drop(store);
    Store::open(&options).unwrap()
}

/// What few match, as `Type?name=value&…`: everything is found by an index.
const RARE: &[&str] = &[
    "Observation?code=urn:s|rare",
    "Observation?code=urn:s|rare&status=final",
    "Observation?code=urn:s|rare&status:not=final",
    "Observation?code=urn:s|rare&_sort=date",
    "Observation?code=urn:s|rare&_sort=status,-_lastUpdated",
    "Observation?code=urn:s|common&status=http://hl7.org/fhir/observation-status|amended",
    "Observation?date=2010",
    "Observation?date=2010-01-10&code=urn:s|common",
    "Observation?value-quantity=5000|http://unitsofmeasure.org|mg",
    "Observation?value-quantity=5|http://unitsofmeasure.org|g",
    "Observation?value-quantity=gt4000|http://unitsofmeasure.org|mg",
    "Observation?value-quantity=ge4|http://unitsofmeasure.org|g",
    "Observation?subject=Patient/p7",
    "Observation?subject=Patient/p7&code=urn:s|common&_sort=-date",
    "Observation?subject:Patient.identifier=urn:i|9",
    "Observation?subject:Patient.identifier=urn:i|9&code=urn:s|common",
    "Observation?_id=o1,o2,o3",
    "Observation?_lastUpdated=lt2020",
    "Observation?_lastUpdated=lt2020&code=urn:s|common&_sort=-_lastUpdated",
    "Patient?identifier=urn:i|9",
    "Patient?family:exact=Rarely",
    "Patient?_has:Observation:patient:code=urn:s|rare",
    "Patient?_has:Observation:patient:code=urn:s|rare&_sort=family",
    "Observation?subject:Patient._has:Observation:patient:code=urn:s|rare",
    "Observation?code=urn:s|rare&_include=Observation:patient",
    "Patient?identifier=urn:i|9&_revinclude=Observation:patient",
];

/// What many match: a page is found by an index, in whatever order there is one for.
const COMMON: &[&str] = &[
    "Observation?code=urn:s|common",
    "Observation?code=urn:s|common&status=http://hl7.org/fhir/observation-status|final",
    "Observation?code=urn:s|common&_sort=date",
    "Observation?code=urn:s|common&_sort=-date",
    "Observation?code=urn:s|common&_sort=-date,status",
    "Observation?code=urn:s|common&_sort=value-quantity",
    "Observation?code=urn:s|common&_sort=-value-quantity",
    "Observation?code=urn:s|common&_sort=-_lastUpdated",
    "Observation?_sort=-_lastUpdated",
    "Observation?_sort=_lastUpdated,status",
    "Observation?_lastUpdated=gt2020&_sort=_lastUpdated",
    "Observation?_lastUpdated=gt2020&status=http://hl7.org/fhir/observation-status|final",
    "Observation?date=ge2020",
    "Observation?date=ge2020&_sort=-date",
    "Observation?date=ge2020&date=lt2021",
    "Observation?value-quantity=lt50",
    "Observation?value-quantity=lt50&_sort=value-quantity",
    "Observation?subject:Patient.gender=female",
    "Observation?subject:Patient.gender=female&_sort=date",
    "Observation?code:not=urn:s|rare",
    "Patient?family=often",
    "Patient?family=often&_sort=family",
    "Patient?family=often&_sort=-birthdate",
    "Patient?birthdate=ge1950&_sort=birthdate",
    "Patient?_has:Observation:patient:date=lt2011&gender=female",
    "Patient?_has:Observation:patient:code=urn:s|common",
    "Observation?code=urn:s|common&_include=Observation:patient",
    "Patient?family=often&_revinclude=Observation:patient",
    "Patient?_has:Observation:patient:code=urn:s|common&_sort=family",
];

fn explained(store: &Store, text: &str) -> Explained {
    explained_with(store, text, Contained::No)
}

fn explained_with(store: &Store, text: &str, contained: Contained) -> Explained {
    let (ty, query) = text.split_once('?').unwrap();
    let pair = |text: &str| text.split_once('=').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let pairs: Vec<(String, String)> = query.split('&').map(pair).collect();
    let (registry, base) = (store.registry(), "http://localhost/fhir");
    let reader = Reader { registry: &registry, now: 1_900_000_000_000_000, base, stored: &NothingStored };
    let reading = reader.query(&[ResourceType::from_name(ty).unwrap()], &pairs);
    assert_eq!(reading.problems, [], "{text}");
    let query = Query { contained, ..reading.query };
    let search = Search {
        query: &query,
        snapshot: None,
        count: 20,
        bytes: usize::MAX,
        most_included: 10,
        from: From::First,
        total: Totals::None,
    };
    store.explain(&Access::all(), &search).unwrap().0
}

/// The lines of a plan that read a table from its beginning to its end.
fn scans(plan: &[String]) -> Vec<&str> {
    plan.iter().map(|line| line.trim()).filter(|line| is_scan(line)).collect()
}

fn is_scan(line: &str) -> bool {
    // PostgreSQL's. What a statement tells of what it sees is in tables of a few rows; and one that is empty costs nothing.
    if let Some((_, scanned)) = line.split_once("Seq Scan on ") {
        let name = scanned.split(' ').next().unwrap_or_default();
        return !["generation", "store", "batch"].contains(&name) && !scanned.contains("(cost=0.00..0.00 ");
    }
    // SQLite's: a table has an alias of one letter and a number, or is the index's or the tail's; lists have others. Of
    // the tail, 0 is all of it.
    let Some(scanned) = line.strip_prefix("SCAN ") else { return false };
    let name = scanned.split(' ').next().unwrap_or_default();
    match scanned.split_once("VIRTUAL TABLE INDEX ") {
        Some((_, way)) => way.starts_with("0:"),
        None => ["f", "i", "m", "o", "v", "w"]
            .contains(&name.trim_end_matches(|char: char| char.is_ascii_digit())),
    }
}

#[test]
fn what_is_a_scan() {
    for (line, expected) in [
        ("->  Seq Scan on version v0  (cost=0.00..274.70 rows=4040 width=16)", true),
        ("->  Index Scan using version_pkey on version v0", false),
        ("->  Seq Scan on generation  (cost=0.00..1.01 rows=1 width=8)", false),
        ("->  Seq Scan on ix_contained i_1  (cost=0.00..0.00 rows=1 width=4)", false),
        ("SCAN v0", true),
        ("SCAN i USING INDEX token_by_rid", true),
        ("SEARCH i USING PRIMARY KEY (param=?)", false),
        ("SCAN i VIRTUAL TABLE INDEX 0:", true),
        ("SCAN m VIRTUAL TABLE INDEX 5:", false),
        ("SCAN d", false),
        ("SCAN c0", false),
    ] {
        assert_eq!(is_scan(line), expected, "{line}");
    }
}

#[test]
fn no_table_is_read_from_its_beginning_to_its_end() {
    for fixture in Fixture::all() {
        let store = filled(&fixture);
        let mut wrong = Vec::new();
        // A database that knows its tables plans otherwise than one that knows nothing yet.
        for analyzed in [false, true] {
            if analyzed {
                fixture.execute("ANALYZE");
            }
            let say = |text: &str, what: &str, plan: &[String]| {
                let scans = scans(plan).join("\n    ");
                let plan = plan.join("\n      ");
                let at = format!("{}, analyzed {analyzed}: {text}, {what}", fixture.url());
                (!scans.is_empty()).then(|| format!("{at}\n    {scans}\n      {plan}"))
            };
            for text in RARE {
                let explained = explained(&store, text);
                assert!(explained.rows < 100, "{text}: {}", explained.rows);
                wrong.extend(say(text, "the count", &explained.plan));
                wrong.extend(explained.page.iter().filter_map(|plan| say(text, "a page", plan)));
            }
            for text in COMMON {
                let explained = explained(&store, text);
                // All are counted, and what has no value to sort by comes after all that have one.
                wrong.extend(explained.page.first().and_then(|plan| say(text, "the first page", plan)));
            }
        }
        assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    }
}

/// Plans and counts look behind what a caller may see.
#[test]
fn searches_are_explained_with_the_privilege_alone() {
    let name = |name| ResourceType::from_name(name).unwrap();
    for fixture in Fixture::all() {
        let store = fixture.open();
        store.transact(&Origin::of("test"), vec![put(&patient(1)), put(&patient(2))]).unwrap();
        let query = Query::all(vec![name("Patient")]);
        let (bytes, most_included, total) = (1000, 10, Totals::None);
        let search = Search {
            query: &query,
            snapshot: None,
            count: 20,
            bytes,
            most_included,
            from: From::First,
            total,
        };
        let own = || Access::patient(id("p1"), []);
        for access in [own(), own().and(Access::all()), own().explaining().and(own())] {
            assert!(matches!(store.explain(&access, &search), Err(StoreError::Unexplained)));
        }
        for (access, rows) in [(Access::all(), 2), (own().explaining(), 1)] {
            assert_eq!(store.explain(&access, &search).unwrap().0.rows, rows);
        }
    }
}

#[test]
fn each_statement_of_a_page_has_its_plan() {
    let form = Form::Contained;
    for fixture in Fixture::all() {
        let store = fixture.open();
        for (contained, expected) in
            [(Contained::No, 1), (Contained::Only(form), 1), (Contained::Both(form), 2)]
        {
            let explained = explained_with(&store, "Patient?_id=p1", contained);
            assert_eq!(explained.page.len(), expected, "{contained:?}");
            assert!(explained.page.iter().all(|plan| !plan.is_empty()), "{contained:?}");
        }
    }
}
