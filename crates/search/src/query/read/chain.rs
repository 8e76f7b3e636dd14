//! Chains: <https://hl7.org/fhir/R4/search.html#chaining>, and `_has`: <https://hl7.org/fhir/R4/search.html#has>.

use rushlight_model::ResourceType;

use super::clause::Asked;
use super::fault::{Fault, Result, listed, named};
use super::limits::DEPTH;
use super::{Reader, Search};
use crate::query::{Condition, Link};

impl Search<'_> {
    /// `subject:Patient.name`: what a reference leads to.
    pub(super) fn chain(
        &self,
        types: &[ResourceType],
        head: &str,
        rest: &str,
        value: &str,
        depth: usize,
    ) -> Result<Asked> {
        let (code, only) = match head.split_once(':') {
            Some((code, only)) => (code, Some(self.reader.type_named(only)?)),
            None => (head, None),
        };
        self.followed(types, (code, only), depth, |target, depth| {
            self.condition(&[target], rest, value, depth)
        })
    }

    /// What a reference leads to, of which `ask` says what must hold.
    pub(super) fn followed(
        &self,
        types: &[ResourceType],
        (code, only): (&str, Option<ResourceType>),
        depth: usize,
        ask: impl Fn(ResourceType, usize) -> Result<Asked>,
    ) -> Result<Asked> {
        deeper(depth)?;
        // What is unknown anyway is told as such.
        self.reader.groups(types, code)?;
        let mut parts = Vec::new();
        let mut told: Vec<(ResourceType, String)> = Vec::new();
        let mut wrong: Vec<(ResourceType, Fault)> = Vec::new();
        for ty in types {
            let parameter = self.reader.link(*ty, code).map_err(|fault| within(depth, fault))?;
            if let Some(only) = only.filter(|only| !parameter.leads_to(*only)) {
                let known = listed(parameter.targets.iter());
                let fault = Fault::value(format!("{code} never leads to a {only}, but to {known}"));
                return Err(within(depth, fault));
            }
            let targets = match only {
                Some(only) => vec![only],
                None if parameter.targets.is_empty() => self.reader.searched(&[]),
                None => parameter.targets.to_vec(),
            };
            for target in targets {
                let units = parameter.units_to(target);
                if units.is_empty() {
                    continue;
                }
                match ask(target, depth + 1) {
                    Ok(asked) => {
                        self.follow(1)?;
                        let condition = Box::new(asked.condition);
                        parts.push(Condition::Chain(Link { units, other: target, condition }));
                        if told.iter().all(|(known, _)| *known != target) {
                            told.push((target, asked.words));
                        }
                    }
                    Err(fault) if fault.ignorable || fault.misplaced => wrong.push((target, fault)),
                    Err(fault) => {
                        let text = format!("{code} leads to {target}: {}", fault.text);
                        return Err(Fault { text, ..fault });
                    }
                }
            }
        }
        if parts.is_empty() {
            return Err(within(depth, nowhere(code, wrong)));
        }
        Ok(Asked { condition: Condition::any(parts), words: format!("{code} leads to {}", led(told)) })
    }

    /// `_has:Observation:patient:code`, without its beginning: what refers to the resource.
    pub(super) fn has(&self, types: &[ResourceType], rest: &str, value: &str, depth: usize) -> Result<Asked> {
        deeper(depth)?;
        let mut parts = rest.splitn(3, ':');
        let (Some(source), Some(code), Some(inner)) = (parts.next(), parts.next(), parts.next()) else {
            let text = "it is _has:[type]:[reference]:[parameter], as _has:Observation:patient:code";
            return Err(Fault::value(text));
        };
        let source = self.reader.type_named(source)?;
        let parameter = self.reader.link(source, code).map_err(Fault::firm)?;
        // Units that are of references to one type must not find others.
        let mut by_units: Vec<(Vec<i32>, Vec<ResourceType>)> = Vec::new();
        for ty in types.iter().filter(|ty| parameter.leads_to(**ty)) {
            let units = parameter.units_to(*ty);
            match by_units.iter_mut().find(|(known, _)| *known == units) {
                Some((_, types)) => types.push(*ty),
                None if units.is_empty() => {}
                None => by_units.push((units, vec![*ty])),
            }
        }
        if by_units.is_empty() {
            let known = listed(parameter.targets.iter());
            let asked = listed(types.iter().take(3));
            let fault = Fault::value(format!("{code} of {source} never leads to {asked}, but to {known}"));
            return Err(within(depth, fault));
        }
        let asked = self.condition(&[source], inner, value, depth + 1).map_err(|fault| {
            let text = format!("{source}: {}", fault.text);
            Fault { text, ..fault }.firm()
        })?;
        self.follow(by_units.len())?;
        let all = types.len();
        let link = |(units, types): (Vec<i32>, Vec<ResourceType>)| {
            let condition = Box::new(asked.condition.clone());
            let has = Condition::Has(Link { units, other: source, condition });
            if types.len() == all { has } else { Condition::All(vec![Condition::Types(types), has]) }
        };
        let condition = Condition::any(by_units.into_iter().map(link).collect());
        Ok(Asked {
            condition,
            words: format!("is what {code} of {} leads to", described(source, &asked.words)),
        })
    }
}

