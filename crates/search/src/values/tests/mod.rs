//! Rows of elements and the entries that they have.

mod coded;
mod numeric;
mod reference;
mod textual;

use rushlight_model::definitions::{Definitions, Release};
use rushlight_model::json::{Limits, Tree};
use rushlight_model::primitive::DateTime;

use super::*;

const SORTS: [Sort; 8] = [
    Sort::Token,
    Sort::Reference,
    Sort::Date,
    Sort::String,
    Sort::Number,
    Sort::Quantity,
    Sort::Uri,
    Sort::Position,
];

/// The resource that elements are in.
const RESOURCE: &str = r#"{"resourceType":"Observation","id":"o","contained":[
    {"resourceType":"Device","id":"d"},{"resourceType":"Patient","id":"p"},{"resourceType":"Group","id":"p"}]}"#;

fn parse(text: &str) -> Tree {
    Tree::parse(text.as_bytes(), &Limits::default()).unwrap()
}

/// The entries of an element; `null` is one without a value.
fn entries(sort: Sort, datatype: Datatype, system: Option<&ImpliedSystem>, element: &str) -> Entries {
    let (tree, resource, units) = (parse(element), parse(RESOURCE), Units::default());
    let element = Element {
        value: Some(tree.root()).filter(|_| element != "null"),
        datatype,
        system,
        contained: &Contained::of(resource.root()),
        units: &units,
    };
    let mut out = Entries::default();
    index(sort, 1, element, &mut out);
    out
}

/// Tables and columns, without flags.
fn shown(entries: &Entries) -> Vec<String> {
    let show = |entry: crate::Entry<'_>| {
        let table = entry.table().unwrap();
        let plain = table.columns.len() - usize::from(table.is_flagged());
        let values: Vec<String> = entry.values().take(plain).map(|value| value.to_string()).collect();
        format!("{}({})", table.name, values.join(", "))
    };
    entries.iter().map(show).collect()
}

/// `<text>` is the hash of the text, `{number}` the bytes of a number, `[text]` those of a text, and `~instant~`
/// microseconds.
fn expanded(expected: &str) -> String {
    let replaced = |text: String, open: char, close: char, replace: &dyn Fn(&str) -> String| {
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some((before, inside)) = rest.split_once(open) {
            let (inside, after) = inside.split_once(close).unwrap();
            out += before;
            out += &replace(inside);
            rest = after;
        }
        out + rest
    };
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let number = |text: &str| match text {
        "-inf" => hex(Number::least().as_bytes()),
        "+inf" => hex(Number::greatest().as_bytes()),
        _ => hex(Number::parse(text).unwrap().as_bytes()),
    };
    let text = replaced(expected.to_owned(), '[', ']', &|text| hex(text.as_bytes()));
    let text = replaced(text, '<', '>', &|text| hash(text).to_string());
    let text = replaced(text, '{', '}', &number);
    replaced(text, '~', '~', &|text| DateTime::parse(text).unwrap().interval(0)[0].to_string())
}

/// Rows of a type of R5, an element and its entries.
fn check(sort: Sort, rows: &[(&str, &str, &[&str])]) {
    let definitions = Definitions::of(Release::R5);
    for (ty, element, expected) in rows {
        let expected: Vec<String> = expected.iter().map(|row| expanded(row)).collect();
        let datatype = Datatype::of(definitions.ty(ty).unwrap(), definitions);
        assert_eq!(shown(&entries(sort, datatype, None, element)), expected, "{ty} {element}");
    }
}

/// Of each datatype: an element that is there has an entry if the sort knows it, and else none.
#[test]
fn what_a_sort_knows_is_never_missing() {
    for release in Release::ALL {
        let definitions = Definitions::of(release);
        for (ty, sort) in definitions.types().iter().flat_map(|ty| SORTS.map(|sort| (ty, sort))) {
            let datatype = Datatype::of(ty, definitions);
            let known = datatype.is_known_to(sort) && sort != Sort::Position;
            for element in ["null", "{}"] {
                let entries = entries(sort, datatype, None, element);
                assert_eq!(!entries.is_empty(), known, "{sort:?} {} {element}", ty.name);
            }
            assert!(datatype.sort().is_none_or(|sort| datatype.is_known_to(sort)), "{}", ty.name);
        }
    }
}
