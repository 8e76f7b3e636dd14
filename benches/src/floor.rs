//! The floor server: the same parts with nothing between. A read is one prepared point read on a pool, off the
//! worker's thread; a page is one prepared range read; a cached answer is sent; a write is a body read and a 201.

use crate::http::observation;
use crate::pool::Pool;
use actix_web::web::{self, Bytes, Data, Path};
use actix_web::{App, HttpResponse, HttpServer};
use diesel::prelude::*;
use rusqlite::Connection;
use std::error::Error;
use std::path::PathBuf;

/// Resources to read.
pub const RESOURCES: usize = 20_000;

/// Bytes of a CapabilityStatement of R4, about, as it is and packed with gzip.
pub const STATEMENT: [usize; 2] = [503_000, 50_700];

diesel::table! {
    /// The floor's records on PostgreSQL.
    bench_floor (number) {
        number -> BigInt,
        id -> Text,
        body -> Text,
    }
}

/// The floor's records.
#[derive(Clone)]
struct Records(Pool);

impl Records {
    fn sqlite(path: PathBuf) -> Result<Self, Box<dyn Error>> {
        let mut connection = Connection::open(&path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.execute_batch(
            "CREATE TABLE r (number INTEGER PRIMARY KEY, id TEXT NOT NULL, body TEXT NOT NULL);
             CREATE UNIQUE INDEX r_by_id ON r (id)",
        )?;
        let transaction = connection.transaction()?;
        for number in 0..RESOURCES {
            let id = format!("r{number}");
            transaction.execute(
                "INSERT INTO r VALUES (?, ?, ?)",
                (i64::try_from(number)?, &id, &observation(&id, number)),
            )?;
        }
        transaction.commit()?;
        Ok(Self(Pool::sqlite(path, |path| Connection::open(path))?))
    }

    fn postgres(url: &str) -> Result<Self, Box<dyn Error>> {
        use diesel::connection::{Connection as _, SimpleConnection};
        let mut connection = PgConnection::establish(url)?;
        connection.batch_execute(
            "DROP TABLE IF EXISTS bench_floor; \
             CREATE TABLE bench_floor (number bigint PRIMARY KEY, id text NOT NULL UNIQUE, body text NOT NULL)",
        )?;
        for number in 0..RESOURCES {
            let id = format!("r{number}");
            diesel::insert_into(bench_floor::table)
                .values((
                    bench_floor::number.eq(i64::try_from(number)?),
                    bench_floor::id.eq(&id),
                    bench_floor::body.eq(observation(&id, number)),
                ))
                .execute(&mut connection)?;
        }
        Ok(Self(Pool::postgres(url)?))
    }

    /// The record of an id.
    fn point(&self, id: &str) -> Option<String> {
        match &self.0 {
            Pool::Sqlite(pool) => {
                let connection = pool.get().ok()?;
                let mut statement = connection.prepare_cached("SELECT body FROM r WHERE id = ?").ok()?;
                statement.query_row([id], |row| row.get(0)).ok()
            }
            Pool::Postgres(pool) => bench_floor::table
                .filter(bench_floor::id.eq(id))
                .select(bench_floor::body)
                .first(&mut pool.get().ok()?)
                .ok(),
        }
    }

    /// The newest records, one after the other.
    fn page(&self, count: i64) -> Option<String> {
        let rows: Vec<String> = match &self.0 {
            Pool::Sqlite(pool) => {
                let connection = pool.get().ok()?;
                let mut statement =
                    connection.prepare_cached("SELECT body FROM r ORDER BY number DESC LIMIT ?").ok()?;
                let rows = statement.query_map([count], |row| row.get(0)).ok()?;
                rows.collect::<Result<_, _>>().ok()?
            }
            Pool::Postgres(pool) => bench_floor::table
                .order(bench_floor::number.desc())
                .limit(count)
                .select(bench_floor::body)
                .load(&mut pool.get().ok()?)
                .ok()?,
        };
        Some(rows.concat())
    }
}

/// Serves until killed; prints its address.
pub fn serve(folder: &std::path::Path, url: Option<&str>) -> Result<(), Box<dyn Error>> {
    let records = match url {
        Some(url) => Records::postgres(url)?,
        None => Records::sqlite(folder.join("floor.db"))?,
    };
    let records = Data::new(records);
    actix_web::rt::System::new().block_on(async move {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        println!("{}", listener.local_addr()?);
        HttpServer::new(move || {
            App::new()
                .app_data(records.clone())
                .app_data(web::PayloadConfig::new(64 << 20))
                .route("/point/{id}", web::get().to(point))
                .route("/page/{count}", web::get().to(page))
                .route("/cached/{bytes}", web::get().to(cached))
                .route("/accept", web::post().to(accept))
        })
        .listen(listener)?
        .run()
        .await
    })?;
    Ok(())
}

async fn point(records: Data<Records>, id: Path<String>) -> HttpResponse {
    answer(web::block(move || records.point(&id)).await.ok().flatten())
}

async fn page(records: Data<Records>, count: Path<i64>) -> HttpResponse {
    answer(web::block(move || records.page(*count)).await.ok().flatten())
}

async fn cached(bytes: Path<usize>) -> HttpResponse {
    static TEXT: [u8; STATEMENT[0]] = [b'x'; STATEMENT[0]];
    let text = TEXT.get(..bytes.into_inner()).unwrap_or(&TEXT);
    HttpResponse::Ok().content_type("application/fhir+json").body(Bytes::from_static(text))
}

fn answer(found: Option<String>) -> HttpResponse {
    match found {
        Some(body) => HttpResponse::Ok().content_type("application/fhir+json").body(body),
        None => HttpResponse::NotFound().finish(),
    }
}

async fn accept(body: Bytes) -> HttpResponse {
    HttpResponse::Created().content_type("application/fhir+json").body(body)
}
