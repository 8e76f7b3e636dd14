//! What is acknowledged is found, and what is gone is not: after each write, searches for what the resource has now and
//! for what it had before.

use crate::common::Fixture;
use crate::number;
use crate::pages::{Pages, names};
use crate::stocked::{delete, put, read, world};
use rushlight_model::definitions::{Definitions, Release};
use rushlight_model::{Id, ResourceType};
use rushlight_oracle::dice::Dice;
use rushlight_oracle::forge;
use rushlight_oracle::generate::Generator;
use rushlight_oracle::json::Json;
use rushlight_oracle::search::Question;
use rushlight_persistence::{Access, Origin, Store};
use rushlight_test_support::data::say;
use std::collections::BTreeMap;

/// Between them they have rows in every table.
const TYPES: &[&str] = &[
    "Observation",
    "Patient",
    "Location",
    "RiskAssessment",
    "MolecularSequence",
    "DocumentReference",
    "ActivityDefinition",
    "ImagingStudy",
    "Group",
    "Encounter",
    "ChargeItem",
    "ValueSet",
];

/// Resources of each type.
const OF_EACH: usize = 3;

/// Searches for what a resource has, after each write.
const EACH: usize = 12;

fn text(ty: ResourceType, id: &str, number: u64) -> String {
    let definitions = Definitions::of(Release::R4);
    let Json::Object(mut members) =
        Json::read(&forge::resource(definitions, definitions.resource(ty).unwrap(), number))
    else {
        panic!()
    };
    members.retain(|(name, _)| name != "id" && name != "_id");
    members.insert(1, ("id".to_owned(), Json::Text(id.to_owned())));
    Json::Object(members).to_string()
}

#[test]
fn each_write_is_searched_for_at_once() {
    let checks = number("RUSHLIGHT_WRITES", 4000) as usize;
    for fixture in Fixture::all() {
        let store = fixture.open();
        let mut dice = Dice::new(number("RUSHLIGHT_SEED", 1));
        let mut before: Vec<Question> = Vec::new();
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        let mut done = 0;
        let mut forged = 0;
        while done < checks {
            let ty = ResourceType::from_name(dice.one(TYPES)).unwrap();
            let name = format!("r{}", dice.below(OF_EACH));
            let id = Id::new(&name).unwrap();
            let deleted = dice.once_in(5);
            forged += 1;
            let op = if deleted { delete(ty, &id) } else { put(ty, &id, &text(ty, &name, forged)) };
            store.transact(&Origin::of("test"), vec![op]).unwrap();
            let snapshot = store.snapshot().unwrap();
            let world = world(&store, &snapshot);
            // What was asked of its type before, of which some was the resource's.
            let mut asked: Vec<Question> = before.iter().filter(|one| one.types == [ty]).cloned().collect();
            if let Some(at) = world.place(ty, &id) {
                let mut generator = Generator::new(&world, forged);
                for _ in 0..EACH {
                    let Some(one) = generator.about(at) else { continue };
                    one.kinds.iter().for_each(|kind| *kinds.entry(kind.clone()).or_default() += 1);
                    asked.push(one.question);
                }
            }
            for question in &asked {
                let found = search(&store, question);
                let expected: Vec<String> = world
                    .matches(question)
                    .iter()
                    .map(|at| format!("{}/{}", world.records[*at].ty.name(), world.records[*at].id))
                    .collect();
                assert_eq!(found, expected, "{question} after write {forged} of {}/{name}", ty.name());
            }
            done += asked.len();
            before.retain(|one| one.types != [ty]);
            asked.truncate(2 * EACH);
            before.extend(asked.into_iter().rev().take(EACH));
        }
        say(&format!("{}: {done} searches after {forged} writes, {} merges", fixture.url(), store.merges()));
        let had = |kind: &str| kinds.iter().any(|(own, count)| own.starts_with(kind) && *count > 0);
        for kind in ["token", "reference", "date", "string", "number", "quantity", "uri", "composite"] {
            assert!(had(kind) || done < 1000, "nothing of {kind} in {kinds:?}");
        }
        assert!(fixture.is_postgres() || store.merges() > 3, "the tail was merged on the way");
    }
}

fn search(store: &Store, question: &Question) -> Vec<String> {
    let access = Access::all();
    let query = read(store, &access, question).unwrap_or_else(|why| panic!("{question}: {why}"));
    let snapshot = store.snapshot().unwrap();
    let pages = Pages { store, access: &access, query: &query, snapshot: &snapshot, count: 100 };
    names(&pages.first().unwrap().matches)
}
