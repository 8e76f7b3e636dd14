//! The files in `schemas/`, made from FHIR's packages. `schemas/README.md` describes their format.

mod codes;
mod compartments;
mod json;
mod operations;
mod package;
mod search;
mod source;
mod table;
mod types;

use std::fs;
use std::path::{Path, PathBuf};

use package::{Package, PackageError};
use source::{RELEASES, Release};

/// Why the files could not be written, or are not right.
#[derive(Debug, thiserror::Error)]
pub enum SchemasError {
    /// A package could not be had.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// A file could not be written.
    #[error("{} can't be written: {cause}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// Files are not what the packages say.
    #[error("not what the packages say: {}; run `cargo xtask schemas`", .0.join(", "))]
    Differ(Vec<String>),
}

/// Writes the files of all releases to `folder`, or only compares them with `check`.
///
/// # Errors
/// When a package can't be read or fetched, a file can't be written, or (with `check`) files differ.
pub fn run(packages: &Path, folder: &Path, check: bool) -> Result<String, SchemasError> {
    let mut differ = Vec::new();
    let mut report = Vec::new();
    for release in RELEASES {
        let read = release
            .sources
            .iter()
            .map(|source| package::read(packages, source))
            .collect::<Result<Vec<Package>, PackageError>>()?;
        for (name, text) in files(release, &read) {
            let path = folder.join(release.folder).join(name);
            report.push(format!("{} {} bytes", path.display(), text.len()));
            if check {
                if fs::read_to_string(&path).ok().as_deref() != Some(text.as_str()) {
                    differ.push(format!("{}/{name}", release.folder));
                }
            } else {
                let write = |path: &Path| {
                    fs::create_dir_all(folder.join(release.folder))?;
                    fs::write(path, &text)
                };
                write(&path).map_err(|cause| SchemasError::Write { path, cause })?;
            }
        }
    }
    if differ.is_empty() { Ok(report.join("\n")) } else { Err(SchemasError::Differ(differ)) }
}

/// The names and texts of a release's files.
fn files(release: &Release, packages: &[Package]) -> Vec<(&'static str, String)> {
    let core = packages.get(..1).unwrap_or_default();
    let types = types::read(core);
    let table = |part: &str, used: &[Package]| table::Table::new(release.version, part, used);
    vec![
        ("types.tsv", types::write(table("types", core), &types)),
        ("codes.tsv", codes::write(table("codes", packages), packages, &types)),
        ("search.tsv", search::write(table("search", core), core)),
        ("compartments.tsv", compartments::write(table("compartments", core), core)),
        ("operations.tsv", operations::write(table("operations", core), core)),
    ]
}
