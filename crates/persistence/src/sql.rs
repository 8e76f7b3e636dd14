//! SQL as it is written: text, and typed values at their places in it; diesel numbers the placeholders.
//!
//! Unlike `sql_query`, a statement made here is prepared once per connection and kept, by its text. Shapes without a
//! bound (lists spelled out) say so with [`Sql::open_ended`] and are not kept.

use diesel::backend::Backend;
use diesel::expression::{AsExpression, TypedExpressionType};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, SqlType};
use std::collections::{HashMap, HashSet};
use std::fmt::{Arguments, Write};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};

/// The texts of statements whose prepared forms are kept, where callers decide what texts there are: as many as a
/// connection can hold, the first that came often.
#[derive(Debug, Default)]
pub(crate) struct Shapes(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    kept: HashSet<u64>,
    /// Bytes of the texts of those.
    bytes: usize,
    /// How often others came.
    others: HashMap<u64, u8>,
}

impl Shapes {
    /// So many statements are kept.
    const MOST: usize = 400;
    /// So many bytes their texts have together. What is prepared takes several times as much, in each connection.
    const BYTES: usize = 1 << 20;
    /// So many bytes a text has that is kept: reading a longer one takes little beside what it does.
    const LONG: usize = 16 << 10;
    /// So many others are remembered, until they are forgotten all at once.
    const OTHERS: usize = 4000;
    /// So often a statement has to come.
    const OFTEN: u8 = 3;

    fn admit(&self, shape: u64, bytes: usize) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.kept.contains(&shape) {
            return true;
        }
        if seen.kept.len() >= Self::MOST || bytes > Self::LONG || seen.bytes + bytes > Self::BYTES {
            return false;
        }
        if seen.others.len() >= Self::OTHERS {
            seen.others.clear();
        }
        let times = seen.others.entry(shape).or_default();
        *times += 1;
        if *times < Self::OFTEN {
            return false;
        }
        seen.others.remove(&shape);
        seen.bytes += bytes;
        seen.kept.insert(shape)
    }
}

/// A statement under construction, with values `B`; `ST` is the SQL type of its rows.
pub(crate) struct Statement<B, ST = ()> {
    text: String,
    /// Values, each at its place in the text.
    binds: Vec<(usize, B)>,
    open_ended: bool,
    rows: PhantomData<ST>,
}

/// A value of any type that a database `DB` has.
type Any<'a, DB> = Box<dyn QueryFragment<DB> + 'a>;

/// A statement of a dialect.
pub(crate) type Sql<'a, DB, ST = ()> = Statement<Any<'a, DB>, ST>;

impl<'a, DB: Backend, ST> Sql<'a, DB, ST> {
    /// Appends a value of the SQL type `T`.
    #[must_use]
    pub(crate) fn bind<T, V>(self, value: V) -> Self
    where
        T: SqlType + TypedExpressionType,
        V: AsExpression<T>,
        V::Expression: QueryFragment<DB> + 'a,
    {
        self.bound(Box::new(value.as_expression()))
    }

    /// Appends a 64-bit integer.
    #[must_use]
    pub(crate) fn int(self, value: i64) -> Self
    where
        <i64 as AsExpression<BigInt>>::Expression: QueryFragment<DB> + 'a,
    {
        self.bind::<BigInt, _>(value)
    }
}

impl<B, ST> Statement<B, ST> {
    /// Begins with `text`.
    pub(crate) fn new(text: impl AsRef<str>) -> Self {
        let (text, before) = (text.as_ref(), String::with_capacity(Self::ROOM));
        Self { text: before + text, binds: Vec::new(), open_ended: false, rows: PhantomData }
    }

    /// Bytes of a statement of some size.
    const ROOM: usize = 512;

    /// Appends text: our own, never a caller's.
    #[must_use]
    pub(crate) fn text(mut self, text: impl AsRef<str>) -> Self {
        self.text.push_str(text.as_ref());
        self
    }

    /// The same, from its parts.
    #[must_use]
    pub(crate) fn put(mut self, text: Arguments<'_>) -> Self {
        // Writing to memory does not fail.
        let _ = self.text.write_fmt(text);
        self
    }

    /// Appends a value.
    #[must_use]
    pub(crate) fn bound(mut self, value: B) -> Self {
        self.binds.push((self.text.len(), value));
        self
    }

    /// Appends a statement, as a part of this one.
    #[must_use]
    pub(crate) fn append<Other>(mut self, part: Statement<B, Other>) -> Self {
        self.open_ended |= part.open_ended;
        let before = self.text.len();
        self.text.push_str(&part.text);
        self.binds.extend(part.binds.into_iter().map(|(at, bind)| (before + at, bind)));
        self
    }

    /// The same, with rows of another type.
    pub(crate) fn of<Other>(self) -> Statement<B, Other> {
        Statement { text: self.text, binds: self.binds, open_ended: self.open_ended, rows: PhantomData }
    }

    /// The text before each value, with the value, and what follows the last one.
    fn pieces(&self) -> impl Iterator<Item = (&str, Option<&B>)> {
        let mut from = 0;
        let end = (self.text.len(), None);
        let places = self.binds.iter().map(|(at, bind)| (*at, Some(bind)));
        places.chain(std::iter::once(end)).map(move |(at, bind)| {
            let text = self.text.get(from..at).unwrap_or_default();
            from = at;
            (text, bind)
        })
    }

    /// The statement's text, with `?` for each value.
    pub(crate) fn written(&self) -> String {
        let mut out = String::with_capacity(self.text.len() + self.binds.len());
        for (text, bind) in self.pieces() {
            out.push_str(text);
            out.extend(bind.map(|_| '?'));
        }
        out.trim().to_owned()
    }

    /// How many values it binds.
    pub(crate) fn binds(&self) -> usize {
        self.binds.len()
    }

    /// The same, whose prepared statement is kept only if its text is one of those that are.
    #[must_use]
    pub(crate) fn kept_by(self, shapes: &Shapes) -> Self {
        if self.open_ended {
            return self;
        }
        let mut hasher = DefaultHasher::new();
        self.text.hash(&mut hasher);
        self.binds.iter().for_each(|(at, _)| at.hash(&mut hasher));
        if shapes.admit(hasher.finish(), self.text.len()) { self } else { self.open_ended() }
    }

    /// Says that the text differs from call to call, so that the prepared statement is not kept.
    #[must_use]
    pub(crate) fn open_ended(mut self) -> Self {
        self.open_ended = true;
        self
    }
}

impl<DB: Backend, B: QueryFragment<DB>, ST> QueryFragment<DB> for Statement<B, ST> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if self.open_ended {
            out.unsafe_to_cache_prepared();
        }
        for (text, bind) in self.pieces() {
            out.push_sql(text);
            if let Some(bind) = bind {
                bind.walk_ast(out.reborrow())?;
            }
        }
        Ok(())
    }
}

impl<B, ST> QueryId for Statement<B, ST> {
    type QueryId = ();
    // The same Rust type writes many statements: they are told apart by their text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<B, ST> Query for Statement<B, ST> {
    type SqlType = ST;
}

impl<B, ST, Conn> diesel::RunQueryDsl<Conn> for Statement<B, ST> {}
