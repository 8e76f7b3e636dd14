//! What it costs to evaluate all search parameters of a resource, beside parsing it with serde_json:
//! `cargo run --release -p rushlight-fhirpath --example cost -- FILE`; without a file, an Observation like Synthea's.

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use rushlight_fhirpath::{Environment, Expression, Node, Options};
use rushlight_model::definitions::{Definitions, Release};
use rushlight_model::json::{Limits, Tree};

const OBSERVATION: &str = r#"{"resourceType":"Observation","id":"5c1b7a2e-9d1c-4f0e-8a63-0d1f5f3c2b11","meta":{
"profile":["http://hl7.org/fhir/us/core/StructureDefinition/us-core-blood-pressure"]},"status":"final","category":[{
"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":
"Vital signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"85354-9","display":"Blood pressure panel"}],
"text":"Blood pressure panel"},"subject":{"reference":"urn:uuid:0a8e1b5c-22f0-4a70-9f65-ad0e6a9a6d21"},"encounter":{
"reference":"urn:uuid:5d2c7c6a-1f9f-4f6c-a3b1-2b8d4b8c9e10"},"effectiveDateTime":"2014-03-12T08:26:41-04:00","issued":
"2014-03-12T08:26:41.123-04:00","component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4","display":
"Diastolic Blood Pressure"}],"text":"Diastolic Blood Pressure"},"valueQuantity":{"value":77.02,"unit":"mm[Hg]","system":
"http://unitsofmeasure.org","code":"mm[Hg]"}},{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6","display":
"Systolic Blood Pressure"}],"text":"Systolic Blood Pressure"},"valueQuantity":{"value":122.5,"unit":"mm[Hg]","system":
"http://unitsofmeasure.org","code":"mm[Hg]"}}]}"#;

/// The shortest of many runs.
fn least(mut run: impl FnMut()) -> Duration {
    let time = |run: &mut dyn FnMut()| {
        let begun = Instant::now();
        (0..100).for_each(|_| run());
        begun.elapsed() / 100
    };
    (0..50).map(|_| time(&mut run)).min().unwrap_or_default()
}

fn main() -> Result<(), Box<dyn Error>> {
    let text = match std::env::args().nth(1) {
        Some(path) => std::fs::read_to_string(path)?,
        None => OBSERVATION.to_owned(),
    };
    let r4 = Definitions::of(Release::R4);
    let tree = Tree::parse(text.as_bytes(), &Limits::default())?;
    let node = Node::resource(tree.root(), r4);
    let is_for = |base: &str| node.is_a(base);
    let parameters =
        r4.search_parameters().iter().filter(|parameter| parameter.base.iter().any(|base| is_for(base)));
    let compile =
        |text| Expression::compile_with(text, r4, Options { as_keeps: true, on: node.definition() });
    let expressions = parameters.filter_map(|parameter| parameter.expression).map(compile);
    let expressions = expressions.collect::<Result<Vec<_>, _>>()?;
    let environment = Environment::new();
    let found: usize = expressions
        .iter()
        .filter_map(|one| one.evaluate(node, &environment).ok())
        .map(|items| items.len())
        .sum();

    let evaluated = least(|| {
        for expression in &expressions {
            let _ = black_box(expression.evaluate(node, &environment));
        }
    });
    let serde = least(|| drop(black_box(serde_json::from_str::<serde_json::Value>(&text))));
    let parsed = least(|| drop(black_box(Tree::parse(text.as_bytes(), &Limits::default()))));
    println!("{} bytes, {} expressions, {found} items", text.len(), expressions.len());
    println!("all expressions {evaluated:?}, serde_json::Value {serde:?}, the tree {parsed:?}");
    Ok(())
}
