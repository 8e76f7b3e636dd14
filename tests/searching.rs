//! Searches over HTTP: what their answers hold, and what is refused.

use crate::client::{Answer, Client, link};
use crate::interactions::{on_each_store, on_each_store_with, refused};
use serde_json::{Value, json};

/// Patients `p0`…, with observations `o0`… of `p0`, all in one transaction.
pub fn people(client: &Client, patients: usize, observations: usize) {
    let mut entries: Vec<Value> = Vec::new();
    for at in 0..patients {
        let gender = if at % 2 == 0 { "female" } else { "male" };
        entries.push(json!({"resourceType": "Patient", "id": format!("p{at}"), "active": true, "gender": gender,
            "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">p</div>"},
            "name": [{"family": format!("Family{at}"), "given": ["G"]}], "birthDate": format!("19{:02}-01-01", at % 100)}));
    }
    for at in 0..observations {
        entries.push(json!({"resourceType": "Observation", "id": format!("o{at}"), "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
            "subject": {"reference": "Patient/p0"}, "valueQuantity": {"value": at, "unit": "mmHg"}}));
    }
    let entries: Vec<Value> = entries
        .into_iter()
        .map(|resource| {
            let url = format!(
                "{}/{}",
                resource["resourceType"].as_str().unwrap(),
                resource["id"].as_str().unwrap()
            );
            json!({"resource": resource, "request": {"method": "PUT", "url": url}})
        })
        .collect();
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
    client.post("", &bundle.to_string()).expect(200);
}

/// The ids of a Bundle's entries of a mode, in order.
#[track_caller]
pub fn ids(bundle: &Value, mode: &str) -> Vec<String> {
    assert_eq!(bundle["type"], "searchset", "{bundle}");
    let entries = bundle["entry"].as_array().into_iter().flatten();
    entries
        .filter(|entry| entry["search"]["mode"] == mode)
        .map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned())
        .collect()
}

#[track_caller]
fn found(client: &Client, path: &str) -> Vec<String> {
    ids(&client.get(path).expect(200).json(), "match")
}

fn relations(bundle: &Value) -> Vec<&str> {
    bundle["link"].as_array().unwrap().iter().map(|link| link["relation"].as_str().unwrap()).collect()
}

fn form(client: &Client, path: &str, body: &str) -> Answer {
    client
        .send("POST", path, &[("Content-Type", "application/x-www-form-urlencoded")], body.as_bytes())
        .unwrap()
}

#[test]
fn a_search_finds_what_is_there_in_a_bundle_of_whole_resources() {
    on_each_store(|client| {
        people(client, 5, 2);
        let answer = client.get("/Patient?gender=male").expect(200);
        let bundle = answer.json();
        assert_eq!(ids(&bundle, "match"), ["p1", "p3"]);
        assert_eq!(relations(&bundle), ["self"]);
        assert_eq!(link(&bundle, "self").unwrap(), format!("{}/Patient?gender=male&_count=100", client.base));
        let read = client.get("/Patient/p1").expect(200);
        assert!(answer.text.contains(&read.text), "its bytes are those of a read");
        assert_eq!(bundle["entry"][0]["fullUrl"], format!("{}/Patient/p1", client.base));
        assert_eq!(found(client, "/Observation?code=http://loinc.org|8480-6"), ["o0", "o1"]);
        assert_eq!(found(client, "/Patient").len(), 5);
        assert_eq!(found(client, "/?_type=Observation,Patient&_id=o1,p1").len(), 2);
        assert_eq!(found(client, "?_id=p3"), ["p3"]);
        let none = client.get("/Patient?gender=unknown").expect(200).json();
        assert!(none.get("entry").is_none() && none["total"] == 0, "{none}");
        let head = client.send("HEAD", "/Patient?gender=male", &[], b"").unwrap().expect(200);
        assert_eq!(head.text, "");
        assert_eq!(head.header("content-type"), answer.header("content-type"));
        assert!(client.get("/Patient?_pretty=true&gender=male").expect(200).text.starts_with("{\n"));
        client.delete("/Patient/p1").expect(204);
        assert_eq!(found(client, "/Patient?gender=male"), ["p3"]);
    });
}

