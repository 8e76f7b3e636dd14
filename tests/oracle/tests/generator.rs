//! The generator itself: all kinds of searches come up, and most match some resources and not others.

use rushlight_model::definitions::Release;
use rushlight_oracle::generate::{Generator, KINDS, Table};
use rushlight_oracle::stock::{Amounts, stock};
use rushlight_oracle::world::{Record, World};
use rushlight_oracle::{json::Json, stock::Item};
use rushlight_test_support::data::say;

fn record(item: &Item, at: usize) -> Record {
    let last_updated = 1_760_000_000_000_000 + at as i64 * 90_000_007;
    Record { ty: item.ty, id: item.id.clone(), json: Json::read(&item.text), last_updated, number: 0 }
}

fn asked(release: Release, amount: usize) -> Table {
    let items = stock(release, Amounts::SMALL);
    let records: Vec<Record> = items.iter().enumerate().map(|(at, item)| record(item, at)).collect();
    let count = records.len();
    let now = 1_790_000_000_000_000;
    let world = World::new(release, records, now, "http://localhost/fhir");
    let mut generator = Generator::new(&world, 1);
    let mut table = Table::default();
    for _ in 0..amount {
        let asked = generator.ask();
        let matches = world.matches(&asked.question);
        let candidates = asked.question.types.iter().map(|ty| world.of_type(*ty).len()).sum::<usize>();
        table.count(&asked, matches.len(), if candidates == 0 { count } else { candidates });
        world.included(&asked.question, &matches);
    }
    say(&format!("{count} resources\n{table}"));
    table
}

#[test]
fn all_kinds_come_up() {
    asked(Release::R4, 5000).has(KINDS);
}

#[test]
fn other_releases_are_asked_too() {
    for release in [Release::R4B, Release::R5] {
        asked(release, 1000).has(&[
            "token",
            "date",
            "quantity",
            "composite",
            "chain",
            "_has",
            "_sort",
            "_include",
        ]);
    }
}
