//! Searches as they are read and judged in memory, against brute force that shares no code with them.
//!
//! `RUSHLIGHT_QUERIES` says how many, `RUSHLIGHT_SEED` which.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use rushlight_model::definitions::{Definitions, Release};
use rushlight_model::{Id, ResourceType};
use rushlight_oracle::generate::{Generator, KINDS, Table};
use rushlight_oracle::json::Json;
use rushlight_oracle::search::Question;
use rushlight_oracle::search::terms::System;
use rushlight_oracle::stock::{Amounts, stock};
use rushlight_oracle::world::{Record, World};
use rushlight_search::query::{Candidate, Condition, Contained, Elsewhere, Form, Link, Query, Reader, Told};
use rushlight_search::{Entries, Plan, Registry, TableId, Words, key};
use rushlight_test_support::data::say;
use std::collections::HashMap;

const BASE: &str = "http://localhost/fhir";
const NOW: i64 = 1_790_000_000_000_000;

/// Resources and their entries.
struct Stored<'w> {
    world: &'w World,
    entries: Vec<Entries>,
    /// Who refers to a resource, by which unit.
    referring: HashMap<usize, Vec<(i32, usize)>>,
}

impl<'w> Stored<'w> {
    fn new(world: &'w World, registry: &Registry, texts: &[String]) -> Self {
        let entries: Vec<Entries> = texts.iter().map(|text| registry.extract_text(text.as_bytes())).collect();
        let mut referring: HashMap<usize, Vec<(i32, usize)>> = HashMap::new();
        for (at, entries) in entries.iter().enumerate() {
            // What they contain refers to nothing by itself.
            let own = entries.iter().filter(|entry| entry.ordinal == 0);
            for entry in own.filter(|entry| entry.table == TableId::REFERENCE) {
                let values: Vec<key::Value<'_>> = entry.values().collect();
                let (key::Value::Bytes(target), key::Value::Int(ty)) = (&values[0], &values[1]) else {
                    panic!()
                };
                let ty = ResourceType::from_number(*ty as u16);
                let id = Some(target).filter(|target| !matches!(target[..], [] | [1 | 2, ..]));
                let to = ty.zip(id.and_then(|id| Id::from_key(id).ok()));
                if let Some(to) = to.and_then(|(ty, id)| world.place(ty, &id)) {
                    referring.entry(to).or_default().push((entry.unit(), at));
                }
            }
        }
        Self { world, entries, referring }
    }

    fn candidate(&self, at: usize) -> Candidate<'_> {
        let record = &self.world.records[at];
        let (ty, id, last_updated) = (record.ty, &record.id, record.last_updated);
        Candidate { ty, id, last_updated, entries: &self.entries[at] }
    }

    fn holds(&self, at: usize, condition: &Condition) -> bool {
        condition.matches(self.candidate(at), self)
    }

    /// As answers name them.
    fn answers(&self, query: &Query, extra: Option<&Condition>) -> Vec<String> {
        let (stored, inner) = match query.contained {
            Contained::Only(Form::Contained) => (false, true),
            Contained::Both(Form::Contained) => (true, true),
            _ => (true, false),
        };
        let mut all = Vec::new();
        let condition = query.condition();
        for at in 0..self.world.records.len() {
            let name = self.world.name(at);
            for one in self.candidate(at).contained().iter().filter(|_| inner) {
                let is_of = query.types.is_empty() || query.types.contains(&one.ty);
                if is_of && condition.matches_inner(self.candidate(at), one, self) {
                    all.push((at, one.ordinal, format!("{name}#{}", one.id)));
                }
            }
        }
        if stored {
            let query = query.of_containers(self.world.definitions.resource_types());
            all.extend(self.matches(&query, extra).into_iter().map(|at| (at, 0, self.world.name(at))));
        }
        all.sort();
        all.into_iter().map(|(.., name)| name).collect()
    }

    fn matches(&self, query: &Query, extra: Option<&Condition>) -> Vec<usize> {
        let condition = query.condition();
        let all = 0..self.world.records.len();
        all.filter(|at| query.types.is_empty() || query.types.contains(&self.world.records[*at].ty))
            .filter(|at| self.holds(*at, &condition) && extra.is_none_or(|extra| self.holds(*at, extra)))
            .collect()
    }
}

impl Elsewhere for Stored<'_> {
    fn leads_to(&self, ty: ResourceType, id: &Id, condition: &Condition) -> bool {
        self.world.place(ty, id).is_some_and(|at| self.holds(at, condition))
    }

    fn is_referred_to(&self, ty: ResourceType, id: &Id, link: &Link) -> bool {
        let referring = self.world.place(ty, id).and_then(|at| self.referring.get(&at));
        referring.into_iter().flatten().any(|(unit, from)| {
            link.units.contains(unit)
                && self.world.records[*from].ty == link.other
                && self.holds(*from, &link.condition)
        })
    }
}