#[test]
fn result_parameters_say_what_the_answer_holds() {
    on_each_store(|client| {
        people(client, 5, 2);
        let get = |path: &str| client.get(path).expect(200).json();
        for (query, total, matches) in [
            ("_count=0", Some(5), 0),
            ("_summary=count", Some(5), 0),
            ("_summary=count&_count=2", Some(5), 0),
            ("_count=2&_total=accurate", Some(5), 2),
            ("_count=2&_total=none", None, 2),
            ("_count=2", None, 2),
            ("_count=9", Some(5), 5),
            ("_count=99999999999999999999", Some(5), 5),
            ("_summary=false", Some(5), 5),
            ("_contained=false&_containedType=container", Some(5), 5),
        ] {
            let bundle = get(&format!("/Patient?{query}"));
            assert_eq!(bundle["total"].as_i64(), total, "{query}: {bundle}");
            assert_eq!(ids(&bundle, "match").len(), matches, "{query}");
        }
        let estimate = get("/Patient?_count=2&_total=estimate");
        assert!(estimate["total"].as_i64().is_some(), "{estimate}");
        assert_eq!(relations(&get("/Patient?_count=0")), ["self"]);

        const ALL: &str = "resourceType id meta text active name gender birthDate";
        for (query, kept, tagged) in [
            ("_summary=true", "resourceType id meta active name gender birthDate", true),
            ("_summary=text", "resourceType id meta text", true),
            ("_summary=data", "resourceType id meta active name gender birthDate", true),
            ("_summary=false", ALL, false),
            ("_elements=gender", "resourceType id meta gender", true),
            ("_elements=Patient.gender,name", "resourceType id meta name gender", true),
            ("_elements=Observation.code", ALL, false),
            ("_elements=text,active,name,gender,birthDate", ALL, false),
        ] {
            let bundle = get(&format!("/Patient?_id=p2&{query}"));
            let resource = bundle["entry"][0]["resource"].as_object().unwrap();
            let mut names: Vec<&str> = resource.keys().map(String::as_str).collect();
            let mut expected: Vec<&str> = kept.split(' ').collect();
            names.sort_unstable();
            expected.sort_unstable();
            assert_eq!(names, expected, "{query}");
            let tag = &resource["meta"]["tag"][0]["code"];
            assert_eq!(tag == "SUBSETTED", tagged, "{query}: {bundle}");
        }
        let bundle = get("/Observation?_id=o1&_include=Observation:subject&_elements=subject,Patient.name");
        let observation = &bundle["entry"][0]["resource"];
        assert!(observation["status"] == "final" && observation["code"].is_object(), "what must be there is");
        assert!(observation.get("valueQuantity").is_none());
        let included = &bundle["entry"][1];
        assert_eq!(included["search"]["mode"], "include");
        assert!(included["resource"]["name"].is_array() && included["resource"].get("gender").is_none());
        let whole = get("/Observation?_id=o1&_include=Observation:subject&_elements=subject");
        assert_eq!(whole["entry"][1]["resource"]["gender"], "female", "what is included is whole");
    });
}

#[test]
fn searches_by_post_join_the_form_and_the_url() {
    on_each_store(|client| {
        people(client, 4, 3);
        for (path, body, expected) in [
            ("/Patient/_search", "gender=male", vec!["p1", "p3"]),
            ("/Patient/_search?gender=male", "_id=p1,p2", vec!["p1"]),
            ("/Patient/_search?gender=male", "", vec!["p1", "p3"]),
            ("/Patient/_search", "_id=p0%2Cp3\r\n", vec!["p0", "p3"]),
            ("/_search", "_type=Patient&_id=p2", vec!["p2"]),
            ("/_search?_type=Patient", "_id=p2", vec!["p2"]),
            ("/Patient/p0/Observation/_search", "_id=o1", vec!["o1"]),
            ("/Patient/p1/Observation/_search", "", vec![]),
            ("/Patient/p0/*/_search", "_type=Observation&_id=o2", vec!["o2"]),
        ] {
            let bundle = form(client, path, body).expect(200).json();
            assert_eq!(ids(&bundle, "match"), expected, "{path} {body}");
        }
        let empty = client.send("POST", "/Patient/_search?_id=p1", &[], b"").unwrap().expect(200);
        assert_eq!(ids(&empty.json(), "match"), ["p1"]);
        let paged = form(client, "/Patient/_search", "_count=3&gender=male,female").expect(200).json();
        let own = link(&paged, "self").unwrap();
        assert_eq!(own, format!("{}/Patient?gender=male,female&_count=3", client.base));
        let next = client.get(&link(&paged, "next").unwrap()).expect(200).json();
        assert_eq!(ids(&next, "match"), ["p3"], "what is found by POST is paged by GET");
        assert!(form(client, "/Patient/_search", "_pretty=true").expect(200).text.starts_with("{\n"));
        refused(&form(client, "/Patient/_search", "_format=xml"), 406, "not-supported", "XML");
        refused(
            &client.post("/Patient/_search", "{}"),
            415,
            "not-supported",
            "application/x-www-form-urlencoded",
        );
        let sent = |kind: &str| {
            client.send("POST", "/Patient/_search", &[("Content-Type", kind)], b"_id=p1").unwrap()
        };
        sent("application/x-www-form-urlencoded; charset=UTF-8").expect(200);
        let latin = sent("application/x-www-form-urlencoded; charset=iso-8859-1");
        refused(&latin, 415, "not-supported", "charset");
        refused(&sent(""), 415, "not-supported", "Content-Type is missing");
        let encoded = form(client, "/Patient/%5Fsearch", "_count=1").expect(200).json();
        client.get(&link(&encoded, "next").unwrap()).expect(200);
        refused(&form(client, "/Patient/_search", "_id=%zz"), 400, "value", "percent-encoded");
        refused(&form(client, "/Patient/_search?_count=1", "_count=2"), 400, "value", "once");
        let long = format!("_id={}", "x,".repeat(600_000));
        refused(&form(client, "/Patient/_search", &long), 413, "too-long", "bytes");
    });
}

