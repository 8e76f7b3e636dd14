//! The last step of a response: JSON as the client wants it.

use super::negotiate::{Media, Wanted};
use super::prefer::Handling;
use crate::parameters::PassedOver;
use crate::respond::MEDIA_TYPE;
use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, VARY, WARNING};
use actix_web::web::Bytes;
use rushlight_model::definitions::Release;
use rushlight_model::json::pretty;

/// Longer bodies are laid out where it may take time.
const SHORT: usize = 64 << 10;

/// Gives a response the form that the client wants.
pub async fn represent(mut response: HttpResponse, wanted: &Wanted, release: Release) -> HttpResponse {
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept"));
    if *wanted == Wanted::default()
        || response.headers().get(CONTENT_TYPE).is_none_or(|found| found != MEDIA_TYPE)
    {
        return response;
    }
    if let Some(value) = content_type(wanted, release) {
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    if wanted.pretty { change(response, laid_out).await } else { response }
}

/// Tells how the request was taken, and what was passed over: FHIR's Bundles of a history have no place for it.
pub fn handled(response: &mut HttpResponse, handling: Handling, passed_over: &PassedOver) {
    let headers = response.headers_mut();
    headers.append(PREFERENCE_APPLIED, HeaderValue::from_static(handling.applied()));
    for name in passed_over.borrow().iter().take(WARNINGS) {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.:".contains(c) { c } else { '?' };
        let name: String = name.chars().take(64).map(plain).collect();
        let text = format!("299 - \"the parameter {name} is not known here and was passed over\"");
        if let Ok(text) = HeaderValue::from_str(&text) {
            headers.append(WARNING, text);
        }
    }
}

/// Names of parameters that are told, at the most.
const WARNINGS: usize = 16;

const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

fn content_type(wanted: &Wanted, release: Release) -> Option<HeaderValue> {
    match (wanted.media, wanted.versioned) {
        (Media::Fhir, false) => None,
        (media, false) => HeaderValue::from_str(&format!("{}; charset=utf-8", media.name())).ok(),
        (media, true) => {
            let text = format!("{}; fhirVersion={}; charset=utf-8", media.name(), release.short());
            HeaderValue::from_str(&text).ok()
        }
    }
}

fn laid_out(body: &Bytes) -> Bytes {
    match std::str::from_utf8(body) {
        Ok(text) => Bytes::from(pretty(text)),
        Err(_) => body.clone(),
    }
}

/// Puts another body in the place of one that is in memory.
async fn change(response: HttpResponse, work: fn(&Bytes) -> Bytes) -> HttpResponse {
    let (head, body) = response.into_parts();
    match body.try_into_bytes() {
        Ok(bytes) if bytes.len() <= SHORT => head.set_body(BoxBody::new(work(&bytes))),
        Ok(bytes) => {
            let given = bytes.clone();
            let changed = actix_web::web::block(move || work(&given)).await;
            head.set_body(BoxBody::new(changed.unwrap_or(bytes)))
        }
        Err(body) => head.set_body(body),
    }
}
