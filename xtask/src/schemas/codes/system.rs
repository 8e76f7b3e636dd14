//! Code systems and the filters that can be decided from them:
//! <https://hl7.org/fhir/R4/codesystem.html>, <https://hl7.org/fhir/R4/valueset-filter-operator.html>.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::json::{list, text, truth};

/// The property that marks a concept as one that only groups others.
const ABSTRACT: &str = "notSelectable";

/// A code system that a package has concepts of.
pub struct System<'v> {
    /// Its canonical URL.
    pub url: &'v str,
    /// Its version; empty where there is none.
    pub version: &'v str,
    /// How much of it the package has: `complete`, `fragment` or `example`.
    pub content: &'v str,
    /// Whether case counts in its codes.
    pub case_sensitive: bool,
    /// Its concepts, a parent before its children.
    pub concepts: Vec<Concept<'v>>,
}

/// A concept of a [`System`].
pub struct Concept<'v> {
    /// Its code.
    pub code: &'v str,
    /// What people read; empty where there is nothing.
    pub display: &'v str,
    /// The concepts right above it: the one that it is written in, then others.
    pub parents: Vec<&'v str>,
    definition: &'v Value,
}

impl Concept<'_> {
    fn is_abstract(&self) -> bool {
        properties(self.definition, ABSTRACT).any(|property| truth(property, "valueBoolean"))
    }
}

impl<'v> System<'v> {
    /// The code system of a definition; none where the definition holds no concepts of its own.
    pub fn new(definition: &'v Value) -> Option<Self> {
        let content = text(definition, "content");
        let nested = list(definition, "concept");
        if nested.is_empty() || matches!(content, "not-present" | "supplement") {
            return None;
        }
        let mut concepts = Vec::new();
        flatten(nested, None, &mut concepts);
        add_children(&mut concepts);
        Some(Self {
            url: text(definition, "url"),
            version: text(definition, "version"),
            content,
            // Where a definition leaves it open, a difference of case is no reason to refuse a code.
            case_sensitive: truth(definition, "caseSensitive"),
            concepts,
        })
    }

    /// Whether all codes of the system are here.
    pub fn is_complete(&self) -> bool {
        self.content == "complete"
    }

    /// The codes, in the definition's order.
    pub fn codes(&self) -> impl Iterator<Item = &'v str> + use<'_, 'v> {
        self.concepts.iter().map(|concept| concept.code)
    }

    /// Whether these are all codes of the complete system.
    pub fn is_all(&self, codes: &[String]) -> bool {
        self.is_complete() && codes.iter().map(String::as_str).eq(self.codes())
    }

    /// The codes that pass all filters of a `compose` element; none where they can't be decided here.
    ///
    /// Concepts that only group others are no codes to use, unless a value set lists them one by one.
    pub fn filter(&self, filters: &[Value]) -> Option<Vec<&'v str>> {
        let tests =
            filters.iter().map(|filter| self.test(filter)).collect::<Option<Vec<BTreeSet<&str>>>>()?;
        let passes = |concept: &&Concept<'v>| {
            !concept.is_abstract() && tests.iter().all(|passing| passing.contains(concept.code))
        };
        Some(self.concepts.iter().filter(passes).map(|concept| concept.code).collect())
    }

    /// The codes that pass one filter.
    fn test(&self, filter: &Value) -> Option<BTreeSet<&'v str>> {
        let (property, value) = (text(filter, "property"), text(filter, "value"));
        let by_hierarchy = matches!(property, "concept" | "code");
        match text(filter, "op") {
            "is-a" if by_hierarchy => Some(self.below(value)),
            "descendent-of" if by_hierarchy => {
                Some(self.below(value).into_iter().filter(|code| *code != value).collect())
            }
            "is-not-a" if by_hierarchy => {
                let below = self.below(value);
                Some(self.codes().filter(|code| !below.contains(code)).collect())
            }
            "=" if !by_hierarchy => {
                let has = |concept: &&Concept<'v>| {
                    properties(concept.definition, property)
                        .any(|found| said(found).as_deref() == Some(value))
                };
                Some(self.concepts.iter().filter(has).map(|concept| concept.code).collect())
            }
            _ => None,
        }
    }

    /// A concept and all that are below it, along any parent.
    fn below(&self, code: &str) -> BTreeSet<&'v str> {
        let mut children: BTreeMap<&str, Vec<&'v str>> = BTreeMap::new();
        for concept in &self.concepts {
            for parent in &concept.parents {
                children.entry(parent).or_default().push(concept.code);
            }
        }
        let mut found: BTreeSet<&'v str> = BTreeSet::new();
        let mut next: Vec<&'v str> = self.codes().filter(|known| *known == code).collect();
        while let Some(code) = next.pop() {
            if found.insert(code) {
                next.extend(children.get(code).into_iter().flatten());
            }
        }
        found
    }
}

fn flatten<'v>(nested: &'v [Value], parent: Option<&'v str>, concepts: &mut Vec<Concept<'v>>) {
    for definition in nested {
        let code = text(definition, "code");
        let above = ["parent", "subsumedBy"]
            .into_iter()
            .flat_map(|name| properties(definition, name))
            .map(|property| text(property, "valueCode"));
        let mut parents: Vec<&str> = parent.into_iter().chain(above).collect();
        parents.dedup();
        // A system that names a code twice says the same of it or nothing.
        if !concepts.iter().any(|known| known.code == code) {
            concepts.push(Concept { code, display: text(definition, "display"), parents, definition });
        }
        flatten(list(definition, "concept"), Some(code), concepts);
    }
}

/// Adds the parents that name their children, instead of being named by them.
fn add_children(concepts: &mut [Concept<'_>]) {
    let mut pairs = Vec::new();
    for concept in concepts.iter() {
        for property in properties(concept.definition, "child") {
            pairs.push((text(property, "valueCode"), concept.code));
        }
    }
    for (child, parent) in pairs {
        if let Some(concept) = concepts.iter_mut().find(|concept| concept.code == child)
            && !concept.parents.contains(&parent)
        {
            concept.parents.push(parent);
        }
    }
}

fn properties<'v>(concept: &'v Value, code: &str) -> impl Iterator<Item = &'v Value> {
    list(concept, "property").iter().filter(move |property| text(property, "code") == code)
}

/// A property's value as filters write it.
fn said(property: &Value) -> Option<String> {
    let (_, value) = property.as_object()?.iter().find(|(name, _)| name.starts_with("value"))?;
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}
