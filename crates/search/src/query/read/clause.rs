//! One parameter of a search.

use rushlight_model::definitions::{Membership, SearchParameterType};
use rushlight_model::{Id, ResourceType};

use super::fault::{Fault, Result, listed, quoted};
use super::group::Group;
use super::limits::{ALTERNATIVES, VALUE};
use super::modifier::Modifier;
use super::rows::{self, Meant, Shape};
use super::text::{plain, split};
use super::values::{self, Coded};
use super::{Reader, Search};
use crate::query::Condition;
use crate::registry::Found;

/// What a parameter asks for.
pub(super) struct Asked {
    pub(super) condition: Condition,
    /// With the parameter's name at the beginning.
    pub(super) words: String,
}

impl Search<'_> {
    /// What a parameter asks of resources of these types.
    pub(super) fn condition(
        &self,
        types: &[ResourceType],
        name: &str,
        value: &str,
        depth: usize,
    ) -> Result<Asked> {
        if let Some(rest) = name.strip_prefix("_has:") {
            return self.has(types, rest, value, depth);
        }
        if let Some((head, rest)) = name.split_once('.') {
            return self.chain(types, head, rest, value, depth);
        }
        let (code, modifier) = match name.split_once(':') {
            Some((code, modifier)) => (code, Some(modifier)),
            None => (name, None),
        };
        if let Some(asked) = self.special(types, code, modifier, value, depth)? {
            return Ok(asked);
        }
        self.reader.last(types, code, modifier, value)
    }
}

