//! The last step of a response: JSON as the client wants it, packed if it wants that.

use super::coding::{self, Coding};
use super::negotiate::{Media, Wanted};
use super::prefer::Handling;
use crate::heavy::LIGHT;
use crate::parameters::PassedOver;
use crate::respond::MEDIA_TYPE;
use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    VARY, WARNING,
};
use actix_web::web::Bytes;
use rushlight_model::definitions::Release;
use rushlight_model::json::pretty;

/// Shorter bodies fit into a packet, and packing them saves nothing.
const WORTHWHILE: u64 = 1024;

/// Gives a response the form that the client wants; `headers` are the request's.
pub async fn represent(
    mut response: HttpResponse,
    wanted: &Wanted,
    release: Release,
    headers: &HeaderMap,
) -> HttpResponse {
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept, Accept-Encoding"));
    // Records change and are nobody else's: whoever keeps an answer asks again before it is used.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    // The bytes of a Binary are what they are, even where that is JSON.
    let bytes = response.headers().contains_key(CONTENT_DISPOSITION);
    let json = !bytes && response.headers().get(CONTENT_TYPE).is_some_and(|found| found == MEDIA_TYPE);
    if let Some(value) = content_type(wanted, release).filter(|_| json) {
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    if wanted.pretty && json && length(&response) > LAID_OUT {
        return crate::error::Error::TooLongToLayOut { limit: LAID_OUT }.respond();
    }
    let coding = coding(&response, headers);
    if let Some(coding) = coding {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
    match (wanted.pretty && json, coding) {
        (false, None) => response,
        (pretty, coding) => change(response, move |body| changed(body, pretty, coding)).await,
    }
}

/// Bytes of a body that is laid out for people, at the most: white space may make it many times as long.
const LAID_OUT: u64 = 4 << 20;

fn length(response: &HttpResponse) -> u64 {
    match response.body().size() {
        BodySize::Sized(size) => size,
        BodySize::None | BodySize::Stream => 0,
    }
}

/// The coding that a response should be packed with: where it has none, is worth it, and is not packed by its nature.
fn coding(response: &HttpResponse, headers: &HeaderMap) -> Option<Coding> {
    let size = length(response);
    if size == 0 || response.headers().contains_key(CONTENT_ENCODING) {
        return None;
    }
    let wanted = coding::Wanted::of(headers);
    let worthwhile = size >= WORTHWHILE || !wanted.plain;
    let text =
        response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(is_text);
    wanted.coding.filter(|_| worthwhile && text)
}

/// Whether a media type is of texts, which are not packed by their nature.
fn is_text(media: &str) -> bool {
    let name = media.split(';').next().unwrap_or_default().trim();
    name.starts_with("text/") || ["json", "xml", "javascript"].iter().any(|end| name.ends_with(end))
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

fn changed(body: &Bytes, lay_out: bool, coding: Option<Coding>) -> Bytes {
    let laid_out = match std::str::from_utf8(body) {
        Ok(text) if lay_out => Bytes::from(pretty(text)),
        _ => body.clone(),
    };
    match coding {
        // Writing to memory does not fail.
        Some(coding) => coding.pack(&laid_out).map(Bytes::from).unwrap_or_default(),
        None => laid_out,
    }
}

/// Puts another body in the place of one that is in memory.
async fn change(response: HttpResponse, work: impl Fn(&Bytes) -> Bytes + Send + 'static) -> HttpResponse {
    let (head, body) = response.into_parts();
    match body.try_into_bytes() {
        Ok(bytes) if bytes.len() <= LIGHT => head.set_body(BoxBody::new(work(&bytes))),
        Ok(bytes) => match actix_web::web::block(move || work(&bytes)).await {
            Ok(changed) => head.set_body(BoxBody::new(changed)),
            Err(_) => crate::error::Error::Overloaded.respond(),
        },
        Err(body) => head.set_body(body),
    }
}
