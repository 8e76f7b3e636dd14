//! What passes between JSON and fhir-rs's structs comes back the same; the rest is refused, with its place.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::str::FromStr;

use fhir_rs::prelude::{
    AnyType, Bundle, CapabilityStatement, Condition, DateTime, DateTimeDt, DecimalDt, Deserialize,
    DiagnosticReport, Encounter, Extension, Medication, Observation, OperationOutcome, Organization,
    Parameters, Patient, Practitioner, Serialize,
};
use proptest::prelude::*;
use rushlight_model::fhir_rs::{FhirRsError, from_json, to_json};
use rushlight_model::json::{JsonErrorKind, Limits, Tree};
use rushlight_test_support::data;

/// Through the struct and back; two readers say that what comes back is the same.
fn pass<T>(text: &[u8]) -> Result<(), FhirRsError>
where
    T: for<'de> Deserialize<'de> + Serialize + Debug + Send + Sync,
{
    let resource: T = from_json(text)?;
    let back = to_json(&resource)?;
    let [before, after] = [text, back.as_bytes()].map(|text| Tree::parse(text, &Limits::default()).unwrap());
    assert!(before.root().difference(after.root()).is_none(), "{back}");
    let [before, after] =
        [text, back.as_bytes()].map(serde_json::from_slice::<serde_json::Value>).map(Result::unwrap);
    assert_eq!(before, after);
    Ok(())
}

/// Makes `TYPES` and `pass_as` from the types that are tried.
macro_rules! types {
    ($($name:ident)*) => {
        const TYPES: &[&str] = &[$(stringify!($name)),*];

        /// As the type of a name.
        fn pass_as(name: &str, text: &[u8]) -> Result<(), FhirRsError> {
            match name {
                $(stringify!($name) => pass::<$name>(text),)*
                other => panic!("{other}"),
            }
        }
    };
}

types! {
    Bundle CapabilityStatement Condition DiagnosticReport Encounter Medication Observation OperationOutcome
    Organization Parameters Patient Practitioner
}

