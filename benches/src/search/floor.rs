//! The floor server of searches: a handler that runs a statement by hand on the store's own tables and sends the bodies.

use super::dialect::Dialect;
use super::workloads::SINGLE;
use crate::pool::Pool;
use actix_web::web::{self, Data, Query};
use actix_web::{App, HttpResponse, HttpServer};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query as DieselQuery, QueryFragment, QueryId};
use diesel::sql_types::Text;
use rusqlite::{Connection, OpenFlags, params_from_iter};
use std::collections::HashMap;
use std::error::Error;
use std::path::Path;

/// A point read: what the answer is as of.
const NEWEST: &str =
    "SELECT CAST(v.last_updated AS TEXT) FROM version v WHERE v.seq > 0@in(v) ORDER BY v.seq DESC LIMIT 1";

/// A store's tables.
#[derive(Clone)]
struct Tables(Pool);

/// Opens a store as the server's readers do.
fn opened(folder: &Path) -> rusqlite::Result<Connection> {
    let connection =
        Connection::open_with_flags(folder.join("rushlight.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.execute("ATTACH ? AS ix", [folder.join("index.db").to_string_lossy()])?;
    connection.pragma_update(None, "cache_size", -8_192)?;
    connection.pragma_update(Some("ix"), "cache_size", -16_384)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// A statement with `?` for texts, prepared once for each connection.
struct Statement<'a> {
    text: &'a str,
    binds: &'a [String],
}

impl QueryId for Statement<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl DieselQuery for Statement<'_> {
    type SqlType = Text;
}

impl<C> RunQueryDsl<C> for Statement<'_> {}

impl QueryFragment<Pg> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        for (at, piece) in self.text.split('?').enumerate() {
            if let Some(bind) = at.checked_sub(1).and_then(|before| self.binds.get(before)) {
                out.push_bind_param::<Text, String>(bind)?;
            }
            out.push_sql(piece);
        }
        Ok(())
    }
}

impl Tables {
    fn open(place: &str) -> Result<Self, Box<dyn Error>> {
        Ok(Self(match place.strip_prefix("sqlite:") {
            Some(folder) => Pool::sqlite(folder.into(), opened)?,
            None => Pool::postgres(place)?,
        }))
    }

    fn units(&self) -> Result<HashMap<String, i64>, Box<dyn Error>> {
        const KEYS: &str = "SELECT key || '=' || number FROM unit";
        let all = self.rows(KEYS, &[]).map_err(|error| error.to_string())?;
        Ok(all
            .iter()
            .filter_map(|row| row.rsplit_once('='))
            .filter_map(|(key, number)| Some((key.to_owned(), number.parse().ok()?)))
            .collect())
    }

    fn rows(&self, sql: &str, binds: &[String]) -> Result<Vec<String>, Box<dyn Error + Send + Sync>> {
        Ok(match &self.0 {
            Pool::Sqlite(pool) => {
                let connection = pool.get()?;
                let mut statement = connection.prepare_cached(sql)?;
                let rows = statement.query_map(params_from_iter(binds), |row| row.get(0))?;
                rows.collect::<Result<_, _>>()?
            }
            Pool::Postgres(pool) => Statement { text: sql, binds }.load(&mut pool.get()?)?,
        })
    }
}

/// Serves until killed; prints its address.
pub fn serve(place: &str) -> Result<(), Box<dyn Error>> {
    let tables = Tables::open(place)?;
    let dialect = Dialect { postgres: matches!(tables.0, Pool::Postgres(_)), units: tables.units()? };
    let statements: HashMap<String, String> = SINGLE
        .iter()
        .map(|one| Ok((one.name.to_owned(), dialect.statement(one.sql)?)))
        .collect::<Result<_, String>>()?;
    let newest = dialect.statement(NEWEST)?;
    let shared = Data::new((tables, statements, newest));
    actix_web::rt::System::new().block_on(async move {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        println!("{}", listener.local_addr()?);
        HttpServer::new(move || App::new().app_data(shared.clone()).route("/{name}", web::get().to(answer)))
            .listen(listener)?
            .run()
            .await
    })?;
    Ok(())
}

async fn answer(
    shared: Data<(Tables, HashMap<String, String>, String)>,
    name: web::Path<String>,
    binds: Query<Vec<(String, String)>>,
) -> HttpResponse {
    let found = web::block(move || {
        let (tables, statements, newest) = shared.get_ref();
        let sql = statements.get(name.as_str()).ok_or("no such statement")?;
        let binds: Vec<String> = binds.into_inner().into_iter().map(|(_, value)| value).collect();
        let newest = tables.rows(newest, &[])?;
        Ok::<_, Box<dyn Error + Send + Sync>>((newest, tables.rows(sql, &binds)?))
    });
    match found.await {
        Ok(Ok((newest, bodies))) => HttpResponse::Ok().content_type("application/fhir+json").body(format!(
            r#"{{"meta":"{}","entry":[{}]}}"#,
            newest.concat(),
            bodies.join(",")
        )),
        Ok(Err(error)) => HttpResponse::InternalServerError().body(error.to_string()),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}
