//! Searches made up from what resources hold, so that most match some of them and not all.

mod include;
mod links;
mod related;
mod special;
mod table;
mod value;

use crate::dice::Dice;
use crate::parameter::Parameter;
use crate::rows::Sort;
use crate::search::Question;
use crate::world::World;
use related::Related;
use rushlight_model::definitions::SearchParameterType;
use rushlight_model::{Id, ResourceType};
use std::collections::HashMap;
use std::rc::Rc;

pub use table::{KINDS, Table};

/// A search, and of which kinds it is.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub kinds: Vec<String>,
    pub question: Question,
}

/// A name and a value, and what kind of parameter they are.
struct Pair {
    name: String,
    value: String,
    /// Parted by `+`.
    kind: String,
}

/// By place and parameter: which resources lead to one.
type Referrers = HashMap<usize, Vec<(usize, &'static str)>>;

pub struct Generator<'w> {
    world: &'w World,
    dice: Dice,
    types: Vec<ResourceType>,
    referrers: Referrers,
    /// What is contained: all of it, what leads to other resources, what leads to its container.
    inner: [Vec<usize>; 3],
    /// Some resources that have rows of a parameter, by its type.
    pools: Vec<Vec<(usize, &'w Parameter)>>,
    /// Found where it is asked for.
    related: Option<Rc<Related<'w>>>,
}

/// How often a kind of search is tried before another one is.
const TRIES: usize = 50;

/// How many resources of a type and parameter are in a pool.
const IN_POOL: usize = 12;

impl<'w> Generator<'w> {
    pub fn new(world: &'w World, seed: u64) -> Self {
        let mut referrers = Referrers::new();
        for at in 0..world.records.len() {
            let ty = world.ty(at);
            let references = world.parameters(ty).iter().filter(|own| is_reference(own));
            for parameter in references {
                for target in world.targets(at, parameter) {
                    if !may_lead(parameter, world.ty(target)) {
                        continue;
                    }
                    referrers.entry(target).or_default().push((at, parameter.definition.code));
                }
            }
        }
        let mut pools: HashMap<String, Vec<(usize, &Parameter)>> = HashMap::new();
        for ty in world.types() {
            for parameter in world.parameters(ty).iter().filter(|own| is_plain(own)) {
                let with = world.of_type(ty).iter().filter(|at| !world.rows(**at, parameter).is_empty());
                let pool = pools.entry(name(parameter)).or_default();
                pool.extend(with.take(IN_POOL).map(|at| (*at, parameter)));
            }
        }
        let mut pools: Vec<(String, Vec<(usize, &Parameter)>)> = pools.into_iter().collect();
        pools.sort_by(|(a, _), (b, _)| a.cmp(b));
        let pools = pools.into_iter().map(|(_, pool)| pool).collect();
        let all: Vec<usize> = (0..world.inner.len()).map(|at| world.records.len() + at).collect();
        let leading = |which: &dyn Fn(usize, usize) -> bool| -> Vec<usize> {
            let leads = |at: &usize| {
                let references = world.parameters(world.ty(*at)).iter().filter(|own| is_reference(own));
                references.flat_map(|own| world.targets(*at, own)).any(|to| which(*at, to))
            };
            all.iter().copied().filter(leads).collect()
        };
        let (any, up) = (leading(&|_, _| true), leading(&|at, to| world.container(at) == to));
        let inner = [all, any, up];
        Self { world, dice: Dice::new(seed), types: world.types(), referrers, inner, pools, related: None }
    }

    /// The next search.
    pub fn ask(&mut self) -> Asked {
        loop {
            // Of a kind that often comes to nothing there would be few, if not the same were tried again.
            let kind = self.dice.below(36);
            if let Some(asked) = (0..TRIES).find_map(|_| self.attempt(kind)) {
                return asked;
            }
        }
    }

    /// A search by one parameter of a resource, if chance finds a value of it.
    pub fn about(&mut self, at: usize) -> Option<Asked> {
        let ty = self.world.ty(at);
        let question = Question { types: vec![ty], ..Question::default() };
        let mut asked = Asked { kinds: Vec::new(), question };
        let with: Vec<&Parameter> = self
            .world
            .parameters(ty)
            .iter()
            .filter(|own| is_plain(own) && !self.world.rows(at, own).is_empty())
            .collect();
        let parameter = self.dice.of(&with)?;
        self.add(&mut asked, |own, at| own.of_parameter(at, parameter), at)?;
        Some(asked)
    }

    /// A resource of any type; each type is as likely as another, the common ones a little more.
    fn any_place(&mut self) -> usize {
        if self.dice.once_in(3) {
            return self.dice.below(self.world.records.len());
        }
        let ty = self.dice.one(&self.types);
        self.dice.one(self.world.of_type(ty))
    }

    fn attempt(&mut self, kind: usize) -> Option<Asked> {
        match kind {
            20..=29 => return self.special_search(),
            30..=33 => return self.of_contained(),
            34 | 35 => return self.chain_inside(),
            _ => {}
        }
        let pool = self.dice.below(self.pools.len());
        let (at, parameter) = if self.dice.once_in(3) {
            (self.any_place(), None)
        } else {
            self.dice.of(&self.pools[pool]).map(|(at, parameter)| (at, Some(parameter)))?
        };
        let ty = self.world.ty(at);
        let question = Question { types: vec![ty], ..Question::default() };
        let mut asked = Asked { kinds: Vec::new(), question };
        match kind {
            0..=8 => match parameter {
                Some(parameter) => self.add(&mut asked, |own, at| own.of_parameter(at, parameter), at)?,
                None => self.add(&mut asked, Self::filter, at)?,
            },
            9 | 10 => {
                for _ in 0..2 + self.dice.below(2) {
                    self.add(&mut asked, Self::filter, at)?;
                }
                asked.kinds.push("and".to_owned());
            }
            11..=13 => self.add(
                &mut asked,
                |own, at| {
                    let depth = 1 + own.dice.below(3);
                    own.chain(at, depth)
                },
                at,
            )?,
            14 | 15 => self.add(
                &mut asked,
                |own, at| {
                    let depth = 1 + own.dice.below(2);
                    own.has(at, depth)
                },
                at,
            )?,
            16 => {
                self.add(&mut asked, |own, at| own.meta(at), at)?;
                if self.dice.once_in(3) {
                    asked.question.types = self.several_types(ty);
                    asked.kinds.push("several types".to_owned());
                }
            }
            17 => self.compartment(&mut asked)?,
            18 => asked.kinds.push("all of a type".to_owned()),
            _ => {
                self.add(&mut asked, Self::filter, at)?;
                self.add(&mut asked, |own, at| own.chain(at, 1), at)?;
                asked.kinds.push("and".to_owned());
            }
        }
        if self.dice.once_in(3) {
            self.sort(&mut asked);
        }
        if self.dice.once_in(4) {
            self.includes(&mut asked);
        }
        Some(asked)
    }

    fn add(
        &mut self,
        asked: &mut Asked,
        make: impl FnOnce(&mut Self, usize) -> Option<Pair>,
        at: usize,
    ) -> Option<()> {
        let pair = make(self, at)?;
        asked.kinds.extend(pair.kind.split('+').map(str::to_owned));
        asked.question.pairs.push((pair.name, pair.value));
        Some(())
    }

    fn several_types(&mut self, ty: ResourceType) -> Vec<ResourceType> {
        if self.dice.once_in(2) {
            return Vec::new();
        }
        let mut all = vec![ty, self.dice.one(&self.types)];
        all.sort_unstable();
        all.dedup();
        all
    }

    /// A plain parameter that a resource has.
    fn filter(&mut self, at: usize) -> Option<Pair> {
        if self.dice.once_in(8) {
            return self.meta(at);
        }
        if self.dice.once_in(16) {
            return self.special_of(at);
        }
        let ty = self.world.ty(at);
        // Of what is contained there is less to be lucky with.
        let is_inner = self.world.inner(at).is_some();
        let likely = |own: &&Parameter| is_plain(own) && !(is_inner && self.world.rows(at, own).is_empty());
        let all: Vec<&Parameter> = self.world.parameters(ty).iter().filter(likely).collect();
        let parameter = self.dice.of(&all)?;
        if self.dice.once_in(12) {
            return self.is_found(ty, parameter).then(|| self.missing(parameter));
        }
        self.of_parameter(at, parameter)
    }

    /// Whether some resource has a value: R5 has parameters whose elements there are not, which can't be asked for.
    fn is_found(&self, ty: ResourceType, parameter: &Parameter) -> bool {
        self.world.of_type(ty).iter().any(|at| !self.world.rows(*at, parameter).is_empty())
    }

    fn missing(&mut self, parameter: &Parameter) -> Pair {
        let value = self.dice.one(&["true", "false"]).to_owned();
        Pair {
            name: format!("{}:missing", parameter.definition.code),
            value,
            kind: format!("{} :missing", name(parameter)),
        }
    }

    fn of_parameter(&mut self, at: usize, parameter: &Parameter) -> Option<Pair> {
        let code = parameter.definition.code;
        let Some(sort) = Sort::of(parameter.definition.ty) else {
            let value = self.composite(at, parameter)?;
            return Some(Pair { name: code.to_owned(), value, kind: "composite".to_owned() });
        };
        let first = self.value(at, parameter, sort, false)?;
        let mut text = first.text;
        let forms: Vec<String> = first
            .form
            .split('+')
            .map(|form| format!("{} {}{form}", name(parameter), modifier(first.modifier)).trim().to_owned())
            .collect();
        let mut kind = forms.join("+");
        if self.dice.once_in(4) {
            // Another resource's, in the same form.
            for _ in 0..1 + self.dice.below(3) {
                let other = self.dice.of(self.world.of_type(self.world.ty(at)))?;
                let value = self.value(other, parameter, sort, true);
                if let Some(value) = value.filter(|_| ["", "not"].contains(&first.modifier)) {
                    text = format!("{text},{}", value.text);
                    kind = format!("{} {}or", name(parameter), modifier(first.modifier));
                }
            }
        }
        let suffix = if first.modifier.is_empty() { String::new() } else { format!(":{}", first.modifier) };
        Some(Pair { name: format!("{code}{suffix}"), value: text, kind })
    }

    fn value(&mut self, at: usize, parameter: &Parameter, sort: Sort, plain: bool) -> Option<value::Value> {
        let elements = parameter.elements(self.world.node(at));
        let element = self.dice.of(&elements)?;
        let value = value::of(sort, &element, plain, &mut self.dice, &self.world.base)?;
        let ty = ResourceType::from_name(value.modifier);
        ty.is_none_or(|ty| may_lead(parameter, ty)).then_some(value)
    }

    fn composite(&mut self, at: usize, parameter: &Parameter) -> Option<String> {
        let repeats = parameter.parts(self.world.node(at));
        let repeat = self.dice.of(&repeats)?;
        let shape = self.world.rows(at, parameter).first()?.0.clone();
        let sorts = crate::search::parts_of(&shape);
        let mut parts = Vec::new();
        for (nodes, sort) in repeat.iter().zip(sorts) {
            let node = self.dice.of(nodes)?;
            parts.push(value::of(sort, &node, true, &mut self.dice, &self.world.base)?.text);
        }
        Some(parts.join("$"))
    }

    /// What is the same for all types.
    fn meta(&mut self, at: usize) -> Option<Pair> {
        let (ty, id) = (self.world.ty(at), self.world.id(at));
        let pair = |name: &str, value: String, kind: &str| {
            Some(Pair { name: name.to_owned(), value, kind: format!("{name} {kind}").trim().to_owned() })
        };
        match self.dice.below(4) {
            0 => pair("_id", id.to_string(), ""),
            1 => {
                let other = self.any_place();
                pair("_id", format!("{id},{}", self.world.id(other)), "or")
            }
            2 => {
                let time = chrono::DateTime::from_timestamp_micros(self.world.last_updated(at))?;
                let forms = ["%Y-%m-%d", "%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S%.6fZ"];
                let prefix = self.dice.one(&["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]);
                let form = self.dice.one(&forms);
                pair("_lastUpdated", format!("{prefix}{}", time.format(form)), prefix)
            }
            _ => {
                let code = self.dice.one(&["_tag", "_security", "_profile", "_source"]);
                // Few resources have any of them.
                let has = |at: &usize| {
                    self.world.parameter(ty, code).is_some_and(|own| !self.world.rows(*at, own).is_empty())
                };
                let all: Vec<usize> = self.world.of_type(ty).iter().copied().filter(has).collect();
                let at = self.dice.of(&all)?;
                let parameter = self.world.parameter(ty, code)?;
                let mut pair = self.of_parameter(at, parameter)?;
                code.clone_into(&mut pair.kind);
                Some(pair)
            }
        }
    }

    fn compartment(&mut self, asked: &mut Asked) -> Option<()> {
        let compartments = self.world.definitions.compartments();
        let compartment = &compartments[self.dice.below(compartments.len())];
        let of = ResourceType::from_name(compartment.code)?;
        let center = self.dice.of(self.world.of_type(of))?;
        let members: Vec<usize> = self
            .referrers
            .get(&center)
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .map(|(at, _)| *at)
            .filter(|at| self.world.is_in_compartment(*at, (of, self.world.id(center))))
            .collect();
        let member = self.dice.of(&members)?;
        let id: Id = self.world.id(center).clone();
        asked.question.compartment = Some((of, id));
        asked.question.types = vec![self.world.ty(member)];
        asked.kinds.push("compartment".to_owned());
        if self.dice.once_in(2) {
            self.add(asked, Self::filter, member)?;
        }
        Some(())
    }

    fn sort(&mut self, asked: &mut Asked) {
        let [ty] = asked.question.types[..] else { return };
        let sortable = |own: &&Parameter| is_sortable(own) && self.is_found(ty, own);
        let all: Vec<&Parameter> = self.world.parameters(ty).iter().filter(sortable).collect();
        let mut keys = Vec::new();
        for _ in 0..1 + self.dice.below(3) {
            let (code, kind) = match self.dice.below(5) {
                0 => ("_lastUpdated", "_lastUpdated".to_owned()),
                1 => ("_id", "_id".to_owned()),
                _ => match self.dice.of(&all) {
                    Some(one) => (one.definition.code, name(one)),
                    None => continue,
                },
            };
            let sign = self.dice.one(&["", "-"]);
            if !keys.iter().any(|key: &String| key.trim_start_matches('-') == code) {
                keys.push(format!("{sign}{code}"));
                asked.kinds.push(format!("_sort {sign}{kind}"));
                let only = self.world.parameter(ty, code).and_then(|own| own.definition.expression);
                if only.is_some_and(|text| text.contains("resolve()")) {
                    asked.kinds.push("_sort by references to a type".to_owned());
                }
            }
        }
        if !keys.is_empty() {
            asked.kinds.push(format!("_sort by {}", keys.len()));
            asked.question.pairs.push(("_sort".to_owned(), keys.join(",")));
        }
    }
}

/// Whether a reference may lead to a type, as the parameter is defined. In data that breaks the rules some lead elsewhere.
fn may_lead(parameter: &Parameter, ty: ResourceType) -> bool {
    let targets = &parameter.definition.target;
    targets.is_empty() || targets.contains(&ty.name())
}

fn is_reference(parameter: &Parameter) -> bool {
    parameter.definition.ty == SearchParameterType::Reference
}

fn is_plain(parameter: &Parameter) -> bool {
    !parameter.definition.code.starts_with('_')
}

fn is_sortable(parameter: &Parameter) -> bool {
    use SearchParameterType as T;
    is_plain(parameter) && !matches!(parameter.definition.ty, T::Composite | T::Special)
}

fn modifier(modifier: &str) -> String {
    if modifier.is_empty() { String::new() } else { format!(":{modifier} ") }
}

/// The name of a parameter's type.
fn name(parameter: &Parameter) -> String {
    format!("{:?}", parameter.definition.ty).to_lowercase()
}
