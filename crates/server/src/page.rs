//! Page links: what the next page needs, sealed so that a link tells nothing and can't be forged.

use crate::error::Error;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use serde::{Deserialize, Serialize};

/// How long a link may be followed, in seconds.
const LIFETIME: i64 = 24 * 3600;
const NONCE: usize = 12;
const TAG: usize = 16;

/// What of a history is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// `_count`, as it is applied.
    pub count: usize,
    /// `_since`, in microseconds since 1970.
    pub since: Option<i64>,
    /// `_at`, as it was written, with its first and last microsecond.
    pub at: Option<(String, [i64; 2])>,
    /// `_sort=_lastUpdated`: the oldest first.
    pub oldest_first: bool,
}

/// Where a history continues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The last number on the page before.
    pub after: i64,
    /// The snapshot's greatest number.
    pub upto: i64,
    /// The snapshot's holes.
    pub holes: Vec<(i64, i64)>,
    /// The snapshot's published time.
    pub time: i64,
    /// What was asked for.
    pub asked: Asked,
    /// Entries on all pages.
    pub total: i64,
    /// When the link was made, in seconds since 1970.
    pub made: i64,
}

/// Seals with AES-256-GCM under the store's key, bound to the path.
pub struct Sealer {
    key: [u8; 32],
}

impl Sealer {
    /// With the store's key.
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// A page as text fit for a URL; `None` only where OpenSSL has no randomness.
    pub fn seal(&self, path: &str, page: &Page) -> Option<String> {
        let plain = serde_json::to_vec(page).ok()?;
        let mut nonce = [0_u8; NONCE];
        openssl::rand::rand_bytes(&mut nonce).ok()?;
        let mut tag = [0_u8; TAG];
        let cipher = Cipher::aes_256_gcm();
        let sealed = encrypt_aead(cipher, &self.key, Some(&nonce), path.as_bytes(), &plain, &mut tag).ok()?;
        Some(URL_SAFE_NO_PAD.encode([&nonce[..], &tag[..], &sealed[..]].concat()))
    }

    /// The page of a link.
    ///
    /// # Errors
    /// A link that was not made here for this path, or one that is too old at `now` (seconds since 1970).
    pub fn open(&self, path: &str, text: &str, now: i64) -> Result<Page, Error> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::BadPage)?;
        let (nonce, rest) = bytes.split_first_chunk::<NONCE>().ok_or(Error::BadPage)?;
        let (tag, sealed) = rest.split_first_chunk::<TAG>().ok_or(Error::BadPage)?;
        let plain = decrypt_aead(Cipher::aes_256_gcm(), &self.key, Some(nonce), path.as_bytes(), sealed, tag)
            .map_err(|_| Error::BadPage)?;
        let page: Page = serde_json::from_slice(&plain).map_err(|_| Error::BadPage)?;
        if now - page.made > LIFETIME { Err(Error::ExpiredPage) } else { Ok(page) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Page {
        Page {
            after: 9,
            upto: 40,
            holes: vec![(12, 14)],
            time: 5,
            asked: Asked { count: 2, since: Some(3), at: None, oldest_first: true },
            total: 7,
            made: 1000,
        }
    }

    #[test]
    fn a_link_opens_only_whole_at_its_path_with_its_key_and_in_its_time() {
        let sealer = Sealer::new([7; 32]);
        let link = sealer.seal("/Patient/_history", &page()).unwrap();
        assert_eq!(sealer.open("/Patient/_history", &link, 1000 + LIFETIME).unwrap(), page());
        assert!(matches!(sealer.open("/Patient/_history", &link, 1001 + LIFETIME), Err(Error::ExpiredPage)));
        assert!(matches!(sealer.open("/_history", &link, 1000), Err(Error::BadPage)));
        assert!(matches!(Sealer::new([8; 32]).open("/Patient/_history", &link, 1000), Err(Error::BadPage)));
        for at in 0..link.len() {
            let mut bytes = link.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(bytes).unwrap();
            assert!(sealer.open("/Patient/_history", &forged, 1000).is_err(), "byte {at}");
            assert!(sealer.open("/Patient/_history", &link[..at], 1000).is_err(), "cut at {at}");
        }
    }
}