#[test]
fn compartments_are_searched() {
    on_each_store(|client| {
        people(client, 2, 2);
        let encounter = r#"{"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/p0"}}"#;
        client.put("/Encounter/e", encounter).expect(201);
        let other = r#"{"resourceType":"Observation","id":"x","status":"final","code":{"text":"t"},"encounter":{"reference":"Encounter/e"},"performer":[{"reference":"Patient/p1"}]}"#;
        client.put("/Observation/x", other).expect(201);
        for (path, expected) in [
            ("/Patient/p0/Observation", vec!["o0", "o1"]),
            ("/Patient/p0/Observation?_id=o1", vec!["o1"]),
            ("/Patient/p1/Observation", vec!["x"]),
            ("/Patient/p0/Encounter", vec!["e"]),
            ("/Patient/p0/*", vec!["p0", "o0", "o1", "e"]),
            ("/Patient/p0/*?_type=Encounter", vec!["e"]),
            ("/Encounter/e/Observation", vec!["x"]),
            ("/Patient/nobody/Observation", vec![]),
        ] {
            let mut expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
            let mut seen = found(client, path);
            expected.sort();
            seen.sort();
            assert_eq!(seen, expected, "{path}");
        }
        for (path, status, says) in [
            ("/Patient/p0/Organization", 404, "no compartment of a Patient"),
            ("/Organization/o/Patient", 404, "Patient, "),
            ("/Patient/p0/Observaton", 404, "did you mean Observation?"),
            ("/Patient/p_0/Observation", 400, ""),
        ] {
            let answer = client.get(path);
            let code = if status == 400 { "value" } else { "not-supported" };
            refused(&answer, status, code, says);
        }
    });
}

#[test]
fn what_is_not_known_is_refused_all_at_once_or_passed_over() {
    on_each_store(|client| {
        people(client, 3, 0);
        for (path, code, says) in [
            ("/Patient?gendr=male", "not-supported", "did you mean gender?"),
            ("/Patient?_cout=1", "not-supported", "did you mean _count?"),
            ("/Patient?_count=x", "value", "_count"),
            ("/Patient?_summary=short", "value", "true or text"),
            ("/Patient?_total=all", "value", "accurate"),
            ("/Patient?_elements=nam", "value", "did you mean name?"),
            ("/Patient?_contained=yes", "value", "true or both or false"),
            ("/Patient?_page=x", "value", "page link"),
            ("/Patient?_page=x&gender=male", "value", "alone"),
            ("/Patient?_explain=yes", "value", "true or false"),
            ("/Patient?_explain=true", "forbidden", "search.explain"),
            ("/Patient/p0?_explain=gender%3Dmale", "forbidden", "search.explain"),
            ("?_type=Patint", "value", "did you mean Patient?"),
        ] {
            let answer = client.get(path);
            let status = if code == "forbidden" { 403 } else { 400 };
            refused(&answer, status, code, says);
        }
        let all = client.get("/Patient?gendr=male&_count=x&birthdate=soon&_elements=q,r");
        assert_eq!(all.status, 400);
        assert_eq!(all.json()["issue"].as_array().unwrap().len(), 5, "{}", all.text);
        let lenient = |path: &str| client.send("GET", path, &[("Prefer", "handling=lenient")], b"").unwrap();
        let answer = lenient("/Patient?gendr=x&gender=male&_cout=7").expect(200);
        let bundle = answer.json();
        assert_eq!(ids(&bundle, "match"), ["p1"]);
        assert_eq!(link(&bundle, "self").unwrap(), format!("{}/Patient?gender=male&_count=100", client.base));
        let outcome = bundle["entry"].as_array().unwrap().last().unwrap();
        assert_eq!(outcome["search"]["mode"], "outcome");
        let issues = outcome["resource"]["issue"].as_array().unwrap();
        assert!(issues.len() == 2 && issues.iter().all(|issue| issue["severity"] == "warning"), "{issues:?}");
        assert!(answer.header("preference-applied").contains("handling=lenient"));
        refused(&lenient("/Patient?birthdate=soon"), 400, "value", "birthdate");
        refused(&lenient("/Patient?_count=x"), 400, "value", "_count");
    });
    on_each_store_with(&[("RUSHLIGHT_SEARCH_HANDLING", "lenient")], |client| {
        people(client, 2, 0);
        let bundle = client.get("/Patient?gendr=x").expect(200).json();
        assert_eq!(ids(&bundle, "match").len(), 2);
        assert_eq!(bundle["entry"][2]["search"]["mode"], "outcome", "{bundle}");
        let strict = client.send("GET", "/Patient?gendr=x", &[("Prefer", "handling=strict")], b"").unwrap();
        refused(&strict, 400, "not-supported", "gendr");
        refused(&client.get("/_history?x=1"), 400, "not-supported", "x");
    });
}

