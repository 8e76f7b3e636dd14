//! What an operator does to a store: copy it, put it back, upgrade it, open it twice.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{Fixture, body, id, observation};
use rushlight_persistence::{
    Access, BackupError, HistoryQuery, Location, Made, Op, Origin, Precondition, Read, Scope, Store,
    StoreError, backup, restore,
};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

fn folder(fixture: &Fixture) -> PathBuf {
    PathBuf::from(fixture.url().strip_prefix("sqlite:").unwrap())
}

fn write(store: &Store, number: u64) {
    let name = format!("r{number}");
    let op = Op::Put {
        ty: observation(),
        id: id(&name),
        body: body(&name, "x"),
        precondition: Precondition::None,
    };
    store.transact(&Origin::of("test"), vec![op]).unwrap();
}

fn holds(store: &Store, number: u64) -> bool {
    matches!(store.read(&Access::all(), observation(), &id(&format!("r{number}"))).unwrap(), Read::Found(_))
}

#[test]
fn a_copy_made_under_load_is_one_moment_and_comes_back_whole() {
    let fixture = Fixture::sqlite();
    let store = fixture.open();
    let place = tempfile::tempdir().unwrap();
    let (acknowledged, done) = (AtomicU64::new(0), AtomicBool::new(false));
    let mut copies = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let next = acknowledged.load(Ordering::SeqCst);
                write(&store, next);
                acknowledged.store(next + 1, Ordering::SeqCst);
            }
        });
        for number in 0..3 {
            while acknowledged.load(Ordering::SeqCst) < (number + 1) * 40 {
                std::thread::yield_now();
            }
            let before = acknowledged.load(Ordering::SeqCst);
            let copy = place.path().join(format!("copy-{number}.db"));
            backup(&folder(&fixture), &copy).unwrap();
            copies.push((copy, before));
        }
        done.store(true, Ordering::Relaxed);
    });
    for (copy, before) in copies {
        let target = tempfile::tempdir().unwrap();
        let target = target.path().join("restored");
        restore(&copy, &target).unwrap();
        let mut options = fixture.options();
        options.location = Location::Sqlite(target.clone());
        let restored = Store::open(&options).unwrap();
        // Everything acknowledged before the copy, and nothing without what came before it.
        assert!((0..before).all(|number| holds(&restored, number)));
        let count = (0..).take_while(|&number| holds(&restored, number)).count() as i64;
        assert_eq!(restored.counts(&Access::all()).unwrap(), vec![(observation(), count)]);
        fixture.sound(&restored);
        assert_eq!(restored.verify_audit(&[], &mut |_| ()).unwrap().faults, 0);
        // It is a store like any other: numbers go on, and the old page-link key holds.
        write(&restored, 1_000_000);
        assert_eq!(restored.secret(), store.secret());
        drop(restored);
        assert!(restore(&copy, &target).is_err(), "a folder with a store is not overwritten");
    }
    assert!(backup(&folder(&fixture), &place.path().join("copy-0.db")).is_err(), "a copy is not overwritten");
    assert!(backup(Path::new("/nowhere"), &place.path().join("x.db")).is_err());
}

#[test]
fn a_damaged_copy_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let fixture = Fixture::sqlite();
    let store = fixture.open();
    (0..50).for_each(|number| write(&store, number));
    let copy = place.path().join("copy.db");
    backup(&folder(&fixture), &copy).unwrap();
    let bytes = std::fs::read(&copy).unwrap();
    let mut torn = bytes.clone();
    torn.truncate(bytes.len() / 2);
    let mut scribbled = bytes.clone();
    scribbled[4096..8192].fill(0xAB);
    for (what, bytes) in [
        ("torn", torn),
        ("scribbled", scribbled),
        ("text", b"not a database".to_vec()),
        ("empty", Vec::new()),
    ] {
        let path = place.path().join(what);
        std::fs::write(&path, bytes).unwrap();
        assert!(restore(&path, &place.path().join("target")).is_err(), "{what}");
    }
    restore(&copy, &place.path().join("target")).unwrap();
}

#[test]
fn the_file_of_a_store_in_use_is_no_copy() {
    let fixture = Fixture::sqlite();
    let store = fixture.open();
    write(&store, 1);
    let place = tempfile::tempdir().unwrap();
    let refused = restore(&folder(&fixture).join("rushlight.db"), &place.path().join("target"));
    assert!(matches!(refused, Err(BackupError::InUse(_))), "{refused:?}");
}

