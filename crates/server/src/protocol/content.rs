//! The body of a request: what it is said to be, and its bytes, within bounds.

use super::coding::Coding;
use super::list::Word;
use super::negotiate::{Media, in_utf8, suits};
use crate::context::one_header;
use crate::error::Error;
use crate::heavy::Memory;
use crate::respond::shown;
use crate::settings::Limits;
use actix_web::body::{BodyStream, MessageBody};
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap};
use actix_web::rt::time::{sleep, timeout};
use actix_web::web::{Bytes, BytesMut, Payload};
use rushlight_model::definitions::Release;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

/// An unpacked body of so many bytes is taken however short it was packed.
const ANY_RATIO: usize = 1 << 20;

/// The body as it arrives, whole.
///
/// # Errors
/// 413 for one that is too long: at once, where its length is told. 408 for one that takes too long, 400 for one that
/// did not arrive whole, 503 where there is no memory for it.
pub async fn arrived(
    payload: Payload,
    headers: &HeaderMap,
    limits: &Limits,
    memory: &mut Memory,
) -> Result<Bytes, Error> {
    let limit = limits.body;
    let told = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|told| usize::try_from(told).unwrap_or(usize::MAX) > limit) {
        return Err(Error::TooLarge { limit });
    }
    let mut stream = BodyStream::new(payload);
    let read = timeout(limits.body_time, whole(&mut stream, limit, memory)).await;
    let read = read.unwrap_or(Err(Error::TooSlow { limit: limits.body_time }));
    if read.is_err() {
        // The connection ends with the answer only while the rest is wanted: else the library waits for all of it.
        actix_web::rt::spawn(async move {
            sleep(HELD).await;
            drop(stream);
        });
    }
    read
}

/// How long the rest of a body that is refused is held: long enough for the answer to go out.
const HELD: Duration = Duration::from_secs(2);

async fn whole(stream: &mut BodyStream<Payload>, limit: usize, memory: &mut Memory) -> Result<Bytes, Error> {
    let mut body = BytesMut::new();
    while let Some(chunk) = poll_fn(|context| Pin::new(&mut *stream).poll_next(context)).await {
        let chunk = chunk.map_err(|_| Error::Truncated)?;
        if body.len() + chunk.len() > limit {
            return Err(Error::TooLarge { limit });
        }
        memory.hold(body.len() + chunk.len())?;
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// The body that was packed, where it may take time.
///
/// # Errors
/// 413 for one that is too long when unpacked, 400 for one that can't be unpacked.
pub async fn unpacked(packed: Bytes, coding: Coding, limits: &Limits) -> Result<Bytes, Error> {
    let by_ratio = packed.len().saturating_mul(limits.ratio).max(ANY_RATIO);
    let most = limits.unpacked.min(by_ratio);
    let ratio = (by_ratio < limits.unpacked).then_some(limits.ratio);
    let unpacked = actix_web::web::block(move || coding.unpack(&packed, most)).await;
    match unpacked.map_err(|_| Error::Overloaded)? {
        Ok(Some(body)) => Ok(Bytes::from(body)),
        Ok(None) => Err(Error::UnpacksTooLarge { limit: most, ratio }),
        Err(_) => Err(Error::NotPacked { coding: coding.name() }),
    }
}

/// Whether the body is JSON, in UTF-8, of the store's release.
///
/// # Errors
/// 415, naming what it is said to be.
pub fn sends_json(headers: &HeaderMap, release: Release) -> Result<(), Error> {
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

/// Bytes of a form, at the most.
const FORM: usize = 1 << 20;

/// Whether the body is a form, as searches by POST have it, in UTF-8; no type stands for no body.
///
/// # Errors
/// 415, naming what it is said to be.
pub fn sends_form(headers: &HeaderMap) -> Result<(), Error> {
    let Some(text) = one_header(headers, "Content-Type")?.filter(|text| !text.is_empty()) else {
        return Ok(());
    };
    let word = Word::new(text);
    match word.word.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        true => in_utf8(&word).map_err(Error::UnsupportedMediaType),
        false => Err(Error::UnsupportedMediaType(format!(
            "{} is not supported here; send parameters, as application/x-www-form-urlencoded",
            shown(text)
        ))),
    }
}

/// The text of a form, still encoded.
///
/// # Errors
/// 415 for one that is not said to be one, 413 for one that is too long, 400 for one that is not encoded.
pub fn form<'b>(headers: &HeaderMap, body: &'b Bytes) -> Result<&'b str, Error> {
    if !body.is_empty() && one_header(headers, "Content-Type")?.is_none_or(str::is_empty) {
        let text =
            "the header Content-Type is missing; send parameters, as application/x-www-form-urlencoded";
        return Err(Error::UnsupportedMediaType(text.to_owned()));
    }
    if body.len() > FORM {
        return Err(Error::TooLarge { limit: FORM });
    }
    let text = std::str::from_utf8(body).map_err(|_| Error::BadUrl { expected: "UTF-8" })?;
    Ok(text.trim_end_matches(['\r', '\n']))
}
