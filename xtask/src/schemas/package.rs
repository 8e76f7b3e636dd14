//! A package as npm packs it: its checksum and the definitions in it.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::read::GzDecoder;
use openssl::hash::{MessageDigest, hash};
use serde_json::Value;

use super::json;
use super::source::Source;

/// What was read of a package.
pub struct Package {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The SHA-256 of the `.tgz`, in hex.
    pub sha256: String,
    /// The definitions, in the order of their files; a Bundle's entries in its own order.
    resources: Vec<Value>,
}

/// Why a package could not be had.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The folder of the packages can't be made.
    #[error("{} can't be made: {cause}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The package is not there, and npm can't be run to fetch it.
    #[error("{file} is missing and npm can't be run ({cause}): install Node.js, or put the file there yourself (npm pack {package})", file = file.display())]
    NoNpm {
        /// Where the package should be.
        file: PathBuf,
        /// Its name and version.
        package: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// npm could not fetch it.
    #[error("npm pack {package} failed: {said}")]
    Npm {
        /// The package's name and version.
        package: String,
        /// What npm said.
        said: String,
    },
    /// The file can't be read.
    #[error("{} can't be read: {cause}", file.display())]
    Read {
        /// The package's file.
        file: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// A file in the package is not JSON.
    #[error("{} in {}: {cause}", inside.display(), file.display())]
    Json {
        /// The package's file.
        file: PathBuf,
        /// The file inside.
        inside: PathBuf,
        /// What the parser says.
        cause: serde_json::Error,
    },
}

impl Package {
    /// The definitions of a type, but not the specification's made-up examples.
    pub fn of<'p>(&'p self, resource_type: &'p str) -> impl Iterator<Item = &'p Value> {
        self.resources.iter().filter(move |resource| {
            let id = json::text(resource, "id");
            json::text(resource, "resourceType") == resource_type
                && id != "example"
                && !id.starts_with("example-")
        })
    }
}

/// Reads a package from `folder`, where npm puts it first if it is not there.
///
/// # Errors
/// When it can't be fetched or read, or is not what it should be.
pub fn read(folder: &Path, source: &Source) -> Result<Package, PackageError> {
    let file = folder.join(format!("{}-{}.tgz", source.package, source.version));
    if !file.exists() {
        fetch(folder, &file, source)?;
    }
    let failed = |cause: std::io::Error| PackageError::Read { file: file.clone(), cause };
    let packed = fs::read(&file).map_err(failed)?;
    let digest = hash(MessageDigest::sha256(), &packed).map_err(|cause| failed(cause.into()))?;
    let sha256 = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut files = Vec::new();
    for entry in tar::Archive::new(GzDecoder::new(packed.as_slice())).entries().map_err(failed)? {
        let mut entry = entry.map_err(failed)?;
        let path = entry.path().map_err(failed)?.into_owned();
        if wanted(&path, source) {
            let mut text = Vec::new();
            entry.read_to_end(&mut text).map_err(failed)?;
            let value: Value = serde_json::from_slice(&text).map_err(|cause| PackageError::Json {
                file: file.clone(),
                inside: path.clone(),
                cause,
            })?;
            files.push((path, value));
        }
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    let resources = files.into_iter().flat_map(|(_, value)| unbundled(value)).collect();
    Ok(Package { name: source.package, version: source.version, sha256, resources })
}

/// Whether a file of a package holds definitions.
fn wanted(path: &Path, source: &Source) -> bool {
    let name = path.strip_prefix("package").ok().and_then(Path::to_str).unwrap_or_default();
    name.ends_with(".json") && source.files.iter().any(|start| name.starts_with(start))
}

/// The resources of a Bundle, or the resource itself.
fn unbundled(mut value: Value) -> Vec<Value> {
    if json::text(&value, "resourceType") != "Bundle" {
        return vec![value];
    }
    let Some(Value::Array(entries)) = value.get_mut("entry").map(Value::take) else { return Vec::new() };
    entries.into_iter().filter_map(|mut entry| entry.get_mut("resource").map(Value::take)).collect()
}

fn fetch(folder: &Path, file: &Path, source: &Source) -> Result<(), PackageError> {
    fs::create_dir_all(folder)
        .map_err(|cause| PackageError::Folder { folder: folder.to_path_buf(), cause })?;
    let package = format!("{}@{}", source.package, source.version);
    let output =
        Command::new("npm").args(["pack", &package]).current_dir(folder).output().map_err(|cause| {
            PackageError::NoNpm { file: file.to_path_buf(), package: package.clone(), cause }
        })?;
    if output.status.success() {
        Ok(())
    } else {
        Err(PackageError::Npm { package, said: String::from_utf8_lossy(&output.stderr).trim().to_owned() })
    }
}
