use super::*;
use crate::Rule::{self, *};
use rushlight_model::json::{Limits, Tree};

fn problems(release: Release, text: &str) -> Vec<Problem> {
    let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
    let mut found = Validator::new(release).check(tree.root());
    found.sort_by_key(|problem| problem.offset);
    found
}

/// Exactly these problems, each by its rule and its element.
#[track_caller]
fn refused(text: &str, expected: &[(Rule, &str)]) {
    let found = problems(Release::R4, text);
    let told: Vec<(Rule, &str)> =
        found.iter().map(|problem| (problem.rule, problem.expression.as_str())).collect();
    assert_eq!(told, expected, "{text}\n{found:#?}");
}

/// A Patient with these members.
fn patient(members: &str) -> String {
    format!(r#"{{"resourceType":"Patient",{members}}}"#)
}

/// An Observation with what it must have, and these members.
fn observation(members: &str) -> String {
    format!(r#"{{"resourceType":"Observation","status":"final","code":{{"text":"x"}},{members}}}"#)
}

#[test]
fn what_keeps_the_rules() {
    for text in [
        r#"{"resourceType":"Patient"}"#,
        &patient(r#""active":true,"name":[{"family":"É","given":["A","B"]}],"birthDate":"1970-05""#),
        &patient(r#""_birthDate":{"extension":[{"url":"u","valueCode":"unknown"}]}"#),
        &patient(r#""birthDate":"1970","_birthDate":{"id":"b"}"#),
        &patient(r#""name":[{"given":["A",null],"_given":[null,{"id":"g"}]}]"#),
        &patient(r#""name":[{"_given":[{"id":"g"}]}]"#),
        &patient(r#""deceasedDateTime":"2020-01-01T10:00:00Z","_deceasedDateTime":{"id":"d"}"#),
        &patient(
            r##""contained":[{"resourceType":"Organization","id":"o"}],"managingOrganization":{"reference":"#o"}"##,
        ),
        &patient(r#""generalPractitioner":[{"reference":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"}]"#),
        &patient(
            r#""generalPractitioner":[{"reference":"http://x.org/Practitioner/1","type":"Practitioner"}]"#,
        ),
        &patient(
            r#""text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"}"#,
        ),
        &patient(
            r#""maritalStatus":{"text":"it is complicated"},"communication":[{"language":{"text":"sv"}}]"#,
        ),
        &patient(r#""extension":[{"url":"u","extension":[{"url":"v","valueQuantity":{"value":1.0}}]}]"#),
        &patient(r#""contact":[{"modifierExtension":[{"url":"u","valueBoolean":true}],"gender":"male"}]"#),
        &observation(r#""valueQuantity":{"value":1.0,"comparator":"<"}"#),
        &observation(r#""referenceRange":[{"low":{"value":1}}]"#),
        r#"{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Basic","code":{"text":"x"}}}]}"#,
        r#"{"resourceType":"Parameters","parameter":[{"name":"p","part":[{"name":"q","valueInteger":1}]}]}"#,
        r#"{"resourceType":"Questionnaire","status":"draft","item":[{"linkId":"1","type":"group","item":[{"linkId":"2","type":"string"}]}]}"#,
    ] {
        refused(text, &[]);
    }
}

#[test]
fn resources_and_elements() {
    for (text, expected) in [
        ("[]", &[(JsonKind, "Resource")][..]),
        ("{}", &[(ResourceType, "Resource.resourceType")]),
        (r#"{"resourceType":"Patinet"}"#, &[(ResourceType, "Patinet")]),
        (r#"{"resourceType":"Resource"}"#, &[(ResourceType, "Resource")]),
        (r#"{"resourceType":"HumanName"}"#, &[(ResourceType, "HumanName")]),
        (r#"{"resourceType":7}"#, &[(ResourceType, "Resource")]),
        (r#"{"resourceType":""}"#, &[(ResourceType, "Resource")]),
        (r#"{"resourceType":"a.b"}"#, &[(ResourceType, "Resource")]),
        (
            r#"{"resourceType":"Observation"}"#,
            &[(Minimum, "Observation.status"), (Minimum, "Observation.code")],
        ),
        (&patient(r#""gendre":"male""#), &[(UnknownElement, "Patient.gendre")]),
        (&patient(r#""_gendre":{"id":"x"}"#), &[(UnknownElement, "Patient._gendre")]),
        (&patient(r#""deceased":true"#), &[(UnknownElement, "Patient.deceased")]),
        (&patient(r#""deceasedString":"x""#), &[(UnknownElement, "Patient.deceasedString")]),
        (&patient(r#""name":[{"familiy":"x"}]"#), &[(UnknownElement, "Patient.name[0].familiy")]),
        (
            &patient(r#""name":[{"resourceType":"x","family":"y"}]"#),
            &[(UnknownElement, "Patient.name[0].resourceType")],
        ),
        (
            &patient(r#""name":[{"modifierExtension":[{"url":"u","valueCode":"c"}],"family":"x"}]"#),
            &[(UnknownElement, "Patient.name[0].modifierExtension")],
        ),
        (
            &patient(r#""deceasedBoolean":true,"deceasedDateTime":"2020""#),
            &[(Choice, "Patient.deceased.ofType(dateTime)")],
        ),
        (&observation(r#""component":[{"valueString":"x"}]"#), &[(Minimum, "Observation.component[0].code")]),
        (r#"{"resourceType":"Extension"}"#, &[(ResourceType, "Extension")]),
    ] {
        refused(text, expected);
    }
}

#[test]
fn forms_of_json() {
    for (text, expected) in [
        (patient(r#""name":{"family":"x"}"#), &[(JsonKind, "Patient.name")][..]),
        (patient(r#""active":[true]"#), &[(Maximum, "Patient.active")]),
        (patient(r#""name":["x"]"#), &[(JsonKind, "Patient.name[0]")]),
        (patient(r#""maritalStatus":"M""#), &[(JsonKind, "Patient.maritalStatus")]),
        (patient(r#""name":[]"#), &[(Empty, "Patient.name")]),
        (patient(r#""name":[{}]"#), &[(Empty, "Patient.name[0]")]),
        (patient(r#""name":[null]"#), &[(Empty, "Patient.name[0]")]),
        (patient(r#""active":null"#), &[(Format, "Patient.active")]),
        (patient(r#""name":[{"family":""}]"#), &[(Format, "Patient.name[0].family")]),
        (patient(r#""name":[{"given":["a",null]}]"#), &[(Empty, "Patient.name[0].given[1]")]),
        (
            patient(r#""name":[{"given":["a",null],"_given":[{"id":"x"},null]}]"#),
            &[(Empty, "Patient.name[0].given[1]")],
        ),
        (
            patient(r#""name":[{"given":["a"],"_given":[null,{"id":"x"}]}]"#),
            &[(PrimitiveExtension, "Patient.name[0].given")],
        ),
        (
            patient(r#""name":[{"given":["a",null,null],"_given":[null,{"id":"x"},null]}]"#),
            &[(Empty, "Patient.name[0].given[2]")],
        ),
        (patient(r#""name":[{"_given":[null]}]"#), &[(Empty, "Patient.name[0].given[0]")]),
        (patient(r#""name":[{"_given":{"id":"x"}}]"#), &[(JsonKind, "Patient.name[0].given")]),
        (patient(r#""_birthDate":[{"id":"x"}]"#), &[(JsonKind, "Patient.birthDate")]),
        (patient(r#""_birthDate":"x""#), &[(JsonKind, "Patient.birthDate")]),
        (patient(r#""_birthDate":{}"#), &[(Empty, "Patient.birthDate")]),
        (patient(r#""_birthDate":{"value":"x"}"#), &[(UnknownElement, "Patient.birthDate.value")]),
        (patient(r#""_maritalStatus":{"id":"x"}"#), &[(PrimitiveExtension, "Patient.maritalStatus")]),
    ] {
        refused(&text, expected);
    }
}

#[test]
fn values_and_codes() {
    for (text, expected) in [
        (patient(r#""birthDate":"1970-13""#), &[(Format, "Patient.birthDate")][..]),
        (patient(r#""active":"true""#), &[(Format, "Patient.active")]),
        (patient(r#""id":"a b""#), &[(Format, "Patient.id")]),
        (patient(r#""meta":{"lastUpdated":"2020"}"#), &[(Format, "Patient.meta.lastUpdated")]),
        (patient(r#""multipleBirthInteger":1.5"#), &[(Format, "Patient.multipleBirth.ofType(integer)")]),
        (observation(r#""valueQuantity":{"value":"1"}"#), &[(Format, "Observation.value.ofType(Quantity).value")]),
        (patient(r#""gender":"M""#), &[(Binding, "Patient.gender")]),
        (patient(r#""name":[{"use":"nick"}]"#), &[(Binding, "Patient.name[0].use")]),
        (patient(r#""contact":[{"gender":"x"}]"#), &[(Binding, "Patient.contact[0].gender")]),
        (
            r#"{"resourceType":"Condition","subject":{"reference":"Patient/1"},"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"actve"}]}}"#.into(),
            &[(Binding, "Condition.clinicalStatus")],
        ),
        (
            r#"{"resourceType":"Condition","subject":{"reference":"Patient/1"},"clinicalStatus":{"text":"active"}}"#.into(),
            &[(Binding, "Condition.clinicalStatus")],
        ),
    ] {
        refused(&text, expected);
    }
}

#[test]
fn references_and_contained() {
    let organization = r#"{"resourceType":"Organization","id":"o"}"#;
    let managed = |contained: &str| {
        patient(&format!(r##""contained":[{contained}],"managingOrganization":{{"reference":"#o"}}"##))
    };
    for (text, expected) in [
        (
            patient(r#""managingOrganization":{"reference":"Patient/1"}"#),
            &[(ReferenceTarget, "Patient.managingOrganization")][..],
        ),
        (
            patient(r#""managingOrganization":{"reference":"http://x.org/fhir/Patient/1"}"#),
            &[(ReferenceTarget, "Patient.managingOrganization")],
        ),
        (
            patient(r#""managingOrganization":{"type":"Patient","display":"x"}"#),
            &[(ReferenceTarget, "Patient.managingOrganization")],
        ),
        (
            patient(r#""managingOrganization":{"reference":"the ward"}"#),
            &[(ReferenceFormat, "Patient.managingOrganization")],
        ),
        (
            patient(r#""managingOrganization":{"reference":"Organization?identifier=x"}"#),
            &[(ReferenceFormat, "Patient.managingOrganization")],
        ),
        (
            patient(r#""managingOrganization":{"reference":"javascript:alert(1)"}"#),
            &[(ReferenceFormat, "Patient.managingOrganization")],
        ),
        (
            observation(r#""focus":[{"reference":"SubscriptionStatus/1"}]"#),
            &[(ReferenceTarget, "Observation.focus[0]")],
        ),
        (
            patient(r##""managingOrganization":{"reference":"#o"}"##),
            &[(LocalReference, "Patient.managingOrganization")],
        ),
        (
            managed(r#"{"resourceType":"Patient","id":"o"}"#),
            &[(ReferenceTarget, "Patient.managingOrganization")],
        ),
        (patient(&format!(r#""contained":[{organization}]"#)), &[(UnusedContained, "Patient.contained[0]")]),
        (managed(&format!("{organization},{organization}")), &[(ContainedId, "Patient.contained[1]")]),
        (
            managed(&format!(r#"{organization},{{"resourceType":"Basic","code":{{"text":"x"}}}}"#)),
            &[(ContainedId, "Patient.contained[1]")],
        ),
        (
            managed(r#"{"resourceType":"Organization","id":"o","meta":{"versionId":"1","security":[{"code":"R"}]}}"#),
            &[(ContainedVersion, "Patient.contained[0].meta"), (ContainedSecurity, "Patient.contained[0].meta")],
        ),
        (
            managed(
                r##"{"resourceType":"Organization","id":"o","contained":[{"resourceType":"Location","id":"l"}],"endpoint":[{"reference":"#l"}]}"##,
            ),
            &[(NestedContained, "Patient.contained[0].contained[0]"), (LocalReference, "Patient.contained[0].endpoint[0]")],
        ),
        (
            r##"{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","managingOrganization":{"reference":"#o"}}}]}"##.into(),
            &[(LocalReference, "Bundle.entry[0].resource.managingOrganization")],
        ),
    ] {
        refused(&text, expected);
    }
}

#[test]
fn extensions_and_narratives() {
    for (text, expected) in [
        (patient(r#""extension":[{"valueCode":"x"}]"#), &[(Minimum, "Patient.extension[0].url")][..]),
        (patient(r#""extension":[{"url":"u"}]"#), &[(Extension, "Patient.extension[0]")]),
        (
            patient(r#""extension":[{"url":"u","valueCode":"x","extension":[{"url":"v","valueCode":"y"}]}]"#),
            &[(Extension, "Patient.extension[0]")],
        ),
        (
            patient(
                r#""text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><script/>x</div>"}"#,
            ),
            &[(Narrative, "Patient.text.div")],
        ),
        (patient(r#""text":{"status":"generated","div":1}"#), &[(Format, "Patient.text.div")]),
        (patient(r#""text":{"status":"generated"}"#), &[(Minimum, "Patient.text.div")]),
    ] {
        refused(&text, expected);
    }
}

#[test]
fn a_release_has_its_own_elements() {
    let encounter = r#"{"resourceType":"Encounter","status":"planned","actualPeriod":{"start":"2020"}}"#;
    assert!(problems(Release::R5, encounter).is_empty());
    assert_eq!(problems(Release::R4, encounter).len(), 2, "no actualPeriod, and a class that must be there");
    let r5_only = r#"{"resourceType":"Transport","intent":"order"}"#;
    assert_eq!(problems(Release::R4B, r5_only)[0].rule, ResourceType);
    let concept = r#"{"resourceType":"MedicationRequest","status":"active","intent":"order","subject":{"reference":"Patient/1"},"medication":{"reference":{"reference":"Patient/1"}}}"#;
    let found = problems(Release::R5, concept);
    assert_eq!((found.len(), found[0].rule), (1, ReferenceTarget), "{found:?}");
}

#[test]
fn problems_beyond_the_most_are_counted_as_one() {
    let many = vec![r#"{"x":1}"#; 500].join(",");
    let found = problems(Release::R4, &patient(&format!(r#""name":[{many}]"#)));
    assert_eq!(found.len(), MOST + 1);
    assert_eq!(found.iter().filter(|problem| problem.rule == More).count(), 1);
}

#[test]
fn what_was_found_is_told_in_part() {
    let long = "a".repeat(10_000);
    let contained = format!(r#"{{"resourceType":"{long}","id":"{long}"}}"#);
    let organization = format!(r#"{{"resourceType":"Organization","id":"{long}"}}"#);
    for text in [
        patient(&format!(r#""{long}":1"#)),
        patient(&format!(r##""contained":[{contained}],"managingOrganization":{{"reference":"#{long}"}}"##)),
        patient(&format!(r#""contained":[{organization},{organization}]"#)),
        format!(r#"{{"resourceType":"{long}"}}"#),
    ] {
        let found = problems(Release::R4, &text);
        assert!(!found.is_empty());
        let short = |problem: &Problem| problem.text.len() < 500 && problem.expression.len() < 200;
        assert!(found.iter().all(short), "{found:?}");
    }
}

#[test]
fn every_rule_has_a_row() {
    // Each rule's name stands in a table above: a rule without a refusal is a rule without a test.
    let tables = include_str!("tests.rs");
    for rule in Rule::ALL {
        let told = format!("{rule:?}, \"");
        let special = matches!(rule, More) && tables.contains("rule == More");
        assert!(tables.contains(&told) || special, "{rule:?}");
    }
}

#[test]
fn a_bundle_and_its_resources_are_checked_apart_or_together() {
    let text = r#"{"resourceType":"Bundle","type":"batch","nonsense":1,"entry":[
        {"resource":{"resourceType":"Patient","actve":true},"request":{"method":"PUT"}}]}"#;
    let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
    let validator = Validator::new(Release::R4);
    let places = |problems: Vec<Problem>| -> Vec<String> {
        problems.into_iter().map(|problem| problem.expression).collect()
    };
    let around = ["Bundle.nonsense", "Bundle.entry[0].request.url"];
    let within = "Bundle.entry[0].resource.actve";
    assert_eq!(places(validator.check_bundle(tree.root())), around);
    let resource = tree.root().get("entry").unwrap().children().next().unwrap().get("resource").unwrap();
    assert_eq!(places(validator.check_at(resource, "Bundle.entry[0].resource")), [within]);
    assert_eq!(places(validator.check(tree.root())), [around[0], within, around[1]]);
}
