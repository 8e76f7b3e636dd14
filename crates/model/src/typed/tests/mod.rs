//! What goes in comes out, and what must not go in does not.

use proptest::prelude::*;

use super::*;
use crate::json::{Kind, Limits, Position, Tree, Value};
use crate::outcome;

mod packages;

/// The resource of a text, if what it writes is the same.
fn exact(text: &str) -> Result<Option<Resource>, ReadError> {
    let resource = Resource::from_json(text.as_bytes())?;
    let before = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
    let compact = resource.to_json();
    let written = [compact.as_str(), &resource.to_json_pretty()]
        .map(|text| Tree::parse(text.as_bytes(), &Limits::default()).unwrap());
    let [after, pretty] = &written;
    assert_eq!((after.text(), pretty.text()), (compact.as_str(), compact.as_str()));
    Ok(before.root().difference(after.root()).is_none().then_some(resource))
}

const SAMPLES: [&str; 8] = [
    r##"{"zzz": 1e400, "resourceType": "Patient", "id": "p1", "_id": {"extension": [{"url": "u", "valueId": "x"}]},
        "meta": {"versionId": "3", "lastUpdated": "2026-11-24T10:43:30.123456789+01:00", "profile": ["a", "b"],
                 "_profile": [null, {"id": "second"}], "tag": [{"system": "s", "code": "c", "userSelected": false}]},
        "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">caf\u00e9 😀\n</div>"},
        "contained": [{"resourceType": "Patient", "id": "c"}, {"resourceType": "Group", "n": [1.00, []]}],
        "name": [{"given": ["A", null, "B"], "_given": [null, {"extension": [{"url": "u", "valueCode": "unknown"}]}, null],
                  "_family": {"extension": [{"url": "u", "valueString": "van"}]}, "period": {"start": "2001-02"}}],
        "birthDate": "1974", "_birthDate": {"id": "b", "odd": [null]}, "gender": "other",
        "_deceasedBoolean": {"id": "only"}, "multipleBirthInteger": 2, "photo": [{"size": 7}, {"size": "70000000000"}],
        "contact": [{"modifierExtension": [{"url": "m", "valueBoolean": true}]}],
        "communication": [{"language": {"text": "x"}, "preferred": true}],
        "link": [{"other": {"reference": "Patient/2", "identifier": {"assigner": {"display": "d"}}}, "type": "refer"}]}"##,
    r##"{"resourceType": "Patient", "name": [{"given": [null], "_given": [{"id": "x"}], "prefix": ["Dr"], "_prefix": [null],
        "_suffix": [{"id": "y"}], "use": "", "text": "\u0000A"}]}"##,
    r##"{"resourceType": "Observation", "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "1"}]},
        "effectiveTiming": {"event": ["2026"], "repeat": {"boundsPeriod": {}, "timeOfDay": ["10:43:30.5"], "period": 1.50}},
        "valueSampledData": {"origin": {"value": -0.0}, "dimensions": 1, "interval": 5, "data": "1 E U"},
        "component": [{"valueTime": "10:43:30"}, {"valueBoolean": false}, {"valueRatio": {"numerator": {"value": 1}}},
                      {"valueString": "s", "_valueString": {"id": "v"}}, {"valueAttachment": {"url": "R5"}}],
        "triggeredBy": [{"type": "reflex"}], "note": [{"authorString": "me", "text": "t"}],
        "referenceRange": [{"low": {"value": 3.10}, "age": {"high": {"value": 80}}}]}"##,
    r##"{"resourceType": "DiagnosticReport", "status": "modified", "effectivePeriod": {"start": "2026-11-24T10:43:30Z"},
        "media": [{"link": {"reference": "Media/1"}}], "study": [{"reference": "ImagingStudy/1"}], "conclusion": "c"}"##,
    r##"{"resourceType": "Bundle", "type": "searchset", "total": 1, "timestamp": "2026-11-24T10:43:30Z",
        "link": [{"relation": "self", "url": "u"}],
        "entry": [{"fullUrl": "f", "resource": {"resourceType": "Bundle", "type": "odd"}, "search": {"mode": "match", "score": 0.50}},
                  {"response": {"status": "201", "outcome": {"resourceType": "OperationOutcome", "issue": [{"code": "value"}]}}},
                  {"resource": {"resourceType": "Basic", "id": "x"}, "request": {"method": "PURGE", "url": "/"}}],
        "signature": {"type": [{"code": "c"}], "who": {"display": "d"}}}"##,
    r##"{"resourceType": "Parameters", "parameter": [{"name": "a", "valueMoney": {"value": 1.0}}, {"name": "b", "part":
        [{"name": "c", "valueDecimal": 1.00}, {"name": "d", "valueUsageContext": {"code": {"code": "x"}, "valueRange": {}}}]},
        {"name": "e", "resource": {"resourceType": "Parameters"}}, {"valueTiming": {"code": {"text": "t"}}}]}"##,
    r##"{"resourceType": "OperationOutcome", "issue": [{"severity": "success", "code": "x", "details": {"text": "t"},
        "expression": ["Patient.name"], "location": ["/f:Patient"]}]}"##,
    r##"{"resourceType": "CapabilityStatement", "kind": "instance", "format": ["json"], "rest": [{"resource": [{"type": "Patient",
        "interaction": [{"code": "read"}], "conditionalPatch": true, "searchParam": [{"name": "n", "type": "date"}]}]}],
        "useContext": [{"valueReference": {"reference": "r"}}], "messaging": [{"endpoint": [{"address": "a"}], "reliableCache": 5}]}"##,
];

