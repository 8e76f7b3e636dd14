//! Contained resources in searches: chains into them, `_contained` and `_containedType`.
//! <https://hl7.org/fhir/R4/search.html#contained>

use crate::client::{Client, link};
use crate::interactions::{on_each_store, on_each_store_with, refused};
use crate::searching::ids;
use serde_json::{Value, json};

const ASPIRIN: &str = "urn:s%7Caspirin";

fn medication(id: &str, code: &str) -> Value {
    json!({"resourceType": "Medication", "id": id, "code": {"coding": [{"system": "urn:s", "code": code}]}})
}

fn request(id: &str, contained: Vec<Value>, medication: &str) -> Value {
    let others =
        contained.iter().map(|one| json!({"reference": format!("#{}", one["id"].as_str().unwrap())}));
    let mut request = json!({"resourceType": "MedicationRequest", "id": id, "status": "active", "intent": "order",
        "subject": {"reference": "Patient/p1"}, "medicationReference": {"reference": medication}});
    if !contained.is_empty() {
        request["supportingInformation"] = others.collect();
        request["contained"] = Value::Array(contained);
    }
    request
}

/// In the order in which they are answered.
fn store(client: &Client) {
    let mut aspirin = medication("m", "aspirin");
    aspirin["manufacturer"] = json!({"reference": "#o"});
    let acme = json!({"resourceType": "Organization", "id": "o", "name": "Acme", "partOf": {"reference": "Organization/top"}});
    let patient = |id| json!({"resourceType": "Patient", "id": id, "name": [{"family": "Hidden"}], "birthDate": "1970"});
    let within = json!({"resourceType": "Observation", "id": "x", "status": "final", "code": {"text": "inner"},
        "subject": {"reference": "Patient/p1"}, "derivedFrom": [{"reference": "#"}]});
    for resource in [
        json!({"resourceType": "Organization", "id": "top", "name": "Top"}),
        request("r1", vec![aspirin, acme], "#m"),
        patient("p1"),
        medication("stored", "aspirin"),
        request("r2", vec![medication("m", "ibuprofen"), medication("n", "aspirin")], "#m"),
        request("r3", vec![], "Medication/stored"),
        json!({"resourceType": "Observation", "id": "o1", "status": "final", "code": {"text": "outer"},
            "contained": [patient("p")], "subject": {"reference": "#p"}}),
        json!({"resourceType": "Observation", "id": "o2", "status": "amended", "code": {"text": "outer"},
            "contained": [within], "hasMember": [{"reference": "#x"}]}),
    ] {
        let path =
            format!("/{}/{}", resource["resourceType"].as_str().unwrap(), resource["id"].as_str().unwrap());
        client.put(&path, &resource.to_string()).expect(201);
    }
}

/// The `fullUrl`s of the matches, without the base.
#[track_caller]
fn urls(bundle: &Value) -> Vec<String> {
    let entries = bundle["entry"].as_array().into_iter().flatten();
    let url = |entry: &Value| {
        assert_eq!(entry["search"]["mode"], "match", "{bundle}");
        let url = entry["fullUrl"].as_str().unwrap().to_owned();
        let id = url.rsplit(['/', '#']).next().unwrap();
        assert_eq!(entry["resource"]["id"], id, "{bundle}");
        url.rsplitn(3, '/').take(2).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("/")
    };
    entries.map(url).collect()
}

#[track_caller]
fn get(client: &Client, path: &str) -> Value {
    client.get(path).expect(200).json()
}

