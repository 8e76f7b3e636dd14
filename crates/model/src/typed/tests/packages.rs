//! The official examples of R4, R4B and R5, where they are at hand.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::*;

const TYPES: [&str; 7] = [
    "Bundle",
    "CapabilityStatement",
    "DiagnosticReport",
    "Observation",
    "OperationOutcome",
    "Parameters",
    "Patient",
];

/// The archives of examples in the folder that `RUSHLIGHT_PACKAGES` names.
fn archives() -> Vec<PathBuf> {
    let folder = std::env::var_os("RUSHLIGHT_PACKAGES").map(PathBuf::from);
    let files = folder.iter().flat_map(|folder| std::fs::read_dir(folder).into_iter().flatten().flatten());
    let mut found: Vec<PathBuf> = files
        .filter(|file| {
            let name = file.file_name().to_string_lossy().into_owned();
            name.contains("examples") && name.ends_with(".tgz")
        })
        .map(|file| file.path())
        .collect();
    found.sort();
    found
}

/// Past the capture of a test's output: a test that did not look must say so.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// How many resources of each type an archive has that have a struct; all of them must be exact.
fn check(archive: &Path) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    let file = std::fs::File::open(archive).unwrap();
    for entry in tar::Archive::new(flate2::read::GzDecoder::new(file)).entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().into_owned();
        // Packages name their files `Type-id.json`.
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let ty = name.split('-').next().unwrap_or_default();
        if !name.ends_with(".json") || !TYPES.contains(&ty) {
            continue;
        }
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        match exact(&text) {
            Ok(Some(resource)) => {
                assert!(!matches!(resource, Resource::Other(_)), "{}", path.display());
                *counts.entry(ty.to_owned()).or_default() += 1;
            }
            Ok(None) => panic!("{} is not the same afterwards", path.display()),
            Err(error) => panic!("{}: {error}", path.display()),
        }
    }
    counts
}

#[test]
fn official_examples_come_out_as_they_went_in() {
    let archives = archives();
    if archives.is_empty() {
        say("\n*** SKIPPED: RUSHLIGHT_PACKAGES names no folder with packages of examples (*examples*.tgz)");
    }
    for archive in archives {
        let counts = check(&archive);
        let name = archive.file_stem().unwrap_or_default().to_string_lossy();
        say(&format!("{name}: {} exact, {counts:?}", counts.values().sum::<usize>()));
        assert!(counts.contains_key("Patient") && counts.contains_key("Observation"), "{name}");
    }
}
