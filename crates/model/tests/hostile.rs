//! Damaged texts and Bundles: an error that says where, or a plan; never a panic.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use rushlight_model::bundle::plan;
use rushlight_model::json::{JsonError, Tree};
use rushlight_model::{Body, Id, Limits, typed};
use rushlight_test_support::damage::{Edit, damaged};
use rushlight_test_support::hostile::inputs;

const BUNDLE: &[u8] = include_bytes!("../../../fixtures/transaction-bundle.json");

/// Issues of a plan, at the most; characters of an issue's text.
const MOST: usize = 100;
const LONGEST: usize = 750;

/// Reads a text in every way that there is.
fn read(text: &[u8]) {
    let limits = Limits::default();
    let tree = match Tree::parse(text, &limits) {
        Ok(tree) => tree,
        Err(error) => return within(text, &error),
    };
    assert_eq!(Tree::parse(tree.pretty().as_bytes(), &limits).unwrap().text(), tree.text());
    let body = Body::parse(text, &limits);
    assert!(body.err().is_none_or(|error| error.to_string().chars().count() <= LONGEST));
    let _ = typed::Resource::try_from(tree.root());
    if let Err(outcome) = plan(&tree, text, &mut || Id::new("new").unwrap(), &()) {
        assert!((1..=MOST).contains(&outcome.issues.len()));
        for issue in outcome.issues {
            assert!(issue.diagnostics.starts_with("line ") && issue.diagnostics.chars().count() <= LONGEST);
            assert!(issue.expression.iter().all(|path| path.starts_with("Bundle") && path.len() < 20_000));
        }
    }
}

/// The place of an error is one of the text.
fn within(text: &[u8], error: &JsonError) {
    let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    let line = lines.get(error.position.line - 1).unwrap();
    assert!((1..=line.len() + 1).contains(&error.position.column), "{error}");
    assert!(error.to_string().chars().count() <= LONGEST);
}

#[test]
fn the_corpus_is_survived() {
    // The large ones are sent to a server.
    inputs().filter(|input| !input.is_large()).for_each(|input| read(&input.body()));
}

proptest! {
    #[test]
    fn any_bytes(text: Vec<u8>) {
        read(&text);
    }

    #[test]
    fn damaged_bundles(edits: [Edit; 3], count in 1..4_usize) {
        read(&damaged(BUNDLE, &edits[..count]));
    }
}
