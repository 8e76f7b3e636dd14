//! Whatever the expression and the resource are, an evaluation ends within its budget, and without a panic.

use proptest::prelude::*;
use rushlight_fhirpath::{Budget, Environment, ErrorKind, Expression, Node};
use rushlight_model::definitions::{Definitions, Release};
use rushlight_model::json::{Limits, Tree};
use rushlight_model::primitive::DateTime;

const RESOURCES: [&str; 4] = [
    r#"{"resourceType":"Patient","id":"a","active":true,"name":[{"given":[null,"Ann"],"_given":[{"id":"x"}],
        "family":"É"},{"use":"usual"}],"birthDate":"1974-12","_birthDate":{"extension":[{"url":"u",
        "valueDateTime":"1974-12-25T14:35:45.5-05:00"}]},"contained":[{"resourceType":"Patient","id":"b"}],
        "managingOrganization":{"reference":"Organization/1"},"deceasedBoolean":false}"#,
    r#"{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"s","code":"c"}]},
        "valueQuantity":{"value":185.50,"unit":"lbs","system":"http://unitsofmeasure.org","code":"[lb_av]"},
        "effectivePeriod":{"start":"2020","end":"2020-02-30"},"component":[{"valueInteger":99999999999},
        {"valueTime":"10:00"},{"valueQuantity":{"value":1e400}},{"valueSampledData":{"period":-0.0}}]}"#,
    r#"{"resourceType":"Nothing","name":{"given":[[1,[2]],{}]},"_value":[null],"value":"","a":null}"#,
    r#"[1,"a",{"resourceType":5}]"#,
];

const STARTS: &[&str] = &[
    "$this",
    "name",
    "name.given",
    "value",
    "component.value",
    "birthDate",
    "effective",
    "{}",
    "1",
    "-1",
    "2147483647",
    "0.5",
    "79228162514264337593543950335.0",
    "'a'",
    "'é.*('",
    "''",
    "true",
    "@2024-02-29",
    "@9999",
    "@2020T",
    "@T23:59",
    "@2024-01-01T00:00:00.000+14:00",
    "4 'mg'",
    "1 year",
    "0 'Cel'",
    "1 '[pH]'",
    "%resource",
    "$index",
    "$total",
    "now()",
    "descendants()",
    "children()",
    "(1|2|3)",
    "('b'|'a')",
    "managingOrganization.resolve()",
    "type()",
];

const CALLS: &[&str] = &[
    "first()",
    "last()",
    "tail()",
    "count()",
    "not()",
    "exists()",
    "distinct()",
    "toString()",
    "toInteger()",
    "toDecimal()",
    "toQuantity()",
    "toDate()",
    "toDateTime()",
    "toTime()",
    "toBoolean()",
    "abs()",
    "ceiling()",
    "floor()",
    "round(2)",
    "sqrt()",
    "exp()",
    "ln()",
    "truncate()",
    "lowBoundary()",
    "highBoundary()",
    "precision()",
    "upper()",
    "length()",
    "toChars()",
    "trim()",
    "escape('json')",
    "unescape('json')",
    "encode('base64')",
    "decode('hex')",
    "sort()",
    "children()",
    "type()",
    "value",
    "given",
    "hasValue()",
    "extension('u')",
    "allTrue()",
    "repeat($this)",
    "repeat(children())",
    "descendants()",
    "ofType(string)",
    "is(Quantity)",
    "conformsTo('x')",
];

const WITH_ARGUMENT: &[&str] = &[
    "where",
    "select",
    "all",
    "exists",
    "repeat",
    "aggregate",
    "sort",
    "skip",
    "take",
    "union",
    "combine",
    "intersect",
    "exclude",
    "indexOf",
    "substring",
    "startsWith",
    "matches",
    "split",
    "join",
    "power",
    "log",
    "round",
    "lowBoundary",
    "subsetOf",
    "trace",
    "defineVariable",
    "comparable",
    "toQuantity",
    "memberOf",
    "extension",
    "encode",
];

const OPERATORS: &[&str] = &[
    "+", "-", "*", "/", "div", "mod", "&", "|", "=", "!=", "~", "!~", "<", "<=", ">", ">=", "and", "or",
    "xor", "implies", "in", "contains",
];

