//! `rushlight fhirpath`: what is shown, to the letter, and the exit status.

use crate::process::RUSHLIGHT;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

const OBSERVATION: &str = r#"{
  "resourceType": "Observation",
  "status": "final", "_status": {"id": "s"},
  "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9"}], "text": "blood pressure"},
  "subject": {"reference": "Patient/1"},
  "component": [
    {"code": {"text": "日本"}, "valueQuantity": {"value": 107.0, "unit": "mmHg"}},
    {"code": {"text": "low"}, "valueQuantity": {"value": 60}}
  ]
}
"#;

/// What a run said.
struct Run {
    out: String,
    err: String,
    status: i32,
}

impl Run {
    fn json(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(RUSHLIGHT);
    command
        .arg("fhirpath")
        .args(arguments)
        .current_dir(folder)
        .env_remove("RUSHLIGHT_FHIR_VERSION")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run_with(folder: &Path, arguments: &[&str], input: &str) -> Run {
    let mut child = command(folder, arguments).spawn().unwrap();
    // Where nothing is read, writing fails.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { out: text(output.stdout), err: text(output.stderr), status: output.status.code().unwrap() }
}

/// A folder with `o.json`, `p.ndjson` and `b.json`.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let patients = r#"{"resourceType":"Patient","id":"1","name":[{"family":"A","given":["B","C"]}],"gender":"male"}

{"resourceType":"Patient","id":"2","birthDate":"2001-02-03"}
"#;
    let bundle = r#"{"resourceType":"Bundle","type":"collection","entry":[
{"resource":{"resourceType":"Observation","status":"final","code":{},"subject":{"reference":"Patient/1"}}},
{"request":{"method":"GET","url":"Patient"}},
{"fullUrl":"http://x.org/Patient/1","resource":{"resourceType":"Patient","id":"1","active":true}}]}"#;
    for (name, text) in [("o.json", OBSERVATION), ("p.ndjson", patients), ("b.json", bundle)] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn run(arguments: &[&str]) -> Run {
    run_with(folder().path(), arguments, "")
}

/// Standard output of a run that says nothing else.
fn shown(arguments: &[&str]) -> String {
    let run = run(arguments);
    assert_eq!((run.status, &*run.err), (0, ""), "{arguments:?}");
    run.out
}

#[test]
fn items_have_their_place_path_type_and_members() {
    for (expression, expected) in [
        (
            "component.value | status",
            "\
o.json:7:47  Observation.component[0].value  FHIR.Quantity
    value: 107.0
    unit: \"mmHg\"
o.json:8:48  Observation.component[1].value  FHIR.Quantity
    value: 60
o.json:3:13  Observation.status  FHIR.code  \"final\"
    id: \"s\"
",
        ),
        (
            "component[0].code.text",
            "o.json:7:23  Observation.component[0].code.text  FHIR.string  \"日本\"\n",
        ),
        (
            "component.value.value.first() * 2 | 'a\nb' | @2020-02 | 4 days | 3 'mg' | true | status.type()",
            "\
o.json:1  System.Decimal  214.0
o.json:1  System.String  \"a\\nb\"
o.json:1  System.Date  2020-02
o.json:1  System.Quantity  4 days
o.json:1  System.Quantity  3 'mg'
o.json:1  System.Boolean  true
o.json:1  System.SimpleTypeInfo  FHIR.code
",
        ),
        ("subject.resolve()", "o.json:1  FHIR.Patient  (elsewhere: no more than its type is known)\n"),
    ] {
        assert_eq!(shown(&[expression, "o.json"]), expected, "{expression}");
    }
}

#[test]
fn what_is_shown_of_an_item_is_bounded() {
    assert_eq!(
        shown(&["$this", "o.json", "--depth", "2", "--max-lines", "8"]),
        "\
o.json:1:1  Observation  FHIR.Observation
    resourceType: \"Observation\"
    status: \"final\"
    _status:
      id: \"s\"
    code:
      coding[0]: {…} (--depth shows more)
      text: \"blood pressure\"
    subject:
    … (--max-lines shows more)
"
    );
    let all = shown(&["$this", "o.json"]);
    assert!(all.contains("\n      coding[0]:\n        system: \"http://loinc.org\"\n"), "{all}");
    assert!(all.ends_with("\n    component[1]:\n      code:\n        text: \"low\"\n      valueQuantity:\n        value: 60\n"), "{all}");
    let long = "ä".repeat(1000);
    let cut = shown(&[&format!("'{long}'"), "o.json"]);
    assert_eq!(cut, format!("o.json:1  System.String  \"{}… (1002 characters)\n", "ä".repeat(199)));
    assert_eq!(
        shown(&["component.code.text", "o.json", "--max-results", "1"]),
        "o.json:7:23  Observation.component[0].code.text  FHIR.string  \"日本\"\n1 more results are not shown; see --max-results\n"
    );
    // Nothing in a resource moves the cursor.
    let nasty = run_with(folder().path(), &["$this"], "{\"a\\u001b[31m\":\"\u{9b}31m\u{202e}\"}");
    let moves = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(
        nasty.out.contains("a␛[31m: \"\\u{9b}31m\\u{202e}\"") && !nasty.out.contains(moves),
        "{}",
        nasty.out
    );
}

