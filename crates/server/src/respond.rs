//! Responses: headers that FHIR wants, and resources from stored bytes.

use actix_web::HttpResponse;
use actix_web::HttpResponseBuilder;
use actix_web::http::StatusCode;
use actix_web::http::header::HttpDate;
use rushlight_model::{Id, ResourceType};
use rushlight_persistence::Version;
use std::time::{Duration, UNIX_EPOCH};

/// What is written.
pub const MEDIA_TYPE: &str = "application/fhir+json; charset=utf-8";

/// A response in FHIR JSON.
pub fn builder(status: StatusCode) -> HttpResponseBuilder {
    let mut builder = HttpResponse::build(status);
    builder.insert_header(("Content-Type", MEDIA_TYPE));
    builder
}

/// A version as an entity tag.
pub fn etag(version: i64) -> String {
    format!("W/\"{version}\"")
}

/// A time as HTTP writes it, to the second.
pub fn http_date(micros: i64) -> String {
    let since = Duration::from_micros(u64::try_from(micros).unwrap_or(0));
    HttpDate::from(UNIX_EPOCH + since).to_string()
}

/// Where a version can be read.
pub fn location(base: &str, ty: ResourceType, id: &Id, version: i64) -> String {
    format!("{base}/{}/{id}/_history/{version}", ty.name())
}

/// A version of a resource, as it is served.
pub fn text(version: &Version) -> Vec<u8> {
    let mut text = Vec::with_capacity(version.body.len() + 96);
    version.write_to(&mut text);
    text
}

/// A version of a resource, with its headers.
pub fn resource(status: StatusCode, version: &Version) -> HttpResponse {
    versioned(status, version).body(text(version))
}

/// The headers of a version.
pub fn versioned(status: StatusCode, version: &Version) -> HttpResponseBuilder {
    let mut builder = builder(status);
    builder
        .insert_header(("ETag", etag(version.version)))
        .insert_header(("Last-Modified", http_date(version.last_updated)));
    builder
}

/// The client has this version.
pub fn not_modified(version: i64, last_updated: i64) -> HttpResponse {
    HttpResponse::NotModified()
        .insert_header(("ETag", etag(version)))
        .insert_header(("Last-Modified", http_date(last_updated)))
        .finish()
}

/// Something that a client sent, fit to be shown in a message: short, and on one line.
pub fn shown(text: &str) -> String {
    let cut: String = text.chars().take(64).map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
    format!("“{cut}”")
}
