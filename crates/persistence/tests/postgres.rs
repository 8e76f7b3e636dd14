//! What is peculiar to PostgreSQL: transactions that commit out of order, and copies by its own tools.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{Fixture, body, id, observation};
use rushlight_persistence::{
    Access, HistoryQuery, Observation, Op, Origin, Precondition, Scope, Snapshot, Store,
};
use std::collections::BTreeSet;
use std::time::Duration;

fn put(store: &Store, name: &str, text: &str) {
    let op =
        Op::Put { ty: observation(), id: id(name), body: body(name, text), precondition: Precondition::None };
    store.transact(&Origin::of("test"), vec![op]).unwrap();
}

fn names(store: &Store, snapshot: &Snapshot, since: i64) -> BTreeSet<String> {
    let query =
        HistoryQuery { since: Some(since), count: 10_000, ..HistoryQuery::new(Scope::System, snapshot) };
    let page = store.history(&Access::all(), &query).unwrap().unwrap();
    page.versions.iter().map(|version| version.id.as_str().to_owned()).collect()
}

/// Holds a lock that a write needs after it drew its number, until dropped.
struct Stall {
    session: std::process::Child,
}

impl Stall {
    /// The rows of the index are written after the draw; this resource's alone are kept waiting.
    fn new(fixture: &Fixture) -> Self {
        Self::by(
            fixture,
            "SELECT 1 FROM resource WHERE version = 1 FOR KEY SHARE; LOCK TABLE ix_token IN SHARE MODE",
        )
    }

    /// A transaction that does something, and stays.
    fn by(fixture: &Fixture, statements: &str) -> Self {
        use std::io::{BufRead, BufReader, Write};
        let mut session = fixture.psql();
        let mut input = session.stdin.take().unwrap();
        writeln!(input, "BEGIN; {statements}; SELECT 'locked';").unwrap();
        input.flush().unwrap();
        let mut output = BufReader::new(session.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("locked") {
            line.clear();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "the stalling session ended");
        }
        session.stdin = Some(input);
        Self { session }
    }
}

impl Drop for Stall {
    fn drop(&mut self) {
        use std::io::Write;
        if let Some(mut input) = self.session.stdin.take() {
            let _ = writeln!(input, "COMMIT;");
        }
        let _ = self.session.wait();
    }
}

#[test]
fn polling_misses_nothing_of_a_writer_stalled_before_its_commit() {
    let Some(fixture) = Fixture::postgres() else { return };
    let (a, b) = (fixture.open(), fixture.open());
    put(&a, "before", "x");
    let mut seen = names(&b, &b.snapshot().unwrap(), 0);
    let mut since = 0;
    for round in 0..3 {
        let stall = Stall::new(&fixture);
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| put(&a, &format!("stalled-{round}"), "x"));
            // Until the stalled writer has drawn its number, which is when it waits for the lock.
            fixture.wait_for(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'ix_token'::regclass",
            );
            // Another process commits meanwhile, with later numbers: by hand, since all index rows are locked.
            fixture.execute(&format!(
                "WITH n AS (SELECT * FROM draw(1, 1)), v AS (INSERT INTO version \
                 (seq, rid, version, type, id, last_updated, deleted, splice, body) \
                 SELECT first_seq, first_seq, 1, {ty}, convert_to('quick-{round}', 'UTF8'), first_time, false, 15, '{{}}' FROM n \
                 RETURNING seq, last_updated), r AS (INSERT INTO resource (type, id, rid, seq, version, deleted) \
                 SELECT {ty}, convert_to('quick-{round}', 'UTF8'), first_seq, first_seq, 1, false FROM n) \
                 INSERT INTO batch SELECT seq, seq, last_updated FROM v",
                ty = observation().number()
            ));
            for store in [&a, &b] {
                let snapshot = store.snapshot().unwrap();
                assert_eq!(snapshot.holes.len(), 1, "the stalled block is a hole: {snapshot:?}");
                seen.extend(names(store, &snapshot, since));
                assert!(snapshot.time >= since);
                since = snapshot.time;
            }
            assert!(seen.contains(&format!("quick-{round}")), "what was committed is seen at once");
            assert!(!seen.contains(&format!("stalled-{round}")));
            drop(stall);
            writer.join().unwrap();
        });
        let snapshot = b.snapshot().unwrap();
        seen.extend(names(&b, &snapshot, since));
        assert!(seen.contains(&format!("stalled-{round}")), "round {round}: seen after its commit");
        assert!(snapshot.holes.is_empty(), "nothing is in flight: {snapshot:?}");
        since = snapshot.time;
    }
}

#[test]
fn what_another_process_has_forgotten_is_no_hole_to_one_that_was_idle() {
    let Some(fixture) = Fixture::postgres() else { return };
    let (busy, idle) = (fixture.open(), fixture.open());
    (0..5).for_each(|round| put(&busy, &format!("r{round}"), "x"));
    let upto = busy.snapshot().unwrap().upto;
    // As a writer does it that has come far enough.
    fixture.execute(&format!(
        "INSERT INTO store (key, value) VALUES ('horizon', '{upto}'); DELETE FROM batch WHERE last_seq <= {upto}"
    ));
    let _in_flight = Stall::by(&fixture, "SELECT pg_current_xact_id()");
    put(&busy, "later", "x");
    let snapshot = idle.snapshot().unwrap();
    assert_eq!(snapshot.holes, [], "{snapshot:?}");
    assert_eq!(names(&idle, &snapshot, 0).len(), 6);
}

