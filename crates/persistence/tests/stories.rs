//! The store's story, told on both back ends: the same code, a real database each.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use common::{Fixture, body, id, observation};
use rushlight_model::ResourceType;
use rushlight_persistence::{
    Access, HistoryQuery, Op, Origin, Precondition, Read, Refusal, Scope, Snapshot, Store, TransactError,
    WrittenAs,
};
use std::collections::BTreeSet;

fn put(name: &str, text: &str, precondition: Precondition) -> Op {
    Op::Put { ty: observation(), id: id(name), body: body(name, text), precondition }
}

fn delete(name: &str, precondition: Precondition) -> Op {
    Op::Delete { ty: observation(), id: id(name), precondition }
}

fn one(store: &Store, op: Op) -> Result<(i64, WrittenAs), TransactError> {
    let written = store.transact(&Origin::of("test"), vec![op])?;
    Ok((written[0].version, written[0].outcome))
}

fn history(store: &Store, scope: Scope, snapshot: &Snapshot, count: usize) -> Vec<(String, i64, bool)> {
    let mut seen = Vec::new();
    let mut after = None;
    let mut total = None;
    loop {
        let query = HistoryQuery { count, after, ..HistoryQuery::new(scope.clone(), snapshot) };
        let page = store.history(&Access::all(), &query).unwrap().unwrap();
        total = total.or(page.total);
        assert!(page.versions.len() <= count);
        seen.extend(page.versions.iter().map(|v| (v.id.as_str().to_owned(), v.version, v.deleted)));
        after = page.next;
        if after.is_none() {
            assert_eq!(total, Some(seen.len() as i64), "the total is the number of entries on all pages");
            return seen;
        }
    }
}

#[test]
fn a_resource_lives_dies_and_lives_again() {
    for fixture in Fixture::all() {
        let store = fixture.open();
        let name = "a";
        assert_eq!(one(&store, put(name, "one", Precondition::None)).unwrap(), (1, WrittenAs::Created));
        assert_eq!(one(&store, put(name, "one", Precondition::None)).unwrap(), (1, WrittenAs::Unchanged));
        assert_eq!(one(&store, put(name, "two", Precondition::None)).unwrap(), (2, WrittenAs::Updated));
        assert_eq!(one(&store, delete(name, Precondition::None)).unwrap(), (3, WrittenAs::Deleted));
        assert_eq!(one(&store, delete(name, Precondition::None)).unwrap(), (3, WrittenAs::AlreadyDeleted));
        let read = |version| match version {
            None => store.read(&Access::all(), observation(), &id(name)).unwrap(),
            Some(version) => store.vread(&Access::all(), observation(), &id(name), version).unwrap(),
        };
        assert!(matches!(read(None), Read::Gone { version: 3, .. }));
        assert_eq!(one(&store, put(name, "three", Precondition::None)).unwrap(), (4, WrittenAs::Created));
        for (version, text) in [(1, "one"), (2, "two"), (4, "three")] {
            let Read::Found(found) = read(Some(version)) else { panic!("version {version}") };
            assert_eq!(found.body, body(name, text).text());
            assert_eq!(found.version, version);
        }
        assert!(matches!(read(Some(3)), Read::Gone { version: 3, .. }));
        assert_eq!(read(Some(5)), Read::Missing);
        assert_eq!(read(Some(0)), Read::Missing);
        assert_eq!(read(Some(-1)), Read::Missing);
        assert_eq!(store.read(&Access::all(), observation(), &id("b")).unwrap(), Read::Missing);
        let Read::Found(newest) = read(None) else { panic!("newest") };
        assert_eq!(newest.version, 4);

        let snapshot = store.snapshot().unwrap();
        let expected: Vec<_> = [(4, false), (3, true), (2, false), (1, false)]
            .map(|(version, deleted)| (name.to_owned(), version, deleted))
            .into();
        for count in [1, 3, 100] {
            assert_eq!(history(&store, Scope::Instance(observation(), id(name)), &snapshot, count), expected);
            assert_eq!(history(&store, Scope::Type(observation()), &snapshot, count), expected);
            assert_eq!(history(&store, Scope::System, &snapshot, count), expected);
        }
        fixture.sound(&store);
    }
}

