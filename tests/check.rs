//! `rushlight check`: every kind of input, what is printed, to the letter, and the exit status.

use crate::process::RUSHLIGHT;
use flate2::Compression;
use flate2::write::GzEncoder;
use rushlight_test_support::data;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

const GOOD: &str = r#"{"resourceType":"Patient","active":true}"#;
const BAD: &str = r#"{"resourceType":"Patient","active":1}"#;

/// What a run said.
struct Checked {
    out: String,
    err: String,
    status: i32,
}

impl Checked {
    /// Standard output but for the last line, and the last line but for sizes and times.
    fn parts(&self) -> (&str, &str) {
        let text = self.out.trim_end();
        let (before, last) = text.rsplit_once('\n').unwrap_or(("", text));
        (before, last.split(';').next().unwrap())
    }

    /// The lines of `--json`: the problems, and the summary.
    fn json(&self) -> (Vec<Value>, Value) {
        let mut lines: Vec<Value> =
            self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let last = lines.pop().unwrap();
        (lines, last["summary"].clone())
    }

    /// Each problem's source, line and rule.
    fn places(&self) -> Vec<(String, u64, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let place =
            |line: &Value| (text(&line["source"]), line["line"].as_u64().unwrap(), text(&line["rule"]));
        self.json().0.iter().map(place).collect()
    }
}

fn check_with(folder: &Path, switches: &[&str], input: &[u8]) -> Checked {
    let mut child = Command::new(RUSHLIGHT)
        .arg("check")
        .args(switches)
        .current_dir(folder)
        .env_remove("RUSHLIGHT_FHIR_VERSION")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Where nothing is read, writing fails.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Checked { out: text(output.stdout), err: text(output.stderr), status: output.status.code().unwrap() }
}

fn check(folder: &Path, switches: &[&str]) -> Checked {
    check_with(folder, switches, b"")
}

/// A folder with these files.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, text.as_bytes()).unwrap();
    }
    packed(&archive.into_inner().unwrap())
}

fn lines(lines: &[&str]) -> String {
    lines.join("\n") + "\n"
}

#[test]
fn problems_are_shown_as_compilers_do() {
    let text = lines(&[
        r#"{"resourceType": "Observation","#,
        "\t\"status\": \"finished\",",
        "  \"note\": [{\"text\": \"日本 e\u{301}\"}, {\"txet\": \"x\"}], \"valeuString\": \"x\",",
        r#"  "code": {"text": "heart rate"}}"#,
    ]);
    let folder = folder(&[("file.json", text.as_bytes())]);
    let found = check(folder.path(), &["file.json"]);
    let expected = "\
error[required-binding]: \"finished\" is not of the value set http://hl7.org/fhir/ValueSet/observation-status
  --> file.json:2:12  Observation.status
 2 |     \"status\": \"finished\",
   |               ^

error[minimum]: text is missing; Annotation has at least 1
  --> file.json:3:31  Observation.note[1].text
 3 |   \"note\": [{\"text\": \"日本 e\u{301}\"}, {\"txet\": \"x\"}], \"valeuString\": \"x\",
   |                                ^

error[unknown-element]: there is no element txet in Annotation; did you mean text?
  --> file.json:3:40  Observation.note[1].txet
 3 |   \"note\": [{\"text\": \"日本 e\u{301}\"}, {\"txet\": \"x\"}], \"valeuString\": \"x\",
   |                                         ^

error[unknown-element]: there is no element valeuString in Observation; did you mean valueString?
  --> file.json:3:62  Observation.valeuString
 3 |   \"note\": [{\"text\": \"日本 e\u{301}\"}, {\"txet\": \"x\"}], \"valeuString\": \"x\",
   |                                                               ^

         2 unknown-element
         1 minimum
         1 required-binding";
    assert_eq!(found.parts(), (expected, "1 document, 1 resource: 1 invalid, 4 problems"), "{}", found.out);
    assert_eq!((found.status, &*found.err), (1, ""));
}

