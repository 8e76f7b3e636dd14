//! Changes to one value of a JSON text, by its place: all other text stays as it was.

use proptest::sample::Index;
use rushlight_model::json::{Kind, Limits, Tree, Value};
use rushlight_validation::Rule;

fn parse(text: &str) -> Tree {
    Tree::parse(text.as_bytes(), &Limits::default()).unwrap()
}

fn with(text: &str, value: Value<'_>, replacement: &str) -> String {
    [&text[..value.span().start], replacement, &text[value.span().end..]].concat()
}

/// A text with one value replaced: by another of its values, by something of another kind, or by itself repeated.
pub fn exchanged(text: &str, from: Index, to: Index, change: u8) -> String {
    let tree = parse(text);
    let text = tree.text();
    let all: Vec<Value<'_>> = tree.root().descendants().collect();
    let (value, other) = (*from.get(&all), to.get(&all).raw());
    let raw = value.raw();
    let replacement = match change % 10 {
        0 => "null".to_owned(),
        1 => "{}".to_owned(),
        2 => "[]".to_owned(),
        3 => "-1.5e3".to_owned(),
        4 => r##""#""##.to_owned(),
        5 => format!("[{raw}]"),
        6 => format!("[{raw},{raw},null]"),
        7 => format!(r#"{{"extension":[{{"url":"u","valueString":{raw}}}]}}"#),
        8 => format!(r#"{{"resourceType":"Patient","contained":[{raw}],"id":{other}}}"#),
        _ => other.to_owned(),
    };
    with(text, value, &replacement)
}

/// A text with just one fault.
pub struct Fault {
    pub text: String,
    /// Where the value is that is at fault.
    pub offset: usize,
    /// One of these is broken there.
    pub rules: &'static [Rule],
}

/// A valid resource's text with one fault of a kind for which there is one rule.
pub fn fault(text: &str, place: Index, change: Index) -> Fault {
    let tree = parse(text);
    let text = tree.text();
    let all: Vec<Value<'_>> = std::iter::once(tree.root()).chain(tree.root().descendants()).collect();
    let able: Vec<Value<'_>> = all.into_iter().filter(|value| !faults(*value).is_empty()).collect();
    let value = *place.get(&able);
    let kinds = faults(value);
    let (replacement, rules, offset) = change.get(&kinds).clone();
    Fault { text: with(text, value, &replacement), offset: value.span().start + offset, rules }
}

/// What the value may become, the rules that this breaks, and where in the new text.
fn faults(value: Value<'_>) -> Vec<(String, &'static [Rule], usize)> {
    let raw = value.raw();
    let name = value.name();
    match value.kind() {
        Kind::Object => {
            // A member that no type has; an object that has none.
            let more = format!(r#"{{"zzz":7,{}"#, &raw[1..]);
            let mut all = vec![(more, &[Rule::UnknownElement][..], r#"{"zzz":"#.len())];
            if value.parent().is_some() {
                all.push(("{}".to_owned(), &[Rule::Empty, Rule::ResourceType], 0));
                all.push((r#""x""#.to_owned(), &[Rule::JsonKind], 0));
            }
            all
        }
        Kind::Array => vec![
            ("[]".to_owned(), &[Rule::Empty], 0),
            ("7".to_owned(), &[Rule::JsonKind], 0),
            (format!("[[],{}", &raw[1..]), &[Rule::JsonKind, Rule::Format, Rule::Binding], 1),
        ],
        Kind::Null => Vec::new(),
        _ if name.as_deref() == Some("resourceType") => {
            vec![
                (r#""Patinet""#.to_owned(), &[Rule::ResourceType], 0),
                ("7".to_owned(), &[Rule::ResourceType], 0),
            ]
        }
        _ => {
            let mut all = vec![(r#"{"a":1}"#.to_owned(), &[Rule::Format][..], 0)];
            // An item of an array in an array is no value, either; but that is told of the item.
            if name.is_some() {
                all.push((format!("[{raw}]"), &[Rule::Maximum], 0));
                all.push(("null".to_owned(), &[Rule::Format], 0));
            } else {
                all.push(("null".to_owned(), &[Rule::Empty], 0));
            }
            if value.kind() == Kind::String {
                all.push((r#""""#.to_owned(), &[Rule::Format, Rule::Narrative], 0));
                all.push(("7".to_owned(), &[Rule::Format], 0));
            } else {
                all.push((format!(r#""{raw}""#), &[Rule::Format], 0));
            }
            all
        }
    }
}
