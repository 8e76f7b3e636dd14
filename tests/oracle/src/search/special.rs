//! Parameters that are about more than one element of a resource, and modifiers that other resources answer.

use super::text::{escaped, plain, split};
use super::{Set, value, words};
use crate::hash::{cut, hash};
use crate::parameter::Parameter;
use crate::rows::{Column, Row};
use crate::world::World;
use rushlight_model::definitions::SearchParameterType;
use rushlight_model::{Id, ResourceType};
use std::collections::BTreeSet;

impl World {
    /// The resources of a type that such a parameter matches; `None` for any other.
    pub(super) fn special(&self, ty: ResourceType, name: &str, value: &str) -> Option<Set> {
        let (code, modifier) = name.split_once(':').unwrap_or((name, ""));
        let alternatives = split(value, ',');
        let parameter = || self.parameter(ty, code).unwrap();
        Some(match (code, modifier) {
            ("_filter", "") => self.filtered(ty, &super::filter::read(value)),
            ("_list", "") => self.listed(ty, &alternatives),
            ("_text", "") => self.with_words(ty, &alternatives, |at| words::of_narrative(self.json(at))),
            ("_content", "") => self.with_words(ty, &alternatives, |at| words::of_everything(self.json(at))),
            (_, "in" | "not-in") => {
                let codes: BTreeSet<Row> =
                    alternatives.iter().flat_map(|one| self.in_set(&plain(one))).collect();
                let found = self.with_row(ty, parameter(), |row| codes.contains(row));
                if modifier == "in" { found } else { self.others(ty, &found) }
            }
            (_, "above" | "below") if parameter().definition.ty == SearchParameterType::Token => {
                let below = modifier == "below";
                let codes: BTreeSet<Row> =
                    alternatives.iter().flat_map(|one| self.related_codes(one, below)).collect();
                self.with_row(ty, parameter(), |row| codes.contains(row))
            }
            (_, "above" | "below") if parameter().definition.ty == SearchParameterType::Reference => {
                let targets: Vec<&str> = parameter().definition.target.to_vec();
                let below = modifier == "below";
                let tests = alternatives.iter().map(|one| self.in_hierarchy(&targets, one, below));
                let tests: Vec<_> = tests.collect();
                self.with_row(ty, parameter(), |row| tests.iter().any(|test| test(row)))
            }
            _ => return None,
        })
    }

    fn with_row(&self, ty: ResourceType, parameter: &Parameter, test: impl Fn(&Row) -> bool) -> Set {
        let mut found = self.none();
        for at in self.all_of(ty) {
            found[at] = self.rows(at, parameter).iter().any(&test);
        }
        found
    }

    /// Those of a type that are not among these.
    pub(super) fn others(&self, ty: ResourceType, these: &Set) -> Set {
        let mut found = self.none();
        self.all_of(ty).for_each(|at| found[at] = !these[at]);
        found
    }

    /// <https://hl7.org/fhir/R4/search.html#list>
    fn listed(&self, ty: ResourceType, lists: &[String]) -> Set {
        let list = ResourceType::from_name("List").unwrap();
        let items = self.parameter(list, "item").unwrap();
        let mut found = self.none();
        for name in lists {
            let place = Id::new(name).ok().and_then(|id| self.place(list, &id));
            for at in place.into_iter().flat_map(|at| self.targets(at, items)) {
                found[at] |= self.ty(at) == ty;
            }
        }
        found
    }

    fn with_words(
        &self,
        ty: ResourceType,
        alternatives: &[String],
        of: impl Fn(usize) -> BTreeSet<String>,
    ) -> Set {
        let mut found = self.none();
        for at in self.all_of(ty) {
            let own = of(at);
            found[at] = alternatives.iter().any(|one| words::has(&own, one));
        }
        found
    }

    /// The rows of a value set's codes.
    pub(super) fn in_set(&self, url: &str) -> Vec<Row> {
        let codes = self.value_set(url).unwrap_or_else(|| panic!("nobody knows {url}"));
        codes.iter().map(|(system, code)| coded(system, code)).collect()
    }

