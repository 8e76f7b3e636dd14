//! What parameters of users find, where their expressions are not like those of the specification.
#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::collections::BTreeSet;

use rushlight_model::ResourceType;
use rushlight_model::definitions::{Definitions, Release, SearchParameterType as Type};
use rushlight_search::{Custom, CustomComponent, Found, Plan, Registry};

const OBSERVATION: &str = r#"{"resourceType":"Observation","status":"final","subject":{"reference":"Group/g"},
    "component":[{"code":{"coding":[{"code":"c"}]},"valueString":"x"},{"code":{"coding":[{"code":"d"}]}}]}"#;

fn named(code: &str, url: &str, base: &str, ty: Type, expression: &str) -> Custom {
    Custom {
        id: None,
        url: url.to_owned(),
        code: code.to_owned(),
        ty,
        bases: vec![ResourceType::from_name(base).unwrap()],
        targets: Vec::new(),
        expression: expression.to_owned(),
        components: Vec::new(),
        multiple_or: None,
        multiple_and: None,
        comparators: Vec::new(),
        modifiers: Vec::new(),
        chain: Vec::new(),
    }
}

fn custom(code: &str, base: &str, ty: Type, expression: &str) -> Custom {
    named(code, &format!("http://example.org/{code}"), base, ty, expression)
}

fn composite(code: &str, base: &str, expression: &str, components: &[(Type, &str)]) -> Custom {
    let component = |(ty, expression): &(Type, &str)| CustomComponent {
        definition: "http://example.org/like".to_owned(),
        ty: *ty,
        expression: (*expression).to_owned(),
    };
    let components = components.iter().map(component).collect();
    Custom { components, ..custom(code, base, Type::Composite, expression) }
}

fn registry(customs: &[Custom]) -> Registry {
    let mut next = 0;
    Plan::new(Definitions::of(Release::R4), customs).number(|_| {
        next += 1;
        next
    })
}

/// The first columns of a parameter's entries.
fn found(registry: &Registry, custom: &Custom, resource: &str) -> Vec<String> {
    let parameter = registry.parameter(*custom.bases.first().unwrap(), &custom.code).unwrap();
    let entries = registry.extract_text(resource.as_bytes());
    let of_parameter =
        entries.iter().filter(|entry| parameter.units().iter().any(|unit| unit.number == entry.unit()));
    of_parameter.map(|entry| entry.values().next().unwrap().to_string()).collect()
}

#[test]
fn texts_of_filters_can_not_be_taken_for_filters() {
    let customs = [
        custom("one", "Patient", Type::String, r#"Patient.name.where(use='x")(text="y').family"#),
        custom("two", "Patient", Type::String, "Patient.name.where(use='x').where(text='y').family"),
    ];
    let text = r#"{"resourceType":"Patient","name":[{"use":"x","text":"y","family":"Both"},
        {"use":"x\")(text=\"y","family":"First"}]}"#;
    let registry = registry(&customs);
    let [one, two] = customs.each_ref().map(|custom| found(&registry, custom, text));
    assert_eq!((one, two), (vec!["first".to_owned()], vec!["both".to_owned()]));
}

#[test]
fn keys_tell_apart_what_finds_other_entries() {
    let expressions = [
        "Patient.name.family",
        "Patient.name.where(use='a').family",
        "Patient.name.where(use='a\\')').family",
        "Patient.name.where(text='a').family",
        "Patient.name[0].family",
        "Patient.name[1].family",
        "Patient.name.first().family",
        "Patient.extension('a').value.ofType(string)",
        "Patient.extension('a').value.ofType(code)",
        "Patient.extension('b').value.ofType(code)",
        "Patient.where(extension('a').exists()).name.family",
    ];
    let mut customs: Vec<Custom> = Vec::new();
    for (at, expression) in expressions.into_iter().enumerate() {
        customs.push(custom(&format!("s{at}"), "Patient", Type::String, expression));
    }
    for (code, second) in [("c1", "family"), ("c2", "text")] {
        customs.push(composite(
            code,
            "Patient",
            "Patient.name",
            &[(Type::Token, "use"), (Type::String, second)],
        ));
    }
    let registry = registry(&customs);
    let mut units = BTreeSet::new();
    for custom in &customs {
        for unit in registry.parameter(*custom.bases.first().unwrap(), &custom.code).unwrap().units() {
            assert!(units.insert(unit.number), "{}", custom.expression);
        }
    }
    assert_eq!(units.len(), customs.len());
}

