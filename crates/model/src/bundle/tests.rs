mod batch;
mod criteria;

use super::*;
use crate::Limits;
use crate::outcome::Issue;

fn planned(bundle: &str) -> Result<Vec<PlannedEntry>, Vec<Issue>> {
    let mut count = 0;
    let mut new_id = || {
        count += 1;
        Id::new(&format!("new{count}")).unwrap()
    };
    let tree = crate::tree(bundle.as_bytes(), &Limits::default()).map_err(|error| vec![error.into()])?;
    plan(&tree, bundle.as_bytes(), &mut new_id, &Store).map_err(|outcome| outcome.issues)
}

/// What is known of a store.
struct Store;

impl Around for Store {
    /// The version that a PUT will make is known of one resource.
    fn version(&self, ty: ResourceType, id: &Id) -> Option<i64> {
        (ty.name() == "Patient" && id.as_str() == "known").then_some(7)
    }

    /// Criteria list the ids that they match.
    fn found(&self, asked: Asked<'_>) -> Found {
        match asked.criteria.strip_prefix("_id=") {
            Some("later") => Found::Later,
            Some(ids) => Found::These(
                ids.split(',').filter(|id| *id != "none").map(|id| Id::new(id).unwrap()).collect(),
            ),
            None => Found::NotSupported,
        }
    }
}

fn bundle(entries: &[&str]) -> String {
    format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{}]}}"#, entries.join(","))
}

