//! Every key by every way in.

use super::table::KEYS;
use super::*;

/// A value that is not the default, as text; by the shape that the table expects.
fn other(key: &Key) -> &'static str {
    let expects = key.field.expects();
    let by_name = [
        ("bind", "127.0.0.1:9090"),
        ("base-url", "https://x.example/fhir"),
        ("path", "/r5"),
        ("database-url", "sqlite:elsewhere"),
        ("validation", "off"),
        ("update-as-create", "refused"),
        ("fhir-version", "5.0"),
        ("words", "everything"),
        ("cors.origins", "https://a.example, https://b.example"),
        ("log.form", "json"),
        ("search.handling", "lenient"),
        ("audit.reads", "false"),
        ("limits.unpacked", "96MiB"),
        ("limits.default-page", "9"),
    ];
    if let Some((_, value)) = by_name.iter().find(|(name, _)| *name == key.name) {
        return value;
    }
    match expects.split(' ').nth(1) {
        Some("number") => "11",
        Some("size") => "12KiB",
        Some("time") => "77s",
        Some("path") => "some/file.pem",
        Some("or") => "true",
        other => panic!("{}: {other:?}", key.name),
    }
}

/// What goes along so that a value fits the others.
fn company(key: &Key) -> Vec<(&'static str, &'static str)> {
    match key.name {
        "tls.certificate" => vec![("tls.key", "k.pem")],
        "tls.key" => vec![("tls.certificate", "c.pem")],
        "tls.client-ca" => vec![("tls.key", "k.pem"), ("tls.certificate", "c.pem")],
        "tls.client-required" => {
            vec![("tls.key", "k.pem"), ("tls.certificate", "c.pem"), ("tls.client-ca", "a.pem")]
        }
        "limits.page" => vec![("limits.default-page", "5")],
        _ => Vec::new(),
    }
}

/// As TOML writes it.
fn as_toml(value: &str) -> String {
    if value.parse::<i64>().is_ok() || value == "true" || value == "false" {
        return value.to_owned();
    }
    if value.contains(", ") {
        return format!("[{}]", value.split(", ").map(shape::quoted).collect::<Vec<_>>().join(", "));
    }
    shape::quoted(value)
}

fn assignment(name: &str, value: &str) -> String {
    let (section, bare) = name.split_once('.').unwrap_or(("", name));
    let section = if section.is_empty() { String::new() } else { format!("[{section}]\n") };
    format!("{section}{bare} = {}\n", as_toml(value))
}

fn key(name: &str) -> &'static Key {
    KEYS.iter().find(|key| key.name == name).unwrap()
}

fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn with_file(text: &str, sources: Sources) -> Result<Loaded, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.toml");
    std::fs::write(&path, text).unwrap();
    let prefix = format!("{}:", path.display());
    load(Sources { file: Some(path), ..sources })
        .map_err(|faults| faults.0.into_iter().map(|fault| fault.replace(&prefix, "r.toml:")).collect())
}

#[track_caller]
fn refused(text: &str, expected: &[&str]) {
    assert_eq!(with_file(text, Sources::default()).unwrap_err(), expected, "{text}");
}

