//! What every SQLite connection of the process is given when it opens, and diesel has no call for: a bound on
//! statement time, plans that stay, and the virtual tables of the [tail](super::tail).
//!
//! `sqlite3_auto_extension` hands each new connection over. A progress handler then interrupts a statement when the
//! deadline of the *thread* has passed.
#![expect(unsafe_code, reason = "diesel exposes neither the progress handler nor virtual tables")]

use libsqlite3_sys as ffi;
use std::cell::Cell;
use std::os::raw::{c_char, c_int, c_void};
use std::sync::Once;
use std::time::{Duration, Instant};

/// Virtual-machine steps between two looks at the clock: about a tenth of a millisecond.
const STEPS: c_int = 20_000;

thread_local! {
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Runs `work` with a deadline for every SQLite statement of this thread; a statement still running then ends with
/// the error "interrupted".
pub(crate) fn within<T>(limit: Duration, work: impl FnOnce() -> T) -> T {
    struct Restore(Option<Instant>);
    impl Drop for Restore {
        fn drop(&mut self) {
            DEADLINE.set(self.0);
        }
    }
    let _restore = Restore(DEADLINE.replace(Instant::now().checked_add(limit)));
    work()
}

/// Called by SQLite every [`STEPS`] steps; anything but 0 interrupts the statement.
extern "C" fn look(_: *mut c_void) -> c_int {
    // A thread that is being torn down has no deadline.
    let passed = DEADLINE.try_with(|deadline| deadline.get().is_some_and(|at| Instant::now() >= at));
    c_int::from(passed.unwrap_or(false))
}

/// Called by SQLite for each new connection.
extern "C" fn install(
    connection: *mut ffi::sqlite3,
    _: *mut *mut c_char,
    _: *const ffi::sqlite3_api_routines,
) -> c_int {
    // SAFETY: SQLite calls this with a connection that is open; the handler uses no context, so nothing can dangle.
    unsafe { ffi::sqlite3_progress_handler(connection, STEPS, Some(look), std::ptr::null_mut()) };
    // Plans must not depend on bound values: where a partial index might serve, SQLite would otherwise prepare the
    // statement again for each set of them, which was two fifths of a history's work.
    // SAFETY: the connection is open; this option takes an int and a pointer, which may be null.
    unsafe {
        ffi::sqlite3_db_config(connection, ffi::SQLITE_DBCONFIG_ENABLE_QPSG, 1, std::ptr::null_mut::<c_int>())
    };
    // SAFETY: the connection is open, and stays so while this borrowed handle, which does not close it, is in use.
    let installed = unsafe { rusqlite::Connection::from_handle(connection) }
        .and_then(|connection| super::tail::vtab::install(&connection));
    if installed.is_ok() { ffi::SQLITE_OK } else { ffi::SQLITE_ERROR }
}

/// Sees to it that every connection opened from now on obeys [`within`] and knows the tail. Harmless to repeat.
pub(crate) fn arm() {
    static ARMED: Once = Once::new();
    ARMED.call_once(|| {
        // SAFETY: `install` has the signature that SQLite documents for an extension's entry point, and lives as
        // long as the process. Connections that another library opens get a handler that never fires.
        let code = unsafe { ffi::sqlite3_auto_extension(Some(install)) };
        if code != ffi::SQLITE_OK {
            log::error!("SQLite refused its extension ({code}): nothing can be looked up");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use diesel::connection::SimpleConnection;

    #[test]
    fn a_statement_without_end_is_interrupted_and_the_connection_lives_on() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = crate::sqlite::files::open(&folder.path().join("x.db"), &[]).unwrap();
        let endless =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
        let error = within(Duration::from_millis(50), || connection.batch_execute(endless)).unwrap_err();
        assert!(matches!(crate::StoreError::from(error), crate::StoreError::Timeout));
        connection.batch_execute("SELECT 1").unwrap();
        // Without a deadline the thread is not bound.
        connection.batch_execute(&endless.replace("FROM n)", "FROM n WHERE i < 1000000)")).unwrap();
    }
}