#[test]
fn chains_lead_into_what_is_contained_and_on_from_there() {
    on_each_store(|client| {
        store(client);
        let aspirin = |name: &str| format!("/MedicationRequest?{name}={ASPIRIN}");
        for (path, expected) in [
            (aspirin("medication.code"), "r1 r3"),
            (aspirin("medication:Medication.code"), "r1 r3"),
            (aspirin("medication:Medication.code:not"), "r2"),
            ("/MedicationRequest?medication.code:missing=false".to_owned(), "r1 r2 r3"),
            ("/MedicationRequest?medication._id=m".to_owned(), "r1 r2"),
            ("/MedicationRequest?medication._id=m,stored".to_owned(), "r1 r2 r3"),
            // To another one of the container, and out of it.
            ("/MedicationRequest?medication.manufacturer.name=acme".to_owned(), "r1"),
            ("/MedicationRequest?medication.manufacturer.partof.name=top".to_owned(), "r1"),
            ("/MedicationRequest?medication.manufacturer.partof=Organization/top".to_owned(), "r1"),
            ("/MedicationRequest?medication.manufacturer.name=top".to_owned(), ""),
            ("/Observation?subject:Patient.name=hidden".to_owned(), "o1"),
            ("/Observation?subject.birthdate=1970".to_owned(), "o1"),
            ("/Observation?patient.name=hidden".to_owned(), "o1"),
            // To the container.
            ("/Observation?has-member:Observation.derived-from:Observation.status=amended".to_owned(), "o2"),
            ("/Observation?has-member:Observation.derived-from:Observation.status=final".to_owned(), ""),
            ("/Observation?has-member:Observation.subject:Patient.name=hidden".to_owned(), "o2"),
            // What refers to a contained resource is its container.
            ("/Observation?subject:Patient._has:Observation:subject:status=final".to_owned(), "o1"),
            ("/Observation?subject:Patient._has:Observation:subject:status=amended".to_owned(), ""),
            // What is contained is no resource of its own.
            (format!("/Medication?code={ASPIRIN}"), "stored"),
            ("/Patient?_has:Observation:subject:status=final".to_owned(), ""),
            ("/Patient?_has:Observation:subject:status=final,amended".to_owned(), ""),
            ("/MedicationRequest?medication=m".to_owned(), ""),
        ] {
            let found = ids(&get(client, &path), "match");
            assert_eq!(found.join(" "), expected, "{path}");
        }
        // It is as it is now.
        client
            .put("/MedicationRequest/r1", &request("r1", vec![medication("m", "other")], "#m").to_string())
            .expect(200);
        assert_eq!(ids(&get(client, &aspirin("medication.code")), "match"), ["r3"]);
        assert_eq!(ids(&get(client, "/MedicationRequest?medication.code=other"), "match"), ["r1"]);
        client.delete("/MedicationRequest/r1").expect(204);
        assert!(ids(&get(client, "/MedicationRequest?medication.code=other"), "match").is_empty());
    });
}

#[test]
fn long_chains_go_in_and_out_of_containers() {
    on_each_store(|client| {
        // Each is a member of the one before it, every other one is contained.
        for at in (0..12).rev().step_by(2) {
            let member =
                if at == 11 { json!([]) } else { json!([{"reference": format!("Observation/o{}", at + 2)}]) };
            let mut inner = json!({"resourceType": "Observation", "id": "x", "status": "final", "code": {"text": format!("c{at}")}});
            if at < 11 {
                inner["hasMember"] = member;
            }
            let whole = json!({"resourceType": "Observation", "id": format!("o{at}"), "status": "final", "code": {"text": "w"},
                "contained": [inner], "hasMember": [{"reference": "#x"}]});
            client.put(&format!("/Observation/o{at}"), &whole.to_string()).expect(201);
        }
        let chain = |steps: usize, last: &str| {
            format!("/Observation?{}code:text=c11&_count=50{last}", "has-member:Observation.".repeat(steps))
        };
        for steps in [1, 2, 3, 6, 7, 12] {
            let found = ids(&get(client, &chain(steps, "")), "match");
            let expected = if steps % 2 == 1 { vec![format!("o{}", 12 - steps)] } else { Vec::new() };
            assert_eq!(found, expected, "{steps} steps");
            let inner = get(client, &chain(steps, "&_contained=true&_containedType=contained"));
            let expected = if steps % 2 == 0 && steps < 12 {
                vec![format!("Observation/o{}#x", 11 - steps)]
            } else {
                Vec::new()
            };
            assert_eq!(urls(&inner), expected, "{steps} steps from within");
        }
        let within = "subject:Patient._has:Observation:subject:".repeat(3);
        assert!(ids(&get(client, &format!("/Observation?{within}code=x")), "match").is_empty());
    });
}