#[test]
fn every_key_is_read_from_a_file_the_environment_and_a_flag() {
    let defaults = Settings::default();
    for one in KEYS.iter().filter(|key| !key.flag.is_empty()) {
        let value = other(one);
        let mut pairs = company(one);
        pairs.push((one.name, value));
        let shown = |loaded: Loaded| one.field.show(&loaded.settings).unwrap();
        let mut sorted = pairs.clone();
        sorted.sort_by_key(|(name, _)| name.contains('.'));
        let mut text = String::new();
        for (at, (name, value)) in sorted.iter().enumerate() {
            let written = assignment(name, value);
            let (section, bare) =
                written.split_once(']').map_or(("", written.as_str()), |(a, b)| (a, b.trim_start()));
            text += if at > 0 && !section.is_empty() { bare } else { &written };
        }
        let from_file = shown(with_file(&text, Sources::default()).unwrap());
        assert_ne!(Some(&from_file), one.field.show(&defaults).as_ref(), "{}", one.name);
        let named = |name: fn(&Key) -> &'static str| {
            pairs
                .iter()
                .map(|(key_name, value)| (name(key(key_name)).to_owned(), (*value).to_owned()))
                .collect()
        };
        let environment = Sources { environment: named(|key| key.variable), ..Sources::default() };
        assert_eq!(shown(load(environment).unwrap()), from_file, "{}", one.variable);
        let flags = Sources { flags: named(|key| key.flag), ..Sources::default() };
        assert_eq!(shown(load(flags).unwrap()), from_file, "{}", one.flag);
        // Nothing is accepted whatever it is.
        let wrong = format!("{}2020-01-01\n", assignment(one.name, "").split('"').next().unwrap());
        let what = format!("{} must be {}, not a date", one.name, one.field.expects());
        assert!(with_file(&wrong, Sources::default()).unwrap_err()[0].ends_with(&what), "{}", one.name);
    }
}

#[test]
fn a_flag_goes_before_the_environment_and_that_before_the_file() {
    let environment = || variables(&[("RUSHLIGHT_READERS", "3"), ("RUSHLIGHT_QUEUE", "30")]);
    let flags = || variables(&[("readers", "4")]);
    let text = "readers = 2\nqueue = 20\nworkers = 7\n";
    let loaded =
        with_file(text, Sources { environment: environment(), flags: flags(), ..Sources::default() })
            .unwrap();
    let store = &loaded.stores[0].store;
    assert_eq!((store.readers, store.queue, loaded.settings.serving.workers), (4, 30, Some(7)));
    let told = loaded.toml();
    for line in
        ["readers = 4 # --readers", "queue = 30 # RUSHLIGHT_QUEUE", "validation = \"structure\" # default"]
    {
        assert!(told.lines().any(|other| other == line), "{line}: {told}");
    }
    assert!(
        told.lines().any(|line| line.starts_with("workers = 7 # ") && line.ends_with("r.toml:3")),
        "{told}"
    );
}

#[test]
fn what_is_no_setting_is_refused_with_the_nearest() {
    refused("[limits]\nbdoy = 1\n", &["r.toml:2: limits.bdoy is no setting here; did you mean limits.body?"]);
    refused("\ndata_dir = \"x\"\n", &["r.toml:2: data_dir is no setting here; did you mean data-dir?"]);
    refused("[limts]\nbody = 1\n", &["r.toml:1: limts is no section; did you mean limits?"]);
    refused("path = \"/r5\"\n", &["r.toml:1: path is no setting here"]);
    refused("[store]\npath = \"/r5\"\n", &["r.toml:1: stores are tables, each begun with [[store]]"]);
    refused("readers = 1\nreaders = 2\n", &["r.toml:2: duplicate key"]);
    refused("readers = \n", &["r.toml:1: string values must be quoted, expected literal string"]);
    let unknown = |name: &str| {
        let sources = Sources { environment: variables(&[(name, "1")]), ..Sources::default() };
        load(sources).unwrap_err().to_string()
    };
    let expected =
        "the environment variable RUSHLIGHT_DATADIR is no setting; did you mean RUSHLIGHT_DATA_DIR?";
    assert_eq!(unknown("RUSHLIGHT_DATADIR"), expected);
}

