//! What a request leaves behind: its id, and the log's line.

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Gives the response the request's id, and writes the log's one line: no query, no body, no ids of patients.
pub fn finish(request: &HttpRequest, code: &str, begun: Instant, mut response: HttpResponse) -> HttpResponse {
    let id = request_id(request);
    log::info!(
        "{} {} {code} {} {:.1} ms",
        id.to_str().unwrap_or_default(),
        request.method(),
        response.status().as_u16(),
        begun.elapsed().as_secs_f64() * 1e3
    );
    response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
    response
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
