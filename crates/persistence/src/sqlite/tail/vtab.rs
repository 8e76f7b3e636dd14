//! The tail as SQL sees it: a read-only virtual table for each index table.
//!
//! The rows are those of the [`View`] that the thread holds at the time ([`showing`]), so a connection belongs to no
//! store in particular; without a view a table is empty. A table is searched by its leading columns.
#![expect(
    unsafe_code,
    reason = "rusqlite's traits for virtual tables are unsafe to implement: SQLite casts pointers to them"
)]

use super::run::Run;
use super::{View, key};
use libsqlite3_sys as ffi;
use rushlight_search::{IndexTable, Kind, TABLES};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::vtab::{
    Context, Filters, IndexConstraintOp, IndexInfo, Module, VTab, VTabConnection, VTabCursor,
};
use rusqlite::{Connection, Result};
use std::borrow::Cow;
use std::cell::RefCell;
use std::ffi::{CStr, CString};
use std::marker::PhantomData;
use std::os::raw::c_int;
use std::sync::Arc;

thread_local! {
    static VIEW: RefCell<Option<Arc<View>>> = const { RefCell::new(None) };
}

/// Runs `work` with the tail's tables showing `view` on this thread.
pub(crate) fn showing<T>(view: Arc<View>, work: impl FnOnce() -> T) -> T {
    struct Restore(Option<Arc<View>>);
    impl Drop for Restore {
        fn drop(&mut self) {
            VIEW.set(self.0.take());
        }
    }
    let _restore = Restore(VIEW.replace(Some(view)));
    work()
}

/// Makes the tables known to a new connection.
pub(crate) fn install(connection: &Connection) -> Result<()> {
    for (number, table) in TABLES.iter().enumerate() {
        connection.create_module(
            format!("tail_{}", table.name).as_str(),
            const { &Module::<TailTable<'_>>::eponymous_only_module() },
            Some(number),
        )?;
    }
    Ok(())
}

#[repr(C)]
struct TailTable<'vtab> {
    /// SQLite's part, which must come first.
    base: ffi::sqlite3_vtab,
    number: usize,
    lifetime: PhantomData<&'vtab ()>,
}

#[repr(C)]
struct Cursor<'vtab> {
    /// SQLite's part, which must come first.
    base: ffi::sqlite3_vtab_cursor,
    number: usize,
    runs: Vec<Arc<Run>>,
    /// (run, place) of each row found, in the order of the rows.
    found: Vec<(u32, u32)>,
    at: usize,
    /// Where the columns of the present row begin.
    starts: Vec<usize>,
    lifetime: PhantomData<&'vtab TailTable<'vtab>>,
}

fn table(number: usize) -> Result<&'static IndexTable> {
    const { &TABLES }
        .get(number)
        .ok_or_else(|| rusqlite::Error::ModuleError("no such index table".to_owned()))
}

/// The kind of a column: parameter, values, resource, version.
fn kind(table: &IndexTable, column: usize) -> Kind {
    column.checked_sub(1).and_then(|at| table.columns.get(at)).map_or(Kind::Int, |column| column.kind)
}

// SAFETY: `repr(C)` with SQLite's structure first, as the trait demands.
unsafe impl<'vtab> VTab<'vtab> for TailTable<'vtab> {
    type Aux = usize;
    type Cursor = Cursor<'vtab>;

    fn connect(
        _: &mut VTabConnection,
        aux: Option<&usize>,
        _: &[u8],
        _: &[u8],
        _: &[u8],
        _: &[&[u8]],
    ) -> Result<(Cow<'static, CStr>, Self)> {
        let number = aux.copied().unwrap_or_default();
        let columns: String = table(number)?
            .columns
            .iter()
            .map(|column| {
                let kind = match column.kind {
                    Kind::Int => "INTEGER",
                    Kind::Real => "REAL",
                    Kind::Text => "TEXT",
                    Kind::Bytes => "BLOB",
                };
                format!("{} {kind}, ", column.name)
            })
            .collect();
        let declaration =
            CString::new(format!("CREATE TABLE x(param INTEGER, {columns}rid INTEGER, from_seq INTEGER)"))?;
        Ok((
            Cow::Owned(declaration),
            Self { base: ffi::sqlite3_vtab::default(), number, lifetime: PhantomData },
        ))
    }

    /// Takes the equalities on the leading columns; their number goes to [`Cursor::filter`].
    fn best_index(&self, info: &mut IndexInfo) -> Result<bool> {
        let columns = table(self.number)?.columns.len() + 3;
        let equal: Vec<(usize, usize)> = info
            .constraints()
            .enumerate()
            .filter(|(_, constraint)| {
                constraint.is_usable()
                    && constraint.operator() == IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_EQ
            })
            .filter_map(|(place, constraint)| Some((usize::try_from(constraint.column()).ok()?, place)))
            .collect();
        let mut taken: c_int = 0;
        let mut rows = 1e6;
        for column in 0..columns {
            let Some((_, place)) = equal.iter().find(|(of, _)| *of == column) else { break };
            taken += 1;
            rows /= 30.0;
            // Not omitted: SQLite looks again, by its own rules of comparison.
            info.constraint_usage(*place).set_argv_index(taken);
        }
        info.set_idx_num(taken);
        info.set_estimated_cost(f64::max(rows, 1.0));
        #[expect(clippy::cast_possible_truncation, reason = "an estimate between 1 and a million")]
        info.set_estimated_rows(f64::max(rows, 1.0) as i64);
        Ok(true)
    }

    fn open(&'vtab mut self) -> Result<Cursor<'vtab>> {
        Ok(Cursor {
            base: ffi::sqlite3_vtab_cursor::default(),
            number: self.number,
            runs: Vec::new(),
            found: Vec::new(),
            at: 0,
            starts: Vec::with_capacity(8),
            lifetime: PhantomData,
        })
    }
}

