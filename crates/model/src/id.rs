//! Logical ids: <https://hl7.org/fhir/R4/datatypes.html#id>.

use std::fmt;

/// A resource's logical id: 1 to 64 of `A-Z a-z 0-9 - .`.
///
/// Stores keep its *key*: 17 bytes for an id that is a UUID in its canonical spelling, the text otherwise.
///
/// ```
/// use rushlight_model::Id;
///
/// let id = Id::new("0190b6a4-7f3e-7c51-9d2a-5e8f1c3b7a60")?;
/// assert_eq!(id.to_key().len(), 17);
/// assert_eq!(Id::from_key(&id.to_key())?, id);
/// assert_eq!(Id::new("p1")?.to_key(), b"p1");
/// assert!(Id::new("no spaces").is_err());
/// # Ok::<(), rushlight_model::InvalidId>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(String);

/// What is wrong with an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidId {
    /// There is no character in it.
    #[error("an id has at least one character")]
    Empty,
    /// It has more than 64 characters.
    #[error("an id has at most 64 characters")]
    TooLong,
    /// A character is not one of `A-Z a-z 0-9 - .`.
    #[error("an id has only letters A-Z and a-z, digits, '-' and '.'")]
    Character,
    /// It is `.` or `..`, which in the path of a URL mean another place: <https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4>.
    #[error("an id is not '.' or '..', which would lead elsewhere in a URL")]
    Dots,
    /// A stored key is neither a UUID's 17 bytes nor an id's text.
    #[error("not the key of an id")]
    Key,
}

/// The key of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdKey<'a> {
    /// Of a UUID in its canonical spelling.
    Uuid([u8; 17]),
    /// Of any other: its text.
    Text(&'a str),
}

impl AsRef<[u8]> for IdKey<'_> {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Uuid(bytes) => bytes,
            Self::Text(text) => text.as_bytes(),
        }
    }
}

/// Begins the key of a UUID; no id's text holds this byte.
const UUID_MARK: u8 = 0;

impl Id {
    /// The id of this text.
    ///
    /// # Errors
    /// When the text is empty, longer than 64 characters, holds a character that an id may not have, or is `.` or `..`.
    pub fn new(text: &str) -> Result<Self, InvalidId> {
        Self::check(text)?;
        if matches!(text, "." | "..") { Err(InvalidId::Dots) } else { Ok(Self(text.to_owned())) }
    }

    /// Whether the text has the form of an id.
    pub(crate) fn check(text: &str) -> Result<(), InvalidId> {
        let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
        match text.len() {
            0 => Err(InvalidId::Empty),
            _ if !text.as_bytes().iter().fold(true, |all, byte| all & allowed(byte)) => {
                Err(InvalidId::Character)
            }
            1..=64 => Ok(()),
            _ => Err(InvalidId::TooLong),
        }
    }

    /// The id that is a UUID in its usual spelling.
    ///
    /// ```
    /// use rushlight_model::Id;
    ///
    /// let id = Id::from_uuid(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
    /// assert_eq!(id.as_str(), "01234567-89ab-cdef-0123-456789abcdef");
    /// ```
    #[must_use]
    pub fn from_uuid(uuid: u128) -> Self {
        let part = |shift: u32, bits: u32| (uuid >> shift) & ((1 << bits) - 1);
        Self(format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            part(96, 32),
            part(80, 16),
            part(64, 16),
            part(48, 16),
            part(0, 48)
        ))
    }

    /// The id's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The bytes under which stores file the id.
    #[must_use]
    pub fn to_key(&self) -> Vec<u8> {
        key(&self.0).as_ref().to_vec()
    }

    /// [`Id::to_key`] of the id of this text, without making it.
    ///
    /// # Errors
    /// As [`Id::new`].
    pub fn key_of(text: &str) -> Result<IdKey<'_>, InvalidId> {
        Self::check(text)?;
        if matches!(text, "." | "..") { Err(InvalidId::Dots) } else { Ok(key(text)) }
    }

    /// The id of a key.
    ///
    /// # Errors
    /// When no id has this key.
    pub fn from_key(key: &[u8]) -> Result<Self, InvalidId> {
        if let [UUID_MARK, uuid @ ..] = key {
            return if uuid.len() == 16 { Ok(Self(uuid_text(uuid))) } else { Err(InvalidId::Key) };
        }
        let text = std::str::from_utf8(key).map_err(|_| InvalidId::Key)?;
        // A canonical UUID has one key only: two keys for one id would be two resources.
        if matches!(self::key(text), IdKey::Uuid(_)) { Err(InvalidId::Key) } else { Self::new(text) }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({})", self.0)
    }
}

impl std::str::FromStr for Id {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Self::new(text)
    }
}

/// The key of an id's text: the mark and 16 bytes of a UUID in lower-case canonical text, or the text.
fn key(text: &str) -> IdKey<'_> {
    uuid_bytes(text).map_or(IdKey::Text(text), IdKey::Uuid)
}

fn uuid_bytes(text: &str) -> Option<[u8; 17]> {
    if text.len() != 36 {
        return None;
    }
    let mut key = [UUID_MARK; 17];
    let mut nibbles = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        let nibble = match byte {
            b'-' if matches!(at, 8 | 13 | 18 | 23) => continue,
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return None,
        };
        // A digit in the place of a dash makes more than 16 bytes.
        let place = key.get_mut(1 + nibbles / 2)?;
        *place = *place << 4 | nibble;
        nibbles += 1;
    }
    (nibbles == 32).then_some(key)
}

fn uuid_text(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 });
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts() {
        let long = "a".repeat(65);
        for (input, expected) in [
            ("a", Ok(())),
            ("A-b.9", Ok(())),
            (&long[..64], Ok(())),
            ("", Err(InvalidId::Empty)),
            (&long, Err(InvalidId::TooLong)),
            ("a b", Err(InvalidId::Character)),
            ("a_b", Err(InvalidId::Character)),
            ("ä", Err(InvalidId::Character)),
            ("a\n", Err(InvalidId::Character)),
            ("a/b", Err(InvalidId::Character)),
            (".", Err(InvalidId::Dots)),
            ("..", Err(InvalidId::Dots)),
            ("...", Ok(())),
        ] {
            assert_eq!(Id::new(input).map(|_| ()), expected, "{input:?}");
        }
    }

    #[test]
    fn keys() {
        for (text, length) in [
            ("0190b6a4-7f3e-7c51-9d2a-5e8f1c3b7a60", 17),
            ("0190B6A4-7f3e-7c51-9d2a-5e8f1c3b7a60", 36),
            ("0190b6a47f3e7c519d2a5e8f1c3b7a60", 32),
            ("0190b6a4-7f3e-7c51-9d2a-5e8f1c3b7a6-", 36),
            ("0190b6a4a7f3ea7c51a9d2aa5e8f1c3b7a60", 36),
            ("p1", 2),
        ] {
            let id = Id::new(text).unwrap();
            assert_eq!(id.to_key().len(), length, "{text}");
            assert_eq!(Id::from_key(&id.to_key()), Ok(id));
        }
        for key in [&b""[..], b"\0", b"\0abc", b"a b", b"\xff", b"0190b6a4-7f3e-7c51-9d2a-5e8f1c3b7a60"] {
            assert!(Id::from_key(key).is_err(), "{key:?}");
        }
    }

    proptest! {
        #[test]
        fn a_key_leads_back(text in "[A-Za-z0-9.-]{3,64}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}") {
            let id = Id::new(&text).unwrap();
            prop_assert_eq!(Id::from_key(&id.to_key()), Ok(id));
        }
    }
}
