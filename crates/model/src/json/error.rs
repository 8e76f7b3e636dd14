//! What can be wrong with JSON, and where.

use thiserror::Error;

/// A place in a text; both count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

impl Position {
    /// The position of a byte of a text; of its end if there are fewer bytes.
    #[must_use]
    pub fn of(bytes: &[u8], offset: usize) -> Self {
        Positions::new(bytes).of(offset)
    }
}

/// Finds positions in a text, each at or after the last, so that many of them cost one walk over the text.
///
/// ```
/// use rushlight_model::json::{Position, Positions};
///
/// let mut positions = Positions::new(b"{\n  \"a\": 1}");
/// assert_eq!(positions.of(4), Position { line: 2, column: 3 });
/// assert_eq!(positions.of(9), Position { line: 2, column: 8 });
/// ```
#[derive(Clone, Debug)]
pub struct Positions<'a> {
    /// What is still ahead.
    rest: &'a [u8],
    at: usize,
    position: Position,
}

impl<'a> Positions<'a> {
    /// From the beginning of a text.
    #[must_use]
    pub fn new(text: &'a [u8]) -> Self {
        Self { rest: text, at: 0, position: Position { line: 1, column: 1 } }
    }

    /// The position of a byte, of the end if there are fewer; the last one again for a byte before it.
    pub fn of(&mut self, offset: usize) -> Position {
        let length = offset.saturating_sub(self.at).min(self.rest.len());
        let (passed, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        (self.rest, self.at) = (rest, self.at + length);
        let breaks = passed.iter().filter(|byte| **byte == b'\n').count();
        let line = match passed.iter().rposition(|byte| *byte == b'\n') {
            Some(last) => {
                self.position = Position { line: self.position.line + breaks, column: 1 };
                passed.get(last + 1..).unwrap_or_default()
            }
            None => passed,
        };
        self.position.column += line.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        self.position
    }
}

/// JSON that is none, and where reading it stopped.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {}, column {}: {kind}", position.line, position.column)]
pub struct JsonError {
    /// What is wrong.
    pub kind: JsonErrorKind,
    /// Where.
    pub position: Position,
}

/// What is wrong with a JSON text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum JsonErrorKind {
    /// More bytes than [`Limits::bytes`](super::Limits::bytes).
    #[error("more than {limit} bytes")]
    TooLong {
        /// The most that is taken.
        limit: usize,
    },
    /// More levels than [`Limits::depth`](super::Limits::depth).
    #[error("more than {limit} levels of objects and arrays")]
    TooDeep {
        /// The most that are taken.
        limit: usize,
    },
    /// More values than [`Limits::values`](super::Limits::values).
    #[error("more than {limit} values")]
    TooManyValues {
        /// The most that are taken.
        limit: usize,
    },
    /// Not UTF-8.
    #[error("not UTF-8")]
    InvalidUtf8,
    /// U+FEFF before the value.
    #[error("a byte order mark, which JSON must not begin with")]
    ByteOrderMark,
    /// The text stops too early.
    #[error("the text ends where {expected} is expected")]
    UnexpectedEnd {
        /// What would have been right.
        expected: &'static str,
    },
    /// Another character than JSON has here.
    #[error("found {found:?} where {expected} is expected")]
    Unexpected {
        /// What would have been right.
        expected: &'static str,
        /// What is there.
        found: char,
    },
    /// The same name twice in one object.
    #[error("the member {name:?} is there twice")]
    DuplicateName {
        /// The name; its first 64 characters.
        name: String,
    },
    /// A control character in a string.
    #[error("a control character in a string must be written as an escape")]
    ControlCharacter,
    /// NUL, which neither FHIR strings nor databases hold.
    #[error("the character U+0000 is not allowed")]
    Nul,
    /// A backslash before something that it cannot precede.
    #[error("an escape that JSON does not have")]
    InvalidEscape,
    /// Half of a surrogate pair.
    #[error("half of a surrogate pair")]
    LoneSurrogate,
    /// `01`.
    #[error("a number must not begin with a zero that has digits after it")]
    LeadingZero,
    /// Something after the value.
    #[error("something follows the end of the value")]
    TrailingData,
}
