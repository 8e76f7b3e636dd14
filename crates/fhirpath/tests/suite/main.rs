//! FHIR's own suite, where it is at hand: every case passes, or is listed with the text that speaks against it.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod exceptions;
mod xml;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use exceptions::EXCEPTIONS;
use roxmltree::{Document, Node as Element};
use rushlight_fhirpath::{Environment, Expression, Item, Node, Value};
use rushlight_model::definitions::{Definitions, Release};
use rushlight_model::json::{Limits, Tree};
use rushlight_model::primitive::DateTime;
use rushlight_test_support::data;

/// A case of the suite.
struct Case<'s> {
    name: &'s str,
    expression: &'s str,
    invalid: Option<&'s str>,
    /// Whether it is asked only whether anything is found.
    predicate: bool,
    ordered: bool,
    /// Types, where they are told, and values.
    outputs: Vec<(Option<&'s str>, &'s str)>,
    input: Option<&'s str>,
}

impl<'s> Case<'s> {
    fn of(test: Element<'s, 's>) -> Self {
        let child = |name| test.children().filter(move |child| child.has_tag_name(name));
        let expression = child("expression").next().unwrap();
        let outputs =
            child("output").map(|output| (output.attribute("type"), output.text().unwrap_or_default()));
        Self {
            name: test.attribute("name").unwrap(),
            expression: expression.text().unwrap_or_default(),
            invalid: expression.attribute("invalid"),
            predicate: test.attribute("predicate") == Some("true"),
            ordered: test.attribute("ordered") != Some("false"),
            outputs: outputs.collect(),
            input: test.attribute("inputfile"),
        }
    }
}

/// The inputs as trees, by the names of their files; a resource without content where a case has none.
fn inputs(folder: &Path, definitions: &'static Definitions) -> BTreeMap<String, Tree> {
    let parse = |text: &str| Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
    let mut inputs = BTreeMap::from([(String::new(), parse(r#"{"resourceType":"Basic"}"#))]);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let json = if path.extension().unwrap() == "xml" { xml::to_json(&text, definitions) } else { text };
        inputs.insert(path.file_name().unwrap().to_string_lossy().into_owned(), parse(&json));
    }
    inputs
}

/// What is wrong with how a case goes.
fn run(case: &Case<'_>, tree: &Tree, definitions: &'static Definitions) -> Result<(), String> {
    let compiled = Expression::compile(case.expression, definitions);
    let node = Node::resource(tree.root(), definitions);
    let environment = Environment::new().now(DateTime::parse("2026-11-25T12:00:00.000+01:00").unwrap());
    let ty = node.definition().unwrap().name;
    let compiled = match (compiled, case.invalid) {
        (Err(_), Some(_)) => return Ok(()),
        (Ok(_), Some("syntax")) => return Err("is read".to_owned()),
        (compiled, _) => compiled.map_err(|error| error.to_string())?,
    };
    if case.invalid == Some("semantic") {
        return if compiled.check(ty).is_empty() { Err("has nothing against it".to_owned()) } else { Ok(()) };
    }
    let found = match (compiled.evaluate(node, &environment), case.invalid) {
        (Err(_), Some(_)) => return Ok(()),
        (Ok(found), Some(_)) => return Err(format!("gives {found:?}")),
        (found, None) => found.map_err(|error| error.to_string())?,
    };
    let mut found: Vec<Found> = match case.predicate {
        true => vec![Found::of(&Item::Value(Value::Boolean(!found.is_empty())))],
        false => found.iter().map(Found::of).collect(),
    };
    let mut outputs = case.outputs.clone();
    if !case.ordered {
        found.sort_by(|one, other| one.text.cmp(&other.text));
        outputs.sort_by_key(|(_, text)| *text);
    }
    let same = found.len() == outputs.len()
        && found.iter().zip(&outputs).all(|(found, (ty, text))| found.is(*ty, text));
    if same { Ok(()) } else { Err(format!("gives {found:?}, expected {outputs:?}")) }
}

/// The type and text of an item.
#[derive(Debug)]
struct Found {
    ty: &'static str,
    text: String,
}

impl Found {
    fn of(item: &Item<'_>) -> Self {
        let text = item.value().map_or(String::new(), |value| value.to_string());
        Self { ty: item.type_info().name, text }
    }

    /// Decimals of cases that tell their type are the same if they amount to the same.
    fn is(&self, ty: Option<&str>, text: &str) -> bool {
        if ty == Some("decimal") {
            return self.ty.eq_ignore_ascii_case("decimal")
                && self.text.parse::<f64>() == text.parse::<f64>();
        }
        if ty.is_some_and(|ty| !ty.eq_ignore_ascii_case(self.ty)) {
            return false;
        }
        let plain = text.strip_prefix("@T").or(text.strip_prefix('@')).unwrap_or(text);
        let zero =
            self.text.trim_start_matches('-') == text.trim_start_matches('-') && text.parse() == Ok(0.0);
        self.text == plain || zero
    }
}

#[test]
fn every_case_passes_or_is_listed() {
    let Some(suites) = std::env::var_os("RUSHLIGHT_SUITES").map(PathBuf::from) else {
        data::say("*** SKIPPED: RUSHLIGHT_SUITES names no folder with fhirpath-r4");
        return;
    };
    let folder = suites.join("fhirpath-r4");
    let definitions = Definitions::of(Release::R4);
    let inputs = inputs(&folder.join("input"), definitions);
    let text = fs::read_to_string(folder.join("tests-fhir-r4.xml")).unwrap();
    let document = Document::parse(&text).unwrap();
    let (mut count, mut wrong, mut report) = (0, Vec::new(), Vec::new());
    for group in document.root_element().children().filter(Element::is_element) {
        let tests: Vec<_> =
            group.children().filter(|child| child.has_tag_name("test")).map(Case::of).collect();
        let mut passed = 0;
        for case in &tests {
            let tree = &inputs[case.input.unwrap_or_default()];
            let result = run(case, tree, definitions);
            passed += usize::from(result.is_ok());
            match (result, EXCEPTIONS.iter().any(|(name, _)| *name == case.name)) {
                (Err(problem), false) => wrong.push(format!("{}: {} {problem}", case.name, case.expression)),
                (Ok(()), true) => wrong.push(format!("{} is listed, but passes", case.name)),
                _ => {}
            }
            wrong.extend(against(case, tree, definitions));
        }
        count += tests.len();
        report.push(format!("{} {passed}/{}", group.attribute("name").unwrap(), tests.len()));
    }
    data::say(&format!("fhirpath-r4: {count} cases, {} exceptions: {}", EXCEPTIONS.len(), report.join(", ")));
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(count, 935);
}

/// What the check says against a case that is right: it should say nothing.
fn against(case: &Case<'_>, tree: &Tree, definitions: &'static Definitions) -> Option<String> {
    if case.invalid.is_some() {
        return None;
    }
    let compiled = Expression::compile(case.expression, definitions).ok()?;
    let ty = Node::resource(tree.root(), definitions).definition()?.name;
    let problem = compiled.check(ty).into_iter().next()?;
    Some(format!("{}: the check says of {} {problem}", case.name, case.expression))
}