/// Brute force stands for the store.
impl rushlight_search::query::Stored for Stored<'_> {
    fn codes(&self, value_set: &str) -> Told<(String, String)> {
        Ok(self.world.value_set(value_set).map(|codes| codes.into_iter().collect()))
    }

    fn related_codes(&self, system: &str, code: &str, below: bool) -> Told<String> {
        let related = |system: System| {
            let is_one = |other: &&String| {
                if below { system.is_a(other, code) } else { system.is_a(code, other) }
            };
            system.codes().filter(is_one).cloned().collect()
        };
        Ok(self.world.system(system).map(related))
    }

    fn related(&self, ty: ResourceType, id: &Id, _: &[i32], below: bool) -> Told<Id> {
        Ok(Some(self.world.family(ty, id.clone(), below).into_iter().collect()))
    }
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().map_or(default, |text| text.parse().unwrap())
}

fn read(
    registry: &Registry,
    stored: &Stored<'_>,
    question: &Question,
) -> Result<(Query, Option<Condition>), String> {
    let reader = Reader { registry, now: NOW, base: BASE, stored };
    let reading = reader.query(&question.types, &question.pairs);
    if !reading.problems.is_empty() {
        return Err(format!("refused: {:?}", reading.problems));
    }
    let compartment = question.compartment.as_ref().map(|(of, id)| {
        reader.compartment((*of, id), question.types[0]).ok_or_else(|| "no such compartment".to_owned())
    });
    let asked = question.contained;
    let form = if asked.containers { Form::Container } else { Form::Contained };
    let contained = match (asked.found, asked.both) {
        (false, _) => Contained::No,
        (true, false) => Contained::Only(form),
        (true, true) => Contained::Both(form),
    };
    Ok((Query { contained, ..reading.query }, compartment.transpose()?))
}

#[test]
fn what_is_read_matches_what_brute_force_finds() {
    let release = Release::R4;
    let (amount, seed) = (number("RUSHLIGHT_QUERIES", 5000), number("RUSHLIGHT_SEED", 1));
    let items = stock(release, Amounts::SMALL);
    let record = |(at, item): (usize, &rushlight_oracle::stock::Item)| Record {
        ty: item.ty,
        id: item.id.clone(),
        json: Json::read(&item.text),
        last_updated: 1_760_000_000_000_000 + at as i64 * 90_000_007,
        number: at as i64,
    };
    let world = World::new(release, items.iter().enumerate().map(record).collect(), NOW, BASE);
    let texts: Vec<String> = items.into_iter().map(|item| item.text).collect();
    let mut next = 0;
    let plan = Plan::with(Definitions::of(release), &[], Words::Everything);
    let registry = plan.number(|_| {
        next += 1;
        next
    });
    let stored = Stored::new(&world, &registry, &texts);
    let mut generator = Generator::new(&world, seed);
    let mut table = Table::default();
    let mut different = Vec::new();
    let kinds = if amount >= 5000 { KINDS } else { &[] };
    for number in 0.. {
        if table.is_enough(number, amount, kinds) {
            break;
        }
        let asked = generator.ask();
        let expected: Vec<String> = {
            let mut all = world.matches(&asked.question);
            all.sort_unstable_by_key(|at| (world.container(*at), *at));
            all.into_iter().map(|at| world.name(at)).collect()
        };
        let candidates = asked.question.types.iter().map(|ty| world.of_type(*ty).len()).sum::<usize>();
        table.count(&asked, expected.len(), if candidates == 0 { texts.len() } else { candidates });
        let found = match read(&registry, &stored, &asked.question) {
            Ok((query, compartment)) => stored.answers(&query, compartment.as_ref()),
            Err(why) => {
                different.push(format!("seed {seed}, number {number}: {}: {why}", asked.question));
                continue;
            }
        };
        if found != expected {
            let only = |a: &[String], b: &[String]| -> Vec<String> {
                a.iter().filter(|name| !b.contains(name)).take(3).cloned().collect()
            };
            different.push(format!(
                "seed {seed}, number {number}: {}: {} found, {} expected; missing {:?}, too many {:?}",
                asked.question,
                found.len(),
                expected.len(),
                only(&expected, &found),
                only(&found, &expected),
            ));
        }
    }
    say(&format!("{} resources, {} differences\n{table}", texts.len(), different.len()));
    assert!(
        different.is_empty(),
        "{} differences:\n{}",
        different.len(),
        different[..different.len().min(40)].join("\n")
    );
    if !kinds.is_empty() {
        table.has(kinds);
    }
}
