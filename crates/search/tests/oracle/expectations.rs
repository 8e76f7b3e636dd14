//! The oracle itself, against rows that were worked out by hand.

use rushlight_model::definitions::{Definitions, Release};
use rushlight_model::{Id, ResourceType};
use rushlight_oracle::expression::Node;
use rushlight_oracle::hash::hash;
use rushlight_oracle::json::Json;
use rushlight_oracle::parameter::parameters;
use rushlight_oracle::rows::{Column, Row};

/// The rows of a parameter of R4 for a resource, as the debug output shows them, shortened.
fn rows(code: &str, resource: &str) -> Vec<String> {
    rows_in(Release::R4, code, resource)
}

fn rows_in(release: Release, code: &str, resource: &str) -> Vec<String> {
    let definitions = Definitions::of(release);
    let json = Json::read(resource);
    let node = Node::resource(&json, definitions).unwrap();
    let all = parameters(definitions, node.ty.name);
    let parameter = all.iter().find(|one| one.definition.code == code).unwrap();
    parameter.rows(node).iter().map(shown).collect()
}

fn shown((table, values): &Row) -> String {
    let values: Vec<String> = values
        .iter()
        .map(|value| match value {
            Column::Int(value) => NAMED
                .iter()
                .find(|name| hash(name) == *value)
                .map_or(value.to_string(), |name| format!("#{name}")),
            Column::Real(text) | Column::Text(text) => text.clone(),
            Column::Bytes(bytes) => bytes.escape_ascii().to_string(),
        })
        .collect();
    format!("{table}({})", values.join(", "))
}

/// Texts whose hashes are shown by name.
const NAMED: &[&str] = &[
    "http://loinc.org",
    "urn:mrn",
    "http://hl7.org/fhir/administrative-gender",
    "http://hl7.org/fhir/special-values",
    "home",
    "http://unitsofmeasure.org",
    "mg",
    "g",
    "kg",
    "urn:iso:std:iso:4217",
    "EUR",
    "Müller",
    "Anna  Lena",
    "K",
    "Cel",
    "[IU]",
    "urn:types",
];

const PATIENT: &str = r##"{
    "resourceType": "Patient", "id": "p1", "gender": "female", "active": true, "birthDate": "1984-03",
    "identifier": [{"system": "urn:mrn", "value": "1", "type": {"text": "Record", "coding": [{"system": "urn:types", "code": "MR"}]}}, {"system": "urn:mrn"}],
    "name": [{"family": "Müller", "given": ["Anna  Lena", null], "_given": [null, {"id": "x"}]}],
    "telecom": [{"system": "phone", "value": "5", "use": "home"}, {"system": "email", "value": "a@b"}],
    "contained": [{"resourceType": "Organization", "id": "o"}],
    "managingOrganization": {"reference": "#o"},
    "generalPractitioner": [
        {"reference": "Practitioner/p2/_history/3"}, {"reference": "http://example.org/fhir/Organization/7"},
        {"type": "Practitioner", "identifier": {"system": "urn:mrn", "value": "8"}},
        {"reference": "urn:uuid:1", "type": "Organization"}, {"display": "someone"}
    ]
}"##;

#[test]
fn patients() {
    for (code, expected) in [
        ("_id", vec!["token(p1, 0)"]),
        ("gender", vec!["token(female, #http://hl7.org/fhir/administrative-gender)"]),
        ("active", vec!["token(true, #http://hl7.org/fhir/special-values)"]),
        ("deceased", vec!["token(false, #http://hl7.org/fhir/special-values)"]),
        (
            "identifier",
            vec![
                "token(, #urn:mrn)",
                "token(1, #urn:mrn)",
                "token_text(record)",
                "token_type(1, MR, #urn:types)",
            ],
        ),
        ("family", vec!["string(muller, #Müller)"]),
        ("given", vec!["string(, 0)", "string(anna lena, #Anna  Lena)"]),
        ("name", vec!["string(anna lena, #Anna  Lena)", "string(muller, #Müller)"]),
        ("phone", vec!["token(5, #home)"]),
        ("birthdate", vec!["date(446947200000000, 449625599999999)"]),
        ("death-date", vec![]),
        ("address", vec![]),
    ] {
        assert_eq!(rows(code, PATIENT), expected, "{code}");
    }
}

