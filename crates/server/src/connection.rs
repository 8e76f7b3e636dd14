//! What is done with a connection when it is accepted.

use crate::tls::subject;
use actix_tls::accept::openssl::TlsStream;
use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use rushlight_persistence::Actor;
use std::any::Any;
use std::time::Duration;

/// Who a connection comes from, by the certificate that was shown and trusted.
pub struct Caller(pub Actor);

/// Bounds the time that the client may take nothing in, and remembers who it is.
pub fn accepted(io: &dyn Any, extensions: &mut Extensions, write_time: Duration) {
    if let Some(plain) = io.downcast_ref::<TcpStream>() {
        bound(plain, write_time);
    } else if let Some(encrypted) = io.downcast_ref::<TlsStream<TcpStream>>() {
        bound(encrypted.get_ref(), write_time);
        if let Some(certificate) = encrypted.ssl().peer_certificate() {
            extensions.insert(Caller(Actor::named(subject(&certificate))));
        }
    }
}

/// The system ends a connection whose client has acknowledged nothing of what was sent for so long.
fn bound(stream: &TcpStream, write_time: Duration) {
    #[cfg(target_os = "linux")]
    if let Err(error) = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(write_time)) {
        log::debug!("a connection without a limit of time for writing: {error}");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (stream, write_time);
}
