//! Headers that change what a request does: each is heeded where it means something, and refused elsewhere.

use crate::error::Error;
use actix_web::http::header::HeaderMap;

/// A header, the interactions that heed it, and what is said to others.
type Heeded = (&'static str, &'static [&'static str], &'static str);

const HEEDED: [Heeded; 7] = [
    ("if-match", &["update", "delete"], "absent here: it is for update and delete"),
    ("if-none-match", &["update"], "absent here: it is for update; to delete, use If-Match"),
    ("if-unmodified-since", &[], "absent: use If-Match"),
    (
        "if-modified-since",
        &["capabilities", "read", "vread", "history-instance", "history-type", "history-system"],
        "absent here: it is for reads",
    ),
    ("x-http-method-override", &[], METHOD),
    ("x-http-method", &[], METHOD),
    ("x-method-override", &[], METHOD),
];

const METHOD: &str = "absent: send the method itself";

/// Refuses headers that would change what an interaction does, and that it does not heed.
///
/// # Errors
/// 400.
pub fn heeded(headers: &HeaderMap, code: &str) -> Result<(), Error> {
    // Requests have few headers, the table has more.
    for name in headers.keys() {
        if let Some((name, _, expected)) =
            HEEDED.iter().find(|(other, codes, _)| name == other && !codes.contains(&code))
        {
            return Err(Error::BadHeader { name, expected });
        }
    }
    Ok(())
}