#[test]
fn what_is_not_json_is_a_problem_with_a_place() {
    let folder = folder(&[
        ("a.json", b"{\"resourceType\": \"Patient\",\n  \"active\": tru}"),
        ("b.json", b"{\"resourceType\":\"Patient\",\"id\":\"\xff\"}"),
        ("c.json", b""),
        ("d.json", b"{} {}"),
        ("e.json", "[".repeat(65).as_bytes()),
        ("f.json", b"1"),
    ]);
    let found = check(folder.path(), &["a.json", "b.json"]);
    let expected = "\
error[json]: found 't' where a value is expected
  --> a.json:2:13  Patient.active
 2 |   \"active\": tru}
   |             ^

error[json]: not UTF-8
  --> b.json:1:33
 1 | {\"resourceType\":\"Patient\",\"id\":\"\\xff\"}
   |                                 ^

         2 json";
    assert_eq!(found.parts(), (expected, "2 documents, 0 resources: 2 invalid, 2 problems"));
    let found = check(folder.path(), &["--json", "."]);
    let rules: Vec<String> = found.places().into_iter().map(|(.., rule)| rule).collect();
    assert_eq!(rules, ["json", "json", "json", "json", "limit", "json-kind"]);
    assert_eq!(found.json().0[0]["expression"], "Patient.active");
    assert_eq!(found.json().0[1]["expression"], Value::Null);
}

#[test]
fn json_has_a_line_for_each_problem_and_one_for_the_summary() {
    let bad = "{\"resourceType\":\"Patient\",\n\"activ\":true, \"gender\":\"M\"}";
    let folder = folder(&[("a.json", bad.as_bytes()), ("b.json", GOOD.as_bytes())]);
    let found = check(folder.path(), &["--json", "a.json", "b.json"]);
    let (problems, summary) = found.out.rsplit_once("{\"summary\"").unwrap();
    assert_eq!(
        problems,
        lines(&[
            r#"{"source":"a.json","line":2,"column":9,"rule":"unknown-element","severity":"error","code":"structure","expression":"Patient.activ","text":"there is no element activ in Patient; did you mean active?"}"#,
            r#"{"source":"a.json","line":2,"column":24,"rule":"required-binding","severity":"error","code":"code-invalid","expression":"Patient.gender","text":"\"M\" is not of the value set http://hl7.org/fhir/ValueSet/administrative-gender"}"#,
        ])
    );
    let expected = r#":{"documents":2,"invalid":1,"resources":2,"bytes":94,"problems":2,"printed":2,"rules":[{"rule":"required-binding","count":1},{"rule":"unknown-element","count":1}],"seconds":"#;
    assert!(summary.starts_with(expected), "{summary}");
    let quiet = check(folder.path(), &["--json", "--quiet", "a.json", "b.json"]);
    assert_eq!((quiet.out.lines().count(), &quiet.json().1["problems"]), (1, &json!(2)));
}

#[test]
fn every_kind_of_input_is_read_in_order() {
    let three = lines(&[GOOD, "", BAD, BAD]);
    let files = archive(&[("in/a.json", BAD), ("in/README.md", "#"), ("in/b.ndjson", &three)]);
    let folder = folder(&[
        ("x/b.json", BAD.as_bytes()),
        ("x/a.json.gz", &packed(format!("\n{BAD}").as_bytes())),
        ("x/c/d.ndjson", three.as_bytes()),
        ("x/c/e.ndjson.gz", &[packed(three.as_bytes()), packed(BAD.as_bytes())].concat()),
        ("x/notes.txt", b"no FHIR"),
        ("x/f.tar.gz", &files),
        ("x/g.tgz", &files),
        ("plain.gz", &packed(three.as_bytes())),
        ("plain", BAD.as_bytes()),
    ]);
    let found = check_with(folder.path(), &["--json", "x", "plain.gz", "-", "plain"], three.as_bytes());
    assert_eq!((found.status, &*found.err), (1, ""));
    let expected = [
        ("x/a.json.gz", 2),
        ("x/b.json", 1),
        ("x/c/d.ndjson", 3),
        ("x/c/d.ndjson", 4),
        ("x/c/e.ndjson.gz", 3),
        ("x/c/e.ndjson.gz", 4),
        ("x/c/e.ndjson.gz", 5),
        ("x/f.tar.gz: in/a.json", 1),
        ("x/f.tar.gz: in/b.ndjson", 3),
        ("x/f.tar.gz: in/b.ndjson", 4),
        ("x/g.tgz: in/a.json", 1),
        ("x/g.tgz: in/b.ndjson", 3),
        ("x/g.tgz: in/b.ndjson", 4),
        ("plain.gz", 3),
        ("plain.gz", 4),
        ("<stdin>", 3),
        ("<stdin>", 4),
        ("plain", 1),
    ];
    let expected: Vec<_> =
        expected.into_iter().map(|(name, line)| (name.to_owned(), line, "format".to_owned())).collect();
    assert_eq!(found.places(), expected);
    let summary = found.json().1;
    assert_eq!((&summary["documents"], &summary["invalid"]), (&json!(24), &json!(18)));
}

#[test]
fn many_batches_come_out_in_order() {
    let mut text = String::new();
    for number in 0..3000 {
        // Some are much more work than others.
        let filler = " ".repeat(if number % 1000 == 0 { 300_000 } else { 1 });
        text.push_str(&format!("{{\"resourceType\":\"Patient\",{filler}\"activ\":true}}\n"));
    }
    let folder = folder(&[("a.ndjson", text.as_bytes())]);
    let found = check(folder.path(), &["--json", "--max-problems", "9999", "a.ndjson"]);
    let numbers: Vec<u64> = found.places().into_iter().map(|(_, line, _)| line).collect();
    assert_eq!(numbers, (1..=3000).collect::<Vec<u64>>());
}

#[test]
fn a_bundle_is_one_document_of_many_resources() {
    let bundle = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{GOOD}}},{{"fullUrl":"urn:uuid:8d2ea5d1-2a4c-4d0e-a0a2-4e3c35b8c3a5"}},{{"resource":{BAD}}}]}}"#
    );
    let folder = folder(&[("a.json", bundle.as_bytes()), ("b.json", GOOD.as_bytes())]);
    let found = check(folder.path(), &["--json", "."]);
    let (problems, summary) = found.json();
    assert_eq!(problems[0]["expression"], "Bundle.entry[2].resource.active");
    assert_eq!((&summary["documents"], &summary["resources"]), (&json!(2), &json!(3)));
}

