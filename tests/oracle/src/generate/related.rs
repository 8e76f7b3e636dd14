//! What resources say of one another: where values of the special searches come from.

use super::is_reference;
use crate::parameter::Parameter;
use crate::rows::{Column, Row};
use crate::search::special::coded;
use crate::search::terms::System;
use crate::world::World;
use rushlight_model::{Id, ResourceType};
use std::collections::{BTreeMap, BTreeSet};

/// The most codes of a value set that is asked for.
const MOST: usize = 400;

/// A reference of a resource by a parameter, and where it leads.
pub type Leading<'w> = (usize, &'w Parameter, ResourceType, Id);

/// Systems by place, and codes, by the rows of the codes.
type Codes = BTreeMap<Row, (usize, String)>;

pub struct Related<'w> {
    /// The value sets that hold a code, by its row, and whether they are stored.
    pub sets: BTreeMap<Row, Vec<(String, bool)>>,
    pub systems: Vec<(String, System)>,
    /// Which system a code is of, by its row.
    pub codes: Codes,
    /// References to resources that are part of others, or have parts.
    pub trees: Vec<Leading<'w>>,
    /// References to canonicals with a version: the URL, and the version.
    pub versions: Vec<(usize, &'w Parameter, String, String)>,
    /// Items of lists.
    pub items: Vec<(usize, usize)>,
    /// Resources that have a narrative.
    pub told: Vec<usize>,
}

impl<'w> Related<'w> {
    pub fn new(world: &'w World) -> Self {
        let (systems, codes) = systems(world);
        let mut related = Self {
            sets: sets(world),
            systems,
            codes,
            trees: Vec::new(),
            versions: Vec::new(),
            items: Vec::new(),
            told: Vec::new(),
        };
        for at in 0..world.records.len() {
            if world.records[at].json.get("text").is_some_and(|text| text.get("div").is_some()) {
                related.told.push(at);
            }
            for parameter in world.parameters(world.records[at].ty).iter().filter(|own| is_reference(own)) {
                related.references(world, at, parameter);
            }
        }
        related
    }

    fn references(&mut self, world: &'w World, at: usize, parameter: &'w Parameter) {
        for row in world.rows(at, parameter).iter() {
            if let Some((ty, id)) = World::leads(row) {
                let is_item = world.records[at].ty.name() == "List" && parameter.definition.code == "item";
                if let Some(to) = world.place(ty, &id).filter(|_| is_item) {
                    self.items.push((to, at));
                }
                // Most resources are part of nothing.
                let is_part = || {
                    world.family(ty, id.clone(), true).len() + world.family(ty, id.clone(), false).len() > 2
                };
                if world.parent(ty).is_some() && self.trees.len() < 500 && is_part() {
                    self.trees.push((at, parameter, ty, id));
                }
            } else if let ("reference", [Column::Bytes(target), Column::Int(0), Column::Text(version)]) =
                (row.0.as_str(), &row.1[..])
                && let Some(url) = target.strip_prefix(&[1]).and_then(|url| std::str::from_utf8(url).ok())
                && url.starts_with("http")
                && url.len() < 400
                && !version.is_empty()
            {
                self.versions.push((at, parameter, url.to_owned(), version.clone()));
            }
        }
    }
}

fn sets(world: &World) -> BTreeMap<Row, Vec<(String, bool)>> {
    let mut urls: BTreeMap<String, bool> = BTreeMap::new();
    for known in world.definitions.value_sets() {
        urls.insert(known.url.to_owned(), false);
    }
    for at in world.of_type(ResourceType::from_name("ValueSet").unwrap()) {
        if let Some(url) = world.records[*at].json.text_of("url") {
            urls.insert(url.to_owned(), true);
        }
    }
    let mut sets: BTreeMap<Row, Vec<(String, bool)>> = BTreeMap::new();
    for (url, stored) in urls {
        let codes = world.value_set(&url).unwrap_or_default();
        if codes.len() <= MOST {
            for (system, code) in codes {
                sets.entry(coded(&system, &code)).or_default().push((url.clone(), stored));
            }
        }
    }
    sets
}

/// The systems whose codes stand above and below each other.
fn systems(world: &World) -> (Vec<(String, System)>, Codes) {
    let mut urls: BTreeSet<String> =
        world.definitions.code_systems().map(|known| known.url.to_owned()).collect();
    for at in world.of_type(ResourceType::from_name("CodeSystem").unwrap()) {
        urls.extend(world.records[*at].json.text_of("url").map(str::to_owned));
    }
    let mut systems = Vec::new();
    let mut codes = BTreeMap::new();
    for url in urls {
        let Some(system) = world.system(&url).filter(System::is_tree) else { continue };
        for code in system.codes() {
            codes.insert(coded(&url, code), (systems.len(), code.clone()));
        }
        systems.push((url, system));
    }
    (systems, codes)
}
