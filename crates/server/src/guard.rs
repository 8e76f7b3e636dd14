//! What HTTP asks of a request and the HTTP library leaves open: <https://www.rfc-editor.org/rfc/rfc9110>. Who breaks
//! this may be read differently by a proxy in between, so the connection ends with the answer.

use crate::error::Error;
use actix_web::HttpRequest;
use actix_web::dev::Extensions;
use actix_web::http::header::HeaderValue;
use actix_web::http::{ConnectionType, Version};
use std::any::Any;
use std::cell::Cell;

/// Whether a request on a connection has asked for its end.
#[derive(Default)]
struct Ending(Cell<bool>);

/// Prepares a new connection.
pub fn connected(_: &dyn Any, connection: &mut Extensions) {
    connection.insert(Ending::default());
}

/// Refuses what no interaction should see; the connection then ends with the answer.
///
/// # Errors
/// 400; 417 for expectations other than `100-continue`.
pub fn check(request: &HttpRequest) -> Result<(), Error> {
    // HTTP/2 has no last request: its streams stand side by side.
    let alone = request.version() < Version::HTTP_2;
    let ending = request.conn_data::<Ending>().map(|ending| &ending.0).filter(|_| alone);
    // What follows the last request of a connection was not sent by who sent that.
    if ending.is_some_and(Cell::get) {
        return Err(Error::BadHeader { name: "Connection", expected: "close in the last request only" });
    }
    let fits = fits(request);
    if let Some(ending) = ending {
        ending.set(fits.is_err() || request.head().connection_type() == ConnectionType::Close);
    }
    fits
}

fn fits(request: &HttpRequest) -> Result<(), Error> {
    let every = |name: &str, fits: fn(&HeaderValue) -> bool| request.headers().get_all(name).all(fits);
    if !every("Host", |value| value.to_str().is_ok_and(is_host)) {
        return Err(Error::BadHeader {
            name: "Host",
            expected: "a host's name or address, perhaps with a port",
        });
    }
    // The library takes all that follows such a head for its body, whatever length is told.
    if !every("Upgrade", |value| !value.as_bytes().eq_ignore_ascii_case(b"websocket")) {
        return Err(Error::BadHeader { name: "Upgrade", expected: "absent: there are no web sockets here" });
    }
    if !every("Expect", |value| value.as_bytes().eq_ignore_ascii_case(b"100-continue")) {
        return Err(Error::UnknownExpectation);
    }
    Ok(())
}

/// Whether a text names a host: <https://www.rfc-editor.org/rfc/rfc9110#section-7.2>, without the marks that names
/// of hosts could have and don't.
fn is_host(text: &str) -> bool {
    let plain = |part: &str, marks: &[u8]| {
        part.bytes().all(|byte| byte.is_ascii_alphanumeric() || marks.contains(&byte))
    };
    let (fits, port) = match text.strip_prefix('[').map(|rest| rest.split_once(']')) {
        Some(Some((address, port))) => (plain(address, b":.%"), port),
        Some(None) => (false, ""),
        None => {
            let (name, port) = text.split_at(text.find(':').unwrap_or(text.len()));
            (plain(name, b"-._~%"), port)
        }
    };
    let number = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    fits && (port.is_empty() || port.strip_prefix(':').is_some_and(number))
}

#[cfg(test)]
mod tests {
    use super::is_host;

    #[test]
    fn hosts() {
        for host in
            ["", "localhost", "localhost:8080", "a-b.example.", "192.0.2.1:", "[::1]", "[fe80::1%25e0]:80"]
        {
            assert!(is_host(host), "{host}");
        }
        for other in [
            "a b", "a/b", "a@b", "a,b", "\"a\"", "a:b", "a:1:2", "[::1", "[::1]80", "::1", "a\\b", "ä",
            "a?b", "a#b",
        ] {
            assert!(!is_host(other), "{other}");
        }
    }
}