#[test]
fn preconditions_are_checked_against_the_current_version() {
    for fixture in Fixture::all() {
        let store = fixture.open();
        use Precondition::{IfMatch, IfNoneMatchAny};
        let refused = |op: Op| match one(&store, op) {
            Err(TransactError::Refused { op: 0, why }) => why,
            other => panic!("{other:?}"),
        };
        let mismatch = |expected, current| Refusal::VersionMismatch {
            ty: observation(),
            id: id("a"),
            expected,
            current,
        };
        assert_eq!(refused(put("a", "x", IfMatch(1))), mismatch(1, None));
        assert_eq!(refused(delete("a", IfMatch(1))), mismatch(1, None));
        assert_eq!(one(&store, put("a", "x", IfNoneMatchAny)).unwrap(), (1, WrittenAs::Created));
        let exists = Refusal::Exists { ty: observation(), id: id("a"), current: 1 };
        assert_eq!(refused(put("a", "y", IfNoneMatchAny)), exists);
        assert_eq!(refused(Op::Create { id: id("a"), body: body("a", "y") }), exists);
        assert_eq!(one(&store, put("a", "y", IfMatch(1))).unwrap(), (2, WrittenAs::Updated));
        assert_eq!(refused(put("a", "z", IfMatch(1))), mismatch(1, Some(2)));
        assert_eq!(one(&store, delete("a", IfMatch(2))).unwrap(), (3, WrittenAs::Deleted));
        assert_eq!(refused(put("a", "z", IfMatch(3))), mismatch(3, None));
        assert_eq!(one(&store, put("a", "z", IfNoneMatchAny)).unwrap(), (4, WrittenAs::Created));
        fixture.sound(&store);
    }
}

#[test]
fn what_must_exist_may_be_deleted_but_not_unknown() {
    for fixture in Fixture::all() {
        let store = fixture.open();
        let must = |text| one(&store, put("a", text, Precondition::MustExist));
        match must("x") {
            Err(TransactError::Refused { op: 0, why: Refusal::Unknown { ty, id: unknown } }) => {
                assert_eq!((ty, unknown), (observation(), id("a")));
            }
            other => panic!("{other:?}"),
        }
        one(&store, put("a", "x", Precondition::None)).unwrap();
        assert_eq!(must("y").unwrap(), (2, WrittenAs::Updated));
        one(&store, delete("a", Precondition::None)).unwrap();
        assert_eq!(must("z").unwrap(), (4, WrittenAs::Created));
    }
}

#[test]
fn a_read_among_writes_sees_what_stands_before_it_and_writes_nothing() {
    for fixture in Fixture::all() {
        let store = fixture.open();
        let read = |name: &str, access| Op::Read { ty: observation(), id: id(name), access };
        let all = Access::all;
        for name in ["a", "gone"] {
            one(&store, put(name, "old", Precondition::None)).unwrap();
        }
        one(&store, delete("gone", Precondition::None)).unwrap();
        let ops = vec![
            read("a", all()),
            put("a", "new", Precondition::None),
            read("a", all()),
            Op::Create { id: id("b"), body: body("b", "x") },
            read("b", all()),
        ];
        let written = store.transact(&Origin::of("test"), ops).unwrap();
        let found = |at: usize| match written[at].read.as_deref() {
            Some(version) => (version.version, version.body.clone()),
            other => panic!("{at}: {other:?}"),
        };
        let text = |name, text| body(name, text).text().to_owned();
        assert_eq!(found(0), (1, text("a", "old")));
        assert_eq!(found(2), (2, text("a", "new")));
        assert_eq!(found(4), (1, text("b", "x")));
        // Where there is nothing to read, nothing is written either.
        for (op, deleted) in [
            (read("b", Access::types([])), None),
            (read("gone", all()), Some(2)),
            (read("never", all()), None),
        ] {
            let ops = vec![put("c", "x", Precondition::None), op];
            match store.transact(&Origin::of("test"), ops) {
                Err(TransactError::Refused { op: 1, why: Refusal::Absent { deleted: found, .. } }) => {
                    assert_eq!(found, deleted);
                }
                other => panic!("{other:?}"),
            }
        }
        // The same as a read of its own finds.
        for (at, name) in [(2, "a"), (4, "b")] {
            let alone = store.read(&all(), observation(), &id(name)).unwrap();
            assert_eq!(written[at].read.clone().map(|version| Read::Found(*version)), Some(alone));
        }
        assert_eq!(history(&store, Scope::System, &store.snapshot().unwrap(), 10).len(), 5);
        let reads = store.transact(&Origin::of("test"), vec![read("a", all()), read("a", all())]).unwrap();
        assert_eq!((reads[0].outcome, reads[1].version), (WrittenAs::Read, 2));
        fixture.sound(&store);
    }
}

