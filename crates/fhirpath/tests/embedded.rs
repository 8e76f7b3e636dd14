//! What the embedded host answers, and the paths of nodes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use rushlight_fhirpath::{Embedded, Environment, Expression, Item, Node};
use rushlight_model::definitions::{Definitions, Release};
use rushlight_model::json::{Limits, Tree};

/// What an expression finds, or how it fails, as text; nodes by their paths where `paths` says so.
fn found(release: Release, resource: &str, text: &str, paths: bool) -> String {
    let definitions = Definitions::of(release);
    let tree = Tree::parse(resource.as_bytes(), &Limits::default()).unwrap();
    let host = Embedded::new(definitions).bundle(tree.root());
    let environment = Environment::new().host(&host);
    let expression = Expression::compile(text, definitions).unwrap();
    let show = |item: &Item<'_>| match item {
        Item::Node(node) if paths => node.path().unwrap_or("nowhere".to_owned()),
        Item::Node(node) if node.json().is_none() => item.type_info().to_string(),
        Item::Node(node) => node.json().unwrap().raw().to_owned(),
        other => other.value().unwrap().to_string(),
    };
    match expression.evaluate(Node::resource(tree.root(), definitions), &environment) {
        Ok(found) => found.iter().map(show).collect::<Vec<_>>().join(" "),
        Err(error) => error.to_string(),
    }
}

const UNANSWERED: &str = "can't be answered here";

#[test]
fn membership() {
    let observation = r#"{"resourceType":"Observation","status":"final","language":"de",
        "code":{"coding":[{"system":"http://loinc.org","code":"1-8"},
            {"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]},
        "category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-MaritalStatus","code":"M"}]},
            {"text":"none"},
            {"coding":[{"code":"M"}]},
            {"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-NullFlavor","code":"UNK"}]}],
        "valueString":"final"}"#;
    for (text, expected) in [
        ("status.memberOf('http://hl7.org/fhir/ValueSet/observation-status')", "true"),
        ("status.memberOf(%`vs-observation-status`)", "true"),
        ("status.memberOf('http://hl7.org/fhir/ValueSet/observation-status|4.0.1')", "true"),
        ("status.memberOf('http://hl7.org/fhir/ValueSet/observation-status|3.0.1')", UNANSWERED),
        ("status.memberOf('http://example.org/ValueSet/unknown')", UNANSWERED),
        ("status.memberOf('http://hl7.org/fhir/ValueSet/administrative-gender')", "false"),
        ("language.memberOf('http://hl7.org/fhir/ValueSet/all-languages')", UNANSWERED),
        ("nothing.memberOf('http://hl7.org/fhir/ValueSet/observation-status')", ""),
        ("status.memberOf({})", ""),
        // A string has a meaning where the set has one system.
        ("value.memberOf('http://hl7.org/fhir/ValueSet/observation-status')", "true"),
        ("'final'.memberOf('http://hl7.org/fhir/ValueSet/observation-status')", "true"),
        ("'M'.memberOf('http://hl7.org/fhir/ValueSet/marital-status')", UNANSWERED),
        ("1.memberOf('http://hl7.org/fhir/ValueSet/observation-status')", UNANSWERED),
        // Concepts and codings, by system and code.
        ("category[0].memberOf('http://hl7.org/fhir/ValueSet/marital-status')", "true"),
        ("category[0].coding.memberOf('http://hl7.org/fhir/ValueSet/marital-status')", "true"),
        ("category[1].memberOf('http://hl7.org/fhir/ValueSet/marital-status')", "false"),
        ("category[2].memberOf('http://hl7.org/fhir/ValueSet/marital-status')", "false"),
        ("category[3].memberOf('http://hl7.org/fhir/ValueSet/marital-status')", "true"),
        (
            "category.memberOf('http://hl7.org/fhir/ValueSet/marital-status')",
            "memberOf takes one item, found 4",
        ),
        ("category.where(memberOf('http://hl7.org/fhir/ValueSet/marital-status')).count()", "2"),
        ("code.memberOf('http://hl7.org/fhir/ValueSet/observation-status')", "false"),
        // Types are profiles, of their release.
        ("conformsTo('http://hl7.org/fhir/StructureDefinition/Observation')", "true"),
        ("conformsTo('http://hl7.org/fhir/StructureDefinition/DomainResource|4.0.1')", "true"),
        ("conformsTo('http://hl7.org/fhir/StructureDefinition/Patient')", "false"),
        ("conformsTo('http://hl7.org/fhir/StructureDefinition/Observation|5.0.0')", UNANSWERED),
        ("conformsTo('http://hl7.org/fhir/StructureDefinition/bp')", UNANSWERED),
    ] {
        let found = found(Release::R4, observation, text, false);
        let fits = if expected.contains(' ') { found.ends_with(expected) } else { found == expected };
        assert!(fits, "{text}: {found}, not {expected}");
    }
    let referenced = r#"{"resourceType":"MedicationRequest","reason":[{"concept":{"coding":[
        {"system":"http://hl7.org/fhir/administrative-gender","code":"male"}]}},{"reference":{"display":"x"}}]}"#;
    let genders = "memberOf('http://hl7.org/fhir/ValueSet/administrative-gender')";
    for (path, expected) in [("reason[0]", "true"), ("reason[1]", UNANSWERED)] {
        let found = found(Release::R5, referenced, &format!("{path}.{genders}"), false);
        assert!(found.ends_with(expected), "{found}");
    }
}

