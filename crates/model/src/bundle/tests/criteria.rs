use super::*;

fn conditional(method: &str, resource: &str, criteria: &str, more: &str) -> String {
    let ty = resource.split('"').nth(3).unwrap();
    let resource = if method == "DELETE" { String::new() } else { format!(r#""resource":{resource},"#) };
    let full_url = if method == "DELETE" { "" } else { r#""fullUrl":"urn:uuid:a","# };
    let request = match method {
        "POST" => format!(r#""method":"POST","url":"{ty}","ifNoneExist":"{criteria}""#),
        _ => format!(r#""method":"{method}","url":"{ty}?{criteria}""#),
    };
    format!(r#"{{{full_url}{resource}"request":{{{request}{more}}}}}"#)
}

#[test]
fn what_criteria_match_is_written_or_left() {
    let (patient, own) = (r#"{"resourceType":"Patient"}"#, r#"{"resourceType":"Patient","id":"own"}"#);
    let subject = r#"{"resourceType":"Observation","subject":{"reference":"urn:uuid:a"}}"#;
    let links_to = |target: &str| {
        let subject = format!(r#""subject":{{"reference":"Patient/{target}"}}"#);
        format!(r#"1 POST {{"resourceType":"Observation","id":"new2",{subject}}}"#)
    };
    for (method, resource, criteria, more, expected, target) in [
        ("POST", patient, "_id=none", "", r#"0 POST {"resourceType":"Patient","id":"new1"}"#, "new1"),
        ("POST", own, "_id=later", "", r#"0 POST {"resourceType":"Patient","id":"new1"}"#, "new1"),
        ("POST", patient, "_id=p", "", "0 EXISTS Patient/p", "p"),
        ("PUT", patient, "_id=none", "", r#"0 POST {"resourceType":"Patient","id":"new1"}"#, "new1"),
        (
            "PUT",
            own,
            "_id=none",
            "",
            r#"0 PUT Patient/own Absent {"resourceType":"Patient","id":"own"}"#,
            "own",
        ),
        ("PUT", patient, "_id=p", "", r#"0 PUT Patient/p None {"resourceType":"Patient","id":"p"}"#, "p"),
        (
            "PUT",
            own,
            "_id=none",
            r#","ifMatch":"W/\"3\"""#,
            r#"0 PUT Patient/new1 Version(3) {"resourceType":"Patient","id":"new1"}"#,
            "new1",
        ),
        (
            "PUT",
            patient,
            "_id=p",
            r#","ifNoneMatch":"*""#,
            r#"0 PUT Patient/p Absent {"resourceType":"Patient","id":"p"}"#,
            "p",
        ),
    ] {
        let mut told = lines(&bundle(&[&conditional(method, resource, criteria, more), &post("", subject)]));
        told.sort();
        assert_eq!(told, [expected.to_owned(), links_to(target)], "{method} {criteria}");
    }
    for (criteria, expected) in [
        ("_id=none", "0 DELETE Patient/ None"),
        ("_id=p", "0 DELETE Patient/p None"),
        ("_id=p,q", "0 DELETE Patient/p+q None"),
    ] {
        assert_eq!(lines(&bundle(&[&conditional("DELETE", patient, criteria, "")])), [expected]);
    }
    let link = |criteria: &str| {
        let resource =
            format!(r#"{{"resourceType":"Observation","subject":{{"reference":"Patient?{criteria}"}}}}"#);
        lines(&bundle(&[&post("", &resource)]))[0].split('"').nth(13).unwrap().to_owned()
    };
    assert_eq!(link("_id=p"), "Patient/p");
    assert_eq!(link("_id=p#part"), "Patient/p#part");
    assert_eq!(link("_id=later"), "Patient?_id=later");
}

#[test]
fn refused_criteria() {
    let (patient, own) = (r#"{"resourceType":"Patient"}"#, r#"{"resourceType":"Patient","id":"own"}"#);
    let found = conditional("POST", patient, "_id=p", "");
    let other = found.replace("urn:uuid:a", "urn:uuid:b");
    assert_eq!(lines(&bundle(&[&found, &other])), ["0 EXISTS Patient/p", "1 EXISTS Patient/p"]);
    for (entries, code, place) in [
        (vec![conditional("POST", patient, "name=x", "")], "not-supported", "entry[0].request.ifNoneExist"),
        (vec![conditional("PUT", own, "_id=p", "")], "invalid", "entry[0].resource.id"),
        (
            vec![conditional("POST", patient, "_id=none,urn:uuid:a", "")],
            "not-supported",
            "entry[0].request.ifNoneExist",
        ),
        (
            vec![conditional("PUT", patient, "_id=p", "").replace("Patient?", "Patient/p?")],
            "value",
            "entry[0].request.url",
        ),
        (
            vec![conditional("PUT", patient, "_id=p", ""), conditional("DELETE", patient, "_id=q,p", "")],
            "duplicate",
            "entry[1].request.url",
        ),
        (
            vec![found.clone(), conditional("DELETE", patient, "_id=p", "")],
            "duplicate",
            "entry[1].request.url",
        ),
        (
            vec![post("", r#"{"resourceType":"Observation","subject":{"reference":"Patient?name=x"}}"#)],
            "not-supported",
            "entry[0].resource.subject.reference",
        ),
    ] {
        let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
        let issues = planned(&bundle(&entries)).unwrap_err();
        let told = (issues[0].code.code(), issues[0].expression[0].as_str());
        assert_eq!(told, (code, format!("Bundle.{place}").as_str()), "{entries:?}: {issues:?}");
    }
}