#[test]
fn json_has_a_line_for_each_item() {
    let expression =
        "status | component.value.value | 1.50 | 3 'mg' | 2 days | @T12:00 | subject.resolve() | 'x'.type()";
    assert_eq!(
        shown(&["--json", expression, "o.json"]),
        r#"{"source":"o.json","line":3,"column":13,"path":"Observation.status","type":"FHIR.code","value":"final","_value":{"id":"s"}}
{"source":"o.json","line":7,"column":57,"path":"Observation.component[0].value.value","type":"FHIR.decimal","value":107.0}
{"source":"o.json","line":8,"column":58,"path":"Observation.component[1].value.value","type":"FHIR.decimal","value":60}
{"source":"o.json","line":1,"column":null,"path":null,"type":"System.Decimal","value":1.50}
{"source":"o.json","line":1,"column":null,"path":null,"type":"System.Quantity","value":{"value":3,"unit":"mg"}}
{"source":"o.json","line":1,"column":null,"path":null,"type":"System.Quantity","value":{"value":2,"unit":"days"}}
{"source":"o.json","line":1,"column":null,"path":null,"type":"System.Time","value":"12:00"}
{"source":"o.json","line":1,"column":null,"path":null,"type":"FHIR.Patient","value":null}
{"source":"o.json","line":1,"column":null,"path":null,"type":"System.SimpleTypeInfo","value":"System.String"}
"#
    );
    // All of them, unless told otherwise.
    let many = "repeat(component).select(1 | 2 | 3).select(1 | 2 | 3 | 4 | 5)";
    let many = format!("{many}.select(1|2|3|4|5|6|7|8|9|10).select(1|2|3|4|5|6|7|8|9|10)");
    assert_eq!(run(&["--json", &many, "o.json"]).json().len(), 3000);
    assert_eq!(run(&["--json", "--max-results", "7", &many, "o.json"]).json().len(), 7);
    assert_eq!(shown(&[&many, "o.json"]).lines().count(), 1001);
}

#[test]
fn lines_and_entries_are_looked_at_one_by_one() {
    assert_eq!(
        shown(&["name.given | id.length()", "p.ndjson"]),
        "\
p.ndjson:1:67  Patient.name[0].given[0]  FHIR.string  \"B\"
p.ndjson:1:71  Patient.name[0].given[1]  FHIR.string  \"C\"
p.ndjson:1  System.Integer  1
p.ndjson:3  System.Integer  1
"
    );
    let from_pipe = run_with(
        folder().path(),
        &["birthDate", "-"],
        "{\"resourceType\":\"Patient\",\n\"birthDate\":\"2001\"}",
    );
    assert_eq!(from_pipe.out, "<stdin>:2:13  Patient.birthDate  FHIR.date  \"2001\"\n");
    // The Bundle itself, and what is in its entries; references lead from one to another.
    assert_eq!(shown(&["entry.count() | Patient.id", "b.json"]), "b.json:1  System.Integer  3\n");
    assert_eq!(
        shown(&["--entries", "status | subject.resolve().active | Patient.active", "b.json", "o.json"]),
        "\
b.json:2:52  Bundle.entry[0].resource.status  FHIR.code  \"final\"
b.json:4:92  Bundle.entry[2].resource.active  FHIR.boolean  true
b.json:4:92  Bundle.entry[2].resource.active  FHIR.boolean  true
o.json:3:13  Observation.status  FHIR.code  \"final\"
    id: \"s\"
"
    );
}

