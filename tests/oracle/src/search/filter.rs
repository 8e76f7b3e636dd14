//! `_filter`: <https://hl7.org/fhir/R4/search_filter.html>.

use super::text::plain;
use super::{Set, value};
use crate::hash::cut;
use crate::interval;
use crate::matcher;
use crate::parameter::Parameter;
use crate::rows::{Column, Row, Sort};
use crate::text::normal;
use crate::world::World;
use rushlight_model::ResourceType;
use rushlight_model::definitions::SearchParameterType;

/// A filter, as it is written.
pub enum Filter {
    /// Terms, with what joins each to those before it.
    Row(Box<Filter>, Vec<(String, Filter)>),
    Not(Box<Filter>),
    Compare {
        path: Vec<(String, Option<Filter>)>,
        operator: String,
        value: String,
    },
}

/// Reads what is known to be a filter.
pub fn read(text: &str) -> Filter {
    let mut chars = Chars { left: text.chars().collect(), at: 0 };
    let filter = chars.filter();
    chars.blanks();
    assert!(chars.peek().is_none(), "{text}: {}", chars.at);
    filter
}

struct Chars {
    left: Vec<char>,
    at: usize,
}

impl Chars {
    fn peek(&self) -> Option<char> {
        self.left.get(self.at).copied()
    }

    fn next(&mut self) -> char {
        self.at += 1;
        self.left[self.at - 1]
    }

    fn while_is(&mut self, is: impl Fn(char) -> bool) -> String {
        let mut out = String::new();
        while self.peek().is_some_and(&is) {
            out.push(self.next());
        }
        out
    }

    fn blanks(&mut self) {
        self.while_is(char::is_whitespace);
    }

    fn name(&mut self) -> String {
        self.while_is(|char| char.is_ascii_alphanumeric() || "_-:".contains(char))
    }

    fn filter(&mut self) -> Filter {
        let first = self.term();
        let mut more = Vec::new();
        loop {
            self.blanks();
            let before = self.at;
            let joint = self.name();
            if !["and", "or"].contains(&joint.as_str()) {
                self.at = before;
                return Filter::Row(Box::new(first), more);
            }
            more.push((joint, self.term()));
        }
    }

    fn within(&mut self, end: char) -> Filter {
        self.next();
        let filter = self.filter();
        self.blanks();
        assert_eq!(self.next(), end);
        filter
    }

    fn term(&mut self) -> Filter {
        self.blanks();
        if self.peek() == Some('(') {
            return self.within(')');
        }
        let before = self.at;
        if self.name() == "not" {
            self.blanks();
            if self.peek() == Some('(') {
                return Filter::Not(Box::new(self.within(')')));
            }
        }
        self.at = before;
        let mut path = Vec::new();
        loop {
            let name = self.name();
            let filter = (self.peek() == Some('[')).then(|| self.within(']'));
            path.push((name, filter));
            if self.peek() != Some('.') {
                break;
            }
            self.next();
        }
        self.blanks();
        let operator = self.name();
        self.blanks();
        Filter::Compare { path, operator, value: self.value() }
    }

    fn value(&mut self) -> String {
        if self.peek() != Some('"') {
            return self.while_is(|char| !char.is_whitespace() && char != ')' && char != ']');
        }
        let start = self.at;
        self.next();
        loop {
            match self.next() {
                '\\' => self.at += 1,
                '"' => break,
                _ => {}
            }
        }
        let string: String = self.left[start..self.at].iter().collect();
        serde_json::from_str(&string).unwrap()
    }
}

impl World {
    /// The resources of a type for which a filter holds.
    pub(super) fn filtered(&self, ty: ResourceType, filter: &Filter) -> Set {
        match filter {
            Filter::Not(inner) => self.others(ty, &self.filtered(ty, inner)),
            // From left to right: nothing binds more than another.
            Filter::Row(first, more) => {
                let mut found = self.filtered(ty, first);
                for (joint, term) in more {
                    let those = self.filtered(ty, term);
                    for (own, other) in found.iter_mut().zip(those) {
                        *own = if joint == "and" { *own && other } else { *own || other };
                    }
                }
                found
            }
            Filter::Compare { path, operator, value } => self.along(ty, path, operator, value),
        }
    }

    fn along(&self, ty: ResourceType, path: &[(String, Option<Filter>)], operator: &str, text: &str) -> Set {
        let [(head, filter), rest @ ..] = path else { panic!("no path") };
        if rest.is_empty() {
            return self.compared(ty, head, operator, text);
        }
        let (code, only) = head.split_once(':').unwrap_or((head, ""));
        let parameter = self.parameter(ty, code).unwrap();
        let knows = |target: ResourceType| {
            let next = rest[0].0.split(':').next().unwrap();
            ["_id", "_lastUpdated"].contains(&next) || self.parameter(target, next).is_some()
        };
        let all = parameter.definition.target.iter().filter_map(|name| ResourceType::from_name(name));
        let targets: Vec<ResourceType> = match ResourceType::from_name(only) {
            Some(only) => vec![only],
            None => all.filter(|target| knows(*target)).collect(),
        };
        let mut found = self.none();
        for target in targets {
            let mut those = self.along(target, rest, operator, text);
            if let Some(filter) = filter {
                let own = self.filtered(target, filter);
                those.iter_mut().zip(own).for_each(|(those, own)| *those &= own);
            }
            for at in self.all_of(ty) {
                let leads = |to: usize| self.ty(to) == target && those[to];
                found[at] |= self.targets(at, parameter).into_iter().any(leads);
            }
        }
        found
    }

