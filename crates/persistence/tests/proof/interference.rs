//! What a caller may not see does not exist: every answer on the full store is that of a second store, which has only what
//! the caller may see.

use crate::common::Fixture;
use crate::number;
use crate::pages::{Pages, name};
use crate::stocked::{delete, load, put, read, versions, world};
use rushlight_model::definitions::Release;
use rushlight_model::{Id, ResourceType};
use rushlight_oracle::access::{Rule, may_see};
use rushlight_oracle::dice::Dice;
use rushlight_oracle::generate::{Asked, Generator, Table};
use rushlight_oracle::json::Json;
use rushlight_oracle::stock::{Amounts, Item, stock};
use rushlight_oracle::world::World;
use rushlight_persistence::{
    Access, HistoryQuery, Order, Origin, Read, Scope, Snapshot, Store, StoreOptions, Version,
};
use rushlight_search::Words;
use rushlight_test_support::data::say;
use std::collections::{BTreeMap, HashMap};

const AMOUNTS: Amounts = Amounts { forged: 1, patients: 10, examples: 150, synthea: 200 };

/// Systems and codes of labels.
const LABELS: [(&str, &str); 2] = [("urn:labels", "secret"), ("urn:labels", "shown")];

/// A write: a text, or a deletion.
#[derive(Clone)]
struct Step {
    ty: ResourceType,
    id: Id,
    text: Option<String>,
}

type Key = (ResourceType, Id);

/// The same resource with another number in it, so that no version is as another, and perhaps with a label.
fn marked(text: &str, number: usize, dice: &mut Dice) -> String {
    let Json::Object(mut members) = Json::read(text) else { panic!("{text}") };
    members.retain(|(name, _)| name != "implicitRules" && name != "_implicitRules");
    members.push(("implicitRules".to_owned(), Json::Text(format!("urn:n:{number}"))));
    if dice.once_in(3) {
        let (system, code) = dice.one(&LABELS);
        let label = Json::read(&format!(r#"[{{"system":"{system}","code":"{code}"}}]"#));
        let at = members.iter().position(|(name, _)| name == "meta");
        let mut meta = at.map_or(Json::Object(Vec::new()), |at| members.remove(at).1);
        if let Json::Object(own) = &mut meta {
            own.retain(|(name, _)| name != "security");
            own.push(("security".to_owned(), label));
        }
        members.insert(1, ("meta".to_owned(), meta));
    }
    Json::Object(members).to_string()
}

/// First versions of everything, then changes, deletions and returns.
fn steps(items: &[Item], dice: &mut Dice) -> Vec<Step> {
    let step = |item: &Item, text| Step { ty: item.ty, id: item.id.clone(), text };
    let mut steps: Vec<Step> = Vec::new();
    for item in items {
        let text = marked(&item.text, steps.len(), dice);
        steps.push(step(item, Some(text)));
    }
    for _ in 0..items.len() / 2 {
        let item = dice.one(items);
        let text = (!dice.once_in(4)).then(|| marked(&item.text, steps.len(), dice));
        steps.push(step(&item, text));
    }
    steps
}

fn play(store: &Store, steps: &[Step]) {
    for step in steps.chunks(50) {
        // One write each, where a resource is written twice among them.
        let ops = step.iter().map(|step| match &step.text {
            Some(text) => put(step.ty, &step.id, text),
            None => delete(step.ty, &step.id),
        });
        for op in ops {
            store.transact(&Origin::of("test"), vec![op]).unwrap();
        }
    }
}

/// Of a list of versions, each with its text: whether each may be seen. A deletion is as the version before it.
fn seen<'s>(rules: &[Rule], texts: impl Iterator<Item = (Key, Option<&'s str>)>) -> Vec<bool> {
    let mut last: HashMap<Key, bool> = HashMap::new();
    let of = |(key, text): (Key, Option<&str>)| {
        let shown = match text {
            Some(text) => may_see(rules, Release::R4, &Json::read(text)),
            None => last.get(&key).copied().unwrap_or(false),
        };
        last.insert(key, shown);
        shown
    };
    texts.map(of).collect()
}

