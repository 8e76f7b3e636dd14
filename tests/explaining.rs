//! `_explain`: why a search finds what it finds, and why it does not find a record.

use crate::client::Client;
use crate::interactions::{on_each_store_with, refused};
use crate::searching::people;
use serde_json::Value;

const ON: [(&str, &str); 1] = [("RUSHLIGHT_SEARCH_EXPLAIN", "true")];

/// The values of a part's parts of this name.
fn said<'v>(part: &'v Value, name: &str) -> Vec<&'v Value> {
    let parts = part["part"].as_array().into_iter().flatten();
    parts
        .filter(|one| one["name"] == name)
        .filter_map(|one| one.as_object()?.values().find(|v| *v != name))
        .collect()
}

fn clauses(resource: &Value) -> Vec<&Value> {
    assert_eq!(resource["resourceType"], "Parameters", "{resource}");
    resource["parameter"].as_array().unwrap().iter().filter(|one| one["name"] == "clause").collect()
}

fn page(client: &Client, path: &str) -> String {
    let accept = [("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")];
    let answer = client.send("GET", path, &accept, b"").unwrap().expect(200);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    answer.text
}

#[test]
fn a_search_is_explained_clause_by_clause() {
    on_each_store_with(&ON, |client| {
        people(client, 3, 2);
        let explained = client.get("/Observation?code=8480-6&status=final&_explain=true").expect(200).json();
        let clauses = clauses(&explained);
        assert_eq!(clauses.len(), 2, "{explained}");
        assert_eq!(said(clauses[0], "parameter"), ["code"]);
        assert_eq!(said(clauses[0], "value"), ["8480-6"]);
        assert_eq!(said(clauses[0], "meaning").len(), 1);
        assert_eq!(said(clauses[0], "rows"), [2], "{explained}");
        for clause in &clauses {
            let sql = said(clause, "sql")[0].as_str().unwrap().to_owned();
            assert!(sql.contains("token") && !sql.contains("8480-6"), "values are not in the SQL: {sql}");
        }
        assert!(!said(clauses[0], "plan").is_empty(), "{explained}");
        refused(&client.get("/Observation?cod=x&_explain=true"), 400, "not-supported", "did you mean code?");
        let bundle = client.get("/Observation?code=8480-6&_explain=false").expect(200).json();
        assert_eq!(bundle["resourceType"], "Bundle");
    });
}

#[test]
fn a_record_is_asked_why_it_is_not_found() {
    on_each_store_with(&ON, |client| {
        people(client, 2, 2);
        let path = "/Observation/o1?_explain=code%3D8480-6%26status%3Dpreliminary%26subject%3APatient.gender%3Dfemale";
        let explained = client.get(path).expect(200).json();
        let clauses = clauses(&explained);
        let matches: Vec<&Value> = clauses.iter().flat_map(|clause| said(clause, "matches")).collect();
        assert_eq!(matches, [true, false, true], "{explained}");
        let status = said(clauses[1], "indexed");
        assert!(status.len() == 1 && status[0].as_str().unwrap().contains("final"), "{explained}");
        let all =
            explained["parameter"].as_array().unwrap().iter().find(|one| one["name"] == "matches").unwrap();
        assert_eq!(all["valueBoolean"], false);
        let nothing = client.get("/Observation/o1?_explain=category%3Dx").expect(200).json();
        let indexed = said(nothing["parameter"].as_array().unwrap().last().unwrap(), "indexed").len();
        assert_eq!(indexed, 1, "{nothing}");
        refused(&client.get("/Observation/o9?_explain=code%3Dx"), 404, "not-found", "o9");
        refused(&client.get("/Observation/o1?_explain=cod%3Dx"), 400, "not-supported", "did you mean code?");
        refused(
            &client.get("/Observation/o1?_explain=code%3Dx&_summary=true"),
            400,
            "not-supported",
            "_summary",
        );
    });
}

#[test]
fn a_browser_gets_a_page_that_runs_nothing() {
    on_each_store_with(&ON, |client| {
        people(client, 1, 1);
        let hostile = "%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%27%26%7Bbody%7D";
        for path in [
            format!("/Observation?code={hostile}&_explain=true"),
            format!("/Observation/o0?_explain=code%3D{hostile}"),
            format!("/Observation/o0?_explain=code%3D{}", hostile.replace('%', "%25")),
        ] {
            let page = page(client, &path);
            assert!(page.starts_with("<!doctype html>"), "{page}");
            assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{page}");
            assert!(!page.contains("<script") && !page.contains("{body}"), "{page}");
        }
        let html = client.get("/Observation?code=x&_explain=true&_format=html").expect(200);
        assert!(html.text.starts_with("<!doctype html>"));
        let only =
            client.send("GET", "/Observation?code=x&_explain=true", &[("Accept", "text/html")], b"").unwrap();
        assert!(only.expect(200).text.starts_with("<!doctype html>"));
        for accept in ["application/fhir+json", "*/*", "application/json;q=0.9, text/html;q=0.1"] {
            let answer =
                client.send("GET", "/Observation?code=x&_explain=true", &[("Accept", accept)], b"").unwrap();
            assert_eq!(answer.expect(200).json()["resourceType"], "Parameters", "{accept}");
        }
        let plain = client.send("GET", "/Observation?code=x", &[("Accept", "text/html")], b"").unwrap();
        refused(&plain, 406, "not-supported", "HTML");
    });
}
