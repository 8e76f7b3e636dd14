//! The synthetic population keeps the rules of each release.

use rushlight_model::definitions::Release;
use rushlight_model::json::{Limits, Tree};
use rushlight_population::{Day, Options, Population, Resources};
use rushlight_validation::Validator;

const PATIENTS: u64 = 200;

#[test]
fn every_resource_is_valid() {
    for release in Release::ALL {
        let validator = Validator::new(release);
        let check = |resources: &Resources| {
            for resource in resources.iter() {
                let tree = Tree::parse(resource.json.as_bytes(), &Limits::default()).unwrap();
                let problems = validator.check(tree.root());
                assert!(problems.is_empty(), "{release}: {problems:?} in {}", resource.json);
            }
            resources.len()
        };
        let today = Day::parse("2026-01-01").unwrap();
        let population = Population::new(Options::new(release, today));
        let mut resources = Resources::new();
        population.write_pool(&mut resources);
        let mut checked = check(&resources);
        for number in 1..=PATIENTS {
            population.write_patient(number, &mut resources);
            checked += check(&resources);
        }
        assert!(checked > 2000, "{release}: only {checked}");
    }
}
