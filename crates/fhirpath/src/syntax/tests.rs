use proptest::prelude::*;

use super::parse;

fn printed(text: &str) -> String {
    match parse(text) {
        Ok(expr) => expr.to_string(),
        Err(fault) => fault.in_text(text).to_string(),
    }
}

#[test]
fn precedence() {
    for (text, expected) in [
        ("1+2*3", "1 + 2 * 3"),
        ("(1+2)*3", "(1 + 2) * 3"),
        ("1-(2-3)-4", "1 - (2 - 3) - 4"),
        ("-1.abs()", "-1.abs()"),
        ("(-1).abs()", "(-1).abs()"),
        ("- -x", "--x"),
        ("1 > 2 is Boolean", "1 > 2 is Boolean"),
        ("(1 > 2) is Boolean", "(1 > 2) is Boolean"),
        (
            "a implies b or c and d in e = f < g | h as i + j",
            "a implies b or c and d in e = f < g | (h as i) + j",
        ),
        ("a = (b implies c)", "a = (b implies c)"),
        ("(a.b).c[0]", "(a.b).c[0]"),
        ("`a b`.`div`.contains.where($this='\\'\\u0041')", "`a b`.`div`.`contains`.where($this = '\\'A')"),
        ("%`vs-x` & %'y z' & %resource", "%`vs-x` & %`y z` & %resource"),
        (
            "@2024-02-29T10:00:00.0Z>@T10:30 or @2024T = @2024-01",
            "@2024-02-29T10:00:00.0Z > @T10:30 or @2024T = @2024-01",
        ),
        ("4 days = 4.0 'd' // comment\n /* and */", "4 days = 4.0 'd'"),
        ("value as FHIR.Quantity", "value as FHIR.Quantity"),
    ] {
        assert_eq!(printed(text), expected, "{text}");
    }
}

#[test]
fn errors() {
    for (text, expected) in [
        ("", "column 1: expected an expression, found the end"),
        ("a.", "column 3: expected the name of an element or function, found the end"),
        ("2 + 2 /", "column 8: expected an expression, found the end"),
        ("a adn b", "column 3: expected an operator or the end, found adn; did you mean and?"),
        ("a.where(b", "column 10: expected , or ), found the end"),
        ("(a\n + b", "line 2, column 5: expected ), found the end"),
        ("'abc", "column 1: expected ' at the end of the string, found no other"),
        ("a /* b", "column 7: expected */ after the comment, found the end"),
        ("'\\x'", "column 2: expected one of \\n \\t \\r \\f \\\\ \\/ \\' \\\" \\` \\uXXXX, found \\x"),
        ("@2023-02-29", "column 1: \"2023-02-29\" is not a date: YYYY, YYYY-MM or YYYY-MM-DD"),
        ("@T10:00Z", "column 8: expected a time without a zone, such as @T10:30, found Z"),
        (
            "9999999999",
            "column 1: \"9999999999\" is not an integer: a whole number from -2147483648 to 2147483647",
        ),
        ("a ? b", "column 3: expected an expression, found '?'"),
        ("and", "column 1: expected an expression, found and"),
    ] {
        assert_eq!(printed(text), expected, "{text}");
    }
}

#[test]
fn depth_is_bounded() {
    for text in [
        format!("{}1{}", "(".repeat(50_000 / 2), ")".repeat(50_000 / 2)),
        "-".repeat(60_000),
        format!("1{}", "+1".repeat(30_000)),
        format!("1{}", " is A".repeat(10_000)),
        "a(".repeat(20_000),
        format!("a{}", "[a".repeat(20_000)),
        "a".repeat(70_000),
    ] {
        assert!(printed(&text).contains("more than"), "{}", text.get(..20).unwrap());
    }
    // A path is as long as it likes.
    let long = format!("a{}", ".a[0]".repeat(12_000));
    assert_eq!(printed(&long), long);
}

proptest! {
    #[test]
    fn any_text_is_survived(text: String) {
        let _ = parse(&text);
    }

    #[test]
    fn printed_and_read_again(text in "(([a-c]|'x'|1|2.5|@2024|@T10:00|4 days|%v|\\$this|\\(|\\)|\\.|\\[|\\]|,|-|\\+| (and|is|in|or|implies|div|contains) |\\||=|~|!=|<|&|\\{\\}|true|`a b`|f\\()){1,14}") {
        if let Ok(expr) = parse(&text) {
            let printed = expr.to_string();
            let again = parse(&printed).map_err(|fault| TestCaseError::fail(format!("{printed}: {fault:?}")))?;
            prop_assert_eq!(again, expr, "{}", printed);
        }
    }
}
