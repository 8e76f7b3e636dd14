//! Populations read back.

// Each suite uses its own part of this.
#![expect(dead_code, reason = "one suite does not need what another does")]

use rushlight_model::json::{Kind, Limits, Tree, Value};
use rushlight_model::parse_instant;
use rushlight_population::{Day, Options, Population, Release, Resources};

pub const TODAY: &str = "2026-11-25";
pub const RELEASES: [Release; 3] = [Release::R4, Release::R4B, Release::R5];

pub fn options(release: Release) -> Options {
    Options { seed: 7, ..Options::new(release, Day::parse(TODAY).unwrap()) }
}

pub fn population(release: Release) -> Population {
    Population::new(options(release))
}

/// A resource read back.
pub struct Resource {
    pub resource_type: &'static str,
    pub id: String,
    pub json: String,
    pub tree: Tree,
}

/// What a patient's record holds; the Patient is its first resource.
pub struct Record {
    pub resources: Vec<Resource>,
}

pub fn resources(write: impl FnOnce(&mut Resources)) -> Vec<Resource> {
    let mut resources = Resources::new();
    write(&mut resources);
    resources
        .iter()
        .map(|resource| Resource {
            resource_type: resource.resource_type,
            id: resource.id.to_owned(),
            json: resource.json.to_owned(),
            tree: Tree::parse(resource.json.as_bytes(), &Limits::default()).unwrap(),
        })
        .collect()
}

pub fn record(release: Release, number: u64) -> Record {
    Record { resources: resources(|resources| population(release).write_patient(number, resources)) }
}

pub fn records(release: Release, patients: u64) -> impl Iterator<Item = Record> {
    (1..=patients).map(move |number| record(release, number))
}

impl Record {
    pub fn of<'a>(&'a self, resource_type: &'a str) -> impl Iterator<Item = &'a Resource> {
        self.resources.iter().filter(move |resource| resource.resource_type == resource_type)
    }

    /// The Condition of a code.
    pub fn condition(&self, code: &str) -> Option<&Resource> {
        self.of("Condition").find(|condition| condition.code() == code)
    }

    /// The Patient's age in years today.
    pub fn age(&self) -> i64 {
        (parse_instant(TODAY).unwrap() - self.resources[0].instant("birthDate")) / (31_556_952 * 1_000_000)
    }
}

impl Resource {
    /// All texts that are the values of a name, wherever it is.
    pub fn values(&self, name: &str) -> Vec<String> {
        let mut found = Vec::new();
        collect(self.tree.root(), name, &mut found);
        found
    }

    /// The only such text.
    pub fn value(&self, name: &str) -> String {
        let [value] = self.values(name).try_into().unwrap();
        value
    }

    pub fn instant(&self, name: &str) -> i64 {
        parse_instant(&self.value(name)).unwrap()
    }

    /// The code of the element `code`.
    pub fn code(&self) -> String {
        let coding = self.tree.root().get("code").and_then(|code| code.get("coding")).unwrap();
        coding.children().next().unwrap().get("code").unwrap().as_str().unwrap().into_owned()
    }

    /// The measured value, or those of the components.
    pub fn quantities(&self) -> Vec<f64> {
        let root = self.tree.root();
        let value = |of: Value<'_>| Some(of.get("valueQuantity")?.get("value")?.raw().parse().unwrap());
        match root.get("component") {
            Some(components) => components.children().filter_map(value).collect(),
            None => value(root).into_iter().collect(),
        }
    }
}

fn collect(value: Value<'_>, name: &str, found: &mut Vec<String>) {
    if value.kind() == Kind::String && value.name().is_some_and(|of| of == name) {
        found.extend(value.as_str().map(std::borrow::Cow::into_owned));
    }
    value.children().for_each(|child| collect(child, name, found));
}
