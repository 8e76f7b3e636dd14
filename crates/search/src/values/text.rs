//! Texts as columns hold them: normalised for comparison, and cut where they are long.

use std::borrow::Cow;

use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};
use smallvec::SmallVec;

use super::hash::digest;

/// A longer value is cut.
const LONGEST: usize = 600;
/// So much of it is kept.
const KEPT: usize = 560;
/// A longer number is cut: a composite of a code and two ranges has four of them, and PostgreSQL's keys have at most 2,704
/// bytes.
const LONGEST_NUMBER: usize = 400;
/// So much of it is kept.
const KEPT_NUMBER: usize = 360;
/// Stands between what is kept of a value that [`cut`] cuts and the digest of the whole.
pub const CUT: char = '\u{1}';

/// A text being put together; most are short.
pub(super) type Buffer = SmallVec<[u8; 128]>;

/// A text as a column holds it: whole up to 600 bytes. Of a longer one, the first characters up to 560 bytes, U+0001
/// and 32 hexadecimal digits, which are those of the 128-bit SipHash-1-3 (with zero keys) of the whole.
///
/// ```
/// use rushlight_search::cut;
///
/// assert_eq!(cut("final"), "final");
/// assert_eq!(cut(&"ä".repeat(301)).len(), 560 + 1 + 32);
/// ```
#[must_use]
pub fn cut(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST {
        return Cow::Borrowed(text);
    }
    let kept = text.get(..text.floor_char_boundary(KEPT)).unwrap_or_default();
    Cow::Owned(format!("{kept}{CUT}{}", digest(text.as_bytes())))
}

/// Characters of what [`cut`] puts in the place of a rest: the mark and the digits.
pub const CUT_TAIL: usize = 33;

/// Bytes of a text that was [`cut`], at the least.
pub const CUT_LEAST: usize = KEPT - 3 + CUT_TAIL;

/// What there is of a text itself in one that may have been [`cut`].
pub(crate) fn kept(text: &[u8]) -> &[u8] {
    let is_cut = |&(_, tail): &(&[u8], &[u8])| text.len() >= CUT_LEAST && tail.first() == Some(&(CUT as u8));
    let parts = text.len().checked_sub(CUT_TAIL).and_then(|at| text.split_at_checked(at));
    parts.filter(is_cut).map_or(text, |(kept, _)| kept)
}

/// [`cut`] for a text that is there as bytes.
pub(super) fn cut_text(text: &[u8]) -> Cow<'_, [u8]> {
    if text.len() <= LONGEST {
        return Cow::Borrowed(text);
    }
    Cow::Owned(cut(&String::from_utf8_lossy(text)).into_owned().into_bytes())
}

/// A number as a column holds it: as [`cut`] does it, but up to 400 bytes, of a longer one the first 360.
pub(super) fn cut_number(bytes: &mut SmallVec<[u8; 24]>) {
    if bytes.len() > LONGEST_NUMBER {
        let digest = digest(bytes);
        bytes.truncate(KEPT_NUMBER);
        bytes.push(CUT as u8);
        bytes.extend_from_slice(digest.as_bytes());
    }
}

/// A text as string searches compare it: without case, accents and superfluous white space
/// (<https://hl7.org/fhir/R4/search.html#string>). It is not [`cut`].
///
/// Unicode's compatibility decomposition (NFKD) without marks (general category M), in lower case; `ß` is `ss` and a
/// final `ς` is `σ`. White space is trimmed, and any amount of it between words is one blank. Normalising again changes
/// nothing.
///
/// ```
/// use rushlight_search::normal;
///
/// assert_eq!(normal("  Carré\u{a0}\tDuPont "), "carre dupont");
/// assert_eq!(normal("WEISS"), normal("Weiß"));
/// ```
#[must_use]
pub fn normal(text: &str) -> String {
    String::from_utf8(normal_bytes(text).into_vec()).unwrap_or_default()
}

/// [`normal`] without an allocation, if the text is short.
pub(super) fn normal_bytes(text: &str) -> Buffer {
    if text.is_ascii() {
        let mut out = spaced(text);
        out.make_ascii_lowercase();
        return out;
    }
    let is_mark = |char: &char| {
        GeneralCategoryGroup::Mark.contains(CodePointMapData::<GeneralCategory>::new().get(*char))
    };
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(text.chars());
    let mut plain = String::with_capacity(text.len());
    for char in decomposed.filter(|char| !is_mark(char)).flat_map(char::to_lowercase) {
        match char {
            'ß' => plain.push_str("ss"),
            'ς' => plain.push('σ'),
            _ => plain.push(char),
        }
    }
    spaced(&plain)
}

/// Whether there is only ASCII, and no other white space than one blank between two words.
fn is_spaced(text: &[u8]) -> bool {
    let mut blank = true;
    for byte in text {
        match byte {
            b' ' if blank => return false,
            b' ' => blank = true,
            b'!'..=b'~' => blank = false,
            _ => return false,
        }
    }
    !blank
}

/// The words with one blank between two of them.
fn spaced(text: &str) -> Buffer {
    if is_spaced(text.as_bytes()) {
        return Buffer::from_slice(text.as_bytes());
    }
    let mut out = Buffer::new();
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(b' ');
        }
        out.extend_from_slice(word.as_bytes());
    }
    out
}

#[cfg(test)]
mod tests;
