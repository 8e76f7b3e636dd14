//! The tail as SQL sees it: a read-only virtual table for each index table.
//!
//! The rows are those of the [`View`] that the thread holds at the time ([`showing`]), so a connection belongs to no
//! store in particular; without a view a table is empty. A table is searched by its leading columns, or by unit and
//! resource.
#![expect(
    unsafe_code,
    reason = "rusqlite's traits for virtual tables are unsafe to implement: SQLite casts pointers to them"
)]

use super::run::Run;
use super::{View, row};
use libsqlite3_sys as ffi;
use rushlight_search::key::{self, Value};
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
use std::ops::Range;
use std::os::raw::c_int;
use std::sync::Arc;

/// The plan that finds the rows of a unit and resource; others are the number of leading columns that are given.
const BY_RESOURCE: c_int = -1;
/// Added to a plan: the rows come in descending order.
const DOWN: c_int = 1 << 8;

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
    /// What is still to come.
    rows: Rows,
    /// The present row; `None` past the last.
    here: Option<Place>,
    /// Rows that were before it.
    count: i64,
    /// Where the columns of the present row begin.
    starts: Vec<usize>,
    lifetime: PhantomData<&'vtab TailTable<'vtab>>,
}

/// A row: its run, and its place there.
type Place = (usize, usize);

/// Rows that a cursor has yet to come to.
enum Rows {
    /// These.
    Listed(std::vec::IntoIter<Place>),
    /// Those of a range of each run, in their order or against it.
    Merged { ranges: Vec<Range<usize>>, down: bool },
}

impl Rows {
    fn none() -> Self {
        Self::Listed(Vec::new().into_iter())
    }

    fn next(&mut self, runs: &[Arc<Run>]) -> Option<Place> {
        let (ranges, down) = match self {
            Self::Listed(places) => return places.next(),
            Self::Merged { ranges, down } => (ranges, *down),
        };
        let ends = ranges.iter().enumerate().filter(|(_, range)| !range.is_empty());
        let ends = ends.map(|(run, range)| (run, if down { range.end - 1 } else { range.start }));
        let (run, place) = if down {
            ends.max_by(|a, b| at(runs, *a).cmp(at(runs, *b)))
        } else {
            ends.min_by(|a, b| at(runs, *a).cmp(at(runs, *b)))
        }?;
        let range = ranges.get_mut(run)?;
        if down {
            range.end -= 1
        } else {
            range.start += 1
        }
        Some((run, place))
    }
}

fn table(number: usize) -> Result<&'static IndexTable> {
    const { &TABLES }
        .get(number)
        .ok_or_else(|| rusqlite::Error::ModuleError("no such index table".to_owned()))
}

/// The kind of a column: unit, values, resource, version.
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

    /// Takes the equalities on the leading columns, or those on unit and resource.
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
        let place_of = |column: usize| equal.iter().find(|(of, _)| *of == column).map(|(_, place)| *place);
        let leading = (0..columns).take_while(|column| place_of(*column).is_some()).count();
        if let (Some(unit), Some(resource)) = (place_of(0), place_of(columns - 2))
            && leading < columns - 1
        {
            info.constraint_usage(unit).set_argv_index(1);
            info.constraint_usage(resource).set_argv_index(2);
            info.set_idx_num(BY_RESOURCE);
            info.set_estimated_cost(4.0);
            info.set_estimated_rows(2);
            return Ok(true);
        }
        for place in (0..leading).filter_map(place_of) {
            taken += 1;
            rows /= 30.0;
            // Not omitted: SQLite looks again, by its own rules of comparison.
            info.constraint_usage(place).set_argv_index(taken);
        }
        let direction = in_order(info, leading);
        info.set_order_by_consumed(direction.is_some());
        info.set_idx_num(if direction == Some(true) { taken | DOWN } else { taken });
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
            rows: Rows::none(),
            here: None,
            count: 0,
            starts: Vec::with_capacity(8),
            lifetime: PhantomData,
        })
    }
}

