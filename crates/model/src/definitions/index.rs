//! Finding things by name in a few nanoseconds.

/// Numbers of things, found by the names of the things.
///
/// Open addressing: a slot holds a number below 2²⁴ and seven bits of its name's hash, so that a wrong thing is
/// seldom looked at. The names stay where they are.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    /// A power of two, at most half of them taken.
    slots: Box<[u32]>,
}

const EMPTY: u32 = u32::MAX;

impl Index {
    /// The index of names and their numbers. Of two equal names, the first is found.
    pub(crate) fn new<'n>(names: impl ExactSizeIterator<Item = (&'n str, u32)>) -> Self {
        let size = (names.len() * 2).next_power_of_two();
        let mut slots = vec![EMPTY; size].into_boxed_slice();
        for (name, number) in names {
            let (start, tag) = place(name, size);
            let (before, after) = slots.split_at_mut_checked(start).unwrap_or_default();
            if let Some(slot) = after.iter_mut().chain(before).find(|slot| **slot == EMPTY) {
                *slot = tag << 24 | number & 0x00ff_ffff;
            }
        }
        Self { slots }
    }

    /// The number of a name; `has` says whether the thing of a number has the name.
    #[inline]
    pub(crate) fn find(&self, name: &str, has: impl Fn(u32) -> bool) -> Option<u32> {
        let (mut at, tag) = place(name, self.slots.len());
        loop {
            let slot = *self.slots.get(at)?;
            if slot == EMPTY {
                return None;
            }
            if slot >> 24 == tag && has(slot & 0x00ff_ffff) {
                return Some(slot & 0x00ff_ffff);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }
}

/// The slot that a name would like to be in, and the bits of its hash that go there.
#[inline]
fn place(name: &str, size: usize) -> (usize, u32) {
    let hash = hash(name.as_bytes());
    // The high half of a product is where all bits of its factors meet.
    ((hash >> 40) as usize & size.wrapping_sub(1), (hash >> 32) as u32 & 0x7f)
}

/// Eight bytes at a time; the last eight may overlap those before.
#[inline]
fn hash(bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(FACTOR).rotate_left(29);
    let mut hash = bytes.len() as u64;
    if let Some(last) = bytes.last_chunk::<8>() {
        let (words, _) = bytes.as_chunks::<8>();
        for word in words {
            hash = mix(hash, u64::from_le_bytes(*word));
        }
        hash = mix(hash, u64::from_le_bytes(*last));
    } else if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        hash = mix(hash, u64::from(first) << 32 | u64::from(last));
    } else {
        hash = mix(hash, bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)));
    }
    hash.wrapping_mul(FACTOR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_what_a_search_finds(
            names in prop::collection::vec("[a-c]{0,20}", 0..60),
            asked in "[a-c]{0,20}",
        ) {
            let index = Index::new(names.iter().map(String::as_str).zip(0..names.len() as u32));
            for name in names.iter().chain([&asked]) {
                let found = index.find(name, |number| &names[number as usize] == name);
                let expected = names.iter().position(|known| known == name);
                prop_assert_eq!(found.map(|number| number as usize), expected);
            }
        }
    }
}
