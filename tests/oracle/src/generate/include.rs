//! What is to come along with matches.

use super::{Asked, Generator, is_reference, may_lead};
use crate::parameter::Parameter;
use rushlight_model::ResourceType;

impl<'w> Generator<'w> {
    pub(super) fn includes(&mut self, asked: &mut Asked) {
        let [ty] = asked.question.types[..] else { return };
        for _ in 0..1 + self.dice.below(2) {
            let reverse = self.dice.once_in(2);
            let found = if reverse { self.leading_here(ty) } else { self.leading_from(ty) };
            let Some((source, code, target)) = found else { continue };
            let name = if reverse { "_revinclude" } else { "_include" };
            let iterate = if self.dice.once_in(3) { ":iterate" } else { "" };
            let target = if self.dice.once_in(3) { format!(":{}", target.name()) } else { String::new() };
            let code = if self.dice.once_in(8) && !reverse { "*" } else { code };
            asked.kinds.push(format!("{name}{iterate}{}", if code == "*" { " *" } else { "" }));
            let target = if code == "*" { String::new() } else { target };
            asked
                .question
                .pairs
                .push((format!("{name}{iterate}"), format!("{}:{code}{target}", source.name())));
        }
    }

    fn leading_here(&mut self, ty: ResourceType) -> Option<(ResourceType, &'static str, ResourceType)> {
        let at = self.dice.one(self.world.of_type(ty));
        let (from, code) = self.dice.of(self.referrers.get(&at)?)?;
        Some((self.world.ty(from), code, ty))
    }

    fn leading_from(&mut self, ty: ResourceType) -> Option<(ResourceType, &'static str, ResourceType)> {
        let mut at = self.dice.one(self.world.of_type(ty));
        // Sometimes from what is included.
        for _ in 0..1 + self.dice.below(2) {
            let own = self.world.parameters(self.world.ty(at)).iter().filter(|own| is_reference(own));
            let leading = |own: &'w Parameter| {
                let targets = self.world.targets(at, own).into_iter();
                targets.filter(|to| may_lead(own, self.world.ty(*to))).map(|to| (own.definition.code, to))
            };
            let all: Vec<(&'static str, usize)> = own.flat_map(leading).collect();
            let (code, to) = self.dice.of(&all)?;
            if self.dice.once_in(2) {
                return Some((self.world.ty(at), code, self.world.ty(to)));
            }
            at = to;
        }
        None
    }
}
