//! Page links: what the next page needs, sealed so that a link tells nothing and can't be forged.

use crate::error::Error;
use crate::protocol::coding::Coding;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::cipher::Cipher;
use openssl::cipher_ctx::CipherCtx;
use openssl::error::ErrorStack;
use openssl::rand::rand_bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// How long a link may be followed, in seconds.
const LIFETIME: i64 = 24 * 3600;
/// Bytes of what a link holds, at the most.
const MOST: usize = 4 << 20;
/// Bytes that are not packed.
const UNPACKED: usize = 1000;
const NONCE: usize = 12;
const TAG: usize = 16;

/// What a link holds.
pub trait Linked: Serialize + DeserializeOwned {
    /// What is sealed begins with it, or with the next one where the rest is packed: another one, whenever what is written means
    /// something else than before.
    const FORM: u8;

    /// When the link was made, in seconds since 1970.
    fn made(&self) -> i64;
}

/// Seals with AES-256-GCM under the store's key, bound to where the link leads and to whom it was given.
///
/// Its nonces count up from a random one: asking OpenSSL for each would take as long as sealing. Another process under the
/// same key comes to the same only if it begins within the numbers of this one, of 96 bits.
pub struct Sealer {
    key: [u8; 32],
    /// What each nonce begins with.
    group: [u8; 4],
    next: AtomicU64,
    sealing: Idle,
    opening: Idle,
}

/// Ciphers that have the key and are not in use: to make one takes longer than to seal.
#[derive(Default)]
struct Idle(Mutex<Vec<CipherCtx>>);

impl Idle {
    /// Lends one to `work`; it is kept only if that succeeds.
    fn with<T>(
        &self,
        make: impl FnOnce(&mut CipherCtx) -> Result<(), ErrorStack>,
        work: impl FnOnce(&mut CipherCtx) -> Result<T, ErrorStack>,
    ) -> Result<T, ErrorStack> {
        let idle = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = idle().pop();
        let mut cipher = match kept {
            Some(cipher) => cipher,
            None => {
                let mut cipher = CipherCtx::new()?;
                make(&mut cipher)?;
                cipher
            }
        };
        let done = work(&mut cipher)?;
        idle().push(cipher);
        Ok(done)
    }
}

impl Sealer {
    /// With the store's key.
    ///
    /// # Errors
    /// OpenSSL has no randomness.
    pub fn new(key: [u8; 32]) -> Result<Self, ErrorStack> {
        let (mut group, mut first) = ([0; 4], [0; 8]);
        rand_bytes(&mut group)?;
        rand_bytes(&mut first)?;
        let next = AtomicU64::new(u64::from_le_bytes(first));
        Ok(Self { key, group, next, sealing: Idle::default(), opening: Idle::default() })
    }

    /// Nonce, tag and what is sealed.
    fn sealed(&self, bound: &str, plain: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        let make =
            |cipher: &mut CipherCtx| cipher.encrypt_init(Some(Cipher::aes_256_gcm()), Some(&self.key), None);
        self.sealing.with(make, |cipher| {
            let nonce = self.nonce();
            cipher.encrypt_init(None, None, Some(&nonce))?;
            cipher.cipher_update(bound.as_bytes(), None)?;
            let mut out = Vec::with_capacity(NONCE + TAG + plain.len() + cipher.block_size());
            out.extend_from_slice(&nonce);
            out.extend_from_slice(&[0; TAG]);
            cipher.cipher_update_vec(plain, &mut out)?;
            cipher.cipher_final_vec(&mut out)?;
            if let Some(tag) = out.get_mut(NONCE..NONCE + TAG) {
                cipher.tag(tag)?;
            }
            Ok(out)
        })
    }

    /// What was sealed; an error for what was not.
    fn opened(
        &self,
        bound: &str,
        (nonce, tag): (&[u8; NONCE], &[u8; TAG]),
        sealed: &[u8],
    ) -> Result<Vec<u8>, ErrorStack> {
        let make =
            |cipher: &mut CipherCtx| cipher.decrypt_init(Some(Cipher::aes_256_gcm()), Some(&self.key), None);
        self.opening.with(make, |cipher| {
            cipher.decrypt_init(None, None, Some(nonce))?;
            cipher.cipher_update(bound.as_bytes(), None)?;
            let mut out = Vec::with_capacity(sealed.len() + cipher.block_size());
            cipher.cipher_update_vec(sealed, &mut out)?;
            cipher.set_tag(tag)?;
            // What has another tag fails here.
            cipher.cipher_final_vec(&mut out)?;
            Ok(out)
        })
    }

