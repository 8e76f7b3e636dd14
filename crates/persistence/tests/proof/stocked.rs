//! A store with resources, and the same resources for brute force.

use crate::stored::OfStore;
use rushlight_model::{Body, Id, Limits, ResourceType};
use rushlight_oracle::json::Json;
use rushlight_oracle::search::{Contained as Asked, Question};
use rushlight_oracle::stock::Item;
use rushlight_oracle::world::{Record, World};
use rushlight_persistence::{
    Access, HistoryQuery, Op, Order, Origin, Precondition, Scope, Snapshot, Store, Version,
};
use rushlight_search::query::{Clause, Contained, Form, Query, Reader};
use std::collections::BTreeMap;

pub const BASE: &str = "http://localhost/fhir";

/// What is now: long after all that is stored.
pub const NOW: i64 = 1_900_000_000_000_000;

pub fn body(text: &str) -> Body {
    Body::parse(text.as_bytes(), &Limits { depth: 512, bytes: usize::MAX, values: usize::MAX }).unwrap()
}

pub fn put(ty: ResourceType, id: &Id, text: &str) -> Op {
    Op::Put { ty, id: id.clone(), body: body(text), precondition: Precondition::None }
}

pub fn delete(ty: ResourceType, id: &Id) -> Op {
    Op::Delete { ty, id: id.clone(), precondition: Precondition::None }
}

pub fn load(store: &Store, items: &[Item]) {
    for items in items.chunks(100) {
        let ops = items.iter().map(|item| put(item.ty, &item.id, &item.text)).collect();
        store.transact(&Origin::of("test"), ops).unwrap();
    }
}

/// All versions of a snapshot, the oldest first.
pub fn versions(store: &Store, access: &Access, snapshot: &Snapshot) -> Vec<Version> {
    let query = HistoryQuery {
        count: usize::MAX >> 1,
        order: Order::Oldest,
        ..HistoryQuery::new(Scope::System, snapshot)
    };
    store.history(access, &query).unwrap().map_or_else(Vec::new, |page| page.versions)
}

/// What is current as of a snapshot, in the order of creation: found from the history.
pub fn world(store: &Store, snapshot: &Snapshot) -> World {
    let mut order = Vec::new();
    let mut current: BTreeMap<(ResourceType, Id), Version> = BTreeMap::new();
    for version in versions(store, &Access::all(), snapshot) {
        let key = (version.ty, version.id.clone());
        if version.version == 1 {
            order.push(key.clone());
        }
        current.insert(key, version);
    }
    let record = |version: &Version| Record {
        ty: version.ty,
        id: version.id.clone(),
        json: Json::read(&version.body),
        last_updated: version.last_updated,
        number: version.seq,
    };
    let records = order.iter().map(|key| &current[key]).filter(|version| !version.deleted).map(record);
    World::new(store.registry().definitions().release(), records.collect(), NOW, BASE)
}

/// What contained resources have to do with a question.
fn contained(asked: Asked) -> Contained {
    let form = if asked.containers { Form::Container } else { Form::Contained };
    match (asked.found, asked.both) {
        (false, _) => Contained::No,
        (true, false) => Contained::Only(form),
        (true, true) => Contained::Both(form),
    }
}

/// A question as the store is asked it for a caller.
pub fn read(store: &Store, access: &Access, question: &Question) -> Result<Query, String> {
    let registry = store.registry();
    let stored = OfStore::new(store, access, store.registry());
    let reader = Reader { registry: &registry, now: NOW, base: BASE, stored: &stored };
    let reading = reader.query(&question.types, &question.pairs);
    assert!(stored.failure().is_none(), "{question}");
    if !reading.problems.is_empty() {
        return Err(format!("refused: {:?}", reading.problems));
    }
    let mut query = Query { contained: contained(question.contained), ..reading.query };
    if let Some((of, id)) = &question.compartment {
        let condition = reader.compartment((*of, id), question.types[0]).ok_or("no compartment")?;
        query.clauses.push(Clause {
            name: "compartment".to_owned(),
            value: String::new(),
            meaning: String::new(),
            condition,
        });
    }
    Ok(query)
}
