//! Requests that take much memory or time take turns, so that many of them don't take all of it.

use crate::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
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
}

/// A turn; it ends when this is dropped.
pub type Turn = OwnedSemaphorePermit;

impl Heavy {
    /// So many at a time, while so many may wait.
    pub fn new(at_a_time: usize, may_wait: usize) -> Self {
        Self { turns: Arc::new(Semaphore::new(at_a_time)), waiting: AtomicUsize::new(0), may_wait }
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
    use std::task::{Context, Poll, Waker};

    /// The outcome of a future that is looked at once; `None`: it waits.
    fn look<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    #[test]
    fn turns_are_taken_waited_for_and_refused() {
        let heavy = Heavy::new(1, 1);
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
}
