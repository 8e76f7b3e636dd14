//! What a store tells of itself to whoever watches it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{Fixture, body, id, observation};
use rushlight_persistence::{Access, Observation, Op, Origin, Precondition};

#[test]
fn figures_follow_what_is_done() {
    for fixture in Fixture::all() {
        let store = fixture.open();
        let before = store.figures();
        assert_eq!((before.batches.requests, before.queued, before.merges, before.audit_lost), (0, 0, 0, 0));
        let origin = Origin::of("test");
        for number in 0..20 {
            let name = format!("r{number}");
            let (ty, id, body) = (observation(), id(&name), body(&name, &"x".repeat(5000)));
            store
                .transact(&origin, vec![Op::Put { ty, id, body, precondition: Precondition::None }])
                .unwrap();
        }
        store.observe(&Observation { origin: &origin, outcome: 200, subject: "" });
        store.counts(&Access::all()).unwrap();
        let after = store.figures();
        assert_eq!(after.batches.sizes.iter().map(|(size, _)| *size).max(), Some(512));
        let batches: u64 = after.batches.sizes.iter().map(|(_, count)| count).sum();
        assert!(after.batches.requests >= 20 && batches >= 1 && batches <= after.batches.requests);
        assert!(after.readers_idle >= 1 && after.readers_busy == 0, "{after:?}");
        assert_eq!(after.wal_bytes.is_some(), !fixture.is_postgres());
        assert_eq!(after.tail.is_some(), !fixture.is_postgres());
        // 20 bodies of 5 kB; on PostgreSQL the size is believed for a while.
        assert!(after.bytes.unwrap() >= before.bytes.unwrap());
        if !fixture.is_postgres() {
            assert!(after.bytes.unwrap() > before.bytes.unwrap() + 100_000);
            assert!(after.wal_bytes.unwrap() > 100_000);
            assert!(after.tail.unwrap() <= 20);
        }
        store.close();
        let closed = store.figures();
        assert_eq!(
            (closed.audit_waiting, closed.queued, closed.tail.unwrap_or(0)),
            (0, 0, 0),
            "all is written"
        );
        assert_eq!(closed.merges > 0, !fixture.is_postgres());
    }
}
