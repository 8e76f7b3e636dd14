//! What is done with a connection when it is accepted.

use crate::tls::subject;
use actix_tls::accept::openssl::TlsStream;
use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use rushlight_persistence::Actor;
use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Who a connection comes from, by the certificate that was shown and trusted.
pub struct Caller(pub Actor);

/// The connections that are open.
#[derive(Clone, Default)]
pub struct Connections(Arc<AtomicU64>);

impl Connections {
    /// How many.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn one_more(&self) -> Open {
        self.0.fetch_add(1, Ordering::Relaxed);
        Open(self.clone())
    }
}

/// An open connection, until it is dropped.
struct Open(Connections);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Counts a connection, bounds the time that its client may take nothing in, and remembers who that is.
pub fn accepted(io: &dyn Any, extensions: &mut Extensions, all: &Connections, write_time: Duration) {
    extensions.insert(all.one_more());
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
