use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;

fn compact(text: &str) -> Result<String, (JsonErrorKind, usize, usize)> {
    let error = |error: JsonError| (error.kind, error.position.line, error.position.column);
    Tree::parse(text.as_bytes(), &Limits::default()).map(|tree| tree.text().to_owned()).map_err(error)
}

#[test]
fn white_space_goes_and_all_else_stays() {
    for (input, expected) in [
        ("1", "1"),
        (" \t\r\n-0.0e-07 ", "-0.0e-07"),
        ("[1.00, 1e5,1E+5 ,0,-0]", "[1.00,1e5,1E+5,0,-0]"),
        ("123456789012345678901234567890.000", "123456789012345678901234567890.000"),
        (r#" { "b" : 1 , "a" : [ ] , "c" : { } } "#, r#"{"b":1,"a":[],"c":{}}"#),
        (r#""a  b \u00e9 \/ \ud83d\ude00 é 😀""#, r#""a  b \u00e9 \/ \ud83d\ude00 é 😀""#),
        ("[true,\nfalse,\nnull]", "[true,false,null]"),
        (r#""""#, r#""""#),
        (r#"{"":0}"#, r#"{"":0}"#),
    ] {
        assert_eq!(compact(input).as_deref(), Ok(expected), "{input}");
    }
}

#[test]
fn refusals_with_their_places() {
    use JsonErrorKind::*;
    let unexpected = |expected, found| Unexpected { expected, found };
    let end = |expected| UnexpectedEnd { expected };
    let member = "a member's name";
    let string = "the end of this string";
    for (input, kind, line, column) in [
        ("", end("a value"), 1, 1),
        ("  \n ", end("a value"), 2, 2),
        ("\u{feff}1", ByteOrderMark, 1, 1),
        ("1 2", TrailingData, 1, 3),
        ("1\n}", TrailingData, 2, 1),
        ("01", LeadingZero, 1, 1),
        ("-01", LeadingZero, 1, 2),
        ("+1", unexpected("a value", '+'), 1, 1),
        (".5", unexpected("a value", '.'), 1, 1),
        ("1.", end("a digit"), 1, 3),
        ("1.e5", unexpected("a digit", 'e'), 1, 3),
        ("1e", end("a digit"), 1, 3),
        ("-", end("a digit"), 1, 2),
        ("NaN", unexpected("a value", 'N'), 1, 1),
        ("nul", unexpected("a value", 'n'), 1, 1),
        ("[1,]", unexpected("a value", ']'), 1, 4),
        ("[1 2]", unexpected("',' or ']'", '2'), 1, 4),
        ("[1}", unexpected("',' or ']'", '}'), 1, 3),
        ("[", end("a value"), 1, 2),
        ("{", end("a member's name or '}'"), 1, 2),
        ("{\"a\":1,}", unexpected(member, '}'), 1, 8),
        ("{a:1}", unexpected("a member's name or '}'", 'a'), 1, 2),
        ("{\"a\" 1}", unexpected("':'", '1'), 1, 6),
        ("{\"a\":}", unexpected("a value", '}'), 1, 6),
        ("{\"a\":1]", unexpected("',' or '}'", ']'), 1, 7),
        ("// no\n1", unexpected("a value", '/'), 1, 1),
        ("'a'", unexpected("a value", '\''), 1, 1),
        ("[\u{a0}1]", unexpected("a value", '\u{a0}'), 1, 2),
        ("\"abc", end(string), 1, 1),
        ("\"a\nb\"", ControlCharacter, 1, 3),
        ("\"a\u{1f}\"", ControlCharacter, 1, 3),
        ("\"a\0\"", Nul, 1, 3),
        (r#""é\u0000""#, Nul, 1, 3),
        (r#""\x""#, InvalidEscape, 1, 2),
        (r#""\u12g4""#, InvalidEscape, 1, 2),
        (r#""\u12"#, InvalidEscape, 1, 2),
        (r#""\ud800""#, LoneSurrogate, 1, 2),
        (r#""\ud800\u0041""#, LoneSurrogate, 1, 2),
        (r#""\udc00""#, LoneSurrogate, 1, 2),
        (r#"{"a":1,"b":{"a":1},"a":2}"#, DuplicateName { name: "a".into() }, 1, 20),
        ("{\"é\":1,\n \"\\u00e9\":2}", DuplicateName { name: "é".into() }, 2, 2),
    ] {
        assert_eq!(compact(input), Err((kind, line, column)), "{input:?}");
    }
}

#[test]
fn bytes_that_are_not_utf8() {
    let error = Tree::parse(b"[\"\xC3\xA9\",\n\"\xFF\"]", &Limits::default()).unwrap_err();
    assert_eq!((error.kind, error.position), (JsonErrorKind::InvalidUtf8, Position { line: 2, column: 2 }));
    // A surrogate in UTF-8.
    assert!(Tree::parse(b"\"\xED\xA0\x80\"", &Limits::default()).is_err());
}

#[test]
fn limits() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(compact(&nested(64)).is_ok());
    assert_eq!(compact(&nested(65)), Err((JsonErrorKind::TooDeep { limit: 64 }, 1, 65)));
    let deep = Limits { depth: usize::MAX, ..Limits::default() };
    assert!(Tree::parse(nested(1_000_000).as_bytes(), &deep).is_ok());
    let few = Limits { values: 3, ..Limits::default() };
    assert!(Tree::parse(b"[1,2]", &few).is_ok());
    let error = Tree::parse(b"[1,[]\n,3]", &few).unwrap_err();
    assert_eq!(
        (error.kind, error.position),
        (JsonErrorKind::TooManyValues { limit: 3 }, Position { line: 2, column: 2 })
    );
    let short = Limits { bytes: 4, ..Limits::default() };
    assert!(Tree::parse(b"1234", &short).is_ok());
    assert_eq!(Tree::parse(b"12345", &short).unwrap_err().kind, JsonErrorKind::TooLong { limit: 4 });
}

#[test]
fn many_names_are_told_apart() {
    let members = |last: usize| {
        let names: Vec<String> =
            (0..10_000).chain([last]).map(|n| format!("\"n{n}\":{{\"n0\":0}}")).collect();
        format!("[{{{}}},{{\"n0\":0}}]", names.join(","))
    };
    assert!(compact(&members(10_000)).is_ok());
    for twice in [0, 1, MANY_NAMES - 1, MANY_NAMES, MANY_NAMES + 1, 9_999] {
        let name = format!("n{twice}");
        assert!(
            matches!(compact(&members(twice)), Err((JsonErrorKind::DuplicateName { name: found }, ..)) if found == name)
        );
    }
}

const MANY_NAMES: usize = scan::MANY;

#[test]
fn trails_lead_to_the_fault() {
    for (input, expected) in [
        (
            r#"{"resourceType":"Patient","name":[{"given":["a"]},{"given":["a", x]}]}"#,
            Some("Patient.name[1].given[1]"),
        ),
        (r#"{"resourceType":"Patient","a":1,"a":2}"#, Some("Patient.a")),
        (r#"{"b":{"c":[1,2,"#, Some("b.c[2]")),
        (r#"{"resourceType":"Patient","a":1"#, Some("Patient")),
        ("[1,2", Some("[2]")),
        ("x", None),
    ] {
        assert_eq!(trail(input.as_bytes(), &Limits::default()).as_deref(), expected, "{input}");
    }
}

#[test]
fn paths_tell_long_names_in_part() {
    let text = format!(r#"{{"{}":[1]}}"#, "é".repeat(1000));
    let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
    let last = tree.root().descendants().last().unwrap();
    assert_eq!(last.path(), format!("{}[0]", "é".repeat(64)));
}

#[test]
fn a_tree_gives_its_values() {
    let input = " {\"a\" : [ {\"b\":1.00}, \"x\\ny\" ],\n \"c\\u0064\":{}, \"e\":null}";
    let tree = Tree::parse(input.as_bytes(), &Limits::default()).unwrap();
    let root = tree.root();
    let b = root.get("a").and_then(|a| a.children().next()).and_then(|first| first.get("b")).unwrap();
    assert_eq!((b.raw(), b.path().as_str(), b.kind()), ("1.00", "a[0].b", Kind::Number));
    assert_eq!(Position::of(input.as_bytes(), b.source()), Position { line: 1, column: 16 });
    let x = root.get("a").and_then(|a| a.children().nth(1)).unwrap();
    assert_eq!((x.as_str().as_deref(), x.path().as_str(), x.name()), (Some("x\ny"), "a[1]", None));
    let cd = root.get("cd").unwrap();
    assert_eq!((cd.raw(), cd.kind(), cd.children().count()), ("{}", Kind::Object, 0));
    assert_eq!(root.children().filter_map(Value::name).collect::<Vec<_>>(), ["a", "cd", "e"]);
    assert_eq!(root.get("e").map(Value::kind), Some(Kind::Null));
    assert!(root.get("f").is_none() && b.get("x").is_none() && root.parent().is_none());
}

#[test]
fn texts_for_people() {
    for (input, expected) in [
        ("1.00", "1.00"),
        ("[]", "[]"),
        (r#"[{},[],""]"#, "[\n  {},\n  [],\n  \"\"\n]"),
        (
            r#"{"a":{"b":[1,null]},"c":true}"#,
            "{\n  \"a\": {\n    \"b\": [\n      1,\n      null\n    ]\n  },\n  \"c\": true\n}",
        ),
        (r#"{"a\"{[,:":"x\\"}"#, "{\n  \"a\\\"{[,:\": \"x\\\\\"\n}"),
    ] {
        let tree = Tree::parse(input.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(tree.pretty(), expected);
        let mut out = "> ".to_owned();
        tree.root().write_pretty(&mut out);
        assert_eq!(out, format!("> {expected}"));
    }
    let deep = Limits { depth: usize::MAX, ..Limits::default() };
    let nested = "[".repeat(2_000) + &"]".repeat(2_000);
    assert!(Tree::parse(nested.as_bytes(), &deep).unwrap().pretty().starts_with("[\n  [\n    ["));
}

/// A JSON tree together with a text of it: names are distinct, white space and escapes are not uniform.
fn json() -> impl Strategy<Value = String> {
    let number = "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,2})?";
    let leaf = prop_oneof![
        number.prop_map(|number| number),
        any::<String>().prop_map(|text| string(&text)),
        Just("true".to_owned()),
        Just("false".to_owned()),
        Just("null".to_owned()),
    ];
    leaf.prop_recursive(5, 60, 40, |inner| {
        let gap = || "[ \t\r\n]{0,2}";
        let items = prop::collection::vec((gap(), inner.clone(), gap()), 0..6);
        let members = prop::collection::btree_map("\\PC{0,3}", (gap(), inner, gap()), 0..40);
        prop_oneof![
            items.prop_map(|items| {
                let items: Vec<String> = items.into_iter().map(|(a, item, b)| a + &item + &b).collect();
                format!("[{}]", items.join(","))
            }),
            members.prop_map(|members| {
                let member = |(name, (a, value, b)): (String, (String, String, String))| {
                    format!("{a}{}{b}:{a}{value}{b}", string(&name))
                };
                let members: Vec<String> = members.into_iter().map(member).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

fn string(text: &str) -> String {
    let mut out = String::new();
    quote(&mut out, &text.replace('\0', ""));
    out
}

proptest! {
    #[test]
    fn generated_trees_mean_the_same_afterwards(text in json()) {
        let small = compact(&text).unwrap();
        // Numbers by their text: serde_json would make them floats.
        let digits = |text: &str| text.chars().filter(|char| !char.is_ascii_whitespace()).collect::<String>();
        prop_assert_eq!(digits(&small), digits(&text));
        prop_assert_eq!(serde_json::from_str::<Json>(&small).ok(), serde_json::from_str::<Json>(&text).ok());
        prop_assert_eq!(compact(&small).unwrap(), small);
    }

    #[test]
    fn texts_for_people_mean_the_same(text in json()) {
        let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
        prop_assert_eq!(compact(&tree.pretty()).unwrap(), tree.text());
        if let Ok(expected) = serde_json::from_str::<Json>(tree.text()) {
            let lines = serde_json::to_string_pretty(&expected).unwrap().lines().count();
            prop_assert_eq!(tree.pretty().lines().count(), lines);
        }
    }

    #[test]
    fn trees_agree_with_serde(text in json()) {
        let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
        if let Ok(expected) = serde_json::from_str::<Json>(&text) {
            agree(tree.root(), &expected)?;
        }
    }

    #[test]
    fn positions_in_turn_are_those_by_themselves(text in "[aé\n]{0,40}", mut offsets in prop::collection::vec(0..80_usize, 0..6)) {
        offsets.sort_unstable();
        let mut positions = Positions::new(text.as_bytes());
        for offset in offsets {
            let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
            let line = before.split(|byte| *byte == b'\n').next_back().unwrap();
            let column = line.iter().filter(|byte| **byte & 0xC0 != 0x80).count() + 1;
            let lines = before.split(|byte| *byte == b'\n').count();
            prop_assert_eq!(positions.of(offset), Position { line: lines, column });
            prop_assert_eq!(Position::of(text.as_bytes(), offset), Position { line: lines, column });
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes: Vec<u8>) {
        let _ = Tree::parse(&bytes, &Limits::default());
        let _ = trail(&bytes, &Limits::default());
    }

    #[test]
    fn nothing_is_taken_that_serde_refuses(text in "[\\[\\]{}\",:0-9.eE+\\-\\\\u d8ntrfalse]{0,24}") {
        if compact(&text).is_ok() && !text.contains(['e', 'E']) {
            prop_assert!(serde_json::from_str::<Json>(&text).is_ok());
        }
        if let (Err((kind, ..)), Ok(_)) = (compact(&text), serde_json::from_str::<Json>(&text)) {
            prop_assert!(matches!(kind, JsonErrorKind::DuplicateName { .. } | JsonErrorKind::Nul), "{:?}", kind);
        }
    }

    #[test]
    fn quoting_and_decoding(text: String) {
        let quoted = string(&text);
        prop_assert_eq!(decode(&quoted[1..quoted.len() - 1]), text.replace('\0', ""));
    }

    #[test]
    fn cut_texts_are_refused(text in json(), at: prop::sample::Index) {
        let container = text.starts_with(['{', '[', '"']);
        let cut = at.index(text.len());
        if container && text.is_char_boundary(cut) {
            prop_assert!(compact(&text[..cut]).is_err());
        }
    }
}

fn agree(value: Value<'_>, expected: &Json) -> Result<(), TestCaseError> {
    match expected {
        Json::Object(members) => {
            prop_assert_eq!(value.children().count(), members.len());
            for (name, expected) in members {
                agree(value.get(name).unwrap(), expected)?;
            }
        }
        Json::Array(items) => {
            prop_assert_eq!(value.children().count(), items.len());
            for (child, expected) in value.children().zip(items) {
                agree(child, expected)?;
            }
        }
        Json::String(text) => prop_assert_eq!(value.as_str().unwrap(), text.as_str()),
        Json::Number(_) => prop_assert_eq!(value.kind(), Kind::Number),
        Json::Bool(bool) => prop_assert_eq!(value.raw(), bool.to_string()),
        Json::Null => prop_assert_eq!(value.kind(), Kind::Null),
    }
    Ok(())
}

#[test]
fn names_and_companions() {
    let tree = Tree::parse(
        br#"{"a":1,"_a":2,"\u005fb":3,"_\u0063":4,"":5,"_":6,"[":[7],"\"":8,"\\\"":9}"#,
        &Limits::default(),
    )
    .unwrap();
    let found = |is: &dyn Fn(Value<'_>) -> bool| -> Vec<&str> {
        tree.root().descendants().filter(|value| is(*value)).map(|value| value.raw()).collect()
    };
    for (name, named, companions) in [
        ("a", vec!["1"], vec!["2"]),
        ("b", vec![], vec!["3"]),
        ("c", vec![], vec!["4"]),
        ("_b", vec!["3"], vec![]),
        ("", vec!["5"], vec!["6"]),
        ("\"", vec!["8"], vec![]),
        ("\\\"", vec!["9"], vec![]),
    ] {
        assert_eq!(found(&|value| value.is_named(name)), named, "{name:?}");
        assert_eq!(found(&|value| value.is_companion_of(name)), companions, "{name:?}");
    }
}
