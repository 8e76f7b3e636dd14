//! Hostile searches: whatever stands in whatever place of a search is taken literally or refused with a 4xx, in bounded
//! time, and the store is as before.

use crate::client::{Answer, Client};
use crate::process::{Server, assert_sound};
use rushlight_test_support::stores;

/// What means something to databases, URLs, patterns, or searches.
const TEXTS: &[&str] = &[
    "%",
    "_",
    "%%%",
    "a%",
    "a_b",
    "*",
    "?",
    "[a-z]",
    "'",
    "''",
    "\"",
    "`",
    "\\",
    "\\'",
    "\\\\",
    "\\,",
    ",",
    "|",
    "||",
    "|||",
    "$",
    "$$",
    ";",
    "--",
    "/*",
    "*/",
    "a\0b",
    "\0",
    "\u{1}",
    "\u{7f}",
    "\n",
    "\u{feff}",
    "\u{202e}",
    "\u{fffd}",
    "(",
    ")",
    "()",
    "((((",
    ".",
    "..",
    "...",
    ":",
    "::",
    "name.",
    ".name",
    "name:",
    ":exact",
    "_has:",
    "_has:Observation",
    "_has:Observation:patient",
    "_has:Observation:patient:",
    "_has:::",
    "' OR '1'='1",
    "' OR 1=1 --",
    "'; DROP TABLE version; --",
    "\"; DROP TABLE version; --",
    "') UNION SELECT body FROM version --",
    "1); DELETE FROM resource; --",
    "1 OR 1=1",
    "$1",
    "?1",
    ":1",
    "@p",
    "{{7*7}}",
    "${x}",
    "\u{1D518}",
    "e\u{301}",
    "NaN",
    "1e999999999",
    "-1e999999999",
    "1e-999999999",
    "9999999999999999999999999999999999999999",
    "2013-99-99",
    "0000",
    "99999-01-01",
    "2013-01-01T25:00:00Z",
    "ge",
    "gegege2013",
    "Patient/",
    "Patient/1/2",
    "#",
    "#x",
    "urn:uuid:",
    "http://",
    "true false",
    "null",
];

/// Names with a hole.
const NAMES: &[&str] = &[
    "{}",
    "name{}",
    "name:{}",
    "{}:exact",
    "general-practitioner.{}",
    "general-practitioner:{}.name",
    "_has:{}:patient:code",
    "_has:Observation:{}:code",
    "_has:Observation:patient:{}",
    "_{}",
];

/// Parameters whose value it is, on Patient or Observation.
const VALUES: &[(&str, &str)] = &[
    ("Patient", "name"),
    ("Patient", "name:exact"),
    ("Patient", "name:contains"),
    ("Patient", "name:missing"),
    ("Patient", "identifier"),
    ("Patient", "identifier:of-type"),
    ("Patient", "identifier:text"),
    ("Patient", "identifier:not"),
    ("Patient", "gender:in"),
    ("Patient", "birthdate"),
    ("Patient", "general-practitioner"),
    ("Patient", "general-practitioner:identifier"),
    ("Patient", "general-practitioner.name"),
    ("Patient", "_has:Observation:patient:code"),
    ("Patient", "_id"),
    ("Patient", "_lastUpdated"),
    ("Patient", "_tag"),
    ("Patient", "_profile"),
    ("Patient", "_profile:below"),
    ("Patient", "_list"),
    ("Patient", "_filter"),
    ("Patient", "_text"),
    ("Patient", "_content"),
    ("Patient", "_query"),
    ("Patient", "_sort"),
    ("Patient", "_include"),
    ("Patient", "_include:iterate"),
    ("Patient", "_revinclude"),
    ("Patient", "_type"),
    ("Patient", "_count"),
    ("Patient", "_total"),
    ("Patient", "_summary"),
    ("Patient", "_elements"),
    ("Patient", "_contained"),
    ("Patient", "_page"),
    ("Patient", "_format"),
    ("Observation", "value-quantity"),
    ("Observation", "code-value-quantity"),
    ("Observation", "date"),
    ("RiskAssessment", "probability"),
    ("ValueSet", "url"),
    ("ValueSet", "url:below"),
    ("ValueSet", "url:above"),
    ("Location", "near"),
];

/// Every byte that is no letter or digit escaped.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

fn get(client: &Client, ty: &str, name: &str, value: &str) -> Answer {
    client.get(&format!("/{ty}?{}={}", encoded(name), encoded(value)))
}

fn post(client: &Client, ty: &str, form: &str) -> Answer {
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    client.send("POST", &format!("/{ty}/_search"), &headers, form.as_bytes()).unwrap()
}

fn is_answered(answer: &Answer) -> bool {
    answer.status == 200 || (400..500).contains(&answer.status)
}