#[test]
fn samples_come_out_as_they_went_in() {
    for text in SAMPLES.map(|text| text.replace("\\u0000", "\\u0001")) {
        assert!(exact(&text).unwrap().is_some(), "{text}");
    }
}

#[test]
fn members_go_where_they_belong() {
    let read = |text| Resource::from_json(str::as_bytes(text)).unwrap();
    let Resource::Patient(patient) = read(SAMPLES[0]) else { panic!() };
    assert_eq!(patient.other_members, [("zzz".to_owned(), RawJson::parse(b"1e400").unwrap())]);
    assert_eq!(
        patient.name[0].given.iter().map(Primitive::as_str).collect::<Vec<_>>(),
        [Some("A"), None, Some("B")]
    );
    let element = patient.name[0].given[1].element.as_ref().unwrap();
    assert_eq!(element.extension[0].value, Some(AnyValue::Code("unknown".into())));
    assert_eq!(patient.gender.get(), Some(&AdministrativeGender::OtherGender));
    assert!(matches!(&patient.contained[..], [Resource::Patient(_), Resource::Other(_)]));
    assert_eq!(patient.photo[1].size.get().map(|size| size.bytes()), Some(70_000_000_000));
    let Resource::Observation(observation) = read(SAMPLES[2]) else { panic!() };
    assert_eq!(observation.component[4].value, None);
    assert_eq!(observation.component[4].other_members[0].0, "valueAttachment");
    let Resource::DiagnosticReport(report) = read(SAMPLES[3]) else { panic!() };
    assert_eq!(report.status.get(), Some(&DiagnosticReportStatus::Other("modified".into())));
}

