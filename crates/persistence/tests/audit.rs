//! The audit: every write has its row, and whatever is done to rows or versions behind its back is found.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{Fixture, body, id, observation};
use rushlight_persistence::{
    Actor, AuditFault, AuditHead, AuditTally, AuditWatch, Observation, Op, Origin, Precondition, Store,
    StoreError, TransactError,
};

fn put(name: &str, text: &str) -> Op {
    Op::Put { ty: observation(), id: id(name), body: body(name, text), precondition: Precondition::None }
}

fn origin(request: &str) -> Origin {
    Origin::new(Actor::named("somebody"), request, "update")
}

fn examine(store: &Store, expected: &[AuditHead]) -> (AuditTally, Vec<AuditFault>) {
    let (mut rows, mut faults) = (0, Vec::new());
    let tally = store
        .verify_audit(expected, &mut |told| match told {
            AuditWatch::Rows(more) => rows += more,
            AuditWatch::Fault(fault) => faults.push(fault),
        })
        .unwrap();
    assert_eq!((tally.rows, tally.faults), (rows, faults.len() as u64));
    (tally, faults)
}

fn sound(store: &Store) -> AuditTally {
    let (tally, faults) = examine(store, &[]);
    assert_eq!(faults, []);
    tally
}

/// Eight requests that write ten versions, two that write none, and a row of observations.
fn fill(store: &Store) {
    for number in 0..5 {
        store.transact(&origin(&format!("r{number}")), vec![put(&format!("a{number}"), "x")]).unwrap();
    }
    store.transact(&origin("three"), vec![put("b", "1"), put("c", "1"), put("d", "1")]).unwrap();
    store.transact(&origin("same"), vec![put("b", "1")]).unwrap();
    store.transact(&origin("again"), vec![put("b", "2")]).unwrap();
    let delete = Op::Delete { ty: observation(), id: id("c"), precondition: Precondition::None };
    store.transact(&origin("end"), vec![delete]).unwrap();
    let refused = Op::Put {
        ty: observation(),
        id: id("b"),
        body: body("b", "3"),
        precondition: Precondition::IfMatch(1),
    };
    store.transact(&origin("refused"), vec![refused]).unwrap_err();
    for number in 0..3 {
        let origin = Origin::new(Actor::anonymous(), format!("o{number}"), "read");
        store.observe(&Observation { origin: &origin, outcome: 200, subject: "Observation/b" });
    }
    store.close();
}

#[test]
fn every_request_that_writes_has_one_row_and_observations_share_one() {
    for fixture in Fixture::all() {
        let store = fixture.open();
        fill(&store);
        let tally = sound(&store);
        assert_eq!((tally.chains, tally.rows, tally.versions, tally.excused), (1, 9, 10, 0));
        let told = "SELECT string_agg(coalesce(actor, '-') || ' ' || request || ' ' || interaction || ' ' || \
                    coalesce(last_seq - first_seq + 1, 0), ', ') AS text FROM (SELECT * FROM audit ORDER BY number) a";
        let told =
            if fixture.is_postgres() { told.to_owned() } else { told.replace("string_agg", "group_concat") };
        assert_eq!(
            fixture.text(&told),
            "somebody r0 update 1, somebody r1 update 1, somebody r2 update 1, somebody r3 update 1, \
             somebody r4 update 1, somebody three update 3, somebody again update 1, somebody end update 1, \
             -  observations 0"
        );
        let detail = fixture.text("SELECT detail AS text FROM audit WHERE detail IS NOT NULL");
        let lines: Vec<Vec<&str>> = detail.lines().map(|line| line.split('\t').collect()).collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[1][0].parse::<i64>().is_ok());
        assert_eq!(lines[1][1..], ["", "o1", "read", "200", "Observation/b"]);
    }
}

