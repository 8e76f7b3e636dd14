//! Encryption by OpenSSL: TLS 1.2 and 1.3, certificates that can be replaced while serving, and clients' certificates.

use crate::settings::Tls as Files;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{
    AlpnError, ClientHelloResponse, SslAcceptor, SslAcceptorBuilder, SslContext, SslMethod, SslOptions,
    SslSessionCacheMode, SslVerifyMode, SslVersion, select_next_proto,
};
use openssl::stack::Stack;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::{X509, X509NameEntryRef, X509NameRef, X509Ref};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

/// In the order in which they are preferred, as ALPN writes them: <https://www.rfc-editor.org/rfc/rfc7301#section-3.1>.
const PROTOCOLS: &[u8] = b"\x02h2\x08http/1.1";

/// What connections are encrypted with.
pub struct Tls {
    files: Files,
    current: Arc<RwLock<SslContext>>,
}

impl Tls {
    /// Reads the files; `None` where none is named.
    ///
    /// # Errors
    /// A file that can't be read or does not hold what it should, in plain words.
    pub fn open(files: &Files) -> Result<Option<Self>, String> {
        let Some(builder) = builder(files)? else { return Ok(None) };
        let current = Arc::new(RwLock::new(builder.build().into_context()));
        Ok(Some(Self { files: files.clone(), current }))
    }

    /// What a listener accepts connections with: each handshake takes the files as they were last read.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub fn acceptor(&self) -> Result<SslAcceptorBuilder, String> {
        let mut builder = builder(&self.files)?.ok_or("no certificate is named")?;
        let current = Arc::clone(&self.current);
        builder.set_client_hello_callback(move |ssl, _| {
            ssl.set_ssl_context(&current.read().unwrap_or_else(PoisonError::into_inner))?;
            Ok(ClientHelloResponse::SUCCESS)
        });
        Ok(builder)
    }

    /// Reads the files again. Connections go on with what they have.
    ///
    /// # Errors
    /// As for [`Self::open`]; then what was read before stays.
    pub fn reload(&self) -> Result<(), String> {
        let builder = builder(&self.files)?.ok_or("no certificate is named")?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = builder.build().into_context();
        Ok(())
    }
}

/// From the files, anew.
fn builder(files: &Files) -> Result<Option<SslAcceptorBuilder>, String> {
    let (Some(certificate), Some(key)) = (&files.certificate, &files.key) else { return Ok(None) };
    let chain = certificates(certificate)?;
    let own = private_key(key)?;
    let fits = chain.first().and_then(|first| first.public_key().ok()).is_some_and(|of| of.public_eq(&own));
    if !fits {
        let (key, certificate) = (key.display(), certificate.display());
        return Err(format!("the key in {key} is not that of the first certificate in {certificate}"));
    }
    let authorities = files.client_ca.as_deref().map(certificates).transpose()?;
    assemble(chain, &own, authorities, files.client_required)
        .map(Some)
        .map_err(|error| format!("OpenSSL refuses the certificate in {}: {error}", certificate.display()))
}

fn assemble(
    chain: Vec<X509>,
    key: &PKey<Private>,
    authorities: Option<Vec<X509>>,
    required: bool,
) -> Result<SslAcceptorBuilder, openssl::error::ErrorStack> {
    let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
    builder.set_min_proto_version(Some(SslVersion::TLS1_2))?;
    builder
        .set_alpn_select_callback(|_, offered| select_next_proto(PROTOCOLS, offered).ok_or(AlpnError::NOACK));
    for (at, certificate) in chain.into_iter().enumerate() {
        if at == 0 {
            builder.set_certificate(&certificate)?
        } else {
            builder.add_extra_chain_cert(certificate)?
        }
    }
    builder.set_private_key(key)?;
    let Some(authorities) = authorities else { return Ok(builder) };
    let (mut store, mut names) = (X509StoreBuilder::new()?, Stack::new()?);
    for authority in authorities {
        names.push(authority.subject_name().to_owned()?)?;
        store.add_cert(authority)?;
    }
    builder.set_cert_store(store.build());
    builder.set_client_ca_list(names);
    let required = if required { SslVerifyMode::FAIL_IF_NO_PEER_CERT } else { SslVerifyMode::empty() };
    builder.set_verify(SslVerifyMode::PEER | required);
    // A session that is taken up again would go by the authorities of its beginning.
    builder.set_session_cache_mode(SslSessionCacheMode::OFF);
    builder.set_options(SslOptions::NO_TICKET);
    builder.set_num_tickets(0)?;
    Ok(builder)
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("{} can't be read: {error}", path.display()))
}

fn certificates(path: &Path) -> Result<Vec<X509>, String> {
    match X509::stack_from_pem(&read(path)?) {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(format!("{} holds no certificate in PEM", path.display())),
    }
}

fn private_key(path: &Path) -> Result<PKey<Private>, String> {
    // Without a callback OpenSSL would ask the terminal for the passphrase.
    PKey::private_key_from_pem_callback(&read(path)?, |_| Ok(0))
        .map_err(|_| format!("{} holds no private key in PEM without a passphrase", path.display()))
}

/// Whom a certificate is of: its subject as in <https://www.rfc-editor.org/rfc/rfc2253#section-2>, or its SHA-256
/// where it has none.
pub fn subject(certificate: &X509Ref) -> String {
    let name = distinguished_name(certificate.subject_name());
    if !name.is_empty() {
        return name;
    }
    let digest = certificate.digest(MessageDigest::sha256());
    format!("SHA256={}", digest.map(|digest| hex(&digest)).unwrap_or_default())
}

fn distinguished_name(name: &X509NameRef) -> String {
    let mut parts: Vec<String> = name.entries().map(attribute).collect();
    parts.reverse();
    parts.join(",")
}

fn attribute(entry: &X509NameEntryRef) -> String {
    let key = match entry.object().nid().short_name() {
        Ok(short) if short != "UNDEF" => short.to_owned(),
        _ => entry.object().to_string(),
    };
    match entry.data().to_string() {
        Ok(text) if !text.contains(char::REPLACEMENT_CHARACTER) => format!("{key}={}", escaped(&text)),
        _ => format!("{key}=#{}", hex(entry.data().as_slice())),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn escaped(text: &str) -> String {
    let last = text.chars().count().saturating_sub(1);
    let mut out = String::new();
    for (at, c) in text.chars().enumerate() {
        match c {
            c if c.is_control() => {
                let mut bytes = [0; 4];
                c.encode_utf8(&mut bytes).bytes().for_each(|byte| out.push_str(&format!("\\{byte:02X}")));
            }
            ' ' if at == 0 || at == last => out.push_str("\\ "),
            '#' if at == 0 => out.push_str("\\#"),
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use openssl::x509::X509NameBuilder;

    #[test]
    fn names_are_written_backwards_and_escaped() {
        let mut name = X509NameBuilder::new().unwrap();
        for (key, value) in [("C", "CH"), ("O", "Ä, B + C"), ("CN", " #lab\n;1 ")] {
            name.append_entry_by_text(key, value).unwrap();
        }
        assert_eq!(distinguished_name(&name.build()), "CN=\\ #lab\\0A\\;1\\ ,O=Ä\\, B \\+ C,C=CH");
    }
}
