//! Where Bundles come from: files, folders, archives; one at a time, whatever the size of the whole.

use super::Bundle;
use flate2::read::GzDecoder;
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

/// What an archive unpacks to, as a multiple of its size: for the progress bar only.
const RATIO: u64 = 12;
/// Bytes of one Bundle, at the most.
const LARGEST: u64 = 1 << 30;

type Each<'a> = &'a mut dyn FnMut(Bundle) -> Result<(), Box<dyn Error>>;

/// Roughly how many bytes there are to read.
///
/// # Errors
/// A path that does not exist or can't be read.
pub fn weight(paths: &[PathBuf]) -> Result<u64, Box<dyn Error>> {
    let mut total = 0;
    for path in paths {
        for file in files(path)? {
            let size = fs::metadata(&file).map_err(|error| format!("{}: {error}", file.display()))?.len();
            total += if is_archive(&file) { size * RATIO } else { size };
        }
    }
    Ok(total)
}

/// Calls `each` with every Bundle.
///
/// # Errors
/// A file that can't be read, or what `each` says.
pub fn each(paths: &[PathBuf], each: Each<'_>) -> Result<(), Box<dyn Error>> {
    for path in paths {
        for file in files(path)? {
            let name = file.display().to_string();
            let open = File::open(&file).map_err(|error| format!("{name}: {error}"))?;
            let read =
                if is_archive(&file) { archive(open, &name, each) } else { plain(open, name.clone(), each) };
            read.map_err(|error| format!("{name}: {error}"))?;
        }
    }
    Ok(())
}

fn plain(file: File, name: String, each: Each<'_>) -> Result<(), Box<dyn Error>> {
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes)?;
    let weight = bytes.len() as u64;
    each(Bundle { name, bytes, weight })
}

fn archive(file: File, name: &str, each: Each<'_>) -> Result<(), Box<dyn Error>> {
    let mut archive = tar::Archive::new(GzDecoder::new(BufReader::new(file)));
    for entry in archive.entries()? {
        let entry = entry?;
        let inner = entry.path()?.display().to_string();
        if !entry.header().entry_type().is_file() || !inner.ends_with(".json") {
            continue;
        }
        let mut bytes = Vec::new();
        entry.take(LARGEST).read_to_end(&mut bytes)?;
        let weight = bytes.len() as u64;
        each(Bundle { name: format!("{name}: {inner}"), bytes, weight })?;
    }
    Ok(())
}

fn is_archive(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name.ends_with(".tar.gz") || name.ends_with(".tgz")
}

/// The files meant by a path, in the order of their names, so that a second run repeats the first.
fn files(path: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    if !path.is_dir() {
        if !path.exists() {
            return Err(format!("{}: there is no such file or folder", path.display()).into());
        }
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> =
        fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            found.extend(files(&entry)?);
        } else if is_archive(&entry) || entry.extension().is_some_and(|extension| extension == "json") {
            found.push(entry);
        }
    }
    Ok(found)
}