#[test]
fn a_composite_sees_what_is_in_elements_that_have_composites_of_their_own() {
    let outer = composite(
        "outer",
        "Observation",
        "Observation",
        &[(Type::Token, "component.code"), (Type::Token, "status")],
    );
    let registry = registry(std::slice::from_ref(&outer));
    assert_eq!(found(&registry, &outer, OBSERVATION), ["c", "d"]);
}

#[test]
fn a_part_that_is_restricted_to_a_target_is_refused() {
    let parts = [(Type::Token, "status"), (Type::Reference, "subject.where(resolve() is Patient)")];
    let part = composite("part", "Observation", "Observation", &parts);
    let registry = registry(std::slice::from_ref(&part));
    let parameter = registry.parameter(part.bases[0], "part").unwrap();
    assert!(matches!(parameter.found, Found::Nowhere(_)), "{parameter:?}");
}

#[test]
fn an_index_counts_what_all_sides_of_a_union_find() {
    let first = custom("first", "Patient", Type::Token, "(Patient.gender | Patient.language)[0]");
    let registry = registry(std::slice::from_ref(&first));
    let text = r#"{"resourceType":"Patient","gender":"male","language":"en"}"#;
    assert_eq!(found(&registry, &first, text), ["male"]);
}

#[test]
fn a_date_equals_no_string() {
    let born = custom("born", "Patient", Type::Token, "Patient.where(birthDate='2020').gender");
    let registry = registry(std::slice::from_ref(&born));
    let text = r#"{"resourceType":"Patient","gender":"male","birthDate":"2020"}"#;
    assert!(found(&registry, &born, text).is_empty());
}

#[test]
fn elements_of_any_type_in_one_another_are_few_units() {
    let nested = format!("Patient{}", ".extension.value".repeat(12));
    let nested = custom("nested", "Patient", Type::String, &nested);
    let registry = registry(std::slice::from_ref(&nested));
    assert_eq!(registry.parameter(nested.bases[0], "nested").unwrap().units().len(), 1);
    let [open, close] = [r#"{"extension":[{"url":"u","_valueString":"#, "}]}"];
    let text = format!(
        r#"{{"resourceType":"Patient","extension":[{{"url":"u","_valueString":{}{{"extension":[{{"url":"u","valueString":"deep"}}]}}{}}}]}}"#,
        open.repeat(10),
        close.repeat(10)
    );
    assert_eq!(found(&registry, &nested, &text), ["deep"]);
}

#[test]
fn users_do_not_change_who_is_in_a_compartment() {
    let compartment = |registry: &Registry| -> (Vec<String>, Vec<String>) {
        let of_compartment = |key: &&str| key.contains("Compartment");
        let keys = registry.units().iter().map(|unit| &*unit.key).filter(of_compartment).map(str::to_owned);
        let text = r#"{"resourceType":"Observation","subject":{"reference":"Patient/p"},"performer":[{"reference":"Patient/q"}]}"#;
        let entries = registry.extract_text(text.as_bytes());
        let shown =
            entries.iter().map(|entry| entry.to_string()).filter(|entry| entry.starts_with("compartment"));
        (keys.collect(), shown.map(|entry| entry.rsplit(' ').next().unwrap().to_owned()).collect())
    };
    let standard = compartment(&registry(&[]));
    assert_eq!(standard.1, ["(70)", "(71)"]);
    let url = "http://hl7.org/fhir/SearchParameter/Observation-subject";
    let other = named("subject", url, "Observation", Type::Reference, "Observation.focus");
    assert_eq!(compartment(&registry(&[other])), standard);
}

#[test]
fn what_takes_too_long_to_find_is_not_left_out_in_silence() {
    let pairs = "Patient.name.given.where($this in %resource.name.given.select($this + 'x'))";
    let pairs = custom("pairs", "Patient", Type::String, pairs);
    let registry = registry(&[pairs]);
    let overflows = |count: usize| {
        let given = vec!["\"a\""; count].join(",");
        let text = format!(r#"{{"resourceType":"Patient","name":[{{"given":[{given}]}}]}}"#);
        registry.extract_text(text.as_bytes()).overflows()
    };
    assert_eq!((overflows(10), overflows(2000)), (false, true));
}