    fn compared(&self, ty: ResourceType, code: &str, operator: &str, text: &str) -> Set {
        let mut found = self.none();
        match (code, operator) {
            ("_id", "pr") | ("_lastUpdated", "pr") => {
                self.all_of(ty).for_each(|at| found[at] = text == "true");
            }
            ("_id", _) => {
                let same = |at: usize| self.id(at).as_str() == text;
                self.all_of(ty).for_each(|at| found[at] = same(at) == (operator == "eq"));
            }
            ("_lastUpdated", _) => {
                for at in self.all_of(ty) {
                    let time = self.last_updated(at);
                    found[at] = matcher::date(&format!("{operator}{text}"), (time, time), self.now);
                }
            }
            _ => {
                let parameter = self.parameter(ty, code).unwrap();
                let test = self.comparison(parameter, operator, text);
                for at in self.all_of(ty) {
                    let rows = self.rows(at, parameter);
                    found[at] = match operator {
                        "pr" => rows.is_empty() == (text == "false"),
                        // True if none of the concepts is in the value set.
                        "ni" => !rows.iter().any(&test),
                        _ => rows.iter().any(&test),
                    };
                }
            }
        }
        found
    }

    /// What an item of the set must be.
    fn comparison<'f>(
        &'f self,
        parameter: &Parameter,
        operator: &'f str,
        text: &'f str,
    ) -> Box<dyn Fn(&Row) -> bool + 'f> {
        use SearchParameterType as T;
        let ty = parameter.definition.ty;
        // Bars part values as they do in searches; nothing else has a meaning of its own.
        let parts: Vec<String> = text.split('|').map(super::text::escaped).collect();
        let barred = parts.join("|");
        let literal = super::text::escaped(text);
        match (ty, operator) {
            (_, "pr") => Box::new(|_| true),
            (T::String, _) => {
                let wanted = normal(text);
                Box::new(move |row| {
                    let ("string", [Column::Text(own), _]) = (row.0.as_str(), &row.1[..]) else {
                        return false;
                    };
                    match operator {
                        "eq" => *own == cut(&wanted),
                        "ne" => *own != cut(&wanted) && !own.is_empty(),
                        "co" => matcher::kept(own).contains(&wanted),
                        "sw" => own.starts_with(&wanted),
                        other => panic!("strings have no {other}"),
                    }
                })
            }
            (T::Token, "eq") => Box::new(move |row| value::token(&barred, row)),
            (T::Token, "ne") => Box::new(move |row| {
                let is_code = row.0 == "token" && row.1[0] != Column::Text(String::new());
                is_code && !value::token(&barred, row)
            }),
            (T::Token, "in" | "ni") => {
                let codes = self.in_set(text);
                Box::new(move |row| codes.contains(row))
            }
            (T::Token, "ss" | "sb") => {
                let codes = self.related_codes(&barred, operator == "ss");
                Box::new(move |row| codes.contains(row))
            }
            (T::Uri, "eq") => Box::new(move |row| value::of(T::Uri, &literal, row, self.now, &self.base)),
            (T::Uri, "ne") => Box::new(move |row| {
                let ("uri", [Column::Text(own)]) = (row.0.as_str(), &row.1[..]) else { return false };
                !own.is_empty() && *own != cut(text)
            }),
            (T::Uri, "ss") => Box::new(move |row| value::below(&literal, row)),
            (T::Uri, "sb") => Box::new(move |row| value::above(&literal, row)),
            (T::Reference, "eq" | "re") => Box::new(move |row| value::reference(&barred, row, &self.base)),
            (T::Reference, "ss" | "sb") => {
                self.in_hierarchy(&parameter.definition.target, &barred, operator == "ss")
            }
            (T::Date, "po") => {
                let (from, to) = interval::parse(text).unwrap();
                Box::new(move |row| match (row.0.as_str(), &row.1[..]) {
                    ("date", [Column::Int(low), Column::Int(high)]) => {
                        low <= high && *low <= to && from <= *high
                    }
                    _ => false,
                })
            }
            (T::Date, _) => {
                let value = format!("{operator}{}", plain(&literal));
                Box::new(move |row| matcher::matches(Sort::Date, &value, row, self.now))
            }
            (T::Number | T::Quantity, _) => {
                let value = format!("{operator}{barred}");
                Box::new(move |row| value::of(ty, &value, row, self.now, &self.base))
            }
            (ty, operator) => panic!("{ty:?} has no {operator}"),
        }
    }
}

#[test]
fn terms_are_joined_from_left_to_right() {
    let Filter::Row(_, more) = read(r#"a eq 1 or not (b co "x) \"") and c[d pr true].e eq y|z"#) else {
        panic!()
    };
    let joints: Vec<&str> = more.iter().map(|(joint, _)| joint.as_str()).collect();
    assert_eq!(joints, ["or", "and"]);
    let Filter::Compare { path, operator, value } = &more[1].1 else { panic!() };
    assert_eq!((path[0].0.as_str(), path[0].1.is_some(), path[1].0.as_str()), ("c", true, "e"));
    assert_eq!((operator.as_str(), value.as_str()), ("eq", "y|z"));
}
