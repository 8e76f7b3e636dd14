//! What the suites share: a private PostgreSQL cluster, places for stores, hostile
//! inputs, and the data that is not in the project.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's scaffold fails by panicking"
)]

pub mod damage;
pub mod data;
pub mod golden;
pub mod hostile;
pub mod postgres;

use tempfile::TempDir;

/// A place for one test's store, gone when dropped.
pub struct TestStore {
    /// `sqlite` or `postgres`.
    pub name: &'static str,
    /// The database URL.
    pub url: String,
    _folder: Option<TempDir>,
    _schema: Option<postgres::Schema>,
}

/// A place on each kind of store that can be had here.
///
/// # Panics
/// Where no folder can be made, or no PostgreSQL can be had although `CI` is `true`.
pub fn stores() -> Vec<TestStore> {
    [Some(sqlite()), postgres()].into_iter().flatten().collect()
}

/// A folder for an embedded store.
///
/// # Panics
/// Where no folder can be made.
pub fn sqlite() -> TestStore {
    let folder = tempfile::tempdir().expect("a folder for a store");
    // The store makes its own folder within.
    let url = format!("sqlite:{}", folder.path().join("store").display());
    TestStore { name: "sqlite", url, _folder: Some(folder), _schema: None }
}

/// A schema on the private cluster; `None`, loudly, where no server is installed.
pub fn postgres() -> Option<TestStore> {
    let schema = postgres::shared()?.schema();
    Some(TestStore { name: "postgres", url: schema.url().to_owned(), _folder: None, _schema: Some(schema) })
}

/// Says on the terminal, past the test runner's capture, that something was not tested.
///
/// # Panics
/// With `CI=true`: there, nothing may be skipped.
pub fn skip(what: &str) {
    use std::io::Write;
    if std::env::var("CI").as_deref() == Ok("true") {
        panic!("not tested, and CI=true: {what}");
    }
    let line = format!("\n*** SKIPPED: {what}\n");
    // The runner captures the macros, not the file.
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}
