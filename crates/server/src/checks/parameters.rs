//! SearchParameter resources: what is indexed by one that is active must be clear before it is stored.

use rushlight_model::definitions::Definitions;
use rushlight_model::json::{Position, Positions, Value};
use rushlight_model::outcome::Issue;
use rushlight_persistence::Store;
use rushlight_search::{Custom, Problem};

/// The search parameters that a store has, and those that a Bundle is about to add.
pub struct Parameters {
    definitions: &'static Definitions,
    known: Vec<Custom>,
}

impl Parameters {
    /// Those that a store has.
    pub fn of(store: &Store) -> Self {
        let registry = store.registry();
        Self { definitions: registry.definitions(), known: registry.customs().to_vec() }
    }

    /// Adds a resource that is to be stored under an id, or under a new one, if it is one of them.
    ///
    /// # Errors
    /// What is wrong with it, in the order of the text that it was parsed from.
    pub fn add(&mut self, resource: Value<'_>, id: Option<&str>, text: &[u8]) -> Result<(), Vec<Issue>> {
        let custom = Custom::read(resource, id, self.definitions, &self.known);
        if let Some(custom) = custom.map_err(|problems| issues(problems, text))? {
            self.known.retain(|known| id.is_none() || known.id != custom.id);
            self.known.push(custom);
        }
        Ok(())
    }
}

fn issues(mut problems: Vec<Problem>, text: &[u8]) -> Vec<Issue> {
    problems.sort_by_key(|problem| problem.offset);
    let mut positions = Positions::new(text);
    let mut issue = |Problem { expression, offset, code, text }: Problem| {
        let Position { line, column } = positions.of(offset);
        Issue::error(code, format!("line {line}, column {column}: {text} [search-parameter]")).at(expression)
    };
    problems.into_iter().map(&mut issue).collect()
}
