//! Certificates for the tests that encrypt: an authority, a server's of 127.0.0.1 and clients'.

use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509Name, X509NameBuilder};
use std::path::PathBuf;
use tempfile::TempDir;
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig, TlsProvider};

/// An authority, and the folder with its certificate and those of a server.
pub struct Certificates {
    folder: TempDir,
    authority: X509,
    key: PKey<Private>,
}

/// A certificate and its key, PEM.
pub struct Pair {
    pub certificate: Vec<u8>,
    pub key: Vec<u8>,
}

impl Certificates {
    /// A new authority, and a server's certificate of it.
    pub fn new() -> Self {
        let key = new_key();
        let name = name(&[("CN", "Authority")]);
        let mut builder = begin(&name, &name, &key);
        builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
        builder.sign(&key, MessageDigest::sha256()).unwrap();
        let new = Self { folder: tempfile::tempdir().unwrap(), authority: builder.build(), key };
        std::fs::write(new.file("authority.pem"), new.authority.to_pem().unwrap()).unwrap();
        new.write_server(&new.issue(&[("CN", "first")]));
        new
    }

    /// A file of the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a pair where the server looks for its own.
    pub fn write_server(&self, pair: &Pair) {
        std::fs::write(self.file("server.pem"), &pair.certificate).unwrap();
        std::fs::write(self.file("server.key"), &pair.key).unwrap();
    }

    /// A certificate of the authority, for a subject at 127.0.0.1.
    pub fn issue(&self, subject: &[(&str, &str)]) -> Pair {
        let key = new_key();
        let mut builder = begin(&name(subject), self.authority.subject_name(), &key);
        let place = SubjectAlternativeName::new()
            .ip("127.0.0.1")
            .build(&builder.x509v3_context(Some(&self.authority), None))
            .unwrap();
        builder.append_extension(place).unwrap();
        builder.sign(&self.key, MessageDigest::sha256()).unwrap();
        Pair { certificate: builder.build().to_pem().unwrap(), key: key.private_key_to_pem_pkcs8().unwrap() }
    }

    /// What tells a server of its files.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let path = |name| self.file(name).to_str().unwrap().to_owned();
        vec![("RUSHLIGHT_TLS_CERTIFICATE", path("server.pem")), ("RUSHLIGHT_TLS_KEY", path("server.key"))]
    }

    /// For a client that trusts the authority, and nobody else.
    pub fn trusted(&self) -> TlsConfig {
        self.client(None)
    }

    /// The same for one that shows a certificate.
    pub fn showing(&self, pair: &Pair) -> TlsConfig {
        self.client(Some(pair))
    }

    fn client(&self, pair: Option<&Pair>) -> TlsConfig {
        let parse = |pem: &[u8]| Certificate::from_pem(pem).unwrap();
        let own = pair.map(|pair| {
            let key = PrivateKey::from_pem(&pair.key).unwrap();
            ClientCert::new_with_certs(&[parse(&pair.certificate)], key)
        });
        TlsConfig::builder()
            .provider(TlsProvider::NativeTls)
            .root_certs(RootCerts::new_with_certs(&[parse(&self.authority.to_pem().unwrap())]))
            .client_cert(own)
            .build()
    }
}

fn new_key() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

fn name(parts: &[(&str, &str)]) -> X509Name {
    let mut name = X509NameBuilder::new().unwrap();
    for (key, value) in parts {
        name.append_entry_by_text(key, value).unwrap();
    }
    name.build()
}

fn begin(subject: &X509Name, issuer: &openssl::x509::X509NameRef, key: &PKey<Private>) -> X509Builder {
    let mut serial = BigNum::new().unwrap();
    serial.rand(120, MsbOption::MAYBE_ZERO, false).unwrap();
    let mut builder = X509Builder::new().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(subject).unwrap();
    builder.set_issuer_name(issuer).unwrap();
    builder.set_pubkey(key).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(2).unwrap()).unwrap();
    builder
}
