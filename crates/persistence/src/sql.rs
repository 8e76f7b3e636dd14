//! SQL in pieces: text and typed binds in the order they are written; diesel numbers the placeholders.
//!
//! Unlike `sql_query`, a statement made here is prepared once per connection and kept, by its text. Shapes without a
//! bound (lists spelled out) say so with [`Sql::open_ended`] and are not kept.

use diesel::backend::Backend;
use diesel::expression::{AsExpression, TypedExpressionType};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, SqlType};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
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
    /// How often others came.
    others: HashMap<u64, u8>,
}

impl Shapes {
    /// So many statements are kept.
    const MOST: usize = 400;
    /// So many others are remembered, until they are forgotten all at once.
    const OTHERS: usize = 4000;
    /// So often a statement has to come.
    const OFTEN: u8 = 3;

    fn admit(&self, shape: u64) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.kept.contains(&shape) {
            return true;
        }
        if seen.kept.len() >= Self::MOST {
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
        seen.kept.insert(shape)
    }
}

/// One piece of a statement.
enum Piece<'a, DB: Backend> {
    Text(Cow<'static, str>),
    Bind(Box<dyn QueryFragment<DB> + 'a>),
}

/// A statement under construction, of a dialect `DB`; `ST` is the SQL type of its rows.
pub(crate) struct Sql<'a, DB: Backend, ST = ()> {
    pieces: Vec<Piece<'a, DB>>,
    open_ended: bool,
    rows: PhantomData<ST>,
}

impl<'a, DB: Backend, ST> Sql<'a, DB, ST> {
    /// Begins with `text`.
    pub(crate) fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self { pieces: vec![Piece::Text(text.into())], open_ended: false, rows: PhantomData }
    }

    /// Appends text: our own, never a caller's.
    #[must_use]
    pub(crate) fn text(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.pieces.push(Piece::Text(text.into()));
        self
    }

    /// Appends a value of the SQL type `T`.
    #[must_use]
    pub(crate) fn bind<T, V>(mut self, value: V) -> Self
    where
        T: SqlType + TypedExpressionType,
        V: AsExpression<T>,
        V::Expression: QueryFragment<DB> + 'a,
    {
        self.pieces.push(Piece::Bind(Box::new(value.as_expression())));
        self
    }

    /// Appends a 64-bit integer.
    #[must_use]
    pub(crate) fn int(self, value: i64) -> Self
    where
        <i64 as AsExpression<BigInt>>::Expression: QueryFragment<DB> + 'a,
    {
        self.bind::<BigInt, _>(value)
    }

    /// Appends a statement, as a part of this one.
    #[must_use]
    pub(crate) fn append<Other>(mut self, part: Sql<'a, DB, Other>) -> Self {
        self.open_ended |= part.open_ended;
        self.pieces.extend(part.pieces);
        self
    }

    /// The same, with rows of another type.
    pub(crate) fn of<Other>(self) -> Sql<'a, DB, Other> {
        Sql { pieces: self.pieces, open_ended: self.open_ended, rows: PhantomData }
    }

    /// The statement's text, with `?` for each value.
    pub(crate) fn written(&self) -> String {
        let piece = |piece: &Piece<'a, DB>| match piece {
            Piece::Text(text) => text.to_string(),
            Piece::Bind(_) => "?".to_owned(),
        };
        self.pieces.iter().map(piece).collect::<String>().trim().to_owned()
    }

    /// How many values it binds.
    pub(crate) fn binds(&self) -> usize {
        self.pieces.iter().filter(|piece| matches!(piece, Piece::Bind(_))).count()
    }

    /// The same, whose prepared statement is kept only if its text is one of those that are.
    #[must_use]
    pub(crate) fn kept_by(self, shapes: &Shapes) -> Self {
        if self.open_ended {
            return self;
        }
        let mut hasher = DefaultHasher::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => text.hash(&mut hasher),
                Piece::Bind(_) => hasher.write_u8(0),
            }
        }
        if shapes.admit(hasher.finish()) { self } else { self.open_ended() }
    }

    /// Says that the text differs from call to call, so that the prepared statement is not kept.
    #[must_use]
    pub(crate) fn open_ended(mut self) -> Self {
        self.open_ended = true;
        self
    }
}

impl<DB: Backend, ST> QueryFragment<DB> for Sql<'_, DB, ST> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if self.open_ended {
            out.unsafe_to_cache_prepared();
        }
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_sql(text),
                Piece::Bind(bind) => bind.walk_ast(out.reborrow())?,
            }
        }
        Ok(())
    }
}

impl<DB: Backend, ST> QueryId for Sql<'_, DB, ST> {
    type QueryId = ();
    // The same Rust type writes many statements: they are told apart by their text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Backend, ST> Query for Sql<'_, DB, ST> {
    type SqlType = ST;
}

impl<DB: Backend, ST, Conn> diesel::RunQueryDsl<Conn> for Sql<'_, DB, ST> {}