#[test]
fn an_index_without_its_records_is_no_empty_store() {
    let fixture = Fixture::sqlite();
    let store = fixture.open();
    write(&store, 1);
    drop(store);
    let folder = folder(&fixture);
    for file in ["rushlight.db", "rushlight.db-wal", "rushlight.db-shm"] {
        let _ = std::fs::remove_file(folder.join(file));
    }
    let error = Store::open(&fixture.options()).err().unwrap().to_string();
    assert!(error.contains("rushlight.db is missing"), "{error}");
}

#[test]
fn a_store_is_not_made_where_one_is_expected() {
    for fixture in Fixture::all() {
        let mut options = fixture.options();
        options.create = false;
        let error = Store::open(&options).err().unwrap().to_string();
        assert!(error.contains("there is no store in"), "{error}");
        drop(fixture.open());
        Store::open(&options).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn records_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let fixture = Fixture::sqlite();
    let store = fixture.open();
    write(&store, 1);
    let place = tempfile::tempdir().unwrap();
    let copy = place.path().join("copy.db");
    backup(&folder(&fixture), &copy).unwrap();
    std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o644)).unwrap();
    let target = place.path().join("target");
    restore(&copy, &target).unwrap();
    backup(&target, &place.path().join("second.db")).unwrap();
    let names = ["rushlight.db", "rushlight.db-wal", "index.db"].map(|name| folder(&fixture).join(name));
    for path in names.iter().chain([&target.join("rushlight.db"), &place.path().join("second.db")]) {
        assert_eq!(mode(path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_newer_schema_is_refused() {
    for fixture in Fixture::all() {
        drop(fixture.open());
        fixture.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')");
        match Store::open(&fixture.options()) {
            Err(StoreError::NewerSchema { found }) => assert_eq!(found, "9999"),
            other => panic!("{:?}", other.err()),
        }
    }
}

#[test]
fn a_store_of_the_first_schema_is_brought_up_to_date() {
    for fixture in Fixture::all() {
        let first = match fixture.is_postgres() {
            true => include_str!("../migrations/postgres/0001_spine/up.sql"),
            false => include_str!("../migrations/sqlite/0001_spine/up.sql"),
        };
        if !fixture.is_postgres() {
            std::fs::create_dir_all(folder(&fixture)).unwrap();
        }
        fixture.execute(&format!(
            "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, \
             run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP); \
             INSERT INTO __diesel_schema_migrations (version) VALUES ('0001'); {first}"
        ));
        let (ty, text) = (observation().number(), body("r7", "old"));
        let key = if fixture.is_postgres() { "convert_to('r7', 'UTF8')" } else { "CAST('r7' AS BLOB)" };
        let seq = if fixture.is_postgres() { "(SELECT first_seq FROM draw(1, 1))" } else { "1" };
        fixture.execute(&format!(
            "INSERT INTO version (seq, rid, version, type, id, last_updated, deleted, splice, body) \
             SELECT n, n, 1, {ty}, {key}, 5, false, {splice}, '{text}' FROM (SELECT {seq} AS n) s; \
             INSERT INTO resource (type, id, rid, seq, version, deleted) SELECT type, id, rid, seq, 1, false FROM version",
            splice = text.splice(),
            text = text.text(),
        ));
        if fixture.is_postgres() {
            fixture.execute("INSERT INTO batch SELECT seq, seq, 5 FROM version");
        }
        let store = fixture.open();
        assert!(holds(&store, 7));
        write(&store, 7);
        write(&store, 8);
        let snapshot = store.snapshot().unwrap();
        let page =
            store.history(&Access::all(), &HistoryQuery::new(Scope::System, &snapshot)).unwrap().unwrap();
        let made: Vec<Made> = page.versions.iter().map(|version| version.made).collect();
        assert_eq!(made, [Made::Put, Made::Updated, Made::Unknown]);
        let audit = store.verify_audit(&[], &mut |_| ()).unwrap();
        assert_eq!((audit.faults, audit.excused, audit.versions), (0, 1, 2), "what is older has no row");
        fixture.sound(&store);
    }
}

#[test]
fn a_folder_is_opened_by_one_process_at_a_time() {
    let fixture = Fixture::sqlite();
    let store = fixture.open();
    assert!(matches!(Store::open(&fixture.options()), Err(StoreError::Locked { .. })));
    drop(store);
    fixture.open();
}

#[test]
fn an_unknown_place_is_an_error_that_says_where() {
    let mut options = Fixture::sqlite().options();
    options.location = Location::Postgres("postgres://nobody:secret@127.0.0.1:1/none".to_owned());
    let error = Store::open(&options).err().unwrap().to_string();
    assert!(error.contains("127.0.0.1"), "{error}");
    assert!(!error.contains("secret"), "{error}");
}
