//! Texts of which only equality counts, as 64 bits.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;
use siphasher::sip128::{Hasher128, SipHasher13 as SipHasher128};

/// The hash of a text that a column holds instead of it: SipHash-1-3 with zero keys, of the UTF-8 bytes. 0 stands for
/// the empty text, or none at all, and for nothing else.
///
/// ```
/// use rushlight_search::hash;
///
/// assert_eq!(hash(""), 0);
/// assert_ne!(hash("http://loinc.org"), hash("http://loinc.org/"));
/// ```
#[must_use]
pub fn hash(text: &str) -> i64 {
    if text.is_empty() {
        return 0;
    }
    let mut hasher = SipHasher13::new();
    hasher.write(text.as_bytes());
    match hasher.finish().cast_signed() {
        0 => 1,
        hash => hash,
    }
}

/// The 128-bit SipHash-1-3 with zero keys, as one number of 32 lower-case hexadecimal digits.
pub(super) fn digest(bytes: &[u8]) -> String {
    let mut hasher = SipHasher128::new();
    hasher.write(bytes);
    format!("{:032x}", u128::from(hasher.finish128()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// They are stored: another value needs another layout of the index.
    #[test]
    fn hashes_never_change() {
        assert_eq!(hash("http://loinc.org"), -4_674_672_647_108_719_474);
        assert_eq!(digest(b"http://loinc.org"), "a6649ca48a44b395443bcefb6fe9db71");
    }
}
