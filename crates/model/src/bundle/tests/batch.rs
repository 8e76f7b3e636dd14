use super::*;

/// The entries of a batch as their place, and their id or the code of the first issue.
fn batch(entries: &[&str]) -> Vec<String> {
    let text = bundle(entries).replacen("transaction", "batch", 1);
    let tree = crate::tree(text.as_bytes(), &Limits::default()).unwrap();
    let planned = plan_batch(&tree, text.as_bytes(), &mut || Id::new("new").unwrap()).unwrap();
    let line = |entry: &BatchEntry| match &entry.op {
        Ok(PlannedOp::Create { id, .. }) => format!("{} POST {id}", entry.index),
        Ok(PlannedOp::Put { id, .. }) => format!("{} PUT {id}", entry.index),
        Ok(PlannedOp::Delete { id, .. }) => format!("{} DELETE {id}", entry.index),
        Ok(PlannedOp::Conditional { by, ty, criteria, body, condition }) => {
            let id = body.as_ref().and_then(|body| body.id()).unwrap_or("none");
            format!("{} {by:?} {ty}?{criteria} {condition:?} {id}", entry.index)
        }
        Ok(PlannedOp::Get { url, .. }) => format!("{} GET {url}", entry.index),
        Ok(other) => panic!("{other:?}"),
        Err(outcome) => {
            let issue = &outcome.issues[0];
            assert!(issue.diagnostics.starts_with("line 1, column "), "{issue:?}");
            assert!(issue.expression[0].starts_with(&format!("Bundle.entry[{}]", entry.index)), "{issue:?}");
            format!("{} {}", entry.index, issue.code.code())
        }
    };
    planned.iter().map(line).collect()
}

#[test]
fn an_entry_of_a_batch_fails_by_itself() {
    let subject = |reference: &str| {
        post("", &format!(r#"{{"resourceType":"Basic","subject":{{"reference":"{reference}"}}}}"#))
    };
    let entries = [
        r#"{"request":{"method":"GET","url":"Basic/b"}}"#,
        GOOD,
        "{}",
        &post("urn:uuid:a", r#"{"resourceType":"Patient"}"#),
        &subject("urn:uuid:a"),
        &subject("urn:uuid:unknown"),
        &subject("Patient/1"),
        &subject("Patient/known"),
        r#"{"fullUrl":"http://x/Patient/known","resource":{"resourceType":"Patient","id":"known"},"request":{"method":"PUT","url":"Patient/known"}}"#,
        // Twice the same is no fault in a batch.
        r#"{"request":{"method":"DELETE","url":"Basic/b"}}"#,
        &post("http://x/Patient/1", r#"{"resourceType":"Patient"}"#),
        r#"{"request":{"method":"PUT","url":"Basic/b"},"nonsense":1}"#,
    ];
    let expected = [
        "2 required",
        "4 business-rule",
        "5 invalid",
        "6 business-rule",
        "11 structure",
        "9 DELETE b",
        "3 POST new",
        "7 POST new",
        "10 POST new",
        "1 PUT b",
        "8 PUT known",
        "0 GET Basic/b",
    ];
    assert_eq!(batch(&entries), expected);
}

#[test]
fn a_batch_of_faults_tells_one_for_each_entry_at_least() {
    let bad = r#"{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1}"#;
    let text = bundle(&vec![bad; 500]).replacen("transaction", "batch", 1);
    let tree = crate::tree(text.as_bytes(), &Limits::default()).unwrap();
    let planned = plan_batch(&tree, text.as_bytes(), &mut || unreachable!()).unwrap();
    let told: Vec<usize> = planned.iter().map(|entry| entry.op.as_ref().unwrap_err().issues.len()).collect();
    assert_eq!((told[0], told[99], told[100], told[499]), (10, 10, 1, 1));
}

#[test]
fn a_full_url_that_is_there_twice_is_the_fault_of_the_second() {
    let patient = post("urn:uuid:a", r#"{"resourceType":"Patient"}"#);
    assert_eq!(batch(&[&patient, &patient, GOOD]), ["1 duplicate", "0 POST new", "2 PUT b"]);
}

#[test]
fn criteria_are_left_to_whoever_carries_the_batch_out() {
    let told = batch(&[
        r#"{"resource":{"resourceType":"Basic","id":"mine"},"request":{"method":"PUT","url":"Basic?a=b","ifMatch":"W/\"2\""}}"#,
        r#"{"resource":{"resourceType":"Basic"},"request":{"method":"POST","url":"Basic","ifNoneExist":"c=d&e=f"}}"#,
        r#"{"request":{"method":"DELETE","url":"Basic/?g"}}"#,
        r#"{"resource":{"resourceType":"Basic"},"request":{"method":"POST","url":"Basic?a=b"}}"#,
        r#"{"resource":{"resourceType":"Patient","link":[{"other":{"reference":"Patient?a=b"}}]},"request":{"method":"POST","url":"Patient"}}"#,
    ]);
    assert_eq!(
        told,
        [
            "3 value",
            "4 not-supported",
            "2 Delete Basic?g None none",
            "1 Create Basic?c=d&e=f None none",
            "0 Update Basic?a=b Version(2) mine",
        ]
    );
}
