//! What an evaluation may know and use beside the tree.

use std::borrow::Cow;

use rushlight_model::primitive::DateTime;

use crate::value::{Item, Node};

/// Answers what the engine can't know. Each answer is `None` where there is none.
///
/// Functions that need an answer that there is not end the evaluation with
/// [`Unanswered`](crate::ErrorKind::Unanswered), but `resolve()` and `conformsTo()`, which then go by types.
pub trait Host {
    /// The resource that a reference leads to. What is contained in `%resource` or `%rootResource` is found before
    /// this is asked. Where there is none, the type that the reference names is all that is known of its target.
    fn resolve(&self, _reference: &str) -> Option<Node<'_>> {
        None
    }

    /// Whether a code, Coding or CodeableConcept is in a value set.
    fn member_of(&self, _item: &Item<'_>, _value_set: &str) -> Option<bool> {
        None
    }

    /// Whether an element keeps the rules of a profile that is no type of FHIR's own.
    fn conforms_to(&self, _item: &Item<'_>, _profile: &str) -> Option<bool> {
        None
    }

    /// Whether the meaning of a code or concept holds that of another.
    fn subsumes(&self, _item: &Item<'_>, _other: &Item<'_>) -> Option<bool> {
        None
    }

    /// Whether a narrative keeps the rules of <https://hl7.org/fhir/R4/narrative.html>.
    fn html_checks(&self, _item: &Item<'_>) -> Option<bool> {
        None
    }

    /// Sees what goes through `trace()`.
    fn trace(&self, _name: &str, _items: &[Item<'_>]) {}
}

/// Knows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHost;

impl Host for NoHost {}

/// How much an evaluation may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Operations, items and comparisons, at most; each is well below a microsecond.
    pub steps: usize,
    /// Items of one collection, at most.
    pub items: usize,
    /// Bytes of one computed string, at most.
    pub bytes: usize,
}

impl Default for Budget {
    /// A million steps, 100,000 items, 1 MiB: more than any rule of FHIR needs.
    fn default() -> Self {
        Self { steps: 1_000_000, items: 100_000, bytes: 1 << 20 }
    }
}

/// What an evaluation may know and use beside the tree.
pub struct Environment<'t> {
    pub(crate) host: &'t dyn Host,
    pub(crate) now: Option<DateTime>,
    pub(crate) budget: Budget,
    pub(crate) resource: Option<Node<'t>>,
    pub(crate) root_resource: Option<Node<'t>>,
    pub(crate) variables: Vec<(Cow<'t, str>, Vec<Item<'t>>)>,
}

impl Default for Environment<'_> {
    fn default() -> Self {
        Self {
            host: &NoHost,
            now: None,
            budget: Budget::default(),
            resource: None,
            root_resource: None,
            variables: Vec::new(),
        }
    }
}

impl<'t> Environment<'t> {
    /// Without host, time and variables, and with the usual budget.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Who answers what the engine can't know.
    #[must_use]
    pub fn host(self, host: &'t dyn Host) -> Self {
        Self { host, ..self }
    }

    /// What `now()`, `today()` and `timeOfDay()` say, with the zone that they say it in.
    #[must_use]
    pub fn now(self, now: DateTime) -> Self {
        Self { now: Some(now), ..self }
    }

    /// How much an evaluation may cost.
    #[must_use]
    pub fn budget(self, budget: Budget) -> Self {
        Self { budget, ..self }
    }

    /// What `%resource` is, if it is not what the expression is evaluated on.
    #[must_use]
    pub fn resource(self, resource: Node<'t>) -> Self {
        Self { resource: Some(resource), ..self }
    }

    /// What `%rootResource` is, if it is not `%resource`.
    #[must_use]
    pub fn root_resource(self, resource: Node<'t>) -> Self {
        Self { root_resource: Some(resource), ..self }
    }

    /// Sets a variable; its name is without `%`.
    #[must_use]
    pub fn variable(
        mut self,
        name: impl Into<Cow<'t, str>>,
        items: impl IntoIterator<Item = Item<'t>>,
    ) -> Self {
        let name = name.into();
        self.variables.retain(|(known, _)| *known != name);
        self.variables.push((name, items.into_iter().collect()));
        self
    }
}

/// Whether a name, without `%`, is that of a variable that the specification or FHIR sets.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    matches!(name, "context" | "resource" | "rootResource") || fixed(name).is_some()
}

/// Variables that always are the same: <https://hl7.org/fhir/R4/fhirpath.html#variables>.
pub(crate) fn fixed(name: &str) -> Option<Cow<'static, str>> {
    let url = match name {
        "ucum" => "http://unitsofmeasure.org",
        "sct" => "http://snomed.info/sct",
        "loinc" => "http://loinc.org",
        _ => {
            let set = name.strip_prefix("vs-").map(|set| format!("http://hl7.org/fhir/ValueSet/{set}"));
            let extension = || name.strip_prefix("ext-");
            let url = set.or_else(|| {
                extension().map(|name| format!("http://hl7.org/fhir/StructureDefinition/{name}"))
            });
            return url.map(Cow::Owned);
        }
    };
    Some(Cow::Borrowed(url))
}