#[test]
fn reads_in_a_transaction_are_serializable_with_its_writes() {
    // Two resources are always written together: no read finds one of them ahead, whoever else writes.
    for fixture in Fixture::all() {
        let stores = fixture.open_twice();
        one(&stores[0], put("a", "0", Precondition::None)).unwrap();
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let store = stores[writer % stores.len()].clone();
                scope.spawn(move || {
                    for round in 0..10 {
                        let ops = vec![
                            put("a", &format!("{writer}-{round}"), Precondition::None),
                            put("b", &format!("{writer}-{round}"), Precondition::None),
                            Op::Read { ty: observation(), id: id("a"), access: Access::all() },
                            Op::Read { ty: observation(), id: id("b"), access: Access::all() },
                        ];
                        let written = store.transact(&Origin::of("test"), ops).unwrap();
                        assert_eq!(written[2].version, written[0].version);
                        assert_eq!(written[2].version, written[3].version + 1);
                    }
                });
            }
        });
        fixture.sound(&stores[0]);
    }
}

#[test]
fn a_transaction_is_written_wholly_or_not_at_all() {
    for fixture in Fixture::all() {
        let store = fixture.open();
        one(&store, put("taken", "x", Precondition::None)).unwrap();
        let before = store.snapshot().unwrap();
        for poison in 0..4 {
            let ops = (0..4)
                .map(|at| {
                    let condition = if at == poison { Precondition::IfMatch(7) } else { Precondition::None };
                    put(&format!("new-{at}"), "y", condition)
                })
                .collect();
            match store.transact(&Origin::of("test"), ops) {
                Err(TransactError::Refused { op, .. }) => assert_eq!(op, poison),
                other => panic!("{other:?}"),
            }
        }
        let twice = vec![put("b", "1", Precondition::None), put("b", "2", Precondition::None)];
        assert!(matches!(
            store.transact(&Origin::of("test"), twice),
            Err(TransactError::Refused { op: 1, why: Refusal::Twice { .. } })
        ));
        assert_eq!(store.counts(&Access::all()).unwrap(), vec![(observation(), 1)]);
        let after = store.snapshot().unwrap();
        assert_eq!(history(&store, Scope::System, &after, 10), history(&store, Scope::System, &before, 10));
        fixture.sound(&store);
    }
}

#[test]
fn many_writers_of_one_resource_leave_no_gap() {
    for fixture in Fixture::all() {
        let stores = fixture.open_twice();
        std::thread::scope(|scope| {
            for writer in 0..16 {
                let store = stores[writer % stores.len()].clone();
                scope.spawn(move || {
                    for round in 0..10 {
                        let text = format!("{writer}-{round}");
                        one(&store, put("a", &text, Precondition::None)).unwrap();
                    }
                });
            }
        });
        let snapshot = stores[0].snapshot().unwrap();
        let versions: Vec<i64> = history(&stores[0], Scope::Instance(observation(), id("a")), &snapshot, 7)
            .into_iter()
            .map(|(_, version, _)| version)
            .collect();
        assert_eq!(versions, (1..=160).rev().collect::<Vec<_>>());
        fixture.sound(&stores[0]);
    }
}

#[test]
fn only_one_of_two_writers_with_the_same_precondition_wins() {
    for fixture in Fixture::all() {
        let stores = fixture.open_twice();
        one(&stores[0], put("a", "start", Precondition::None)).unwrap();
        for version in 1..20 {
            let wins: usize = std::thread::scope(|scope| {
                let writers: Vec<_> = (0..8)
                    .map(|writer| {
                        let store = stores[writer % stores.len()].clone();
                        scope.spawn(move || {
                            let text = format!("{version}-{writer}");
                            match one(&store, put("a", &text, Precondition::IfMatch(version))) {
                                Ok(_) => 1,
                                Err(TransactError::Refused { .. }) => 0,
                                Err(other) => panic!("{other}"),
                            }
                        })
                    })
                    .collect();
                writers.into_iter().map(|writer| writer.join().unwrap()).sum()
            });
            assert_eq!(wins, 1, "version {version}");
        }
        fixture.sound(&stores[0]);
    }
}

