//! Where a store lies and how it is opened.

use rushlight_model::definitions::Release;
use rushlight_search::Words;
use std::path::PathBuf;
use std::time::Duration;
use thiserror::Error;

/// Where a store lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A folder of its own, held by one process.
    Sqlite(PathBuf),
    /// A database (or, by `search_path`, a schema), shared by any number of processes.
    Postgres(String),
}

/// A database URL that names neither store.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "the database URL must begin with sqlite: (then a folder, without //) or postgres:// (then host and database)"
)]
pub struct LocationError;

impl Location {
    /// Reads `sqlite:FOLDER`, `postgres://…` or `postgresql://…`.
    ///
    /// # Errors
    /// Any other scheme, or a folder that is empty or begins with `//`.
    pub fn parse(url: &str) -> Result<Self, LocationError> {
        match url.strip_prefix("sqlite:") {
            // Of two slashes nobody knows whether the folder is meant to be relative.
            Some(folder) if folder.is_empty() || folder.starts_with("//") => Err(LocationError),
            Some(folder) => Ok(Self::Sqlite(PathBuf::from(folder))),
            None if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Ok(Self::Postgres(url.to_owned()))
            }
            None => Err(LocationError),
        }
    }
}

/// Whether a commit waits for the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// It does: an acknowledged write survives a power cut.
    #[default]
    Full,
    /// It does not. Only for the tests that show the guarantee failing without it.
    Off,
}

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Where it lies.
    pub location: Location,
    /// The release of FHIR that its records are of; `None`: what the store says, R4 for a new one.
    pub release: Option<Release>,
    /// Which words are indexed; `None`: as the store says, none in a new one. What is given is what it says from then on.
    pub words: Option<Words>,
    /// Whether a store is made where there is none.
    pub create: bool,
    /// Connections for readers.
    pub readers: u32,
    /// How many requests may wait to be written before further ones are refused as busy.
    pub queue: usize,
    /// How many reads and refusals may wait to be audited before further ones are lost.
    pub audit_queue: usize,
    /// Whether a commit waits for the disk.
    pub durability: Durability,
    /// How long one statement of a reader may take.
    pub statement_timeout: Duration,
    /// SQLite: versions in the tail that start a merge, at the least.
    pub tail_floor: usize,
    /// SQLite: versions in the tail that start a merge, at the most.
    pub tail_cap: usize,
    /// Whether this process does jobs; where none does, what is new is not indexed.
    pub jobs: bool,
    /// Resources that are indexed anew in one step; `None`: what suits the store.
    pub stretch: Option<u32>,
    /// Matches, as estimated, beyond which a search walks in the order of its results instead of listing them all.
    pub many_matches: i64,
}

impl StoreOptions {
    /// The defaults for a location.
    #[must_use]
    pub fn new(location: Location) -> Self {
        Self {
            location,
            release: None,
            words: None,
            create: true,
            readers: 8,
            queue: 1024,
            audit_queue: 65_536,
            durability: Durability::Full,
            statement_timeout: Duration::from_secs(30),
            tail_floor: 8192,
            tail_cap: 131_072,
            jobs: true,
            stretch: None,
            many_matches: 1000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let sqlite = |path: &str| Ok(Location::Sqlite(PathBuf::from(path)));
        let postgres = |url: &str| Ok(Location::Postgres(url.to_owned()));
        for (url, expected) in [
            ("sqlite:data", sqlite("data")),
            ("sqlite:/var/lib/x", sqlite("/var/lib/x")),
            ("postgres://u@h/db", postgres("postgres://u@h/db")),
            ("postgresql:///db", postgres("postgresql:///db")),
            ("sqlite:", Err(LocationError)),
            ("sqlite://data", Err(LocationError)),
            ("mysql://x", Err(LocationError)),
            ("data", Err(LocationError)),
        ] {
            assert_eq!(Location::parse(url), expected, "{url}");
        }
    }
}
