//! Resources made up from the definitions, so that every element that a parameter could look at is there in some, in
//! each of its types, with ordinary and with odd values. They keep few of FHIR's other rules.

mod values;

use crate::json::Json;
use rushlight_model::definitions::{
    Definitions, ElementDefinition, SearchParameter, TypeDefinition, TypeKind,
};
use std::collections::BTreeSet;
use values::{FACTORS, LONG, ORIGINS, REFERENCES, SAMPLES, SYSTEMS, UNITS, VALUES, written_out};

/// Deeper elements are left out.
const DEPTH: usize = 6;

/// How many elements there may be within one of the resource's own.
const WITHIN: usize = 60;

/// The same of a resource that is in another one.
const WITHIN_INNER: usize = 8;

/// A resource of a type; with another number, another one.
pub fn resource(definitions: &'static Definitions, ty: &'static TypeDefinition, number: u64) -> String {
    let seed =
        ty.name.bytes().fold(number + 1, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let mut forge = Forge {
        definitions,
        random: seed,
        left: WITHIN,
        within: WITHIN,
        words: words(definitions, ty),
        extensions: extensions(definitions),
    };
    let mut members = vec![("resourceType".to_owned(), text(ty.name))];
    forge.members(ty, 0, &mut members);
    let written = Json::Object(members).to_string();
    if number % 4 == 3 { escaped(written) } else { written }
}

/// With names as JSON may write them, too: `"code"` as `"\\u0063ode"`.
fn escaped(mut written: String) -> String {
    for name in ["code", "value", "reference", "coding", "name", "_value", "status", "subject", "start"] {
        let (first, rest) = name.split_at(1);
        let other = format!("\"\\u{:04x}{rest}\":", u32::from(first.as_bytes()[0]));
        written = written.replace(&format!("\"{name}\":"), &other);
    }
    written
}

/// The words of expressions, among them the names of the elements that parameters look at.
fn words(definitions: &'static Definitions, ty: &TypeDefinition) -> BTreeSet<&'static str> {
    let own = |parameter: &&SearchParameter| parameter.base.iter().any(|base| ty.is_a(definitions, base));
    let of = |parameter: &'static SearchParameter| {
        let parts = parameter.components.iter().map(|component| component.expression);
        parameter.expression.into_iter().flat_map(|text| text.split('|')).chain(parts)
    };
    let branches = definitions.search_parameters().iter().filter(own).flat_map(of);
    let elsewhere =
        |branch: &str| branch.trim_start().starts_with(char::is_uppercase) && !branch.contains(ty.name);
    branches
        .filter(|branch| !elsewhere(branch))
        .flat_map(|branch| branch.split(|char: char| !char.is_alphanumeric()))
        .collect()
}

/// The URLs of the extensions that parameters look for.
fn extensions(definitions: &'static Definitions) -> Vec<&'static str> {
    let expressions = definitions.search_parameters().iter().filter_map(|parameter| parameter.expression);
    expressions
        .flat_map(|text| text.split("extension('").skip(1).filter_map(|rest| rest.split('\'').next()))
        .collect()
}

fn text(text: &str) -> Json {
    Json::Text(written_out(text))
}

struct Forge {
    definitions: &'static Definitions,
    random: u64,
    /// How many elements may follow.
    left: usize,
    /// How many there may be within one of the resource's own.
    within: usize,
    /// The words of the parameters' expressions.
    words: BTreeSet<&'static str>,
    extensions: Vec<&'static str>,
}

impl Forge {
    /// Of a linear congruential generator, the better half.
    fn step(&mut self) -> usize {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) as usize
    }

    /// True once in so many times.
    fn once_in(&mut self, times: usize) -> bool {
        self.step().is_multiple_of(times)
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.step() % all.len()]
    }

    fn members(&mut self, ty: &'static TypeDefinition, depth: usize, out: &mut Vec<(String, Json)>) {
        for element in ty.elements() {
            if depth == 0 {
                self.left = self.within;
            }
            let per_cent = match ty.kind {
                _ if element.name == "contained" => 40,
                _ if self.words.contains(element.name) => 85,
                TypeKind::Datatype => 55,
                _ => 10,
            };
            let there = self.step() % 100 < per_cent;
            let no_use = match element.name {
                "extension" => self.extensions.is_empty() || depth > 1,
                "modifierExtension" => true,
                "contained" => self.within < WITHIN,
                _ => element.max == Some(0),
            };
            if there && !no_use && self.left > 0 {
                self.left -= 1;
                self.element(element, depth, out);
            }
        }
    }

    fn element(&mut self, element: &ElementDefinition, depth: usize, out: &mut Vec<(String, Json)>) {
        let place = self.step() % element.types.len();
        let ty = &element.types[place];
        let definition = self.definitions.type_at(ty.ty).unwrap();
        let name = element.json_name(place as u8).unwrap();
        let value_set = element.binding.map(|binding| binding.value_set);
        let count = if element.repeats() { 1 + self.step() % 3 } else { 1 };
        let mut values = Vec::new();
        let mut companions = Vec::new();
        for at in 0..count {
            let companion = definition.kind == TypeKind::Primitive && self.once_in(8);
            let only = companion && self.once_in(2);
            companions.push(if companion { self.companion() } else { Json::Null });
            values.push(if only {
                Json::Null
            } else {
                self.value(definition, &ty.targets, value_set, depth, at)
            });
        }
        for (name, mut list) in [(name.clone(), values), (format!("_{name}"), companions)] {
            // What is missing at the end may be left out.
            while self.once_in(2) && list.last() == Some(&Json::Null) {
                list.pop();
            }
            if list.iter().any(|json| *json != Json::Null) {
                let value = if element.repeats() { Json::Array(list) } else { list.remove(0) };
                out.push((name, value));
            }
        }
    }

    fn companion(&mut self) -> Json {
        let extension = vec![("url".to_owned(), text("urn:x")), ("valueString".to_owned(), text("y"))];
        Json::Object(vec![("extension".to_owned(), Json::Array(vec![Json::Object(extension)]))])
    }

    fn value(
        &mut self,
        ty: &'static TypeDefinition,
        targets: &[&'static str],
        value_set: Option<&str>,
        depth: usize,
        at: usize,
    ) -> Json {
        match ty.name {
            "Reference" => self.reference(targets),
            "Resource" => self.inner(at),
            "Extension" => self.extension(depth),
            "boolean" => Json::Boolean(self.once_in(2)),
            "code" => text(self.code(value_set)),
            _ if ty.kind == TypeKind::Primitive => self.primitive(ty),
            _ => {
                let mut members = Vec::new();
                if depth + 1 < DEPTH {
                    self.members(ty, depth + 1, &mut members);
                }
                self.mend(ty, &mut members);
                Json::Object(members)
            }
        }
    }

    /// What the definitions can't tell: samples, systems and units.
    fn mend(&mut self, ty: &'static TypeDefinition, members: &mut [(String, Json)]) {
        let is_quantity = ty.is_a(self.definitions, "Quantity");
        for (name, value) in members {
            *value = match (ty.name, name.as_str()) {
                ("SampledData", "origin") => Json::read(self.one_of(ORIGINS)),
                ("SampledData", "factor") => Json::read(self.one_of(FACTORS)),
                ("SampledData", "data") => text(self.one_of(SAMPLES)),
                ("Coding" | "Identifier", "system") => text(self.one_of(SYSTEMS)),
                (_, "system") if is_quantity => text(self.one_of(SYSTEMS)),
                (_, "code") if is_quantity => text(self.one_of(UNITS)),
                _ => continue,
            };
        }
    }

    fn code(&mut self, value_set: Option<&str>) -> &'static str {
        let set = value_set.and_then(|url| self.definitions.value_set(url));
        let count = set.map_or(0, |set| set.codes().count());
        let at = self.step();
        match set {
            Some(set) if count > 0 && !self.once_in(9) => set.codes().nth(at % count).unwrap().1,
            _ => "x",
        }
    }

    fn primitive(&mut self, ty: &'static TypeDefinition) -> Json {
        let kind = match ty.name {
            "positiveInt" | "unsignedInt" => "integer",
            "instant" => "dateTime",
            "url" | "canonical" | "oid" | "uuid" => "uri",
            other => other,
        };
        let values = |kind| VALUES.iter().find(|(name, _)| *name == kind).map(|(_, values)| *values);
        let value = self.one_of(values(kind).or_else(|| values("string")).unwrap());
        match kind {
            "integer" | "decimal" => Json::Number(written_out(value)),
            "integer64" => text("123456789012345"),
            _ => text(value),
        }
    }

    fn reference(&mut self, targets: &[&'static str]) -> Json {
        let target = if targets.is_empty() { "Patient" } else { self.one_of(targets) };
        let target = if target == "Resource" { "Observation" } else { target };
        let mut members = Vec::new();
        if !self.once_in(6) {
            let reference = self.one_of(REFERENCES);
            let reference = if reference == LONG { LONG.to_owned() } else { reference.replace('T', target) };
            members.push(("reference".to_owned(), text(&reference)));
        }
        if self.once_in(3) {
            members.push(("type".to_owned(), text(self.one_of(&[target, "Group", "Nothing"]))));
        }
        if self.once_in(3) {
            let identifier =
                [("system", "urn:mrn"), ("value", "7")].map(|(name, value)| (name.to_owned(), text(value)));
            members.push(("identifier".to_owned(), Json::Object(identifier.into())));
        }
        members.push(("display".to_owned(), text("someone")));
        Json::Object(members)
    }

    fn inner(&mut self, at: usize) -> Json {
        let ty = self.one_of(&["Patient", "Group", "Composition", "MessageHeader", "Device", "Organization"]);
        let mut members = vec![("resourceType".to_owned(), text(ty))];
        if !self.once_in(4) {
            members.push(("id".to_owned(), text(&format!("c{at}"))));
        }
        if self.within == WITHIN && self.once_in(2) {
            let ty = self.definitions.ty(ty).unwrap();
            let mut own = Vec::new();
            let mut forge = Self {
                definitions: self.definitions,
                random: self.step() as u64,
                left: WITHIN_INNER,
                within: WITHIN_INNER,
                words: words(self.definitions, ty),
                extensions: self.extensions.clone(),
            };
            forge.members(ty, 0, &mut own);
            members.extend(own.into_iter().filter(|(name, _)| !["id", "_id"].contains(&name.as_str())));
        }
        Json::Object(members)
    }

    fn extension(&mut self, depth: usize) -> Json {
        let at = self.step() % self.extensions.len();
        let url = self.extensions[at];
        let value = self.definitions.ty("Extension").unwrap().element("value").unwrap();
        let mut members = vec![("url".to_owned(), text(url))];
        self.element(value, depth + 1, &mut members);
        Json::Object(members)
    }
}
