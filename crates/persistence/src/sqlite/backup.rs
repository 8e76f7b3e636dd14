//! Copies of an embedded store, made while it is in use.

use crate::error::StoreError;
use crate::options::Durability;
use crate::sqlite::files::{self, Files};
use diesel::prelude::*;
use diesel::sql_types::Text;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a copy was not made or not put back.
#[derive(Debug, Error)]
pub enum BackupError {
    /// There is no store to copy.
    #[error("there is no store in {0}")]
    NoStore(PathBuf),
    /// A file that is in use, or was when its process ended: part of its records are in the log beside it.
    #[error(
        "{0} is no copy but the records of a store with a log beside it; make a copy with rushlight backup"
    )]
    InUse(PathBuf),
    /// The target would be overwritten.
    #[error("{0} exists already and is not overwritten")]
    Exists(PathBuf),
    /// The copy is not sound.
    #[error("{path} is not a sound copy: {what}")]
    Unsound {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        what: String,
    },
    /// The file system refused.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(QueryableByName)]
struct Check {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

/// Copies the records of the store in `folder` to the new file `to`, as of one moment, whether or not a server has
/// the store open. The index is not copied: it is derived from the records.
///
/// # Errors
/// No store there, a target that exists, or a disk that refuses; no target is left behind then.
pub fn backup(folder: &Path, to: &Path) -> Result<(), BackupError> {
    let source = Files::new(folder, Durability::Full).main();
    if !source.is_file() {
        return Err(BackupError::NoStore(folder.to_owned()));
    }
    if to.exists() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    let partial = to.with_file_name(format!(".{name}.rushlight-partial"));
    let _ = fs::remove_file(&partial);
    // SQLite copies into an empty file.
    files::private(&partial)?;
    let mut connection = files::open(&source, &["PRAGMA busy_timeout = 10000", "PRAGMA query_only = OFF"])?;
    let text = partial.to_str().ok_or_else(|| StoreError::Open("the path is not UTF-8".to_owned()))?;
    let copied = diesel::sql_query("VACUUM INTO ?")
        .bind::<Text, _>(text)
        .execute(&mut connection)
        .map_err(StoreError::from)
        .map_err(BackupError::from)
        .and_then(|_| check(&partial))
        .and_then(|()| publish(&partial, to));
    if copied.is_err() {
        let _ = fs::remove_file(&partial);
    }
    copied
}

/// Puts a copy into `folder`, which must hold no store. The index is rebuilt when the store is next opened.
///
/// # Errors
/// A copy that is not sound, a folder that holds a store, or a disk that refuses.
pub fn restore(from: &Path, folder: &Path) -> Result<(), BackupError> {
    if files::log_of(from).metadata().is_ok_and(|log| log.len() > 0) {
        return Err(BackupError::InUse(from.to_owned()));
    }
    check(from)?;
    let files = Files::new(folder, Durability::Full);
    let _lock = files.lock()?;
    let target = files.main();
    if target.exists() {
        return Err(BackupError::Exists(target));
    }
    if files.index().exists() {
        return Err(BackupError::Exists(files.index()));
    }
    let partial = folder.join("rushlight.db.partial");
    // What an interrupted restore left may be longer than this copy.
    let _ = fs::remove_file(&partial);
    files::private(&partial)?;
    // Not fs::copy, which would copy the permissions, too.
    let copied = File::open(from)
        .and_then(|mut from| io::copy(&mut from, &mut File::options().write(true).open(&partial)?));
    copied.map_err(|error| BackupError::File { path: partial.clone(), error })?;
    publish(&partial, &target)
}

/// Flushes a finished file and gives it its name.
fn publish(partial: &Path, to: &Path) -> Result<(), BackupError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| BackupError::File { path, error }
    };
    File::open(partial).and_then(|file| file.sync_all()).map_err(failed(partial))?;
    fs::rename(partial, to).map_err(failed(to))?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(folder))
}

fn check(path: &Path) -> Result<(), BackupError> {
    let unsound = |what: String| BackupError::Unsound { path: path.to_owned(), what };
    if !path.is_file() {
        return Err(unsound("there is no such file".to_owned()));
    }
    let mut connection = files::open(path, &[]).map_err(|error| unsound(error.to_string()))?;
    let result: Check = diesel::sql_query("PRAGMA integrity_check(1)")
        .get_result(&mut connection)
        .map_err(|error| unsound(error.to_string()))?;
    if result.integrity_check != "ok" {
        return Err(unsound(result.integrity_check));
    }
    diesel::sql_query("SELECT count(*) FROM version, resource WHERE 1 = 0")
        .execute(&mut connection)
        .map_err(|_| unsound("it holds no records of Rushlight".to_owned()))?;
    Ok(())
}