/// A resource of a type with these members.
fn resource(name: &str, members: &str) -> String {
    format!(r#"{{"resourceType":"{name}",{members}}}"#)
}

/// Members of Patients that pass.
const PASSING: [&str; 11] = [
    r#""id":"a","active":true"#,
    r#""name":[{"given":["a","b"],"family":"\u00e9 \ud83d\ude00","period":{"start":"2026-11-24T10:43:30-05:00"}}]"#,
    r#""birthDate":"1974""#,
    r#""birthDate":"1974-12""#,
    r#""birthDate":"1974-12-25""#,
    r#""deceasedDateTime":"2026-11-24T10:43:30-05:00""#,
    r#""deceasedDateTime":"2026-11-24T10:43:30.250+01:00""#,
    r#""deceasedBoolean":false,"gender":"a\nb \"\\""#,
    r#""text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"}"#,
    r#""extension":[{"url":"u","valueDecimal":1.5},{"url":"v","valueDecimal":-12},{"url":"w","valueQuantity":{"value":0.001}}]"#,
    r#""extension":[{"extension":[{"url":"w","valueCode":"x"}],"url":"u"}],"contact":[{"name":{"text":"x"}}]"#,
];

#[test]
fn what_survives_passes() {
    for members in PASSING {
        assert_eq!(pass::<Patient>(resource("Patient", members).as_bytes()), Ok(()), "{members}");
    }
    let range = r#""status":"final","code":{"text":"x"},"referenceRange":[{"low":{"value":3.1}}]"#;
    assert_eq!(pass::<Observation>(resource("Observation", range).as_bytes()), Ok(()));
}

#[test]
fn what_does_not_survive_is_refused_with_its_place() {
    for (name, members, expected) in [
        ("Patient", r#""nick":"x""#, r#"Patient.nick: "x" would become nothing"#),
        ("Patient", r#""active":"true""#, r#"Patient.active: "true" would become true"#),
        ("Patient", r#""_id":{"id":"x"}"#, r#"Patient._id: {"id":"x"} would become nothing"#),
        ("Patient", r#""multipleBirthInteger":2"#, "Patient.multipleBirthInteger: 2 would become nothing"),
        ("Patient", r#""photo":[{"size":"7"}]"#, r#"Patient.photo[0].size: "7" would become 7"#),
        (
            "Patient",
            r#""extension":[{"url":"u"},{"url":"v","id":"e"}]"#,
            r#"Patient.extension[1].id: "e" would become nothing"#,
        ),
        (
            "Patient",
            r#""birthDate":"1974","_birthDate":{"id":"b"}"#,
            r#"Patient.birthDate: "1974" would become nothing"#,
        ),
        (
            "Patient",
            r#""extension":[{"url":"u","valueDecimal":1.50}]"#,
            "Patient.extension[0].valueDecimal: 1.50 would become 1.5",
        ),
        (
            "Patient",
            r#""extension":[{"url":"u","valueDecimal":1e2}]"#,
            "Patient.extension[0].valueDecimal: 1e2 would become 100",
        ),
        (
            "Patient",
            r#""extension":[{"url":"u","valueDecimal":12345678901234567890.5}]"#,
            "Patient.extension[0].valueDecimal: 12345678901234567890.5 would become 12345678901234567000",
        ),
        (
            "Patient",
            r#""extension":[{"url":"u","valueDecimal":1e400}]"#,
            "fhir-rs does not write it: line 1, ",
        ),
        // What it becomes depends on the time zone of the process.
        (
            "Patient",
            r#""deceasedDateTime":"2026-11-24T10:43:30Z""#,
            r#"Patient.deceasedDateTime: "2026-11-24T10:43:30Z" would become ""#,
        ),
        ("Patient", r#""deceasedDateTime":"2026-11-24T10:43:30.25Z""#, "fhir-rs does not read it: "),
        ("Patient", r#""deceasedDateTime":"2026-11-24T10:43:3é""#, "fhir-rs panicked"),
        ("Patient", r#""contained":[{"resourceType":"Patient"}]"#, "fhir-rs does not read it: "),
        (
            "Patient",
            r#""name":[{"given":["a",null],"_given":[null,{"id":"b"}]}]"#,
            "fhir-rs does not read it: ",
        ),
        (
            "Observation",
            r#""status":"final","valueString":"x""#,
            r#"Observation.valueString: "x" would become nothing"#,
        ),
        ("Observation", r#""status":"final",}"#, "line 1, column 48: "),
    ] {
        let error = pass_as(name, resource(name, members).as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{members}: {error}");
    }
    let untold = pass::<Patient>(br#"{"active":true}"#).unwrap_err();
    assert_eq!(untold.to_string(), r#"resourceType: nothing would become "Patient""#);
    let other = pass::<Patient>(br#"{"resourceType":"Observation"}"#);
    assert!(matches!(other, Err(FhirRsError::Unread(_))));
}

#[test]
fn structs_that_do_not_survive_are_refused() {
    let extended = |extension: Extension| Patient {
        extension: Some(vec![Extension::with_url("u"), extension]),
        ..Patient::default()
    };
    let decimal = |value| {
        Extension::new("v", AnyType::Decimal(DecimalDt { id: None, extension: None, value: Some(value) }))
    };
    assert_eq!(
        to_json(&extended(decimal(1.5))).unwrap(),
        r#"{"resourceType":"Patient","extension":[{"url":"u"},{"url":"v","valueDecimal":1.5}]}"#
    );
    assert!(matches!(to_json(&extended(decimal(f64::NAN))), Err(FhirRsError::Unwritten(_))));

    let lost = to_json(&extended(Extension { id: Some("e".into()), ..decimal(1.5) })).unwrap_err();
    assert_eq!(lost.to_string(), "Patient.extension[1].id: Some( would become None");
    let zulu = DateTimeDt::from(DateTime::from_str("2026-11-24T10:43:30Z").unwrap());
    let lost =
        to_json(&Patient { deceased: Some(AnyType::DateTime(zulu)), ..Patient::default() }).unwrap_err();
    assert_eq!(lost.to_string(), "Patient.deceased.value: 20 would become 25");
}

#[test]
fn depth_is_bounded() {
    let nested = |times: usize| {
        let (open, close) = (r#"{"url":"u","extension":["#, "]}");
        let inside = format!(r#"{}{{"url":"u"}}{}"#, open.repeat(times), close.repeat(times));
        resource("Patient", &format!(r#""extension":[{inside}]"#))
    };
    assert_eq!(pass::<Patient>(nested(30).as_bytes()), Ok(()));
    match pass::<Patient>(nested(31).as_bytes()) {
        Err(FhirRsError::Json(error)) => assert_eq!(error.kind, JsonErrorKind::TooDeep { limit: 64 }),
        other => panic!("{other:?}"),
    }
}

/// The examples that pass come back the same, which [`pass`] asserts; how many that are is told.
#[test]
fn examples_pass_the_same_or_are_refused() {
    let Some(resources) = data::package("hl7.fhir.r5.examples-5.0.0") else { return };
    let mut counts: BTreeMap<&str, [usize; 3]> = TYPES.iter().map(|name| (*name, [0; 3])).collect();
    for (file, text) in &resources {
        // Packages name their files `Type-id.json`.
        let name = file.split('-').next().unwrap_or_default();
        let Some([passed, lost, failed]) = counts.get_mut(name) else { continue };
        *match pass_as(name, text) {
            Ok(()) => passed,
            Err(FhirRsError::Lost { .. }) => lost,
            Err(_) => failed,
        } += 1;
    }
    for (name, [passed, lost, failed]) in &counts {
        data::say(&format!("{name}: {passed} pass; refused: {lost} would be another, {failed} are not read"));
    }
    assert!(counts["Patient"][0] > 0 && counts["Patient"][1] > 0);
}

/// Pieces of JSON to put where something else was.
const PIECES: [&str; 14] = [
    "null",
    "true",
    "1",
    "-0",
    "1.50",
    "0.1",
    "\"\"",
    "\"a\"",
    "\"2026-11-24T10:43:30.5Z\"",
    "[]",
    "[null]",
    "{}",
    "{\"id\":\"x\"}",
    "{\"resourceType\":\"Patient\"}",
];

proptest! {
    #[test]
    fn numbers_pass_the_same_or_are_refused(number in "-?(0|[1-9][0-9]{0,20})([.][0-9]{1,20})?([eE][+-]?[0-9]{1,3})?") {
        let text = resource("Patient", &format!(r#""extension":[{{"url":"u","valueDecimal":{number}}}]"#));
        let _ = pass::<Patient>(text.as_bytes());
    }

    #[test]
    fn what_is_altered_passes_the_same_or_is_refused(sample in 0..PASSING.len(), at: prop::sample::Index, piece in 0..PIECES.len()) {
        let text = resource("Patient", PASSING[sample]);
        let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
        let values: Vec<_> = tree.root().descendants().collect();
        let span = at.get(&values).span();
        let altered = format!("{}{}{}", &text[..span.start], PIECES[piece], &text[span.end..]);
        let _ = pass::<Patient>(altered.as_bytes());
    }
}