impl Reader<'_> {
    /// A type that is named.
    pub(super) fn type_named(&self, name: &str) -> Result<ResourceType> {
        let release = self.registry.definitions().release();
        ResourceType::from_name(name).filter(|ty| ty.in_release(release)).ok_or_else(|| {
            let near = ResourceType::nearest_in(name, release);
            let near = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
            Fault::value(format!("there is no resource type {}{near}", named(name)))
        })
    }
}

/// A fault within a chain, whose other types may have the parameter with the meaning that is asked for.
fn within(depth: usize, fault: Fault) -> Fault {
    Fault { misplaced: depth > 0, ..fault }
}

fn deeper(depth: usize) -> Result<()> {
    if depth < DEPTH {
        return Ok(());
    }
    Err(Fault::costly(format!("a chain follows {DEPTH} references at the most")))
}

/// Why no type understands the rest of a chain.
fn nowhere(code: &str, wrong: Vec<(ResourceType, Fault)>) -> Fault {
    const SHOWN: usize = 5;
    let count = wrong.len();
    // What some have with another meaning is known.
    if let Some((ty, fault)) = wrong.iter().find(|(_, fault)| !fault.ignorable) {
        return Fault { text: format!("{code} leads to {ty}: {}", fault.text), ..fault.clone() }.firm();
    }
    let Some((_, first)) = wrong.first() else {
        return Fault::value(format!("{code} leads to nothing that could be asked for more"));
    };
    if count == 1 {
        return first.clone();
    }
    let more = if count > SHOWN { format!(" and {} more types", count - SHOWN) } else { String::new() };
    let near = wrong.iter().find_map(|(_, fault)| fault.text.split_once("; did you mean "));
    let near = near.map_or_else(String::new, |(_, near)| format!("; did you mean {near}"));
    let name = first.text.split(" for ").next().unwrap_or_default().to_owned();
    let types = listed(wrong.iter().take(SHOWN).map(|(ty, _)| ty));
    Fault::unknown(format!("{name} for any type that {code} leads to: {types}{more}{near}"))
}

/// A resource of a type of which something is asked.
fn described(ty: ResourceType, words: &str) -> String {
    let article = if ty.name().starts_with(['A', 'E', 'I', 'O', 'U']) { "an" } else { "a" };
    match words.strip_prefix("no ") {
        Some(words) => format!("{article} {ty} of which no {words}"),
        None if words.starts_with('_') || words.starts_with("is ") => format!("{article} {ty} that {words}"),
        None => format!("{article} {ty} whose {words}"),
    }
}

fn led(told: Vec<(ResourceType, String)>) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<String> = told.iter().take(SHOWN).map(|(ty, words)| described(*ty, words)).collect();
    match told.len().saturating_sub(SHOWN) {
        0 => shown.join(", or to "),
        more => format!("{}, or to one of {more} other types", shown.join(", or to ")),
    }
}
