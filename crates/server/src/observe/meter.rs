//! Counting requests. Each worker has a meter of its own: nothing is allocated, locked or shared between workers to count.

use crate::routes::ROUTES;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

/// The upper bounds of the histogram's buckets, in microseconds; a last one holds what is longer.
pub const BOUNDS: [u64; 15] = [
    250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    5_000_000, 10_000_000,
];

/// Statuses are counted from here.
pub const FIRST_STATUS: usize = 100;
const STATUSES: usize = 500;

/// What requests of no interaction are counted under.
const NONE: &str = "none";

/// The interactions of the route table, and [`NONE`].
pub static INTERACTIONS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut codes: Vec<&str> = ROUTES.iter().map(|route| route.code).collect();
    codes.push(NONE);
    codes.sort_unstable();
    codes.dedup();
    codes
});

/// The requests of one interaction.
pub struct Series {
    /// How many, by status, from [`FIRST_STATUS`].
    pub statuses: Vec<AtomicU64>,
    /// How many, by duration: not added up.
    pub buckets: [AtomicU64; BOUNDS.len() + 1],
    /// Their durations together, in microseconds.
    pub micros: AtomicU64,
}

/// What one worker has done.
pub struct Meter {
    /// Requests that are being answered.
    pub in_flight: AtomicI64,
    /// Bytes of requests' bodies.
    pub received: AtomicU64,
    /// Bytes of responses' bodies.
    pub sent: AtomicU64,
    /// In the order of [`INTERACTIONS`].
    pub series: Vec<Series>,
}

impl Meter {
    fn new() -> Self {
        let series = || Series {
            statuses: (0..STATUSES).map(|_| AtomicU64::new(0)).collect(),
            buckets: Default::default(),
            micros: AtomicU64::new(0),
        };
        Self {
            in_flight: AtomicI64::new(0),
            received: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            series: INTERACTIONS.iter().map(|_| series()).collect(),
        }
    }

    /// A request has been answered.
    pub fn answered(&self, interaction: &str, status: u16, took: Duration, received: u64, sent: u64) {
        self.received.fetch_add(received, Relaxed);
        self.sent.fetch_add(sent, Relaxed);
        let position = |wanted| INTERACTIONS.iter().position(|code| *code == wanted);
        let at = position(interaction).or_else(|| position(NONE));
        let Some(series) = at.and_then(|at| self.series.get(at)) else { return };
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        series.micros.fetch_add(micros, Relaxed);
        let bucket = BOUNDS.iter().position(|bound| micros <= *bound).unwrap_or(BOUNDS.len());
        if let Some(count) = series.buckets.get(bucket) {
            count.fetch_add(1, Relaxed);
        }
        if let Some(count) =
            usize::from(status).checked_sub(FIRST_STATUS).and_then(|at| series.statuses.get(at))
        {
            count.fetch_add(1, Relaxed);
        }
    }
}

/// A request that is being answered, until it is dropped.
pub struct InFlight(Arc<Meter>);

impl InFlight {
    /// One more.
    pub fn begin(meter: &Arc<Meter>) -> Self {
        meter.in_flight.fetch_add(1, Relaxed);
        Self(Arc::clone(meter))
    }

    /// Where it is counted.
    pub fn meter(&self) -> &Meter {
        &self.0
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}

/// The meters of all workers.
#[derive(Default)]
pub struct Meters(Mutex<Vec<Arc<Meter>>>);

impl Meters {
    /// A meter for one more worker.
    pub fn one_more(&self) -> Arc<Meter> {
        let meter = Arc::new(Meter::new());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&meter));
        meter
    }

    /// Looks at every worker's.
    pub fn each(&self, mut look: impl FnMut(&Meter)) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(|meter| look(meter));
    }

    /// The sum of something over all workers.
    pub fn sum(&self, of: impl Fn(&Meter) -> u64) -> u64 {
        let mut sum = 0;
        self.each(|meter| sum += of(meter));
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_over_all_workers() {
        let meters = Meters::default();
        let (one, other) = (meters.one_more(), meters.one_more());
        one.answered("read", 200, Duration::from_micros(250), 0, 10);
        other.answered("read", 200, Duration::from_micros(251), 5, 0);
        other.answered("read", 404, Duration::from_secs(3600), 0, 1);
        other.answered("no such", 200, Duration::ZERO, 0, 0);
        let at = INTERACTIONS.iter().position(|code| *code == "read").unwrap();
        let of = |get: fn(&Series) -> &AtomicU64| meters.sum(|meter| get(&meter.series[at]).load(Relaxed));
        assert_eq!([of(|one| &one.statuses[100]), of(|one| &one.statuses[304])], [2, 1]);
        let none = INTERACTIONS.iter().position(|code| *code == NONE).unwrap();
        assert_eq!(meters.sum(|meter| meter.series[none].statuses[100].load(Relaxed)), 1);
        let buckets = [of(|one| &one.buckets[0]), of(|one| &one.buckets[1]), of(|one| &one.buckets[15])];
        assert_eq!(buckets, [1, 1, 1]);
        assert_eq!(of(|one| &one.micros), 250 + 251 + 3_600_000_000);
        assert_eq!(meters.sum(|meter| meter.sent.load(Relaxed)), 11);
        let running = InFlight::begin(&one);
        assert_eq!(one.in_flight.load(Relaxed), 1);
        drop(running);
        assert_eq!(one.in_flight.load(Relaxed), 0);
    }
}
