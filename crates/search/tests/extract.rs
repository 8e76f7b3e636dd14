//! What a walk finds, where paths are not plain: choices, repeats, filters, extensions, composites, compartments.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failed step is a failed test")]

use rushlight_model::definitions::{Definitions, Release};
use rushlight_model::json::{Limits, Tree};
use rushlight_model::{Id, ResourceType};
use rushlight_search::query::Candidate;
use rushlight_search::{Custom, CustomComponent, Entries, Plan, Registry, TableId, Words, contained, hash};

/// The entries of a parameter, without their unit; hashes of these texts are shown as the texts.
fn rows(registry: &Registry, resource: &str, code: &str, texts: &[&str]) -> Vec<String> {
    let tree = Tree::parse(resource.as_bytes(), &Limits::default()).unwrap();
    let name = tree.root().get("resourceType").and_then(|ty| ty.as_str()).unwrap();
    let parameter = registry.parameter(ResourceType::from_name(&name).unwrap(), code).expect(code);
    let mut entries = Entries::default();
    registry.extract(tree.root(), &mut entries);
    let of_parameter =
        entries.iter().filter(|entry| parameter.units().iter().any(|unit| unit.number == entry.unit()));
    of_parameter
        .map(|entry| {
            let shown = entry.to_string().replace(&format!(" {} (", entry.unit()), "(");
            texts.iter().fold(shown, |shown, text| shown.replace(&hash(text).to_string(), text))
        })
        .collect()
}

fn r4(resource: &str, code: &str) -> Vec<String> {
    let texts = ["s1", "s2", "http://unitsofmeasure.org", "mg", "kg", "http://hl7.org/fhir/special-values"];
    rows(&Registry::standard(Release::R4), resource, code, &texts)
}

#[test]
fn of_a_choice_only_the_types_of_the_expression_count() {
    let text = r#"{"resourceType":"Observation","valueString":"Blue"}"#;
    assert_eq!(r4(text, "value-string"), [format!("string(blue, {}, 3)", hash("Blue"))]);
    assert!(r4(text, "value-quantity").is_empty());
    assert!(r4(text, "value-concept").is_empty());
    let text = r#"{"resourceType":"Condition","onsetDateTime":"1970-01-01","abatementString":"x"}"#;
    assert_eq!(r4(text, "onset-date"), ["date(0, 86399999999, 3)"]);
    assert!(r4(text, "onset-age").is_empty());
}

#[test]
fn filters_look_at_each_repeat() {
    let text = r#"{"resourceType":"Patient","telecom":[{"system":"phone","value":"1"},{"system":"email","value":"2"},{"value":"3"}]}"#;
    assert_eq!(r4(text, "phone"), ["token(1, 0)"]);
    assert_eq!(r4(text, "email"), ["token(2, 0)"]);
    assert_eq!(r4(text, "telecom"), ["token(1, 0)", "token(2, 0)", "token(3, 0)"]);
}

#[test]
fn primitives_with_extensions_only_are_there_but_match_nothing() {
    let text = r#"{"resourceType":"Patient","_birthDate":{"extension":[{"url":"u"}]},
        "name":[{"given":["A",null],"_given":[{"id":"x"},{"extension":[{"url":"u","valueCode":"v"}]}]}]}"#;
    let bare = format!("date({}, {}, 0)", i64::MAX, i64::MIN);
    assert_eq!(r4(text, "birthdate"), [bare]);
    assert_eq!(r4(text, "given"), ["string(, 0, 0)".to_owned(), format!("string(a, {}, 3)", hash("A"))]);
}

#[test]
fn a_reference_counts_for_the_parameters_of_its_type() {
    let registry = Registry::standard(Release::R4);
    let observation = ResourceType::from_name("Observation").unwrap();
    let patient = registry.parameter(observation, "patient").unwrap();
    assert_eq!(patient.units()[0].target.map(ResourceType::name), Some("Patient"));
    let text = r#"{"resourceType":"Observation","subject":{"reference":"Group/g"}}"#;
    let group = ResourceType::from_name("Group").unwrap().number();
    assert_eq!(r4(text, "subject"), [format!("reference(67, {group}, )")]);
}

