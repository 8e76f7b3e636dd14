//! The disk below SQLite: what a power cut leaves, and what happens when it is full.
//!
//! A small library in C is loaded before libc into the server: it keeps a copy of each file as of its last flush,
//! and can make writes fail.

use crate::process::{Server, assert_sound, heavy};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The library, compiled once.
fn shim() -> &'static Path {
    static SHIM: OnceLock<PathBuf> = OnceLock::new();
    SHIM.get_or_init(|| {
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("disk.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/shim/disk.c");
        let status = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&library)
            .arg(&source)
            .arg("-ldl")
            .status();
        assert!(status.expect("a C compiler, as the build needs one").success());
        library
    })
}

fn patient(id: &str, text: &str) -> String {
    json!({"resourceType": "Patient", "id": id, "language": text}).to_string()
}

/// Writes with clients at once until enough is acknowledged, cuts the power, and counts what is left of it.
fn survivors(environment: &[(&str, &str)]) -> (usize, usize) {
    let _turn = heavy();
    let store = rushlight_test_support::sqlite();
    let shadow = tempfile::tempdir().unwrap();
    let mut all =
        vec![("LD_PRELOAD", shim().to_str().unwrap()), ("SHIM_SHADOW", shadow.path().to_str().unwrap())];
    all.extend(environment);
    let mut server = Server::start_with(&store.url, &all);
    let acknowledged: Vec<String> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let client = server.client();
                scope.spawn(move || -> Vec<String> {
                    (0..25)
                        .map(|round| {
                            let id = format!("p{writer}-{round}");
                            client.put(&format!("/Patient/{id}"), &patient(&id, "x")).expect(201);
                            id
                        })
                        .collect()
                })
            })
            .collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    // What the disk held at the last flush before the last answer; the server lives on, its files do not count.
    let left = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(shadow.path()).unwrap() {
        let entry = entry.unwrap();
        if !entry.file_name().to_string_lossy().ends_with(".new") {
            std::fs::copy(entry.path(), left.path().join(entry.file_name())).unwrap();
        }
    }
    server.kill();
    let url = format!("sqlite:{}", left.path().display());
    let after = Server::start(&url);
    let client = after.client();
    let found = acknowledged.iter().filter(|id| client.get(&format!("/Patient/{id}")).status == 200).count();
    assert!(after.stop());
    assert_sound(&url);
    (found, acknowledged.len())
}

#[test]
fn what_was_acknowledged_had_been_flushed() {
    let (found, acknowledged) = survivors(&[]);
    assert_eq!(found, acknowledged);
}

/// The test above can fail: without flushes the disk holds next to nothing.
#[test]
fn without_flushes_a_power_cut_loses_acknowledged_writes() {
    let (found, acknowledged) = survivors(&[("RUSHLIGHT_DURABILITY", "off-for-testing")]);
    assert!(found < acknowledged, "{found} of {acknowledged} survived although nothing was flushed");
}

#[test]
fn a_full_disk_acknowledges_nothing_serves_reads_and_heals() {
    let _turn = heavy();
    let store = rushlight_test_support::sqlite();
    let place = tempfile::tempdir().unwrap();
    let sign = place.path().join("full");
    let environment = [("LD_PRELOAD", shim().to_str().unwrap()), ("SHIM_FULL", sign.to_str().unwrap())];
    let mut server = Server::start_with(&store.url, &environment);
    let client = server.client();
    client.put("/Patient/before", &patient("before", "x")).expect(201);
    let healed = AtomicBool::new(false);
    let acknowledged: Vec<String> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..64)
            .map(|writer| {
                let (client, healed) = (client.clone(), &healed);
                scope.spawn(move || -> Vec<String> {
                    let mut acknowledged = Vec::new();
                    let (mut round, mut after) = (0, 0);
                    // Until each has written twice after the disk has room again.
                    while after < 2 {
                        let sent_after = healed.load(Ordering::SeqCst);
                        let id = format!("w{writer}-{round}");
                        let answer = client.put(&format!("/Patient/{id}"), &patient(&id, "y"));
                        match answer.status {
                            201 => {
                                acknowledged.push(id);
                                after += usize::from(sent_after);
                            }
                            503 | 507 => assert!(!sent_after || round < 1000, "{}", answer.text),
                            other => panic!("{other}: {}", answer.text),
                        }
                        round += 1;
                        std::thread::sleep(Duration::from_millis(5));
                    }
                    acknowledged
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(150));
        std::fs::write(&sign, "").unwrap();
        std::thread::sleep(Duration::from_millis(100));
        for round in 0..20 {
            client.get("/Patient/before").expect(200);
            let id = format!("full-{round}");
            let answer = client.put(&format!("/Patient/{id}"), &patient(&id, "z"));
            assert!([503, 507].contains(&answer.status), "{}: {}", answer.status, answer.text);
            client.get(&format!("/Patient/{id}")).expect(404);
        }
        std::fs::remove_file(&sign).unwrap();
        healed.store(true, Ordering::SeqCst);
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    server.kill();
    let server = Server::start(&store.url);
    let client = server.client();
    for id in &acknowledged {
        client.get(&format!("/Patient/{id}")).expect(200);
    }
    let total = client.get("/_history?_count=1").expect(200).json()["total"].as_u64().unwrap();
    assert_eq!(total, acknowledged.len() as u64 + 1, "what was refused was not written");
    assert!(server.stop());
    assert_sound(&store.url);
}

#[test]
fn a_flush_that_fails_acknowledges_nothing_and_leaves_the_store_sound() {
    let _turn = heavy();
    let store = rushlight_test_support::sqlite();
    let place = tempfile::tempdir().unwrap();
    let sign = place.path().join("failing");
    let environment = [("LD_PRELOAD", shim().to_str().unwrap()), ("SHIM_FAILING", sign.to_str().unwrap())];
    let server = Server::start_with(&store.url, &environment);
    let client = server.client();
    for round in 0..5 {
        client
            .put("/Patient/p", &patient("p", &format!("before-{round}")))
            .expect([201, 200][usize::from(round > 0)]);
        std::fs::write(&sign, "").unwrap();
        let refused = client.put("/Patient/p", &patient("p", &format!("unflushed-{round}")));
        assert!([500, 503, 507].contains(&refused.status), "{}: {}", refused.status, refused.text);
        std::fs::remove_file(&sign).unwrap();
        // It may have reached the disk or not; either way versions go on without a gap.
        let now = client.get("/Patient/p").expect(200).version();
        let next = client.put("/Patient/p", &patient("p", &format!("after-{round}"))).expect(200).version();
        assert!(next == now + 1 || next == now + 2, "{now}, then {next}");
    }
    assert!(server.stop());
    assert_sound(&store.url);
}