#[test]
fn a_snapshot_shows_the_same_whatever_is_written_meanwhile() {
    for fixture in Fixture::all() {
        let stores = fixture.open_twice();
        for at in 0..40 {
            one(
                &stores[at % 2 % stores.len()],
                put(&format!("r{}", at % 10), &format!("{at}"), Precondition::None),
            )
            .unwrap();
        }
        let snapshot = stores[0].snapshot().unwrap();
        let before = history(&stores[0], Scope::System, &snapshot, 1000);
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let store = stores[writer % stores.len()].clone();
                scope.spawn(move || {
                    for round in 0..25 {
                        let name = format!("r{}", (round * 7 + writer) % 14);
                        let text = format!("w{writer}-{round}");
                        let op = if round % 5 == 4 {
                            delete(&name, Precondition::None)
                        } else {
                            put(&name, &text, Precondition::None)
                        };
                        one(&store, op).unwrap();
                    }
                });
            }
            for count in [1, 3, 7] {
                let other = &stores[stores.len() - 1];
                assert_eq!(history(other, Scope::System, &snapshot, count), before, "pages of {count}");
            }
        });
        let mut found = BTreeSet::new();
        let mut after = 0;
        loop {
            let page = stores[0].scan(&Access::all(), None, &snapshot, after, 3).unwrap();
            let Some(last) = page.last() else { break };
            after = last.seq;
            found.extend(page.iter().map(|v| (v.id.as_str().to_owned(), v.version)));
        }
        let expected: BTreeSet<_> = (0..10).map(|at| (format!("r{at}"), 4)).collect();
        assert_eq!(found, expected, "a scan shows the versions that were current then");
        fixture.sound(&stores[0]);
    }
}

#[test]
fn polling_since_the_published_time_misses_nothing() {
    for fixture in Fixture::all() {
        let stores = fixture.open_twice();
        const WRITERS: usize = 8;
        const EACH: usize = 40;
        let seen = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let store = stores[writer % stores.len()].clone();
                    scope.spawn(move || {
                        for round in 0..EACH {
                            one(&store, put(&format!("w{writer}-{round}"), "x", Precondition::None)).unwrap();
                        }
                    })
                })
                .collect();
            let mut seen = BTreeSet::new();
            let mut since = 0;
            loop {
                let finished = writers.iter().all(|writer| writer.is_finished());
                let snapshot = stores[0].snapshot().unwrap();
                let query = HistoryQuery {
                    since: Some(since),
                    count: 100_000,
                    ..HistoryQuery::new(Scope::System, &snapshot)
                };
                let page = stores[0].history(&Access::all(), &query).unwrap().unwrap();
                seen.extend(page.versions.iter().map(|v| v.id.as_str().to_owned()));
                assert!(snapshot.time >= since, "published times never go back");
                since = snapshot.time;
                if finished {
                    break seen;
                }
            }
        });
        assert_eq!(seen.len(), WRITERS * EACH);
        fixture.sound(&stores[0]);
    }
}

#[test]
fn access_narrows_every_read() {
    for fixture in Fixture::all() {
        let store = fixture.open();
        one(&store, put("a", "x", Precondition::None)).unwrap();
        let snapshot = store.snapshot().unwrap();
        let patient = ResourceType::from_name("Patient").unwrap();
        for access in [Access::types([patient]), Access::types([])] {
            assert_eq!(store.read(&access, observation(), &id("a")).unwrap(), Read::Missing);
            assert_eq!(store.vread(&access, observation(), &id("a"), 1).unwrap(), Read::Missing);
            assert!(store.scan(&access, None, &snapshot, 0, 10).unwrap().is_empty());
            assert!(store.counts(&access).unwrap().is_empty());
            for scope in [Scope::System, Scope::Type(observation()), Scope::Instance(observation(), id("a"))]
            {
                let query = HistoryQuery::new(scope, &snapshot);
                // A resource that can't be seen is no resource; a type or the system has an empty history.
                if let Some(page) = store.history(&access, &query).unwrap() {
                    assert!(page.versions.is_empty());
                    assert_eq!(page.total, Some(0));
                    assert!(!matches!(query.scope, Scope::Instance(..)));
                }
            }
        }
        assert!(matches!(
            store.read(&Access::types([observation()]), observation(), &id("a")).unwrap(),
            Read::Found(_)
        ));
    }
}

#[test]
fn writes_are_refused_after_close_and_reads_go_on() {
    for fixture in Fixture::all() {
        let store = fixture.open();
        one(&store, put("a", "x", Precondition::None)).unwrap();
        store.close();
        assert!(matches!(one(&store, put("b", "x", Precondition::None)), Err(TransactError::Store(_))));
        assert!(matches!(store.read(&Access::all(), observation(), &id("a")).unwrap(), Read::Found(_)));
        drop(store);
        let store = fixture.open();
        assert!(matches!(store.read(&Access::all(), observation(), &id("a")).unwrap(), Read::Found(_)));
        assert_eq!(one(&store, put("a", "y", Precondition::None)).unwrap(), (2, WrittenAs::Updated));
        fixture.sound(&store);
    }
}