/// What is written to the store of a caller: of resources whose last version may be seen, those versions that may be seen.
/// Where the first may not, the first that may stands in its place, so that the order of creation is the same.
fn permitted(rules: &[Rule], steps: &[Step]) -> Vec<Step> {
    let key = |step: &Step| (step.ty, step.id.clone());
    let shown = seen(rules, steps.iter().map(|step| (key(step), step.text.as_deref())));
    let mut last: HashMap<Key, bool> = HashMap::new();
    let mut first: HashMap<Key, usize> = HashMap::new();
    for (at, step) in steps.iter().enumerate() {
        last.insert(key(step), shown[at]);
        if shown[at] && step.text.is_some() {
            first.entry(key(step)).or_insert(at);
        }
    }
    let mut begun = HashMap::new();
    let mut all = Vec::new();
    for (at, step) in steps.iter().enumerate().filter(|(_, step)| last[&key(step)]) {
        let is_first = begun.insert(key(step), ()).is_none();
        match (shown[at], is_first) {
            (true, _) => all.push(step.clone()),
            // With another number: what comes later is a change, at its own time.
            (false, true) => all.extend(first.get(&key(step)).map(|at| {
                let text = steps[*at].text.as_ref().map(|text| text.replace("urn:n:", "urn:m:"));
                Step { text, ..steps[*at].clone() }
            })),
            (false, false) => {}
        }
    }
    all
}

/// A caller, and the store that has only what the caller may see.
struct Caller {
    rules: Vec<Rule>,
    access: Access,
    _place: Fixture,
    store: Store,
    snapshot: Snapshot,
}

/// The rules of the callers, so that each sort is there alone and with another: some types, a patient's compartment with
/// types that are shared, hidden labels.
fn rules(items: &[Item], world: &World, dice: &mut Dice, caller: usize) -> Vec<Rule> {
    let patient = ResourceType::from_name("Patient").unwrap();
    let some = |dice: &mut Dice, of: usize| -> Vec<ResourceType> {
        world.types().iter().copied().filter(|_| dice.once_in(of)).collect()
    };
    let mut types = some(dice, 2);
    types.extend(["Patient", "Observation", "Encounter"].map(|name| ResourceType::from_name(name).unwrap()));
    // One whose compartment has something in it.
    let members =
        |id: &Id| items.iter().filter(|item| item.text.contains(&format!("\"Patient/{id}\""))).count();
    let patients: Vec<&Item> =
        items.iter().filter(|item| item.ty == patient && members(&item.id) > 3).collect();
    let types = Rule::Types(types);
    let own = Rule::Patient(dice.one(&patients).id.clone(), some(dice, 3));
    let label = |(system, code): (&str, &str)| (system.to_owned(), code.to_owned());
    let hidden = Rule::Hidden(LABELS[..1 + dice.below(2)].iter().copied().map(label).collect());
    match caller % 7 {
        0 => vec![types],
        1 => vec![own],
        2 => vec![hidden],
        3 => vec![own, hidden],
        4 => vec![types, hidden],
        5 => vec![types, own],
        _ => vec![types, own, hidden],
    }
}

/// How a version is compared: without numbers and times of the store's.
fn content(version: &Version) -> (String, String) {
    (name(version), version.body.clone())
}

/// A store that can be asked for words.
fn opened(place: &Fixture) -> Store {
    Store::open(&StoreOptions { words: Some(Words::Everything), ..place.options() }).unwrap()
}

impl Caller {
    fn new(place: Fixture, rules: Vec<Rule>, steps: &[Step]) -> Self {
        let store = opened(&place);
        play(&store, &permitted(&rules, steps));
        let snapshot = store.snapshot().unwrap();
        Self { access: access(&rules), rules, _place: place, store, snapshot }
    }

