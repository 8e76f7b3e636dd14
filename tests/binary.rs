//! Binary in its own content type: <https://hl7.org/fhir/R4/binary.html>.

use crate::client::{Answer, Client};
use crate::interactions::{on_each_store, on_each_store_with, refused};
use serde_json::json;

/// Every byte there is, which is no text.
fn bytes(length: usize) -> Vec<u8> {
    (0..=255).cycle().take(length).collect()
}

fn send(client: &Client, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    client.send(method, path, headers, body).unwrap()
}

#[test]
fn bytes_come_back_in_their_own_type_and_as_a_resource() {
    on_each_store(|client| {
        for length in [0, 1, 2, 3, 1000, 300_000] {
            let body = bytes(length);
            let headers = [("Content-Type", "image/png"), ("X-Security-Context", "Patient/p")];
            let created = send(client, "POST", "/Binary", &headers, &body).expect(201);
            assert_eq!(created.text, "");
            let location = created.header("location");
            let path = location.split("/_history").next().unwrap();
            for path in [path, location] {
                for accept in
                    [None, Some("*/*"), Some("image/png"), Some("image/*"), Some("text/html, */*;q=0.1")]
                {
                    let headers: Vec<(&str, &str)> =
                        accept.map(|accept| ("Accept", accept)).into_iter().collect();
                    let got = send(client, "GET", path, &headers, b"").expect(200);
                    assert_eq!(got.bytes, body, "{accept:?}");
                    assert_eq!(got.header("content-type"), "image/png");
                    for (name, value) in [
                        ("x-content-type-options", "nosniff"),
                        ("content-security-policy", "sandbox; default-src 'none'"),
                        ("content-disposition", "attachment"),
                        ("x-security-context", "Patient/p"),
                        ("accept-ranges", "none"),
                        ("etag", "W/\"1\""),
                    ] {
                        assert_eq!(got.header(name), value, "{name}");
                    }
                    let head = send(client, "HEAD", path, &headers, b"").expect(200);
                    assert_eq!(head.header("content-length"), length.to_string());
                    assert_eq!(head.header("content-type"), "image/png");
                }
            }
            for (accept, query) in [
                ("application/fhir+json", ""),
                ("application/json", ""),
                ("application/fhir+json, */*;q=0.5", ""),
                ("image/png", "?_format=json"),
            ] {
                let got =
                    send(client, "GET", &format!("{path}{query}"), &[("Accept", accept)], b"").expect(200);
                let resource = got.json();
                assert_eq!(resource["resourceType"], "Binary", "{accept}");
                assert_eq!(resource["contentType"], "image/png");
                assert_eq!(resource["securityContext"]["reference"], "Patient/p");
                assert_eq!(resource.get("data").is_some(), length > 0);
            }
            refused(
                &send(client, "GET", path, &[("Accept", "image/jpeg")], b""),
                406,
                "not-supported",
                "image/png",
            );
            send(client, "GET", path, &[("If-None-Match", "W/\"1\"")], b"").expect(304);
        }
    });
}

#[test]
fn binaries_are_resources_like_others() {
    on_each_store(|client| {
        let html = "<script>alert(1)</script>".repeat(100);
        let put =
            |headers: &[(&str, &str)], body: &str| send(client, "PUT", "/Binary/b", headers, body.as_bytes());
        put(&[("Content-Type", "text/html; charset=utf-8")], &html).expect(201);
        let got = send(client, "GET", "/Binary/b", &[("Accept-Encoding", "gzip")], b"").expect(200);
        assert_eq!(got.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(got.header("content-encoding"), "gzip", "text is packed");
        let resource =
            r#"{"resourceType":"Binary","id":"b","contentType":"application/pdf","data":"JVBE Rg=="}"#;
        let updated = put(&[("Content-Type", "application/fhir+json"), ("If-Match", "W/\"1\"")], resource);
        assert_eq!(updated.expect(200).json()["contentType"], "application/pdf");
        assert_eq!(client.get("/Binary/b").expect(200).bytes, b"%PDF");
        assert_eq!(client.get("/Binary/b/_history/1").expect(200).text, html);
        let whole =
            put(&[("Content-Type", "text/plain"), ("Prefer", "return=representation")], "hello").expect(200);
        assert_eq!(whole.json()["data"], "aGVsbG8=");
        assert_eq!(put(&[("Content-Type", "text/plain"), ("If-Match", "W/\"2\"")], "x").status, 412);
        client.delete("/Binary/b").expect(204);
        client.get("/Binary/b").expect(410);

        let gzip = {
            let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            std::io::Write::write_all(&mut writer, b"unpacked").unwrap();
            writer.finish().unwrap()
        };
        let packed = [("Content-Type", "text/plain"), ("Content-Encoding", "gzip")];
        send(client, "PUT", "/Binary/z", &packed, &gzip).expect(201);
        assert_eq!(client.get("/Binary/z").expect(200).text, "unpacked");

        for (headers, status, code, says) in [
            (&[("Content-Type", "application/fhir+xml")][..], 415, "not-supported", "application/fhir+xml"),
            (&[("Content-Type", "nonsense")], 415, "not-supported", "nonsense"),
            (&[("Content-Type", "application/json")], 400, "structure", "line 1"),
            (
                &[("Content-Type", "text/plain"), ("X-Security-Context", "javascript:x")],
                422,
                "value",
                "Binary.securityContext",
            ),
            (&[("Content-Type", "text/plain"), ("Accept", "image/png")], 406, "not-supported", "json is"),
            (
                &[("Content-Type", "text/plain"), ("Origin", "https://evil.example")],
                403,
                "forbidden",
                "cors.origins",
            ),
        ] {
            refused(&put(headers, "bytes"), status, code, says);
        }
        let own = client.base.strip_suffix("/fhir").unwrap();
        put(&[("Content-Type", "text/plain"), ("Origin", own)], "bytes").expect(201);
        let patient = br#"{"resourceType":"Patient"}"#;
        refused(
            &send(client, "POST", "/Patient", &[("X-Security-Context", "Patient/p")], patient),
            400,
            "value",
            "X-Security-Context",
        );
        refused(
            &send(client, "POST", "/Patient", &[("Content-Type", "image/png")], patient),
            415,
            "not-supported",
            "",
        );
        let document = json!({"resourceType": "Bundle", "type": "collection"}).to_string();
        assert_eq!(client.post("/Bundle", &document).expect(201).json()["type"], "collection");
        refused(&client.post("", &document), 400, "value", "stored by POST to Bundle");
    });
}

#[test]
fn bytes_that_would_make_too_long_a_resource_are_refused() {
    on_each_store_with(&[("RUSHLIGHT_MAX_BODY", "1MiB")], |client| {
        let headers = [("Content-Type", "application/octet-stream")];
        let most = ((1 << 20) - 1024) / 4 * 3;
        let created = send(client, "POST", "/Binary", &headers, &bytes(most)).expect(201);
        assert_eq!(client.get(created.header("location")).expect(200).bytes, bytes(most));
        refused(
            &send(client, "POST", "/Binary", &headers, &bytes(most + 1)),
            413,
            "too-long",
            &most.to_string(),
        );
    });
}