#[test]
fn variables_time_value_sets_narratives_and_traces() {
    let true_line = "o.json:1  System.Boolean  true\n";
    for arguments in [
        &["%a = 'b=c' and %n > 1", "--variable", "a=b=c", "--variable", "%n:=1 + 1"][..],
        &["%q > 100 'mg' and %none.empty()", "--variable", "q:=1 'g'", "--variable", "none:={}"],
        &["now() > @2020-01-01T00:00:00Z and today().exists() and timeOfDay().exists()"],
        &["status.memberOf(%`vs-observation-status`)"],
        &["'<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>x</p></div>'.htmlChecks()"],
        &["'<div xmlns=\"http://www.w3.org/1999/xhtml\"><script>x</script></div>'.htmlChecks().not()"],
        &["conformsTo('http://hl7.org/fhir/StructureDefinition/Observation')"],
    ] {
        assert_eq!(shown(&[arguments, &["o.json"]].concat()), true_line, "{arguments:?}");
    }
    let traced = run(&["component.trace('all', code).trace('values', value.value).count()", "o.json"]);
    assert_eq!((traced.status, &*traced.out), (0, "o.json:1  System.Integer  2\n"));
    let expected = "\
trace all: 2 items
  Observation.component[0].code  FHIR.CodeableConcept
    text: \"日本\"
  Observation.component[1].code  FHIR.CodeableConcept
    text: \"low\"
trace values: 2 items
  Observation.component[0].value.value  FHIR.decimal  107.0
  Observation.component[1].value.value  FHIR.decimal  60
";
    assert_eq!(traced.err, expected);
}

#[test]
fn errors_point_into_the_expression() {
    for (arguments, status, said) in [
        (
            &["component.exist()", "o.json"][..],
            2,
            "\
error: there is no function exist(); did you mean exists()?
  --> expression:1:11
 1 | component.exist()
   |           ^

",
        ),
        (
            &["status |\n  'x' + 1", "o.json"],
            2,
            "\
error: System.String + System.Integer has no meaning
  --> expression:2:7  o.json:1 Observation
 2 |   'x' + 1
   |       ^

",
        ),
        (
            &["code.memberOf('x')", "--entries", "b.json"],
            2,
            "\
error: memberOf() can't be answered here
  --> expression:1:6  b.json:1 Bundle.entry[0].resource
 1 | code.memberOf('x')
   |      ^

",
        ),
        // Nothing is found: what can be said against it.
        (&["Observation.component.valu.exists().not().empty()", "o.json"], 0, ""),
        (
            &["component.valu", "o.json"],
            1,
            "\
warning: Observation.component has no element valu; did you mean value?
  --> expression:1:11
 1 | component.valu
   |           ^

",
        ),
        (&["component.interpretation", "o.json"], 1, ""),
        (
            &["%nam", "--variable", "name=x", "o.json"],
            2,
            "error: there is no variable %nam; did you mean %name?\n",
        ),
        (
            &["%a", "--variable", "a:=1 +", "o.json"],
            2,
            "rushlight: the variable %a: column 4: expected an expression, found the end\n",
        ),
        (
            &["%a", "--variable", "a=1", "--variable", "a=2", "o.json"],
            2,
            "rushlight: the variable %a is given twice\n",
        ),
        (
            &["%a", "--variable", "a", "o.json"],
            2,
            "error: invalid value 'a' for '--variable <NAME=TEXT>': write NAME=TEXT, or",
        ),
        (&["a", "nowhere.json"], 2, "rushlight: nowhere.json: there is no such file or folder\n"),
        (
            &["a", "--release", "r3", "o.json"],
            2,
            "error: invalid value 'r3' for '--fhir-version <VERSION>': known are 4.0, 4.3, 5.0",
        ),
        (
            &["a", "--check", "Patient", "o.json"],
            2,
            "error: the argument '--check <TYPE>' cannot be used with",
        ),
        (&[], 2, "error: the following required arguments were not provided:\n  <EXPRESSION>"),
    ] {
        let run = run(arguments);
        assert_eq!(run.status, status, "{arguments:?}: {}{}", run.out, run.err);
        assert!(
            run.err.starts_with(said) && said.is_empty() == run.err.is_empty(),
            "{arguments:?}: {}",
            run.err
        );
        assert!(!said.ends_with("\n\n") || run.err == said, "{}", run.err);
    }
}