#[test]
fn whatever_is_done_behind_its_back_is_found() {
    use AuditFault::{Changed, End, Excused, Expected, Headless, Overlap, Removed, Uncovered, Versions};
    for fixture in Fixture::all() {
        let store = fixture.open();
        fill(&store);
        let kept = store.audit_heads().unwrap();
        let head = kept[0].clone();
        let chain = head.chain;
        assert_eq!(head.number, 9);
        assert_eq!(head.to_string().parse::<AuditHead>(), Ok(head.clone()));
        for table in ["audit", "audit_chain", "version", "store"] {
            fixture.execute(&format!("CREATE TABLE saved_{table} AS SELECT * FROM {table}"));
        }
        let short = if fixture.is_postgres() { r"'\x0102'" } else { "x'0102'" };
        let hash = |number: u32| format!("hash = (SELECT hash FROM audit WHERE number = {number})");
        let changed = |number| Changed { chain, number };
        let versions = |number, first, last| Versions { chain, number, first, last };
        let uncovered = |first, last, versions| Uncovered { first, last, versions };
        let numbers: Vec<(i64, i64)> = fixture
            .text(
                "SELECT min(coalesce(first_seq, 0)) || ' ' || max(coalesce(last_seq, 0)) AS text FROM audit \
                 WHERE number < 9",
            )
            .split(' ')
            .map(|number| (number.parse().unwrap(), 0))
            .collect();
        let (low, high) = (numbers[0].0, numbers[1].0);
        // On PostgreSQL numbers that were drawn in vain lie between.
        let range = |number: u32| {
            let sql =
                format!("SELECT first_seq || ' ' || last_seq AS text FROM audit WHERE number = {number}");
            let text = fixture.text(&sql);
            let (first, last) = text.split_once(' ').unwrap();
            (first.parse::<i64>().unwrap(), last.parse::<i64>().unwrap())
        };
        let (three, again, end) = (range(6), range(7), range(8));
        let all = uncovered(low, high, 10);
        let mut zeros = vec![changed(9)];
        if !fixture.is_postgres() {
            zeros.push(Overlap { first: 0, last: 0 });
        }
        let cases: Vec<(&str, String, Vec<AuditFault>)> = vec![
            ("who", "UPDATE audit SET actor = 'else' WHERE number = 3".into(), vec![changed(3)]),
            ("nobody", "UPDATE audit SET actor = NULL WHERE number = 3".into(), vec![changed(3)]),
            ("when", "UPDATE audit SET at = at + 1 WHERE number = 1".into(), vec![changed(1)]),
            ("what", "UPDATE audit SET interaction = 'create' WHERE number = 8".into(), vec![changed(8)]),
            ("request", "UPDATE audit SET request = 'r9' WHERE number = 2".into(), vec![changed(2)]),
            ("outcome", "UPDATE audit SET outcome = 'no' WHERE number = 2".into(), vec![changed(2)]),
            ("detail", "UPDATE audit SET detail = detail || 'x' WHERE number = 9".into(), vec![changed(9)]),
            ("content", "UPDATE audit SET content = hash WHERE number = 6".into(), vec![changed(6)]),
            ("first alone", "UPDATE audit SET first_seq = 1000000 WHERE number = 9".into(), vec![changed(9)]),
            ("last alone", "UPDATE audit SET last_seq = 1 WHERE number = 9".into(), vec![changed(9)]),
            ("a range of nothing", "UPDATE audit SET first_seq = 0, last_seq = 0 WHERE number = 9".into(), zeros),
            ("content of nothing", format!("UPDATE audit SET content = {short} WHERE number = 9"), vec![changed(9)]),
            ("short content", format!("UPDATE audit SET content = {short} WHERE number = 6"), vec![changed(6)]),
            (
                "hash",
                "UPDATE audit SET hash = content WHERE number = 6".into(),
                vec![changed(6), changed(7)],
            ),
            (
                "remove",
                "DELETE FROM audit WHERE number = 6".into(),
                vec![Removed { chain, first: 6, last: 6 }, uncovered(three.0, again.0 - 1, 3)],
            ),
            (
                "remove several",
                "DELETE FROM audit WHERE number IN (6, 7)".into(),
                vec![Removed { chain, first: 6, last: 7 }, uncovered(three.0, end.0 - 1, 4)],
            ),
            (
                "truncate",
                "DELETE FROM audit WHERE number > 7".into(),
                vec![End { chain, head: 9, last: 7 }, Expected(head.clone()), uncovered(again.1 + 1, high, 1)],
            ),
            (
                "truncate, and the head with it",
                format!(
                    "DELETE FROM audit WHERE number > 7; UPDATE audit_chain SET number = 7, {}",
                    hash(7)
                ),
                vec![Expected(head.clone()), uncovered(again.1 + 1, high, 1)],
            ),
            (
                "the last row, which covers nothing, and the head with it",
                format!("DELETE FROM audit WHERE number > 8; UPDATE audit_chain SET number = 8, {}", hash(8)),
                vec![Expected(head.clone())],
            ),
            (
                "a head put back",
                format!("UPDATE audit_chain SET number = 8, {}", hash(8)),
                vec![End { chain, head: 8, last: 9 }, ],
            ),
            (
                "another head",
                format!("UPDATE audit_chain SET {}", hash(8)),
                vec![changed(9)],
            ),
            (
                "reorder",
                "UPDATE audit SET number = 99 WHERE number = 3; UPDATE audit SET number = 3 WHERE number = 4; \
                 UPDATE audit SET number = 4 WHERE number = 99"
                    .into(),
                vec![changed(3), changed(4), changed(5)],
            ),
            (
                "a row before the first",
                "UPDATE audit SET number = 0 WHERE number = 9; \
                 INSERT INTO audit SELECT * FROM saved_audit WHERE number = 9"
                    .into(),
                vec![AuditFault::Stray { table: "audit", rows: 1 }],
            ),
            (
                "remove the chain",
                "DELETE FROM audit; DELETE FROM audit_chain".into(),
                vec![Expected(head.clone()), all.clone()],
            ),
            (
                "remove the chain, and excuse everything and more",
                format!(
                    "DELETE FROM audit; DELETE FROM audit_chain; \
                     UPDATE store SET value = '{}' WHERE key = 'audit-from'",
                    high + 5
                ),
                vec![Excused { excused: high + 5, upto: high }, Expected(head.clone())],
            ),
            ("remove the head", "DELETE FROM audit_chain".into(), vec![Headless { chain }]),
            (
                "excuse",
                "UPDATE store SET value = '2' WHERE key = 'audit-from'".into(),
                vec![changed(1), Overlap { first: low, last: low }, Overlap { first: range(2).0, last: range(2).1 }],
            ),
            (
                "a body",
                format!("UPDATE version SET body = body || ' ' WHERE seq = {}", three.1),
                vec![versions(6, three.0, three.1)],
            ),
            (
                "a time",
                format!("UPDATE version SET last_updated = last_updated - 1 WHERE seq = {}", again.0),
                vec![versions(7, again.0, again.1)],
            ),
            (
                "an undone delete",
                format!("UPDATE version SET deleted = (1 = 0) WHERE seq = {}", end.0),
                vec![versions(8, end.0, end.1)],
            ),
            (
                "a version removed",
                format!("DELETE FROM version WHERE seq = {}", three.0 + 1),
                vec![versions(6, three.0, three.1)],
            ),
            (
                "a version that nobody wrote",
                format!(
                    "INSERT INTO version (seq, rid, version, type, id, last_updated, deleted, splice, body) \
                     SELECT {0} + 1, {0} + 1, 1, type, id, last_updated + 1, deleted, splice, body FROM version \
                     WHERE seq = {0}{1}",
                    high,
                    if fixture.is_postgres() {
                        format!("; INSERT INTO batch VALUES ({0}, {0}, 1)", high + 1)
                    } else {
                        String::new()
                    }
                ),
                vec![uncovered(high + 1, high + 1, 1)],
            ),
        ];
        for (what, sql, expected) in cases {
            fixture.execute(&sql);
            let (_, faults) = examine(&store, &kept);
            let faults: Vec<AuditFault> = match what {
                // An embedded store also sees that the versions are not in order.
                "reorder" => faults.into_iter().filter(|fault| matches!(fault, Changed { .. })).collect(),
                _ => faults,
            };
            assert_eq!(faults, expected, "{what}");
            let texts: Vec<String> = faults.iter().map(ToString::to_string).collect();
            assert!(texts.iter().all(|text| text.len() > 20), "{texts:?}");
            for table in ["audit", "audit_chain", "version", "store"] {
                fixture.execute(&format!(
                    "DELETE FROM {table}; INSERT INTO {table} SELECT * FROM saved_{table}"
                ));
            }
            if fixture.is_postgres() {
                fixture.execute(&format!("DELETE FROM batch WHERE first_seq > {high}"));
            }
            assert_eq!(examine(&store, &kept).1, [], "put back after: {what}");
        }
    }
}

