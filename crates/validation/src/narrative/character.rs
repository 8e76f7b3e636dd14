//! Characters: which XML allows, how it writes them, and what a value says once all disguise is gone.

use super::step;

/// What an `&` begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reference<'a> {
    /// A character.
    Character(char),
    /// The number of no character that XML allows.
    NoCharacter(u32),
    /// A name that XML does not define.
    Entity(&'a str),
    /// Nothing.
    None,
}

/// Reads the reference at the front of a text that begins with `&`; its length in bytes too, which is 1 for nothing.
pub(super) fn reference(text: &str) -> (Reference<'_>, usize) {
    let inside = text.get(1..).unwrap_or_default();
    let length = inside.bytes().position(|byte| !byte.is_ascii_alphanumeric() && byte != b'#');
    let Some((name, rest)) = length.and_then(|length| inside.split_at_checked(length)) else {
        return (Reference::None, 1);
    };
    if name.is_empty() || !rest.starts_with(';') {
        return (Reference::None, 1);
    }
    let found = match name {
        "lt" => Reference::Character('<'),
        "gt" => Reference::Character('>'),
        "amp" => Reference::Character('&'),
        "quot" => Reference::Character('"'),
        "apos" => Reference::Character('\''),
        _ => match name.strip_prefix('#') {
            Some(number) => numbered(number),
            None if name.contains('#') => Reference::None,
            None => Reference::Entity(name),
        },
    };
    (found, if found == Reference::None { 1 } else { name.len() + 2 })
}

fn numbered(number: &str) -> Reference<'_> {
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    // Any number of zeros may stand in front, and a number too long is that of no character.
    let add = |sum: u32, digit: char| Some(sum.saturating_mul(radix).saturating_add(digit.to_digit(radix)?));
    match digits.chars().try_fold(0, add) {
        Some(code) if !digits.is_empty() => match char::from_u32(code) {
            Some(char) if is_allowed(char) => Reference::Character(char),
            _ => Reference::NoCharacter(code),
        },
        _ => Reference::None,
    }
}

/// Whether XML allows the character: <https://www.w3.org/TR/xml/#charsets>.
pub(super) const fn is_allowed(char: char) -> bool {
    !matches!(char, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}

/// What XML takes for white space.
pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The characters of a value as the most forgiving of readers takes them: references resolved, white space, control
/// and invisible characters left out, full-width letters made narrow, all in lower case.
#[derive(Clone, Debug)]
pub(super) struct Plain<'a>(pub(super) &'a str);

impl Iterator for Plain<'_> {
    type Item = char;

    #[inline]
    fn next(&mut self) -> Option<char> {
        step();
        // Nearly all of nearly every value; the other way gives the same.
        if let [byte @ (b'!'..=b'%' | b'\''..=b'~'), ..] = self.0.as_bytes() {
            self.0 = self.0.get(1..).unwrap_or_default();
            return Some(byte.to_ascii_lowercase().into());
        }
        self.next_disguised()
    }
}

impl Plain<'_> {
    fn next_disguised(&mut self) -> Option<char> {
        loop {
            step();
            let mut char = self.0.chars().next()?;
            let mut length = char.len_utf8();
            if char == '&'
                && let (Reference::Character(meant), all) = reference(self.0)
            {
                (char, length) = (meant, all);
            }
            self.0 = self.0.get(length..).unwrap_or_default();
            match char {
                '\0'..=' ' | '\x7f'..='\u{a0}' | '\u{ad}' | '\u{feff}' => {}
                '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{2060}'..='\u{206f}' => {}
                '\u{ff01}'..='\u{ff5e}' => {
                    return char::from_u32(u32::from(char) - 0xfee0).map(|char| char.to_ascii_lowercase());
                }
                char => return Some(char.to_ascii_lowercase()),
            }
        }
    }
}

/// The last 16 characters read, to compare with a word: a byte each, the newest lowest, 255 for any beyond ASCII.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tail(u128);

impl Tail {
    /// The tail of a word of ASCII.
    pub(super) const fn of(word: &str) -> Self {
        let mut bytes = word.as_bytes();
        let mut tail = 0;
        while let [byte, rest @ ..] = bytes {
            tail = tail << 8 | *byte as u128;
            bytes = rest;
        }
        Self(tail)
    }

    /// Reads one more character.
    #[inline]
    pub(super) fn push(&mut self, char: char) {
        let byte = if char.is_ascii() { char as u8 } else { u8::MAX };
        self.0 = self.0 << 8 | u128::from(byte);
    }

    /// Whether the word was read last.
    pub(super) const fn ends_with(self, word: Self) -> bool {
        // Words have no NUL, so that the leading zeros are what lies before the word.
        let mask = u128::MAX >> (word.0.leading_zeros() & !7);
        self.0 & mask == word.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        for (text, expected, length) in [
            ("&lt;b", Reference::Character('<'), 4),
            ("&apos;", Reference::Character('\''), 6),
            ("&#106;", Reference::Character('j'), 6),
            ("&#x6A;a", Reference::Character('j'), 6),
            ("&#0000000000000000000000106;", Reference::Character('j'), 28),
            ("&#x1F600;", Reference::Character('😀'), 9),
            ("&#9;", Reference::Character('\t'), 4),
            ("&#0;", Reference::NoCharacter(0), 4),
            ("&#x1f;", Reference::NoCharacter(0x1f), 6),
            ("&#xD800;", Reference::NoCharacter(0xd800), 8),
            ("&#xFFFE;", Reference::NoCharacter(0xfffe), 8),
            ("&#99999999999999999999;", Reference::NoCharacter(u32::MAX), 23),
            ("&nbsp;", Reference::Entity("nbsp"), 6),
            ("&LT;", Reference::Entity("LT"), 4),
            ("&", Reference::None, 1),
            ("&;", Reference::None, 1),
            ("& ", Reference::None, 1),
            ("&lt", Reference::None, 1),
            ("&#;", Reference::None, 1),
            ("&#x;", Reference::None, 1),
            ("&#X6A;", Reference::None, 1),
            ("&#6A;", Reference::None, 1),
            ("&#-1;", Reference::None, 1),
            ("&a#1;", Reference::None, 1),
            ("&lté;", Reference::None, 1),
        ] {
            assert_eq!(reference(text), (expected, length), "{text}");
        }
    }

    #[test]
    fn plain() {
        for (text, expected) in [
            ("Java&#83;cript:", "javascript:"),
            (" j\ta&#x0A;v\u{ad}a\u{200b}&#xA0;", "java"),
            ("ＵＲＬ（é&&lt;", "url(é&<"),
        ] {
            assert_eq!(Plain(text).collect::<String>(), expected);
        }
    }

    #[test]
    fn tails() {
        let tail = |text: &str| {
            let mut tail = Tail::default();
            text.chars().for_each(|char| tail.push(char));
            tail
        };
        assert_eq!(tail("url("), Tail::of("url("));
        assert!(tail("a background:url(").ends_with(Tail::of("url(")));
        assert!(tail("0123456789abcdef").ends_with(Tail::of("0123456789abcdef")));
        assert!(!tail("rl(").ends_with(Tail::of("url(")) && !tail("ürl(").ends_with(Tail::of("url(")));
        assert_ne!(tail("0123456789abcdefhttp"), Tail::of("http"));
    }
}