    /// A search, on both stores.
    fn search(
        &self,
        full: &Store,
        snapshot: &Snapshot,
        asked: &Asked,
        count: usize,
    ) -> Result<usize, String> {
        let all = Access::all();
        let (query, own) =
            match (read(full, &self.access, &asked.question), read(&self.store, &all, &asked.question)) {
                // What is not known because it may not be seen is refused as what is not there.
                (Err(here), Err(there)) if here == there => return Ok(0),
                (here, there) => (here?, there?),
            };
        let here = Pages { store: full, access: &self.access, query: &query, snapshot, count };
        let there = Pages { store: &self.store, access: &all, query: &own, snapshot: &self.snapshot, count };
        let told = |error| format!("failed: {error:?}");
        let (here, there) = (here.forwards().map_err(told)?, there.forwards().map_err(told)?);
        let of = |versions: &[Version]| versions.iter().map(content).collect::<Vec<_>>();
        if here.len() != there.len() {
            return Err(format!("{} pages, not {}", here.len(), there.len()));
        }
        for (here, there) in here.iter().zip(&there) {
            same("matches", &of(&here.matches), &of(&there.matches))?;
            let sorted = |versions: &[Version]| {
                let mut all = of(versions);
                all.sort();
                all
            };
            same("included", &sorted(&here.included), &sorted(&there.included))?;
            if (here.total, here.cut, here.next.is_some()) != (there.total, there.cut, there.next.is_some()) {
                return Err(format!("a total of {:?}, not {:?}", here.total, there.total));
            }
        }
        let matching = full.matching(&self.access, &query, 20).map_err(told)?;
        let own = self.store.matching(&all, &own, 20).map_err(told)?;
        let of = |all: Vec<rushlight_persistence::Match>| {
            all.into_iter().map(|one| (one.ty, one.id)).collect::<Vec<_>>()
        };
        if of(matching) != of(own) {
            return Err("matching differs".to_owned());
        }
        Ok(here.iter().map(|page| page.matches.len()).sum())
    }

    /// A read, and reads of all versions of a resource.
    fn reads(&self, full: &Store, all: &[Version], key: &Key) -> Result<(), String> {
        let (here, there) = (
            full.read(&self.access, key.0, &key.1).map_err(|error| format!("{error:?}"))?,
            self.store.read(&Access::all(), key.0, &key.1).map_err(|error| format!("{error:?}"))?,
        );
        let of = |read: &Read| match read {
            Read::Found(version) => Some(Some(content(version))),
            Read::Gone { .. } => Some(None),
            Read::Missing => None,
        };
        if of(&here) != of(&there) {
            return Err(format!("read: {here:?}, not {there:?}"));
        }
        let own: Vec<&Version> = all.iter().filter(|one| (one.ty, &one.id) == (key.0, &key.1)).collect();
        let texts = own.iter().map(|one| (key.clone(), Some(one.body.as_str()).filter(|_| !one.deleted)));
        for (version, shown) in own.iter().zip(seen(&self.rules, texts)) {
            let found = full.vread(&self.access, key.0, &key.1, version.version);
            let found = found.map_err(|error| format!("{error:?}"))?;
            let expected = match (shown, version.deleted) {
                (false, _) => None,
                (true, true) => Some(None),
                (true, false) => Some(Some(content(version))),
            };
            if of(&found) != expected {
                return Err(format!("vread {}: {found:?}", version.version));
            }
        }
        Ok(())
    }

