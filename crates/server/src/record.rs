//! What a request leaves behind: its id, and the log's line.
//!
//! One record goes with a request from its arrival; log, metrics and audit read it, and nothing else.

use crate::app::App;
use crate::connection::Caller;
use crate::observe::meter::{InFlight, Meter};
use crate::routes::Segments;
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use rushlight_persistence::{Actor, Observation, Origin};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

/// The header that names a request.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// One request.
pub struct Record {
    /// Its id: the client's, where that is short and plain, otherwise one of ours.
    pub id: HeaderValue,
    /// The code of its interaction; `none` for a path or method of none. A Bundle says itself which of two it is.
    pub interaction: Cell<&'static str>,
    /// What its path names.
    pub segments: Segments,
    /// Who asks.
    pub actor: Actor,
    /// Whether it wrote anything: then the audit tells of it already.
    pub wrote: Cell<bool>,
    /// Bytes of its body, once that is read.
    pub received: Cell<usize>,
    begun: Instant,
    running: Option<InFlight>,
}

impl Record {
    /// Of a request that has just arrived.
    pub fn new(request: &HttpRequest) -> Self {
        Self {
            id: request_id(request),
            interaction: Cell::new("none"),
            segments: Segments::default(),
            actor: request.conn_data::<Caller>().map_or_else(Actor::anonymous, |caller| caller.0.clone()),
            wrote: Cell::new(false),
            received: Cell::new(0),
            begun: Instant::now(),
            running: request.app_data::<Arc<Meter>>().map(InFlight::begin),
        }
    }

    /// What the audit tells of a write of it.
    pub fn origin(&self) -> Origin {
        let id = self.id.to_str().unwrap_or_default();
        Origin::new(self.actor.clone(), id, self.interaction.get())
    }

    /// Leaves word of a read or a refusal for the audit.
    pub fn audit(&self, app: &App, status: StatusCode) {
        if self.wrote.get() || ["none", "capabilities"].contains(&self.interaction.get()) {
            return;
        }
        let Segments { ty, id, vid, .. } = &self.segments;
        let parts: Vec<&str> = [ty, id, vid].into_iter().filter_map(|part| part.as_deref()).collect();
        self.observe(app, status, &parts.join("/"));
    }

    /// The same of one thing that it read or was refused, as an entry of a Bundle.
    pub fn observe(&self, app: &App, status: StatusCode, subject: &str) {
        if app.settings.audit.reads {
            let origin = self.origin();
            app.store.observe(&Observation { origin: &origin, outcome: status.as_u16(), subject });
        }
    }

    /// Gives the response the request's id, counts it, and writes the log's one line: no query, no body, no ids of
    /// patients.
    pub fn finish(&self, request: &HttpRequest, mut response: HttpResponse) -> HttpResponse {
        let (status, took) = (response.status().as_u16(), self.begun.elapsed());
        let (received, sent) = (self.received.get() as u64, length(response.body().size()));
        if let Some(running) = &self.running {
            running.meter().answered(self.interaction.get(), status, took, received, sent);
        }
        log::info!(
            target: "request",
            request = self.id.to_str().unwrap_or_default(),
            actor = self.actor.name().unwrap_or("-"),
            interaction = self.interaction.get(),
            method = request.method().as_str(),
            status = status,
            ms = took.as_micros() as f64 / 1e3,
            bytes = sent;
            "answered"
        );
        response.headers_mut().insert(REQUEST_ID, self.id.clone());
        response
    }
}

/// Bytes of a body; none where that is known only when it is sent.
fn length(size: BodySize) -> u64 {
    match size {
        BodySize::Sized(length) => length,
        BodySize::None | BodySize::Stream => 0,
    }
}

/// The client's id of the request where it is short and plain, otherwise a new one: the process's, and a count.
pub fn request_id(request: &HttpRequest) -> HeaderValue {
    let plain = |value: &&HeaderValue| {
        value.len() <= 64
            && !value.is_empty()
            && value.as_bytes().iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
    };
    if let Some(value) = request.headers().get(REQUEST_ID).filter(plain) {
        return value.clone();
    }
    static PROCESS: LazyLock<String> = LazyLock::new(|| uuid::Uuid::new_v4().simple().to_string());
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let text = format!("{}-{}", PROCESS.as_str(), COUNT.fetch_add(1, Ordering::Relaxed));
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("-"))
}
