//! What comes along with matches: <https://hl7.org/fhir/R4/search.html#revinclude>.

use super::Question;
use crate::world::World;
use rushlight_model::ResourceType;
use rushlight_model::definitions::SearchParameterType;
use std::collections::BTreeSet;

struct Include<'q> {
    source: ResourceType,
    code: &'q str,
    target: Option<ResourceType>,
    iterate: bool,
    reverse: bool,
}

impl<'q> Include<'q> {
    fn read(name: &str, value: &'q str) -> Option<Self> {
        let (name, modifier) = name.split_once(':').unwrap_or((name, ""));
        let reverse = match name {
            "_include" => false,
            "_revinclude" => true,
            _ => return None,
        };
        let parts: Vec<&str> = value.split(':').collect();
        let ty = |at: usize| parts.get(at).map(|name| ResourceType::from_name(name).unwrap());
        Some(Self { source: ty(0)?, code: parts[1], target: ty(2), iterate: modifier == "iterate", reverse })
    }
}

impl World {
    /// The resources that are included with the matches of a page.
    pub fn included(&self, question: &Question, page: &[usize]) -> BTreeSet<usize> {
        let includes: Vec<Include<'_>> =
            question.pairs.iter().filter_map(|(name, value)| Include::read(name, value)).collect();
        let mut all: BTreeSet<usize> = page.iter().copied().collect();
        let mut fresh: Vec<usize> = page.to_vec();
        let mut first = true;
        while !fresh.is_empty() {
            let mut next = BTreeSet::new();
            for include in includes.iter().filter(|include| first || include.iterate) {
                next.extend(self.by_include(include, &fresh));
            }
            fresh = next.into_iter().filter(|at| all.insert(*at)).collect();
            first = false;
        }
        page.iter().for_each(|at| {
            all.remove(at);
        });
        all
    }

    fn by_include(&self, include: &Include<'_>, from: &[usize]) -> Vec<usize> {
        let is_reference = |ty: SearchParameterType| ty == SearchParameterType::Reference;
        let parameters = self.parameters(include.source).iter().filter(|own| is_reference(own.definition.ty));
        let named = parameters.filter(|own| include.code == "*" || own.definition.code == include.code);
        let mut found = Vec::new();
        for parameter in named {
            // What is contained comes with its container.
            let wanted =
                |to: &usize| self.inner(*to).is_none() && include.target.is_none_or(|ty| self.ty(*to) == ty);
            if include.reverse {
                let leads = |at: &&usize| {
                    self.targets(**at, parameter).iter().filter(|to| wanted(to)).any(|to| from.contains(to))
                };
                found.extend(self.of_type(include.source).iter().filter(leads));
            } else {
                let own = from.iter().filter(|at| self.records[**at].ty == include.source);
                found.extend(own.flat_map(|at| self.targets(*at, parameter)).filter(wanted));
            }
        }
        found
    }
}
