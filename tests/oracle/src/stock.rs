//! The resources that suites of searches are about: what can be had here, so few that brute force is quick.

use crate::json::Json;
use crate::{forge, grown, sources};
use rushlight_model::definitions::{Definitions, Release};
use rushlight_model::{Id, ResourceType};
use std::collections::HashSet;

/// A resource to be stored.
#[derive(Clone, Debug)]
pub struct Item {
    pub ty: ResourceType,
    pub id: Id,
    pub text: String,
}

/// How many of each origin.
#[derive(Clone, Copy, Debug)]
pub struct Amounts {
    /// Made-up resources of each type.
    pub forged: u64,
    /// Patients of the population.
    pub patients: u64,
    /// Official examples.
    pub examples: usize,
    /// Synthea's resources.
    pub synthea: usize,
}

impl Amounts {
    /// For suites that always run.
    pub const SMALL: Self = Self { forged: 4, patients: 12, examples: 700, synthea: 500 };
}

/// Longer resources are left out: reading them takes most of the time, and they add little.
const LONGEST: usize = 60_000;

/// The ids that forged references lead to.
const FORGED: &[&str] = &["1", "53fefa32-fcbb-4ff8-8a92-55ee120877b7", "a.b", "p", "9"];

/// Texts that mean something to databases and to searches.
const ODD: &[&str] = &[
    "100%",
    "100x",
    "a_b",
    "axb",
    "O'Neil",
    "ONeil",
    "back\\slash",
    "back/slash",
    "co,mma",
    "pi|pe",
    "dol$lar",
    "*star",
    "[x]",
    "'; DROP TABLE version; --",
    "\"quoted\"",
    "?",
    "$1",
    "é",
    "e\u{301}",
    "\u{1D518}",
];

/// Patients whose names and identifiers are such texts.
fn odd() -> impl Iterator<Item = Json> {
    ODD.iter().enumerate().map(|(at, text)| {
        let text = Json::Text(text.to_string());
        Json::read(&format!(
            r#"{{"resourceType":"Patient","id":"odd{at}","name":[{{"family":{text}}}],"identifier":[{{"system":{text},"value":{text}}}]}}"#
        ))
    })
}

/// Resources that refer to what they contain, and that to one another, to them and to others.
fn containers() -> impl Iterator<Item = Json> {
    let patient = |at: usize| {
        let (name, gender) = (ODD[at % 7], ["male", "female", "other"][at % 3]);
        let name = Json::Text(name.to_owned());
        format!(
            r##"{{"resourceType":"Patient","id":"p","gender":"{gender}","birthDate":"19{at:02}-0{}","name":[{{"family":{name}}}],"managingOrganization":{{"reference":"#o"}},"generalPractitioner":[{{"reference":"Practitioner/1"}},{{"reference":"#o"}}]}},{{"resourceType":"Organization","id":"o","name":"Acme {}","partOf":{{"reference":"Organization/1"}}}}"##,
            1 + at % 9,
            at % 4
        )
    };
    let request = move |at: usize| {
        let status = ["active", "completed"][at % 2];
        format!(
            r##"{{"resourceType":"MedicationRequest","id":"holds{at}","status":"{status}","intent":"order","contained":[{},{{"resourceType":"Medication","id":"m","code":{{"coding":[{{"system":"urn:s","code":"c{}"}}]}},"manufacturer":{{"reference":"#o"}}}}],"subject":{{"reference":"#p"}},"medicationReference":{{"reference":"#m"}}}}"##,
            patient(at),
            at % 3
        )
    };
    let observation = move |at: usize| {
        let code = ["a", "b"][at % 2];
        format!(
            r##"{{"resourceType":"Observation","id":"holds{at}","status":"final","code":{{"text":"{code}","coding":[{{"code":"{code}"}}]}},"contained":[{},{{"resourceType":"Observation","id":"x","status":"amended","code":{{"coding":[{{"code":"{}"}}]}},"subject":{{"reference":"Patient/odd{at}"}},"derivedFrom":[{{"reference":"#"}}],"effectiveDateTime":"20{at:02}-01"}},{{"resourceType":"Patient","id":"p","gender":"unknown"}},{{"resourceType":"Patient","gender":"unknown"}}],"subject":{{"reference":"#p"}},"hasMember":[{{"reference":"#x"}},{{"reference":"#"}}]}}"##,
            patient(at + 3),
            ["a", "c", "d"][at % 3]
        )
    };
    (0..12).flat_map(move |at| [request(at), observation(at)]).map(|text| Json::read(&text))
}

