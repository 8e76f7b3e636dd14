//! What all requests share.

use crate::page::Sealer;
use actix_web::web::Bytes;
use rushlight_model::{Id, Limits};
use rushlight_persistence::Store;

/// The running server.
pub struct App {
    /// The records.
    pub store: Store,
    /// The base URL, without a slash at the end.
    pub base: String,
    /// Bounds of what is parsed.
    pub limits: Limits,
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