const BUNDLE: &str = r##"{"resourceType":"Bundle","type":"collection","entry":[
    {"fullUrl":"http://example.org/fhir/Patient/1","resource":{"resourceType":"Patient","id":"1",
        "meta":{"versionId":"7"},"name":[{"family":"F","given":["A","B"],"_given":[null,{"id":"x"}]}]}},
    {"fullUrl":"urn:uuid:8d2ea5d1-2a4c-4d0e-a0a2-4e3c35b8c3a5","resource":{"resourceType":"Organization","name":"O"}},
    {"fullUrl":"http://one.org/fhir/Device/2","resource":{"resourceType":"Device","id":"2"}},
    {"fullUrl":"http://two.org/fhir/Device/2","resource":{"resourceType":"Device","id":"2","status":"active"}},
    {"request":{"method":"GET","url":"Patient/1"}},
    {"resource":{"resourceType":"Observation","status":"final","code":{},
        "contained":[{"resourceType":"Patient","id":"c","_gender":{"id":"g"}}],
        "valueQuantity":{"value":1},"component":[{"code":{}},{"code":{},"valueInteger":3,"strange":[[{"a":1}]]}]}}]}"##;

#[test]
fn references_lead_to_the_entries_of_a_bundle() {
    for (reference, expected) in [
        ("Patient/1", "Bundle.entry[0].resource"),
        ("http://example.org/fhir/Patient/1", "Bundle.entry[0].resource"),
        ("Patient/1/_history/7", "Bundle.entry[0].resource"),
        ("http://example.org/fhir/Patient/1/_history/7", "Bundle.entry[0].resource"),
        ("Patient/1/_history/6", "nowhere"),
        ("urn:uuid:8d2ea5d1-2a4c-4d0e-a0a2-4e3c35b8c3a5", "Bundle.entry[1].resource"),
        // Two entries have this id: only a full URL tells them apart.
        ("Device/2", "nowhere"),
        ("http://two.org/fhir/Device/2", "Bundle.entry[3].resource"),
        ("Patient/2", "nowhere"),
        ("urn:uuid:4", ""),
    ] {
        let text = format!("'{reference}'.resolve()");
        assert_eq!(found(Release::R4, BUNDLE, &text, true), expected, "{reference}");
    }
    // What is in a resource that is no Bundle is not found by its id.
    let patient =
        r#"{"resourceType":"Patient","id":"1","entry":[{"resource":{"resourceType":"Patient","id":"2"}}]}"#;
    assert_eq!(found(Release::R4, patient, "'Patient/2'.resolve()", true), "nowhere");
}

#[test]
fn paths() {
    let observation = "entry[5].resource";
    for (text, expected) in [
        ("%resource", "Bundle"),
        (
            "entry[0].resource.name.given",
            "Bundle.entry[0].resource.name[0].given[0] Bundle.entry[0].resource.name[0].given[1]",
        ),
        ("entry[0].resource.name.given[1].id", "Bundle.entry[0].resource.name[0].given[1].id"),
        (&format!("{observation}.value"), "Bundle.entry[5].resource.value"),
        (&format!("{observation}.value.value"), "Bundle.entry[5].resource.value.value"),
        (&format!("{observation}.component.value"), "Bundle.entry[5].resource.component[1].value"),
        (&format!("{observation}.contained.gender"), "Bundle.entry[5].resource.contained[0].gender"),
        (&format!("{observation}.contained.gender.id"), "Bundle.entry[5].resource.contained[0].gender.id"),
        // What no definition knows is called as in JSON.
        (
            &format!("{observation}.component[1].children().last()"),
            "Bundle.entry[5].resource.component[1].strange[0]",
        ),
    ] {
        assert_eq!(found(Release::R4, BUNDLE, text, true), expected, "{text}");
    }
    // The element of this name says nothing about the type of what it is in.
    let scenario = r#"{"resourceType":"ExampleScenario","instance":[{"resourceId":"i","resourceType":"Observation",
        "valueQuantity":{},"name":"n"}]}"#;
    let all = found(Release::R4, scenario, "instance.children()", true);
    assert!(all.contains("ExampleScenario.instance[0].valueQuantity"), "{all}");
    assert_eq!(found(Release::R4, r#"{"a":[1]}"#, "a", true), "a[0]");
}
