//! Searches by what several elements, several resources or their words say.

use super::related::Related;
use super::{Asked, Generator, Pair, is_plain, may_lead, name};
use crate::parameter::Parameter;
use crate::rows::{Row, Sort};
use crate::search::Question;
use crate::search::text::{escaped, plain};
use crate::search::words;
use crate::text::normal;
use rushlight_model::definitions::SearchParameterType;
use std::rc::Rc;

fn pair(name: &str, value: String, kind: &str) -> Pair {
    Pair { name: name.to_owned(), value, kind: kind.to_owned() }
}

impl<'w> Generator<'w> {
    fn related(&mut self) -> Rc<Related<'w>> {
        let world = self.world;
        Rc::clone(self.related.get_or_insert_with(|| Rc::new(Related::new(world))))
    }

    pub(super) fn special_search(&mut self) -> Option<Asked> {
        let kind = self.dice.below(24);
        let (at, pair) = (0..super::TRIES).find_map(|_| self.special(kind))?;
        let question = Question { types: vec![self.world.ty(at)], ..Question::default() };
        let mut asked = Asked { kinds: Vec::new(), question };
        self.add(&mut asked, |_, _| Some(pair), at)?;
        if self.dice.once_in(6) {
            self.add(&mut asked, Self::filter, at)?;
        }
        if self.dice.once_in(4) {
            self.sort(&mut asked);
        }
        Some(asked)
    }

    /// A search, and a resource that it is made up from.
    fn special(&mut self, kind: usize) -> Option<(usize, Pair)> {
        let related = self.related();
        match kind {
            0 => {
                let (at, list) = self.dice.of(&related.items)?;
                let mut value = self.world.id(list).to_string();
                let or = self.dice.once_in(3);
                if or {
                    let (_, other) = self.dice.one(&related.items);
                    value = format!("{value},{}", self.world.id(other));
                }
                Some((at, pair("_list", value, if or { "_list or" } else { "_list" })))
            }
            1..=3 => {
                let (at, parameter) = self.of_sort("token")?;
                let (url, stored) = self.set_of(at, parameter)?;
                let modifier = self.dice.one(&["in", "in", "not-in"]);
                let kind = format!("token :{modifier} {}", if stored { "stored" } else { "known" });
                Some((at, pair(&format!("{}:{modifier}", parameter.definition.code), escaped(&url), &kind)))
            }
            4 => {
                let (at, parameter) = self.of_sort("token")?;
                let (modifier, value) = self.related_code(at, parameter)?;
                let name = format!("{}:{modifier}", parameter.definition.code);
                Some((at, pair(&name, value, &format!("token :{modifier}"))))
            }
            5 => {
                let (at, parameter, modifier, value) = self.relative()?;
                let name = format!("{}:{modifier}", parameter.definition.code);
                Some((at, pair(&name, value, &format!("reference :{modifier}"))))
            }
            6 => {
                let (at, parameter, value) = self.version()?;
                let name = format!("{}:below", parameter.definition.code);
                Some((at, pair(&name, value, "reference :below version")))
            }
            7 => {
                let at = self.dice.of(&related.told)?;
                Some((at, self.words(at, true)?))
            }
            8 => {
                let at = self.any_place();
                Some((at, self.words(at, false)?))
            }
            _ => self.any_filter(),
        }
    }

    fn any_filter(&mut self) -> Option<(usize, Pair)> {
        let (at, parameter) = if self.dice.once_in(5) {
            let related = self.related();
            let (at, parameter, ..) = self.dice.of(&related.trees)?;
            (at, parameter)
        } else if self.dice.once_in(2) {
            // These have the most operators.
            let sort = self.dice.one(&["token", "token", "date", "date", "number", "quantity", "uri"]);
            self.of_sort(sort)?
        } else {
            let pool = self.dice.below(self.pools.len());
            self.dice.of(&self.pools[pool])?
        };
        let depth = self.dice.below(4);
        let (filter, kind) = self.filter_text(at, Some(parameter), depth)?;
        Some((at, pair("_filter", filter, &kind)))
    }

    /// Of what a resource says itself.
    pub(super) fn special_of(&mut self, at: usize) -> Option<Pair> {
        if self.dice.once_in(3) {
            return self.words(at, false);
        }
        let (filter, kind) = self.filter_text(at, None, 1)?;
        Some(pair("_filter", filter, &kind))
    }

    fn of_sort(&mut self, sort: &str) -> Option<(usize, &'w Parameter)> {
        // Those made for it more often than chance would have them.
        if sort == "token" && self.dice.once_in(2) {
            let ty = self.dice.one(&["Observation", "Condition"]);
            let ty = rushlight_model::ResourceType::from_name(ty)?;
            let grown = |at: &usize| self.world.id(*at).as_str().starts_with("grown");
            let all: Vec<usize> = self.world.of_type(ty).iter().copied().filter(grown).collect();
            return Some((self.dice.of(&all)?, self.world.parameter(ty, "code")?));
        }
        let pool = self.pools.iter().find(|pool| pool.first().is_some_and(|(_, own)| name(own) == sort))?;
        self.dice.of(pool)
    }

    fn rows_of(&self, at: usize, parameter: &Parameter) -> Vec<Row> {
        self.world.rows(at, parameter).to_vec()
    }

    /// A value set that holds a code, or perhaps any.
    fn set_of(&mut self, at: usize, parameter: &Parameter) -> Option<(String, bool)> {
        let related = self.related();
        let rows = self.rows_of(at, parameter);
        let own: Vec<&(String, bool)> =
            rows.iter().filter_map(|row| related.sets.get(row)).flatten().collect();
        if own.is_empty() && self.dice.once_in(20) {
            let all: Vec<&(String, bool)> = related.sets.values().flatten().collect();
            return self.dice.of(&all).cloned();
        }
        let (url, stored) = self.dice.of(&own)?.clone();
        let version = self.world.version_of_set(&url).filter(|_| self.dice.once_in(4));
        Some((version.map_or(url.clone(), |version| format!("{url}|{version}")), stored))
    }

    /// A modifier, and `system|code` that a code is below, or above.
    fn related_code(&mut self, at: usize, parameter: &Parameter) -> Option<(&'static str, String)> {
        let related = self.related();
        let rows = self.rows_of(at, parameter);
        let own: Vec<&(usize, String)> = rows.iter().filter_map(|row| related.codes.get(row)).collect();
        let (place, code) = self.dice.of(&own)?;
        let (url, system) = &related.systems[*place];
        let below = self.dice.once_in(2);
        let others = system
            .codes()
            .filter(|other| if below { system.is_a(code, other) } else { system.is_a(other, code) });
        let other = self.dice.of(&others.collect::<Vec<_>>())?;
        let modifier = if below { "below" } else { "above" };
        Some((modifier, format!("{}|{}", escaped(url), escaped(other))))
    }

    fn relative(&mut self) -> Option<(usize, &'w Parameter, &'static str, String)> {
        let related = self.related();
        let (at, parameter, ty, id) = self.dice.of(&related.trees)?;
        let below = self.dice.once_in(2);
        let family: Vec<_> = self.world.family(ty, id, !below).into_iter().collect();
        let id = self.dice.of(&family)?;
        let only = parameter.definition.target.len() == 1;
        let value = match self.dice.below(3) {
            0 if only => id.to_string(),
            1 if !self.world.base.is_empty() => format!("{}/{}/{id}", self.world.base, ty.name()),
            _ => format!("{}/{id}", ty.name()),
        };
        Some((at, parameter, if below { "below" } else { "above" }, value))
    }

    fn version(&mut self) -> Option<(usize, &'w Parameter, String)> {
        let related = self.related();
        let (at, parameter, url, version) = self.dice.of(&related.versions)?;
        let points: Vec<usize> =
            version.match_indices('.').map(|(at, _)| at).chain([version.len()]).collect();
        let version = escaped(&version[..self.dice.one(&points)]);
        let url = escaped(&url);
        let value = if self.dice.once_in(4) { url } else { format!("{url}|{version}") };
        Some((at, parameter, value))
    }

    /// Words of a resource, or of another one.
    fn words(&mut self, at: usize, narrative: bool) -> Option<Pair> {
        let json = self.world.json(at);
        let (name, own) = if narrative {
            ("_text", words::of_narrative(json))
        } else {
            ("_content", words::of_everything(json))
        };
        let own: Vec<String> = own.into_iter().filter(|word| word.len() < 400).collect();
        let mut value = self.dice.of(&own)?;
        let mut kind = name.to_owned();
        if self.dice.once_in(2) {
            value = format!("{} {value}", self.dice.of(&own)?.to_uppercase());
            kind = format!("{name} words");
        }
        if self.dice.once_in(4) {
            let other = self.any_place();
            let others: Vec<String> = words::of_everything(self.world.json(other)).into_iter().collect();
            let other = self.dice.of(&others).filter(|word| word.len() < 400)?;
            value = format!("{value},{other}");
            kind = format!("{name} or");
        }
        Some(pair(name, value, &kind))
    }

    /// A filter, by this parameter or by any that a resource has, and its kinds.
    fn filter_text(
        &mut self,
        at: usize,
        parameter: Option<&'w Parameter>,
        depth: usize,
    ) -> Option<(String, String)> {
        if depth == 0 {
            return self.comparison(at, parameter);
        }
        let inner = |own: &mut Self| {
            let depth = own.dice.below(depth);
            own.filter_text(at, None, depth)
        };
        let (first, kind) = self.filter_text(at, parameter, depth - 1)?;
        Some(match self.dice.below(6) {
            0 | 1 => {
                let joint = self.dice.one(&["and", "or"]);
                let (second, other) = inner(self)?;
                (format!("{first} {joint} {second}"), format!("{kind}+{other}+_filter {joint}"))
            }
            2 => {
                let (second, other) = inner(self)?;
                (format!("({first} or {second}) and {first}"), format!("{kind}+{other}+_filter ()"))
            }
            3 => {
                let open = self.dice.one(&["not (", "not( "]);
                (format!("{open}{first})"), format!("{kind}+_filter not"))
            }
            _ => self.along(at, depth)?,
        })
    }

    /// A path through references, perhaps filtered on the way.
    fn along(&mut self, at: usize, depth: usize) -> Option<(String, String)> {
        let references =
            self.world.parameters(self.world.ty(at)).iter().filter(|own| super::is_reference(own));
        let leads = |own: &'w Parameter| {
            let to = self.world.targets(at, own).into_iter();
            to.filter(|to| may_lead(own, self.world.ty(*to))).map(move |to| (own, to)).collect::<Vec<_>>()
        };
        let all: Vec<(&Parameter, usize)> = references.flat_map(leads).collect();
        let (parameter, to) = self.dice.of(&all)?;
        let ty = self.world.ty(to).name();
        let (inner, mut kind) = if depth > 1 && self.dice.once_in(2) {
            self.along(to, depth - 1)?
        } else {
            self.comparison(to, None)?
        };
        kind.push_str("+_filter chain");
        let code = parameter.definition.code;
        let first = inner.split([' ', '.', '[']).next()?.to_owned();
        let few = parameter.definition.target.len() < 6;
        let untyped =
            few && !first.contains(':') && !inner.contains(['.', '[']) && self.agree(parameter, &first);
        let head = if untyped { code.to_owned() } else { format!("{code}:{ty}") };
        if !untyped && self.dice.once_in(3) {
            let (filter, other) = self.filter_text(to, None, 1)?;
            return Some((format!("{head}[{filter}].{inner}"), format!("{kind}+{other}+_filter [] chain")));
        }
        Some((format!("{head}.{inner}"), kind))
    }

    /// `code operator value`
    fn comparison(&mut self, at: usize, parameter: Option<&'w Parameter>) -> Option<(String, String)> {
        let parameter = match parameter {
            Some(parameter) => parameter,
            None if self.dice.once_in(10) => {
                let operator = self.dice.one(&["eq", "ne"]);
                return Some((format!("_id {operator} {}", self.world.id(at)), "_filter _id".to_owned()));
            }
            None if self.dice.once_in(12) => {
                let time = chrono::DateTime::from_timestamp_micros(self.world.last_updated(at))?;
                let operator = self.dice.one(&["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]);
                let time = time.format("%Y-%m-%dT%H:%M:%SZ");
                return Some((format!("_lastUpdated {operator} {time}"), "_filter _lastUpdated".to_owned()));
            }
            None => {
                let has = |own: &&Parameter| is_plain(own) && !self.world.rows(at, own).is_empty();
                let all: Vec<&Parameter> =
                    self.world.parameters(self.world.ty(at)).iter().filter(has).collect();
                self.dice.of(&all)?
            }
        };
        let code = parameter.definition.code;
        let (operator, value) = self.operand(at, parameter)?;
        let kind = format!("_filter {} {operator}", name(parameter));
        let blank = if self.dice.once_in(8) { "  " } else { " " };
        Some((format!("{code}{blank}{operator} {}", self.quoted(&value)), kind))
    }

    fn operand(&mut self, at: usize, parameter: &'w Parameter) -> Option<(&'static str, String)> {
        use SearchParameterType as T;
        let ty = parameter.definition.ty;
        let sort = Sort::of(ty).filter(|sort| *sort != Sort::Position);
        let Some(sort) = sort.filter(|_| !self.dice.once_in(10)) else {
            return Some(("pr", self.dice.one(&["true", "false"]).to_owned()));
        };
        let swapped = |modifier| if modifier == "below" { "ss" } else { "sb" };
        if ty == T::Token && self.dice.once_in(2) {
            return match self.dice.once_in(2) {
                true => Some((self.dice.one(&["in", "ni"]), self.set_of(at, parameter)?.0)),
                false => {
                    let (modifier, value) = self.related_code(at, parameter)?;
                    bars_only(&value).map(|value| (swapped(modifier), value))
                }
            };
        }
        if ty == T::Reference && self.dice.once_in(3) {
            // Of those that lead to what is part of something.
            let related = self.related();
            let own = related
                .trees
                .iter()
                .filter(|(from, own, ..)| *from == at && own.definition.code == parameter.definition.code);
            let (_, _, to, id) = self.dice.of(&own.collect::<Vec<_>>())?;
            let below = self.dice.once_in(2);
            let family: Vec<_> = self.world.family(*to, id.clone(), !below).into_iter().collect();
            let value = format!("{}/{}", to.name(), self.dice.of(&family)?);
            return Some((if below { "ss" } else { "sb" }, value));
        }
        let is_plain = !matches!(ty, T::String | T::Uri);
        let value = self.value(at, parameter, sort, is_plain)?;
        match ty {
            T::String => {
                let text = plain(&value.text);
                let operator = match value.modifier {
                    "exact" => self.dice.one(&["eq", "ne"]),
                    "contains" => "co",
                    _ => "sw",
                };
                (!normal(&text).is_empty()).then_some((operator, text))
            }
            T::Uri => Some((
                match value.modifier {
                    "below" => "ss",
                    "above" => "sb",
                    _ => self.dice.one(&["eq", "ne"]),
                },
                plain(&value.text),
            )),
            T::Token => bars_only(&value.text).map(|text| (self.dice.one(&["eq", "ne"]), text)),
            T::Reference => bars_only(&value.text).map(|text| (self.dice.one(&["eq", "re"]), text)),
            _ => {
                let text = bars_only(&value.text)?;
                const OPERATORS: [&str; 9] = ["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"];
                let operator = OPERATORS.iter().find(|operator| text.starts_with(**operator));
                let bare = text[operator.map_or(0, |operator| operator.len())..].to_owned();
                let overlaps = ty == T::Date && self.dice.once_in(6);
                Some((if overlaps { "po" } else { operator.copied().unwrap_or("eq") }, bare))
            }
        }
    }

    /// A value as filters have it.
    fn quoted(&mut self, value: &str) -> String {
        let bare = !value.is_empty() && !value.starts_with('"');
        let bare = bare && !value.contains(|char: char| char.is_whitespace() || char == ')' || char == ']');
        if bare && !self.dice.once_in(3) {
            return value.to_owned();
        }
        let quoted = serde_json::to_string(value).unwrap();
        let plain = quoted.contains('\\') || !self.dice.once_in(3);
        if plain { quoted } else { quoted.replace('e', "\\u0065") }
    }
}

/// Without escapes; `None` where a bar parts nothing, which filters can't say.
fn bars_only(text: &str) -> Option<String> {
    (!text.contains("\\|")).then(|| plain(text))
}