#[test]
fn computed_answers_are_indexed() {
    let system = "http://hl7.org/fhir/special-values";
    for (member, expected) in [
        ("", "false"),
        (r#","deceasedBoolean":false"#, "false"),
        (r#","deceasedBoolean":true"#, "true"),
        (r#","deceasedDateTime":"2020""#, "true"),
    ] {
        let text = format!(r#"{{"resourceType":"Patient"{member}}}"#);
        assert_eq!(r4(&text, "deceased"), [format!("token({expected}, {system})")], "{member}");
    }
}

#[test]
fn an_index_takes_one_of_the_array() {
    let text = r#"{"resourceType":"Bundle","type":"document","entry":[{"resource":{"resourceType":"Composition","id":"c"}},
        {"resource":{"resourceType":"Composition","id":"d"}}]}"#;
    let composition = ResourceType::from_name("Composition").unwrap().number();
    assert_eq!(r4(text, "composition"), [format!("reference(63, {composition}, )")]);
    let r5 = Registry::standard(Release::R5);
    assert_eq!(rows(&r5, text, "composition", &[]), [format!("reference(63, {composition}, )")]);
    assert!(rows(&r5, text, "message", &[]).is_empty());
}

#[test]
fn extensions_stand_for_their_values() {
    let text = r#"{"resourceType":"Patient","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName","valueString":"Öz"},
        {"url":"other","valueString":"no"}]}"#;
    let found = rows(&Registry::standard(Release::R4B), text, "mothersMaidenName", &[]);
    assert_eq!(found, [format!("string(oz, {}, 3)", hash("Öz"))]);
}

#[test]
fn composites_pair_what_is_in_the_same_repeat() {
    let text = r#"{"resourceType":"Observation","code":{"coding":[{"system":"s1","code":"whole"}]},"component":[
        {"code":{"coding":[{"system":"s1","code":"a"},{"system":"s2","code":"b"}]},"valueQuantity":{"value":1}},
        {"code":{"coding":[{"code":"c"}]},"valueQuantity":{"value":2,"unit":"mg"}},
        {"code":{"text":"no code"},"valueQuantity":{"value":3}},
        {"code":{"coding":[{"code":"d"}]},"valueString":"none"}]}"#;
    let (one, two) = ("c0010b", "c00115");
    assert_eq!(
        r4(text, "component-code-value-quantity"),
        [
            format!("token_quantity(a, s1, {one}, {one}, 0, 0, 0)"),
            format!("token_quantity(b, s2, {one}, {one}, 0, 0, 0)"),
            format!("token_quantity(c, 0, {two}, {two}, 0, 0, mg)"),
        ]
    );
    assert!(r4(text, "code-value-quantity").is_empty());
    let swapped = r#"{"resourceType":"DocumentReference","relatesTo":[{"code":"replaces","target":{"reference":"DocumentReference/x"}}]}"#;
    let found = r4(swapped, "relationship");
    assert!(found.len() == 1 && found[0].starts_with("token_reference(replaces, "), "{found:?}");
    let canonical = r#"{"resourceType":"TestScript","scope":[{"artifact":"http://a.example|1","phase":{"coding":[{"code":"unit"}]}}]}"#;
    let found = rows(&Registry::standard(Release::R5), canonical, "scope-artifact-phase", &[]);
    assert!(found.len() == 1 && found[0].starts_with("reference_token("), "{found:?}");
}

