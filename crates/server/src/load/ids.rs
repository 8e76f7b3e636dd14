//! Ids that follow from content: the same file loaded twice names the same resources.

use openssl::sha::sha256;
use rushlight_model::Id;

/// Hands out the ids of one Bundle's new resources.
pub struct Ids {
    /// The Bundle's digest, as far as it fits before the count.
    bundle: u128,
    next: u32,
}

impl Ids {
    /// For a Bundle's bytes.
    pub fn new(bundle: &[u8]) -> Self {
        let [digest @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = sha256(bundle);
        Self { bundle: u128::from_be_bytes(digest) & !COUNT & !FIXED | VERSION_8, next: 0 }
    }

    /// The next id: a UUID of version 8, the Bundle's digest and a count. The resources of a Bundle are neighbours
    /// on disk: ids that scatter cost a write each its own page.
    pub fn next(&mut self) -> Id {
        let id = Id::from_uuid(self.bundle | u128::from(self.next));
        self.next += 1;
        id
    }
}

/// Where the count stands.
const COUNT: u128 = u32::MAX as u128;
/// Where version and variant stand: <https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8>.
const FIXED: u128 = 0xf << 76 | 0b11 << 62;
const VERSION_8: u128 = 0x8 << 76 | 0b10 << 62;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bundle_gives_the_same_ids_and_another_gives_others() {
        let take = |bytes: &[u8]| -> Vec<Id> {
            let mut ids = Ids::new(bytes);
            (0..3).map(|_| ids.next()).collect()
        };
        assert_eq!(take(b"x"), take(b"x"));
        assert!(take(b"x").is_sorted());
        let text = take(b"x")[2].to_string();
        assert_eq!((&text[14..15], &text[28..]), ("8", "00000002"), "{text}");
        assert!("89ab".contains(&text[19..20]), "{text}");
        let mut all = [take(b"x"), take(b"y")].concat();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 6);
    }
}
