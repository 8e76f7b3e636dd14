//! What whoever runs the server relies on: its configuration, stores side by side, probes, metrics, logs and its end.

use crate::process::{Server, assert_sound, rushlight};
use crate::raw::Raw;
use rushlight_test_support::{postgres, sqlite, stores};
use serde_json::Value;
use std::net::TcpStream;
use std::time::{Duration, Instant};

const PATIENT: &str = r#"{"resourceType":"Patient","id":"p"}"#;

/// The base without the store's path.
fn origin(base: &str) -> String {
    base.splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
}

/// Waits for something that must come.
#[track_caller]
pub fn wait_for(what: &str, mut there: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !there() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn the_configuration_is_printed_with_its_origins_and_refused_with_its_faults() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rushlight.toml");
    let path = file.to_str().unwrap();
    std::fs::write(&file, "queue = 7\n[limits]\nbody = \"1MiB\"\n").unwrap();
    let (text, success) = rushlight(&["config", "--config", path, "--readers", "3"]);
    assert!(success, "{text}");
    for line in [
        &format!("queue = 7 # {path}:1"),
        "readers = 3 # --readers",
        &format!("body = \"1MiB\" # {path}:3"),
        "keep-alive = \"75s\" # default",
    ] {
        assert!(text.lines().any(|other| other == line), "{line}: {text}");
    }
    std::fs::write(&file, "queue = 0\n[limits]\nbdoy = \"1MiB\"\n").unwrap();
    for command in [&["config", "--check", "--config", path][..], &["serve", "--config", path]] {
        let (text, success) = rushlight(command);
        assert!(!success);
        let expected = format!("{path}:3: limits.bdoy is no setting here; did you mean limits.body?");
        assert!(text.contains(&expected) && text.contains(":1: queue must be a number from 1"), "{text}");
    }
    let refused = Server::try_start("sqlite:x", &[("RUSHLIGHT_VALIDATE", "off")]);
    let text = refused.err().unwrap();
    assert!(text.contains("RUSHLIGHT_VALIDATE is no setting; did you mean RUSHLIGHT_VALIDATION?"), "{text}");
}