    /// A history, in pages, against all versions.
    fn history(
        &self,
        full: &Store,
        snapshot: &Snapshot,
        all: &[Version],
        scope: &Scope,
        count: usize,
    ) -> Result<(), String> {
        let shown = seen(
            &self.rules,
            all.iter()
                .map(|one| ((one.ty, one.id.clone()), Some(one.body.as_str()).filter(|_| !one.deleted))),
        );
        let within = |version: &Version| match scope {
            Scope::Instance(ty, id) => version.ty == *ty && version.id == *id,
            Scope::Type(ty) => version.ty == *ty,
            _ => true,
        };
        let expected: Vec<(String, i64)> = all
            .iter()
            .zip(shown)
            .filter(|(version, shown)| *shown && within(version))
            .map(|(version, _)| (name(version), version.version))
            .collect();
        let mut found = Vec::new();
        let mut after = None;
        let mut total = None;
        loop {
            let query = HistoryQuery {
                count,
                after,
                order: Order::Oldest,
                ..HistoryQuery::new(scope.clone(), snapshot)
            };
            let page = full.history(&self.access, &query).map_err(|error| format!("{error:?}"))?;
            let Some(page) = page else { break };
            total = total.or(page.total);
            found.extend(page.versions.iter().map(|version| (name(version), version.version)));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        if found != expected {
            return Err(format!("history: {} versions, not {}", found.len(), expected.len()));
        }
        match total {
            Some(total) if total != expected.len() as i64 => Err(format!("a total of {total}")),
            _ => Ok(()),
        }
    }
}

fn same(what: &str, here: &[(String, String)], there: &[(String, String)]) -> Result<(), String> {
    if here == there {
        return Ok(());
    }
    let only = |a: &[(String, String)], b: &[(String, String)]| -> Vec<String> {
        a.iter().filter(|one| !b.contains(one)).map(|one| one.0.clone()).take(3).collect()
    };
    Err(format!("{what}: too many {:?}, missing {:?}", only(here, there), only(there, here)))
}

#[test]
fn what_may_not_be_seen_does_not_exist() {
    let (amount, seed) = (number("RUSHLIGHT_SHAPES", 5000) as usize, number("RUSHLIGHT_SEED", 1));
    let callers = number("RUSHLIGHT_CALLERS", 14) as usize;
    let mut items = stock(Release::R4, AMOUNTS);
    items.retain(|item| item.text.len() < 20_000);
    for postgres in [false, true] {
        let place = || Fixture::all().into_iter().find(|fixture| fixture.is_postgres() == postgres);
        let Some(fixture) = place() else { continue };
        let mut dice = Dice::new(seed);
        let steps = steps(&items, &mut dice);
        let full = opened(&fixture);
        load(&full, &[]);
        play(&full, &steps);
        let snapshot = full.snapshot().unwrap();
        let world = world(&full, &snapshot);
        let all = versions(&full, &Access::all(), &snapshot);
        let mut generator = Generator::new(&world, seed);
        let mut table = Table::default();
        let mut different = Vec::new();
        let mut shapes: BTreeMap<&str, usize> = BTreeMap::new();
        for number in 0..callers {
            let rules = rules(&items, &world, &mut dice, number);
            let caller = Caller::new(place().unwrap(), rules, &steps);
            for _ in 0..amount / callers {
                let at = dice.below(all.len());
                let key = (all[at].ty, all[at].id.clone());
                let (shape, result) = match dice.below(10) {
                    0 => ("read, vread", caller.reads(&full, &all, &key).map(|()| 1)),
                    1 => {
                        let (ty, id) = key.clone();
                        let scope = dice.one(&[Scope::Instance(ty, id), Scope::Type(ty), Scope::System]);
                        let count = 1 + dice.below(200);
                        ("history", caller.history(&full, &snapshot, &all, &scope, count).map(|()| 1))
                    }
                    _ => {
                        let asked = untimed(&mut generator);
                        let count = 1 + dice.below(40);
                        let result = caller.search(&full, &snapshot, &asked, count);
                        table.count(
                            &asked,
                            *result.as_ref().unwrap_or(&0),
                            world.matches(&asked.question).len() + 1,
                        );
                        ("search", result.map_err(|why| format!("{}: {why}", asked.question)))
                    }
                };
                *shapes.entry(shape).or_default() += 1;
                if let Err(why) = result {
                    different.push(format!(
                        "seed {seed}: {shape} {}/{}: {:?}: {why}",
                        key.0.name(),
                        key.1,
                        caller.rules
                    ));
                }
            }
        }
        say(&format!("{}: {shapes:?}, {} differences\n{table}", fixture.url(), different.len()));
        let told = &different[..different.len().min(20)];
        assert!(different.is_empty(), "{} differences:\n{}", different.len(), told.join("\n"));
    }
}

/// A search without times of versions, which differ between stores.
fn untimed(generator: &mut Generator<'_>) -> Asked {
    loop {
        let asked = generator.ask();
        let is_timed = |(name, value): &(String, String)| {
            name.contains("_lastUpdated") || name.contains("_filter") && value.contains("_lastUpdated")
        };
        if !asked.question.pairs.iter().any(is_timed) {
            return asked;
        }
    }
}

/// The rules as the store takes them.
fn access(rules: &[Rule]) -> Access {
    rules.iter().fold(Access::all(), |access, rule| {
        access.and(match rule {
            Rule::Types(types) => Access::types(types.iter().copied()),
            Rule::Patient(id, shared) => Access::patient(id.clone(), shared.iter().copied()),
            Rule::Hidden(labels) => Access::hiding(labels.iter().cloned()),
        })
    })
}
