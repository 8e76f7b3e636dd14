//! Searches through references, in both directions, and through what is contained.

use super::{Asked, Generator, Pair, is_reference, may_lead};
use crate::parameter::Parameter;
use crate::search::Contained;
use rushlight_model::ResourceType;

/// Steps of chains from and to what is contained.
const STEPS: [&str; 4] =
    ["chain into contained", "chain within a container", "chain to the container", "chain out of contained"];

impl Generator<'_> {
    /// A search for contained resources.
    pub(super) fn of_contained(&mut self) -> Option<Asked> {
        let at = self.any_inner()?;
        let mut asked = Asked::default();
        asked.question.types = vec![self.world.ty(at)];
        match self.dice.below(6) {
            0 => asked.kinds.push("all of a type".to_owned()),
            1 => self.add(&mut asked, |own, at| own.chain(at, 1), at)?,
            2 => self.add(&mut asked, |own, at| own.has(at, 1), at)?,
            3 => {
                self.add(&mut asked, Self::meta, at)?;
                asked.question.types = self.several_types(self.world.ty(at));
            }
            _ => self.add(&mut asked, Self::filter, at)?,
        }
        if self.dice.once_in(4) {
            self.add(&mut asked, Self::filter, at).filter(|()| asked.question.types.len() == 1)?;
        }
        let (both, containers) = (self.dice.once_in(2), self.dice.once_in(2));
        asked.question.contained = Contained { found: true, both, containers };
        let which = if both { "both" } else { "true" };
        let form = if containers { "container" } else { "contained" };
        let of_all: Vec<String> = asked.kinds.iter().map(|kind| format!("contained {kind}")).collect();
        asked.kinds = of_all;
        asked.kinds.push(format!("_contained={which} {form}"));
        Some(asked)
    }

    pub(super) fn any_inner(&mut self) -> Option<usize> {
        let which = self.dice.below(self.inner.len());
        self.dice.of(&self.inner[which])
    }

    /// A chain from a resource that refers to what it contains.
    pub(super) fn chain_inside(&mut self) -> Option<Asked> {
        let inner = self.any_inner()?;
        let (at, _) = self.dice.of(self.referrers.get(&inner)?)?;
        let mut asked = Asked::default();
        asked.question.types = vec![self.world.ty(at)];
        let depth = 1 + self.dice.below(3);
        self.add(&mut asked, |own, at| own.chain(at, depth), at)?;
        Some(asked)
    }

    /// Through references of the resource.
    pub(super) fn chain(&mut self, at: usize, depth: usize) -> Option<Pair> {
        let ty = self.world.ty(at);
        let references: Vec<(&Parameter, usize)> = self
            .world
            .parameters(ty)
            .iter()
            .filter(|own| is_reference(own))
            .flat_map(|own| self.world.targets(at, own).into_iter().map(move |to| (own, to)))
            .filter(|(own, to)| may_lead(own, self.world.ty(*to)))
            .collect();
        // Few lead back to what contains them.
        let container = self.world.container(at);
        let up = references.iter().copied().filter(|(_, to)| container != at && *to == container).collect();
        let references: Vec<(&Parameter, usize)> = match up {
            up if self.dice.once_in(2) && !Vec::is_empty(&up) => up,
            _ => references,
        };
        let (parameter, to) = self.dice.of(&references)?;
        let target = self.world.ty(to);
        let inner = match depth {
            1 if self.dice.once_in(8) => self.has(to, 1)?,
            1 => self.filter(to)?,
            _ => self.chain(to, depth - 1)?,
        };
        let code = parameter.definition.code;
        let few = parameter.definition.target.len() < 6;
        let plain = depth == 1 && !inner.name.contains([':', '.']);
        let untyped = few && plain && self.agree(parameter, &inner.name) && self.dice.once_in(2);
        let head = if untyped { code.to_owned() } else { format!("{code}:{}", target.name()) };
        let mut kind = match (depth, inner.name.starts_with("_has:")) {
            (_, true) => "chain into _has".to_owned(),
            (depth, _) => format!("chain {depth}{}", if untyped { " untyped" } else { "" }),
        };
        let step = match (self.world.inner(at), self.world.inner(to)) {
            (None, None) => None,
            (None, Some(_)) => Some("chain into contained"),
            (Some(_), Some(_)) => Some("chain within a container"),
            (Some(from), None) if from.container == to => Some("chain to the container"),
            (Some(_), None) => Some("chain out of contained"),
        };
        let steps = inner.kind.split('+').filter(|kind| STEPS.contains(kind));
        steps.chain(step).for_each(|step| kind = format!("{kind}+{step}"));
        Some(Pair { name: format!("{head}.{}", inner.name), value: inner.value, kind })
    }

    /// Whether a name is of one sort of parameter for all targets that know it.
    pub(super) fn agree(&self, parameter: &Parameter, code: &str) -> bool {
        let targets = parameter.definition.target.iter().filter_map(|name| ResourceType::from_name(name));
        let mut sorts = targets.filter_map(|ty| Some(self.world.parameter(ty, code)?.definition.ty));
        let first = sorts.next();
        first.is_some() && sorts.all(|ty| Some(ty) == first)
    }

    /// Through references to the resource.
    pub(super) fn has(&mut self, at: usize, depth: usize) -> Option<Pair> {
        let referrers = self.referrers.get(&at)?;
        let (from, code) = self.dice.of(referrers)?;
        let source = self.world.ty(from);
        let inner = match depth {
            1 if self.dice.once_in(4) => self.chain(from, 1)?,
            1 => self.filter(from)?,
            _ => self.has(from, depth - 1)?,
        };
        let kind = match (depth, inner.name.contains('.')) {
            (1, true) => "_has out of a chain".to_owned(),
            (depth, _) => format!("_has {depth}"),
        };
        Some(Pair { name: format!("_has:{}:{code}:{}", source.name(), inner.name), value: inner.value, kind })
    }
}