impl Reader<'_> {
    /// A parameter of the resources themselves.
    pub(super) fn last(
        &self,
        types: &[ResourceType],
        code: &str,
        modifier: Option<&str>,
        value: &str,
    ) -> Result<Asked> {
        let groups = self.groups(types, code)?;
        let mut parts = Vec::new();
        let mut told = String::new();
        let mut negative = false;
        for group in &groups {
            let modifier = modifier.map(|name| Modifier::read(group.parameter.ty, name)).transpose()?;
            negative = modifier.is_some_and(Modifier::is_negative);
            let (condition, words) = self.of_group(group, modifier, value)?;
            parts.push(condition);
            if told.is_empty() {
                told = words;
            }
        }
        let condition = Condition::any(parts);
        Ok(if negative {
            Asked { condition: condition.negated(), words: format!("no {code} {told}") }
        } else {
            Asked { condition, words: format!("{code} {told}") }
        })
    }

    pub(super) fn of_group(
        &self,
        group: &Group<'_>,
        modifier: Option<Modifier>,
        value: &str,
    ) -> Result<(Condition, String)> {
        if modifier == Some(Modifier::Missing) {
            return self.missing_values(group, value);
        }
        let alternatives = alternatives(value)?;
        match group.parameter.found {
            Found::Id => ids(modifier, &alternatives),
            Found::LastUpdated => {
                let read = |text: &&str| values::updated(text, self.now);
                let (parts, words): (Vec<_>, Vec<_>) =
                    alternatives.iter().map(read).collect::<Result<Vec<_>>>()?.into_iter().unzip();
                Ok((Condition::any(parts), words.join(", or ")))
            }
            _ => {
                let read = |text: &&str| self.alternative(group, modifier, text);
                let meant = Meant::any(alternatives.iter().map(read).collect::<Result<_>>()?);
                Ok((rows::condition(meant.shapes, &group.units)?, meant.words))
            }
        }
    }

    /// `:missing`
    fn missing_values(&self, group: &Group<'_>, value: &str) -> Result<(Condition, String)> {
        let missing = match value {
            "true" => true,
            "false" => false,
            other => {
                let text = format!("the value of :missing is true or false, not {}", quoted(other));
                return Err(Fault::value(text));
            }
        };
        let present = match group.parameter.found {
            Found::Units(_) => {
                let shapes = group.tables(self).into_iter().map(Shape::of).collect();
                rows::condition(shapes, &group.units)?
            }
            _ => Condition::everything(),
        };
        let words = if missing { "is missing" } else { "is there" };
        Ok((if missing { present.negated() } else { present }, words.to_owned()))
    }

    /// One alternative of a value.
    pub(super) fn alternative(
        &self,
        group: &Group<'_>,
        modifier: Option<Modifier>,
        text: &str,
    ) -> Result<Meant> {
        let Some(sort) = group.sort() else {
            let ways: Vec<_> = group
                .types
                .iter()
                .flat_map(|ty| group.units.iter().flat_map(|unit| self.registry.ways(*ty, unit.number)))
                .cloned()
                .collect();
            return values::composite(self, &ways, text);
        };
        let is_reference = group.is(SearchParameterType::Reference);
        match modifier {
            None | Some(Modifier::Not) => values::plain(self, sort, text),
            Some(Modifier::Exact) => values::exact(text),
            Some(Modifier::Contains) => values::contains(text),
            Some(Modifier::Text) => values::text(text),
            Some(Modifier::OfType) => values::of_type(text),
            Some(Modifier::Identifier) => {
                let meant = values::token(text)?;
                Ok(Meant { words: format!("has an identifier that {}", meant.words), ..meant })
            }
            Some(Modifier::Type(ty)) => {
                if !group.targets.is_empty() && !group.targets.contains(&ty) {
                    let known = listed(group.targets.iter());
                    let code = &group.parameter.code;
                    return Err(Fault::value(format!("{code} never leads to a {ty}, but to {known}")));
                }
                values::reference(self.base, text, Some(ty))
            }
            Some(Modifier::In | Modifier::NotIn) => self.in_value_set(&plain(text)?),
            Some(Modifier::Below) if is_reference => self.hierarchy(group, text, true),
            Some(Modifier::Above) if is_reference => self.hierarchy(group, text, false),
            Some(Modifier::Below) if group.is(SearchParameterType::Token) => self.related_codes(text, true),
            Some(Modifier::Above) if group.is(SearchParameterType::Token) => self.related_codes(text, false),
            Some(Modifier::Below) => values::below(text),
            Some(Modifier::Above) => values::above(text),
            Some(Modifier::Missing) => Err(Fault::value("it is asked for more than whether it is missing")),
        }
    }

    /// `:in`
    pub(super) fn in_value_set(&self, url: &str) -> Result<Meant> {
        let undecided =
            |why: &str| Fault::unsupported(format!("what is in {} can't be told: {why}", quoted(url)));
        let codes = match self.stored.codes(url).map_err(|why| undecided(&why))? {
            Some(codes) => codes,
            None => {
                let (bare, version) = url.split_once('|').map_or((url, None), |(url, v)| (url, Some(v)));
                let set = self.registry.definitions().value_set(bare);
                let set = set.filter(|set| version.is_none() || version == set.version);
                match set {
                    None => {
                        return Err(Fault::value(format!(
                            "the value set {} is not here: it is neither stored nor one that elements are bound to \
                             by required or extensible bindings",
                            quoted(url)
                        )));
                    }
                    Some(set) if set.is_open() => {
                        let open = listed(set.open_systems());
                        return Err(undecided(&format!(
                            "it holds codes of {open}, which are not known here"
                        )));
                    }
                    Some(set) => set
                        .codes()
                        .filter(|(system, code)| set.contains(Some(system), code) == Membership::In)
                        .map(|(system, code)| (system.to_owned(), code.to_owned()))
                        .collect(),
                }
            }
        };
        bounded(codes.len())?;
        let words = format!("is in the value set {}, which has {} codes", quoted(url), codes.len());
        let shape = |(system, code)| Coded { system: Some(system), code: Some(code) }.shape();
        Ok(Meant { shapes: codes.into_iter().map(shape).collect(), words })
    }

    /// `:below` and `:above` of tokens.
    fn related_codes(&self, text: &str, below: bool) -> Result<Meant> {
        let way = if below { "below" } else { "above" };
        let Coded { system: Some(system), code: Some(code) } = Coded::read(text)? else {
            return Err(Fault::value(format!("the value of :{way} is system|code")));
        };
        let undecided = |why: &str| {
            Fault::unsupported(format!("which codes are {way} {} can't be told: {why}", quoted(text)))
        };
        let known = self.stored.related_codes(&system, &code, below).map_err(|why| undecided(&why))?;
        let codes = match known {
            Some(codes) => codes,
            None => self
                .defined_codes(&system, &code, below)
                .ok_or_else(|| undecided("its code system, or the code in it, is not known here"))?,
        };
        bounded(codes.len())?;
        let words = format!("is {code} of {system} or {way} it: {} codes", codes.len());
        let shape = |code| Coded { system: Some(system.clone()), code: Some(code) }.shape();
        Ok(Meant { shapes: codes.into_iter().map(shape).collect(), words })
    }

    /// A code of a system of FHIR's own, and those below or above it.
    fn defined_codes(&self, system: &str, code: &str, below: bool) -> Option<Vec<String>> {
        let system = self.registry.definitions().code_system(system).filter(|system| system.complete)?;
        if !system.contains(code) {
            return None;
        }
        let mut found = vec![code];
        let mut at = 0;
        while let Some(code) = found.get(at).copied() {
            at += 1;
            let next: Vec<&str> = if below {
                let children = system.concepts().iter().filter(|concept| concept.parent == Some(code));
                children.map(|concept| concept.code).collect()
            } else {
                system.parent(code).into_iter().collect()
            };
            next.into_iter().for_each(|next| {
                if !found.contains(&next) {
                    found.push(next);
                }
            });
        }
        Some(found.into_iter().map(str::to_owned).collect())
    }

    /// `:below` and `:above` of references: <https://hl7.org/fhir/R4/search.html#recursive>
    fn hierarchy(&self, group: &Group<'_>, text: &str, below: bool) -> Result<Meant> {
        /// The parameters that lead from a resource to the one of its type that it is part of.
        const PARENTS: [&str; 2] = ["partof", "part-of"];
        let way = if below { "below" } else { "above" };
        let bare = plain(text)?;
        let local = bare.strip_prefix(self.base).and_then(|rest| rest.strip_prefix('/')).unwrap_or(&bare);
        let (ty, id) = match local.split_once('/') {
            Some((name, id)) => (ResourceType::from_name(name), Id::new(id)),
            None => match group.targets[..] {
                [only] => (Some(only), Id::new(local)),
                _ => (None, Id::new(local)),
            },
        };
        let (ty, id) = match (ty, id) {
            (Some(ty), Ok(id)) => (ty, id),
            (None, Ok(_)) => return Err(Fault::value(format!("the value of :{way} is Type/id here"))),
            _ if below => return values::below_version(text),
            _ => return Err(Fault::value(format!("{} is not Type/id", quoted(text)))),
        };
        let own = |code: &&str| self.registry.parameter(ty, code).filter(|own| own.leads_to(ty));
        let Some(parent) = PARENTS.iter().find_map(own) else {
            return Err(Fault::value(format!("resources of the type {ty} are not in a hierarchy")));
        };
        let undecided =
            |why: &str| Fault::unsupported(format!("what is {way} {} can't be told: {why}", quoted(text)));
        let found =
            self.stored.related(ty, &id, &parent.units_to(ty), below).map_err(|why| undecided(&why))?;
        let found = found.ok_or_else(|| undecided("hierarchies of resources are not known here"))?;
        bounded(found.len())?;
        let words = format!("leads to {ty}/{id} or what is {way} it: {} resources", found.len());
        let read = |id: &Id| values::reference(self.base, &format!("{ty}/{id}"), None);
        let each: Vec<Meant> = found.iter().map(read).collect::<Result<_>>()?;
        Ok(Meant { words, ..Meant::any(each) })
    }
}

