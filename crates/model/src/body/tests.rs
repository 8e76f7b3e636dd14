use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::outcome::Issue;

fn parse(text: &str) -> Result<Body, BodyError> {
    Body::parse(text.as_bytes(), &Limits::default())
}

fn spliced(body: &Body) -> String {
    let mut out = Vec::new();
    splice_meta(&mut out, body.text().as_bytes(), body.splice(), 7, 1_795_517_010_123_456);
    String::from_utf8(out).unwrap()
}

const SERVER: &str = r#""versionId":"7","lastUpdated":"2026-11-24T10:43:30.123456Z""#;

/// Input; stored text under the id `x`; `~` is where the server's members go, as `,"meta":{…}` or inside meta.
const SHAPES: [(&str, &str); 19] = [
    (r#"{"resourceType":"Basic"}"#, r#"{"resourceType":"Basic","id":"x"~}"#),
    (r#"{"resourceType":"Basic","a":1}"#, r#"{"resourceType":"Basic","id":"x"~,"a":1}"#),
    (r#"{"a":1,"resourceType":"Basic"}"#, r#"{"a":1,"resourceType":"Basic","id":"x"~}"#),
    (r#"{"resourceType":"Basic","id":"old"}"#, r#"{"resourceType":"Basic","id":"x"~}"#),
    (r#"{"id":"longer-id","resourceType":"Basic","a":1}"#, r#"{"id":"x"~,"resourceType":"Basic","a":1}"#),
    (
        r#"{"resourceType":"Basic","a":{"id":1},"id":"old","b":2}"#,
        r#"{"resourceType":"Basic","a":{"id":1},"id":"x"~,"b":2}"#,
    ),
    (r#"{"resourceType":"Basic","id":"\u006fld"}"#, r#"{"resourceType":"Basic","id":"x"~}"#),
    (r#"{"resourceType":"Basic","meta":{}}"#, r#"{"resourceType":"Basic","id":"x"~}"#),
    (r#"{"meta":{"versionId":"3"},"resourceType":"Basic"}"#, r#"{"resourceType":"Basic","id":"x"~}"#),
    (
        r#"{"meta":{"lastUpdated":"x","versionId":"3"},"id":"o","resourceType":"Basic"}"#,
        r#"{"id":"x"~,"resourceType":"Basic"}"#,
    ),
    (
        r#"{"resourceType":"Basic","meta":{"profile":["p"]}}"#,
        r#"{"resourceType":"Basic","id":"x","meta":{~"profile":["p"]}}"#,
    ),
    (
        r#"{"meta":{"profile":["p"]},"resourceType":"Basic"}"#,
        r#"{"meta":{~"profile":["p"]},"resourceType":"Basic","id":"x"}"#,
    ),
    (
        r#"{"meta":{"versionId":"1","profile":["p"],"lastUpdated":"2"},"id":"old","resourceType":"Basic"}"#,
        r#"{"meta":{~"profile":["p"]},"id":"x","resourceType":"Basic"}"#,
    ),
    (
        r#"{"id":"old","meta":{"tag":[{"code":"versionId"}],"versionId":"1","lastUpdated":"2"},"resourceType":"Basic"}"#,
        r#"{"id":"x","meta":{~"tag":[{"code":"versionId"}]},"resourceType":"Basic"}"#,
    ),
    (
        r#"{"resourceType":"Basic","meta":{"source":"s","extension":[{"versionId":1}],"versionId":"1"},"a":1}"#,
        r#"{"resourceType":"Basic","id":"x","meta":{~"source":"s","extension":[{"versionId":1}]},"a":1}"#,
    ),
    (
        r#"{"resourceType":"Basic","meta":{"versionId":"1"},"a":1}"#,
        r#"{"resourceType":"Basic","id":"x"~,"a":1}"#,
    ),
    (
        r#"{"resourceType":"Basic","met\u0061":{"version\u0049d":"1","tag":[]}}"#,
        r#"{"resourceType":"Basic","id":"x","met\u0061":{~"tag":[]}}"#,
    ),
    (
        r#"{"resourceType":"Basic","a":{"meta":{"versionId":"1"}}}"#,
        r#"{"resourceType":"Basic","id":"x"~,"a":{"meta":{"versionId":"1"}}}"#,
    ),
    (
        r#"{"resourceType":"Basic","contained":[{"resourceType":"Basic","id":"c","meta":{"versionId":"1"}}]}"#,
        r#"{"resourceType":"Basic","id":"x"~,"contained":[{"resourceType":"Basic","id":"c","meta":{"versionId":"1"}}]}"#,
    ),
];

#[test]
fn every_shape_of_meta() {
    for (input, expected) in SHAPES {
        let id = Id::new("x").unwrap();
        let body = parse(input).unwrap().with_id(&id);
        assert_eq!(body.text(), expected.replace('~', ""), "{input}");
        let whole = if expected.contains("{~") {
            expected.replace('~', &format!("{SERVER},"))
        } else {
            expected.replace('~', &format!(r#","meta":{{{SERVER}}}"#))
        };
        assert_eq!(spliced(&body), whole, "{input}");
        assert_eq!((body.id(), body.resource_type().name()), (Some("x"), "Basic"));
        // What went out and comes in again is the same body.
        assert_eq!(parse(&whole).unwrap(), body, "{input}");
        assert_eq!(Body::from_stored(body.text().to_owned(), body.splice()), Ok(body.clone()));
        assert!(Body::from_stored(body.text().to_owned(), body.splice() + 1).is_err());
        assert!(Body::from_stored(whole, body.splice()).is_err());
    }
}

#[test]
fn a_body_without_an_id_can_be_spliced_too() {
    for (input, _) in SHAPES {
        let whole: Json = serde_json::from_str(&spliced(&parse(input).unwrap())).unwrap();
        assert_eq!(whole["meta"]["versionId"], "7", "{input}");
    }
}

#[test]
fn an_id_is_set_once() {
    let id = Id::new("a-much-longer-id").unwrap();
    let body = parse(r#"{"resourceType":"Basic","id":"x","meta":{"tag":[]}}"#).unwrap().with_id(&id);
    assert_eq!(body.clone().with_id(&id), body);
    assert_eq!(body.text(), r#"{"resourceType":"Basic","id":"a-much-longer-id","meta":{"tag":[]}}"#);
    assert_eq!(parse(body.text()).unwrap(), body);
    assert_eq!(parse(r#"{"resourceType":"Basic"}"#).unwrap().id(), None);
}

#[test]
fn refusals() {
    for (input, expected, expression) in [
        ("[]", "line 1, column 1: a resource is a JSON object", None),
        ("\n 1", "line 2, column 2: a resource is a JSON object", None),
        (r#"[{"resourceType":"Basic"}]"#, "line 1, column 1: a resource is a JSON object", None),
        ("{}", "line 1, column 1: the member resourceType is missing", None),
        (r#"{"a":{"resourceType":"Basic"}}"#, "line 1, column 1: the member resourceType is missing", None),
        (r#"{"resourceType":1}"#, "line 1, column 17: resourceType must be a string", None),
        (r#"{"resourceType":{"a":1}}"#, "line 1, column 17: resourceType must be a string", None),
        (
            r#"{"resourceType":"Patinet"}"#,
            "line 1, column 17: \"Patinet\" is not a resource type of FHIR; did you mean Patient?",
            None,
        ),
        (
            r#"{"resourceType":"DomainResource"}"#,
            "line 1, column 17: \"DomainResource\" is not a resource type of FHIR",
            None,
        ),
        (
            r#"{"resourceType":"Basic","id":"a b"}"#,
            "line 1, column 30: not an id: an id has only letters A-Z and a-z, digits, '-' and '.'",
            Some("Basic.id"),
        ),
        (
            r#"{"resourceType":"Basic","id":""}"#,
            "line 1, column 30: not an id: an id has at least one character",
            Some("Basic.id"),
        ),
        (r#"{"resourceType":"Basic","id":1}"#, "line 1, column 30: id must be a string", Some("Basic.id")),
        (
            r#"{"resourceType":"Basic","id":["a"]}"#,
            "line 1, column 30: id must be a string",
            Some("Basic.id"),
        ),
        (
            r#"{"resourceType":"Basic","meta":null}"#,
            "line 1, column 32: meta must be an object",
            Some("Basic.meta"),
        ),
        (
            r#"{"resourceType":"Basic","meta":["a",{"b":1}]}"#,
            "line 1, column 32: meta must be an object",
            Some("Basic.meta"),
        ),
        (
            "{\"resourceType\":\"Basic\",\n\"a\":[1,01]}",
            "line 2, column 8: a number must not begin with a zero that has digits after it",
            Some("Basic.a[1]"),
        ),
        ("\u{feff}{}", "line 1, column 1: a byte order mark, which JSON must not begin with", None),
    ] {
        let error = parse(input).unwrap_err();
        assert_eq!(
            (error.to_string().as_str(), error.expression.as_deref()),
            (expected, expression),
            "{input}"
        );
        let issue = Issue::from(error);
        assert_eq!(
            (issue.diagnostics.as_str(), issue.expression.first().map(String::as_str)),
            (expected, expression)
        );
    }
}

#[test]
fn a_splice_beyond_the_text_does_no_harm() {
    for splice in [i32::MIN, -100, 0, 100, i32::MAX] {
        splice_meta(&mut Vec::new(), b"{}", splice, i64::MIN, i64::MIN);
    }
}

proptest! {
    /// Members in any order, meta with any of its members: nothing of the client's is lost or moved.
    #[test]
    fn what_went_in_comes_out(
        order in Just(["resourceType", "id", "meta", "name", "active"].to_vec()).prop_shuffle(),
        present in prop::collection::vec(any::<bool>(), 5),
        meta in Just(["versionId", "lastUpdated", "profile", "tag", "source"].to_vec()).prop_shuffle(),
        meta_present in prop::collection::vec(any::<bool>(), 5),
        gap in "[ \n]{0,2}",
        new in prop::option::of("[a-z0-9]{1,40}"),
    ) {
        let value = |name: &str| match name {
            "resourceType" => json!("Patient"),
            "id" => json!("p"),
            "profile" | "tag" => json!([{"versionId": name}]),
            "meta" => Json::Null,
            _ => json!(name),
        };
        let join = |members: Vec<String>| format!("{{{}}}", members.join(&format!("{gap},{gap}")));
        let member = |name: &str, value: String| format!("\"{name}\"{gap}:{gap}{value}");
        let meta: Vec<&str> = meta.into_iter().zip(&meta_present).filter(|(_, is)| **is).map(|(name, _)| name).collect();
        let meta_text = join(meta.iter().map(|name| member(name, value(name).to_string())).collect());
        let names: Vec<&str> =
            order.into_iter().zip(&present).filter(|(name, is)| **is || *name == "resourceType").map(|(name, _)| name).collect();
        let text = join(
            names.iter().map(|name| member(name, if *name == "meta" { meta_text.clone() } else { value(name).to_string() })).collect(),
        );
        let mut body = parse(&text).unwrap();
        if let Some(new) = &new {
            body = body.with_id(&Id::new(new).unwrap());
        }
        prop_assert_eq!(&parse(body.text()).unwrap(), &body);
        prop_assert_eq!(body.id(), new.as_deref().or(names.contains(&"id").then_some("p")));

        let mut expected: Json = serde_json::from_str(&text).unwrap();
        if let Some(id) = body.id() {
            expected["id"] = json!(id);
        }
        if expected.get("meta").is_none() {
            expected["meta"] = json!({});
        }
        expected["meta"]["versionId"] = json!("7");
        expected["meta"]["lastUpdated"] = json!("2026-11-24T10:43:30.123456Z");
        prop_assert_eq!(serde_json::from_str::<Json>(&spliced(&body)).unwrap(), expected);
        // Names in their order, but for those that the server owns.
        let tree = Tree::parse(body.text().as_bytes(), &Limits::default()).unwrap();
        let theirs = |name: &str| name != "meta" && name != "id";
        let kept: Vec<String> = tree.root().children().filter_map(|value| value.name()).map(|name| name.into_owned()).collect();
        prop_assert_eq!(
            kept.iter().map(String::as_str).filter(|name| theirs(name)).collect::<Vec<_>>(),
            names.iter().copied().filter(|name| theirs(name)).collect::<Vec<_>>()
        );
    }
}
