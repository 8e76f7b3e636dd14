//! Code systems: their codes, and which stand below which. <https://hl7.org/fhir/R4/codesystem.html>

use super::{MOST, OfStore, Why, items, text};
use rushlight_model::definitions::CodeSystem;
use rushlight_model::json::Value;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// The concepts of a code system that is wholly known.
#[derive(Debug, Default)]
pub struct Concepts {
    /// Each code, and those right above it.
    above: HashMap<String, Vec<String>>,
    /// Those right below a code, where there are any.
    below: HashMap<String, Vec<String>>,
    /// How many are right above others.
    edges: usize,
    /// In their order; what can't be chosen is among them.
    pub order: Vec<String>,
    /// Those that only group others.
    pub not_chosen: HashSet<String>,
}

impl OfStore<'_> {
    /// The concepts of a system; `None` where it is not known, or not wholly.
    pub(super) fn concepts(&self, system: &str) -> Result<Option<Rc<Concepts>>, Why> {
        if let Some(known) = self.systems.borrow().get(system) {
            return Ok(known.clone());
        }
        let concepts = match self.canonical("CodeSystem", system)? {
            Some(tree) if text(tree.root(), "content") == "complete" => Some(Concepts::of(tree.root())?),
            Some(_) => None,
            None => {
                self.definitions().code_system(system).filter(|known| known.complete).map(Concepts::known)
            }
        };
        let concepts = concepts.map(Rc::new);
        self.systems.borrow_mut().insert(system.to_owned(), concepts.clone());
        Ok(concepts)
    }

    /// A code and those below it, or above it; `None` where the system is not known.
    pub(super) fn related_in(
        &self,
        system: &str,
        code: &str,
        below: bool,
    ) -> Result<Option<Vec<String>>, Why> {
        let Some(concepts) = self.concepts(system)? else { return Ok(None) };
        Ok(concepts.above.contains_key(code).then(|| concepts.related(code, below)))
    }
}

impl Concepts {
    fn known(system: &CodeSystem) -> Self {
        let mut concepts = Self::default();
        for concept in system.concepts() {
            concepts.add(concept.code, concept.parent);
        }
        concepts
    }

    fn of(system: Value<'_>) -> Result<Self, Why> {
        let mut concepts = Self::default();
        let mut waiting: Vec<(Value<'_>, Option<String>)> =
            items(system, "concept").map(|concept| (concept, None)).collect();
        waiting.reverse();
        while let Some((concept, parent)) = waiting.pop() {
            let code = text(concept, "code");
            concepts.add(&code, parent.as_deref());
            for property in items(concept, "property").take(MOST) {
                let value = || text(property, "valueCode");
                match text(property, "code").as_str() {
                    "parent" | "subsumedBy" => concepts.add(&code, Some(&value())),
                    "child" => concepts.add(&value(), Some(&code)),
                    "notSelectable"
                        if property.get("valueBoolean").is_some_and(|value| value.raw() == "true") =>
                    {
                        concepts.not_chosen.insert(code.clone());
                    }
                    _ => {}
                }
            }
            let children: Vec<Value<'_>> = items(concept, "concept").collect();
            waiting.extend(children.into_iter().rev().map(|child| (child, Some(code.clone()))));
            if concepts.order.len() > MOST || concepts.edges > MOST {
                return Err(format!(
                    "the code system has more than {MOST} codes, or codes with codes above them"
                ));
            }
        }
        Ok(concepts)
    }

    fn add(&mut self, code: &str, parent: Option<&str>) {
        let above = match self.above.get_mut(code) {
            Some(above) => above,
            None => {
                self.order.push(code.to_owned());
                self.above.entry(code.to_owned()).or_default()
            }
        };
        if let Some(parent) = parent.filter(|parent| !above.iter().any(|known| known == parent)) {
            above.push(parent.to_owned());
            self.below.entry(parent.to_owned()).or_default().push(code.to_owned());
            self.edges += 1;
        }
    }

    /// A code with all above it, or all below it; each once, however they are arranged.
    pub fn related(&self, code: &str, below: bool) -> Vec<String> {
        let next_to = if below { &self.below } else { &self.above };
        let mut seen: HashSet<&str> = HashSet::from([code]);
        let mut found = vec![code];
        let mut at = 0;
        while let Some(code) = found.get(at).copied() {
            at += 1;
            let next = next_to.get(code).into_iter().flatten().map(String::as_str);
            found.extend(next.filter(|next| seen.insert(next)));
        }
        found.into_iter().map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_model::json::{Limits, Tree};

    #[test]
    fn hierarchies_are_followed_however_they_are_written() {
        let text = br#"{"concept":[
            {"code":"a","property":[{"code":"notSelectable","valueBoolean":true}],
             "concept":[{"code":"b","concept":[{"code":"c"}]},{"code":"d"}]},
            {"code":"e","property":[{"code":"parent","valueCode":"b"},{"code":"parent","valueCode":"d"}]},
            {"code":"f","property":[{"code":"child","valueCode":"a"},{"code":"parent","valueCode":"c"}]}]}"#;
        let tree = Tree::parse(text, &Limits::default()).unwrap();
        let concepts = Concepts::of(tree.root()).unwrap();
        assert_eq!(concepts.order, ["a", "b", "c", "d", "e", "f"]);
        assert_eq!(concepts.not_chosen.iter().collect::<Vec<_>>(), ["a"]);
        for (code, below, expected) in [
            ("d", true, "d e"),
            ("e", false, "a b c d e f"),
            ("b", true, "a b c d e f"),
            ("c", false, "a b c f"),
        ] {
            let mut found = concepts.related(code, below);
            found.sort();
            assert_eq!(found.join(" "), expected, "{code} {below}: a circle ends");
        }
    }
}