fn post(full_url: &str, resource: &str) -> String {
    let full_url = if full_url.is_empty() { String::new() } else { format!(r#""fullUrl":"{full_url}","#) };
    let ty = resource.split('"').nth(3).unwrap();
    format!(r#"{{{full_url}"resource":{resource},"request":{{"method":"POST","url":"{ty}"}}}}"#)
}

/// Each entry as a line, in the planned order.
fn lines(bundle: &str) -> Vec<String> {
    let line = |entry: &PlannedEntry| match &entry.op {
        PlannedOp::Create { body, .. } => format!("{} POST {}", entry.index, body.text()),
        PlannedOp::Put { ty, id, body, condition } => {
            assert_eq!(body.id(), Some(id.as_str()));
            format!("{} PUT {ty}/{id} {condition:?} {}", entry.index, body.text())
        }
        PlannedOp::Delete { ty, id, condition } => format!("{} DELETE {ty}/{id} {condition:?}", entry.index),
        PlannedOp::Exists { ty, id } => format!("{} EXISTS {ty}/{id}", entry.index),
        PlannedOp::DeleteFound { ty, ids, condition } => {
            let ids: Vec<&str> = ids.iter().map(Id::as_str).collect();
            format!("{} DELETE {ty}/{} {condition:?}", entry.index, ids.join("+"))
        }
        PlannedOp::Conditional { .. } => panic!("of a batch"),
        PlannedOp::Get { url, head: false, unless } => format!("{} GET {url} {unless:?}", entry.index),
        PlannedOp::Get { url, head: true, .. } => format!("{} HEAD {url}", entry.index),
    };
    planned(bundle).unwrap().iter().map(line).collect()
}

/// The text of the last entry, after a Patient that is created as `new1` under the `fullUrl` `full_url`.
fn after_patient(full_url: &str, resource: &str) -> Result<String, Vec<Issue>> {
    let entries = [post(full_url, r#"{"resourceType":"Patient"}"#), post("", resource)];
    let planned = planned(&bundle(&entries.each_ref().map(String::as_str)))?;
    match &planned[1].op {
        PlannedOp::Create { body, .. } => Ok(body.text().to_owned()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn operations_in_the_order_of_fhir() {
    let entries = [
        r#"{"resource":{"resourceType":"Patient","id":"p","meta":{"versionId":"2"}},"request":{"method":"PUT","url":"Patient/p","ifMatch":"W/\"2\""}}"#,
        r#"{"resource":{"resourceType":"Basic","id":"theirs"},"request":{"method":"POST","url":"Basic"}}"#,
        r#"{"request":{"method":"DELETE","url":"Basic/b"}}"#,
        r#"{"resource":{"resourceType":"Basic","id":"c"},"request":{"method":"PUT","url":"Basic/c"}}"#,
        r#"{"request":{"method":"DELETE","url":"Basic/a","ifMatch":"W/\"12\""}}"#,
        r#"{"resource":{"resourceType":"Basic"},"request":{"method":"POST","url":"Basic"}}"#,
        r#"{"request":{"method":"HEAD","url":"Patient/p"}}"#,
        r#"{"request":{"method":"GET","url":"Patient/p/_history?_count=3","ifNoneMatch":"W/\"2\"","ifModifiedSince":"1970-01-01T00:00:01Z"}}"#,
        r#"{"resource":{"resourceType":"Basic","id":"d"},"request":{"method":"PUT","url":"Basic/d","ifNoneMatch":"*"}}"#,
        r#"{"request":{"method":"GET","url":"Patient/p"}}"#,
    ];
    assert_eq!(
        lines(&bundle(&entries)),
        [
            "2 DELETE Basic/b None",
            "4 DELETE Basic/a Version(12)",
            r#"1 POST {"resourceType":"Basic","id":"new1"}"#,
            r#"5 POST {"resourceType":"Basic","id":"new2"}"#,
            r#"0 PUT Patient/p Version(2) {"resourceType":"Patient","id":"p"}"#,
            r#"3 PUT Basic/c None {"resourceType":"Basic","id":"c"}"#,
            r#"8 PUT Basic/d Absent {"resourceType":"Basic","id":"d"}"#,
            r#"7 GET Patient/p/_history?_count=3 Unless { none_match: Some("W/\"2\""), modified_since: Some(1000000) }"#,
            "9 GET Patient/p Unless { none_match: None, modified_since: None }",
            "6 HEAD Patient/p",
        ]
    );
    assert!(lines(&bundle(&[])).is_empty());
    assert!(lines(r#"{"type":"transaction","resourceType":"Bundle"}"#).is_empty());
}

#[test]
fn links_to_an_entry_are_rewritten() {
    let urn = "urn:uuid:5e1c3b6e-0000-4000-8000-000000000001";
    let oid = "urn:oid:1.2.3";
    let absolute = "http://x.org/fhir/Patient/123";
    for (full_url, before, after) in [
        (urn, r#""subject":{"reference":"URL"}"#, r#""subject":{"reference":"Patient/new1"}"#),
        (urn, r#""subject":{"reference":"URL#a"}"#, r##""subject":{"reference":"Patient/new1#a"}"##),
        (
            urn,
            r#""x":[{"y":{"reference":"URL","display":"URL"}}]"#,
            r#""x":[{"y":{"reference":"Patient/new1","display":"URL"}}]"#,
        ),
        (oid, r#""subject":{"reference":"URL"}"#, r#""subject":{"reference":"Patient/new1"}"#),
        (absolute, r#""subject":{"reference":"URL"}"#, r#""subject":{"reference":"Patient/new1"}"#),
        (
            absolute,
            r#""subject":{"reference":"http:\/\/x.org\/fhir\/Patient\/123"}"#,
            r#""subject":{"reference":"Patient/new1"}"#,
        ),
        (absolute, r#""subject":{"reference":"Patient/123"}"#, r#""subject":{"reference":"Patient/new1"}"#),
        (
            absolute,
            r##""subject":{"reference":"Patient/123/_history/9#a"}"##,
            r##""subject":{"reference":"Patient/new1/_history/1#a"}"##,
        ),
        (
            urn,
            r#""subject":{"reference":"URL/_history/9"},"text":{"div":"<a href=\"URL/_history/2\"/>"}"#,
            r#""subject":{"reference":"Patient/new1/_history/1"},"text":{"div":"<a href=\"Patient/new1/_history/1\"/>"}"#,
        ),
        ("Patient/123", r#""subject":{"reference":"URL"}"#, r#""subject":{"reference":"Patient/new1"}"#),
        (
            "urn:x:Patient/123",
            r#""subject":{"reference":"URL"}"#,
            r#""subject":{"reference":"Patient/new1"}"#,
        ),
        (
            urn,
            r#""contained":[{"resourceType":"Basic","subject":{"reference":"URL"}}]"#,
            r#""contained":[{"resourceType":"Basic","subject":{"reference":"Patient/new1"}}]"#,
        ),
        (
            urn,
            r#""identifier":[{"system":"URL","value":"URL","assigner":{"reference":"URL"}}]"#,
            r#""identifier":[{"system":"URL","value":"URL","assigner":{"reference":"Patient/new1"}}]"#,
        ),
        (
            urn,
            r#""extension":[{"url":"e","valueUri":"URL"}]"#,
            r#""extension":[{"url":"e","valueUri":"Patient/new1"}]"#,
        ),
        (
            urn,
            r#""extension":[{"url":"e","valueUrl":"URL"}]"#,
            r#""extension":[{"url":"e","valueUrl":"Patient/new1"}]"#,
        ),
        (
            urn,
            r#""extension":[{"url":"e","valueReference":{"reference":"URL"}}]"#,
            r#""extension":[{"url":"e","valueReference":{"reference":"Patient/new1"}}]"#,
        ),
        (
            urn,
            r#""photo":[{"url":"URL","title":"URL"}]"#,
            r#""photo":[{"url":"Patient/new1","title":"URL"}]"#,
        ),
        (urn, r#""instantiatesUri":["a","URL"]"#, r#""instantiatesUri":["a","Patient/new1"]"#),
        (urn, r#""meta":{"source":"URL"}"#, r#""meta":{"source":"Patient/new1"}"#),
        (
            urn,
            r#""text":{"div":"<div>URL <a\n href=\"URL\">URL<\/a><img class='b'\tsrc = 'URL'/><p data-href=\"URL\"/></div>"}"#,
            r#""text":{"div":"<div>URL <a\n href=\"Patient/new1\">URL<\/a><img class='b'\tsrc = 'Patient/new1'/><p data-href=\"URL\"/></div>"}"#,
        ),
        (
            absolute,
            r#""text":{"div":"<a href=\"Patient/123\"/><a href=\"http:\/\/x.org/fhir/Patient/123\"/>"}"#,
            r#""text":{"div":"<a href=\"Patient/new1\"/><a href=\"Patient/new1\"/>"}"#,
        ),
    ] {
        let resource = |members: &str| {
            format!(r#"{{"resourceType":"Basic","id":"b",{members}}}"#).replace("URL", full_url)
        };
        // The tab of this row is an escape in JSON.
        let before = resource(&before.replace('\t', "\\t"));
        let expected = resource(&after.replace('\t', "\\t")).replace(r#""id":"b""#, r#""id":"new2""#);
        assert_eq!(after_patient(full_url, &before).unwrap(), expected);
    }
}

#[test]
fn what_is_no_link_to_an_entry_stays() {
    let urn = "urn:uuid:5e1c3b6e-0000-4000-8000-000000000001";
    let absolute = "http://x.org/fhir/Patient/123";
    for (full_url, members) in [
        (urn, r#""note":[{"text":"URL"}],"display":"URL","valueString":"URL""#),
        (urn, r#""identifier":[{"system":"urn:ietf:rfc:3986","value":"URL"}]"#),
        (urn, r#""url":"URL""#),
        (urn, r#""contained":[{"resourceType":"ValueSet","url":"URL"}]"#),
        (urn, r#""extension":[{"url":"URL","valueBoolean":true}]"#),
        (urn, r#""valueCanonical":"URL","instantiatesCanonical":["URL"]"#),
        (urn, r#""subject":{"reference":"Patient/1"}"#),
        (urn, r##""subject":{"reference":"#URL"}"##),
        (urn, r#""valueUri":"urn:uuid:unknown""#),
        (
            urn,
            r#""contained":[{"resourceType":"Bundle","entry":[{"fullUrl":"URL","resource":{"reference":"URL"}}]}]"#,
        ),
        (urn, r#""text":{"div":"<a href=\"urn:uuid:unknown\"/><a href='URL"}"#),
        (absolute, r#""valueUri":"URL","photo":[{"url":"URL"}]"#),
        (absolute, r#""subject":{"reference":"http://y.org/fhir/Patient/123"}"#),
        (absolute, r#""subject":{"reference":"Patient/1234"}"#),
        (absolute, r#""subject":{"reference":"http://z.org/?a=b"}"#),
    ] {
        let resource = format!(r#"{{"resourceType":"Basic","id":"b",{members}}}"#).replace("URL", full_url);
        let expected = resource.replace(r#""id":"b""#, r#""id":"new2""#);
        assert_eq!(after_patient(full_url, &resource).as_deref(), Ok(expected.as_str()));
    }
    // A document is one entry; its links are its own.
    let document = r#"{"resourceType":"Bundle","id":"new2","type":"document","entry":[{"fullUrl":"urn:uuid:a","resource":{"reference":"urn:uuid:b"}}]}"#;
    assert_eq!(after_patient("urn:uuid:b", document).as_deref(), Ok(document));
}

#[test]
fn relative_links_follow_the_base_of_their_entry() {
    let basic = |url: &str, reference: &str| {
        post(url, &format!(r#"{{"resourceType":"Basic","subject":{{"reference":"{reference}"}}}}"#))
    };
    let entries = [
        post("http://x/Patient/1", r#"{"resourceType":"Patient"}"#),
        post("http://y/Patient/1", r#"{"resourceType":"Patient"}"#),
        basic("http://y/Basic/1", "Patient/1"),
        basic("http://x/Basic/1", "Patient/1"),
    ];
    let texts = lines(&bundle(&entries.each_ref().map(String::as_str)));
    assert!(texts[2].contains(r#"{"reference":"Patient/new2"}"#), "{}", texts[2]);
    assert!(texts[3].contains(r#"{"reference":"Patient/new1"}"#), "{}", texts[3]);

    // A resource that the transaction puts under this very id comes first.
    let put =
        r#"{"resource":{"resourceType":"Patient","id":"1"},"request":{"method":"PUT","url":"Patient/1"}}"#;
    let entries = [&entries[0], put, &basic("", "Patient/1")];
    assert!(lines(&bundle(&entries))[1].contains(r#"{"reference":"Patient/1"}"#));

    let put = r#"{"fullUrl":"urn:uuid:p","resource":{"resourceType":"Patient","id":"1"},"request":{"method":"PUT","url":"Patient/1"}}"#;
    assert!(lines(&bundle(&[put, &basic("", "urn:uuid:p")]))[0].contains(r#"{"reference":"Patient/1"}"#));
}

#[test]
fn refused_links() {
    let subject = |reference: &str| {
        format!(r#"{{"resourceType":"Basic","a":[{{"subject":{{"reference":"{reference}"}}}}]}}"#)
    };
    for (reference, code) in [
        ("urn:uuid:unknown", IssueType::Invalid),
        ("urn:oid:1.2", IssueType::Invalid),
        ("urn:uuid:unknown/_history/1", IssueType::Invalid),
        ("URN:UUID:unknown", IssueType::Invalid),
        ("Patient?identifier=a|b", IssueType::NotSupported),
    ] {
        let issues = after_patient("http://x/Patient/123", &subject(reference)).unwrap_err();
        assert_eq!(issues.len(), 1, "{issues:?}");
        assert_eq!(
            (issues[0].code, &*issues[0].expression[0]),
            (code, "Bundle.entry[1].resource.a[0].subject.reference")
        );
    }
    let entries = [
        post("http://x/Patient/1", r#"{"resourceType":"Patient"}"#),
        post("http://y/Patient/1", r#"{"resourceType":"Patient"}"#),
        post("", &subject("Patient/1")),
        post("", &subject("urn:uuid:unknown")),
        post("", &subject("Basic?a=b")),
    ];
    let issues = planned(&bundle(&entries.each_ref().map(String::as_str))).unwrap_err();
    let codes: Vec<IssueType> = issues.iter().map(|issue| issue.code).collect();
    assert_eq!(codes, [IssueType::MultipleMatches, IssueType::Invalid, IssueType::NotSupported]);
}

#[test]
fn refused_bundles() {
    for (input, code, expression) in [
        ("[]", IssueType::Structure, "Bundle"),
        ("{}", IssueType::Required, "Bundle.resourceType"),
        (r#"{"resourceType":"Bundel","type":"transaction"}"#, IssueType::Value, "Bundle.resourceType"),
        (r#"{"resourceType":"Bundle"}"#, IssueType::Required, "Bundle.type"),
        (r#"{"resourceType":"Bundle","type":"batch","entry":[{}]}"#, IssueType::Value, "Bundle.type"),
        (
            r#"{"resourceType":"Bundle","implicitRules":"http://x","type":"transaction"}"#,
            IssueType::NotSupported,
            "Bundle.implicitRules",
        ),
        (r#"{"resourceType":"Bundle","type":"transaction","total":1}"#, IssueType::Invariant, "Bundle.total"),
        (r#"{"resourceType":"Bundle","type":"collection"}"#, IssueType::Value, "Bundle.type"),
        (r#"{"resourceType":"Bundle","type":1}"#, IssueType::Value, "Bundle.type"),
        (
            r#"{"resourceType":"Bundle","type":"transaction","entry":{}}"#,
            IssueType::Structure,
            "Bundle.entry",
        ),
        (
            r#"{"resourceType":"Bundle","type":"transaction","entry":[1]}"#,
            IssueType::Structure,
            "Bundle.entry[0]",
        ),
        (r#"{"resourceType":"Bundle","entry":[{"id":01}]}"#, IssueType::Structure, "Bundle.entry[0].id"),
    ] {
        let issues = planned(input).unwrap_err();
        assert_eq!((issues[0].code, &*issues[0].expression[0]), (code, expression), "{input}: {issues:?}");
    }
}

const GOOD: &str =
    r#"{"resource":{"resourceType":"Basic","id":"b"},"request":{"method":"PUT","url":"Basic/b"}}"#;

#[test]
fn refused_entries() {
    let entry =
        |resource: &str, request: &str| format!(r#"{{"resource":{resource},"request":{{{request}}}}}"#);
    let basic = r#"{"resourceType":"Basic","id":"a"}"#;
    let put = |extra: &str| entry(basic, &format!(r#""method":"PUT","url":"Basic/a"{extra}"#));
    let get = |extra: &str| format!(r#"{{"request":{{"method":"GET","url":"Basic/a"{extra}}}}}"#);
    let method = |name: &str| entry(basic, &format!(r#""method":"{name}","url":"Basic/a""#));
    let url = |method: &str, url: &str| entry(basic, &format!(r#""method":"{method}","url":"{url}""#));
    let resource = |text: &str| entry(text, r#""method":"PUT","url":"Basic/a""#);
    let member = |member: &str| put("").replacen('{', &format!("{{{member},"), 1);
    use IssueType::*;
    for (input, code, expression) in [
        ("{}".to_owned(), Required, "request"),
        (r#"{"request":1}"#.to_owned(), Structure, "request"),
        (entry(basic, r#""url":"Basic/a""#), Required, "request.method"),
        (entry(basic, r#""method":"PUT""#), Required, "request.url"),
        (entry(basic, r#""method":"PUT","url":"""#), Value, "request.url"),
        (entry(basic, r#""method":1,"url":"Basic/a""#), Value, "request.method"),
        (method("GET"), Invalid, "resource"),
        (method("HEAD"), Invalid, "resource"),
        (method("PATCH"), NotSupported, "request.method"),
        (method("put"), Value, "request.method"),
        (put(r#","ifNoneExist":"a=b""#), Invalid, "request.ifNoneExist"),
        (put(r#","ifNoneMatch":"W/\"1\"""#), Value, "request.ifNoneMatch"),
        (put(r#","ifMatch":"W/\"3\"","ifNoneMatch":"*""#), Value, "request.ifNoneMatch"),
        (put(r#","ifModifiedSince":"2026-01-01T00:00:00Z""#), Invalid, "request.ifModifiedSince"),
        (put(r#","ifMatch":"3""#), Value, "request.ifMatch"),
        (put(r#","ifMatch":"*""#), Value, "request.ifMatch"),
        (put(r#","ifMatch":"W/\"0\"""#), Value, "request.ifMatch"),
        (put(r#","ifMatch":"W/\"+3\"""#), Value, "request.ifMatch"),
        (put(r#","ifMatch":"W/\"99999999999999999999\"""#), Value, "request.ifMatch"),
        (get(r#","ifMatch":"W/\"3\"""#), Invalid, "request.ifMatch"),
        (get(r#","ifNoneMatch":"""#), Value, "request.ifNoneMatch"),
        (get(r#","ifModifiedSince":"yesterday""#), Value, "request.ifModifiedSince"),
        (get(r#","ifNoneExist":"a=b""#), Invalid, "request.ifNoneExist"),
        (put(r#","ifmatch":"W/\"3\"""#), Structure, "request.ifmatch"),
        (put(r#","modifierExtension":[]"#), NotSupported, "request.modifierExtension"),
        (entry(basic, r#""method":"POST","url":"Basic","ifMatch":"W/\"3\"""#), Invalid, "request.ifMatch"),
        (url("PUT", "Basic/a?a=b"), Value, "request.url"),
        (url("POST", "Basic?a=b"), Value, "request.url"),
        (url("DELETE", "Basic/a?a=b"), Value, "request.url"),
        (url("PUT", "/Basic/a"), Value, "request.url"),
        (url("PUT", "http://x/Basic/a"), Value, "request.url"),
        (url("PUT", "Basic"), Value, "request.url"),
        (url("PUT", "Basic/"), Value, "request.url"),
        (url("PUT", "Basic/a/_history/1"), Value, "request.url"),
        (url("POST", "Basic/a"), Value, "request.url"),
        (url("POST", "Basik"), Value, "request.url"),
        (url("POST", "$process-message"), NotSupported, "request.url"),
        (url("POST", "Basic/$validate"), NotSupported, "request.url"),
        (url("DELETE", "Basic/a"), Invalid, "resource"),
        (r#"{"request":{"method":"POST","url":"Basic"}}"#.to_owned(), Required, "resource"),
        (r#"{"request":{"method":"PUT","url":"Basic/a"}}"#.to_owned(), Required, "resource"),
        (resource("[]"), Structure, "resource"),
        (resource("{}"), Required, "resource.resourceType"),
        (resource(r#"{"resourceType":"Basik"}"#), Value, "resource.resourceType"),
        (resource(r#"{"resourceType":"Patient","id":"a"}"#), Invalid, "resource.resourceType"),
        (resource(r#"{"resourceType":"Basic"}"#), Required, "resource.id"),
        (resource(r#"{"resourceType":"Basic","id":"c"}"#), Invalid, "resource.id"),
        (resource(r#"{"resourceType":"Basic","id":"c d"}"#), Value, "resource.id"),
        (resource(r#"{"resourceType":"Basic","id":"a","meta":[]}"#), Structure, "resource.meta"),
        (put(r#","search":{}"#), Structure, "request.search"),
        (member(r#""search":{}"#), Invariant, "search"),
        (member(r#""response":{}"#), Invariant, "response"),
        (member(r#""fullURL":"a""#), Structure, "fullURL"),
        (member(r#""fullUrl":"""#), Value, "fullUrl"),
        (member(r#""fullUrl":"Basic/1/_history/2""#), Invariant, "fullUrl"),
    ] {
        let issues = planned(&bundle(&[GOOD, &input])).unwrap_err();
        let expected = format!("Bundle.entry[1].{expression}");
        let found: Vec<(IssueType, &str)> =
            issues.iter().map(|issue| (issue.code, issue.expression[0].as_str())).collect();
        assert_eq!(found[0], (code, expected.as_str()), "{input}: {issues:?}");
        assert!(issues[0].diagnostics.starts_with("line 1, column "), "{issues:?}");
    }
}

#[test]
fn the_same_thing_twice() {
    let delete = r#"{"request":{"method":"DELETE","url":"Basic/b"}}"#;
    for entries in [[GOOD, GOOD], [GOOD, delete], [delete, delete]] {
        let issues = planned(&bundle(&entries)).unwrap_err();
        assert_eq!((issues.len(), issues[0].code), (1, IssueType::Duplicate));
        assert_eq!(issues[0].expression, ["Bundle.entry[1].request.url", "Bundle.entry[0].request.url"]);
    }
    let patient = post("urn:uuid:a", r#"{"resourceType":"Patient"}"#);
    let issues = planned(&bundle(&[&patient, GOOD, &patient])).unwrap_err();
    assert_eq!(issues[0].expression, ["Bundle.entry[2].fullUrl", "Bundle.entry[0].fullUrl"]);
    assert_eq!((issues.len(), issues[0].code), (1, IssueType::Duplicate));
}

#[test]
fn all_issues_at_once() {
    let entries = [
        r#"{"fullUrl":"urn:uuid:a","request":{"method":"GET","url":"/Basic?a=b","ifMatch":"x","iffy":1},"response":{}}"#,
        r#"{"resource":{"resourceType":"Basic","s":{"reference":"Patient?a=b"},"t":{"reference":"urn:uuid:a"}},"request":{"method":"POST","url":"Basic"}}"#,
        r#"{"resource":{"resourceType":"Basic","id":"c"},"request":{"method":"PUT","url":"Patient/d"}}"#,
    ];
    let issues = planned(&bundle(&entries)).unwrap_err();
    let found: Vec<&str> =
        issues.iter().map(|issue| issue.expression[0].trim_start_matches("Bundle.entry")).collect();
    assert_eq!(
        found,
        [
            "[0].response",
            "[0].request.iffy",
            "[0].request.ifMatch",
            "[0].request.url",
            "[2].resource.resourceType",
            "[1].resource.s.reference",
        ]
    );
    let many = vec!["{}"; 1_000];
    assert_eq!(planned(&bundle(&many)).unwrap_err().len(), 100);
}

#[test]
fn positions_are_those_of_the_input() {
    let input = "{\"resourceType\":\"Bundle\", \"type\":\"transaction\",\n \"entry\":[\n  {\"request\":{\"method\":\"PATCH\",\"url\":\"Basic/a\"}}]}";
    let issues = planned(input).unwrap_err();
    assert!(issues[0].diagnostics.starts_with("line 3, column 24: PATCH is not supported"), "{issues:?}");
}

#[test]
fn the_version_that_a_put_will_make_is_linked_where_it_is_known() {
    let linked = |url: &str, id: &str, reference: &str| {
        let patient = format!(
            r#"{{"fullUrl":"{url}","resource":{{"resourceType":"Patient","id":"{id}"}},"request":{{"method":"PUT","url":"Patient/{id}"}}}}"#
        );
        let basic =
            post("", &format!(r#"{{"resourceType":"Basic","subject":{{"reference":"{reference}"}}}}"#));
        match planned(&bundle(&[&patient, &basic])) {
            Ok(planned) => match &planned[0].op {
                PlannedOp::Create { body, .. } => body.text().split('"').nth(13).unwrap().to_owned(),
                other => panic!("{other:?}"),
            },
            Err(issues) => issues[0].code.code().to_owned(),
        }
    };
    assert_eq!(linked("urn:uuid:a", "known", "urn:uuid:a/_history/1"), "Patient/known/_history/7");
    assert_eq!(linked("urn:uuid:a", "other", "urn:uuid:a/_history/1"), "not-supported");
    assert_eq!(linked("http://x/Patient/1", "known", "Patient/1/_history/1"), "Patient/known/_history/7");
    // Under the resource's own name it is the version that it says.
    for reference in ["Patient/known/_history/2", "http://x/Patient/known/_history/2"] {
        assert_eq!(linked("http://x/Patient/known", "known", reference), reference);
    }
}

#[test]
fn what_can_t_hold_an_address_is_refused() {
    let urn = "urn:uuid:5e1c3b6e-0000-4000-8000-000000000001";
    for element in ["valueUuid", "valueOid"] {
        let basic = format!(r#"{{"resourceType":"Basic","extension":[{{"url":"e","{element}":"{urn}"}}]}}"#);
        let issues = after_patient(urn, &basic).unwrap_err();
        let expected = format!("Bundle.entry[1].resource.extension[0].{element}");
        assert_eq!((issues[0].code, &issues[0].expression[0]), (IssueType::BusinessRule, &expected));
        assert!(after_patient("urn:uuid:another", &basic).is_ok());
    }
}
