//! From paths to files.

use super::{Input, SourceError, Taken};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where an input is.
pub(super) enum Place {
    /// Standard input.
    Standard,
    /// A file.
    File(PathBuf),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Standard => f.write_str("<stdin>"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

pub(super) fn inputs(paths: &[PathBuf], taken: Taken) -> Result<Vec<Input>, SourceError> {
    let mut search = Search { taken, within: Vec::new(), found: Vec::new() };
    let standard = |path: &&PathBuf| path.as_os_str() == "-";
    if paths.iter().filter(standard).count() > 1 {
        return Err(SourceError::Twice);
    }
    for path in paths {
        let before = search.found.len();
        if standard(&path) {
            search.found.push(Input { place: Place::Standard, size: 0 });
        } else if !path.exists() {
            return Err(SourceError::Absent(name(path)));
        } else if path.is_dir() {
            search.folder(path)?;
        } else {
            search.file(path.clone())?;
        }
        if search.found.len() == before {
            return Err(SourceError::Nothing { name: name(path), taken: taken.told() });
        }
    }
    Ok(search.found)
}

struct Search {
    taken: Taken,
    /// The folders that the search is in, without links.
    within: Vec<PathBuf>,
    found: Vec<Input>,
}

impl Search {
    fn folder(&mut self, path: &Path) -> Result<(), SourceError> {
        let real = fs::canonicalize(path).map_err(refused(path))?;
        if self.within.contains(&real) {
            return Err(SourceError::Circle(name(path)));
        }
        self.within.push(real);
        let mut entries: Vec<PathBuf> = fs::read_dir(path)
            .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
            .map_err(refused(path))?;
        entries.sort();
        for entry in entries {
            if entry.is_dir() {
                self.folder(&entry)?;
            } else if self.taken.in_folder(&name(&entry)) {
                self.file(entry)?;
            }
        }
        self.within.pop();
        Ok(())
    }

    fn file(&mut self, path: PathBuf) -> Result<(), SourceError> {
        let size = fs::metadata(&path).map_err(refused(&path))?.len();
        self.found.push(Input { place: Place::File(path), size });
        Ok(())
    }
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

fn refused(path: &Path) -> impl FnOnce(io::Error) -> SourceError {
    let name = name(path);
    |error| SourceError::Refused { name, error }
}
