//! Numbers, quantities and positions.

use super::*;

/// Numbers have no precision of their own in the index; a search has: <https://hl7.org/fhir/R4/search.html#number>.
#[test]
fn numbers() {
    check(
        Sort::Number,
        &[
            ("decimal", "100.00", &["number({100}, {100})"]),
            ("decimal", "1e2", &["number({100}, {100})"]),
            ("decimal", "-0.0", &["number({0}, {0})"]),
            ("integer", "-7", &["number({-7}, {-7})"]),
            ("unsignedInt", "0", &["number({0}, {0})"]),
            ("integer64", r#""9007199254740993""#, &["number({9007199254740993}, {9007199254740993})"]),
            ("Range", r#"{"low":{"value":1.5},"high":{"value":2}}"#, &["number({1.5}, {2})"]),
            ("Range", r#"{"low":{"value":1}}"#, &["number({1}, {+inf})"]),
            ("Range", r#"{"high":{"value":1}}"#, &["number({-inf}, {1})"]),
            ("Range", "{}", &["number({+inf}, {-inf})"]),
            ("decimal", "null", &["number({+inf}, {-inf})"]),
            ("string", r#""1""#, &[]),
            ("Quantity", r#"{"value":1}"#, &[]),
        ],
    );
}

/// The page's example: 5.4 mg may be found as 5400 ug (<https://hl7.org/fhir/R4/search.html#quantity>).
#[test]
fn quantities() {
    const UCUM: &str = r#""system":"http://unitsofmeasure.org""#;
    let check = |ty: &str, element: &str, expected: &[&str]| {
        check(Sort::Quantity, &[(ty, &element.replace("UCUM", UCUM), expected)]);
    };
    let mg = "<http://unitsofmeasure.org>, <mg>, <mg>";
    check(
        "Quantity",
        r#"{"value":5.40,"unit":"mg",UCUM,"code":"mg"}"#,
        &[&format!("quantity({{5.4}}, {{5.4}}, {mg})"), "quantity_ucum(<g>, {0.0054}, {0.0054})"],
    );
    check(
        "Quantity",
        r#"{"value":5400,"unit":"micro",UCUM,"code":"ug"}"#,
        &[
            "quantity({5400}, {5400}, <http://unitsofmeasure.org>, <ug>, <micro>)",
            "quantity_ucum(<g>, {0.0054}, {0.0054})",
        ],
    );
    for (comparator, low, high) in
        [("<", "-inf", "3"), ("<=", "-inf", "3"), (">", "3", "+inf"), (">=", "3", "+inf"), ("ad", "3", "3")]
    {
        let element = format!(r#"{{"value":3,"comparator":"{comparator}","unit":"mg",UCUM,"code":"mg"}}"#);
        let base = |end: &str| end.replace('3', "0.003");
        let ucum = format!("quantity_ucum(<g>, {{{}}}, {{{}}})", base(low), base(high));
        check("Age", &element, &[&format!("quantity({{{low}}}, {{{high}}}, {mg})"), &ucum]);
    }
    check("Quantity", r#"{"value":1,"unit":"tabs"}"#, &["quantity({1}, {1}, 0, 0, <tabs>)"]);
    check(
        "Quantity",
        r#"{"value":1,"system":"urn:s","code":"mg"}"#,
        &["quantity({1}, {1}, <urn:s>, <mg>, 0)"],
    );
    // The logarithm of something.
    check(
        "Quantity",
        r#"{"value":1,UCUM,"code":"B"}"#,
        &["quantity({1}, {1}, <http://unitsofmeasure.org>, <B>, 0)"],
    );
    check("Quantity", r#"{"unit":"mg",UCUM,"code":"mg"}"#, &["quantity({+inf}, {-inf}, 0, 0, 0)"]);
    check(
        "Money",
        r#"{"value":9.99,"currency":"EUR"}"#,
        &["quantity({9.99}, {9.99}, <urn:iso:std:iso:4217>, <EUR>, <EUR>)"],
    );
    check(
        "Range",
        r#"{"low":{"value":1,"unit":"mg",UCUM,"code":"mg"}}"#,
        &[&format!("quantity({{1}}, {{+inf}}, {mg})"), "quantity_ucum(<g>, {0.001}, {+inf})"],
    );
    check(
        "Range",
        r#"{"high":{"value":1,"unit":"mg",UCUM,"code":"mg"}}"#,
        &[&format!("quantity({{-inf}}, {{1}}, {mg})"), "quantity_ucum(<g>, {-inf}, {0.001})"],
    );
    check("Range", "{}", &["quantity({+inf}, {-inf}, 0, 0, 0)"]);
    check("Ratio", r#"{"numerator":{"value":1}}"#, &[]);
}

#[test]
fn samples() {
    let origin = r#""origin":{"value":2048,"unit":"mV","system":"http://unitsofmeasure.org","code":"mV"}"#;
    let mv = "<http://unitsofmeasure.org>, <mV>, <mV>";
    let expect = |members: &str, low: &str, high: &str| {
        let found =
            shown(&entries(Sort::Quantity, Datatype::SampledData, None, &format!("{{{origin}{members}}}")));
        let expected = expanded(&format!("quantity({{{low}}}, {{{high}}}, {mv})"));
        assert_eq!(found.first(), Some(&expected), "{members}");
        assert_eq!(found.len(), 2);
    };
    expect(r#","factor":1.612,"data":"2 -1 E 1.5 U L""#, "2046.388", "2051.224");
    expect(r#","factor":-1,"data":"2 -1""#, "2046", "2049");
    expect(r#","data":"1e1""#, "2058", "2058");
    for bare in [r#"{"origin":{"value":1},"data":"E L U"}"#, r#"{"origin":{"value":1}}"#, r#"{"data":"1 2"}"#]
    {
        check(Sort::Quantity, &[("SampledData", bare, &["quantity({+inf}, {-inf}, 0, 0, 0)"])]);
    }
}

#[test]
fn positions() {
    check(
        Sort::Position,
        &[
            ("Location.position", r#"{"longitude":-83.69,"latitude":42.25}"#, &["position(42.25, -83.69)"]),
            ("Location.position", r#"{"longitude":-83.69}"#, &[]),
            ("Location.position", "null", &[]),
            ("Range", "{}", &[]),
        ],
    );
}

#[test]
fn base_units() {
    let units = Units::default();
    for (number, unit, base, expected) in [
        ("5.4", "mg", "g", "0.0054"),
        ("120", "mm[Hg]", "m-1.s-2.g", "15998640"),
        ("7.4", "mmol/L", "m-3", "4456384162400000000000000"),
        ("1", "wk", "s", "604800"),
        ("60", "/min", "s-1", "1.000000000000002"),
        ("50", "%", "1", "0.5"),
        ("4", "10*3/uL", "m-3", "4000000000000"),
        ("37", "Cel", "K", "310.15"),
        ("98.6", "[degF]", "K", "310.15"),
        ("-500", "Cel", "K", "-226.85"),
        ("5", "[iU]/L", "[iU]/L", "5"),
        ("0", "kg", "g", "0"),
        ("-1.5", "kg", "g", "-1500"),
        (
            "12345678901234567890123456789012345678901234567890",
            "ug",
            "g",
            "12345678901234567890123456789012345678901234.567890",
        ),
        ("1", "[lb_av]", "g", "453.59237"),
    ] {
        let expected = Some((hash(base), Number::parse(expected).unwrap()));
        // The second time from what is kept.
        for _ in 0..2 {
            assert_eq!(units.base(number, unit), expected, "{number} {unit}");
        }
    }
    for (number, unit) in [
        ("1", "[nothing]"),
        ("1", "[pH]"),
        ("1", ""),
        ("1", "Cel/s"),
        ("x", "mg"),
        ("+1", "Cel"),
        ("1e999", "Cel"),
    ] {
        assert_eq!(units.base(number, unit), None, "{number} {unit}");
    }
}

#[test]
fn more_units_than_are_kept_are_known() {
    let units = Units::default();
    for (at, (unit, expected)) in (0..3000).zip([("mg", "0.002"), ("kg", "2000")].into_iter().cycle()) {
        let expected = Number::parse(expected).unwrap();
        assert_eq!(units.base("2", &format!("{unit}{{{at}}}")), Some((hash("g"), expected)), "{at}");
    }
}