    /// The rows of the codes that are `system|code` or below it, or above it.
    pub(super) fn related_codes(&self, value: &str, below: bool) -> Vec<Row> {
        let [url, code] = &split(value, '|').iter().map(|part| plain(part)).collect::<Vec<_>>()[..] else {
            panic!("no system|code: {value}")
        };
        let system = self.system(url).unwrap_or_else(|| panic!("nobody knows {url}"));
        let is_one =
            |other: &&String| if below { system.is_a(other, code) } else { system.is_a(code, other) };
        system.codes().filter(is_one).map(|code| coded(url, code)).collect()
    }

    /// Whether a reference leads to a resource of a hierarchy: <https://hl7.org/fhir/R4/search.html#recursive>
    pub(super) fn in_hierarchy(
        &self,
        targets: &[&str],
        value: &str,
        below: bool,
    ) -> Box<dyn Fn(&Row) -> bool + '_> {
        let text = plain(value);
        let local = text.strip_prefix(&self.base).and_then(|rest| rest.strip_prefix('/')).unwrap_or(&text);
        let (ty, id) = match (local.split_once('/'), targets) {
            (Some((name, id)), _) => (ResourceType::from_name(name), id),
            (None, [only]) => (ResourceType::from_name(only), local),
            (None, _) => (None, local),
        };
        if let (Some(ty), Ok(id)) = (ty, Id::new(id)) {
            let family = self.family(ty, id, below);
            let named: Vec<String> = family.iter().map(|id| format!("{}/{id}", ty.name())).collect();
            return Box::new(move |row| named.iter().any(|one| value::reference(one, row, &self.base)));
        }
        // Of a canonical the versions are a hierarchy: 1.2 is below 1.
        assert!(below, "{value} is in no hierarchy");
        let (url, version) = match &split(value, '|')[..] {
            [url, version] => (plain(url), plain(version)),
            _ => (text, String::new()),
        };
        let within = format!("{version}.");
        Box::new(move |row| {
            let Column::Text(own) = &row.1[row.1.len() - 1] else { return false };
            let fits = version.is_empty() || *own == version || own.starts_with(&within);
            row.0 == "reference" && fits && value::reference(&escaped(&url), row, &self.base)
        })
    }

    /// A resource, whether there is one or not, and those that are part of it, or that it is part of.
    pub fn family(&self, ty: ResourceType, id: Id, below: bool) -> BTreeSet<Id> {
        let parent = self.parent(ty).unwrap_or_else(|| panic!("{} is in no hierarchy", ty.name()));
        let leads = |at: usize, id: &Id| {
            self.rows(at, parent).iter().filter_map(World::leads).any(|to| to == (ty, id.clone()))
        };
        let mut all = BTreeSet::from([id]);
        loop {
            let before = all.len();
            for at in self.of_type(ty) {
                let own = &self.records[*at].id;
                if below && all.iter().any(|id| leads(*at, id)) {
                    all.insert(own.clone());
                } else if !below && all.contains(own) {
                    let rows = self.rows(*at, parent);
                    all.extend(
                        rows.iter().filter_map(World::leads).filter(|(to, _)| *to == ty).map(|(_, id)| id),
                    );
                }
            }
            if all.len() == before {
                return all;
            }
        }
    }

    /// The parameter that leads from a resource to the one of its type that it is part of.
    pub fn parent(&self, ty: ResourceType) -> Option<&Parameter> {
        let leads = |own: &&Parameter| {
            let definition = own.definition;
            let to_own_type = definition.target.is_empty() || definition.target.contains(&ty.name());
            definition.code.replace('-', "") == "partof" && to_own_type
        };
        self.parameters(ty).iter().find(leads)
    }
}

pub fn coded(system: &str, code: &str) -> Row {
    ("token".to_owned(), vec![Column::Text(cut(code)), Column::Int(hash(system))])
}
