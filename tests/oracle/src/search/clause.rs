//! One parameter of a search: which resources it matches.

use super::text::split;
use super::{Set, value};
use crate::parameter::Parameter;
use crate::rows::Row;
use crate::world::World;
use rushlight_model::definitions::SearchParameterType;
use rushlight_model::{Id, ResourceType};

impl World {
    /// The resources of a type that a parameter matches.
    pub fn clause(&self, ty: ResourceType, name: &str, value: &str) -> Set {
        if let Some(rest) = name.strip_prefix("_has:") {
            return self.has(ty, rest, value);
        }
        match name.split_once('.') {
            Some((head, rest)) => self.chain(ty, head, rest, value),
            None => self.special(ty, name, value).unwrap_or_else(|| self.last(ty, name, value)),
        }
    }

    fn named(&self, ty: ResourceType, code: &str) -> &Parameter {
        self.parameter(ty, code).unwrap_or_else(|| panic!("{} has no {code}", ty.name()))
    }

    /// `_has:Observation:patient:code=…`, without its beginning: <https://hl7.org/fhir/R4/search.html#has>
    fn has(&self, ty: ResourceType, rest: &str, value: &str) -> Set {
        let mut parts = rest.splitn(3, ':');
        let mut next = || parts.next().unwrap();
        let (source, code, inner) = (ResourceType::from_name(next()).unwrap(), next(), next());
        let those = self.clause(source, inner, value);
        let parameter = self.named(source, code);
        let mut found = self.none();
        for at in self.of_type(source).iter().filter(|at| those[**at]) {
            // Only what is stored refers to others in this way; what it contains is part of it.
            for target in self.targets(*at, parameter) {
                found[target] |= self.ty(target) == ty;
            }
        }
        found
    }

    /// <https://hl7.org/fhir/R4/search.html#chaining>
    fn chain(&self, ty: ResourceType, head: &str, rest: &str, value: &str) -> Set {
        let (code, only) = match head.split_once(':') {
            Some((code, only)) => (code, Some(ResourceType::from_name(only).unwrap())),
            None => (head, None),
        };
        let parameter = self.named(ty, code);
        let targets: Vec<ResourceType> = match only {
            Some(only) => vec![only],
            None => {
                let all = parameter.definition.target.iter().filter_map(|name| ResourceType::from_name(name));
                all.filter(|target| self.understands(*target, rest)).collect()
            }
        };
        let mut found = self.none();
        for target in targets {
            let those = self.clause(target, rest, value);
            for at in self.all_of(ty) {
                let leads = |to: usize| self.ty(to) == target && those[to];
                found[at] |= self.targets(at, parameter).into_iter().any(leads);
            }
        }
        found
    }

    /// Whether a type has the first parameter of a chain's rest.
    fn understands(&self, ty: ResourceType, rest: &str) -> bool {
        let code = rest.split(['.', ':']).next().unwrap();
        code == "_has" || self.parameter(ty, code).is_some()
    }

    fn last(&self, ty: ResourceType, name: &str, text: &str) -> Set {
        let (code, modifier) = name.split_once(':').map_or((name, ""), |(code, modifier)| (code, modifier));
        let mut found = self.none();
        let alternatives = split(text, ',');
        for at in self.all_of(ty) {
            found[at] = match (code, modifier) {
                ("_id", "") => alternatives.iter().any(|one| one == self.id(at).as_str()),
                ("_lastUpdated", "") => {
                    let time = self.last_updated(at);
                    alternatives.iter().any(|one| crate::matcher::date(one, (time, time), self.now))
                }
                _ => self.by_rows(at, ty, code, modifier, &alternatives),
            };
        }
        found
    }

    fn by_rows(
        &self,
        at: usize,
        ty: ResourceType,
        code: &str,
        modifier: &str,
        alternatives: &[String],
    ) -> bool {
        let parameter = self.named(ty, code);
        let rows = self.rows(at, parameter);
        let any = |test: &dyn Fn(&str, &Row) -> bool| {
            alternatives.iter().any(|value| rows.iter().any(|row| test(value, row)))
        };
        let plain = |value: &str, row: &Row| self.passes(parameter, value, row);
        match (parameter.definition.ty, modifier) {
            (_, "missing") => (alternatives[0] == "true") == rows.is_empty(),
            (_, "") => any(&plain),
            (SearchParameterType::Token, "not") => !any(&plain),
            (SearchParameterType::Token, "text") => any(&value::text),
            (SearchParameterType::Token, "of-type") => any(&value::of_type),
            (SearchParameterType::String, "exact") => any(&value::exactly),
            (SearchParameterType::String, "contains") => any(&value::contained),
            (SearchParameterType::Uri, "below") => any(&value::below),
            (SearchParameterType::Uri, "above") => any(&value::above),
            (SearchParameterType::Reference, "identifier") => any(&value::token),
            (SearchParameterType::Reference, only) => {
                let id = |value: &str| Id::new(value).is_ok();
                let whole =
                    |value: &str| if id(value) { format!("{only}/{value}") } else { value.to_owned() };
                any(&|value, row| value::reference(&whole(value), row, &self.base))
            }
            (_, other) => panic!("{name}:{other}", name = parameter.definition.code),
        }
    }

    fn passes(&self, parameter: &Parameter, value: &str, row: &Row) -> bool {
        match parameter.definition.ty {
            SearchParameterType::Composite => value::composite(value, row, self.now, &self.base),
            ty => value::of(ty, value, row, self.now, &self.base),
        }
    }
}