fn expression() -> impl Strategy<Value = String> {
    let start = prop::sample::select(STARTS).prop_map(str::to_owned);
    start.prop_recursive(6, 40, 3, |inner| {
        let any = prop::sample::select;
        prop_oneof![
            (inner.clone(), any(CALLS)).prop_map(|(left, call)| format!("({left}).{call}")),
            (inner.clone(), any(WITH_ARGUMENT), inner.clone())
                .prop_map(|(left, name, right)| format!("({left}).{name}({right})")),
            (inner.clone(), any(OPERATORS), inner.clone())
                .prop_map(|(left, operator, right)| format!("({left}) {operator} ({right})")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(one, two, three)| format!("({one}).replaceMatches({two}, {three})")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(one, two, three)| format!("iif({one}, {two}, {three})")),
            (inner.clone(), inner.clone()).prop_map(|(one, two)| format!("({one})[{two}]")),
            inner.prop_map(|inner| format!("-({inner})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn evaluation_ends(text in expression(), resource in prop::sample::select(&RESOURCES[..])) {
        let r4 = Definitions::of(Release::R4);
        // What has a wrong pattern or name is refused, and that is all right.
        if let Ok(expression) = Expression::compile(&text, r4) {
            let tree = Tree::parse(resource.as_bytes(), &Limits::default()).unwrap();
            let budget = Budget { steps: 20_000, items: 2_000, bytes: 20_000 };
            let environment = Environment::new()
                .budget(budget)
                .now(DateTime::parse("2024-02-29T12:00:00.000Z").unwrap());
            if let Ok(found) = expression.evaluate(Node::resource(tree.root(), r4), &environment) {
                prop_assert!(found.len() <= budget.items);
            }
            let _ = expression.check("Patient");
            let again = Expression::compile(&expression.syntax().to_string(), r4).unwrap();
            prop_assert_eq!(again.syntax(), expression.syntax());
        }
    }
}

#[test]
fn what_grows_is_stopped() {
    let r4 = Definitions::of(Release::R4);
    let tree = Tree::parse(RESOURCES[0].as_bytes(), &Limits::default()).unwrap();
    let node = Node::resource(tree.root(), r4);
    let doubled = |text: &str, by: &str, times: usize| {
        let mut text = text.to_owned();
        (0..times).for_each(|_| text.push_str(by));
        text
    };
    for (text, what) in [
        (doubled("'a'", ".select($this & $this)", 40), "bytes in a string"),
        (doubled("'a'", ".replace('', 'aaaaaaaaaa')", 40), "bytes in a string"),
        (doubled("(1|2)", ".combine($this.select(1|2|3|4|5)).select(1|2|3|4)", 40), "items"),
        (doubled("'aaaa'", ".replaceMatches('a', '$0$0$0$0')", 40), "bytes in a string"),
        ("(1|2).repeat($this + 1)".to_owned(), "steps"),
    ] {
        let expression = Expression::compile(&text, r4).unwrap();
        let environment = Environment::new();
        let error = expression.evaluate(node, &environment).unwrap_err();
        let limited =
            matches!(error.kind, ErrorKind::Limit { what: found, .. } if found == what || found == "steps");
        assert!(limited, "{text}: {error}");
    }
}

/// As deep as the parser allows, on a thread with as little stack as any has.
#[test]
fn depth_needs_little_stack() {
    let deep = |open: &str, inside: &str, close: &str, times: usize| {
        [open.repeat(times), inside.to_owned(), close.repeat(times)].concat()
    };
    let run = move || {
        let r4 = Definitions::of(Release::R4);
        let nested = deep(r#"{"resourceType":"Bundle","entry":[{"resource":"#, RESOURCES[0], "}]}", 15);
        let tree = Tree::parse(nested.as_bytes(), &Limits::default()).unwrap();
        for (open, inside, close, times) in [
            ("iif(true, ", "1", ")", 45),
            ("$this.where(", "true", ")", 45),
            ("-(", "1", ")", 30),
            ("(1 + ", "1", ")", 45),
            ("select(", "$this = $this.entry", ")", 45),
        ] {
            let text = deep(open, inside, close, times);
            let expression = Expression::compile(&text, r4).unwrap_or_else(|error| panic!("{text}: {error}"));
            let environment = Environment::new();
            let node = Node::resource(tree.root(), r4);
            assert!(expression.evaluate(node, &environment).is_ok(), "{text}");
            let _ = expression.check("Bundle");
        }
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap().join().unwrap();
}