fn ids(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let entries = json["entry"].as_array().cloned().unwrap_or_default();
    entries.iter().map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_stands_anywhere_is_literal_or_refused() {
    for store in stores() {
        let server = Server::start(&store.url);
        let client = server.client();
        client
            .put("/Patient/p", r#"{"resourceType":"Patient","id":"p","name":[{"family":"Plain"}]}"#)
            .expect(201);
        let mut faults = Vec::new();
        let mut asked = 0;
        let mut ask = |ty: &str, name: &str, value: &str| {
            asked += 1;
            let answer = get(&client, ty, name, value);
            if !is_answered(&answer) {
                faults.push(format!("{ty}?{name:?}={value:?}: {} {}", answer.status, answer.text));
            }
        };
        for text in TEXTS {
            for name in NAMES {
                ask("Patient", &name.replace("{}", text), "x");
            }
            for (ty, name) in VALUES {
                ask(ty, name, text);
                ask(ty, name, &format!("{text},{text}"));
                ask(ty, name, &format!("x{text}y"));
            }
            for pattern in [
                "name eq \"{}\"",
                "{} eq 1",
                "name {} 1",
                "({})",
                "not({} eq 1) and name eq {}",
                "identifier[{}].value eq 1",
            ] {
                ask("Patient", "_filter", &pattern.replace("{}", text));
            }
            for pattern in ["Patient:{}", "{}:subject", "Observation:subject:{}", "{}"] {
                ask("Observation", "_include", &pattern.replace("{}", text));
                ask("Patient", "_revinclude", &pattern.replace("{}", text));
            }
            ask("Patient", "_sort", &format!("-{text},name"));
        }
        assert!(faults.is_empty(), "{}: {} of {asked}\n{}", store.name, faults.len(), faults.join("\n"));
        // The one resource is found by nothing but its own.
        assert_eq!(ids(&get(&client, "Patient", "name", "plain").expect(200)), ["p"]);
        assert!(server.stop());
        assert_sound(&store.url);
    }
}

#[test]
fn wildcards_and_quotes_match_themselves() {
    const FAMILIES: &[&str] = &[
        "100%",
        "100x",
        "a_b",
        "axb",
        "O'Neil",
        "ONeil",
        "back\\slash",
        "back/slash",
        "co,mma",
        "pi|pe",
        "dol$lar",
        "[x]",
        "*star",
        "'; DROP TABLE version; --",
    ];
    for store in stores() {
        let server = Server::start(&store.url);
        let client = server.client();
        for (at, family) in FAMILIES.iter().enumerate() {
            let patient = serde_json::json!({
                "resourceType": "Patient", "id": format!("p{at}"), "name": [{"family": family}],
                "identifier": [{"system": format!("urn:{at}"), "value": family}],
            });
            client.put(&format!("/Patient/p{at}"), &patient.to_string()).expect(201);
        }
        for (at, family) in FAMILIES.iter().enumerate() {
            let own = format!("p{at}");
            let mut escaped = String::new();
            for char in family.chars() {
                if ['\\', ',', '|', '$'].contains(&char) {
                    escaped.push('\\');
                }
                escaped.push(char);
            }
            for name in ["family", "family:exact", "family:contains", "identifier"] {
                let found = ids(&get(&client, "Patient", name, &escaped).expect(200));
                assert_eq!(found, [own.as_str()], "{}: {name}={escaped}", store.name);
            }
        }
        for (name, value, expected) in [
            ("family:contains", "%", &["p0"][..]),
            ("family:contains", "_", &["p2"]),
            ("family:contains", "'", &["p4", "p13"]),
            ("family", "%", &[]),
            ("family", "_", &[]),
            ("family", "*", &["p12"]),
            ("family", "[", &["p11"]),
        ] {
            assert_eq!(ids(&get(&client, "Patient", name, value).expect(200)), expected, "{name}={value}");
        }
        assert!(server.stop());
    }
}

#[test]
fn large_searches_are_bounded() {
    for store in stores() {
        let server = Server::start(&store.url);
        let client = server.client();
        for at in 0..20 {
            let patient = format!(
                r#"{{"resourceType":"Patient","id":"p{at}","gender":"male","identifier":[{{"value":"v{at}"}}],"link":[{{"other":{{"reference":"Patient/p{}"}},"type":"seealso"}}]}}"#,
                (at + 1) % 20
            );
            client.put(&format!("/Patient/p{at}"), &patient).expect(201);
        }
        let search = |form: &str| post(&client, "Patient", &form.replace('/', "%2F"));
        let found = |form: &str| {
            let answer = search(&format!("{form}&_count=100"));
            assert_eq!(
                answer.status,
                200,
                "{}: {}…: {}",
                store.name,
                &form[..30.min(form.len())],
                answer.text
            );
            ids(&answer).len()
        };
        let too_much = |form: &str| {
            let answer = search(form);
            let text = format!("{}: {}…: {} {}", store.name, &form[..30], answer.status, answer.text);
            assert!(answer.status == 400 && answer.text.contains("too-costly"), "{text}");
        };
        // So many alternatives of each kind are answered, and one more is refused.
        let many = |name: &str, make: &dyn Fn(usize) -> String, count: usize| {
            format!("{name}={}", (0..count).map(make).collect::<Vec<_>>().join(","))
        };
        type Kind<'k> = (&'k str, &'k dyn Fn(usize) -> String, usize, usize);
        let kinds: &[Kind<'_>] = &[
            ("identifier", &|at| format!("v{at}"), 10_000, 20),
            ("_id", &|at| format!("p{at}"), 10_000, 20),
            ("link", &|at| format!("Patient/p{at}"), 10_000, 20),
            ("identifier:not", &|at| format!("v{at}"), 10_000, 0),
            ("family", &|at| format!("f{at}"), 1000, 0),
            ("birthdate", &|at| format!("{:04}", 1 + at), 1000, 0),
        ];
        for (name, make, most, all) in kinds {
            assert_eq!(found(&many(name, make, *most)), *all, "{}: {name}", store.name);
            too_much(&many(name, make, most + 1));
        }
        // Several long lists in one search.
        let lists: Vec<String> = (0..8).map(|_| many("identifier", kinds[0].1, 10_000)).collect();
        assert_eq!(found(&lists.join("&")), 20, "{}", store.name);
        // More values than a database takes in a statement are refused, and no fault of the server.
        let heavy: Vec<String> = (0..4).map(|_| many("family", kinds[4].1, 1000)).collect();
        let answer = search(&heavy.join("&"));
        let takes = if store.name == "sqlite" { 400 } else { 200 };
        assert_eq!(answer.status, takes, "{}: {}", store.name, answer.text);
        assert_eq!(answer.text.contains("too-costly"), takes == 400, "{}", store.name);
        // 500 conditions, and one more.
        for (pair, all) in [
            ("gender=male", 20),
            ("identifier=v3", 1),
            ("family:missing=true", 20),
            ("link=Patient/p1", 1),
            ("link.gender=male", 20),
        ] {
            assert_eq!(found(&vec![pair; 500].join("&")), all, "{}: {pair}", store.name);
            too_much(&vec![pair; 501].join("&"));
        }
        // Chains: twelve steps are many, and a hundred too many.
        for (steps, statuses) in [
            (1, &[200][..]),
            (3, &[200]),
            (12, &[200]),
            (100, &[400, 403, 413, 414, 422]),
            (1000, &[400, 403, 413, 414, 422]),
        ] {
            for (step, last) in [("link:Patient.", "gender"), ("_has:Patient:link:", "gender")] {
                let answer = post(&client, "Patient", &format!("{}{last}=male", step.repeat(steps)));
                assert!(
                    statuses.contains(&answer.status),
                    "{}: {steps} × {step}: {} {}",
                    store.name,
                    answer.status,
                    answer.text
                );
                // Each patient is linked in a ring, and all are male.
                let found = if answer.status == 200 { ids(&answer).len() } else { 20 };
                assert_eq!(found, 20, "{}: {steps} × {step}", store.name);
            }
        }
        let nested = format!("{}gender eq male{}", "(".repeat(5000), ")".repeat(5000));
        let not = format!("{}gender eq male{}", "not(".repeat(5000), ")".repeat(5000));
        let chain = vec!["gender eq male"; 2000].join(" or ");
        for filter in [nested, not, chain] {
            let answer = post(&client, "Patient", &format!("_filter={}", encoded(&filter)));
            assert!(is_answered(&answer), "{}: _filter: {} {}", store.name, answer.status, answer.text);
        }
        for pair in [
            format!("_sort={}", vec!["name"; 2000].join(",")),
            vec!["_include=Patient:link"; 500].join("&"),
            vec!["_revinclude:iterate=Patient:link"; 500].join("&"),
            format!("name={}", "x".repeat(100_000)),
            format!("name:contains={}", "x".repeat(100_000)),
            format!("identifier={}", "|".repeat(10_000)),
            format!("{}=1", "a".repeat(10_000)),
            format!("{}=1", ":".repeat(10_000)),
            format!("{}=1", ".".repeat(10_000)),
        ] {
            let answer = post(&client, "Patient", &pair);
            assert!(
                is_answered(&answer),
                "{}: {}…: {} {}",
                store.name,
                &pair[..30.min(pair.len())],
                answer.status,
                answer.text
            );
        }
        // It still answers, as before.
        assert_eq!(ids(&get(&client, "Patient", "identifier", "v7").expect(200)), ["p7"]);
        assert!(server.stop());
        assert_sound(&store.url);
    }
}
