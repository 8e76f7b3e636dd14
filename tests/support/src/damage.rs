//! Texts that were right, and are damaged.

/// One piece of damage: what is done (by its remainder), two places in the text as shares of 2¹⁶, a byte.
pub type Edit = (u8, u16, u16, u8);

/// A text with some bytes changed, lost, put in, repeated or moved.
pub fn damaged(text: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut text = text.to_vec();
    for (kind, from, to, byte) in edits {
        let place = |share: u16| text.len() * usize::from(share) / (1 << 16);
        let (from, other) = (place(*from), place(*to));
        // What is lost or repeated is mostly short.
        let to = (from + other % 40).min(text.len());
        match kind % 6 {
            0 if from < text.len() => text[from] = *byte,
            1 if from < text.len() => text[from] ^= 1 << (byte % 8),
            2 => drop(text.drain(from..to)),
            3 => text.insert(from, *byte),
            4 => text.extend_from_within(from..to),
            _ => {
                let piece = text[from..to].to_vec();
                text.splice(other..other, piece);
            }
        }
    }
    text
}
