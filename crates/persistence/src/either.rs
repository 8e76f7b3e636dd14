//! Statements for either store. Their values are of a few types, so that they need no box and no dispatch, and they run on
//! the connection itself: an either-database connection of diesel's would look at each column of each row for what it is.

use crate::connection::AnyConnection;
use crate::sql::Statement;
use diesel::connection::DefaultLoadingMode;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::query_dsl::LoadQuery;
use diesel::query_dsl::methods::ExecuteDsl;
use diesel::result::{Error, QueryResult};
use diesel::sql_types::{BigInt, Binary, Double, Integer, SmallInt, Text};
use diesel::sqlite::Sqlite;
use diesel::{PgConnection, RunQueryDsl, SqliteConnection};
use std::borrow::Cow;

/// A value of a statement.
pub(crate) enum Value<'a> {
    BigInt(i64),
    Integer(i32),
    SmallInt(i16),
    Double(f64),
    Text(Cow<'a, str>),
    Binary(Cow<'a, [u8]>),
}

/// A statement for either store.
pub(crate) type AnySql<'a, ST = ()> = Statement<Value<'a>, ST>;

/// What can be a value of the SQL type `T`.
pub(crate) trait Bound<'a, T> {
    /// The value.
    fn value(self) -> Value<'a>;
}

macro_rules! bound {
    ($($rust:ty => $ty:ident by $into:expr;)*) => {
        $(impl<'a> Bound<'a, $ty> for $rust {
            fn value(self) -> Value<'a> {
                Value::$ty($into(self))
            }
        })*
    };
}

bound! {
    i64 => BigInt by i64::from;
    i32 => Integer by i32::from;
    i16 => SmallInt by i16::from;
    f64 => Double by f64::from;
    String => Text by Cow::Owned;
    &'a str => Text by Cow::Borrowed;
    Vec<u8> => Binary by Cow::Owned;
    &'a [u8] => Binary by Cow::Borrowed;
}

macro_rules! fragment {
    ($($backend:ty),*) => {
        $(impl QueryFragment<$backend> for Value<'_> {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, $backend>) -> QueryResult<()> {
                match self {
                    Self::BigInt(value) => out.push_bind_param::<BigInt, _>(value),
                    Self::Integer(value) => out.push_bind_param::<Integer, _>(value),
                    Self::SmallInt(value) => out.push_bind_param::<SmallInt, _>(value),
                    Self::Double(value) => out.push_bind_param::<Double, _>(value),
                    Self::Text(value) => out.push_bind_param::<Text, str>(value),
                    Self::Binary(value) => out.push_bind_param::<Binary, [u8]>(value),
                }
            }
        })*
    };
}

fragment!(Pg, Sqlite);

/// A statement whose rows can be read as `R`s from either store.
pub(crate) trait Loads<'a, R>:
    LoadQuery<'a, SqliteConnection, R> + LoadQuery<'a, PgConnection, R>
{
}

impl<'a, R, S: LoadQuery<'a, SqliteConnection, R> + LoadQuery<'a, PgConnection, R>> Loads<'a, R> for S {}

impl<'a, ST> AnySql<'a, ST> {
    /// Appends a value of the SQL type `T`.
    #[must_use]
    pub(crate) fn bind<T, V: Bound<'a, T>>(self, value: V) -> Self {
        self.bound(value.value())
    }

    /// Appends a 64-bit integer.
    #[must_use]
    pub(crate) fn int(self, value: i64) -> Self {
        self.bound(Value::BigInt(value))
    }

    /// Runs it, and reads each of its rows.
    pub(crate) fn each<R, T, E: From<Error>>(
        self,
        connection: &mut AnyConnection,
        mut read: impl FnMut(R) -> Result<T, E>,
    ) -> Result<Vec<T>, E>
    where
        Self: Loads<'a, R>,
    {
        match connection {
            AnyConnection::Sqlite(connection) => {
                self.load_iter::<R, DefaultLoadingMode>(connection)?.map(|row| read(row?)).collect()
            }
            AnyConnection::Postgres(connection) => {
                self.load_iter::<R, DefaultLoadingMode>(connection)?.map(|row| read(row?)).collect()
            }
        }
    }

    /// Runs it; all its rows.
    pub(crate) fn load<R>(self, connection: &mut AnyConnection) -> QueryResult<Vec<R>>
    where
        Self: Loads<'a, R>,
    {
        self.each(connection, Ok)
    }

    /// Runs it; its first row, or [`Error::NotFound`].
    pub(crate) fn get_result<R>(self, connection: &mut AnyConnection) -> QueryResult<R>
    where
        Self: Loads<'a, R>,
    {
        match connection {
            AnyConnection::Sqlite(connection) => RunQueryDsl::get_result(self, connection),
            AnyConnection::Postgres(connection) => RunQueryDsl::get_result(self, connection),
        }
    }

    /// Runs it; how many rows it changed.
    pub(crate) fn execute(self, connection: &mut AnyConnection) -> QueryResult<usize>
    where
        Self: ExecuteDsl<SqliteConnection> + ExecuteDsl<PgConnection>,
    {
        match connection {
            AnyConnection::Sqlite(connection) => RunQueryDsl::execute(self, connection),
            AnyConnection::Postgres(connection) => RunQueryDsl::execute(self, connection),
        }
    }
}
