use proptest::prelude::*;
use proptest::string::string_regex;
use proptest::test_runner::TestRunner;
use regex::Regex;

use super::Primitive::*;
use super::*;
use crate::json::{Limits, Tree};

fn check(primitive: Primitive, json: &str) -> Result<(), Problem> {
    let tree =
        Tree::parse(json.as_bytes(), &Limits::default()).unwrap_or_else(|error| panic!("{json}: {error}"));
    primitive.check(tree.root()).map_err(|error| error.problem)
}

fn wrong(at: usize) -> Result<(), Problem> {
    Err(Problem::Format { at })
}

#[test]
fn names() {
    for primitive in Primitive::ALL {
        assert_eq!(Primitive::from_name(primitive.name()), Some(*primitive));
        assert!(primitive.expected().contains(&format!("{}: ", primitive.name())), "{primitive:?}");
    }
    assert_eq!(Primitive::ALL.len(), 21);
    assert_eq!(Primitive::from_name("Date"), None);
}

#[test]
fn kinds() {
    let kind = |found| Err(Problem::Kind { found });
    for (primitive, json, expected) in [
        (Boolean, "true", Ok(())),
        (Boolean, "false", Ok(())),
        (Boolean, "\"true\"", kind(Kind::String)),
        (Boolean, "1", kind(Kind::Number)),
        (Integer, "\"1\"", kind(Kind::String)),
        (Integer64, "1", kind(Kind::Number)),
        (Decimal, "\"1.0\"", kind(Kind::String)),
        (String, "null", kind(Kind::Null)),
        (Date, "2020", kind(Kind::Number)),
        (Code, "[\"a\"]", kind(Kind::Array)),
        (Uri, "{}", kind(Kind::Object)),
    ] {
        assert_eq!(check(primitive, json), expected, "{primitive:?} {json}");
    }
}

#[test]
fn numbers() {
    let range = Err(Problem::OutOfRange);
    for (primitive, json, expected) in [
        (Integer, "0", Ok(())),
        (Integer, "-0", Ok(())),
        (Integer, "2147483647", Ok(())),
        (Integer, "-2147483648", Ok(())),
        (Integer, "2147483648", range),
        (Integer, "-2147483649", range),
        (Integer, "99999999999999999999", range),
        (Integer, "1.0", wrong(1)),
        (Integer, "10e0", wrong(2)),
        (UnsignedInt, "0", Ok(())),
        (UnsignedInt, "2147483647", Ok(())),
        (UnsignedInt, "2147483648", range),
        (UnsignedInt, "-1", wrong(0)),
        (UnsignedInt, "-0", wrong(0)),
        (PositiveInt, "1", Ok(())),
        (PositiveInt, "2147483648", range),
        (PositiveInt, "0", range),
        (Integer64, "\"9223372036854775807\"", Ok(())),
        (Integer64, "\"-9223372036854775808\"", Ok(())),
        (Integer64, "\"+5\"", Ok(())),
        (Integer64, "\"9223372036854775808\"", range),
        (Integer64, "\"-0\"", wrong(1)),
        (Integer64, "\"05\"", wrong(1)),
        (Integer64, "\"\"", Err(Problem::Empty)),
        (Decimal, "1", Ok(())),
        (Decimal, "-0.00", Ok(())),
        (Decimal, "1E+22", Ok(())),
        (Decimal, "0.12345678901234567890123456789012345678901234567890", Ok(())),
        (Decimal, "1e1000000000000000001", range),
    ] {
        assert_eq!(check(primitive, json), expected, "{primitive:?} {json}");
    }
}

