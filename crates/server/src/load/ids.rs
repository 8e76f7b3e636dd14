//! Ids that follow from content: the same file loaded twice names the same resources.

use openssl::sha::sha256;
use rushlight_model::Id;

/// Hands out the ids of one Bundle's new resources.
pub struct Ids {
    bundle: [u8; 32],
    next: u64,
}

impl Ids {
    /// For a Bundle's bytes.
    pub fn new(bundle: &[u8]) -> Self {
        Self { bundle: sha256(bundle), next: 0 }
    }

    /// The next id: a UUID of version 8 made from the Bundle's digest and a count.
    pub fn next(&mut self) -> Id {
        let digest = sha256(&[&self.bundle[..], &self.next.to_be_bytes()[..]].concat());
        self.next += 1;
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = digest;
        Id::from_uuid(u128::from_be_bytes([
            a,
            b,
            c,
            d,
            e,
            f,
            0x80 | (g & 0x0f),
            h,
            0x80 | (i & 0x3f),
            j,
            k,
            l,
            m,
            n,
            o,
            p,
        ]))
    }
}

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
        let mut all = [take(b"x"), take(b"y")].concat();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 6);
    }
}