#[test]
fn batches_and_transactions_search_and_see_what_they_write() {
    on_each_store(|client| {
        people(client, 3, 1);
        let bundle = |kind: &str, urls: &[&str]| {
            let entry = |url: &&str| json!({"request": {"method": "GET", "url": url}});
            let entries: Vec<Value> = urls.iter().map(entry).collect();
            json!({"resourceType": "Bundle", "type": kind, "entry": entries}).to_string()
        };
        let urls =
            ["Patient?gender=female", "Patient/p0/Observation", "?_type=Patient&_id=p1", "Patient?gendr=x"];
        let answers = client.post("", &bundle("batch", &urls)).expect(200).json();
        for (at, expected) in [vec!["p0", "p2"], vec!["o0"], vec!["p1"]].iter().enumerate() {
            let entry = &answers["entry"][at];
            assert_eq!(entry["response"]["status"], "200 OK", "{entry}");
            assert_eq!(&ids(&entry["resource"], "match"), expected);
        }
        assert_eq!(answers["entry"][3]["response"]["status"], "400 Bad Request");
        let search = json!({"request": {"method": "GET", "url": "Patient?gender=other"}});
        let patient = json!({"resource": {"resourceType": "Patient", "id": "new", "gender": "other"},
            "request": {"method": "PUT", "url": "Patient/new"}});
        let transaction = |entries: &[&Value]| {
            json!({"resourceType": "Bundle", "type": "transaction", "entry": entries}).to_string()
        };
        let bad = json!({"request": {"method": "GET", "url": "Patient?gendr=x"}});
        let answer = client.post("", &transaction(&[&search, &patient, &bad]));
        refused(&answer, 400, "not-supported", "did you mean gender?");
        client.get("/Patient/new").expect(404);
        let answers = client.post("", &transaction(&[&search, &patient])).expect(200).json();
        assert_eq!(ids(&answers["entry"][0]["resource"], "match"), ["new"]);
    });
}

#[test]
fn standard_search_parameters_can_be_read() {
    on_each_store(|client| {
        let subject = client.get("/SearchParameter/clinical-patient").expect(200).json();
        assert_eq!(subject["url"], "http://hl7.org/fhir/SearchParameter/clinical-patient");
        assert_eq!(subject["type"], "reference");
        let chains: Vec<&str> =
            subject["chain"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
        assert!(chains.contains(&"birthdate") && chains.contains(&"identifier"), "{chains:?}");
        client.get("/SearchParameter/clinical-nothing").expect(404);
        let statement = client.get("/metadata").expect(200).json();
        let rest = &statement["rest"][0];
        let patient =
            rest["resource"].as_array().unwrap().iter().find(|one| one["type"] == "Patient").unwrap();
        let parameters = patient["searchParam"].as_array().unwrap();
        let birthdate = parameters.iter().find(|one| one["name"] == "birthdate").unwrap();
        assert_eq!(birthdate["type"], "date");
        for parameter in parameters.iter().filter(|one| one["type"] != "special") {
            let name = parameter["name"].as_str().unwrap();
            // What is listed is known: a value that fits nothing is refused as a value, or finds nothing.
            let answer = client.get(&format!("/Patient?{name}:missing=true"));
            assert!(answer.status == 200 || !answer.text.contains("not known"), "{name}: {}", answer.text);
        }
    });
}