#[test]
fn stores_of_several_releases_are_served_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let releases = [("/r4", "4.0", "4.0.1"), ("/fhir/r4b", "4.3", "4.3.0"), ("/r5", "5.0", "5.0.0")];
    let mut text = String::new();
    for (path, release, _) in releases {
        let place = folder.path().join(release);
        let place = place.to_str().unwrap();
        text +=
            &format!("[[store]]\npath = \"{path}\"\ndata-dir = \"{place}\"\nfhir-version = \"{release}\"\n");
    }
    let file = folder.path().join("rushlight.toml");
    std::fs::write(&file, text).unwrap();
    let flags = ["--config", file.to_str().unwrap(), "--demo", "2"];
    let server = Server::run(&flags, &[]).unwrap();
    let client = server.client();
    let origin = origin(&client.base);
    for (path, _, version) in releases {
        let base = format!("{origin}{path}");
        let statement = client.get(&format!("{base}/metadata")).expect(200).json();
        assert_eq!(
            (&statement["fhirVersion"], &statement["implementation"]["url"]),
            (&version.into(), &base.as_str().into())
        );
        assert_ne!(client.get(&format!("{base}/_history?_count=1")).expect(200).json()["total"], 0, "--demo");
        let url = format!("{base}/Patient/{}", &path[path.len() - 2..]);
        let body = PATIENT.replace("\"p\"", &format!("{:?}", &path[path.len() - 2..]));
        let location = client.put(&url, &body).expect(201).header("location").to_owned();
        assert!(location.starts_with(&url), "{location}");
    }
    client.get(&format!("{origin}/r4/Patient/r5")).expect(404);
    client.get(&format!("{origin}/fhir/Patient/r4")).expect(404);
    let metrics = client.get(&format!("{origin}/metrics")).expect(200).text;
    assert!(metrics.contains(r#"rushlight_store_queued{store="/fhir/r4b"} "#), "{metrics}");
    assert!(server.stop());
    for (_, release, _) in releases {
        assert_sound(&format!("sqlite:{}", folder.path().join(release).display()));
    }
}

#[test]
fn probes_tell_alive_from_ready() {
    for store in stores() {
        let server = Server::start(&store.url);
        let client = server.client();
        let origin = origin(&client.base);
        let probe = |path: &str| client.get(&format!("{origin}{path}"));
        assert_eq!(probe("/healthz").expect(200).text, "ok\n");
        client.send("HEAD", &format!("{origin}/healthz"), &[], b"").unwrap().expect(200);
        wait_for("readiness", || probe("/readyz").status == 200);
        for path in ["/healthz", "/readyz", "/metrics"] {
            let get = |host: &str, end: &str| {
                let head = format!("GET {path} HTTP/1.1\r\nX-Request-Id: mine\r\n");
                format!("{head}Host: {host}\r\n{end}\r\n")
            };
            let ends = get("x", "Connection: close\r\n");
            for (asked, statuses) in [(ends.repeat(2), &[200, 400][..]), (get("a/b", ""), &[400])] {
                let answers = Raw::connect(&client.base).exchange_openly(asked.as_bytes()).unwrap();
                let told: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
                assert_eq!(told, statuses, "{path}");
                assert!(answers.iter().all(|answer| answer.header("x-request-id") == "mine"), "{answers:?}");
            }
        }
        assert!(server.stop());
    }
    let Some(store) = postgres() else { return };
    let server = Server::start(&store.url);
    let client = server.client();
    let origin = origin(&client.base);
    drop(store);
    let unready = client.get(&format!("{origin}/readyz")).expect(503);
    assert_eq!(unready.text, "the store at /fhir can't be read: the log says why\n");
    client.get(&format!("{origin}/healthz")).expect(200);
}

#[test]
fn metrics_count_requests_by_interaction_and_status() {
    let store = sqlite();
    let server = Server::start_with(&store.url, &[("RUSHLIGHT_AUDIT_READS", "false")]);
    let client = server.client();
    client.put("/Patient/p", PATIENT).expect(201);
    let read = client.get("/Patient/p").expect(200).text.len();
    client.get("/Patient/absent").expect(404);
    let answer = client.get(&format!("{}/metrics", origin(&client.base))).expect(200);
    assert_eq!(answer.header("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let value = |name: &str| -> f64 {
        let line = answer.text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name}: {}", answer.text)).parse().unwrap()
    };
    for (name, expected) in [
        (r#"rushlight_requests_total{interaction="update",status="201"}"#, 1.0),
        (r#"rushlight_requests_total{interaction="read",status="200"}"#, 1.0),
        (r#"rushlight_requests_total{interaction="read",status="404"}"#, 1.0),
        (r#"rushlight_request_duration_seconds_count{interaction="read"}"#, 2.0),
        (r#"rushlight_request_duration_seconds_bucket{le="+Inf",interaction="read"}"#, 2.0),
        ("rushlight_requests_in_flight", 0.0),
        ("rushlight_connections", 1.0),
        ("rushlight_received_bytes_total", PATIENT.len() as f64),
        (r#"rushlight_store_queued{store="/fhir"}"#, 0.0),
        (r#"rushlight_store_audit_lost_total{store="/fhir"}"#, 0.0),
        (r#"rushlight_store_readers_busy{store="/fhir"}"#, 0.0),
        (r#"rushlight_store_batch_requests_bucket{le="1.0",store="/fhir"}"#, 1.0),
    ] {
        assert_eq!(value(name), expected, "{name}");
    }
    assert!(value("rushlight_sent_bytes_total") > 2.0 * read as f64);
    for name in ["bytes", "wal_bytes"] {
        assert!(value(&format!(r#"rushlight_store_{name}{{store="/fhir"}}"#)) > 4096.0, "{name}");
    }
    assert!(answer.text.ends_with("# EOF\n"));
}

#[test]
fn a_stop_finishes_what_is_under_way_and_takes_nothing_new() {
    for signal in ["TERM", "INT"] {
        let store = sqlite();
        let mut server = Server::start(&store.url);
        let client = server.client();
        let authority = client.base.split('/').nth(2).unwrap().to_owned();
        let metrics = format!("{}/metrics", origin(&client.base));
        let mut request = Raw::connect(&client.base);
        let head = format!(
            "PUT /fhir/Patient/p HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\nContent-Length: {}\r\n\r\n",
            PATIENT.len()
        );
        let (first, second) = PATIENT.split_at(9);
        request.send(format!("{head}{first}").as_bytes());
        wait_for("a request under way", || {
            client.get(&metrics).text.contains("rushlight_requests_in_flight 1\n")
        });
        server.signal(signal);
        wait_for("a closed listener", || TcpStream::connect(&authority).is_err());
        let answers = request.exchange(second.as_bytes()).unwrap();
        assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [201], "{signal}");
        assert!(server.ended(), "{signal}");
        let again = Server::start(&store.url);
        again.client().get("/Patient/p").expect(200);
    }
}

/// Whatever a client says of a marker, and in whichever form and detail is logged.
#[test]
fn nothing_that_a_client_sends_of_a_patient_is_logged() {
    let marker = "Zwetschge7";
    let body = |element: &str| format!(r#"{{"resourceType":"Patient","id":"{marker}",{element}}}"#);
    for form in ["text", "json"] {
        for store in stores() {
            let server =
                Server::start_with(&store.url, &[("RUSHLIGHT_LOG_FORM", form), ("RUST_LOG", "trace")]);
            let client = server.client();
            let headers = [
                ("X-Marker", marker),
                ("Prefer", marker),
                ("If-Match", marker),
                ("If-None-Exist", marker),
                ("Accept", marker),
                ("Content-Type", marker),
            ];
            let mut sent = 0;
            for method in ["GET", "PUT", "POST", "DELETE", "PATCH"] {
                for path in [
                    format!("/Patient/{marker}"),
                    format!("/{marker}"),
                    format!("/Patient/{marker}/_history/{marker}?_format={marker}"),
                    format!("/Patient?name={marker}"),
                    format!("/_history?page={marker}"),
                    format!("/%zz{marker}"),
                ] {
                    for body in [
                        body(&format!(r#""name":[{{"family":"{marker}"}}]"#)),
                        body(&format!("\"{marker}\":1")),
                        marker.to_owned(),
                    ] {
                        client.send(method, &path, &[], body.as_bytes()).unwrap();
                        sent += 1;
                    }
                }
                for header in headers {
                    client.send(method, "/Patient/q", &[header], body("\"active\":true").as_bytes()).unwrap();
                    sent += 1;
                }
            }
            assert!(server.log().lines().count() >= sent, "{}", server.log());
            assert!(!server.log().contains(marker), "{}", server.log());
            client.send("GET", "/Patient/q", &[("X-Request-Id", "an.id-of_mine")], b"").unwrap();
            let log = server.log();
            let line = log.lines().find(|line| line.contains("an.id-of_mine")).unwrap();
            if form == "json" {
                log.lines().for_each(|line| drop(serde_json::from_str::<Value>(line).unwrap()));
                let line: Value = serde_json::from_str(line).unwrap();
                let told =
                    ["request", "actor", "interaction", "method", "status"].map(|name| line[name].clone());
                let expected: [Value; 5] =
                    ["an.id-of_mine".into(), "-".into(), "read".into(), "GET".into(), 404.into()];
                assert_eq!(told, expected);
                assert!(
                    line["ms"].is_number() && line["bytes"].is_number() && line["time"].is_string(),
                    "{line}"
                );
            } else {
                let expected = " INFO  answered request=an.id-of_mine actor=- interaction=read method=GET status=404 ms=";
                assert!(line.contains(expected), "{line}");
            }
        }
    }
}
