//! The resources that are looked at.

use rushlight_model::definitions::Release;
use rushlight_population::{Day, Options, Population, Resources};
use rushlight_test_support::data;

/// FHIR's packages, with the release of their resources.
pub const PACKAGES: [(&str, Release); 5] = [
    ("hl7.fhir.r4.examples-4.0.1", Release::R4),
    ("hl7.fhir.r4b.core-4.3.0", Release::R4B),
    ("hl7.fhir.r4b.examples-4.3.0", Release::R4B),
    ("hl7.fhir.r5.core-5.0.0", Release::R5),
    ("hl7.fhir.r5.examples-5.0.0", Release::R5),
];

/// The texts of resources.
pub fn of_package(name: &str) -> Option<impl Iterator<Item = String>> {
    Some(data::package(name)?.into_iter().map(|(_, text)| String::from_utf8(text).unwrap()))
}

/// The texts of Synthea's Bundles.
pub fn synthea() -> Option<impl Iterator<Item = String>> {
    let archive = data::synthea()?;
    let folder = tempfile::tempdir().unwrap();
    let mut tar = std::process::Command::new("tar");
    assert!(tar.arg("-xzf").arg(archive).arg("-C").arg(folder.path()).status().unwrap().success());
    let files: Vec<_> = std::fs::read_dir(folder.path().join("synthea-r4")).unwrap().collect();
    Some(files.into_iter().map(move |file| {
        // The folder is there as long as this is.
        let _ = &folder;
        std::fs::read_to_string(file.unwrap().path()).unwrap()
    }))
}

/// A population of a release: what is always at hand.
pub fn population(release: Release, patients: u64) -> Vec<String> {
    let population = Population::new(Options::new(release, Day::parse("2026-01-01").unwrap()));
    let mut resources = Resources::new();
    let mut all = Vec::new();
    let mut keep = |resources: &Resources| all.extend(resources.iter().map(|one| one.json.to_owned()));
    population.write_pool(&mut resources);
    keep(&resources);
    for number in 1..=patients {
        population.write_patient(number, &mut resources);
        keep(&resources);
    }
    all
}