#[test]
fn snapshots_outlive_dump_and_restore() {
    let Some(fixture) = Fixture::postgres() else { return };
    let store = fixture.open();
    for round in 0..30 {
        put(&store, &format!("r{}", round % 10), &round.to_string());
    }
    let snapshot = store.snapshot().unwrap();
    put(&store, "later", "x");
    let expected = names(&store, &snapshot, 0);
    drop(store);
    fixture.dump_and_restore();
    let store = fixture.open();
    assert_eq!(
        names(&store, &snapshot, 0),
        expected,
        "a page link made before the dump shows the same after it"
    );
    let after = store.snapshot().unwrap();
    assert!(after.shows(snapshot.upto + 1), "all that was dumped is visible");
    put(&store, "r0", "after");
    assert!(store.snapshot().unwrap().upto > after.upto, "numbers go on");
    assert_eq!(store.verify_audit(&[], &mut |_| ()).unwrap().faults, 0);
    fixture.sound(&store);
}

#[test]
fn a_server_that_may_lose_acknowledged_writes_is_refused() {
    let Some(fixture) = Fixture::postgres() else { return };
    let mut options = fixture.options();
    options.location =
        rushlight_persistence::Location::Postgres(format!("{}%20-csynchronous_commit%3Doff", fixture.url()));
    let error = Store::open(&options).err().unwrap().to_string();
    assert!(error.contains("synchronous_commit"), "{error}");
}

#[test]
fn a_lost_connection_is_replaced() {
    let Some(fixture) = Fixture::postgres() else { return };
    let mut options = fixture.options();
    options.location =
        rushlight_persistence::Location::Postgres(format!("{}&application_name=to_be_cut", fixture.url()));
    let store = Store::open(&options).unwrap();
    put(&store, "a", "1");
    fixture.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'to_be_cut'",
    );
    std::thread::sleep(Duration::from_millis(50));
    put(&store, "a", "2");
    let mut tries = 0;
    while let Err(error) = store.snapshot() {
        tries += 1;
        assert!(matches!(error, rushlight_persistence::StoreError::Disconnected), "{error:?}");
        assert!(tries < 20, "readers come back");
    }
    fixture.sound(&store);
}

#[test]
fn connections_cut_at_random_neither_lose_nor_repeat_a_write() {
    let Some(fixture) = Fixture::postgres() else { return };
    let mut options = fixture.options();
    options.location = rushlight_persistence::Location::Postgres(format!(
        "{}&application_name=cut_at_random",
        fixture.url()
    ));
    let store = Store::open(&options).unwrap();
    let done = std::sync::atomic::AtomicBool::new(false);
    let created: usize = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                fixture.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cut_at_random'",
                );
                std::thread::sleep(Duration::from_millis(7));
            }
        });
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let store = store.clone();
                scope.spawn(move || {
                    let mut created = 0;
                    for round in 0..60 {
                        let name = format!("w{writer}-{round}");
                        let op = Op::Create { id: id(&name), body: body(&name, "x") };
                        match store.transact(&Origin::of("test"), vec![op]) {
                            Ok(_) => created += 1,
                            // Not written, and said so: then it must not be there (counted below).
                            Err(rushlight_persistence::TransactError::Store(_)) => {}
                            // It was written by the very request that is refused.
                            Err(other) => panic!("{other}"),
                        }
                    }
                    created
                })
            })
            .collect();
        let created = writers.into_iter().map(|writer| writer.join().unwrap()).sum();
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        created
    });
    drop(store);
    let store = fixture.open();
    let stored: i64 = store.counts(&Access::all()).unwrap().iter().map(|(_, count)| count).sum();
    assert_eq!(stored, created as i64, "what was acknowledged is there, and nothing else");
    assert!(created > 0);
    fixture.sound(&store);
    assert_eq!(store.verify_audit(&[], &mut |_| ()).unwrap().faults, 0, "what was written has its row");
}

#[test]
fn observations_draw_no_version_numbers_also_where_they_begin_a_chain() {
    let Some(fixture) = Fixture::postgres() else { return };
    put(&fixture.open(), "before", "x");
    for _ in 0..2 {
        let store = fixture.open();
        store.observe(&Observation { origin: &Origin::of("test"), outcome: 200, subject: "" });
        store.close();
    }
    let store = fixture.open();
    put(&store, "after", "x");
    let told = "SELECT (SELECT count(*) FROM audit_chain) || ' chains, ' || (SELECT count(*) FROM audit) || ' rows, ' \
                || (SELECT string_agg(first_seq || '-' || last_seq, ' ' ORDER BY first_seq) FROM batch) AS text";
    assert_eq!(fixture.text(told), "4 chains, 4 rows, 1-1 2-2");
    assert_eq!(store.verify_audit(&[], &mut |_| ()).unwrap().faults, 0);
}