#[test]
fn references() {
    let number = |ty| ResourceType::from_name(ty).unwrap().number();
    let (organization, practitioner) = (number("Organization"), number("Practitioner"));
    assert_eq!(rows("organization", PATIENT), [format!("reference(\\x02o, {organization}, )")]);
    let mut expected = vec![
        "reference(, 0, )".to_owned(),
        format!("reference(, {practitioner}, )"),
        format!("reference(\\x01http://example.org/fhir/Organization/7, {organization}, )"),
        format!("reference(\\x01urn:uuid:1, {organization}, )"),
        format!("reference(p2, {practitioner}, 3)"),
        "token(8, #urn:mrn)".to_owned(),
    ];
    expected.sort();
    assert_eq!(rows("general-practitioner", PATIENT), expected);
    let observation = r#"{"resourceType": "Observation", "subject": {"reference": "Group/1", "identifier": {"value": "x"}}}"#;
    assert_eq!(rows("patient", observation), ["token(x, 0)"], "not the reference, which leads elsewhere");
    assert_eq!(
        rows("subject", observation),
        [format!("reference(1, {}, )", number("Group")), "token(x, 0)".into()]
    );
    let uuid = "0190b6a4-7f3e-7c51-9d2a-5e8f1c3b7a60";
    let bundle = format!(
        r#"{{"resourceType": "Bundle", "entry": [{{"resource": {{"resourceType": "Composition", "id": "{uuid}"}}}}]}}"#
    );
    let key = Id::new(uuid).unwrap().to_key().escape_ascii().to_string();
    assert_eq!(rows("composition", &bundle), [format!("reference({key}, {}, )", number("Composition"))]);
    assert_eq!(rows_in(Release::R5, "message", &bundle), Vec::<String>::new());
    let series = r#"{"resourceType": "Measure", "library": ["http://example.org/Library/a|1|2", "b"]}"#;
    assert_eq!(
        rows("depends-on", series),
        ["reference(\\x01b, 0, )", "reference(\\x01http://example.org/Library/a|1, 0, 2)"]
    );
}

#[test]
fn quantities() {
    let observation = |value: &str| {
        format!(r#"{{"resourceType": "Observation", "code": {{"coding": [{{"code": "c"}}]}}, {value}}}"#)
    };
    let ucum = |value: &str, code: &str| {
        observation(&format!(
            r#""valueQuantity": {{{value}, "system": "http://unitsofmeasure.org", "code": "{code}"}}"#
        ))
    };
    let found = rows("value-quantity", &ucum(r#""value": 5.40"#, "mg"));
    assert_eq!(found[0], r"quantity(\xc0\x017, \xc0\x017, #http://unitsofmeasure.org, #mg, 0)");
    assert_eq!(found[1], r"quantity_ucum(#g, \xbf\xfe7, \xbf\xfe7)");
    let found = rows("value-quantity", &ucum(r#""comparator": ">=", "value": 37"#, "Cel"));
    // 310.15 K
    assert_eq!(found[1], r"quantity_ucum(#K, \xc0\x03 \x023, \xff\xff)");
    let found = rows("value-quantity", &ucum(r#""value": 1e3"#, "[IU]"));
    assert_eq!(found[1], r"quantity_ucum(#[IU], \xc0\x04\x0b, \xc0\x04\x0b)");
    let sampled = observation(
        r#""valueSampledData": {"origin": {"value": 1.5, "unit": "g"}, "factor": 0.1, "data": "E 2.5 -30 U L 4"}"#,
    );
    // -1.5 to 1.9
    assert_eq!(
        rows("value-quantity", &sampled),
        [r"quantity(?\xff\xef\xff, \xc0\x01\x14, 0, 0, #g)".to_owned()]
    );
    assert_eq!(rows("code-value-quantity", &sampled), Vec::<String>::new());
    let found = rows("code-value-quantity", &ucum(r#""value": 2"#, "g"));
    assert_eq!(found.len(), 2);
    assert!(
        found[0].starts_with("token_quantity(c, 0, ")
            && found[1].starts_with("token_quantity_ucum(c, 0, #g, "),
        "{found:?}"
    );
    let invoice = r#"{"resourceType": "Invoice", "totalNet": {"value": -0.05, "currency": "EUR"}}"#;
    assert_eq!(
        rows("totalnet", invoice),
        [r"quantity(@\x01\xcc\xff, @\x01\xcc\xff, #urn:iso:std:iso:4217, #EUR, #EUR)"]
    );
}

#[test]
fn composites_and_times() {
    let observation = r#"{
        "resourceType": "Observation",
        "component": [
            {"code": {"coding": [{"code": "a"}, {"code": "b"}]}, "valueCodeableConcept": {"coding": [{"code": "x"}]}},
            {"code": {"coding": [{"code": "c"}]}, "valueString": "y"},
            {"code": {"text": "bare"}, "valueCodeableConcept": {"coding": [{"code": "z"}]}}
        ],
        "effectiveTiming": {"event": ["2020", "2021-02-03T04:05:06.7+01:00"], "repeat": {"boundsPeriod": {"start": "2019"}}}
    }"#;
    assert_eq!(
        rows("component-code-value-concept", observation),
        ["token_token(a, 0, x, 0)", "token_token(b, 0, x, 0)"]
    );
    assert_eq!(rows("date", observation), [format!("date(1546300800000000, {})", i64::MAX)]);
    let reference = r#"{"resourceType": "DocumentReference", "relatesTo": [{"code": "replaces", "target": {"reference": "DocumentReference/2"}}]}"#;
    let number = ResourceType::from_name("DocumentReference").unwrap().number();
    let found = rows("relationship", reference);
    let relation = "http://hl7.org/fhir/document-relationship-type";
    assert_eq!(found, [format!("token_reference(replaces, {}, 2, {number}, )", hash(relation))]);
}
