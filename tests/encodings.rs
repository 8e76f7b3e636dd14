//! Compressed bodies, both ways.

use crate::client::{Answer, Client};
use crate::interactions::{on_each_store, on_each_store_with, refused};
use std::io::{Read, Write};

fn patient(id: &str, length: usize) -> String {
    let text = "Rush light ".repeat(length / 11);
    format!(r#"{{"resourceType":"Patient","id":"{id}","name":[{{"text":"{text}"}}]}}"#)
}

/// The text of an answer, unpacked as it says.
pub fn unpacked(answer: &Answer) -> String {
    let mut text = String::new();
    let bytes = &answer.bytes[..];
    match answer.header("content-encoding") {
        "" => bytes.to_vec().as_slice().read_to_string(&mut text),
        "gzip" => flate2::read::GzDecoder::new(bytes).read_to_string(&mut text),
        "br" => brotli::Decompressor::new(bytes, 4096).read_to_string(&mut text),
        "zstd" => zstd::stream::read::Decoder::new(bytes).unwrap().read_to_string(&mut text),
        other => panic!("{other}"),
    }
    .unwrap();
    text
}

fn packed(coding: &str, body: &[u8]) -> Vec<u8> {
    match coding {
        "gzip" | "x-gzip" => {
            let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            writer.write_all(body).unwrap();
            writer.finish().unwrap()
        }
        "deflate" => {
            let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
            writer.write_all(body).unwrap();
            writer.finish().unwrap()
        }
        "br" => {
            let mut writer = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
            writer.write_all(body).unwrap();
            writer.into_inner()
        }
        "zstd" => zstd::bulk::compress(body, 19).unwrap(),
        _ => body.to_vec(),
    }
}

fn send(client: &Client, method: &str, path: &str, header: (&str, &str), body: &[u8]) -> Answer {
    client.send(method, path, &[header], body).unwrap()
}

#[test]
fn answers_are_packed_as_the_client_takes_them() {
    on_each_store(|client| {
        client.put("/Patient/long", &patient("long", 5000)).expect(201);
        client.put("/Patient/huge", &patient("huge", 300_000)).expect(201);
        client.put("/Patient/short", &patient("short", 22)).expect(201);
        for path in ["/Patient/long", "/Patient/huge", "/Patient/long/_history", "/Patient/long?_pretty=true"]
        {
            let plain = client.get(path).expect(200);
            assert_eq!(plain.header("content-encoding"), "");
            for (accepted, coding) in [
                ("gzip", "gzip"),
                ("br", "br"),
                ("zstd", "zstd"),
                ("gzip, deflate, br", "gzip"),
                ("gzip;q=0.5, br;q=0.9", "br"),
                ("gzip;q=0", ""),
                ("deflate", ""),
                ("identity", ""),
            ] {
                let header = ("Accept-Encoding", accepted);
                let answer = send(client, "GET", path, header, b"").expect(200);
                assert_eq!(answer.header("content-encoding"), coding, "{path} {accepted}");
                assert_eq!(answer.header("vary"), "Accept, Accept-Encoding");
                assert_eq!(answer.header("etag"), plain.header("etag"));
                // A history tells the same of the same snapshot.
                assert_eq!(unpacked(&answer), plain.text, "{path} {accepted}");
                let head = send(client, "HEAD", path, header, b"").expect(200);
                for name in ["content-encoding", "content-length", "etag", "vary", "content-type"] {
                    assert_eq!(head.header(name), answer.header(name), "{path} {accepted} {name}");
                }
            }
        }
        let short =
            |accepted| send(client, "GET", "/Patient/short", ("Accept-Encoding", accepted), b"").expect(200);
        assert_eq!(short("gzip").header("content-encoding"), "", "not worth it");
        assert_eq!(short("gzip, identity;q=0").header("content-encoding"), "gzip");
        assert_eq!(
            short("*;q=0").header("content-encoding"),
            "",
            "nothing suits, and a body suits more than none"
        );
    });
}

#[test]
fn bodies_are_unpacked_within_bounds() {
    let bounds = [("RUSHLIGHT_MAX_BODY", "4MiB"), ("RUSHLIGHT_MAX_RATIO", "20")];
    on_each_store_with(&bounds, |client| {
        let body = patient("p", 100_000);
        for coding in ["gzip", "x-gzip", "deflate", "br", "zstd", "identity", "identity, gzip"] {
            let name = coding.rsplit(' ').next().unwrap();
            let put = |bytes: &[u8]| send(client, "PUT", "/Patient/p", ("Content-Encoding", coding), bytes);
            let answer = put(&packed(name, body.as_bytes()));
            assert!(matches!(answer.status, 200 | 201), "{coding}: {}", answer.text);
            assert_eq!(answer.version(), 1, "the same each time");
            if name == "identity" {
                continue;
            }
            let whole = packed(name, patient("q", 3000).as_bytes());
            refused(&put(&whole[..whole.len() - 3]), 400, "structure", name.trim_start_matches("x-"));
            refused(&put(body.as_bytes()), 400, "structure", "as Content-Encoding says");
            // More than is ever taken, and more than such a short body may become.
            let mut bomb = br#"{"resourceType":"Patient"}"#.to_vec();
            bomb.resize(8 << 20, b' ');
            let mut more = Vec::new();
            // Random digits, so that it is the length that counts and not the ratio.
            let mut state = 1_u64;
            while more.len() < 5 << 20 {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                more.extend((state >> 16).to_string().into_bytes());
            }
            refused(&put(&packed(name, &bomb)), 413, "too-long", "20 times as long");
            refused(&put(&packed(name, &more)), 413, "too-long", "4194304 bytes when it is unpacked");
        }
        for coding in ["gzip, gzip", "br, gzip", "compress", "gzip;q=1"] {
            let answer = send(client, "PUT", "/Patient/p", ("Content-Encoding", coding), body.as_bytes());
            refused(&answer, 415, "not-supported", "Content-Encoding");
            assert_eq!(answer.header("accept-encoding"), "gzip, deflate, br, zstd");
        }
        assert_eq!(client.get("/_history").expect(200).json()["total"], 1);
    });
}
