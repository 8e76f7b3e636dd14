//! Encryption: versions, certificates that are replaced, clients' certificates, and stories through all of it.

use crate::certificates::{Certificates, Pair};
use crate::client::{Client, link};
use crate::interactions::refused;
use crate::process::{Server, rushlight};
use openssl::ssl::{SslConnector, SslMethod, SslStream, SslVerifyMode, SslVersion};
use rushlight_test_support::{sqlite, stores};
use std::io::{Read, Write};
use std::net::TcpStream;

const PATIENT: &str = r#"{"resourceType":"Patient","id":"p"}"#;

/// A handshake by hand, with at most this version and these protocols offered.
fn handshake(client: &Client, most: SslVersion, protocols: &[u8]) -> Result<SslStream<TcpStream>, String> {
    let address = client.base.trim_start_matches("https://").trim_end_matches("/fhir");
    let mut builder = SslConnector::builder(SslMethod::tls_client()).unwrap();
    builder.set_verify(SslVerifyMode::NONE);
    // Versions that OpenSSL itself would not offer any more.
    builder.set_cipher_list("ALL:@SECLEVEL=0").unwrap();
    builder.set_min_proto_version(None).unwrap();
    builder.set_max_proto_version(Some(most)).unwrap();
    if !protocols.is_empty() {
        builder.set_alpn_protos(protocols).unwrap();
    }
    let stream = TcpStream::connect(address).unwrap();
    builder.build().connect("127.0.0.1", stream).map_err(|error| error.to_string())
}

/// The name in the certificate that a connection was given.
fn named(stream: &SslStream<TcpStream>) -> String {
    let certificate = stream.ssl().peer_certificate().unwrap();
    let entry = certificate.subject_name().entries().next().unwrap();
    entry.data().to_string().unwrap()
}

fn get(stream: &mut SslStream<TcpStream>, path: &str) -> String {
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut bytes = [0; 4096];
    let read = stream.read(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes[..read]).into_owned()
}

#[test]
fn records_are_kept_and_served_through_tls() {
    let certificates = Certificates::new();
    for store in stores() {
        let server = Server::start_encrypted(&store.url, &certificates, &[]);
        let client = server.client();
        assert!(client.base.starts_with("https://"), "{}", client.base);
        let written = client.put("/Patient/p", PATIENT).expect(201);
        assert!(written.header("location").starts_with(&client.base));
        client.get("/Patient/p").expect(200);
        assert!(
            server.client_with(Certificates::new().trusted()).send("GET", "/metadata", &[], b"").is_err()
        );
        assert!(server.stop());
    }
}

#[test]
fn only_versions_1_2_and_1_3_are_spoken_and_http_2_is_preferred() {
    let store = sqlite();
    let server = Server::start_encrypted(&store.url, &Certificates::new(), &[]);
    let client = server.client();
    for old in [SslVersion::TLS1, SslVersion::TLS1_1] {
        let refused = handshake(&client, old, b"").unwrap_err();
        assert!(refused.contains("alert protocol version"), "{refused}");
    }
    for (version, name) in [(SslVersion::TLS1_2, "TLSv1.2"), (SslVersion::TLS1_3, "TLSv1.3")] {
        assert_eq!(handshake(&client, version, b"").unwrap().ssl().version_str(), name);
    }
    let chosen = |offered: &[u8]| {
        let stream = handshake(&client, SslVersion::TLS1_3, offered).unwrap();
        String::from_utf8(stream.ssl().selected_alpn_protocol().unwrap_or_default().to_vec()).unwrap()
    };
    assert_eq!(chosen(b"\x08http/1.1\x02h2"), "h2");
    assert_eq!(chosen(b"\x08http/1.1"), "http/1.1");
}

#[test]
fn certificates_are_read_again_without_dropping_connections() {
    let (store, certificates) = (sqlite(), Certificates::new());
    let server = Server::start_encrypted(&store.url, &certificates, &[("RUST_LOG", "info")]);
    let client = server.client();
    let connect = || handshake(&client, SslVersion::TLS1_3, b"").unwrap();
    let mut kept = connect();
    assert_eq!(named(&kept), "first");
    assert!(get(&mut kept, "/healthz").starts_with("HTTP/1.1 200"));

    std::fs::write(certificates.file("server.pem"), "nonsense").unwrap();
    server.signal("HUP");
    server.expect_log("SIGHUP: the certificates stay as they were: ");
    assert_eq!(named(&connect()), "first");

    certificates.write_server(&certificates.issue(&[("CN", "second")]));
    server.signal("HUP");
    server.expect_log("SIGHUP: the certificates were read again");
    assert_eq!(named(&connect()), "second");
    assert!(get(&mut kept, "/healthz").starts_with("HTTP/1.1 200"), "the old connection goes on");
    server.client().get("/metadata").expect(200);
}