    fn nonce(&self) -> [u8; NONCE] {
        let [a, b, c, d] = self.group;
        let [e, f, g, h, i, j, k, l] = self.next.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        [a, b, c, d, e, f, g, h, i, j, k, l]
    }

    /// A page as text fit for a URL; `None` only where OpenSSL fails.
    pub fn seal<Page: Linked>(&self, bound: &str, page: &Page) -> Option<String> {
        let plain = plain(Page::FORM, &serde_json::to_vec(page).ok()?)?;
        Some(URL_SAFE_NO_PAD.encode(self.sealed(bound, &plain).ok()?))
    }

    /// The page of a link.
    ///
    /// # Errors
    /// A link that was not made here for this path and caller, or one that is too old at `now` (seconds since 1970).
    pub fn open<Page: Linked>(&self, bound: &str, text: &str, now: i64) -> Result<Page, Error> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::BadPage)?;
        let (nonce, rest) = bytes.split_first_chunk::<NONCE>().ok_or(Error::BadPage)?;
        let (tag, sealed) = rest.split_first_chunk::<TAG>().ok_or(Error::BadPage)?;
        let plain = self.opened(bound, (nonce, tag), sealed).map_err(|_| Error::BadPage)?;
        // It was made here, by another version of this program: the search has to begin again.
        let plain = told(Page::FORM, &plain).ok_or(Error::ExpiredPage)?;
        let page: Page = serde_json::from_slice(&plain).map_err(|_| Error::ExpiredPage)?;
        if now - page.made() > LIFETIME { Err(Error::ExpiredPage) } else { Ok(page) }
    }
}

/// What is sealed: a byte that says whether the rest is packed, and the rest. A link goes into a URL, so much of what
/// clients have written is packed; for a little that would take longer than all else about a link.
fn plain(form: u8, told: &[u8]) -> Option<Vec<u8>> {
    if told.len() <= UNPACKED {
        return Some([&[form], told].concat());
    }
    Some([&[form + 1], Coding::Zstd.pack(told).ok()?.as_slice()].concat())
}

fn told(form: u8, plain: &[u8]) -> Option<Cow<'_, [u8]>> {
    match plain.split_first()? {
        (own, told) if *own == form => Some(Cow::Borrowed(told)),
        (own, packed) if *own == form + 1 => {
            Some(Cow::Owned(Coding::Zstd.unpack(packed, MOST).ok().flatten()?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, serde::Deserialize)]
    struct Page {
        text: String,
        made: i64,
    }

    impl Linked for Page {
        const FORM: u8 = 2;

        fn made(&self) -> i64 {
            self.made
        }
    }

    fn page() -> Page {
        Page { text: "code=a,b".repeat(200), made: 1000 }
    }

    fn open(sealer: &Sealer, bound: &str, link: &str, now: i64) -> Result<Page, Error> {
        sealer.open(bound, link, now)
    }

    #[test]
    fn a_link_opens_only_whole_at_its_path_with_its_key_and_in_its_time() {
        let sealer = Sealer::new([7; 32]).unwrap();
        let link = sealer.seal("/Patient/_history", &page()).unwrap();
        assert!(link.len() < 200, "what repeats is packed");
        assert_eq!(open(&sealer, "/Patient/_history", &link, 1000 + LIFETIME).unwrap(), page());
        assert!(matches!(
            open(&sealer, "/Patient/_history", &link, 1001 + LIFETIME),
            Err(Error::ExpiredPage)
        ));
        assert_ne!(
            link,
            sealer.seal("/Patient/_history", &page()).unwrap(),
            "each is sealed by another nonce"
        );
        assert!(matches!(open(&sealer, "/_history", &link, 1000), Err(Error::BadPage)));
        assert!(matches!(
            open(&Sealer::new([8; 32]).unwrap(), "/Patient/_history", &link, 1000),
            Err(Error::BadPage)
        ));
        for at in 0..link.len() {
            let mut bytes = link.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(bytes).unwrap();
            assert!(open(&sealer, "/Patient/_history", &forged, 1000).is_err(), "byte {at}");
            assert!(open(&sealer, "/Patient/_history", &link[..at], 1000).is_err(), "cut at {at}");
        }
    }
}
