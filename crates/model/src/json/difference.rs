//! Where two values are not the same.

use std::collections::HashMap;

use super::{Kind, Value};

/// The first place where two values differ; one of the two may be missing there, not both.
#[derive(Clone, Copy, Debug)]
pub struct Difference<'t> {
    /// What the one has.
    pub one: Option<Value<'t>>,
    /// What the other has.
    pub other: Option<Value<'t>>,
}

impl Difference<'_> {
    /// Where that is, as [`Value::path`] says it; empty for the whole.
    #[must_use]
    pub fn path(&self) -> String {
        self.one.or(self.other).map(Value::path).unwrap_or_default()
    }
}

impl<'t> Value<'t> {
    /// Where this value is first another than `other`, in the order of this one's text; `None` if they are the same.
    ///
    /// The order of an array's items matters, that of an object's members does not. Numbers are the same if their
    /// texts are, strings if they mean the same, however they are escaped.
    ///
    /// ```
    /// use rushlight_model::json::{Limits, Tree};
    ///
    /// let read = |text: &str| Tree::parse(text.as_bytes(), &Limits::default());
    /// let one = read(r#"{"code":["a","\u00e9"],"value":1.50}"#)?;
    /// assert!(one.root().difference(read(r#"{"value":1.50,"code":["a","é"]}"#)?.root()).is_none());
    ///
    /// let other = read(r#"{"value":1.5,"code":["a","é"]}"#)?;
    /// let difference = one.root().difference(other.root()).unwrap();
    /// assert_eq!(difference.path(), "value");
    /// assert_eq!(difference.other.unwrap().raw(), "1.5");
    /// # Ok::<(), rushlight_model::json::JsonError>(())
    /// ```
    #[must_use]
    pub fn difference(self, other: Self) -> Option<Difference<'t>> {
        // No recursion: any depth is welcome.
        let mut pending = vec![Difference { one: Some(self), other: Some(other) }];
        while let Some(pair) = pending.pop() {
            let Difference { one: Some(one), other: Some(other) } = pair else { return Some(pair) };
            let inside = match (one.kind(), other.kind()) {
                (Kind::Object, Kind::Object) => members(one, other),
                (Kind::Array, Kind::Array) => items(one, other),
                _ if scalar(one, other) => continue,
                _ => return Some(pair),
            };
            pending.extend(inside.into_iter().rev());
        }
        None
    }
}

fn scalar(one: Value<'_>, other: Value<'_>) -> bool {
    one.kind() == other.kind()
        && (one.raw() == other.raw() || one.as_str().is_some() && one.as_str() == other.as_str())
}

/// The members of both by their names; those that only the other has come last.
fn members<'t>(one: Value<'t>, other: Value<'t>) -> Vec<Difference<'t>> {
    let mut others: HashMap<_, _> =
        other.children().filter_map(|child| child.name().map(|name| (name, child))).collect();
    let mut pairs: Vec<_> = one
        .children()
        .map(|child| Difference {
            one: Some(child),
            other: child.name().and_then(|name| others.remove(&name)),
        })
        .collect();
    let left = other.children().filter(|child| child.name().is_some_and(|name| others.contains_key(&name)));
    pairs.extend(left.map(|child| Difference { one: None, other: Some(child) }));
    pairs
}

/// The items of both by their places.
fn items<'t>(one: Value<'t>, other: Value<'t>) -> Vec<Difference<'t>> {
    let (mut one, mut other) = (one.children(), other.children());
    std::iter::from_fn(|| match (one.next(), other.next()) {
        (None, None) => None,
        (one, other) => Some(Difference { one, other }),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, Tree};

    #[test]
    fn the_first_place_in_the_order_of_the_text() {
        for (one, other, expected) in [
            ("1", "1.0", Some(("", Some("1"), Some("1.0")))),
            ("1", "1", None),
            ("null", "false", Some(("", Some("null"), Some("false")))),
            (r#""\u00e9\n""#, "\"é\\u000a\"", None),
            (r#"{"a":1,"b":[1,{"c":2}]}"#, r#"{"b":[1,{"c":2}],"a":1}"#, None),
            (r#"{"a":{"x":1},"b":2}"#, r#"{"b":3,"a":{"x":0}}"#, Some(("a.x", Some("1"), Some("0")))),
            (r#"{"a":{},"b":2}"#, r#"{"b":3,"a":{"x":0}}"#, Some(("a.x", None, Some("0")))),
            (r#"{"a":1,"b":2}"#, r#"{"c":1,"b":3}"#, Some(("a", Some("1"), None))),
            (r#"{"\u0061":1}"#, r#"{"a":1,"c":3,"b":2}"#, Some(("c", None, Some("3")))),
            ("[1,2]", "[2,1]", Some(("[0]", Some("1"), Some("2")))),
            ("[[1],[2]]", "[[1],[2,3]]", Some(("[1][1]", None, Some("3")))),
            ("[1,2]", "[1]", Some(("[1]", Some("2"), None))),
            (r#"{"a":[]}"#, r#"{"a":{}}"#, Some(("a", Some("[]"), Some("{}")))),
        ] {
            let [one, other] =
                [one, other].map(|text| Tree::parse(text.as_bytes(), &Limits::default()).unwrap());
            let found = one.root().difference(other.root());
            let found = found
                .map(|at| (at.path(), at.one.map(|value| value.raw()), at.other.map(|value| value.raw())));
            let expected = expected.map(|(path, one, other)| (path.to_owned(), one, other));
            assert_eq!(found, expected, "{} and {}", one.text(), other.text());
        }
    }
}
