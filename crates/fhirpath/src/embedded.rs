//! A host that knows what a process has with it: the value sets of FHIR's definitions, and the resources of a Bundle.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rushlight_model::definitions::{Definitions, Membership, ValueSet};
use rushlight_model::json;

use crate::environment::Host;
use crate::value::{Item, Items, Node, Value};

/// Answers `memberOf()` by the value sets that [`Definitions::value_set`] has, and `resolve()` by the entries of a
/// Bundle: <https://hl7.org/fhir/R4/fhirpath.html#functions>, <https://hl7.org/fhir/R4/bundle.html#references>.
///
/// Whether a code is in a value set that holds codes of systems that are not here (SNOMED CT, languages) is known only
/// of the codes that are here; of the others there is no answer.
///
/// ```
/// use rushlight_fhirpath::{Embedded, Environment, Expression, Node};
/// use rushlight_model::definitions::{Definitions, Release};
/// use rushlight_model::json::{Limits, Tree};
///
/// let r4 = Definitions::of(Release::R4);
/// let tree = Tree::parse(br#"{"resourceType":"Patient","gender":"female"}"#, &Limits::default())?;
/// let expression = Expression::compile("gender.memberOf(%`vs-administrative-gender`)", r4)?;
/// let host = Embedded::new(r4);
/// let environment = Environment::new().host(&host);
/// let found = expression.evaluate(Node::resource(tree.root(), r4), &environment)?;
/// assert_eq!(found.first().and_then(|item| item.value()).map(|value| value.to_string()).as_deref(), Some("true"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Embedded<'t> {
    definitions: &'static Definitions,
    /// By full URL and by `Type/id`; `None` where several have the same.
    entries: HashMap<String, Option<Node<'t>>>,
}

impl<'t> Embedded<'t> {
    /// Knows the value sets of a release, and no Bundle.
    #[must_use]
    pub fn new(definitions: &'static Definitions) -> Self {
        Self { definitions, entries: HashMap::new() }
    }

    /// Knows the entries of a Bundle, too; any other resource has none.
    #[must_use]
    pub fn bundle(mut self, bundle: json::Value<'t>) -> Self {
        let bundle = Node::resource(bundle, self.definitions);
        if !bundle.is_a("Bundle") {
            return self;
        }
        let entries = bundle.object().and_then(|object| object.get("entry"));
        for entry in entries.into_iter().flat_map(json::Value::children) {
            let Some(resource) = entry.get("resource") else { continue };
            let node = Node::resource(resource, self.definitions);
            let local = node.definition().zip(node.text("id")).map(|(ty, id)| format!("{}/{id}", ty.name));
            let full = entry.get("fullUrl").and_then(json::Value::as_str).map(Cow::into_owned);
            self.add(local, node);
            self.add(full, node);
        }
        self
    }

    fn add(&mut self, reference: Option<String>, node: Node<'t>) {
        match reference.map(|reference| self.entries.entry(reference)) {
            Some(Entry::Occupied(mut known)) => *known.get_mut() = None,
            Some(Entry::Vacant(free)) => _ = free.insert(Some(node)),
            None => {}
        }
    }

    /// The value set of a URL with or without version, unless it is of another version.
    fn value_set(&self, url: &str) -> Option<&'static ValueSet> {
        let (url, version) = canonical(url);
        let set = self.definitions.value_set(url)?;
        version.is_none_or(|version| set.version == Some(version)).then_some(set)
    }
}

impl Host for Embedded<'_> {
    fn resolve(&self, reference: &str) -> Option<Node<'_>> {
        let (reference, version) = match reference.split_once("/_history/") {
            Some((reference, version)) => (reference, Some(version)),
            None => (reference, None),
        };
        let node = (*self.entries.get(reference)?)?;
        let own = || node.get("meta").and_then(|meta| meta.text("versionId"));
        version.is_none_or(|version| own().as_deref() == Some(version)).then_some(node)
    }

    fn member_of(&self, item: &Item<'_>, value_set: &str) -> Option<bool> {
        let set = self.value_set(value_set)?;
        let is_in = match item {
            Item::Node(node) if node.is_a("CodeableConcept") => concept(set, *node),
            Item::Node(node) if node.is_a("CodeableReference") => concept(set, node.get("concept")?),
            Item::Node(node) if node.is_a("Coding") => coding(set, *node),
            _ => match item.value()? {
                Value::String(text) if is_code(item) || one_system(set) => set.contains(None, &text),
                _ => Membership::Unknown,
            },
        };
        match is_in {
            Membership::In => Some(true),
            Membership::Out => Some(false),
            Membership::Unknown => None,
        }
    }
}

/// The URL and the version of a canonical.
pub(crate) fn canonical(text: &str) -> (&str, Option<&str>) {
    text.split_once('|').map_or((text, None), |(url, version)| (url, Some(version)))
}

fn is_code(item: &Item<'_>) -> bool {
    matches!(item, Item::Node(node) if node.is_a("code"))
}

/// What a mere string means is clear only where all codes are of one system.
fn one_system(set: &ValueSet) -> bool {
    let mut systems = set.codes().map(|(system, _)| system).chain(set.open_systems().iter().copied());
    let first = systems.next();
    systems.all(|system| Some(system) == first)
}

/// A code means nothing without its system.
fn coding(set: &ValueSet, coding: Node<'_>) -> Membership {
    match (coding.text("system"), coding.text("code")) {
        (Some(system), Some(code)) => set.contains(Some(&system), &code),
        _ => Membership::Out,
    }
}

/// Whether any coding is in it.
fn concept(set: &ValueSet, concept: Node<'_>) -> Membership {
    let mut codings = Items::new();
    concept.children_named("coding", &mut codings);
    let nodes =
        codings.iter().filter_map(|item| if let Item::Node(node) = item { Some(*node) } else { None });
    let found: Vec<Membership> = nodes.map(|node| coding(set, node)).collect();
    let best = [Membership::In, Membership::Unknown].into_iter().find(|best| found.contains(best));
    best.unwrap_or(Membership::Out)
}