/// The alternatives of a value, still escaped.
pub(super) fn alternatives(value: &str) -> Result<Vec<&str>> {
    let all: Vec<&str> = split(value, ',').take(ALTERNATIVES + 1).collect();
    bounded(all.len())?;
    if all.iter().any(|one| one.is_empty()) {
        return Err(Fault::value("an alternative between commas is empty; write \\, for a comma in a value"));
    }
    if all.iter().any(|one| one.len() > VALUE) {
        return Err(Fault::costly(format!("a value has {VALUE} bytes at the most")));
    }
    Ok(all)
}

fn bounded(count: usize) -> Result<()> {
    if count <= ALTERNATIVES {
        return Ok(());
    }
    Err(Fault::costly(format!("a parameter has {ALTERNATIVES} alternatives at the most")))
}

/// `_id`
fn ids(modifier: Option<Modifier>, alternatives: &[&str]) -> Result<(Condition, String)> {
    if !matches!(modifier, None | Some(Modifier::Not)) {
        return Err(Fault::unsupported("_id has the modifiers :not and :missing only"));
    }
    let read = |text: &&str| {
        Id::new(text).map_err(|why| Fault::value(format!("{} is not an id: {why}", quoted(text))))
    };
    let mut ids: Vec<Id> = alternatives.iter().map(read).collect::<Result<_>>()?;
    let words = match &ids[..] {
        [id] => format!("is {id}"),
        all => format!("is one of {} ids", all.len()),
    };
    ids.sort();
    ids.dedup();
    Ok((Condition::Ids(ids), words))
}