// SAFETY: `repr(C)` with SQLite's structure first, as the trait demands.
unsafe impl VTabCursor for Cursor<'_> {
    fn filter(&mut self, _: c_int, _: Option<&str>, args: &Filters<'_>) -> Result<()> {
        self.at = 0;
        self.found.clear();
        let view = VIEW.with_borrow(Clone::clone);
        self.runs = view.iter().flat_map(|view| view.runs(self.number)).map(Arc::clone).collect();
        let Some(prefix) = prefix(table(self.number)?, args) else { return Ok(()) };
        for (number, run) in (0_u32..).zip(&self.runs) {
            let range = run.with_prefix(&prefix);
            // A run has fewer than 2^32 rows: its ends are kept in 32 bits.
            let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            self.found.extend((place(range.start)..place(range.end)).map(|at| (number, at)));
        }
        if self.runs.len() > 1 {
            let runs = &self.runs;
            self.found.sort_unstable_by(|a, b| row(runs, *a).cmp(row(runs, *b)));
        }
        self.arrive()
    }

    fn next(&mut self) -> Result<()> {
        self.at += 1;
        self.arrive()
    }

    fn eof(&self) -> bool {
        self.at >= self.found.len()
    }

    fn column(&self, context: &mut Context, column: c_int) -> Result<()> {
        let Some(&found) = self.found.get(self.at) else { return Ok(()) };
        let place = usize::try_from(column).unwrap_or(usize::MAX);
        let Some(&start) = self.starts.get(place) else { return Ok(()) };
        match key::column(row(&self.runs, found), kind(table(self.number)?, place), start) {
            None => Ok(()),
            Some(key::Value::Int(value)) => context.set_result(&value),
            Some(key::Value::Real(value)) => context.set_result(&value),
            Some(key::Value::Text(value)) => context.set_result(&Borrowed(ValueRef::Text(&value))),
            Some(key::Value::Bytes(value)) => context.set_result(&Borrowed(ValueRef::Blob(&value))),
        }
    }

    fn rowid(&self) -> Result<i64> {
        Ok(i64::try_from(self.at).unwrap_or(i64::MAX))
    }
}

impl Cursor<'_> {
    /// Finds the columns of the row that the cursor has come to.
    fn arrive(&mut self) -> Result<()> {
        if let Some(&found) = self.found.get(self.at) {
            let kinds = table(self.number)?.columns.iter().map(|column| column.kind);
            key::starts(row(&self.runs, found), kinds, &mut self.starts);
        }
        Ok(())
    }
}

/// A value that SQLite copies.
struct Borrowed<'a>(ValueRef<'a>);

impl ToSql for Borrowed<'_> {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.0))
    }
}

/// The row at a place of a run; empty where there is none.
fn row(runs: &[Arc<Run>], (run, place): (u32, u32)) -> &[u8] {
    runs.get(run as usize).map(|run| run.row(place as usize)).unwrap_or_default()
}

/// The bytes that rows with these leading values begin with; `None` where no row can have them.
fn prefix(table: &IndexTable, args: &Filters<'_>) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(64);
    for (column, value) in args.iter().enumerate() {
        match (kind(table, column), value) {
            (Kind::Int, ValueRef::Integer(value)) => key::int(&mut out, value),
            (Kind::Real, ValueRef::Real(value)) => key::real(&mut out, value),
            #[expect(
                clippy::cast_precision_loss,
                reason = "SQLite compares an integer with a REAL column so, too"
            )]
            (Kind::Real, ValueRef::Integer(value)) => key::real(&mut out, value as f64),
            (Kind::Text, ValueRef::Text(value)) | (Kind::Bytes, ValueRef::Blob(value)) => {
                key::bytes(&mut out, value)
            }
            _ => return None,
        }
    }
    Some(out)
}
