//! The folder that a population is written into.

use super::{Format, Part};
use rushlight_population::{Generated, Resources};
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Bytes that wait to be written to a file of one type.
const BUFFER: usize = 1 << 18;

/// A folder, and how many resources of each type were written.
pub struct Folder {
    path: PathBuf,
    counts: BTreeMap<&'static str, u64>,
    files: Files,
}

enum Files {
    /// By type.
    Ndjson(BTreeMap<&'static str, BufWriter<File>>),
    /// The text of one Bundle, kept for its space.
    Bundles(String),
}

impl Folder {
    /// Makes the folder, or takes one that has no files of the format's kind: two populations in one folder would
    /// be read as one.
    ///
    /// # Errors
    /// There are such files, or the folder can't be made or read.
    pub fn open(path: &Path, format: Format) -> Result<Self, Box<dyn Error>> {
        let named = |error| format!("{}: {error}", path.display());
        let (kind, files) = match format {
            Format::Ndjson => ("ndjson", Files::Ndjson(BTreeMap::new())),
            Format::Bundles => ("json", Files::Bundles(String::new())),
        };
        fs::create_dir_all(path).map_err(named)?;
        for entry in fs::read_dir(path).map_err(named)? {
            let found = entry.map_err(named)?.path();
            if found.extension().is_some_and(|extension| extension == kind) {
                return Err(format!(
                    "{} is there already, and nothing is overwritten: name another folder with --to",
                    found.display()
                )
                .into());
            }
        }
        Ok(Self { path: path.to_owned(), counts: BTreeMap::new(), files })
    }

    /// Writes a part.
    ///
    /// # Errors
    /// A file that can't be made or written.
    pub fn write(&mut self, part: Part, resources: &Resources) -> Result<(), Box<dyn Error>> {
        for Generated { resource_type, .. } in resources.iter() {
            *self.counts.entry(resource_type).or_default() += 1;
        }
        match &mut self.files {
            Files::Ndjson(files) => {
                for Generated { resource_type, json, .. } in resources.iter() {
                    let file = match files.get_mut(resource_type) {
                        Some(file) => file,
                        None => {
                            let file = create(&self.path, &format!("{resource_type}.ndjson"))?;
                            files.entry(resource_type).or_insert(BufWriter::with_capacity(BUFFER, file))
                        }
                    };
                    file.write_all(json.as_bytes())?;
                    file.write_all(b"\n")?;
                }
            }
            Files::Bundles(text) => {
                text.clear();
                resources.write_transaction(text);
                create(&self.path, &format!("{part}.json"))?.write_all(text.as_bytes())?;
            }
        }
        Ok(())
    }

    /// Writes what waits; returns how many resources of each type there are.
    ///
    /// # Errors
    /// A file that can't be written.
    pub fn close(self) -> Result<BTreeMap<&'static str, u64>, Box<dyn Error>> {
        if let Files::Ndjson(files) = self.files {
            for mut file in files.into_values() {
                file.flush()?;
            }
        }
        Ok(self.counts)
    }
}

fn create(folder: &Path, name: &str) -> Result<File, String> {
    let path = folder.join(name);
    File::create_new(&path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The pool's name is the first in order, so that a loader meets it first.
impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pool => f.write_str("000-pool"),
            Self::Patient(number) => write!(f, "patient-{number:07}"),
        }
    }
}
