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
    let json = format!(r#"{{"resourceType":"Observation","id":"{name}","valueString":"{text}"}}"#);
    Body::parse(json.as_bytes(), &Limits::default()).unwrap()
}
