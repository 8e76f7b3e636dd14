//! What FHIR's suite does not ask: hooks, variables, options, companions, wide decimals, and how errors read.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cell::RefCell;

use rushlight_fhirpath::{Environment, Expression, Host, Item, Node, Options, Value};
use rushlight_model::definitions::{Definitions, Release};
use rushlight_model::json::{Limits, Tree};

const OBSERVATION: &str = r##"{"resourceType":"Observation","id":"o","status":"final","code":{"text":"t"},
    "contained":[{"resourceType":"Patient","id":"p","name":[{"family":"F"}]}],
    "subject":{"reference":"#p"},
    "performer":[{"reference":"Practitioner/1"},{"reference":"http://h.org/Organization/2/_history/3"},
        {"reference":"urn:uuid:4"},{"type":"Patient","display":"d"}],
    "valueQuantity":{"value":1.00,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"},
    "component":[{"code":{},"valueInteger":1},{"code":{},"valueString":"s"},
        {"code":{},"valueQuantity":{"value":0.1000000000000000000000000000000000001}}],
    "_status":{"id":"i","extension":[{"url":"u","valueCode":"x"}]}}"##;

fn tree() -> Tree {
    Tree::parse(OBSERVATION.as_bytes(), &Limits::default()).unwrap()
}

/// What an expression finds, or how it fails, as text.
fn found(text: &str, environment: Environment<'_>, options: Options) -> String {
    let r4 = Definitions::of(Release::R4);
    let tree = tree();
    let expression = match Expression::compile_with(text, r4, options) {
        Ok(expression) => expression,
        Err(error) => return error.to_string(),
    };
    let show = |item: &Item<'_>| match item {
        Item::Node(node) if node.json().is_none() => item.type_info().to_string(),
        Item::Node(node) => node.json().unwrap().raw().to_owned(),
        Item::Value(value) => value.to_string(),
        Item::Type(ty) => ty.to_string(),
    };
    match expression.evaluate(Node::resource(tree.root(), r4), &environment) {
        Ok(found) => found.iter().map(show).collect::<Vec<_>>().join(" "),
        Err(error) => error.to_string(),
    }
}

fn plainly(text: &str) -> String {
    found(text, Environment::new(), Options::default())
}

#[test]
fn expressions_are_shared_by_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&Expression::compile("name.matches('a')", Definitions::of(Release::R5)).unwrap());
}

#[test]
fn navigation() {
    for (text, expected) in [
        ("value.value", "1.00"),
        ("value.value.toString() & value.type().name", "1.00Quantity"),
        ("component.value.ofType(integer) | component.value.ofType(string)", "1 \"s\""),
        ("status.extension.value is code", "true"),
        ("status.id & status.extension('u').value", "ix"),
        ("status.children().count()", "2"),
        ("valueQuantity.exists()", "false"),
        ("Resource.id | DomainResource.id | Patient.id", "\"o\""),
        ("contained.name.family", "\"F\""),
        ("contained.type().baseType", "FHIR.DomainResource"),
        ("component[2].value.value > 0.1", "true"),
        ("component[2].value.value + 1", ""),
        ("component[2].value.value = component[2].value.value", "true"),
        ("value = 1000 'g'", "true"),
        ("value ~ 1 'kg' and value != 2 'kg'", "true"),
        ("descendants().where($this is code).count()", "3"),
        ("status.hasValue() and status.getValue() = 'final'", "true"),
        ("%resource.id & %rootResource.id & %context.id", "ooo"),
    ] {
        assert_eq!(plainly(text), expected, "{text}");
    }
}

#[test]
fn references() {
    for (text, expected) in [
        ("subject.resolve().name.family", "\"F\""),
        ("performer.resolve()", "FHIR.Practitioner FHIR.Organization FHIR.Patient"),
        ("performer.where(resolve() is Organization).count()", "1"),
        ("performer.where(resolve() is Patient).display", "\"d\""),
        ("'#'.resolve().id", "\"o\""),
    ] {
        assert_eq!(plainly(text), expected, "{text}");
    }
}

#[derive(Default)]
struct Answers {
    traced: RefCell<Vec<String>>,
}

impl Host for Answers {
    fn member_of(&self, item: &Item<'_>, value_set: &str) -> Option<bool> {
        (value_set == "vs").then(|| matches!(item.value(), Some(Value::String(code)) if code == "final"))
    }

    fn conforms_to(&self, _: &Item<'_>, profile: &str) -> Option<bool> {
        (profile == "p").then_some(true)
    }

    fn subsumes(&self, _: &Item<'_>, _: &Item<'_>) -> Option<bool> {
        Some(true)
    }

    fn html_checks(&self, _: &Item<'_>) -> Option<bool> {
        Some(false)
    }

