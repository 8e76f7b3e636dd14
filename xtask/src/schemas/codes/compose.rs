//! Value sets flattened: <https://hl7.org/fhir/R4/valueset.html#compositions>.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::json::{list, text, texts, unversioned};
use super::super::package::Package;
use super::content::Content;
use super::system::System;

/// Value sets import each other; a chain longer than this is a circle.
const DEPTH: usize = 16;

/// The value sets and code systems of packages, by URL.
pub struct Terminology<'v> {
    sets: BTreeMap<&'v str, &'v Value>,
    systems: BTreeMap<&'v str, System<'v>>,
}

impl<'v> Terminology<'v> {
    /// What packages define. An earlier package's definition is the one that counts.
    pub fn new(packages: &'v [Package]) -> Self {
        let mut sets = BTreeMap::new();
        let mut systems: BTreeMap<&str, System<'v>> = BTreeMap::new();
        for package in packages {
            for set in package.of("ValueSet") {
                sets.entry(text(set, "url")).or_insert(set);
            }
            for system in package.of("CodeSystem").filter_map(System::new) {
                systems.entry(system.url).or_insert(system);
            }
        }
        Self { sets, systems }
    }

    /// A code system that concepts are known of.
    pub fn system(&self, url: &str) -> Option<&System<'v>> {
        self.systems.get(url)
    }

    /// A value set as its package defines it.
    pub fn definition(&self, url: &str) -> Option<&'v Value> {
        self.sets.get(url).copied()
    }

    /// What a value set holds; none where no package has it.
    pub fn value_set(&self, url: &str) -> Option<Content> {
        self.flatten(url, DEPTH)
    }

    fn flatten(&self, url: &str, depth: usize) -> Option<Content> {
        let definition = self.definition(unversioned(url))?;
        let Some(compose) = definition.get("compose") else { return Some(Content::unknown()) };
        let Some(depth) = depth.checked_sub(1) else { return Some(Content::unknown()) };
        let mut content = Content::default();
        for include in list(compose, "include") {
            content.add(self.part(include, depth));
        }
        for exclude in list(compose, "exclude") {
            content.take(&self.part(exclude, depth));
        }
        Some(content)
    }

    /// What one `include` or `exclude` holds: codes of its system that are in all its value sets.
    fn part(&self, part: &Value, depth: usize) -> Content {
        let system = text(part, "system");
        let mut content = (!system.is_empty()).then(|| self.codes(system, part));
        for url in texts(part, "valueSet") {
            let import = self.flatten(url, depth).unwrap_or_else(Content::unknown);
            content = Some(match content {
                Some(content) => content.keep(&import),
                None => import,
            });
        }
        content.unwrap_or_default()
    }

    fn codes(&self, url: &str, part: &Value) -> Content {
        let concepts = list(part, "concept");
        if !concepts.is_empty() {
            return Content::of(url, concepts.iter().map(|concept| text(concept, "code")), false);
        }
        let Some(system) = self.system(url) else { return Content::of(url, [], true) };
        let filters = list(part, "filter");
        match system.filter(filters) {
            Some(codes) => Content::of(url, codes, !system.is_complete()),
            None => Content::of(url, [], true),
        }
    }
}
