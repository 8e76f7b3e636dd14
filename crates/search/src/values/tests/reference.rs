//! References.

use super::*;
use rushlight_model::ResourceType;

/// `(target, Type, version)` with the type's number in place of its name.
fn references(rows: &[(&str, &str, &[&str])]) {
    let numbered = |row: &&str| {
        let mut row = (*row).to_owned();
        for ty in ["Patient", "Device", "Observation"] {
            let number = ResourceType::from_name(ty).unwrap().number();
            row = row.replace(&format!(", {ty},"), &format!(", {number},"));
        }
        row
    };
    for (ty, element, expected) in rows {
        let expected: Vec<String> = expected.iter().map(numbered).collect();
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        check(Sort::Reference, &[(ty, element, &expected)]);
    }
}

#[test]
fn of_resources() {
    references(&[
        ("Reference", r#"{"reference":"Patient/1"}"#, &["reference([1], Patient, )"]),
        ("Reference", r#"{"reference":"Patient/1/_history/2"}"#, &["reference([1], Patient, 2)"]),
        (
            "Reference",
            r#"{"reference":"Patient/0190b6a4-7f3e-7c51-9d2a-5e8f1c3b7a60"}"#,
            &["reference(000190b6a47f3e7c519d2a5e8f1c3b7a60, Patient, )"],
        ),
        // Neither of these is a version.
        (
            "Reference",
            r#"{"reference":"http://a.example/_history/"}"#,
            &["reference([\u{1}http://a.example/_history/], 0, )"],
        ),
        ("Reference", r#"{"reference":"Patient/_history"}"#, &["reference([\u{1}Patient/_history], 0, )"]),
        // What a relative one's type is, its text says.
        ("Reference", r#"{"reference":"Patient/1","type":"Device"}"#, &["reference([1], Patient, )"]),
        ("Reference", r##"{"reference":"#d"}"##, &["reference([\u{2}d], Device, )"]),
        ("Reference", r##"{"reference":"#nobody"}"##, &["reference([\u{2}nobody], 0, )"]),
        ("Reference", r##"{"reference":"#"}"##, &["reference([\u{2}], Observation, )"]),
        (
            "Reference",
            r#"{"reference":"http://a.example/fhir/Patient/1/_history/7"}"#,
            &["reference([\u{1}http://a.example/fhir/Patient/1], Patient, 7)"],
        ),
        (
            "Reference",
            r#"{"reference":"urn:uuid:0190b6a4-7f3e-7c51-9d2a-5e8f1c3b7a60","type":"Patient"}"#,
            &["reference([\u{1}urn:uuid:0190b6a4-7f3e-7c51-9d2a-5e8f1c3b7a60], Patient, )"],
        ),
        ("Reference", r#"{"reference":"http://a.example"}"#, &["reference([\u{1}http://a.example], 0, )"]),
        ("Reference", r#"{"reference":"Zebra/1"}"#, &["reference([\u{1}Zebra/1], 0, )"]),
        ("Reference", r#"{"reference":"/Patient/1"}"#, &["reference([\u{1}/Patient/1], Patient, )"]),
        ("Reference", r#"{"reference":"Patient/a b"}"#, &["reference([\u{1}Patient/a b], 0, )"]),
        ("Reference", r#"{"reference":"Patient?x=1"}"#, &["reference([\u{1}Patient?x=1], 0, )"]),
    ]);
}

#[test]
fn without_a_target() {
    references(&[
        ("Reference", r#"{"display":"Somebody"}"#, &["reference(, 0, )"]),
        ("Reference", r#"{"type":"Patient"}"#, &["reference(, Patient, )"]),
        (
            "Reference",
            r#"{"type":"http://hl7.org/fhir/StructureDefinition/Patient"}"#,
            &["reference(, Patient, )"],
        ),
        ("Reference", r#"{"type":"http://a.example/Patient"}"#, &["reference(, 0, )"]),
        (
            "Reference",
            r#"{"type":"Patient","identifier":{"system":"urn:s","value":"7"}}"#,
            &["token(7, <urn:s>)", "reference(, Patient, )"],
        ),
        (
            "Reference",
            r#"{"identifier":{"value":"7"},"reference":"Patient/1"}"#,
            &["token(7, 0)", "reference([1], Patient, )"],
        ),
        ("CodeableReference", r#"{"concept":{"text":"x"}}"#, &["reference(, 0, )"]),
        ("CodeableReference", r#"{"reference":{"reference":"Device/d"}}"#, &["reference([d], Device, )"]),
    ]);
}

#[test]
fn of_canonicals_and_whole_resources() {
    references(&[
        ("canonical", r#""http://a.example/q|1.0""#, &["reference([\u{1}http://a.example/q], 0, 1.0)"]),
        ("canonical", r#""http://a.example/q|x|2""#, &["reference([\u{1}http://a.example/q|x], 0, 2)"]),
        ("uri", r#""urn:x""#, &["reference([\u{1}urn:x], 0, )"]),
        ("url", "null", &["reference(, 0, )"]),
        ("Patient", r#"{"resourceType":"Patient","id":"p1"}"#, &["reference([p1], Patient, )"]),
        ("Resource", r#"{"resourceType":"Device"}"#, &["reference(, Device, )"]),
        ("string", r#""Patient/1""#, &[]),
    ]);
}
