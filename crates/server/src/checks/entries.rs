//! The rules of a batch's entries, each of which is refused by itself.

use rushlight_model::json::Tree;
use rushlight_model::outcome::Issue;
use rushlight_validation::{Problem, Rule, Validator, issues};
use std::collections::HashMap;

/// Problems of one entry that are told.
const MOST_OF_ENTRY: usize = 20;
/// Problems of all entries that are told, beyond one for each.
const MOST: usize = 1000;

/// What is wrong with each entry, by its place.
///
/// # Errors
/// What is wrong with the Bundle around them.
pub fn broken(
    validator: &Validator,
    tree: &Tree,
    bytes: &[u8],
) -> Result<HashMap<usize, Vec<Issue>>, Vec<Issue>> {
    let mut problems = validator.check_bundle(tree.root());
    let mut whole: Vec<Issue> = Vec::new();
    if problems.iter().any(|problem| problem.rule == Rule::More) {
        return Err(issues(&problems, bytes));
    }
    let resources = tree.root().get("entry").into_iter().flat_map(|entries| entries.children().enumerate());
    for (index, resource) in resources.filter_map(|(index, entry)| Some((index, entry.get("resource")?))) {
        let place = format!("Bundle.entry[{index}].resource");
        let most = if problems.len() < MOST { MOST_OF_ENTRY } else { 1 };
        problems.extend(cut(validator.check_at(resource, &place), most));
    }
    let mut broken: HashMap<usize, Vec<Issue>> = HashMap::new();
    for issue in issues(&problems, bytes) {
        match issue.expression.first().and_then(|expression| entry_of(expression)) {
            Some(index) => broken.entry(index).or_default().push(issue),
            None => whole.push(issue),
        }
    }
    if whole.is_empty() { Ok(broken) } else { Err(whole) }
}

/// The first problems; the last says how many more there are.
fn cut(mut problems: Vec<Problem>, most: usize) -> Vec<Problem> {
    let more = problems.len().saturating_sub(most);
    problems.truncate(most);
    if let Some(last) = problems.last_mut().filter(|_| more > 0) {
        last.text.push_str(&format!(" (and {more} more problems)"));
    }
    problems
}

/// The place of the entry in `Bundle.entry[3].resource`.
fn entry_of(expression: &str) -> Option<usize> {
    expression.strip_prefix("Bundle.entry[")?.split_once(']')?.0.parse().ok()
}
