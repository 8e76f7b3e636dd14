//! Histories against a model of them: random writes, then all that can be asked, page by page.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use common::{Dice, Fixture, id};
use rushlight_model::{Body, Limits, ResourceType};
use rushlight_persistence::{
    Access, HistoryQuery, Made, Op, Order, Origin, Precondition, Scope, Snapshot, Store, WrittenAs,
};

/// A version as the model keeps it, in the order of writing.
#[derive(Clone, Debug, PartialEq)]
struct Told {
    ty: &'static str,
    id: String,
    version: i64,
    time: i64,
    made: Made,
    bytes: usize,
}

fn ty(name: &str) -> ResourceType {
    ResourceType::from_name(name).unwrap()
}

/// Plays one random write and notes the version that came of it.
fn write(store: &Store, dice: &mut Dice, round: u64, model: &mut Vec<Told>) {
    let name = ["Patient", "Observation"][dice.below(2) as usize];
    let chosen = format!("r{}", dice.below(6));
    let text = "x".repeat(dice.below(120) as usize);
    let body = |id: &str| {
        let json = format!(r#"{{"resourceType":"{name}","id":"{id}","language":"{round}-{text}"}}"#);
        Body::parse(json.as_bytes(), &Limits::default()).unwrap()
    };
    let fresh = format!("new-{round}");
    let none = Precondition::None;
    let op = match dice.below(6) {
        0 => Op::Create { id: id(&fresh), body: body(&fresh) },
        1 => Op::Delete { ty: ty(name), id: id(&chosen), precondition: none },
        _ => Op::Put { ty: ty(name), id: id(&chosen), body: body(&chosen), precondition: none },
    };
    let bytes = match &op {
        Op::Create { body, .. } | Op::Put { body, .. } => body.text().len(),
        _ => 0,
    };
    let created = matches!(op, Op::Create { .. });
    let written = store.transact(&Origin::of("test"), vec![op]).unwrap().remove(0);
    let made = match written.outcome {
        WrittenAs::Created if created => Made::Posted,
        WrittenAs::Created => Made::Put,
        WrittenAs::Updated => Made::Updated,
        WrittenAs::Deleted => Made::Deleted,
        _ => return,
    };
    let (version, time) = (written.version, written.last_updated);
    model.push(Told { ty: name, id: written.id.as_str().to_owned(), version, time, made, bytes });
}

/// What the model says.
fn expected(model: &[Told], query: &HistoryQuery<'_>) -> Vec<Told> {
    let in_scope = |told: &Told| match &query.scope {
        Scope::System => true,
        Scope::Type(ty) => ty.name() == told.ty,
        Scope::Instance(ty, id) => ty.name() == told.ty && id.as_str() == told.id,
    };
    let current = |told: &Told| {
        let next = model.iter().find(|o| o.ty == told.ty && o.id == told.id && o.version == told.version + 1);
        query.at.is_none_or(|[low, high]| told.time <= high && next.is_none_or(|next| next.time > low))
    };
    let mut all: Vec<Told> = model
        .iter()
        .filter(|told| in_scope(told) && query.since.is_none_or(|since| told.time >= since) && current(told))
        .cloned()
        .collect();
    if query.order == Order::Newest {
        all.reverse();
    }
    all
}

/// The pages that hold this: as many versions as were asked for, or as fit, but one at least.
fn paged(all: &[Told], query: &HistoryQuery<'_>) -> Vec<Vec<Told>> {
    let mut pages = vec![Vec::new()];
    let mut bytes = 0;
    for told in all {
        let page: &Vec<Told> = &pages[pages.len() - 1];
        if page.len() == query.count || (!page.is_empty() && bytes + told.bytes > query.bytes) {
            pages.push(Vec::new());
            bytes = 0;
        }
        bytes += told.bytes;
        pages.last_mut().unwrap().push(told.clone());
    }
    pages
}

/// What the store says, page by page, and the total.
fn found(store: &Store, query: &HistoryQuery<'_>) -> (Vec<Vec<Told>>, i64) {
    let mut pages = Vec::new();
    let mut total = None;
    let mut after = None;
    loop {
        let page = store.history(&Access::all(), &HistoryQuery { after, ..query.clone() }).unwrap().unwrap();
        assert_eq!(page.total.is_some(), after.is_none());
        total = total.or(page.total);
        let told = page.versions.into_iter().map(|version| {
            assert_eq!(version.deleted, version.made == Made::Deleted);
            Told {
                ty: version.ty.name(),
                id: version.id.as_str().to_owned(),
                version: version.version,
                time: version.last_updated,
                made: version.made,
                bytes: version.body.len(),
            }
        });
        pages.push(told.collect());
        after = page.next;
        if after.is_none() {
            return (pages, total.unwrap());
        }
    }
}

/// A moment at or beside one when something was written, or far from all.
fn moment(dice: &mut Dice, model: &[Told]) -> i64 {
    match dice.below(12) {
        0 => 0,
        1 => i64::MAX,
        _ => model[dice.below(model.len() as u64) as usize].time + dice.below(3) as i64 - 1,
    }
}

fn query<'a>(dice: &mut Dice, model: &[Told], snapshot: &'a Snapshot) -> HistoryQuery<'a> {
    let name = ty(["Patient", "Observation"][dice.below(2) as usize]);
    let one = &model[dice.below(model.len() as u64) as usize];
    let scope = match dice.below(3) {
        0 => Scope::System,
        1 => Scope::Type(name),
        _ => Scope::Instance(ty(one.ty), id(&one.id)),
    };
    let (a, b) = (moment(dice, model), moment(dice, model));
    let at = [None, Some([a.min(b), a.max(b)]), Some([a, a])][dice.below(3) as usize];
    HistoryQuery {
        since: [None, Some(moment(dice, model))][dice.below(2) as usize],
        at,
        order: [Order::Newest, Order::Oldest][dice.below(2) as usize],
        count: [1, 4, 17, 1000][dice.below(4) as usize],
        bytes: [1, 200, 1000, usize::MAX][dice.below(4) as usize],
        ..HistoryQuery::new(scope, snapshot)
    }
}

#[test]
fn every_combination_of_parameters_shows_what_a_model_shows_on_pages_within_their_bounds() {
    for fixture in Fixture::all() {
        let stores = fixture.open_twice();
        let mut dice = Dice(4);
        let mut model = Vec::new();
        let mut moments = Vec::new();
        for round in 0..120 {
            write(&stores[round % stores.len()], &mut dice, round as u64, &mut model);
            if round == 70 || round == 119 {
                moments.push((stores[0].snapshot().unwrap(), model.clone()));
            }
        }
        for _ in 0..150 {
            for (snapshot, model) in &moments {
                let query = query(&mut dice, model, snapshot);
                let expected = expected(model, &query);
                let (found, total) = found(&stores[stores.len() - 1], &query);
                assert_eq!(found, paged(&expected, &query), "{query:?}");
                assert_eq!(total, expected.len() as i64, "{query:?}");
                let none = HistoryQuery { count: 0, ..query };
                let page = stores[0].history(&Access::all(), &none).unwrap().unwrap();
                assert_eq!((page.versions.len(), page.next, page.total), (0, None, Some(total)));
            }
        }
        fixture.sound(&stores[0]);
    }
}