#[test]
fn chains_of_all_lanes_and_processes_are_sound_while_they_grow_and_go_on_after_a_restart() {
    for fixture in Fixture::all() {
        let stores = fixture.open_twice();
        let kept = std::thread::scope(|scope| {
            for writer in 0..6 {
                let store = stores[writer % stores.len()].clone();
                scope.spawn(move || {
                    for round in 0..30 {
                        let ops: Vec<Op> = match writer {
                            // More ops than the short lane takes.
                            5 => (0..70).map(|at| put(&format!("l{at}"), &format!("{round}"))).collect(),
                            _ => vec![put(&format!("s{}", round % 3), &format!("{writer}-{round}"))],
                        };
                        // Long transactions collide with short ones now and then: then nothing was written.
                        while let Err(error) = store.transact(&origin(""), ops.clone()) {
                            assert!(
                                matches!(error, TransactError::Store(StoreError::Contention)),
                                "{error:?}"
                            );
                        }
                        let origin = origin("");
                        store.observe(&Observation { origin: &origin, outcome: 200, subject: "" });
                    }
                });
            }
            (0..5).for_each(|_| {
                sound(&stores[0]);
            });
            stores[0].audit_heads().unwrap()
        });
        let before = sound(&stores[0]);
        assert_eq!(before.versions, 5 * 30 + 70 * 30);
        drop(stores);
        let store = fixture.open();
        store.transact(&origin(""), vec![put("later", "x")]).unwrap();
        let (after, faults) = examine(&store, &kept);
        assert_eq!(faults, []);
        assert_eq!(after.versions, before.versions + 1);
        fixture.sound(&store);
    }
}

#[test]
fn what_finds_no_room_is_counted_and_the_count_is_written() {
    for fixture in Fixture::all() {
        let mut options = fixture.options();
        options.audit_queue = 10;
        let store = Store::open(&options).unwrap();
        let origin = Origin::new(Actor::named("tab\tand\nline"), "r", "read");
        for _ in 0..25 {
            store.observe(&Observation { origin: &origin, outcome: 404, subject: &"ä".repeat(500) });
        }
        let (waiting, lost) = store.observed();
        assert_eq!(waiting as u64 + lost, 25);
        store.close();
        assert_eq!(store.observed(), (0, lost));
        let detail = fixture.text("SELECT detail AS text FROM audit");
        let lines: Vec<&str> = detail.lines().collect();
        assert_eq!(lines.len() as u64, 25 - lost + 1);
        assert_eq!(lines[lines.len() - 1], format!("lost: {lost}"));
        let fields: Vec<&str> = lines[0].split('\t').collect();
        assert_eq!(fields.len(), 6, "nothing that a caller says ends a field or a line");
        assert_eq!(fields[5], "ä".repeat(128));
        sound(&store);
    }
}
