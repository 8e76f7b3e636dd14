//! SipHash-1-3 with zero keys, written from its definition, and what rows hold of it.

struct Sip([u64; 4]);

impl Sip {
    fn new() -> Self {
        // "somepseudorandomlygeneratedbytes"
        Self([0x736f_6d65_7073_6575, 0x646f_7261_6e64_6f6d, 0x6c79_6765_6e65_7261, 0x7465_6462_7974_6573])
    }

    fn round(&mut self) {
        let [mut v0, mut v1, mut v2, mut v3] = self.0;
        v0 = v0.wrapping_add(v1);
        v1 = v1.rotate_left(13) ^ v0;
        v0 = v0.rotate_left(32);
        v2 = v2.wrapping_add(v3);
        v3 = v3.rotate_left(16) ^ v2;
        v0 = v0.wrapping_add(v3);
        v3 = v3.rotate_left(21) ^ v0;
        v2 = v2.wrapping_add(v1);
        v1 = v1.rotate_left(17) ^ v2;
        v2 = v2.rotate_left(32);
        self.0 = [v0, v1, v2, v3];
    }

    fn word(&mut self, word: u64) {
        self.0[3] ^= word;
        self.round();
        self.0[0] ^= word;
    }

    fn write(&mut self, bytes: &[u8]) {
        let chunks = bytes.chunks_exact(8);
        let mut last = [0; 8];
        last[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
        last[7] = bytes.len() as u8;
        for chunk in chunks {
            self.word(u64::from_le_bytes(chunk.try_into().unwrap()));
        }
        self.word(u64::from_le_bytes(last));
    }

    fn end(&mut self) -> u64 {
        (0..3).for_each(|_| self.round());
        self.0.iter().fold(0, |all, word| all ^ word)
    }
}

/// 64 bits of text, as rows hold systems, units and texts as written: 0 for none.
pub fn hash(text: &str) -> i64 {
    if text.is_empty() {
        return 0;
    }
    let mut sip = Sip::new();
    sip.write(text.as_bytes());
    sip.0[2] ^= 0xff;
    match sip.end() {
        0 => 1,
        hash => hash.cast_signed(),
    }
}

fn wide(bytes: &[u8]) -> u128 {
    let mut sip = Sip::new();
    sip.0[1] ^= 0xee;
    sip.write(bytes);
    sip.0[2] ^= 0xee;
    let low = sip.end();
    sip.0[1] ^= 0xdd;
    u128::from(sip.end()) << 64 | u128::from(low)
}

/// Bytes as a column holds them: what is longer than so many ends with the hash of the whole, after at most 40 fewer.
/// `edge` says where the last character ends that is kept.
fn shortened(whole: Vec<u8>, most: usize, edge: impl Fn(usize) -> usize) -> Vec<u8> {
    if whole.len() <= most {
        return whole;
    }
    let hash = format!("\u{1}{:032x}", wide(&whole));
    [&whole[..edge(most - 40)], hash.as_bytes()].concat()
}

/// Bytes that are no text.
pub fn cut_number(bytes: Vec<u8>) -> Vec<u8> {
    shortened(bytes, 400, |edge| edge)
}

pub fn cut(text: &str) -> String {
    String::from_utf8(shortened(text.into(), 600, |edge| text.floor_char_boundary(edge))).unwrap()
}

/// Bytes that begin with one byte, and go on as text.
pub fn cut_bytes(mark: u8, text: &str) -> Vec<u8> {
    shortened([&[mark], text.as_bytes()].concat(), 600, |edge| 1 + text.floor_char_boundary(edge - 1))
}

#[test]
fn hashes_are_those_of_the_standard_library() {
    use std::hash::Hasher;
    for text in ["a", "http://loinc.org", "12345678", "ß and 𝄞", &"long ".repeat(300)] {
        // Of the same algorithm and keys, though nobody promises that it stays so.
        let mut other = std::hash::DefaultHasher::new();
        other.write(text.as_bytes());
        assert_eq!(hash(text), other.finish().cast_signed(), "{text}");
    }
    assert_eq!(hash(""), 0);
}

#[test]
fn long_texts_are_cut() {
    let text = format!("{}ä{}", "a".repeat(559), "b".repeat(60));
    assert_eq!(cut(&text[..600]), text[..600]);
    let short = cut(&text);
    assert_eq!((short.len(), &short[..560]), (559 + 33, format!("{}\u{1}", "a".repeat(559)).as_str()));
    assert_ne!(cut(&text), cut(&format!("{text}b")));
    let bytes = cut_bytes(1, &text);
    assert_eq!((bytes.len(), bytes[0], bytes[560]), (560 + 33, 1, 1));
}