/// Resources of a release, each type and id once.
pub fn stock(release: Release, amounts: Amounts) -> Vec<Item> {
    let mut stock = Stock { definitions: Definitions::of(release), items: Vec::new(), taken: HashSet::new() };
    for text in sources::population(release, amounts.patients) {
        stock.add(Json::read(&text), None);
    }
    odd().chain(containers()).for_each(|resource| stock.add(resource, None));
    grown::resources().iter().for_each(|text| stock.add(Json::read(text), None));
    let definitions = stock.definitions;
    for ty in definitions.resource_types() {
        for number in 0..amounts.forged {
            let text = forge::resource(definitions, definitions.resource(ty).unwrap(), number);
            let id = FORGED.get(number as usize).map_or_else(|| format!("f{number}"), ToString::to_string);
            stock.add(Json::read(&text), Some(id));
        }
    }
    stock.examples(release, amounts.examples);
    if release == Release::R4 {
        stock.synthea(amounts.synthea);
    }
    stock.items
}

struct Stock {
    definitions: &'static Definitions,
    items: Vec<Item>,
    taken: HashSet<(ResourceType, Id)>,
}

impl Stock {
    fn add(&mut self, json: Json, id: Option<String>) {
        let ty = json.text_of("resourceType").and_then(ResourceType::from_name);
        let Some(ty) = ty.filter(|ty| self.definitions.resource(*ty).is_some()) else { return };
        let own = id.or_else(|| json.text_of("id").map(str::to_owned));
        let Some(id) = own.and_then(|id| Id::new(&id).ok()) else { return };
        let Json::Object(mut members) = json else { return };
        members.retain(|(name, _)| name != "id" && name != "_id");
        members.insert(1, ("id".to_owned(), Json::Text(id.to_string())));
        let text = Json::Object(members).to_string();
        if text.len() <= LONGEST && self.taken.insert((ty, id.clone())) {
            self.items.push(Item { ty, id, text });
        }
    }

    /// Some of a package's, evenly.
    fn examples(&mut self, release: Release, amount: usize) {
        let package = sources::PACKAGES.iter().rfind(|(_, of)| *of == release);
        let Some(texts) = package.and_then(|(name, _)| sources::of_package(name)) else { return };
        let mut texts: Vec<String> = texts.filter(|text| text.len() <= LONGEST).collect();
        texts.sort();
        let step = (texts.len() / amount.max(1)).max(1);
        texts.iter().step_by(step).take(amount).for_each(|text| self.add(Json::read(text), None));
    }

    /// Resources of Bundles, whose references lead to one another.
    fn synthea(&mut self, amount: usize) {
        let Some(texts) = sources::synthea() else { return };
        let mut bundles: Vec<String> = texts.collect();
        bundles.sort_by_key(String::len);
        let before = self.items.len();
        for text in bundles {
            let bundle = Json::read(&text);
            let mut text = text.clone();
            for entry in bundle.all("entry") {
                let resource = entry.get("resource").unwrap();
                let part = |name| resource.text_of(name).unwrap_or("x");
                let place = format!("{}/{}", part("resourceType"), part("id"));
                text = text.replace(entry.text_of("fullUrl").unwrap_or("urn:none"), &place);
            }
            for entry in Json::read(&text).all("entry") {
                if self.items.len() - before == amount {
                    return;
                }
                self.add(entry.get("resource").unwrap().clone(), None);
            }
        }
    }
}