#[test]
fn texts() {
    let empty = Err(Problem::Empty);
    let long = |characters: usize| format!("\"{}\"", "é".repeat(characters));
    for (primitive, json, expected) in [
        (String, r#""a""#, Ok(())),
        (String, r#"" ""#, Ok(())),
        (String, r#""a\u00a0\tb\r\n\u007f""#, Ok(())),
        (String, r#""""#, empty),
        (String, r#""é\u0001""#, wrong(1)),
        (String, r#""ab\f""#, wrong(2)),
        (String, &long(1_048_576), Ok(())),
        (String, &long(1_048_577), Err(Problem::TooLong)),
        (Markdown, "\"# Title\\n\\n* item\"", Ok(())),
        (Markdown, r#""\u001b""#, wrong(0)),
        (Markdown, &long(1_048_577), Err(Problem::TooLong)),
        (Xhtml, r#""<div xmlns=\"http://www.w3.org/1999/xhtml\">a</div>""#, Ok(())),
        (Xhtml, r#""""#, empty),
        (Xhtml, &long(1_048_577), Ok(())),
        (Code, r#""a""#, Ok(())),
        (Code, r#""<=""#, Ok(())),
        (Code, r#""a b é""#, Ok(())),
        (Code, r#"" a""#, wrong(0)),
        (Code, r#""é ""#, wrong(1)),
        (Code, r#""a  b""#, wrong(2)),
        (Code, r#""a\tb""#, wrong(1)),
        (Code, r#""a\u00a0b""#, Ok(())),
        (Code, r#""a\u0001b""#, wrong(1)),
        (Code, r#"" ""#, wrong(0)),
        (Code, r#""""#, empty),
        (Uri, r#""http://example.org/a?b=%20#c""#, Ok(())),
        (Uri, "\"#a\"", Ok(())),
        (Uri, r#""urn:oid:1.2""#, Ok(())),
        (Uri, r#""http://example.org/ü""#, Ok(())),
        (Uri, r#""http:\/\/example.org""#, Ok(())),
        (Uri, r#""""#, empty),
        (Url, r#""http://a b""#, wrong(8)),
        (Canonical, r#""http://example.org/x|1.0#y""#, Ok(())),
        (Canonical, r#""ü\n""#, wrong(1)),
        (Id, r#""a-B.9""#, Ok(())),
        (Id, r#""aü""#, wrong(1)),
        (Id, r#""a_b""#, wrong(1)),
        (Id, &format!("\"{}\"", "a".repeat(65)), Err(Problem::TooLong)),
        (Oid, r#""urn:oid:2.16.840.1.113883""#, Ok(())),
        (Oid, r#""urn:oid:1""#, wrong(9)),
        (Oid, r#""urn:oid:3.1""#, wrong(8)),
        (Oid, r#""urn:oid:1.02""#, wrong(11)),
        (Oid, r#""urn:oid:1.2.""#, wrong(12)),
        (Oid, r#""1.2.3""#, wrong(0)),
        (Uuid, r#""urn:uuid:c757873d-ec9a-4326-a141-556f43239520""#, Ok(())),
        (Uuid, r#""urn:uuid:C757873D-ec9a-4326-a141-556f43239520""#, wrong(9)),
        (Uuid, r#""urn:uuid:c757873d-ec9a-4326-a141-556f4323952""#, wrong(44)),
        (Uuid, r#""urn:uuid:c757873d-ec9a-4326-a141-556f432395200""#, wrong(45)),
        (Base64Binary, r#""AAAA""#, Ok(())),
        (Base64Binary, r#""AA==""#, Ok(())),
        (Base64Binary, r#""AAAAAAA=""#, Ok(())),
        (Base64Binary, r#"" AAAA AAAA\r\nAA== ""#, Ok(())),
        (Base64Binary, r#""+/09 ""#, Ok(())),
        (Base64Binary, r#""AAA""#, wrong(3)),
        (Base64Binary, r#""AAAAA""#, wrong(5)),
        (Base64Binary, r#""A===""#, wrong(1)),
        (Base64Binary, r#""AA=A""#, wrong(3)),
        (Base64Binary, r#""AA==AAAA""#, wrong(4)),
        (Base64Binary, r#""AAAA-_AA""#, wrong(4)),
        (Base64Binary, r#""AA AA""#, wrong(2)),
        (Base64Binary, r#""    ""#, wrong(4)),
        (Base64Binary, r#""""#, empty),
    ] {
        assert_eq!(check(primitive, json), expected, "{primitive:?} {:.100}", json);
    }
}

#[test]
fn dates_and_times() {
    let day = Err(Problem::NoSuchDay);
    for (primitive, text, expected) in [
        (Date, "2020", Ok(())),
        (Date, "2020-02", Ok(())),
        (Date, "2020-02-29", Ok(())),
        (Date, r"20\u00320", Ok(())),
        (Date, "0001-01-01", Ok(())),
        (Date, "0000", wrong(0)),
        (Date, "2023-02-29", day),
        (Date, "1900-02-29", day),
        (Date, "2023-04-31", day),
        (Date, "2023-13", wrong(5)),
        (Date, "2023-00", wrong(5)),
        (Date, "2023-01-32", wrong(8)),
        (Date, "2023-1-1", wrong(6)),
        (Date, "20230101", wrong(4)),
        (Date, "01/02/2023", wrong(2)),
        (Date, "2023-01-01Z", wrong(10)),
        (Date, "2023-01+01:00", wrong(7)),
        (Date, "2023-01-01T00:00:00Z", wrong(10)),
        (Date, "", Err(Problem::Empty)),
        (DateTime, "2020", Ok(())),
        (DateTime, "2020-02-29T23:59:60.123456789012+14:00", Ok(())),
        (DateTime, "2020-02-29T00:00:00Z", Ok(())),
        (DateTime, "2020-02-29-00:00", Ok(())),
        (DateTime, "2020-02Z", Ok(())),
        (DateTime, "2020Z", wrong(4)),
        (DateTime, "2020-02-29T", wrong(11)),
        (DateTime, "2020-02-29T10Z", wrong(13)),
        (DateTime, "2020-02-29T10:00Z", wrong(16)),
        (DateTime, "2020-02-29T10:00:00", wrong(19)),
        (DateTime, "2020-02-29T10:00:00.5", wrong(21)),
        (DateTime, "2020-02-29T24:00:00Z", wrong(11)),
        (DateTime, "2020-02-29T10:60:00Z", wrong(14)),
        (DateTime, "2020-02-29T10:00:61Z", wrong(17)),
        (DateTime, "2020-02-29T10:00:00.Z", wrong(20)),
        (DateTime, "2020-02-29T10:00:00z", wrong(19)),
        (DateTime, "2020-02-29T10:00:00+", wrong(20)),
        (DateTime, "2020-02-29T10:00:00+14:01", wrong(23)),
        (DateTime, "2020-02-29T10:00:00+15:00", wrong(20)),
        (DateTime, "2020-02-29T10:00:00+1:00", wrong(21)),
        (DateTime, "2020-02-29 10:00:00Z", wrong(10)),
        (DateTime, "2021-02-29T10:00:00Z", day),
        (Instant, "2020-02-29T10:00:00Z", Ok(())),
        (Instant, "2020-02-29T10:00:00.000-05:00", Ok(())),
        (Instant, "2020", wrong(4)),
        (Instant, "2020-02-29", wrong(10)),
        (Instant, "2020-02-29T10:00:00", wrong(19)),
        (Time, "00:00:00", Ok(())),
        (Time, "23:59:60.000", Ok(())),
        (Time, "24:00:00", wrong(0)),
        (Time, "10:00", wrong(5)),
        (Time, "10:00:00Z", wrong(8)),
    ] {
        assert_eq!(check(primitive, &format!("\"{text}\"")), expected, "{primitive:?} {text}");
    }
}

#[test]
fn messages() {
    for (primitive, json, expected) in [
        (Id, "1", "expected an id: 1 to 64 of A-Z, a-z, 0-9, - and .; found a JSON number"),
        (Date, "\"2020-1\"", "expected a date: YYYY, YYYY-MM or YYYY-MM-DD; it is wrong from character 7 on"),
        (
            PositiveInt,
            "0",
            "expected a positiveInt: a whole number from 1 to 2147483647; the number is out of range",
        ),
    ] {
        let tree = Tree::parse(json.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(primitive.check(tree.root()).unwrap_err().to_string(), expected);
    }
}

const YEAR: &str = "([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)";
const CLOCK: &str = "([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]+)?";
const ZONE: &str = "(Z|(\\+|-)((0[0-9]|1[0-3]):[0-5][0-9]|14:00))";
const DAY: &str = "(0[1-9]|[1-2][0-9]|3[0-1])";
const MONTH: &str = "(0[1-9]|1[0-2])";

/// The official expressions of a type: the ones of R4 and of R5, the second empty if they are alike.
///
/// Of R5 the bounds of the numbers of digits are left out.
fn official(primitive: Primitive) -> [std::string::String; 2] {
    let [r4, r5] = match primitive {
        Boolean => ["true|false", ""],
        Integer => ["-?([0]|([1-9][0-9]*))", "[0]|[-+]?[1-9][0-9]*"],
        Integer64 => ["[0]|[-+]?[1-9][0-9]*", ""],
        UnsignedInt => ["[0]|([1-9][0-9]*)", ""],
        PositiveInt => ["[1-9][0-9]*", ""],
        Decimal => ["-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?", ""],
        String | Markdown | Xhtml => ["[ \\r\\n\\t\\S]+", "[\\s\\S]+"],
        Uri | Url | Canonical => ["\\S*", ""],
        Base64Binary => [
            "(\\s*([0-9a-zA-Z\\+/=]){4}\\s*)+",
            "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
        ],
        Code => ["[^\\s]+(\\s[^\\s]+)*", "[^\\s]+( [^\\s]+)*"],
        Oid => ["urn:oid:[0-2](\\.(0|[1-9][0-9]*))+", ""],
        Id => ["[A-Za-z0-9\\-\\.]{1,64}", ""],
        Uuid => ["urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", ""],
        Time => [CLOCK, ""],
        Date => return [format!("{YEAR}(-{MONTH}(-{DAY})?)?"), std::string::String::new()],
        Instant => return [format!("{YEAR}-{MONTH}-{DAY}T{CLOCK}{ZONE}"), std::string::String::new()],
        DateTime => {
            return [
                format!("{YEAR}(-{MONTH}(-{DAY}(T{CLOCK}{ZONE})?)?)?"),
                format!("{YEAR}(-{MONTH}(-{DAY}(T{CLOCK})?)?{ZONE}?)?"),
            ];
        }
    };
    // White space is XML's.
    [r4, r5].map(|regex| regex.replace("\\s", "[ \\t\\r\\n]").replace("\\S", "[^ \\t\\r\\n]"))
}

/// Texts of the official formats of a type, and nearly of them.
fn nearly(primitive: Primitive) -> BoxedStrategy<std::string::String> {
    let right = official(primitive).map(|regex| string_regex(&regex).unwrap());
    let [r4, r5] = right;
    let change = (any::<prop::sample::Index>(), 0..3_u8, "[0-9a-zA-Z:.+= \\t\\n\\x01\u{a0}é-]");
    (prop_oneof![r4, r5], prop::option::of(change))
        .prop_map(|(text, change)| {
            let Some((place, how, char)) = change else { return text };
            let mut chars: Vec<char> = text.chars().collect();
            let place = place.index(chars.len() + 1);
            let removed = place..(place + usize::from(how != 0)).min(chars.len());
            chars.splice(removed, char.chars().take(usize::from(how != 1)));
            chars.into_iter().collect()
        })
        .boxed()
}

/// Which official expression a type follows where they differ, beyond what [`Problem`] says otherwise.
fn follows(primitive: Primitive, texts: [bool; 2]) -> bool {
    let [r4, r5] = texts;
    match primitive {
        Code | Base64Binary => r5,
        Integer | DateTime => r4,
        _ => r4 || r5,
    }
}

#[test]
fn what_is_taken_is_official() {
    for primitive in Primitive::ALL.iter().copied() {
        let expressions = official(primitive).map(|regex| Regex::new(&format!("^(?:{regex})$")).unwrap());
        let agrees = |text: std::string::String| {
            let matched = expressions.each_ref().map(|regex| regex.is_match(&text));
            match primitive.check_text(&text).map_err(|error| error.problem) {
                Ok(()) => prop_assert!(matched[0] || matched[1], "{:?} takes {:?}", primitive, text),
                Err(Problem::Format { at }) => {
                    prop_assert!(at <= text.chars().count());
                    let control = text.chars().any(|char| char < ' ');
                    prop_assert!(
                        control || !follows(primitive, matched),
                        "{:?} refuses {:?}",
                        primitive,
                        text
                    );
                }
                Err(Problem::NoSuchDay) => prop_assert!(text.contains("-02-") || text.contains("-31")),
                Err(Problem::OutOfRange) => prop_assert!(text == "0" || text.len() > 9),
                Err(Problem::TooLong) => prop_assert!(primitive == Id && text.len() > 64),
                Err(Problem::Empty) => prop_assert!(text.is_empty()),
                Err(Problem::Kind { .. }) => prop_assert!(false),
            }
            Ok(())
        };
        let mut runner = TestRunner::new(ProptestConfig::with_cases(500));
        runner.run(&nearly(primitive), agrees).unwrap_or_else(|failure| panic!("{failure}"));
    }
}

proptest! {
    #[test]
    fn nothing_is_taken_by_accident(text in "\\PC{0,40}", primitive in prop::sample::select(Primitive::ALL)) {
        let escaped: std::string::String =
            text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        prop_assert_eq!(
            check_as(primitive, &escaped),
            primitive.check_text(&text).map_err(|error| error.problem),
            "escapes change nothing"
        );
    }
}

/// Checks what stands between the quotes of a JSON string; a type of another kind has nothing to say to it.
fn check_as(primitive: Primitive, inside: &str) -> Result<(), Problem> {
    match primitive.kind() {
        Kind::String => check(primitive, &format!("\"{inside}\"")),
        _ => primitive.check_text(&decode(inside)).map_err(|error| error.problem),
    }
}