#[test]
fn variables_of_others_stop_nothing() {
    let warnings = |name: &str| {
        let sources = Sources { environment: variables(&[(name, "1")]), ..Sources::default() };
        load(sources).map(|loaded| loaded.warnings).map_err(|faults| faults.to_string())
    };
    let of_kubernetes = [
        "RUSHLIGHT_PORT",
        "RUSHLIGHT_PORT_8080_TCP",
        "RUSHLIGHT_PORT_8080_TCP_ADDR",
        "RUSHLIGHT_SERVICE_HOST",
        "RUSHLIGHT_SERVICE_PORT",
        "RUSHLIGHT_SERVICE_PORT_HTTP",
    ];
    for name in OTHER_VARIABLES.iter().chain(&of_kubernetes) {
        assert_eq!(warnings(name), Ok(Vec::new()), "{name}");
    }
    for name in TEST_VARIABLES {
        let told = warnings(name).unwrap();
        assert!(told.len() == 1 && told[0].contains(&format!("{name} is for tests")), "{told:?}");
        assert_eq!(told[0].contains("RUSHLIGHT_DATA_DIR"), name == "RUSHLIGHT_DATA", "{told:?}");
    }
    for name in ["RUSHLIGHT_PORTS", "RUSHLIGHT_SERVICE", "RUSHLIGHT_SERVICES_HOST"] {
        assert!(warnings(name).is_err(), "{name}");
    }
}

#[test]
fn values_of_the_wrong_type_or_out_of_bounds_are_refused() {
    refused(
        "readers = \"8\"\n\n[limits]\nhead-time = 10\nbody = 1.5\n",
        &[
            "r.toml:5: limits.body must be a size from 1 to 1GiB, as in 64KiB, 8MiB or 4096, not a fraction",
            "r.toml:4: limits.head-time must be a time from 1s to 24h, as in 500ms, 30s, 5m or 1h, not the number 10",
            "r.toml:1: readers must be a number from 1 to 1000, not the string \"8\"",
        ],
    );
    for (flag, wrong) in [
        ("workers", "0"),
        ("workers", "513"),
        ("queue", "0"),
        ("readers", "0"),
        ("max-ratio", "0"),
        ("base-url", ""),
        ("base-url", "x.example"),
        ("base-url", "ftp://x.example"),
        ("base-url", "http:///fhir"),
        ("base-url", "http://x.example?a=b"),
        ("bind", "127.0.0.1"),
        ("bind", ":8080"),
        ("bind", "127.0.0.1:99999"),
        ("cors-origins", "a.example"),
        ("database-url", "mysql://u:secret@h/db"),
    ] {
        let error = load(Sources { flags: variables(&[(flag, wrong)]), ..Sources::default() }).unwrap_err();
        assert!(error.to_string().starts_with(&format!("--{flag} must be ")), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    for (text, expected) in [
        ("[limits]\npage = 10\n", "limits.default-page must not be more than limits.page"),
        ("[limits]\nunpacked = 10\n", "limits.unpacked must not be less than limits.body"),
        ("[tls]\nkey = \"k\"\n", "tls.certificate and tls.key go together"),
        ("bind = \"0.0.0.0:1\"\nbase-url = \"http://x\"\n", "0.0.0.0:1 can be reached from other machines"),
        ("bind = \"0.0.0.0:1\"\nallow-anonymous = true\n", "0.0.0.0:1 is every address of this machine"),
    ] {
        let faults = with_file(text, Sources::default()).unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].starts_with(expected), "{faults:?}");
    }
    let mutual = "bind = \"0.0.0.0:1\"\nbase-url = \"https://x\"\n[tls]\ncertificate = \"c\"\nkey = \"k\"\nclient-ca = \"a\"\nclient-required = true\n";
    assert!(with_file(mutual, Sources::default()).is_ok(), "certificates of clients are required");
    assert!(with_file("bind = \"localhost:1\"\n", Sources::default()).is_ok(), "a name of loopback");
}

