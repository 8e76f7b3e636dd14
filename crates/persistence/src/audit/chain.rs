//! Rows of the audit, and the hashes that chain them.
//!
//! What is hashed is written in one way only: numbers as eight bytes, big-endian; text and bytes with their length
//! before them, and a length of all ones where there is none.

use openssl::sha::Sha256;

/// A SHA-256.
pub(crate) type Hash = [u8; 32];

/// The first bytes of every hash: what is hashed, and in which way.
const CHAIN: &str = "rushlight audit 1 chain";
const ROW: &str = "rushlight audit 1 row";
const VERSIONS: &str = "rushlight audit 1 versions";

/// Where a chain has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chain {
    pub(crate) id: i64,
    /// The number of its last row; 0 before the first.
    pub(crate) number: i64,
    pub(crate) hash: Hash,
}

/// What a row tells.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'a> {
    /// Microseconds since 1970; of a write, its versions' `lastUpdated`.
    pub(crate) at: i64,
    pub(crate) actor: Option<&'a str>,
    pub(crate) request: &'a str,
    pub(crate) interaction: &'a str,
    pub(crate) outcome: &'a str,
    /// The first and last number of the versions that were written.
    pub(crate) range: Option<(i64, i64)>,
    /// The hash of those versions.
    pub(crate) content: Option<Hash>,
    /// What was observed, a line each.
    pub(crate) detail: Option<&'a str>,
}

/// A row to write.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    pub(crate) number: i64,
    pub(crate) entry: Entry<'a>,
    pub(crate) hash: Hash,
}

impl Chain {
    /// A chain without rows. `excused` is the number up to which versions are older than the audit: all chains hang
    /// on it.
    pub(crate) fn new(id: i64, excused: i64) -> Self {
        let mut hasher = Encoder::new(CHAIN);
        hasher.int(id);
        hasher.int(excused);
        Self { id, number: 0, hash: hasher.finish() }
    }

    /// Adds a row.
    pub(crate) fn extend<'a>(&mut self, entry: Entry<'a>) -> Row<'a> {
        self.number += 1;
        self.hash = self.next(&entry);
        Row { number: self.number, entry, hash: self.hash }
    }

    /// The hash of a row with the chain's number after the row with its hash.
    pub(crate) fn next(&self, entry: &Entry<'_>) -> Hash {
        let mut hasher = Encoder::new(ROW);
        hasher.int(self.id);
        hasher.int(self.number);
        hasher.int(entry.at);
        hasher.bytes(entry.actor.map(str::as_bytes));
        for text in [entry.request, entry.interaction, entry.outcome] {
            hasher.bytes(Some(text.as_bytes()));
        }
        let (first, last) = entry.range.unwrap_or((0, 0));
        hasher.int(first);
        hasher.int(last);
        hasher.bytes(entry.content.as_ref().map(Hash::as_slice));
        hasher.bytes(entry.detail.map(str::as_bytes));
        hasher.bytes(Some(&self.hash));
        hasher.finish()
    }
}

/// A version, as the row of the request that wrote it vouches for it.
pub(crate) struct Vouched<'a> {
    pub(crate) seq: i64,
    pub(crate) rid: i64,
    pub(crate) version: i64,
    pub(crate) ty: i16,
    pub(crate) id: &'a [u8],
    pub(crate) last_updated: i64,
    pub(crate) deleted: bool,
    pub(crate) made: i16,
    pub(crate) splice: i32,
    pub(crate) actor: Option<&'a str>,
    /// The hash of the body's bytes.
    pub(crate) body: Hash,
}

/// The hash of several versions.
pub(crate) struct Content(Encoder);

impl Content {
    /// Of none.
    pub(crate) fn new() -> Self {
        Self(Encoder::new(VERSIONS))
    }

    /// Adds the next.
    pub(crate) fn add(&mut self, version: &Vouched<'_>) {
        let hasher = &mut self.0;
        let numbers = [
            version.seq,
            version.rid,
            version.version,
            version.ty.into(),
            version.last_updated,
            version.deleted.into(),
            version.made.into(),
            version.splice.into(),
        ];
        numbers.into_iter().for_each(|number| hasher.int(number));
        hasher.bytes(Some(version.id));
        hasher.bytes(version.actor.map(str::as_bytes));
        hasher.bytes(Some(&version.body));
    }

    /// The hash.
    pub(crate) fn finish(self) -> Hash {
        self.0.finish()
    }
}

/// Hashes values so that no two lists of them are written alike.
struct Encoder(Sha256);

impl Encoder {
    fn new(what: &str) -> Self {
        let mut encoder = Self(Sha256::new());
        encoder.bytes(Some(what.as_bytes()));
        encoder
    }

    fn int(&mut self, value: i64) {
        self.0.update(&value.to_be_bytes());
    }

    fn bytes(&mut self, value: Option<&[u8]>) {
        match value {
            None => self.0.update(&u64::MAX.to_be_bytes()),
            Some(value) => {
                self.0.update(&(value.len() as u64).to_be_bytes());
                self.0.update(value);
            }
        }
    }

    fn finish(self) -> Hash {
        self.0.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry<'static> {
        Entry {
            at: 5,
            actor: Some("a"),
            request: "r",
            interaction: "create",
            outcome: "ok",
            range: Some((1, 2)),
            content: Some([7; 32]),
            detail: None,
        }
    }

    #[test]
    fn every_part_of_a_row_is_in_its_hash() {
        let chain = Chain { id: 3, number: 4, hash: [9; 32] };
        let hash = chain.next(&entry());
        let changed: [Entry<'_>; 10] = [
            Entry { at: 6, ..entry() },
            Entry { actor: None, ..entry() },
            Entry { actor: Some(""), ..entry() },
            Entry { actor: Some("ar"), request: "", ..entry() },
            Entry { interaction: "update", ..entry() },
            Entry { outcome: "no", ..entry() },
            Entry { range: Some((1, 3)), ..entry() },
            Entry { content: Some([8; 32]), ..entry() },
            Entry { content: None, ..entry() },
            Entry { detail: Some(""), ..entry() },
        ];
        let mut hashes: Vec<Hash> = changed.iter().map(|entry| chain.next(entry)).collect();
        hashes.push(Chain { id: 4, ..chain.clone() }.next(&entry()));
        hashes.push(Chain { number: 5, ..chain.clone() }.next(&entry()));
        hashes.push(Chain { hash: [8; 32], ..chain }.next(&entry()));
        hashes.push(hash);
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 14);
    }

    #[test]
    fn the_way_of_hashing_stays() {
        let mut chain = Chain::new(1, 0);
        chain.extend(entry());
        let text: String = chain.hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(text, "9144966e075def22a47fdfa093a8f8aea7b35e25e821a8f1e5e3d7f3c8dbb3f7");
    }
}
