//! Memory for Bundles on their way: however many there may be at a time, their bytes together are bounded.

use std::sync::{Condvar, Mutex, PoisonError};

/// Bytes that are free; what is larger than all of them goes alone.
pub struct Room {
    all: usize,
    free: Mutex<usize>,
    freed: Condvar,
}

impl Room {
    /// Of so many bytes.
    pub fn new(all: usize) -> Self {
        Self { all, free: Mutex::new(all), freed: Condvar::new() }
    }

    /// Waits until there is room, and takes it.
    pub fn take(&self, bytes: usize) -> Taken<'_> {
        let bytes = bytes.min(self.all);
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.freed.wait_while(free, |free| *free < bytes);
        *waited.unwrap_or_else(PoisonError::into_inner) -= bytes;
        Taken { room: self, bytes }
    }
}

/// Room that is taken until this is dropped.
pub struct Taken<'r> {
    room: &'r Room,
    bytes: usize,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        *self.room.free.lock().unwrap_or_else(PoisonError::into_inner) += self.bytes;
        self.room.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn what_is_on_its_way_has_room_or_is_alone() {
        let (room, used, alone) = (Room::new(10), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for thread in 0..8_usize {
                let (room, used, alone) = (&room, &used, &alone);
                scope.spawn(move || {
                    for round in 0..200_usize {
                        let bytes = (thread * 7 + round * 3) % 14 + 1;
                        let taken = room.take(bytes);
                        let with = used.fetch_add(bytes, Ordering::SeqCst) + bytes;
                        assert!(with <= 10 || with == bytes, "{with} bytes with {bytes} more");
                        alone.fetch_add(usize::from(with > 10), Ordering::SeqCst);
                        used.fetch_sub(bytes, Ordering::SeqCst);
                        drop(taken);
                    }
                });
            }
        });
        assert!(alone.load(Ordering::SeqCst) > 0, "some are larger than all the room");
        assert_eq!(*room.free.lock().unwrap(), 10);
    }
}
