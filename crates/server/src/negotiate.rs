//! What the client sends and what it takes: media types, conditions, the body.

use crate::error::Error;
use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::HeaderValue;
use actix_web::web::{Bytes, Payload};

/// The body, whole.
///
/// # Errors
/// 413 for one that is too long, 400 for one that did not arrive whole.
pub async fn body(payload: Payload, limit: usize) -> Result<Bytes, Error> {
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

/// Whether the client takes JSON.
///
/// # Errors
/// 406.
pub fn accepts_json(request: &HttpRequest) -> Result<(), Error> {
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

/// Refuses conditions that would not be heeded.
///
/// # Errors
/// 400.
pub fn heeded(request: &HttpRequest) -> Result<(), Error> {
    let asked = |name: &str, methods: &[Method]| {
        methods.contains(request.method()) && request.headers().contains_key(name)
    };
    match UNHEEDED.iter().find(|(name, methods, _)| asked(name, methods)) {
        Some(&(name, _, expected)) => Err(Error::BadHeader { name, expected }),
        None => Ok(()),
    }
}

/// Whether the body is JSON, in UTF-8 and not compressed.
///
/// # Errors
/// 415.
pub fn sends_json(request: &HttpRequest) -> Result<(), Error> {
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
