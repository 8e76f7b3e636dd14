//! Tokens and URIs.

use super::*;

#[test]
fn tokens() {
    check(
        Sort::Token,
        &[
            (
                "Coding",
                r#"{"system":"http://loinc.org","code":"1234-5","display":"Größe "}"#,
                &["token(1234-5, <http://loinc.org>)", "token_text(grosse)"],
            ),
            ("Coding", r#"{"code":"a"}"#, &["token(a, 0)"]),
            ("Coding", r#"{"system":"urn:s"}"#, &["token(, <urn:s>)"]),
            ("Coding", r#"{"display":"Only"}"#, &["token(, 0)", "token_text(only)"]),
            (
                "CodeableConcept",
                r#"{"coding":[{"code":"a","system":"urn:s"},{"code":"b","display":"B"}],"text":"Two  codes"}"#,
                &["token(a, <urn:s>)", "token(b, 0)", "token_text(b)", "token_text(two codes)"],
            ),
            ("CodeableConcept", r#"{"text":"Free"}"#, &["token(, 0)", "token_text(free)"]),
            ("CodeableReference", r#"{"concept":{"coding":[{"code":"a"}]}}"#, &["token(a, 0)"]),
            ("CodeableReference", r#"{"reference":{"reference":"Patient/1"}}"#, &["token(, 0)"]),
            ("Identifier", r#"{"system":"urn:s","value":"0 1"}"#, &["token(0 1, <urn:s>)"]),
            (
                "Identifier",
                r#"{"value":"7","type":{"text":"MRN","coding":[{"system":"urn:t","code":"MR","display":"Record"}]}}"#,
                &["token(7, 0)", "token_text(mrn)", "token_text(record)", "token_type(7, MR, <urn:t>)"],
            ),
            ("Identifier", r#"{"type":{"coding":[{"code":"MR"}]}}"#, &["token(, 0)"]),
            ("Identifier", r#"{"value":"7","type":{"coding":[{"system":"urn:t"}]}}"#, &["token(7, 0)"]),
            ("ContactPoint", r#"{"system":"phone","value":"+1 2","use":"home"}"#, &["token(+1 2, <home>)"]),
            ("ContactPoint", r#"{"value":"a@b"}"#, &["token(a@b, 0)"]),
            ("code", r#""final""#, &["token(final, 0)"]),
            ("boolean", "true", &["token(true, <http://hl7.org/fhir/special-values>)"]),
            ("boolean", "null", &["token(, 0)"]),
            ("string", r#""a\tb""#, &["token(a\tb, 0)"]),
            ("id", r#""x.1""#, &["token(x.1, 0)"]),
            ("uri", r#""urn:a|b""#, &["token(urn:a|b, 0)"]),
            ("decimal", "1.00", &["token(1.00, 0)"]),
            ("positiveInt", "7", &["token(7, 0)"]),
            ("integer64", r#""9007199254740993""#, &["token(9007199254740993, 0)"]),
            ("dateTime", r#""2020-01""#, &["token(2020-01, 0)"]),
            ("Quantity", r#"{"value":1,"code":"mg"}"#, &[]),
            ("Reference", r#"{"reference":"Patient/1"}"#, &[]),
            ("Period", r#"{"start":"2020"}"#, &[]),
        ],
    );
}

#[test]
fn systems_of_codes() {
    let expected = [
        (Release::R4, "administrative-gender", "female", "http://hl7.org/fhir/administrative-gender"),
        // Not in the set, or in another spelling.
        (Release::R4, "administrative-gender", "Female", ""),
        (Release::R4, "administrative-gender", "", ""),
        // A set of two systems.
        (Release::R4, "task-intent", "unknown", "http://hl7.org/fhir/task-intent"),
        (Release::R4, "task-intent", "order", "http://hl7.org/fhir/request-intent"),
        // Two systems have the code.
        (Release::R4, "provenance-activity-type", "LA", ""),
        // Of systems whose codes nobody has listed.
        (Release::R4, "mimetypes", "application/pdf", "urn:ietf:bcp:13"),
        (Release::R5, "all-languages", "de-AT", "urn:ietf:bcp:47"),
    ];
    for (release, set, code, system) in expected {
        let url = format!("http://hl7.org/fhir/ValueSet/{set}");
        let implied = ImpliedSystem::of(&url, Definitions::of(release)).unwrap();
        let found = entries(Sort::Token, Datatype::Code, Some(&implied), &format!("\"{code}\""));
        assert_eq!(shown(&found), [format!("token({code}, {})", hash(system))], "{set} {code}");
    }
    assert!(ImpliedSystem::of("http://hl7.org/fhir/ValueSet/none", Definitions::of(Release::R4)).is_none());
}

#[test]
fn uris() {
    check(
        Sort::Uri,
        &[
            ("uri", r#""http://a.example/B/""#, &["uri(http://a.example/B/)"]),
            ("url", r#""mailto:a@b.example""#, &["uri(mailto:a@b.example)"]),
            ("canonical", r#""http://a.example|2""#, &["uri(http://a.example|2)"]),
            ("oid", r#""urn:oid:1.2""#, &["uri(urn:oid:1.2)"]),
            ("uri", "null", &["uri()"]),
            ("string", r#""http://a.example""#, &[]),
        ],
    );
}

#[test]
fn long_values_are_cut() {
    let long = "x".repeat(601);
    let expected = format!("uri({})", cut(&long));
    assert_eq!(shown(&entries(Sort::Uri, Datatype::Uri, None, &format!("\"{long}\""))), [expected]);
}
