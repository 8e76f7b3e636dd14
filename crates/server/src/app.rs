//! What all requests share.

use crate::checks::Checks;
use crate::page::Sealer;
use actix_web::web::Bytes;
use rushlight_model::Id;
use rushlight_persistence::Store;
use std::sync::Arc;

/// The running server.
pub struct App {
    /// The records.
    pub store: Store,
    /// The base URL, without a slash at the end.
    pub base: String,
    /// What records must be.
    pub checks: Arc<Checks>,
    /// Makes and reads page links.
    pub sealer: Sealer,
    /// The CapabilityStatement, as served.
    pub capabilities: Bytes,
}

impl App {
    /// A new id: a UUID that grows with time, so that new resources are neighbours on disk.
    pub fn new_id() -> Id {
        Id::from_uuid(uuid::Uuid::now_v7().as_u128())
    }
}
