//! What the engine asks, answered by what the binary has with it; traces go to standard error.

use super::tree::{self, Bounds};
use crate::terminal::say;
use rushlight_fhirpath::{Embedded, Host, Item, Node, Paths, Value};
use rushlight_validation::narrative;

/// Items of one trace that are shown, at the most.
const TRACED: usize = 10;

/// Answers by the embedded value sets, the Bundle that is looked at, and the rules of narratives.
pub struct Answers<'t> {
    /// What the engine's own host knows.
    pub embedded: Embedded<'t>,
}

impl Host for Answers<'_> {
    fn resolve(&self, reference: &str) -> Option<Node<'_>> {
        self.embedded.resolve(reference)
    }

    fn member_of(&self, item: &Item<'_>, value_set: &str) -> Option<bool> {
        self.embedded.member_of(item, value_set)
    }

    fn html_checks(&self, item: &Item<'_>) -> Option<bool> {
        let Some(Value::String(text)) = item.value() else { return None };
        let mut kept = true;
        narrative::check(&text, &mut |_| kept = false);
        Some(kept)
    }

    fn trace(&self, name: &str, items: &[Item<'_>]) {
        let mut told =
            format!("trace {name}: {} item{}\n", items.len(), if items.len() == 1 { "" } else { "s" });
        let mut paths = Paths::default();
        for item in items.iter().take(TRACED) {
            told.push_str(&format!("  {}", tree::named(item, &mut paths)));
            tree::write(item, Bounds { depth: 1, lines: 5 }, 4, &mut told);
        }
        if items.len() > TRACED {
            told.push_str("  …\n");
        }
        say(&told);
    }
}