    fn trace(&self, name: &str, items: &[Item<'_>]) {
        self.traced.borrow_mut().push(format!("{name} {}", items.len()));
    }
}

#[test]
fn hooks() {
    let host = Answers::default();
    for (text, expected, without) in [
        ("status.memberOf('vs')", "true", "column 8: memberOf() can't be answered here"),
        (
            "status.memberOf('other')",
            "column 8: memberOf() can't be answered here",
            "column 8: memberOf() can't be answered here",
        ),
        ("conformsTo('p')", "true", "column 1: conformsTo() can't be answered here"),
        ("code.subsumes(code)", "true", "column 6: subsumes() can't be answered here"),
        ("status.htmlChecks()", "false", "column 8: htmlChecks() can't be answered here"),
        ("component.trace('all').trace('ids', value).count()", "3", "3"),
        ("now()", "column 1: now() can't be answered here", "column 1: now() can't be answered here"),
    ] {
        assert_eq!(found(text, Environment::new().host(&host), Options::default()), expected, "{text}");
        assert_eq!(plainly(text), without, "{text}");
    }
    assert_eq!(*host.traced.borrow(), ["all 3", "ids 3"]);
}

#[test]
fn variables() {
    let set = || Environment::new().variable("a", [Item::from(Value::Integer(7))]);
    for (text, expected) in [
        ("%a + 1", "8"),
        ("%b", "column 1: there is no variable %b"),
        ("defineVariable('x', id).select(%x & %a.toString())", "o7"),
        ("component.defineVariable('n', count()).select(%n)", "3 3 3"),
        ("defineVariable('x', 1).select(%x) | %x", "column 37: there is no variable %x"),
        ("defineVariable('a', 1)", "column 1: the variable %a is defined already"),
        ("defineVariable('ucum', 1)", "column 1: the variable %ucum is defined already"),
        ("component.select(defineVariable('x', $index).select(%x))", "0 1 2"),
        ("%`ext-x`", "http://hl7.org/fhir/StructureDefinition/x"),
    ] {
        assert_eq!(found(text, set(), Options::default()), expected, "{text}");
    }
}

#[test]
fn as_over_several() {
    assert_eq!(plainly("component.value as integer"), "column 17: as takes one item, found 3");
    let keeps = Options { as_keeps: true, ..Options::default() };
    assert_eq!(found("component.value as integer", Environment::new(), keeps), "1");
    assert_eq!(found("component.value.as(string)", Environment::new(), keeps), "\"s\"");
}

#[test]
fn what_is_for_other_types() {
    let on = || Options { on: Definitions::of(Release::R4).ty("Observation"), ..Options::default() };
    for (text, expected) in [
        ("Patient.name | Observation.id | Resource.id | Condition.code", "\"o\""),
        ("Patient.name.exists()", "false"),
        ("Patient.name.count() | Patient.name.where(use = 'a').first()", "0"),
        ("Patient.name.defineVariable('x').select(1)", ""),
        ("contained.select(Patient.name.family)", "\"F\""),
        ("contained.where(Patient.name.exists()).id", "\"p\""),
        ("(component.code | Patient.name | Patient.active).count()", "1"),
    ] {
        assert_eq!(plainly(text), expected, "{text}");
        assert_eq!(found(text, Environment::new(), on()), expected, "{text}");
    }
}

#[test]
fn errors_say_where_and_what() {
    for (text, expected) in [
        ("id.frist()", "column 4: there is no function frist(); did you mean first()?"),
        ("id.first(1)", "column 4: first() takes no argument, found 1"),
        ("id.substring()", "column 4: substring() takes 1 to 2 arguments, found 0"),
        ("value is Quantiti", "column 10: there is no type Quantiti; did you mean Quantity?"),
        ("id.matches('(')", "column 4: not a regular expression: unclosed group"),
        ("component.value + 1", "column 17: + takes one item, found 3"),
        ("code + 1", "column 6: FHIR.CodeableConcept + System.Integer has no meaning"),
        ("'a' < 1", "column 5: System.String < System.Integer has no meaning"),
        ("value.length()", "column 7: length takes a String, found FHIR.Quantity"),
        ("@2024-01-01 + 1 'mo'", "column 13: System.Date + System.Quantity has no meaning"),
        ("%resorce", "column 1: there is no variable %resorce; did you mean %resource?"),
    ] {
        assert_eq!(plainly(text), expected, "{text}");
    }
}

#[test]
fn computing() {
    for (text, expected) in [
        ("2147483647 + 1", ""),
        ("1.10 + 2", "3.10"),
        ("7 div 2 & ''", "column 9: & takes Strings, found System.Integer"),
        ("-7 mod 3", "-1"),
        ("1 day + 1 'h'", "25 'h'"),
        ("3 'km' / 2 'h'", "1.5 'km/h'"),
        ("37 'Cel' = 98.6 '[degF]'", "true"),
        ("1 'm' < 1 's'", ""),
        ("1 year = 12 months", "true"),
        ("1 year = 365 days", ""),
        ("1 year ~ 1 'a'", "true"),
        ("@2016 + 365 days", "2017"),
        ("@2014 + 23 months", "2015"),
        ("@2024-01-31 + 1 month", "2024-02-29"),
        ("@T23:30 + 90 minutes", "01:00"),
        ("@2024-01-01T10:00:00Z + 0.5 's'", "2024-01-01T10:00:00Z"),
        ("@9999-12-31 + 1 day", ""),
        ("'a1b2'.replaceMatches('([a-z])([0-9])', '$2$1x')", "1ax2bx"),
        ("'é€'.substring(1, 1) & 'é€'.length().toString()", "€2"),
        ("'a-b-c'.lastIndexOf('-')", "3"),
        ("'5 \\'mg\\''.toQuantity('g')", "0.005 'g'"),
        ("2.power(10) & ''", "column 13: & takes Strings, found System.Integer"),
        ("10.power(400)", ""),
        ("(2 | 3 | 1).sort(-$this)", "3 2 1"),
        ("'2024-02-30'.toDate().empty()", "true"),
        ("1.5.round() | (-1.5).round()", "2 -2"),
    ] {
        assert_eq!(plainly(text), expected, "{text}");
    }
}