#[test]
fn what_is_contained_is_found_by_itself_or_by_its_container() {
    on_each_store(|client| {
        store(client);
        let aspirin = format!("/Medication?code={ASPIRIN}");
        for (path, expected) in [
            (format!("{aspirin}&_contained=false"), "Medication/stored"),
            (format!("{aspirin}&_contained=true"), "MedicationRequest/r1 MedicationRequest/r2"),
            (format!("{aspirin}&_contained=true&_containedType=container"), "MedicationRequest/r1 MedicationRequest/r2"),
            (format!("{aspirin}&_contained=true&_containedType=contained"), "MedicationRequest/r1#m MedicationRequest/r2#n"),
            (format!("{aspirin}&_contained=both"), "MedicationRequest/r1 Medication/stored MedicationRequest/r2"),
            (
                format!("{aspirin}&_contained=both&_containedType=contained"),
                "MedicationRequest/r1#m Medication/stored MedicationRequest/r2#n",
            ),
            // Each container once.
            ("/Medication?_contained=true".to_owned(), "MedicationRequest/r1 MedicationRequest/r2"),
            (
                "/Medication?_contained=true&_containedType=contained".to_owned(),
                "MedicationRequest/r1#m MedicationRequest/r2#m MedicationRequest/r2#n",
            ),
            (
                "/Patient?name=hidden&_contained=both&_containedType=contained".to_owned(),
                "Patient/p1 Observation/o1#p",
            ),
            (
                "/Medication?manufacturer.name=acme&_contained=true&_containedType=contained".to_owned(),
                "MedicationRequest/r1#m",
            ),
            (
                "/Medication?_id=m&_contained=true&_containedType=contained".to_owned(),
                "MedicationRequest/r1#m MedicationRequest/r2#m",
            ),
            (
                "/Observation?subject=Patient/p1&_contained=true&_containedType=contained".to_owned(),
                "Observation/o2#x",
            ),
            (
                "/Medication?_has:MedicationRequest:medication:status=active&_contained=true&_containedType=contained"
                    .to_owned(),
                "MedicationRequest/r1#m MedicationRequest/r2#m",
            ),
            (
                "/?_type=Patient,Organization&_contained=both&_containedType=contained".to_owned(),
                "Organization/top MedicationRequest/r1#o Patient/p1 Observation/o1#p",
            ),
            ("/Observation?_contained=both&status=amended".to_owned(), "Observation/o2"),
            ("/Practitioner?_contained=true".to_owned(), ""),
        ] {
            let bundle = get(client, &path);
            assert_eq!(urls(&bundle).join(" "), expected, "{path}");
            assert_eq!(bundle["total"], expected.split_whitespace().count(), "{path}");
            let counted = get(client, &format!("{path}&_summary=count"));
            assert_eq!(counted["total"], bundle["total"], "{path}");
        }
        // A contained resource is as it is written: without a version of its own.
        let path = format!("{aspirin}&_contained=true&_containedType=contained&_count=1");
        let entry = &get(client, &path)["entry"][0];
        let mut expected = medication("m", "aspirin");
        expected["manufacturer"] = json!({"reference": "#o"});
        assert_eq!(entry["resource"], expected);
        let own = link(&get(client, &path), "self").unwrap();
        assert!(own.contains("_contained=true") && own.contains("_containedType=contained"), "{own}");
        let form = format!("code={ASPIRIN}&_contained=true&_containedType=contained");
        let kind = [("Content-Type", "application/x-www-form-urlencoded")];
        let posted =
            client.send("POST", "/Medication/_search", &kind, form.as_bytes()).unwrap().expect(200).json();
        assert_eq!(urls(&posted), ["MedicationRequest/r1#m", "MedicationRequest/r2#n"]);
    });
}

#[test]
fn only_a_part_of_what_is_contained_is_answered_where_that_is_wanted() {
    on_each_store(|client| {
        store(client);
        let one = |query: &str| get(client, &format!("/Patient?{query}"))["entry"][0]["resource"].clone();
        let keys =
            |resource: &Value| resource.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
        let inner = one("_contained=true&_containedType=contained&_elements=name");
        assert_eq!(keys(&inner), "id meta name resourceType");
        assert_eq!(inner["meta"]["tag"][0]["code"], "SUBSETTED");
        let summed = one("_contained=true&_containedType=contained&_summary=true");
        assert_eq!((&summed["name"][0]["family"], &summed["birthDate"]), (&json!("Hidden"), &json!("1970")));
        // Elements of a patient say nothing of the container.
        assert!(one("_contained=true&_elements=name")["contained"].is_array());
    });
}

