//! What all requests share: each store under its own base.

use crate::checks::Checks;
use crate::connection::Connections;
use crate::heavy::Heavy;
use crate::metadata::{Current, Statements};
use crate::observe::meter::Meters;
use crate::page::Sealer;
use crate::settings::Settings;
use actix_web::web::Data;
use rushlight_model::Id;
use rushlight_persistence::Store;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The running server: stores side by side, each under a base path of its own.
pub struct Site {
    /// The stores.
    pub apps: Vec<Data<App>>,
    /// What the workers have counted.
    pub meters: Meters,
    /// The connections that are open.
    pub connections: Connections,
    /// Whether the server has been told to stop.
    pub stopping: AtomicBool,
}

impl Site {
    /// The store that a path leads to, and the path below its base; of several that fit, the longest base.
    pub fn find<'p>(&self, path: &'p str) -> Option<(&Data<App>, &'p str)> {
        let below = |app: &Data<App>| {
            path.strip_prefix(app.path.as_str()).filter(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let fitting = self.apps.iter().filter_map(|app| below(app).map(|rest| (app, rest)));
        fitting.min_by_key(|(_, rest)| rest.len())
    }
}

/// One store, and what is served of it.
pub struct App {
    /// What the operator has set.
    pub settings: Arc<Settings>,
    /// The records.
    pub store: Store,
    /// The path of the base, as `/fhir`.
    pub path: String,
    /// The base URL, without a slash at the end.
    pub base: String,
    /// What records must be.
    pub checks: Arc<Checks>,
    /// Makes and reads page links.
    pub sealer: Sealer,
    /// What the store says of itself.
    pub statements: Current,
    /// Requests that take much take turns.
    pub heavy: Heavy,
}

impl App {
    /// What the store says of itself, as it is.
    pub fn statements(&self) -> Arc<Statements> {
        self.statements.of(&self.store)
    }

    /// A new id: a UUID that grows with time, so that new resources are neighbours on disk.
    pub fn new_id() -> Id {
        Id::from_uuid(uuid::Uuid::now_v7().as_u128())
    }
}