#[test]
fn refusals_with_their_places() {
    use ReadErrorKind::*;
    let wrong = |expected, found| WrongKind { expected, found };
    let format = |expected, found: &str| Format { expected, found: found.to_owned() };
    for (input, expected_at, expected) in [
        ("[]", "Resource", wrong("an object", Kind::Array)),
        ("{}", "Resource", NoResourceType),
        (r#"{"resourceType": 1}"#, "Resource.resourceType", wrong("a string", Kind::Number)),
        (r#"{"resourceType": "Patient", "name": {}}"#, "Patient.name", wrong("an array", Kind::Object)),
        (r#"{"resourceType": "Patient", "name": []}"#, "Patient.name", EmptyArray),
        (
            r#"{"resourceType": "Patient", "name": [{}, null]}"#,
            "Patient.name[1]",
            wrong("an object", Kind::Null),
        ),
        (
            r#"{"resourceType": "Patient", "active": "true"}"#,
            "Patient.active",
            wrong("a boolean", Kind::String),
        ),
        (r#"{"resourceType": "Patient", "active": null}"#, "Patient.active", wrong("a boolean", Kind::Null)),
        (
            r#"{"resourceType": "Patient", "_active": true}"#,
            "Patient.active",
            wrong("an object", Kind::Boolean),
        ),
        (
            r#"{"resourceType": "Patient", "birthDate": "1974-13"}"#,
            "Patient.birthDate",
            format("date", "1974-13"),
        ),
        (
            r#"{"resourceType": "Patient", "birthDate": ["1974"]}"#,
            "Patient.birthDate",
            wrong("a string", Kind::Array),
        ),
        (
            r#"{"resourceType": "Patient", "name": [{"given": ["a", {}]}]}"#,
            "Patient.name[0].given[1]",
            wrong("a string", Kind::Object),
        ),
        (
            r#"{"resourceType": "Patient", "name": [{"given": ["a"], "_given": [null, {}]}]}"#,
            "Patient.name[0].given",
            Lengths,
        ),
        (
            r#"{"resourceType": "Patient", "name": [{"_given": [null, {}], "given": ["a"]}]}"#,
            "Patient.name[0].given",
            Lengths,
        ),
        (
            r#"{"resourceType": "Patient", "deceasedBoolean": true, "deceasedDateTime": "2026"}"#,
            "Patient.deceased",
            SecondType,
        ),
        (
            r#"{"resourceType": "Patient", "deceasedBoolean": true, "_deceasedDateTime": {}}"#,
            "Patient.deceased",
            SecondType,
        ),
        (
            r#"{"resourceType": "Patient", "multipleBirthInteger": 1.0}"#,
            "Patient.multipleBirth",
            format("integer", "1.0"),
        ),
        (
            r#"{"resourceType": "Patient", "multipleBirthInteger": -0}"#,
            "Patient.multipleBirth",
            format("integer", "-0"),
        ),
        (
            r#"{"resourceType": "Patient", "contained": [{"resourceType": "Patient", "link": [1]}]}"#,
            "Patient.contained[0].link[0]",
            wrong("an object", Kind::Number),
        ),
        (
            r#"{"resourceType": "Patient", "_birthDate": {"extension": [{"valueQuantity": {"value": "1"}}]}}"#,
            "Patient.birthDate.extension[0].value.value",
            wrong("a number", Kind::String),
        ),
        (
            r#"{"resourceType": "Patient", "photo": [{"size": -1}]}"#,
            "Patient.photo[0].size",
            format("unsignedInt or integer64", "-1"),
        ),
    ] {
        match Resource::from_json(input.as_bytes()) {
            Err(ReadError::Element { expression, kind, .. }) => {
                assert_eq!((expression.as_str(), kind), (expected_at, expected), "{input}");
            }
            other => panic!("{input}: {other:?}"),
        }
    }
    let other = Patient::from_json(br#"{"resourceType": "Observation"}"#).unwrap_err();
    assert_eq!(other.to_string(), "Observation: resource type Patient is expected, not \"Observation\"");
    let text = b"{\"resourceType\": \"Patient\",\n \"active\": 1}";
    let Err(ReadError::Element { offset, .. }) = Patient::from_json(text) else { panic!() };
    assert_eq!(Position::of(text, offset), Position { line: 2, column: 12 });
    assert!(matches!(Patient::from_json(b"{"), Err(ReadError::Json(_))));
}

#[test]
fn formats() {
    let all = |text: &str| {
        [
            Decimal::new(text).is_ok(),
            Date::new(text).is_ok(),
            DateTime::new(text).is_ok(),
            Instant::new(text).is_ok(),
            Time::new(text).is_ok(),
        ]
    };
    let [decimal, date, date_time, instant, time] = [0, 1, 2, 3, 4];
    for (text, expected) in [
        ("1974", &[decimal, date, date_time][..]),
        ("1974-12", &[date, date_time]),
        ("1974-12-25", &[date, date_time]),
        ("1974-12-25T10:43:30Z", &[date_time, instant]),
        ("1974-12-25T10:43:30.123-05:00", &[date_time, instant]),
        ("10:43:30", &[time]),
        ("10:43:30.250", &[time]),
        ("1.00", &[decimal]),
        ("-1e-7", &[decimal]),
        ("1974-12-25T10:43", &[]),
        ("1974-12-25T10:43:30", &[]),
        ("1974-02-30", &[]),
        ("10:43", &[]),
        ("10:43:30Z", &[]),
        ("24:00:00", &[]),
        ("+1", &[]),
        (" 1", &[]),
        ("01", &[]),
        ("", &[]),
        ("NaN", &[]),
    ] {
        let found = all(text).iter().enumerate().filter(|(_, is)| **is).map(|(at, _)| at).collect::<Vec<_>>();
        assert_eq!(found, expected, "{text:?}");
    }
}

#[test]
fn depth_is_bounded() {
    let nests = [
        (r#"{"resourceType":"Patient","extension":["#, r#"{"extension":["#, "{}", "]}", "]}"),
        (r#"{"resourceType":"Parameters","parameter":["#, r#"{"part":["#, "{}", "]}", "]}"),
        (
            r#"{"resourceType":"Bundle","entry":["#,
            r#"{"resource":{"resourceType":"Bundle","entry":["#,
            "{}",
            "]}}",
            "]}",
        ),
    ];
    for (begin, open, middle, close, end) in nests {
        let nested = |times| format!("{begin}{}{middle}{}{end}", open.repeat(times), close.repeat(times));
        let levels = open.matches(['{', '[']).count();
        let most = (64 - 3) / levels;
        assert!(exact(&nested(most)).unwrap().is_some());
        assert!(matches!(Resource::from_json(nested(most + 1).as_bytes()), Err(ReadError::Json(_))));
        let deep = Limits { depth: usize::MAX, ..Limits::default() };
        let tree = Tree::parse(nested(100_000).as_bytes(), &deep).unwrap();
        let refused = Resource::try_from(tree.root());
        assert!(matches!(
            refused,
            Err(ReadError::Element { kind: ReadErrorKind::TooDeep { limit: 64 }, .. })
        ));
    }
}

#[test]
fn a_name_is_written_once() {
    let mut patient = Patient::new().active(true);
    let raw = |text: &str| RawJson::parse(text.as_bytes()).unwrap();
    for (name, value) in [("active", "false"), ("resourceType", "1"), ("x", "2"), ("x", "3"), ("other", "4")]
    {
        patient.other_members.push((name.to_owned(), raw(value)));
    }
    assert_eq!(patient.to_json(), r#"{"resourceType":"Patient","active":true,"x":2,"other":4}"#);
}

#[test]
fn the_servers_outcome_becomes_a_typed_one() {
    use outcome::{Issue, IssueType, Severity};
    for severity in [Severity::Fatal, Severity::Error, Severity::Warning, Severity::Information] {
        let mut issue = Issue::error(IssueType::TooCostly, "d").at("Patient.name").at("Patient.id");
        issue.severity = severity;
        issue.details = Some("t".to_owned());
        let bare = Issue::warning(IssueType::Deleted, "");
        let fast = outcome::OperationOutcome { issues: vec![issue, bare] };
        assert_eq!(OperationOutcome::from(fast.clone()).to_json(), fast.to_json());
    }
}

/// A piece of JSON to put where something else was.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "null",
        "true",
        "1",
        "-0",
        "1.50",
        "\"\"",
        "\"a\"",
        "\"2026-11-24\"",
        "\"10:43:30\"",
        "[]",
        "[null]",
        "[null,null]",
        "[{}]",
        "[\"a\",null]",
        "{}",
        "{\"id\":\"x\"}",
        "{\"a\":[1.0]}",
        "{\"resourceType\":\"Patient\"}",
        "{\"resourceType\":\"X\"}",
        "[{\"given\":[null],\"_given\":[null]}]",
    ])
}

fn all<'t>(value: Value<'t>, found: &mut Vec<Value<'t>>) {
    found.push(value);
    value.children().for_each(|child| all(child, found));
}

/// A sample in which a value is another, or an object has a member more.
fn altered() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "id",
        "_id",
        "_given",
        "given",
        "valueString",
        "_valueString",
        "_valueQuantity",
        "_name",
        "x",
        "__id",
        "_",
        "",
    ]);
    (0..SAMPLES.len(), any::<prop::sample::Index>(), piece(), prop::option::of(names)).prop_map(
        |(sample, at, piece, name)| {
            let sample = SAMPLES[sample].replace("\\u0000", "");
            let tree = Tree::parse(sample.as_bytes(), &Limits::default()).unwrap();
            let mut values = Vec::new();
            all(tree.root(), &mut values);
            let value = *at.get(&values);
            let (before, after) = (&tree.text()[..value.span().start], &tree.text()[value.span().end..]);
            match name {
                Some(name) if value.kind() == Kind::Object && value.raw() != "{}" => {
                    format!("{before}{{\"{name}\":{piece},{}{after}", &value.raw()[1..])
                }
                _ => format!("{before}{piece}{after}"),
            }
        },
    )
}

fn primitive() -> impl Strategy<Value = Primitive<String>> {
    let extension = |text: String| Extension::new().url("u").value(text);
    (prop::option::of("[^\0]*"), prop::option::of("[^\0]*".prop_map(extension))).prop_map(
        |(value, extension)| {
            let bare = Primitive { value, element: None };
            extension.into_iter().fold(bare, Primitive::extension)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_altered_is_refused_or_kept(text in altered()) {
        if let Ok(resource) = exact(&text) {
            prop_assert!(resource.is_some(), "{}", text);
        }
    }

    #[test]
    fn what_is_built_is_read_again(given in prop::collection::vec(primitive(), 0..4), family in primitive(), url in "[^\0]*") {
        let said = given.iter().any(|given| *given != Primitive::default());
        let name = HumanName { given: if said { given } else { Vec::new() }, family, ..HumanName::default() };
        let patient = Patient::new().name(name).extension(Extension::new().url(url.as_str()));
        prop_assert_eq!(Patient::from_json(patient.to_json().as_bytes()).unwrap(), patient);
    }

    #[test]
    fn any_bytes_are_survived(bytes: Vec<u8>) {
        let _ = Resource::from_json(&bytes);
    }
}

#[test]
fn lists_stay_small() {
    // What is large stands behind a box.
    assert!(size_of::<Resource>() <= 24 && size_of::<AnyValue>() <= 48);
}
