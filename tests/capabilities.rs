//! What the server says of itself, and what an operator can change of it.

use crate::encodings::unpacked;
use crate::interactions::{on_each_store, on_each_store_with, refused};
use serde_json::json;

#[test]
fn metadata_lists_what_is_there() {
    on_each_store(|client| {
        let got = client.get("/metadata").expect(200);
        let statement = got.json();
        assert_eq!(statement["resourceType"], "CapabilityStatement");
        assert_eq!(statement["fhirVersion"], "4.0.1");
        assert_eq!(statement["rest"][0]["resource"].as_array().unwrap().len(), 146);
        assert_eq!(statement["implementation"]["url"], client.base);
        assert_eq!(client.get("/metadata?mode=full&_format=json").expect(200).text, got.text);
        assert_eq!(client.get("/metadata?mode=normative").expect(200).text, got.text);
        let terminology = client.get("/metadata?mode=terminology").expect(200);
        assert_eq!(terminology.json()["resourceType"], "TerminologyCapabilities");
        refused(&client.get("/metadata?mode=all"), 400, "value", "full, normative or terminology");
        let again = |name, value| client.send("GET", "/metadata", &[(name, value)], b"").unwrap();
        assert_eq!(again("If-None-Match", got.header("etag")).expect(304).text, "");
        assert_eq!(again("If-Modified-Since", got.header("last-modified")).expect(304).text, "");
        again("If-None-Match", terminology.header("etag")).expect(200);
        for (accepted, coding) in
            [("gzip", "gzip"), ("gzip;q=0.5, br", "br"), ("gzip, br, zstd", "zstd"), ("gzip;q=0", "")]
        {
            let packed = again("Accept-Encoding", accepted).expect(200);
            assert_eq!(
                (packed.header("content-encoding"), packed.header("etag")),
                (coding, got.header("etag"))
            );
            assert_eq!(unpacked(&packed), got.text, "{accepted}");
        }
        let pretty = client.send("GET", "/metadata?_pretty=true", &[("Accept-Encoding", "br")], b"").unwrap();
        assert_eq!(pretty.header("content-encoding"), "br");
        assert!(unpacked(&pretty).starts_with("{\n"), "laid out, then packed");
    });
}

#[test]
fn ids_of_clients_are_refused_where_the_operator_wants_that() {
    on_each_store_with(&[("RUSHLIGHT_UPDATE_AS_CREATE", "refused")], |client| {
        let patient = r#"{"resourceType":"Patient","id":"p"}"#;
        let answer = client.put("/Patient/p", patient);
        refused(&answer, 405, "not-supported", "POST it");
        assert_eq!(answer.header("allow"), "GET, HEAD, DELETE, OPTIONS");
        let absent = client.send("PUT", "/Patient/p", &[("If-None-Match", "*")], patient.as_bytes()).unwrap();
        refused(&absent, 405, "not-supported", "POST it");
        let entry = json!({"resource": {"resourceType": "Patient", "id": "p"}, "request": {"method": "PUT", "url": "Patient/p"}});
        let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [entry]});
        refused(&client.post("", &bundle.to_string()), 400, "not-supported", "POST it");
        client.get("/Patient/p").expect(404);
        let created = client.post("/Patient", patient).expect(201).json();
        let id = created["id"].as_str().unwrap();
        let path = format!("/Patient/{id}");
        let second = format!(r#"{{"resourceType":"Patient","id":"{id}","active":true}}"#);
        assert_eq!(client.put(&path, &second).expect(200).version(), 2);
        client.delete(&path).expect(204);
        assert_eq!(client.put(&path, &second).expect(201).version(), 4, "it was there once");
        let statement = client.get("/metadata").expect(200).json();
        assert_eq!(statement["rest"][0]["resource"][0]["updateCreate"], false);
    });
}
