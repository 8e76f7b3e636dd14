//! SearchParameter resources: those of the specification are taken, and wrong ones told precisely.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use rushlight_model::ResourceType;
use rushlight_model::definitions::{Definitions, Release, SearchParameter, SearchParameterType};
use rushlight_model::json::{Limits, Tree};
use rushlight_search::{Custom, Plan, Problem};
use serde_json::{Value, json};

fn read_of(release: Release, resource: &Value, others: &[Custom]) -> Result<Option<Custom>, Vec<Problem>> {
    let tree = Tree::parse(resource.to_string().as_bytes(), &Limits::default()).unwrap();
    Custom::read(tree.root(), Some("own"), Definitions::of(release), others)
}

fn read(resource: &Value, others: &[Custom]) -> Result<Option<Custom>, Vec<Problem>> {
    read_of(Release::R4, resource, others)
}

/// A definition as the resource that it is from.
fn resource(parameter: &SearchParameter) -> Value {
    let mut resource = json!({
        "resourceType": "SearchParameter", "status": "active", "url": parameter.url, "code": parameter.code,
        "type": parameter.ty.code(), "base": parameter.base,
    });
    let components: Vec<Value> = parameter
        .components
        .iter()
        .map(|component| json!({"definition": component.definition, "expression": component.expression}))
        .collect();
    for (name, list) in [
        ("target", json!(parameter.target)),
        ("comparator", json!(parameter.comparators)),
        ("modifier", json!(parameter.modifiers)),
        ("chain", json!(parameter.chain)),
        ("component", json!(components)),
    ] {
        if list.as_array().is_some_and(|list| !list.is_empty()) {
            resource[name] = list;
        }
    }
    if let Some(expression) = parameter.expression {
        resource["expression"] = json!(expression);
    }
    resource
}

/// The definitions of a release that could be a user's.
fn plain(release: Release) -> impl Iterator<Item = &'static SearchParameter> {
    let all = Definitions::of(release).search_parameters().iter();
    all.filter(|parameter| parameter.expression.is_some() && parameter.ty != SearchParameterType::Special)
}

#[test]
fn those_of_the_specification_are_left_as_they_are() {
    for release in Release::ALL {
        for parameter in Definitions::of(release).search_parameters() {
            assert_eq!(read_of(release, &resource(parameter), &[]), Ok(None), "{}", parameter.url);
        }
    }
}

#[test]
fn what_the_specification_could_define_so_can_users_but_for_its_errors() {
    let mut refused = BTreeSet::new();
    let mut taken = 0;
    for (release, parameter) in
        Release::ALL.into_iter().flat_map(|release| plain(release).map(move |one| (release, one)))
    {
        let mut resource = resource(parameter);
        resource["url"] = json!("http://example.org/own");
        resource["code"] = json!(format!("own{}", parameter.code));
        match read_of(release, &resource, &[]) {
            Ok(custom) => {
                taken += 1;
                let custom = custom.unwrap();
                assert_eq!((custom.ty, Some(&*custom.expression)), (parameter.ty, parameter.expression));
                assert_eq!(custom.components.len(), parameter.components.len());
            }
            Err(problems) => {
                let told = |problem: &Problem| {
                    format!("{release} {}: {}: {}", parameter.code, problem.expression, problem.text)
                };
                refused.extend(problems.iter().map(told));
            }
        }
    }
    let expected: BTreeSet<String> = include_str!("refused.txt").lines().map(str::to_owned).collect();
    let more: Vec<_> = refused.difference(&expected).collect();
    let fewer: Vec<_> = expected.difference(&refused).collect();
    assert!(more.is_empty() && fewer.is_empty(), "{more:#?} {fewer:#?}");
    assert!(taken > 3000, "{taken}");
}

/// A parameter that is right.
fn weight() -> Value {
    json!({
        "resourceType": "SearchParameter", "status": "active", "url": "http://example.org/weight|2", "code": "weight",
        "base": ["Observation"], "type": "quantity", "expression": "Observation.value.ofType(Quantity)",
        "comparator": ["gt", "lt"], "modifier": ["missing"], "multipleOr": false,
    })
}