#[test]
fn a_certificate_of_the_client_says_who_it_is() {
    let (store, certificates) = (sqlite(), Certificates::new());
    let authority = certificates.file("authority.pem");
    let authority = authority.to_str().unwrap();
    let asked = [("RUSHLIGHT_TLS_CLIENT_CA", authority), ("RUST_LOG", "info")];
    let laboratory = certificates.issue(&[("C", "CH"), ("O", "Hospital, North"), ("CN", "laboratory")]);
    let others = Certificates::new();
    let stranger = others.issue(&[("CN", "laboratory")]);
    let can = |server: &Server, shown: Option<&Pair>| {
        let tls = shown.map_or_else(|| certificates.trusted(), |pair| certificates.showing(pair));
        server.client_with(tls).send("PUT", "/Patient/p", &[], PATIENT.as_bytes()).map(|answer| answer.status)
    };
    let server = Server::start_encrypted(&store.url, &certificates, &asked);
    assert_eq!(can(&server, Some(&laboratory)), Ok(201));
    server.expect_log(r#"actor="CN=laboratory,O=Hospital\\, North,C=CH""#);
    assert_eq!(can(&server, None), Ok(200), "a certificate may be absent");
    assert!(can(&server, Some(&stranger)).is_err(), "but not one of an authority that is not trusted");
    assert!(server.stop());

    let required = [asked[0], asked[1], ("RUSHLIGHT_TLS_CLIENT_REQUIRED", "true")];
    let server = Server::start_encrypted(&store.url, &certificates, &required);
    assert!(can(&server, None).is_err());
    assert!(can(&server, Some(&stranger)).is_err());
    assert_eq!(can(&server, Some(&laboratory)), Ok(200));

    std::fs::copy(others.file("authority.pem"), authority).unwrap();
    server.signal("HUP");
    server.expect_log("SIGHUP: the certificates were read again");
    assert!(can(&server, Some(&laboratory)).is_err(), "its authority is trusted no more");
    assert_eq!(can(&server, Some(&stranger)), Ok(200));
    assert!(server.stop());
}

#[test]
fn a_page_link_belongs_to_its_caller() {
    let (store, certificates) = (sqlite(), Certificates::new());
    let authority = certificates.file("authority.pem");
    let asked = [("RUSHLIGHT_TLS_CLIENT_CA", authority.to_str().unwrap())];
    let server = Server::start_encrypted(&store.url, &certificates, &asked);
    let caller = |name: &str| server.client_with(certificates.showing(&certificates.issue(&[("CN", name)])));
    let (one, other, nobody) = (caller("one"), caller("other"), server.client());
    one.put("/Patient/p", PATIENT).expect(201);
    one.put("/Patient/q", &PATIENT.replace("\"p\"", "\"q\"")).expect(201);
    for path in ["/Patient?_count=1", "/Patient/_history?_count=1"] {
        let next = link(&one.get(path).expect(200).json(), "next").unwrap();
        one.get(&next).expect(200);
        for stranger in [&other, &nobody] {
            refused(&stranger.get(&next), 400, "value", "and caller");
        }
    }
    assert!(server.stop());
}

#[test]
fn files_that_do_not_fit_are_told() {
    let (certificates, others) = (Certificates::new(), Certificates::new());
    let path = |of: &Certificates, name| of.file(name).to_str().unwrap().to_owned();
    let (certificate, key) = (path(&certificates, "server.pem"), path(&certificates, "server.key"));
    for (certificate, key, says) in [
        (certificate.clone(), path(&others, "server.key"), "is not that of the first certificate in"),
        (key.clone(), key.clone(), "holds no certificate in PEM"),
        (certificate.clone(), certificate.clone(), "holds no private key in PEM"),
        (path(&certificates, "absent.pem"), key, "absent.pem can't be read: "),
    ] {
        let flags = ["config", "--check", "--tls-certificate", &certificate, "--tls-key", &key];
        let (text, success) = rushlight(&flags);
        assert!(!success && text.contains(says), "{says}: {text}");
    }
}
