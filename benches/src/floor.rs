//! The floor server: the same parts with nothing between. A read is one prepared point read on a pool, off the
//! worker's thread; a write is a body read and a 201.

use actix_web::web::{self, Bytes, Data, Path};
use actix_web::{App, HttpResponse, HttpServer};
use rusqlite::Connection;
use std::error::Error;
use std::path::PathBuf;

/// Resources to read.
pub const RESOURCES: usize = 20_000;

struct Manager(PathBuf);

impl r2d2::ManageConnection for Manager {
    type Connection = Connection;
    type Error = rusqlite::Error;

    fn connect(&self) -> Result<Connection, rusqlite::Error> {
        Connection::open(&self.0)
    }

    fn is_valid(&self, _: &mut Connection) -> Result<(), rusqlite::Error> {
        Ok(())
    }

    fn has_broken(&self, _: &mut Connection) -> bool {
        false
    }
}

/// Serves until killed; prints its address.
pub fn serve(folder: &std::path::Path) -> Result<(), Box<dyn Error>> {
    let path = folder.join("floor.db");
    let mut connection = Connection::open(&path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.execute("CREATE TABLE r (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID", [])?;
    let transaction = connection.transaction()?;
    for number in 0..RESOURCES {
        let id = format!("r{number}");
        transaction.execute("INSERT INTO r VALUES (?, ?)", (&id, &crate::http::observation(&id, number)))?;
    }
    transaction.commit()?;
    let pool = r2d2::Pool::builder().max_size(8).test_on_check_out(false).build(Manager(path))?;
    let pool = Data::new(pool);
    actix_web::rt::System::new().block_on(async move {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        println!("{}", listener.local_addr()?);
        HttpServer::new(move || {
            App::new()
                .app_data(pool.clone())
                .app_data(web::PayloadConfig::new(64 << 20))
                .route("/r/{id}", web::get().to(read))
                .route("/noop", web::post().to(accept))
        })
        .listen(listener)?
        .run()
        .await
    })?;
    Ok(())
}

async fn read(pool: Data<r2d2::Pool<Manager>>, id: Path<String>) -> HttpResponse {
    let found = web::block(move || -> Option<String> {
        let connection = pool.get().ok()?;
        let mut statement = connection.prepare_cached("SELECT body FROM r WHERE id = ?").ok()?;
        statement.query_row([id.as_str()], |row| row.get(0)).ok()
    });
    match found.await {
        Ok(Some(body)) => HttpResponse::Ok().content_type("application/fhir+json").body(body),
        _ => HttpResponse::NotFound().finish(),
    }
}

async fn accept(body: Bytes) -> HttpResponse {
    HttpResponse::Created().content_type("application/fhir+json").body(body)
}