#[test]
fn what_cannot_be_read_or_looked_at_stops_nothing_else() {
    let lines = "{\"resourceType\":\"Patient\",\"active\":tru}\n{\"resourceType\":\"Patient\",\"id\":\"x\",\"name\":[{},{}]}\n[1]\n{\"resourceType\":\"Patient\",\"id\":\"y\"}\n";
    let run = run_with(folder().path(), &["name.single() | id"], lines);
    assert_eq!((run.status, &*run.out), (2, "<stdin>:4:32  Patient.id  FHIR.id  \"y\"\n"));
    let expected = "\
error: found 't' where a value is expected
  --> <stdin>:1:36  Patient.active
 1 | {\"resourceType\":\"Patient\",\"active\":tru}
   |                                    ^

error: single takes one item, found 2
  --> expression:1:6  <stdin>:2 Patient
 1 | name.single() | id
   |      ^

error: a resource is a JSON object
  --> <stdin>:3:1
 3 | [1]
   | ^

";
    assert_eq!(run.err, expected);
    // Failures without end are counted.
    let many = "{\"a\":[1,2]}\n".repeat(500);
    let run = run_with(folder().path(), &["a.single()"], &many);
    assert_eq!((run.status, run.err.matches("error:").count()), (2, 20));
    assert!(run.err.ends_with("\n480 more failures are not told\n"), "{}", run.err);
    let run = run_with(
        folder().path(),
        &["id", "--max-size", "20"],
        &format!("{{\"id\":\"a\"}}\n{{\"id\":\"{}\"}}\n", "b".repeat(20)),
    );
    assert_eq!((run.status, run.out.lines().count()), (2, 1));
    assert!(
        run.err.starts_with(
            "error: more than 20 bytes; --max-size sets how many are taken\n  --> <stdin>:2:21\n"
        ),
        "{}",
        run.err
    );
}

#[test]
fn a_check_says_what_can_be_said_without_a_file() {
    for (arguments, status, out) in [
        (
            &["--check", "Observation", "component.value.exists() | status"][..],
            0,
            "nothing can be said against it on Observation\n",
        ),
        (
            &["--check", "Observation.component", "value.ofType(Quantity).value > 1"],
            0,
            "nothing can be said against it on Observation.component\n",
        ),
        (&["--check", "Observation", "nam.exists()"], 1, "error: Observation has no element nam"),
        (
            &["--check", "Observation", "note.exists() and status > 1"],
            1,
            "error: code > System.Integer has no meaning\n  --> expression:1:26\n",
        ),
        (
            &["--check", "Observation", "a.lenght()"],
            1,
            "error: there is no function lenght(); did you mean length()?\n",
        ),
        (
            &["--check", "Observation", "component.a | b", "--json"],
            1,
            "{\"line\":1,\"column\":11,\"text\":\"Observation.component has no element a\"}\n{\"line\":1,\"column\":15,\"text\":\"Observation has no element b\"}\n",
        ),
        (&["--check", "Observation", "--json", "status"], 0, ""),
        (&["--check", "Citation", "--release", "R4B", "status"], 0, "nothing can be said"),
    ] {
        let run = run(arguments);
        assert_eq!((run.status, &*run.err), (status, ""), "{arguments:?} {}", run.out);
        assert!(
            run.out.starts_with(out) && out.is_empty() == run.out.is_empty(),
            "{arguments:?}: {}",
            run.out
        );
    }
    let unknown = run(&["--check", "Observaton", "status"]);
    assert_eq!(
        (unknown.status, &*unknown.err),
        (2, "rushlight: R4 has no type Observaton; did you mean Observation?\n")
    );
}

#[test]
fn each_release_has_its_own_types() {
    let folder = folder();
    let encounter = r#"{"resourceType":"Encounter","status":"completed","class":[{"text":"x"}]}"#;
    let ty = |release| {
        run_with(folder.path(), &["--json", "class", "--release", release], encounter).json()[0]["type"]
            .clone()
    };
    assert_eq!([ty("r4"), ty("4.3"), ty("R5")], ["FHIR.Coding", "FHIR.Coding", "FHIR.CodeableConcept"]);
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let folder = folder();
    fs::write(
        folder.path().join("many.ndjson"),
        "{\"resourceType\":\"Patient\",\"active\":true}\n".repeat(20_000),
    )
    .unwrap();
    let mut child = command(folder.path(), &["--json", "active", "many.ndjson"]).spawn().unwrap();
    let mut first = String::new();
    // Dropped, and with it the pipe, once a line is read.
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("{\"source\":\"many.ndjson\",\"line\":1,"), "{first}");
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), &*said), (Some(0), ""));
    // A disk that is full is another matter.
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = command(folder.path(), &["active", "many.ndjson"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8(output.stderr).unwrap().starts_with("rushlight: standard output: No space left")
    );
    // And where nobody hears what is wrong, the status tells.
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = command(folder.path(), &["a.b(", "many.ndjson"]).stderr(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}