#[test]
fn the_exit_status_tells_valid_invalid_and_unreadable_apart() {
    let folder = folder(&[
        ("good.json", GOOD.as_bytes()),
        ("bad.json", BAD.as_bytes()),
        ("torn.ndjson.gz", &packed(lines(&[BAD, GOOD]).repeat(2000).as_bytes())[..60]),
        ("none/notes.txt", b""),
        ("none.tgz", &archive(&[("notes.txt", ""), ("a.json.gz", "")])),
        ("empty.ndjson", b"\n\n"),
    ]);
    let path = folder.path();
    fs::create_dir(path.join("circle")).unwrap();
    std::os::unix::fs::symlink("..", path.join("circle/up")).unwrap();
    for (switches, status, said) in [
        (&["good.json"][..], 0, ""),
        (&["bad.json"], 1, ""),
        (&["good.json", "nowhere"], 2, "rushlight: nowhere: there is no such file or folder"),
        (&["none"], 2, "none: there is nothing to read: no .json or .ndjson file in it"),
        (&["none.tgz"], 2, "none.tgz: there is nothing to read: no .json or .ndjson file in it"),
        (&["empty.ndjson"], 2, "there is nothing to check"),
        (&["torn.ndjson.gz"], 2, "torn.ndjson.gz: "),
        (&["circle"], 2, "circle/up/circle: the link leads to a folder that it is in"),
        (&["-", "-"], 2, "standard input (-) can be read only once"),
        (&[], 2, "<PATH>"),
        (&["--fhir-version", "3.0", "good.json"], 2, "known are 4.0, 4.3, 5.0"),
        (&["--quiet", "--max-problems", "3", "good.json"], 2, "cannot be used with"),
    ] {
        let found = check(path, switches);
        assert_eq!(found.status, status, "{switches:?}: {}{}", found.out, found.err);
        assert!(found.err.contains(said) && said.is_empty() == found.err.is_empty(), "{}", found.err);
    }
    // What can't be read stops nothing else, and is not forgotten.
    let found = check(path, &["none.tgz", "bad.json", "good.json"]);
    assert_eq!((found.status, found.parts().1), (2, "2 documents, 2 resources: 1 invalid, 1 problem"));
}

