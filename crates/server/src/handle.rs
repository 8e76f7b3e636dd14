//! From a request to its interaction and back: the parts are read and checked, the response gets its id, the log its
//! line.

use crate::app::App;
use crate::context::Context;
use crate::error::Error;
use crate::parameters::Parameters;
use crate::routes::{self, Route, Segments};
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{self, Bytes, Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Wires everything: one handler, whose table of routes is [`routes::ROUTES`].
pub fn configure(config: &mut web::ServiceConfig) {
    config.route("/healthz", web::get().to(healthy)).default_service(web::to(handle));
}

async fn healthy() -> &'static str {
    "ok\n"
}

async fn handle(app: Data<App>, request: HttpRequest, payload: Payload) -> HttpResponse {
    let begun = Instant::now();
    let found = match below_base(request.path()) {
        Some(path) => routes::find(request.method(), path),
        None => Err(Error::UnknownPath),
    };
    let (code, response) = match found {
        Ok((route, segments)) => (route.code, answer(route, segments, app, &request, payload).await),
        Err(error) => ("none", Err(error)),
    };
    finish(&request, code, begun, response.unwrap_or_else(Error::respond))
}

/// The path without the base's.
fn below_base(path: &str) -> Option<&str> {
    path.strip_prefix("/fhir").filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

async fn answer(
    route: &Route,
    segments: Segments,
    app: Data<App>,
    request: &HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    (route.run)(context(app, segments, request, payload).await?).await
}

/// Reads the parts of a request.
async fn context(
    app: Data<App>,
    segments: Segments,
    request: &HttpRequest,
    payload: Payload,
) -> Result<Context, Error> {
    let parameters = Parameters::parse(request.query_string())?;
    accepts_json(request)?;
    heeded(request)?;
    let body = if matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH) {
        sends_json(request)?;
        body(payload, app.checks.largest()).await?
    } else {
        Bytes::new()
    };
    Ok(Context {
        path: below_base(request.path()).unwrap_or_default().trim_end_matches('/').to_owned(),
        segments,
        parameters,
        request: request.clone(),
        body,
        app,
    })
}

async fn body(payload: Payload, limit: usize) -> Result<Bytes, Error> {
    match payload.to_bytes_limited(limit).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(Error::Truncated),
        Err(_) => Err(Error::TooLarge { limit }),
    }
}

/// The types without parameters that a header of media types names, in lower case.
fn media_types(value: &HeaderValue) -> impl Iterator<Item = String> + '_ {
    let text = value.to_str().unwrap_or_default();
    text.split(',').map(|one| one.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

const JSON: [&str; 3] = ["application/fhir+json", "application/json", "text/json"];

fn accepts_json(request: &HttpRequest) -> Result<(), Error> {
    let mut accepts = request.headers().get_all("Accept").peekable();
    if accepts.peek().is_none() {
        return Ok(());
    }
    let fits = |media: String| {
        JSON.contains(&media.as_str()) || ["*/*", "application/*", "text/*"].contains(&media.as_str())
    };
    if accepts.flat_map(media_types).any(fits) { Ok(()) } else { Err(Error::NotAcceptable) }
}

/// Conditions that would change what a request does, and that are not heeded: refused rather than ignored.
const UNHEEDED: [(&str, &[Method], &str); 5] = [
    ("If-Match", &[Method::POST], "absent: a new resource has no version"),
    ("If-None-Match", &[Method::POST], "absent: a new resource has no version"),
    ("If-None-Match", &[Method::DELETE], "absent: use If-Match"),
    ("If-Unmodified-Since", &[Method::POST, Method::PUT, Method::DELETE], "absent: use If-Match"),
    ("If-Modified-Since", &[Method::POST, Method::PUT, Method::DELETE], "absent: use If-Match"),
];

fn heeded(request: &HttpRequest) -> Result<(), Error> {
    let asked = |name: &str, methods: &[Method]| {
        methods.contains(request.method()) && request.headers().contains_key(name)
    };
    match UNHEEDED.iter().find(|(name, methods, _)| asked(name, methods)) {
        Some(&(name, _, expected)) => Err(Error::BadHeader { name, expected }),
        None => Ok(()),
    }
}

fn sends_json(request: &HttpRequest) -> Result<(), Error> {
    let plain = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    if !request.headers().get_all("Content-Encoding").all(plain) {
        return Err(Error::UnsupportedEncoding);
    }
    let Some(value) = request.headers().get("Content-Type") else { return Err(Error::UnsupportedMediaType) };
    let charset = value
        .to_str()
        .ok()
        .and_then(|text| text.to_ascii_lowercase().split_once("charset=").map(|(_, set)| set.to_owned()));
    let utf8 = charset.is_none_or(|set| set.trim_matches(|c| c == '"' || c == ' ').starts_with("utf-8"));
    let json = media_types(value).next().is_some_and(|media| JSON.contains(&media.as_str()));
    if utf8 && json { Ok(()) } else { Err(Error::UnsupportedMediaType) }
}

/// Gives the response the request's id, and writes the log's one line: no query, no body, no ids of patients.
fn finish(request: &HttpRequest, code: &str, begun: Instant, mut response: HttpResponse) -> HttpResponse {
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
