//! The synthetic population, which is valid, keeps all constraints of its release, and no search parameter fails on it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use rushlight_fhirpath::{Environment, Expression, Host, Item, Node, Options, Value};
use rushlight_model::definitions::{Definitions, Release, Severity};
use rushlight_model::json::{Limits, Tree};
use rushlight_population::{Day, Population, Resources};

const PATIENTS: u64 = 20;

struct Narratives;

impl Host for Narratives {
    /// They are looked at elsewhere.
    fn html_checks(&self, _: &Item<'_>) -> Option<bool> {
        Some(true)
    }
}

const ALL: &str = "$this.combine(descendants())";

/// All expressions of a release, by their text.
struct Compiled {
    definitions: &'static Definitions,
    expressions: BTreeMap<&'static str, Expression>,
}

impl Compiled {
    fn of(definitions: &'static Definitions) -> Self {
        let constraints = definitions.types().iter().flat_map(|ty| ty.constraints.iter());
        let parameters = definitions.search_parameters().iter().filter_map(|parameter| parameter.expression);
        let texts = constraints.map(|constraint| constraint.expression).chain(parameters).chain([ALL]);
        let options = Options { as_keeps: true, ..Options::default() };
        let compile = |text| (text, Expression::compile_with(text, definitions, options).unwrap());
        Self { definitions, expressions: texts.map(compile).collect() }
    }

    fn get(&self, text: &str) -> &Expression {
        self.expressions.get(text).unwrap()
    }
}

/// How many rules have been looked at.
fn keeps_all(resource: Node<'_>, compiled: &Compiled) -> usize {
    let environment = Environment::new().host(&Narratives).resource(resource);
    let mut looked_at = 0;
    let nodes = compiled.get(ALL).evaluate(resource, &environment).unwrap();
    for item in &nodes {
        let Item::Node(node) = *item else { continue };
        let Some(ty) = node.definition() else { continue };
        for constraint in ty.constraints.iter().filter(|constraint| constraint.severity == Severity::Error) {
            let found = compiled.get(constraint.expression).evaluate(node, &environment);
            let found = found.unwrap_or_else(|error| panic!("{}: {error}", constraint.expression));
            let kept = found.iter().all(|item| matches!(item.value(), Some(Value::Boolean(true))));
            assert!(kept, "{} on {}: {}", constraint.key, ty.name, node.json().unwrap().raw());
            looked_at += 1;
        }
    }
    for parameter in compiled.definitions.search_parameters() {
        if parameter.base.iter().any(|base| resource.is_a(base))
            && let Some(text) = parameter.expression
        {
            let found = compiled.get(text).evaluate(resource, &environment);
            assert!(found.is_ok(), "{text}: {found:?}");
        }
    }
    looked_at
}

#[test]
fn the_population_keeps_all_constraints() {
    for release in Release::ALL {
        let definitions = Definitions::of(release);
        let compiled = Compiled::of(definitions);
        let today = Day::parse("2026-01-01").unwrap();
        let population = Population::new(rushlight_population::Options::new(release, today));
        let mut resources = Resources::new();
        let mut looked_at = 0;
        for number in 1..=PATIENTS {
            population.write_patient(number, &mut resources);
            for resource in resources.iter() {
                let tree = Tree::parse(resource.json.as_bytes(), &Limits::default()).unwrap();
                looked_at += keeps_all(Node::resource(tree.root(), definitions), &compiled);
            }
        }
        assert!(looked_at > 10_000, "{release}: {looked_at}");
    }
}
