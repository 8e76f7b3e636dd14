//! The body of a request: what it is said to be, and its bytes.

use super::list::Word;
use super::negotiate::{Media, suits};
use crate::context::one_header;
use crate::error::Error;
use crate::respond::shown;
use actix_web::http::header::HeaderMap;
use actix_web::web::{Bytes, Payload};
use rushlight_model::definitions::Release;

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

/// Whether the body is JSON, in UTF-8, of the store's release and not compressed.
///
/// # Errors
/// 415, naming what it is said to be.
pub fn sends_json(headers: &HeaderMap, release: Release) -> Result<(), Error> {
    let plain =
        |value: &actix_web::http::header::HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    if !headers.get_all("Content-Encoding").all(plain) {
        return Err(Error::UnsupportedEncoding);
    }
    let unsupported =
        |why: String| Error::UnsupportedMediaType(format!("{why}; send JSON, as application/fhir+json"));
    let Some(text) = one_header(headers, "Content-Type")? else {
        return Err(unsupported("the header Content-Type is missing".to_owned()));
    };
    if text == Media::Fhir.name() {
        return Ok(());
    }
    let word = Word::new(text);
    if Media::named(word.word).is_none() {
        return Err(unsupported(format!("{} is not supported here", shown(word.word))));
    }
    suits(&word, release).map(drop).map_err(Error::UnsupportedMediaType)
}
