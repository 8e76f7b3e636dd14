//! Hostile texts are survived in every release: never a panic, and problems that are few, short, and in the text.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod bases;
mod grow;
mod node;

use proptest::prelude::*;
use rushlight_model::ResourceType;
use rushlight_model::definitions::Release;
use rushlight_model::json::{Limits, Tree};
use rushlight_test_support::damage::{Edit, damaged};
use rushlight_test_support::hostile::inputs;
use rushlight_validation::{MOST, Problem, Validator, issues};
use std::sync::LazyLock;

/// Characters of a problem's text.
const LONGEST: usize = 750;

static VALIDATORS: LazyLock<[Validator; 3]> = LazyLock::new(|| Release::ALL.map(Validator::new));

/// What a validator says of a text that is JSON.
fn check(validator: &Validator, text: &[u8]) -> Option<Vec<Problem>> {
    let tree = Tree::parse(text, &Limits::default()).ok()?;
    let problems = validator.check(tree.root());
    assert!(problems.len() <= MOST + 1);
    let ty = tree.root().get("resourceType").and_then(|name| ResourceType::from_name(&name.as_str()?));
    for Problem { rule, expression, offset, text: told } in &problems {
        assert!(*offset < text.len(), "{rule:?} at {offset} of {}", text.len());
        assert!((1..=LONGEST).contains(&told.chars().count()), "{told}");
        let root = expression.split('.').next().unwrap_or_default();
        assert!(!root.is_empty(), "{rule:?} {told}");
        assert!(ty.is_none_or(|ty| ty.name() == root), "{expression}");
    }
    assert_eq!(issues(&problems, text).len(), problems.len());
    Some(problems)
}

fn check_all(text: &[u8]) {
    VALIDATORS.iter().for_each(|validator| drop(check(validator, text)));
}

#[test]
fn the_corpus_is_survived_and_r4_tells_its_rules() {
    // The large ones are sent to a server.
    for input in inputs().filter(|input| !input.is_large()) {
        let body = input.body();
        check_all(&body);
        let told = check(&VALIDATORS[0], &body);
        match input.status {
            201 => assert_eq!(told, Some(Vec::new()), "{}", input.name),
            422 => {
                assert!(told.unwrap().iter().any(|found| found.rule.name() == input.tells), "{}", input.name)
            }
            _ => {}
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived(text: Vec<u8>) {
        check_all(&text);
    }

    #[test]
    fn damaged_texts_are_survived(number: prop::sample::Index, edits: [Edit; 3], count in 1..4_usize) {
        for (release, validator) in VALIDATORS.iter().enumerate() {
            let base = number.get(&bases::ALL[release]);
            check(validator, &damaged(base.as_bytes(), &edits[..count]));
        }
    }

    #[test]
    fn exchanged_nodes_are_survived(number: prop::sample::Index, from: prop::sample::Index, to: prop::sample::Index, change: u8) {
        for (release, validator) in VALIDATORS.iter().enumerate() {
            let base = number.get(&bases::ALL[release]);
            check(validator, node::exchanged(base, from, to, change).as_bytes()).unwrap();
        }
    }

    #[test]
    fn trees_of_right_names_and_wrong_kinds_are_survived(tape in prop::collection::vec(any::<u8>(), 0..400)) {
        for validator in VALIDATORS.iter() {
            let text = grow::resource(validator.release(), &tape);
            check(validator, text.as_bytes()).unwrap();
        }
    }

    #[test]
    fn one_fault_is_told_where_it_is(number: prop::sample::Index, place: prop::sample::Index, change: prop::sample::Index) {
        for (release, validator) in VALIDATORS.iter().enumerate() {
            let base = number.get(&bases::ALL[release]);
            let fault = node::fault(base, place, change);
            let problems = check(validator, fault.text.as_bytes()).unwrap();
            let found = problems.iter().any(|problem| {
                problem.offset == fault.offset && fault.rules.contains(&problem.rule)
            });
            prop_assert!(found, "{}: {:?} at {}\n{:#?}", fault.text, fault.rules, fault.offset, problems);
        }
    }
}