/// It with some members replaced, or taken out where they are null.
fn with(changes: Value) -> Value {
    let mut resource = weight();
    for (name, value) in changes.as_object().unwrap() {
        resource[name] = value.clone();
    }
    resource.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    resource
}

#[test]
fn what_is_right_is_read() {
    let custom = read(&weight(), &[]).unwrap().unwrap();
    let observation = ResourceType::from_name("Observation").unwrap();
    let expected = Custom {
        id: Some("own".to_owned()),
        url: "http://example.org/weight".to_owned(),
        code: "weight".to_owned(),
        ty: SearchParameterType::Quantity,
        bases: vec![observation],
        targets: Vec::new(),
        expression: "Observation.value.ofType(Quantity)".to_owned(),
        components: Vec::new(),
        multiple_or: Some(false),
        multiple_and: None,
        comparators: vec!["gt".to_owned(), "lt".to_owned()],
        modifiers: vec!["missing".to_owned()],
        chain: Vec::new(),
    };
    assert_eq!(custom, expected);
    for status in ["draft", "retired", "unknown"] {
        assert_eq!(read(&with(json!({"status": status, "expression": "("})), &[]), Ok(None));
    }
    assert_eq!(read(&json!({"resourceType": "Patient", "status": "active"}), &[]), Ok(None));
    // A base that is abstract stands for the types based on it.
    let all = with(json!({"base": ["DomainResource"], "type": "token", "code": "lang", "comparator": null,
        "expression": "DomainResource.language"}));
    let bases = read(&all, &[]).unwrap().unwrap().bases;
    assert!(
        bases.len() > 140
            && bases.is_sorted()
            && !bases.contains(&ResourceType::from_name("Bundle").unwrap())
    );
    let targets = with(json!({"type": "reference", "comparator": null, "expression": "Observation.subject",
        "target": ["Patient", "Device"], "chain": ["name"]}));
    let names = |custom: Custom| custom.targets.iter().map(|ty| ty.name()).collect::<Vec<_>>();
    assert_eq!(names(read(&targets, &[]).unwrap().unwrap()), ["Device", "Patient"]);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let own = read(&weight(), &[]).unwrap().unwrap();
    let other = Custom { id: Some("other".to_owned()), ..own };
    let others = std::slice::from_ref(&other);
    let components = |one: &str, two: &str| {
        let of = |code: &str| json!({"definition": format!("http://hl7.org/fhir/SearchParameter/{code}"), "expression": "code"});
        json!({"type": "composite", "comparator": null, "expression": "Observation", "component": [of(one), of(two)]})
    };
    for (changes, element, text) in [
        (json!({"url": null}), "url", "url is missing"),
        (json!({"url": 1}), "url", "must be a string"),
        (json!({"code": null}), "code", "code is missing"),
        (
            json!({"code": "a.b"}),
            "code",
            "a code is made of letters, digits, - and _, and begins with a letter or digit",
        ),
        (
            json!({"code": "_weight"}),
            "code",
            "a code is made of letters, digits, - and _, and begins with a letter or digit",
        ),
        (json!({"code": "w".repeat(65)}), "code", "has more than 64 bytes"),
        (
            json!({"code": "status"}),
            "code",
            "status is the code of http://hl7.org/fhir/SearchParameter/Observation-status already",
        ),
        (json!({"base": null}), "base", "base is missing"),
        (json!({"base": "Observation"}), "base", "must be a list"),
        (
            json!({"base": ["Observaton"]}),
            "base[0]",
            "R4 has no resource type \"Observaton\"; did you mean Observation?",
        ),
        (json!({"base": ["Quantity"]}), "base[0]", "R4 has no resource type \"Quantity\""),
        (json!({"base": vec!["Observation"; 300]}), "base", "has more than 256 items"),
        (json!({"type": null}), "type", "type is missing"),
        (
            json!({"type": "Quantity"}),
            "type",
            "there is no type of search parameter \"Quantity\"; did you mean quantity?",
        ),
        (
            json!({"type": "special"}),
            "type",
            "how a parameter of the type special is searched, only a specification can say",
        ),
        (json!({"expression": null}), "expression", "expression is missing"),
        (json!({"expression": "a".repeat(9000)}), "expression", "has more than 8192 bytes"),
        (
            json!({"expression": "Observation.value.ofTyp(Quantity)"}),
            "expression",
            "column 19: there is no function ofTyp(); did you mean ofType()?",
        ),
        (
            json!({"expression": "Observation.valu"}),
            "expression",
            "column 13: Observation has no element valu; did you mean value?",
        ),
        (
            json!({"expression": "Observation.valueQuantity"}),
            "expression",
            "column 13: Observation has no element valueQuantity; did you mean value?",
        ),
        (
            json!({"expression": "Observation.\n code.text |"}),
            "expression",
            "line 2, column 13: expected an expression, found the end",
        ),
        (json!({"expression": "Patient.name"}), "expression", "column 1: Observation has no element Patient"),
        (
            json!({"expression": "Observation.value.ofType(HumanName)"}),
            "expression",
            "finds nothing in Observation",
        ),
        (
            json!({"expression": "Observation.code"}),
            "expression",
            "finds CodeableConcept, which a parameter of type quantity does not index; of CodeableConcept it can be token",
        ),
        (
            json!({"expression": "Observation.code.exists()"}),
            "expression",
            "finds Boolean, which a parameter of type quantity does not index; of Boolean it can be token",
        ),
        (
            json!({"expression": "Observation.component"}),
            "expression",
            "finds Observation.component, which a parameter of type quantity does not index",
        ),
        (
            json!({"base": ["Observation", "Patient", "Device"], "expression": "Observation.value.ofType(Quantity) | Patient.active"}),
            "expression",
            "finds nothing in Device",
        ),
        (json!({"target": ["Patient"]}), "target", "only parameters of the type reference have targets"),
        (
            json!({"type": "reference", "comparator": null, "expression": "Observation.subject", "target": ["Patiens"]}),
            "target[0]",
            "R4 has no resource type \"Patiens\"; did you mean Patient?",
        ),
        (
            json!({"comparator": ["gt", "more"]}),
            "comparator[1]",
            "\"more\" is not of the value set http://hl7.org/fhir/ValueSet/search-comparator",
        ),
        (
            json!({"type": "token", "expression": "Observation.code"}),
            "comparator[0]",
            "only parameters of the types number, date and quantity have comparators",
        ),
        (
            json!({"modifier": ["exactly"]}),
            "modifier[0]",
            "\"exactly\" is not of the value set http://hl7.org/fhir/ValueSet/search-modifier-code",
        ),
        (json!({"chain": ["name"]}), "chain[0]", "only parameters of the type reference are chained"),
        (json!({"multipleAnd": "true"}), "multipleAnd", "must be true or false"),
        (json!({"xpathUsage": "phonetic"}), "xpathUsage", "only normal use is done"),
        (json!({"constraint": "true"}), "constraint", "constraints of search parameters are not done"),
        (json!({"component": [{}]}), "component", "only composites have components"),
        (
            json!({"type": "composite", "comparator": null}),
            "component",
            "a composite has 2 or 3 components here, found 0",
        ),
        (
            components("nothing", "clinical-code"),
            "component[0].definition",
            "there is no search parameter of this URL, neither in the release nor in the store",
        ),
        (
            components("Observation-code-value-quantity", "clinical-code"),
            "component[0].definition",
            "a parameter of type composite can't be part of a composite",
        ),
        (
            components("clinical-code", "clinical-date"),
            "component[1].expression",
            "finds CodeableConcept, which a parameter of type date does not index; of CodeableConcept it can be token",
        ),
        (
            components("clinical-code", "Observation-derived-from"),
            "component[1].expression",
            "finds CodeableConcept, which a parameter of type reference does not index; of CodeableConcept it can be token",
        ),
        (
            json!({"type": "composite", "comparator": null, "expression": "Observation.component", "component": [
                {"definition": "http://hl7.org/fhir/SearchParameter/clinical-code", "expression": "code"},
                {"definition": "http://hl7.org/fhir/SearchParameter/clinical-code"},
            ]}),
            "component[1].expression",
            "expression is missing",
        ),
        (
            json!({"type": "composite", "comparator": null, "expression": "Observation", "component": [
                {"definition": "http://hl7.org/fhir/SearchParameter/clinical-date", "expression": "effective"},
                {"definition": "http://hl7.org/fhir/SearchParameter/clinical-code", "expression": "code"},
            ]}),
            "component",
            "there is no index for composites of date and token",
        ),
    ] {
        let problems = read(&with(changes.clone()), &[]).unwrap_err();
        let element = format!("SearchParameter.{element}");
        let found: Vec<_> = problems.iter().map(|problem| (&*problem.expression, &*problem.text)).collect();
        assert!(found.contains(&(&element, text)), "{changes}: {found:?}");
    }
    for (changes, element, text) in [
        (json!({}), "url", "another search parameter of the store has this URL"),
        (
            json!({"url": "http://example.org/w"}),
            "code",
            "weight is the code of http://example.org/weight already",
        ),
    ] {
        let problems = read(&with(changes), others).unwrap_err();
        let found = problems
            .iter()
            .any(|it| it.expression == format!("SearchParameter.{element}") && it.text == text);
        assert!(found, "{problems:?}");
    }
    // It may take its own place, and the same code for other types.
    let own = Custom { id: Some("own".to_owned()), ..other.clone() };
    assert!(read(&weight(), &[own]).is_ok());
    let patient =
        with(json!({"url": "http://example.org/w", "base": ["Patient"], "type": "token", "comparator": null,
        "expression": "Patient.active"}));
    assert!(read(&patient, others).is_ok());
    let many: Vec<Custom> = (0..Custom::MOST)
        .map(|at| Custom { code: format!("c{at}"), url: format!("u{at}"), ..other.clone() })
        .collect();
    assert_eq!(
        read(&weight(), &many).unwrap_err()[0].text,
        "there are 1000 search parameters already, which is the most"
    );
}

