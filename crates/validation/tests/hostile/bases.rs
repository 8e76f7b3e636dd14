//! Valid resources to be damaged: the synthetic population's, and some of FHIR's examples where they are at hand.

use rushlight_model::definitions::Release;
use rushlight_model::json::{Limits, Tree};
use rushlight_population::{Day, Options, Population, Resources};
use rushlight_test_support::data;
use rushlight_validation::Validator;
use std::sync::LazyLock;

/// For each release, in their order.
pub static ALL: LazyLock<[Vec<String>; 3]> = LazyLock::new(|| Release::ALL.map(of));

const PACKAGES: [&str; 3] =
    ["hl7.fhir.r4.examples-4.0.1", "hl7.fhir.r4b.examples-4.3.0", "hl7.fhir.r5.examples-5.0.0"];

/// Of an example, in bytes; longer ones would only be slower.
const LARGEST: usize = 10_000;

fn of(release: Release) -> Vec<String> {
    let mut resources = Resources::new();
    let population = Population::new(Options::new(release, Day::parse("2026-01-01").unwrap()));
    population.write_pool(&mut resources);
    let mut texts: Vec<String> =
        resources.iter().step_by(7).map(|resource| resource.json.to_owned()).collect();
    population.write_patient(1, &mut resources);
    texts.extend(resources.iter().map(|resource| resource.json.to_owned()));
    let entries: Vec<String> = texts.iter().take(3).map(|text| format!(r#"{{"resource":{text}}}"#)).collect();
    texts.push(format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{}]}}"#, entries.join(",")));
    let number = Release::ALL.iter().position(|known| *known == release).unwrap();
    texts.extend(examples(PACKAGES[number], &Validator::new(release)));
    texts
}

fn examples(package: &str, validator: &Validator) -> Vec<String> {
    let small =
        data::package(package).unwrap_or_default().into_iter().filter(|(_, text)| text.len() < LARGEST);
    let compact = small.step_by(20).map(|(_, text)| Tree::parse(&text, &Limits::default()).unwrap());
    compact.filter(|tree| validator.check(tree.root()).is_empty()).map(Tree::into_text).collect()
}
