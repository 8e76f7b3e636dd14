//! Conditions on reads and writes, and HEAD.

use crate::client::{Answer, Client};
use crate::interactions::{on_each_store, refused};

fn patient(id: &str, active: bool) -> String {
    format!(r#"{{"resourceType":"Patient","id":"{id}","active":{active}}}"#)
}

fn send(client: &Client, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    client.send(method, path, headers, body.as_bytes()).unwrap()
}

#[test]
fn what_the_client_has_is_not_sent_again() {
    on_each_store(|client| {
        let created = client.put("/Patient/p", &patient("p", true)).expect(201);
        client.put("/Patient/p", &patient("p", false)).expect(200);
        let current = client.get("/Patient/p").expect(200);
        let modified = current.header("last-modified").to_owned();
        let (past, future) = ("Wed, 21 Oct 2015 07:28:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT");
        for (path, headers, status) in [
            ("/Patient/p", vec![("If-None-Match", "W/\"2\"")], 304),
            ("/Patient/p", vec![("If-None-Match", "\"2\"")], 304),
            ("/Patient/p", vec![("If-None-Match", "2")], 304),
            ("/Patient/p", vec![("If-None-Match", "*")], 304),
            ("/Patient/p", vec![("If-None-Match", "W/\"7\", W/\"2\"")], 304),
            ("/Patient/p", vec![("If-None-Match", "W/\"1\"")], 200),
            ("/Patient/p", vec![("If-Modified-Since", modified.as_str())], 304),
            ("/Patient/p", vec![("If-Modified-Since", future)], 304),
            ("/Patient/p", vec![("If-Modified-Since", past)], 200),
            ("/Patient/p", vec![("If-Modified-Since", "soon")], 200),
            ("/Patient/p", vec![("If-None-Match", "W/\"1\""), ("If-Modified-Since", future)], 200),
            ("/Patient/p", vec![("If-None-Match", "W/\"2\""), ("If-Modified-Since", past)], 304),
            ("/Patient/p/_history/1", vec![("If-None-Match", "W/\"1\"")], 304),
            ("/Patient/p/_history/1", vec![("If-None-Match", "W/\"2\"")], 200),
            ("/Patient/q", vec![("If-None-Match", "*")], 404),
        ] {
            for method in ["GET", "HEAD"] {
                let answer = send(client, method, path, &headers, "").expect(status);
                assert_eq!(
                    answer.text.is_empty(),
                    status == 304 || method == "HEAD",
                    "{method} {path} {headers:?}"
                );
                if status == 304 {
                    let version = if path == "/Patient/p" { &current } else { &created };
                    assert_eq!(answer.header("etag"), version.header("etag"));
                    assert_eq!(answer.header("last-modified"), version.header("last-modified"));
                    assert!(!answer.header("vary").is_empty());
                }
            }
        }
        refused(
            &send(client, "GET", "/Patient/p", &[("If-None-Match", "W/2")], ""),
            400,
            "value",
            "If-None-Match",
        );
        refused(&send(client, "GET", "/Patient/p", &[("If-Match", "W/\"2\"")], ""), 400, "value", "If-Match");
        for header in [("If-None-Match", "*"), ("If-Modified-Since", past)] {
            refused(&send(client, "GET", "/_history", &[header], ""), 400, "value", header.0);
        }
    });
}

#[test]
fn head_is_get_without_the_body() {
    on_each_store(|client| {
        client.put("/Patient/p", &patient("p", true)).expect(201);
        client.put("/Patient/gone", &patient("gone", true)).expect(201);
        client.delete("/Patient/gone").expect(204);
        for (path, status) in [
            ("/Patient/p", 200),
            ("/Patient/p/_history/1", 200),
            ("/Patient/p?_pretty=true", 200),
            ("/metadata", 200),
            ("/Patient/q", 404),
            ("/Patient/gone", 410),
            ("/Patient?name=x", 200),
            ("/Patient?nam=x", 400),
            ("/Patient/p?_format=xml", 406),
        ] {
            let (get, head) =
                (client.get(path).expect(status), send(client, "HEAD", path, &[], "").expect(status));
            assert_eq!(head.text, "", "{path}");
            for name in ["content-type", "content-length", "etag", "last-modified", "vary"] {
                assert_eq!(head.header(name), get.header(name), "{path} {name}");
            }
            assert_eq!(head.header("content-length"), get.text.len().to_string(), "{path}");
        }
        // The same but for the time of asking.
        let head = send(client, "HEAD", "/Patient/_history", &[], "").expect(200);
        assert_eq!(head.header("content-length"), client.get("/Patient/_history").text.len().to_string());
    });
}

#[test]
fn writes_heed_one_tag_strong_or_weak() {
    on_each_store(|client| {
        client.put("/Patient/p", &patient("p", true)).expect(201);
        let put = |header, active| send(client, "PUT", "/Patient/p", &[header], &patient("p", active));
        assert_eq!(put(("If-Match", "\"1\""), false).expect(200).version(), 2);
        assert_eq!(put(("If-Match", "W/\"2\""), true).expect(200).version(), 3);
        refused(&put(("If-Match", "\"2\""), false), 412, "conflict", "3 is current");
        refused(&put(("If-Match", "\"3\", \"2\""), false), 400, "value", "If-Match");
        refused(
            &put(("If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT"), false),
            400,
            "value",
            "for reads",
        );
        refused(
            &put(("If-Unmodified-Since", "Fri, 01 Jan 2100 00:00:00 GMT"), false),
            400,
            "value",
            "If-Match",
        );
        refused(&put(("If-None-Exist", "identifier=x"), false), 400, "value", "for create");
        refused(&send(client, "DELETE", "/Patient/p", &[("If-Match", "\"2\"")], ""), 412, "conflict", "");
        assert_eq!(
            send(client, "DELETE", "/Patient/p", &[("If-Match", "\"3\"")], "").expect(204).version(),
            4
        );
        assert_eq!(client.pages("/Patient/p/_history").len(), 4);
    });
}