#[test]
fn places_are_those_of_the_text() {
    let text = "{\"resourceType\":\"SearchParameter\", \"status\":\"active\",\n \"url\":\"u\", \"code\":\"c\", \"type\":\"token\",\n \"base\":[\"Patient\"], \"expression\":\"nmae\"}";
    let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
    let problems = Custom::read(tree.root(), None, Definitions::of(Release::R4), &[]).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(text.get(problems[0].offset..problems[0].offset + 6), Some("\"nmae\""));
}

#[test]
fn all_of_a_store_are_read_whatever_their_order() {
    let composite = with(
        json!({"id": "composite", "url": "http://example.org/both", "code": "both", "type": "composite",
        "comparator": null, "expression": "Observation", "component": [
            {"definition": "http://hl7.org/fhir/SearchParameter/clinical-code", "expression": "code"},
            {"definition": "http://example.org/weight", "expression": "value.ofType(Quantity)"},
        ]}),
    );
    let bodies: Vec<String> = [
        composite,
        with(json!({"id": "weight"})),
        with(json!({"id": "again"})),
        with(json!({"id": "draft", "status": "draft"})),
        with(json!({"id": "wrong", "url": "http://example.org/wrong", "code": "wrong", "expression": "("})),
    ]
    .iter()
    .map(Value::to_string)
    .collect();
    let r4 = Definitions::of(Release::R4);
    let (customs, problems) = Custom::read_all(&bodies, r4);
    let ids: Vec<_> = customs.iter().map(|custom| custom.id.as_deref().unwrap()).collect();
    assert_eq!(ids, ["weight", "composite"]);
    let places: Vec<_> = problems.iter().map(|(id, problem)| (&**id, &*problem.expression)).collect();
    assert_eq!(
        places,
        [
            ("again", "SearchParameter.url"),
            ("again", "SearchParameter.code"),
            ("wrong", "SearchParameter.expression"),
        ]
    );

    // And they are indexed.
    let mut next = 0;
    let registry = Plan::new(r4, &customs).number(|_| {
        next += 1;
        next
    });
    assert_eq!(registry.customs(), customs);
    let observation = ResourceType::from_name("Observation").unwrap();
    let units = |code| registry.parameter(observation, code).unwrap().units().to_vec();
    assert_eq!(units("weight").len(), 1);
    let both = units("both")[0].number;
    let body = r#"{"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"code":"x"},{"code":"y"}]},
        "valueQuantity":{"value":3}}"#;
    let entries = registry.extract_text(body.as_bytes());
    assert_eq!(entries.iter().filter(|entry| entry.unit() == both).count(), 2);
}
