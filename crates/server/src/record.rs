//! What a request leaves behind: its id, and the log's line.
//!
//! One record goes with a request from its arrival; log, metrics and audit read it, and nothing else.

use crate::app::App;
use crate::routes::Segments;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use rushlight_persistence::{Actor, Observation, Origin};
use std::cell::Cell;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// One request.
#[derive(Debug)]
pub struct Record {
    /// Its id: the client's, where that is short and plain, otherwise one of ours.
    pub id: HeaderValue,
    /// The code of its interaction; `none` for a path or method of none.
    pub interaction: &'static str,
    /// What its path names.
    pub segments: Segments,
    /// Who asks.
    pub actor: Actor,
    /// Whether it wrote anything: then the audit tells of it already.
    pub wrote: Cell<bool>,
    begun: Instant,
}

impl Record {
    /// Of a request that has just arrived.
    pub fn new(request: &HttpRequest) -> Self {
        Self {
            id: request_id(request),
            interaction: "none",
            segments: Segments::default(),
            actor: Actor::anonymous(),
            wrote: Cell::new(false),
            begun: Instant::now(),
        }
    }

    /// What the audit tells of a write of it.
    pub fn origin(&self) -> Origin {
        let id = self.id.to_str().unwrap_or_default();
        Origin::new(self.actor.clone(), id, self.interaction)
    }

    /// Leaves word of a read or a refusal for the audit; a Bundle may have read and been refused beside what it wrote.
    pub fn audit(&self, app: &App, status: StatusCode) {
        let told = self.wrote.get() && self.interaction != "transaction";
        if told || self.interaction == "capabilities" || !app.settings.audit.reads {
            return;
        }
        let Segments { ty, id, vid, .. } = &self.segments;
        let parts: Vec<&str> = [ty, id, vid].into_iter().filter_map(|part| part.as_deref()).collect();
        let (origin, subject) = (self.origin(), parts.join("/"));
        app.store.observe(&Observation { origin: &origin, outcome: status.as_u16(), subject: &subject });
    }

    /// Gives the response the request's id, and writes the log's one line: no query, no body, no ids of patients.
    pub fn finish(&self, request: &HttpRequest, mut response: HttpResponse) -> HttpResponse {
        log::info!(
            "{} {} {} {} {:.1} ms",
            self.id.to_str().unwrap_or_default(),
            request.method(),
            self.interaction,
            response.status().as_u16(),
            self.begun.elapsed().as_secs_f64() * 1e3
        );
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), self.id.clone());
        response
    }
}

/// The client's id of the request where it is short and plain, otherwise a new one: the process's, and a count.
fn request_id(request: &HttpRequest) -> HeaderValue {
    let plain = |value: &&HeaderValue| {
        value.len() <= 64
            && !value.is_empty()
            && value.as_bytes().iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
    };
    if let Some(value) = request.headers().get("X-Request-Id").filter(plain) {
        return value.clone();
    }
    static PROCESS: LazyLock<String> = LazyLock::new(|| uuid::Uuid::new_v4().simple().to_string());
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let text = format!("{}-{}", PROCESS.as_str(), COUNT.fetch_add(1, Ordering::Relaxed));
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("-"))
}