#[test]
fn stores_have_tables_of_their_own() {
    let text = "readers = 2\n[[store]]\npath = \"/r4\"\ndata-dir = \"a\"\n\n[[store]]\npath = \"/r5\"\n\
                database-url = \"postgres://u:secret@h/db\"\nfhir-version = \"5.0\"\nreaders = 9\nupdate-as-create = \"refused\"\n";
    let loaded = with_file(text, Sources::default()).unwrap();
    let told: Vec<_> = loaded
        .stores
        .iter()
        .map(|one| (one.store.path.as_str(), one.store.readers, one.update_as_create))
        .collect();
    use crate::settings::UpdateAsCreate::{Allowed, Refused};
    assert_eq!(told, [("/r4", 2, Allowed), ("/r5", 9, Refused)]);
    assert_eq!(loaded.base(&loaded.stores[1], "http://h:1"), "http://h:1/r5");
    let printed = loaded.toml();
    assert!(!printed.contains("secret"), "{printed}");
    let again = with_file(&printed, Sources::default()).unwrap();
    assert_eq!(again.stores.len(), 2);

    let two = |first: &str, second: &str| format!("[[store]]\n{first}\n[[store]]\n{second}\n");
    let at = |path: &str, folder: &str| format!("path = \"{path}\"\ndata-dir = \"{folder}\"");
    refused(&two(&at("/a", "x"), &at("/a", "y")), &["two stores have the path /a"]);
    refused(&two(&at("/a", "x"), &at("/b", "./x")), &["/a and /b are one store: each needs its own"]);
    let url = "path = \"/b\"\ndatabase-url = \"sqlite:x\"";
    refused(&two(&at("/a", "x"), url), &["/a and /b are one store: each needs its own"]);
    refused(&format!("[[store]]\n{}", at("/metrics", "x")), &["the path /metrics is the server's own"]);
    refused("[[store]]\ndata-dir = \"x\"\n", &["r.toml:1: the store has no path, as in path = \"/r5\""]);
    refused("[[store]]\npath = \"/x\"\n", &["r.toml:1: the store has neither data-dir nor database-url"]);
    refused(
        &format!("data-dir = \"y\"\n[[store]]\n{}", at("/a", "x")),
        &["r.toml:1: data-dir is said in each table of [[store]], where there are any"],
    );
    let sources = Sources { flags: variables(&[("readers", "3")]), ..Sources::default() };
    let text = format!("[[store]]\nreaders = 4\n{}", at("/a", "x"));
    assert_eq!(
        with_file(&text, sources).unwrap_err(),
        ["r.toml:2: readers is said here and by --readers: leave one of them out"]
    );
}

#[test]
fn what_is_printed_sets_the_same_again() {
    let flags =
        variables(&[("workers", "3"), ("max-body", "1000"), ("database-url", "postgres://u:secret@h/db")]);
    let loaded = load(Sources { flags, ..Sources::default() }).unwrap();
    let printed = loaded.toml();
    assert!(printed.contains("database-url = \"postgres://u:***@h/db\" # --database-url"), "{printed}");
    let again = with_file(&printed, Sources::default()).unwrap();
    for key in KEYS {
        assert_eq!(key.field.show(&again.settings), key.field.show(&loaded.settings), "{}", key.name);
    }
}

/// The table of the documentation, from the table here.
fn documented() -> String {
    let defaults = Settings::default();
    let code = |prefix: &str, name: &str| {
        if name.is_empty() { "–".to_owned() } else { format!("`{prefix}{name}`") }
    };
    let mut out =
        String::from("| key | variable | flag | what | must be | default |\n|---|---|---|---|---|---|\n");
    for key in KEYS {
        let shown = key.field.show(&defaults);
        let default = match &shown {
            _ if key.name == "path" => "none".to_owned(),
            Some(value) => format!("`{value}`"),
            None => key.field.unset().to_owned(),
        };
        out += &format!(
            "| `{}` | {} | {} | {} | {} | {default} |\n",
            key.name,
            code("", key.variable),
            code("--", key.flag),
            key.about,
            key.field.expects().split(", as in").next().unwrap_or_default()
        );
    }
    out
}

#[test]
fn the_documentation_has_the_table() {
    let table = documented();
    let text = include_str!("../../../../docs/configuration.md");
    assert!(text.ends_with(&table), "docs/configuration.md must end with:\n{table}");
}
