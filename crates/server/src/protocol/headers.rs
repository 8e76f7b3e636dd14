//! Headers that change what a request does: each is heeded where it means something, and refused elsewhere.

use crate::error::Error;
use crate::settings::Limits;
use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;

/// A header, the interactions that heed it, and what is said to others.
type Heeded = (&'static str, &'static [&'static str], &'static str);

const HEEDED: [Heeded; 10] = [
    ("If-Match", &["update", "delete"], "absent here: it is for update and delete"),
    (
        "If-None-Match",
        &["update", "read", "vread", "capabilities"],
        "absent here: it is for reads and update; to delete, use If-Match",
    ),
    ("If-Modified-Since", &["read", "vread", "capabilities"], "absent here: it is for reads"),
    ("If-Unmodified-Since", &[], "absent: use If-Match"),
    ("If-None-Exist", &["create"], "absent here: it is for create"),
    ("X-Provenance", &["create", "update"], "absent here: it is for create and update"),
    ("X-Security-Context", &["create", "update"], "absent here: it is for create and update of a Binary"),
    ("X-HTTP-Method-Override", &[], METHOD),
    ("X-HTTP-Method", &[], METHOD),
    ("X-Method-Override", &[], METHOD),
];

const METHOD: &str = "absent: send the method itself";

/// Refuses headers that would change what an interaction does, and that it does not heed.
///
/// # Errors
/// 400.
pub fn heeded(headers: &HeaderMap, code: &str) -> Result<(), Error> {
    // Requests have few headers, the table has more.
    for sent in headers.keys() {
        let refused =
            |(name, codes, _): &&Heeded| sent.as_str().eq_ignore_ascii_case(name) && !codes.contains(&code);
        if let Some(&(name, _, expected)) = HEEDED.iter().find(refused) {
            return Err(Error::BadHeader { name, expected });
        }
    }
    Ok(())
}

/// Refuses a URL or headers beyond bounds. What is far beyond them does not come so far: the HTTP library closes.
///
/// # Errors
/// 414, 431.
pub fn bounded(request: &HttpRequest, limits: &Limits) -> Result<(), Error> {
    let url = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if url > limits.url {
        return Err(Error::LongUrl { limit: limits.url });
    }
    // Each has a colon, a space and an end of line, too.
    let length: usize =
        request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if length > limits.headers { Err(Error::LongHeaders { limit: limits.headers }) } else { Ok(()) }
}
