//! Requests that take much memory or time take turns, so that many of them don't take all of it.

use crate::error::Error;
use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bodies up to this many bytes are light: they are parsed, checked and laid out where they arrive; longer ones where
/// it may take time.
pub const LIGHT: usize = 64 << 10;

/// The turns of one store.
#[derive(Debug)]
pub struct Heavy {
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
    may_wait: usize,
    /// Bytes of large bodies, and how many there may be.
    held: Arc<AtomicUsize>,
    may_hold: usize,
}

/// A turn; it ends when this is dropped.
pub type Turn = OwnedSemaphorePermit;

impl Heavy {
    /// So many at a time, while so many may wait; their bodies together have at most so many bytes.
    pub fn new(at_a_time: usize, may_wait: usize, may_hold: usize) -> Self {
        let turns = Arc::new(Semaphore::new(at_a_time));
        Self { turns, waiting: AtomicUsize::new(0), may_wait, held: Arc::default(), may_hold }
    }

    /// Memory for a body that is yet to come.
    pub fn memory(&self) -> Memory {
        Memory { held: Arc::clone(&self.held), most: self.may_hold, taken: 0 }
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// 503 where too many wait already.
    pub async fn turn(&self) -> Result<Turn, Error> {
        let turns = Arc::clone(&self.turns);
        if let Ok(turn) = Arc::clone(&turns).try_acquire_owned() {
            return Ok(turn);
        }
        let _place = Place::take(self)?;
        turns.acquire_owned().await.map_err(|_| Error::Crowded)
    }
}

/// What a large body takes of the memory that there is for all of them, until this is dropped.
#[derive(Debug)]
pub struct Memory {
    held: Arc<AtomicUsize>,
    most: usize,
    taken: usize,
}

impl Memory {
    /// Makes it enough for a body of so many bytes, if that is large.
    ///
    /// # Errors
    /// 503 where others have taken too much.
    pub fn hold(&mut self, bytes: usize) -> Result<(), Error> {
        let more = bytes.saturating_sub(self.taken);
        if bytes <= LIGHT || more == 0 {
            return Ok(());
        }
        self.taken += more;
        let before = self.held.fetch_add(more, Ordering::Relaxed);
        if before.saturating_add(more) <= self.most { Ok(()) } else { Err(Error::Crowded) }
    }
}

/// A large response holds its memory until the client has taken it, or has gone; it goes out piece by piece, so that
/// it is not held twice.
///
/// # Errors
/// 503 where others have taken too much.
pub fn held(heavy: &Heavy, response: HttpResponse) -> Result<HttpResponse, Error> {
    match response.body().size() {
        BodySize::Sized(size) if size > LIGHT as u64 => {}
        _ => return Ok(response),
    }
    let (head, body) = response.into_parts();
    let bytes = match body.try_into_bytes() {
        Ok(bytes) => bytes,
        Err(body) => return Ok(head.set_body(body)),
    };
    let mut memory = heavy.memory();
    memory.hold(bytes.len())?;
    Ok(head.set_body(BoxBody::new(Held { rest: bytes, _memory: memory })))
}

/// A body in memory that is counted.
struct Held {
    rest: Bytes,
    _memory: Memory,
}

impl MessageBody for Held {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.rest.len() as u64)
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        let rest = &mut self.get_mut().rest;
        let piece = rest.split_to(rest.len().min(LIGHT));
        Poll::Ready((!piece.is_empty()).then_some(Ok(piece)))
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.held.fetch_sub(self.taken, Ordering::Relaxed);
    }
}

/// A place among those who wait, given back also where the client goes away.
struct Place<'h>(&'h Heavy);

impl<'h> Place<'h> {
    fn take(heavy: &'h Heavy) -> Result<Self, Error> {
        let before = heavy.waiting.fetch_add(1, Ordering::Relaxed);
        let place = Self(heavy);
        if before < heavy.may_wait { Ok(place) } else { Err(Error::Crowded) }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::pin;
    use std::task::Waker;

    /// The outcome of a future that is looked at once; `None`: it waits.
    fn look<F: Future>(future: Pin<&mut F>) -> Option<F::Output> {
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    #[test]
    fn turns_are_taken_waited_for_and_refused() {
        let heavy = Heavy::new(1, 1, 0);
        let first = look(pin!(heavy.turn())).unwrap().unwrap();
        let mut second = pin!(heavy.turn());
        assert!(look(second.as_mut()).is_none());
        assert!(matches!(look(pin!(heavy.turn())), Some(Err(Error::Crowded))));
        drop(first);
        let second = look(second).unwrap().unwrap();
        {
            let mut gone = pin!(heavy.turn());
            assert!(look(gone.as_mut()).is_none());
        }
        assert!(look(pin!(heavy.turn())).is_none(), "a place that was given up is free");
        drop(second);
        assert!(look(pin!(heavy.turn())).unwrap().is_ok());
    }

    #[test]
    fn large_bodies_share_memory() {
        let heavy = Heavy::new(1, 1, 3 * LIGHT);
        let (mut one, mut two) = (heavy.memory(), heavy.memory());
        assert!(one.hold(LIGHT).is_ok() && one.hold(2 * LIGHT).is_ok() && one.hold(LIGHT).is_ok());
        assert!(two.hold(LIGHT).is_ok(), "what is not large takes none");
        assert!(two.hold(LIGHT + 1).is_err());
        drop(two);
        let mut two = heavy.memory();
        drop(one);
        assert!(two.hold(3 * LIGHT).is_ok());
        assert!(two.hold(3 * LIGHT + 1).is_err());
        drop(two);
        assert_eq!(heavy.held.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_large_response_holds_its_memory_until_it_is_gone() {
        let heavy = Heavy::new(1, 1, 3 * LIGHT);
        let long = || HttpResponse::Ok().body(vec![b'x'; 2 * LIGHT]);
        let first = held(&heavy, long()).unwrap();
        assert_eq!(first.body().size(), BodySize::Sized(2 * LIGHT as u64));
        assert!(held(&heavy, long()).is_err());
        assert!(held(&heavy, HttpResponse::Ok().body("short")).is_ok());
        let mut body = first.into_body();
        let mut bytes = 0;
        while let Poll::Ready(Some(piece)) =
            pin!(&mut body).poll_next(&mut Context::from_waker(Waker::noop()))
        {
            bytes += piece.unwrap().len();
        }
        assert_eq!(bytes, 2 * LIGHT);
        assert!(held(&heavy, long()).is_err(), "it is not sent as long as it is there");
        drop(body);
        assert!(held(&heavy, long()).is_ok());
    }
}