#[test]
fn the_product_of_parts_is_bounded() {
    let codings = |count: usize| -> String {
        (0..count).map(|number| format!(r#"{{"code":"{number}"}}"#)).collect::<Vec<_>>().join(",")
    };
    let registry = Registry::standard(Release::R4);
    for (count, overflows) in [(64, false), (65, true)] {
        let all = codings(count);
        let text = format!(
            r#"{{"resourceType":"Observation","code":{{"coding":[{all}]}},"valueCodeableConcept":{{"coding":[{all}]}}}}"#
        );
        let entries = registry.extract_text(text.as_bytes());
        assert_eq!(entries.overflows(), overflows, "{count}");
    }
}

#[test]
fn a_number_beyond_all_others_is_no_missing_part() {
    let text = |value| {
        format!(
            r#"{{"resourceType":"Observation","code":{{"coding":[{{"code":"a"}}]}},"valueQuantity":{{{value}}}}}"#
        )
    };
    assert_eq!(
        r4(&text(r#""value":1e99999"#), "code-value-quantity"),
        ["token_quantity(a, 0, ffff, ffff, 0, 0, 0)"]
    );
    assert!(r4(&text(r#""unit":"mg""#), "code-value-quantity").is_empty());
}

#[test]
fn a_part_may_be_found_from_the_resource() {
    let text = r#"{"resourceType":"MolecularSequence","coordinateSystem":0,"referenceSeq":{"chromosome":{"coding":[{"code":"7"}]}},
        "variant":[{"start":1,"end":2},{"start":2}]}"#;
    assert_eq!(
        r4(text, "chromosome-variant-coordinate"),
        ["token_number_number(7, 0, c0010b, c0010b, c00115, c00115)"]
    );
}

#[test]
fn a_resource_is_in_the_compartments_of_the_patients_that_it_names() {
    let registry = Registry::standard(Release::R4);
    let compartment = |text: &str| -> Vec<String> {
        let entries = registry.extract_text(text.as_bytes());
        let shown = entries.iter().map(|entry| entry.to_string());
        shown
            .filter(|row| row.starts_with("compartment"))
            .map(|row| row.rsplit(' ').next().unwrap().to_owned())
            .collect()
    };
    // 61 is `a`, and so on.
    assert_eq!(
        compartment(r#"{"resourceType":"Patient","id":"a","link":[{"other":{"reference":"Patient/b"}}]}"#),
        ["(61)", "(62)"]
    );
    assert_eq!(
        compartment(
            r#"{"resourceType":"Observation","id":"a","subject":{"reference":"Patient/b"},"performer":[{"reference":"Patient/c"},
            {"reference":"Practitioner/d"},{"reference":"http://elsewhere.example/Patient/e"},{"reference":"Patient/b/_history/2"}]}"#
        ),
        ["(62)", "(63)"]
    );
    assert!(compartment(r#"{"resourceType":"Practitioner","id":"a"}"#).is_empty());
}

#[test]
fn parameters_of_users_share_units_with_the_standard() {
    let patient = ResourceType::from_name("Patient").unwrap();
    let custom = |code: &str, ty, expression: &str, components| Custom {
        id: None,
        url: format!("http://example.org/{code}"),
        code: code.to_owned(),
        ty,
        bases: vec![patient],
        targets: Vec::new(),
        expression: expression.to_owned(),
        components,
        multiple_or: None,
        multiple_and: None,
        comparators: Vec::new(),
        modifiers: Vec::new(),
        chain: Vec::new(),
    };
    use rushlight_model::definitions::SearchParameterType as Type;
    let component = |ty, expression: &str| CustomComponent {
        definition: "http://example.org/of".to_owned(),
        ty,
        expression: expression.to_owned(),
    };
    let mine = [
        custom("sex", Type::Token, "Patient.gender", Vec::new()),
        custom("time", Type::Date, "Patient.birthDate.extension('t').value as dateTime", Vec::new()),
        custom("names", Type::Number, "Patient.name.count()", Vec::new()),
        custom(
            "use-family",
            Type::Composite,
            "Patient.name",
            vec![component(Type::Token, "use"), component(Type::String, "family")],
        ),
    ];
    let mut numbers = 0..;
    let plan = Plan::with(Definitions::of(Release::R4), &mine, Words::Narratives);
    let registry = plan.number(|_| numbers.next().unwrap());
    let of = |code| registry.parameter(patient, code).unwrap().units().to_vec();
    assert_eq!(of("sex"), of("gender"));
    let text = r#"{"resourceType":"Patient","text":{"status":"generated","div":"<div>Hi</div>"},"birthDate":"2000-01-01","_birthDate":{"extension":[{"url":"t","valueDateTime":"1970-01-01T00:00:00Z"}]},
        "name":[{"family":"A","use":"usual"},{"family":"B"}]}"#;
    assert_eq!(rows(&registry, text, "time", &[]), ["date(0, 999999, 3)"]);
    assert_eq!(rows(&registry, text, "names", &[]), ["number(c00115, c00115, 3)"]);
    assert_eq!(
        rows(&registry, text, "use-family", &["A", "http://hl7.org/fhir/name-use"]),
        ["token_string(usual, http://hl7.org/fhir/name-use, a, A)"]
    );
    assert_eq!(rows(&registry, text, "_text", &[]), ["word(hi)"]);
}

#[test]
fn what_is_contained_has_entries_of_its_own_type_apart_from_its_container() {
    let registry = Registry::standard(Release::R4);
    let text = r##"{"resourceType":"Observation","id":"o","status":"final","subject":{"reference":"#p"},"contained":[
        {"resourceType":"Patient","gender":"other"},
        {"resourceType":"Patient","id":"p","gender":"male","link":[{"other":{"reference":"#d"}},{"other":{"reference":"#"}}]},
        {"resourceType":"Patient","id":"p","gender":"female"},
        {"resourceType":"Nothing","id":"n"},{"resourceType":"Patient","id":"no id","gender":"unknown"},
        {"resourceType":"Device","id":"d","status":"active","patient":{"reference":"Patient/1"}}]}"##;
    let entries = registry.extract_text(text.as_bytes());
    let id = Id::new("o").unwrap();
    let ty = |name: &str| ResourceType::from_name(name).unwrap();
    let candidate = Candidate { ty: ty("Observation"), id: &id, last_updated: 0, entries: &entries };
    let inner: Vec<_> = candidate.contained().into_iter().map(|one| (one.ordinal, one.ty, one.id)).collect();
    let expected = [(1, "Patient", "p"), (2, "Device", "d")];
    assert_eq!(inner, expected.map(|(at, name, id)| (at, ty(name), Id::new(id).unwrap())));

    let of = |ordinal: u32, on: &str, code: &str| -> Vec<String> {
        let units = registry.parameter(ty(on), code).unwrap().units();
        let own = entries.iter().filter(|entry| entry.ordinal == ordinal);
        own.filter(|entry| units.iter().any(|unit| unit.number == entry.unit()))
            .map(|entry| entry.values().next().unwrap().to_string())
            .collect()
    };
    assert_eq!(of(0, "Observation", "status"), ["final"]);
    assert_eq!(of(1, "Patient", "gender"), ["male"]);
    assert_eq!(of(2, "Device", "status"), ["active"]);
    // The mark of what is contained, and the id: none for the container.
    assert_eq!(of(1, "Patient", "link"), ["02", "0264"]);
    assert!(of(0, "Patient", "gender").is_empty() && of(2, "Patient", "gender").is_empty());
    for entry in entries.iter() {
        let owner = if entry.ordinal == 0 { 7 } else { (7 << 20) + i64::from(entry.ordinal) };
        assert_eq!(entry.owner(7), owner);
        assert_eq!(entry.param() >= contained::UNITS, entry.ordinal > 0, "{entry}");
        assert!(entry.ordinal == 0 || entry.table != TableId::COMPARTMENT, "{entry}");
    }
}
