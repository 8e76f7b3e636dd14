//! The folder of an embedded store: its files, their settings, its lock.

use crate::error::StoreError;
use crate::options::Durability;
use crate::search::near;
use crate::sqlite::deadline;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The first SQLite without the WAL fault that could lose commits.
const OLDEST: (u32, u32, u32) = (3, 51, 3);

/// The paths of a store's files.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    folder: PathBuf,
    durability: Durability,
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Text)]
    answer: String,
}

impl Files {
    /// The files of `folder`.
    pub(crate) fn new(folder: &Path, durability: Durability) -> Self {
        Self { folder: folder.to_owned(), durability }
    }

    /// The records.
    pub(crate) fn main(&self) -> PathBuf {
        self.folder.join("rushlight.db")
    }

    /// The merged index.
    pub(crate) fn index(&self) -> PathBuf {
        self.folder.join("index.db")
    }

    /// Bytes of the records' log.
    pub(crate) fn log_bytes(&self) -> u64 {
        length(&log_of(&self.main()))
    }

    /// Bytes of all files.
    pub(crate) fn bytes(&self) -> u64 {
        [self.main(), self.index()].iter().map(|path| length(path) + length(&log_of(path))).sum()
    }

    /// Makes the folder (for its owner alone) and takes its lock, which is held as long as the file is.
    pub(crate) fn lock(&self) -> Result<File, StoreError> {
        let open = |error: std::io::Error| StoreError::Open(format!("{}: {error}", self.folder.display()));
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder).map_err(open)?;
        let file = File::create(self.folder.join("lock")).map_err(open)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(fs::TryLockError::WouldBlock) => {
                Err(StoreError::Locked { folder: self.folder.display().to_string() })
            }
            Err(fs::TryLockError::Error(error)) => Err(open(error)),
        }
    }

    /// Whether there is a store, or may be one.
    ///
    /// # Errors
    /// None where it is not to be made, and an index whose records are gone, which no empty store may take the place
    /// of.
    pub(crate) fn expect(&self, create: bool) -> Result<(), StoreError> {
        let folder = self.folder.display();
        if self.main().is_file() {
            return Ok(());
        }
        if self.index().exists() {
            let text = format!("{folder} has an index but no records: rushlight.db is missing; restore it");
            return Err(StoreError::Open(text));
        }
        if create { Ok(()) } else { Err(StoreError::Open(format!("there is no store in {folder}"))) }
    }

    /// The writer's connection to the records.
    pub(crate) fn open_main(&self) -> Result<SqliteConnection, StoreError> {
        let synchronous = match self.durability {
            Durability::Full => "PRAGMA synchronous = FULL",
            Durability::Off => "PRAGMA synchronous = OFF",
        };
        private(&self.main())?;
        // A checkpoint every 16 MiB of log: fewer rewrites of the same page than with SQLite's 4 MiB.
        open(
            &self.main(),
            &[
                "PRAGMA busy_timeout = 10000",
                "PRAGMA journal_mode = WAL",
                synchronous,
                "PRAGMA wal_autocheckpoint = 4000",
                "PRAGMA journal_size_limit = 67108864",
                "PRAGMA cache_size = -32768",
                "PRAGMA temp_store = MEMORY",
            ],
        )
    }

    /// The merger's connection to the merged index.
    pub(crate) fn open_merger(&self) -> Result<SqliteConnection, StoreError> {
        private(&self.index())?;
        // NORMAL: a power cut may lose the last merges, mark and rows together, and never tears the file.
        open(
            &self.index(),
            &[
                // Of a new file. Rows are many and small, and a page that is touched has several to change.
                "PRAGMA page_size = 8192",
                "PRAGMA busy_timeout = 60000",
                "PRAGMA journal_mode = WAL",
                "PRAGMA synchronous = NORMAL",
                "PRAGMA wal_autocheckpoint = 8000",
                "PRAGMA journal_size_limit = 67108864",
                "PRAGMA cache_size = -32768",
                "PRAGMA temp_store = MEMORY",
            ],
        )
    }

    /// A reader's connection: the records, with the index attached as `ix`.
    pub(crate) fn open_reader(&self) -> Result<SqliteConnection, StoreError> {
        let mut connection = open(
            &self.main(),
            &[
                "PRAGMA busy_timeout = 10000",
                "PRAGMA query_only = ON",
                "PRAGMA cache_size = -8192",
                "PRAGMA temp_store = MEMORY",
            ],
        )?;
        near::install(&mut connection)?;
        attach(&mut connection, &self.index(), "ix")?;
        // Each reader has caches of its own, which a page of any search should find warm.
        connection
            .batch_execute("PRAGMA ix.cache_size = -16384")
            .map_err(|error| StoreError::Open(format!("{}: {error}", self.index().display())))?;
        Ok(connection)
    }
}

/// SQLite's log of a file.
pub(crate) fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

/// Bytes of a file; 0 where there is none.
fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| file.len())
}

/// Makes a file, if there is none, that its owner alone can read; SQLite makes those beside it alike.
///
/// One that is there is not even opened: to close it would end the locks that SQLite holds on it in this process
/// (<https://sqlite.org/howtocorrupt.html>, section 2.2).
pub(crate) fn private(path: &Path) -> Result<(), StoreError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(StoreError::Open(format!("{}: {error}", path.display())))
        }
        _ => Ok(()),
    }
}

/// Opens a file and applies settings, one statement each, so that none is skipped.
pub(crate) fn open(path: &Path, settings: &[&str]) -> Result<SqliteConnection, StoreError> {
    deadline::arm();
    let refuse = |error: String| StoreError::Open(format!("{}: {error}", path.display()));
    let text = path.to_str().ok_or_else(|| refuse("the path is not UTF-8".to_owned()))?;
    let mut connection = SqliteConnection::establish(text).map_err(|error| refuse(error.to_string()))?;
    for setting in settings {
        connection.batch_execute(setting).map_err(|error| refuse(error.to_string()))?;
    }
    assert_version(&mut connection)?;
    Ok(connection)
}

fn attach(connection: &mut SqliteConnection, path: &Path, name: &'static str) -> Result<(), StoreError> {
    let text = path.to_str().ok_or_else(|| StoreError::Open("the path is not UTF-8".to_owned()))?;
    diesel::sql_query(format!("ATTACH DATABASE ? AS {name}")).bind::<Text, _>(text).execute(connection)?;
    Ok(())
}

fn assert_version(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let found: Answer = diesel::sql_query("SELECT sqlite_version() AS answer").get_result(connection)?;
    let mut parts = found.answer.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    if (next(), next(), next()) < OLDEST {
        return Err(StoreError::Open(format!(
            "SQLite {} can lose commits in WAL mode; 3.51.3 or newer is needed",
            found.answer
        )));
    }
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn a_file_in_use_keeps_its_locks() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::new(folder.path(), Durability::Full);
        let mut connection = files.open_main().unwrap();
        connection.batch_execute("CREATE TABLE x (y)").unwrap();
        let inode = format!(":{} ", fs::metadata(files.main()).unwrap().ino());
        let held = || fs::read_to_string("/proc/locks").unwrap().lines().any(|lock| lock.contains(&inode));
        assert!(held());
        private(&files.main()).unwrap();
        assert!(held(), "SQLite's lock on the records is gone");
    }
}