/// Whether the order that SQLite wants is that of the rows with so many leading columns given: `Some(true)` if it is the
/// opposite.
fn in_order(info: &IndexInfo, leading: usize) -> Option<bool> {
    let wanted: Vec<(usize, bool)> = info
        .order_bys()
        .map(|key| Some((usize::try_from(key.column()).ok()?, key.is_order_by_desc())))
        .collect::<Option<_>>()?;
    let down = wanted.first()?.1;
    let mut next = leading;
    for (column, desc) in wanted {
        // What is given is the same in all rows.
        if column < leading {
            continue;
        }
        if column != next || desc != down {
            return None;
        }
        next += 1;
    }
    Some(down)
}

// SAFETY: `repr(C)` with SQLite's structure first, as the trait demands.
unsafe impl VTabCursor for Cursor<'_> {
    fn filter(&mut self, plan: c_int, _: Option<&str>, args: &Filters<'_>) -> Result<()> {
        self.count = 0;
        let view = VIEW.with_borrow(Clone::clone);
        self.runs = view.iter().flat_map(|view| view.runs(self.number)).map(Arc::clone).collect();
        self.rows = if plan == BY_RESOURCE { self.of_resource(args)? } else { self.with_prefix(plan, args)? };
        self.arrive()
    }

    fn next(&mut self) -> Result<()> {
        self.count += 1;
        self.arrive()
    }

    fn eof(&self) -> bool {
        self.here.is_none()
    }

    fn column(&self, context: &mut Context, column: c_int) -> Result<()> {
        let Some(found) = self.here else { return Ok(()) };
        let place = usize::try_from(column).unwrap_or(usize::MAX);
        let Some(&start) = self.starts.get(place) else { return Ok(()) };
        match key::column(at(&self.runs, found), kind(table(self.number)?, place), start) {
            None => Ok(()),
            Some(Value::Int(value)) => context.set_result(&value),
            Some(Value::Real(value)) => context.set_result(&value),
            Some(Value::Text(value)) => context.set_result(&Borrowed(ValueRef::Text(&value))),
            Some(Value::Bytes(value)) => context.set_result(&Borrowed(ValueRef::Blob(&value))),
        }
    }

    fn rowid(&self) -> Result<i64> {
        Ok(self.count)
    }
}

impl Cursor<'_> {
    fn of_resource(&self, args: &Filters<'_>) -> Result<Rows> {
        let mut values = args.iter();
        let (Some(ValueRef::Integer(unit)), Some(ValueRef::Integer(rid))) = (values.next(), values.next())
        else {
            return Ok(Rows::none());
        };
        let columns = table(self.number)?.columns;
        let owner = |row: &[u8]| row::owner(row, columns.iter().map(|column| column.kind));
        let mut found = Vec::new();
        for (number, run) in self.runs.iter().enumerate() {
            found.extend(run.of_resource((unit, rid), owner).iter().map(|at| (number, *at as usize)));
        }
        Ok(Rows::Listed(found.into_iter()))
    }

    fn with_prefix(&self, plan: c_int, args: &Filters<'_>) -> Result<Rows> {
        let Some(prefix) = prefix(table(self.number)?, args) else { return Ok(Rows::none()) };
        let ranges = self.runs.iter().map(|run| run.with_prefix(&prefix)).collect();
        Ok(Rows::Merged { ranges, down: plan & DOWN != 0 })
    }

    /// Goes to the next row and finds its columns.
    fn arrive(&mut self) -> Result<()> {
        self.here = self.rows.next(&self.runs);
        if let Some(found) = self.here {
            let kinds = table(self.number)?.columns.iter().map(|column| column.kind);
            row::starts(at(&self.runs, found), kinds, &mut self.starts);
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
fn at(runs: &[Arc<Run>], (run, place): Place) -> &[u8] {
    runs.get(run).map(|run| run.row(place)).unwrap_or_default()
}

/// The bytes that rows with these leading values begin with; `None` where no row can have them.
fn prefix(table: &IndexTable, args: &Filters<'_>) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(64);
    let from_seq = table.columns.len() + 2;
    for (column, value) in args.iter().enumerate() {
        match (kind(table, column), value) {
            (Kind::Int, ValueRef::Integer(value)) if column == from_seq => key::wide(&mut out, value),
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
