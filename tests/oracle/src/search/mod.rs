//! What a search answers, found by asking every resource: <https://hl7.org/fhir/R4/search.html>.

mod clause;
mod filter;
mod include;
mod sort;
pub mod special;
pub mod terms;
pub mod text;
mod value;
pub mod words;

use crate::rows::Sort;
use crate::world::World;
use rushlight_model::{Id, ResourceType};

/// A search: a path and parameters, decoded.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The types that are searched; all where there are none.
    pub types: Vec<ResourceType>,
    /// The compartment that is searched.
    pub compartment: Option<(ResourceType, Id)>,
    /// Names and values, of filters, sorts and includes.
    pub pairs: Vec<(String, String)>,
    pub contained: Contained,
}

/// `_contained` and `_containedType`: <https://hl7.org/fhir/R4/search.html#contained>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contained {
    /// Whether contained resources are found.
    pub found: bool,
    /// Whether, where they are, stored ones are, too.
    pub both: bool,
    /// Whether their containers are answered in their place.
    pub containers: bool,
}

/// As a URL, not encoded.
impl std::fmt::Display for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some((of, id)) = &self.compartment {
            write!(f, "{}/{id}/", of.name())?;
        }
        let types: Vec<&str> = self.types.iter().map(|ty| ty.name()).collect();
        let pairs: Vec<String> = self.pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        write!(f, "{}?{}", types.join("+"), pairs.join("&"))?;
        let Contained { found, both, containers } = self.contained;
        if found {
            let (which, form) =
                (if both { "both" } else { "true" }, if containers { "container" } else { "contained" });
            write!(f, "&_contained={which}&_containedType={form}")?;
        }
        Ok(())
    }
}

/// Which resources, by place.
pub type Set = Vec<bool>;

impl World {
    pub(crate) fn none(&self) -> Set {
        vec![false; self.records.len() + self.inner.len()]
    }

    /// The resources that match, in order: what is contained comes after its container.
    pub fn matches(&self, question: &Question) -> Vec<usize> {
        let all = || self.definitions.resource_types().collect();
        let mut types: Vec<ResourceType> =
            if question.types.is_empty() { all() } else { question.types.clone() };
        for (_, value) in question.pairs.iter().filter(|(name, _)| name == "_type") {
            types.retain(|ty| value.split(',').any(|name| name == ty.name()));
        }
        let mut found: Vec<usize> = types.iter().flat_map(|ty| self.of_one_type(*ty, question)).collect();
        if question.contained.found && question.contained.containers {
            found = found.into_iter().map(|at| self.container(at)).collect();
        }
        found.sort_unstable_by_key(|at| (self.container(*at), *at));
        found.dedup();
        for (_, value) in question.pairs.iter().filter(|(name, _)| name == "_sort") {
            self.sort(&mut found, value);
        }
        found
    }

    fn of_one_type(&self, ty: ResourceType, question: &Question) -> Vec<usize> {
        let Contained { found, both, .. } = question.contained;
        let stored = if found && !both { &[][..] } else { self.of_type(ty) };
        let inner = if found { self.inner_of_type(ty) } else { &[][..] };
        let mut found = [stored, inner].concat();
        if let Some((of, id)) = &question.compartment {
            found.retain(|at| self.is_in_compartment(*at, (*of, id)));
        }
        for (name, value) in question.pairs.iter().filter(|(name, _)| is_filter(name)) {
            let set = self.clause(ty, name, value);
            found.retain(|at| set[*at]);
        }
        found
    }
}

/// Whether a parameter says which resources match.
fn is_filter(name: &str) -> bool {
    let name = name.split(':').next().unwrap();
    !["_type", "_sort", "_include", "_revinclude"].contains(&name)
}

/// The sorts of a composite's parts, by the table of its rows.
pub(crate) fn parts_of(table: &str) -> Vec<Sort> {
    value::parted(table).iter().filter_map(|name| Sort::of(value::shape(name).0)).collect()
}
