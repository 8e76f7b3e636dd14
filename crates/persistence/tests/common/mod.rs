//! What the store's tests share.
#![allow(dead_code, reason = "each test binary uses its part")]

use rushlight_model::{Body, Id, Limits, ResourceType};
use rushlight_persistence::{Location, Store, StoreOptions};
use rushlight_test_support::{TestStore, stores};

/// A place for a store on one back end.
pub struct Fixture {
    place: TestStore,
}

impl Fixture {
    /// One on each back end that can be had here.
    pub fn all() -> Vec<Self> {
        stores().into_iter().map(|place| Self { place }).collect()
    }

    /// The one on PostgreSQL, if it can be had here.
    pub fn postgres() -> Option<Self> {
        Self::all().into_iter().find(Self::is_postgres)
    }

    /// The one on SQLite.
    pub fn sqlite() -> Self {
        Self::all().into_iter().find(|fixture| !fixture.is_postgres()).unwrap()
    }

    /// Whether it is on PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        matches!(self.options().location, Location::Postgres(_))
    }

    /// Options with a tail so short that every test sees merges.
    pub fn options(&self) -> StoreOptions {
        let mut options = StoreOptions::new(Location::parse(&self.place.url).unwrap());
        options.tail_floor = 8;
        options.tail_cap = 8;
        options.readers = 4;
        options
    }

    /// The URL of the place.
    pub fn url(&self) -> &str {
        &self.place.url
    }

    /// Opens the store.
    pub fn open(&self) -> Store {
        Store::open(&self.options()).unwrap()
    }

    /// Two handles: two stores on one PostgreSQL, as two processes would have; one store on SQLite.
    pub fn open_twice(&self) -> Vec<Store> {
        if self.is_postgres() { vec![self.open(), self.open()] } else { vec![self.open()] }
    }

    /// Fails unless versions and index agree with the bodies.
    pub fn sound(&self, store: &Store) {
        let verification = store.verify().unwrap();
        assert_eq!(verification.faults, Vec::<String>::new(), "{}", self.place.name);
    }
}

/// A small generator of our own, so that a failure is repeated by its seed.
pub struct Dice(pub u64);

impl Dice {
    /// A number below a limit.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// The type that most tests use.
pub fn observation() -> ResourceType {
    ResourceType::from_name("Observation").unwrap()
}

/// An id.
pub fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

/// An Observation whose content depends on `text`.
pub fn body(name: &str, text: &str) -> Body {
    let patient = text.len() % 7;
    let json = format!(
        r#"{{"resourceType":"Observation","id":"{name}","status":"final","code":{{"coding":[{{"system":"urn:s","code":"{text}"}}]}},"subject":{{"reference":"Patient/p{patient}"}},"effectiveDateTime":"2020-01-0{day}","valueString":"{text}"}}"#,
        day = patient + 1,
    );
    Body::parse(json.as_bytes(), &Limits::default()).unwrap()
}

/// What tests do behind the store's back, by the database's own client or a second connection.
impl Fixture {
    /// Runs a statement.
    pub fn execute(&self, sql: &str) {
        use diesel::connection::{Connection, SimpleConnection};
        match self.options().location {
            Location::Sqlite(folder) => {
                let path = folder.join("rushlight.db");
                diesel::SqliteConnection::establish(path.to_str().unwrap())
                    .unwrap()
                    .batch_execute(sql)
                    .unwrap();
            }
            Location::Postgres(url) => {
                diesel::PgConnection::establish(&url).unwrap().batch_execute(sql).unwrap()
            }
        }
    }

    /// The column `text` of a statement's only row.
    pub fn text(&self, sql: &str) -> String {
        use diesel::{Connection, RunQueryDsl};
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Text)]
            text: String,
        }
        let query = diesel::sql_query(sql);
        let row: Row = match self.options().location {
            Location::Sqlite(folder) => {
                let path = folder.join("rushlight.db");
                query.get_result(&mut diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap())
            }
            Location::Postgres(url) => query.get_result(&mut diesel::PgConnection::establish(&url).unwrap()),
        }
        .unwrap();
        row.text
    }

    /// Waits until a count on PostgreSQL is not 0.
    pub fn wait_for(&self, sql: &str) {
        use diesel::{Connection, RunQueryDsl};
        #[derive(diesel::QueryableByName)]
        struct Count {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            count: i64,
        }
        let mut connection = diesel::PgConnection::establish(self.url()).unwrap();
        for _ in 0..3000 {
            let found: Count = diesel::sql_query(sql).get_result(&mut connection).unwrap();
            if found.count > 0 {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("never so: {sql}");
    }

    /// A `psql` that reads statements from its input.
    pub fn psql(&self) -> std::process::Child {
        use std::process::{Command, Stdio};
        Command::new(rushlight_test_support::postgres::tool("psql").unwrap())
            .args(["-X", "-q", "-A", "-t", self.url()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Dumps the store's schema by `pg_dump`, drops it, and plays the dump back.
    pub fn dump_and_restore(&self) {
        use std::io::Write;
        use std::process::{Command, Stdio};
        let schema = self.url().rsplit("search_path%3D").next().unwrap().to_owned();
        let plain = self.url().split('?').next().unwrap();
        let dump = Command::new(rushlight_test_support::postgres::tool("pg_dump").unwrap())
            .args(["--schema", &schema, plain])
            .output()
            .unwrap();
        assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
        self.execute(&format!("DROP SCHEMA {schema} CASCADE"));
        let mut psql = Command::new(rushlight_test_support::postgres::tool("psql").unwrap())
            .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", plain])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        psql.stdin.take().unwrap().write_all(&dump.stdout).unwrap();
        assert!(psql.wait().unwrap().success());
    }
}