#[test]
fn a_number_of_problems_is_printed_and_all_are_counted() {
    let folder = folder(&[("a.ndjson", lines(&[BAD]).repeat(1500).as_bytes())]);
    let shown = |switches: &[&str]| {
        let found = check(folder.path(), &[switches, &["a.ndjson"]].concat());
        assert_eq!(found.parts().1, "1500 documents, 1500 resources: 1500 invalid, 1500 problems");
        assert!(found.out.contains("\n      1500 format\n") || found.out.starts_with("      1500 format\n"));
        let more = found.out.lines().find(|line| line.contains("--max-problems")).unwrap_or_default();
        (found.out.matches("error[").count(), more.to_owned())
    };
    assert_eq!(shown(&[]), (1000, "500 more problems are not shown; see --max-problems".to_owned()));
    assert_eq!(
        shown(&["--max-problems", "7"]),
        (7, "1493 more problems are not shown; see --max-problems".to_owned())
    );
    assert_eq!(shown(&["--max-problems", "1500"]), (1500, String::new()));
    assert_eq!(shown(&["--quiet"]), (0, String::new()));
    let json = check(folder.path(), &["--json", "--max-problems", "7", "a.ndjson"]).json();
    assert_eq!((json.0.len(), &json.1["printed"], &json.1["problems"]), (7, &json!(7), &json!(1500)));
}