#[test]
fn pages_of_contained_resources_hold_still() {
    on_each_store(|client| {
        let mut expected = Vec::new();
        for at in 0..5 {
            let stored = format!("s{at}");
            client.put(&format!("/Medication/{stored}"), &medication(&stored, "x").to_string()).expect(201);
            expected.push(format!("Medication/{stored}"));
            let own = (0..3).map(|n| medication(&format!("m{n}"), if n == 1 { "y" } else { "x" })).collect();
            client
                .put(
                    &format!("/MedicationRequest/r{at}"),
                    &request(&format!("r{at}"), own, "#m0").to_string(),
                )
                .expect(201);
            expected.extend([0, 2].map(|n| format!("MedicationRequest/r{at}#m{n}")));
        }
        for count in [1, 2, 4, 20] {
            let path = format!(
                "/Medication?code=x&_contained=both&_containedType=contained&_count={count}&_total=accurate"
            );
            let mut page = get(client, &path);
            let (first, mut found, mut pages) = (page.clone(), Vec::new(), Vec::new());
            loop {
                assert_eq!(page["total"], expected.len());
                found.extend(urls(&page));
                pages.push(urls(&page));
                let Some(next) = link(&page, "next") else { break };
                // What is written meanwhile is not on the pages.
                let fresh = request("r0", vec![medication("m0", "y"), medication("m9", "x")], "#m0");
                client.put("/MedicationRequest/r0", &fresh.to_string());
                page = get(client, &next);
            }
            assert_eq!(found, expected, "{count} on a page");
            for before in pages.iter().rev().skip(1) {
                page = get(client, &link(&page, "previous").unwrap());
                assert_eq!(&urls(&page), before, "{count} on a page");
            }
            assert!(link(&page, "previous").is_none());
            if let Some(last) = link(&first, "last") {
                assert_eq!(Some(&urls(&get(client, &last))), pages.last());
            }
            let own = (0..3).map(|n| medication(&format!("m{n}"), if n == 1 { "y" } else { "x" })).collect();
            client.put("/MedicationRequest/r0", &request("r0", own, "#m0").to_string());
        }
        // Of a container as a whole, each once.
        let mut page = get(client, "/Medication?code=x&_contained=true&_count=2");
        let mut found = urls(&page);
        while let Some(next) = link(&page, "next") {
            page = get(client, &next);
            found.extend(urls(&page));
        }
        assert_eq!(found, (0..5).map(|at| format!("MedicationRequest/r{at}")).collect::<Vec<_>>());
    });
}

#[test]
fn what_has_no_meaning_for_contained_resources_is_refused() {
    on_each_store_with(&[("RUSHLIGHT_SEARCH_EXPLAIN", "true")], |client| {
        store(client);
        for (path, code, says) in [
            ("/Patient?_contained=yes", "value", "true or both or false is expected"),
            ("/Patient?_contained=true&_contained=both", "value", "once"),
            ("/Patient?_contained=true&_containedType=containr", "value", "did you mean container?"),
            (
                "/Patient?_contained=true&_sort=name",
                "not-supported",
                "_sort is “name”: it can't be combined with _contained",
            ),
            ("/Patient?_contained=both&_include=Patient:organization", "not-supported", "_include is"),
            ("/Patient?_contained=both&_revinclude=Observation:subject", "not-supported", "_revinclude is"),
            (
                "/Patient/p1/Observation?_contained=true",
                "not-supported",
                "_contained: what is contained is in no compartment",
            ),
            (
                "/Patient/p1?_explain=name%3Dx%26_contained%3Dtrue",
                "not-supported",
                "whether it matches itself",
            ),
        ] {
            refused(&client.get(path), 400, code, says);
        }
        for path in ["/Patient?_contained=false&_sort=name", "/Patient?_containedType=contained&_sort=name"] {
            assert_eq!(ids(&get(client, path), "match"), ["p1"]);
        }
        let exists =
            [("If-None-Exist", "name=Hidden&_contained=true"), ("Content-Type", "application/fhir+json")];
        let patient = json!({"resourceType": "Patient"}).to_string();
        let answer = client.send("POST", "/Patient", &exists, patient.as_bytes()).unwrap();
        refused(&answer, 400, "invalid", "no criterion");
        // Why something is found, and why not.
        for form in ["container", "contained"] {
            let path =
                format!("/Medication?code={ASPIRIN}&_contained=both&_containedType={form}&_explain=true");
            let told = get(client, &path).to_string();
            assert!(told.contains(r#"{"name":"rows","valueInteger":3}"#), "{told}");
        }
        let told = get(client, "/MedicationRequest/r2?_explain=medication.code%3Daspirin").to_string();
        assert!(
            told.contains("#m code: code “ibuprofen”")
                && told.contains(r#"{"name":"matches","valueBoolean":false}"#),
            "{told}"
        );
    });
}
