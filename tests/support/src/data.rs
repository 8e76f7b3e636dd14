//! Third-party data beside the project: found through the environment, never copied into it.

use flate2::read::GzDecoder;
use std::fs::File;
use std::io::{Read, Write};
use std::path::PathBuf;

/// The Synthea archive, in the folder that `RUSHLIGHT_DATA` names; `None`, loudly, where there is none.
pub fn synthea() -> Option<PathBuf> {
    beside("RUSHLIGHT_DATA", "synthea-r4.tar.gz")
}

/// The JSON resources of one of FHIR's packages, each with its file's name, from the folder that
/// `RUSHLIGHT_PACKAGES` names; `None`, loudly, where it is not there.
///
/// # Panics
/// Where the archive can't be read.
pub fn package(name: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let path = beside("RUSHLIGHT_PACKAGES", &format!("{name}.tgz"))?;
    let mut archive = tar::Archive::new(GzDecoder::new(File::open(path).expect("a readable archive")));
    let mut resources = Vec::new();
    for entry in archive.entries().expect("a tar archive") {
        let mut entry = entry.expect("a whole archive");
        let path = entry.path().expect("a path").into_owned();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let in_package = path.parent().is_some_and(|folder| folder.ends_with("package"));
        // Beside the resources, packages have descriptions of themselves.
        if !in_package || !name.ends_with(".json") || ["package.json", ".index.json"].contains(&&*name) {
            continue;
        }
        let mut text = Vec::new();
        entry.read_to_end(&mut text).expect("a whole archive");
        resources.push((name, text));
    }
    Some(resources)
}

fn beside(variable: &str, file: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable).map(|folder| PathBuf::from(folder).join(file));
    let found = path.filter(|path| path.is_file());
    if found.is_none() {
        // Without the data the project must still pass, in CI, too.
        say(&format!("*** SKIPPED: {variable} names no folder with {file}"));
    }
    found
}

/// Past the capture of a test's output: what was not looked at, or how much was, must be seen.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "\n{line}");
}