#[test]
fn nothing_is_read_beyond_the_limit_of_a_document() {
    let bomb = [br#"{"resourceType":""#.to_vec(), vec![b'x'; 40 << 20]].concat();
    let text = String::from_utf8(bomb.clone()).unwrap();
    let folder = folder(&[
        ("a.json.gz", &packed(&bomb)),
        ("b.ndjson.gz", &packed(format!("{GOOD}\n{text}\n{BAD}\n").as_bytes())),
        ("c.gz", &packed(&bomb)),
        ("d.tgz", &archive(&[("bomb.json", &text), ("next.json", GOOD)])),
        ("e.json", GOOD.as_bytes()),
    ]);
    let found = check(folder.path(), &["--json", "--max-size", "1000", ".", "c.gz"]);
    let expected = [
        ("./a.json.gz", 1, "limit"),
        ("./b.ndjson.gz", 2, "limit"),
        ("./b.ndjson.gz", 3, "format"),
        ("./d.tgz: bomb.json", 1, "limit"),
        ("c.gz", 1, "limit"),
    ];
    let expected: Vec<_> = expected.map(|(name, line, rule)| (name.to_owned(), line, rule.to_owned())).into();
    assert_eq!(found.places(), expected);
    let (problems, summary) = found.json();
    assert_eq!(problems[0]["text"], "more than 1000 bytes; --max-size sets how many are taken");
    assert_eq!(problems[0]["code"], "too-long");
    // What was in memory: of each that is too long one byte more than the limit.
    assert_eq!(summary["bytes"], 4 * 1001 + 3 * GOOD.len() + BAD.len());
    // The limit itself is not too long.
    let exact = GOOD.len().to_string();
    assert_eq!(check(folder.path(), &["--max-size", &exact, "e.json"]).status, 0);
    let less = (GOOD.len() - 1).to_string();
    assert_eq!(check(folder.path(), &["--max-size", &less, "e.json"]).status, 1);
}

#[test]
fn nothing_in_a_file_moves_the_cursor() {
    let text = "{\"resourceType\":\"Patient\",\"a\\u001b[31mb\":\"\u{9b}31m\u{202e}\",\"c\u{7f}\":\u{1b}}";
    let folder =
        folder(&[("a\u{1b}.json", text.as_bytes()), ("b.json", text.replace(":\u{1b}", ":1").as_bytes())]);
    let found = check(folder.path(), &["."]);
    let moves = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!found.out.contains(moves), "{:?}", found.out);
    assert!(found.out.contains("there is no element a␛[31mb in Patient"), "{}", found.out);
    assert!(found.out.contains("--> ./a␛.json:1:"), "{}", found.out);
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let folder = folder(&[("a.ndjson", lines(&[BAD]).repeat(20_000).as_bytes())]);
    let mut child = Command::new(RUSHLIGHT)
        .args(["check", "--max-problems", "20000", "a.ndjson"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    // Dropped, and with it the pipe, once a line is read.
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("error[format]"), "{first}");
    let status = child.wait().unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((status.code(), &*said), (Some(1), ""));
}

#[test]
fn each_release_has_its_own_rules() {
    let old = r#"{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"}}"#;
    let new = r#"{"resourceType":"Encounter","status":"completed","class":[{"text":"ambulatory"}]}"#;
    let folder = folder(&[("old.json", old.as_bytes()), ("new.json", new.as_bytes())]);
    let status = |switches: &[&str]| check(folder.path(), switches).status;
    assert_eq!((status(&["old.json"]), status(&["new.json"])), (0, 1));
    for (release, expected) in [("4.0", (0, 1)), ("4.3", (0, 1)), ("5.0", (1, 0))] {
        let of = |name| status(&["--fhir-version", release, name]);
        assert_eq!((of("old.json"), of("new.json")), expected, "{release}");
    }
    // A type that R4 does not have.
    let citation = r#"{"resourceType":"Citation","status":"draft"}"#;
    fs::write(folder.path().join("citation.json"), citation).unwrap();
    let of = |release| status(&["--fhir-version", release, "citation.json"]);
    assert_eq!((of("4.0"), of("4.3"), of("5.0")), (1, 0, 0));
}

#[test]
fn load_reads_the_same_kinds_of_files() {
    let bundle = |id| {
        format!(
            r#"{{"resourceType":"Bundle","type":"transaction","entry":[{{"resource":{{"resourceType":"Patient","id":"{id}"}},"request":{{"method":"PUT","url":"Patient/{id}"}}}}]}}"#
        )
    };
    let folder = folder(&[
        ("x/a.json.gz", &packed(bundle("a").as_bytes())),
        ("x/b.tgz", &archive(&[("b.json", &bundle("b")), ("c.ndjson", "not taken")])),
        ("x/load.rejects.ndjson", b"not taken"),
        ("named.ndjson", lines(&[&bundle("c"), "wrong"]).as_bytes()),
        ("none/notes.txt", b""),
    ]);
    let load = |path: &str| {
        let mut load = Command::new(RUSHLIGHT);
        load.args(["load", "--data-dir", "store", path]).current_dir(folder.path()).stdin(Stdio::null());
        let output = load.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Checked { out: text(output.stdout), err: text(output.stderr), status: output.status.code().unwrap() }
    };
    let loaded = load("x");
    assert!(loaded.out.starts_with("2 bundles: 2 resources created, "), "{}{}", loaded.out, loaded.err);
    let loaded = load("named.ndjson");
    assert!(loaded.out.starts_with("2 bundles: 1 resources created, "), "{}{}", loaded.out, loaded.err);
    assert_eq!(loaded.status, 1);
    let rejects = fs::read_to_string(folder.path().join("load.rejects.ndjson")).unwrap();
    let reject: Value = serde_json::from_str(&rejects).unwrap();
    assert_eq!((&reject["source"], &reject["line"]), (&json!("named.ndjson"), &json!(2)));
    let refused = load("none");
    assert!(refused.err.contains("none: there is nothing to read: no .json file in it"), "{}", refused.err);
    assert_eq!(refused.status, 1);
}

#[test]
fn synthea_is_valid() {
    let Some(archive) = data::synthea() else { return };
    let found = check(Path::new("/"), &[archive.to_str().unwrap()]);
    assert_eq!(found.parts(), ("", "151 documents, 48125 resources: all valid"), "{}", found.out);
    assert_eq!(found.status, 0);
}

#[test]
fn load_says_at_once_that_a_server_is_not_there() {
    let folder = folder(&[("bundle.json", b"{}")]);
    for url in ["http://127.0.0.1:1/fhir", "https://127.0.0.1:1/fhir", "127.0.0.1:1/fhir"] {
        let mut load = Command::new(RUSHLIGHT);
        load.args(["load", "bundle.json", "--url", url]).current_dir(folder.path()).stdin(Stdio::null());
        let output = load.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(&format!("{url} can't be reached")), "{said}");
        assert_eq!(output.status.code(), Some(1));
        assert!(!folder.path().join("load.rejects.ndjson").exists());
    }
}
