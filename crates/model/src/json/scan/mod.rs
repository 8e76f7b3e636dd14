//! The scanner: one pass over the bytes that checks them, copies them without white space, and tells a
//! [`Sink`] what it sees.
//!
//! It keeps its own stack, so that no depth of nesting can exhaust the thread's.

mod token;

use std::borrow::Cow;
use std::collections::HashSet;

use crate::json::{JsonError, JsonErrorKind, Kind, Limits, Position, decode};

/// Told what a scan sees; offsets `at` and `end` are those of the compact copy, `source` those of the input.
pub(crate) trait Sink {
    /// An object or array begins.
    fn open(&mut self, kind: Kind, at: usize, source: usize);
    /// The innermost object or array ends.
    fn close(&mut self, end: usize);
    /// A member's name, decoded; `at` is its quote, `length` that of the name as written.
    fn name(&mut self, name: &str, at: usize, length: usize);
    /// A string (with its quotes), number or literal.
    fn scalar(&mut self, kind: Kind, raw: &str, at: usize, source: usize);
}

/// Checks a JSON text and returns its compact copy.
pub(crate) fn scan<S: Sink>(bytes: &[u8], limits: &Limits, sink: &mut S) -> Result<String, JsonError> {
    let fail = |kind, offset| JsonError { kind, position: Position::of(bytes, offset) };
    let limit = limits.bytes.min(i32::MAX as usize);
    if bytes.len() > limit {
        return Err(fail(JsonErrorKind::TooLong { limit }, limit));
    }
    let text =
        std::str::from_utf8(bytes).map_err(|error| fail(JsonErrorKind::InvalidUtf8, error.valid_up_to()))?;
    let mut scanner = Scanner {
        text,
        bytes,
        at: 0,
        kept: 0,
        out: String::with_capacity(bytes.len()),
        frames: Vec::with_capacity(8),
        names: Vec::with_capacity(32),
        depth: limits.depth,
        values: 0,
        most: limits.values,
        sink,
    };
    match scanner.run() {
        Ok(()) => Ok(scanner.out),
        Err(kind) => {
            let at = scanner.at;
            Err(fail(kind, at))
        }
    }
}

/// An object's names are kept in a list, and in a set from so many on.
pub(in crate::json) const MANY: usize = 24;

struct Frame<'a> {
    object: bool,
    /// Where this object's names begin in `names`.
    first: usize,
    many: Option<HashSet<Cow<'a, str>>>,
}

struct Scanner<'a, 's, S> {
    text: &'a str,
    bytes: &'a [u8],
    /// The next byte to look at; when a step fails, the byte to blame.
    at: usize,
    /// From here to `at` the input is still to be copied.
    kept: usize,
    out: String,
    frames: Vec<Frame<'a>>,
    names: Vec<Cow<'a, str>>,
    depth: usize,
    /// How many there were, and how many there may be.
    values: usize,
    most: usize,
    sink: &'s mut S,
}

type Step<T> = Result<T, JsonErrorKind>;

impl<'a, S: Sink> Scanner<'a, '_, S> {
    fn run(&mut self) -> Step<()> {
        if self.text.starts_with('\u{feff}') {
            return Err(JsonErrorKind::ByteOrderMark);
        }
        'value: loop {
            if self.value()? {
                continue;
            }
            // A value has ended: close what ends with it, or go on to the next one.
            loop {
                let Some(object) = self.frames.last().map(|frame| frame.object) else { break 'value };
                let (end, expected) = if object { (b'}', "',' or '}'") } else { (b']', "',' or ']'") };
                match self.gap() {
                    Some(b',') => {
                        self.at += 1;
                        if object {
                            self.name("a member's name")?;
                        }
                        continue 'value;
                    }
                    Some(byte) if byte == end => self.close(),
                    _ => return Err(self.unexpected(expected)),
                }
            }
        }
        match self.gap() {
            None => {
                self.keep();
                Ok(())
            }
            Some(_) => Err(JsonErrorKind::TrailingData),
        }
    }

    /// Takes a value, or the beginning of one that is not empty: then `true`, and its first value is next.
    fn value(&mut self) -> Step<bool> {
        let first = self.gap();
        self.values += 1;
        if self.values > self.most {
            return Err(JsonErrorKind::TooManyValues { limit: self.most });
        }
        let (kind, start) = match first {
            Some(b'{') => {
                self.open(Kind::Object)?;
                if self.gap() == Some(b'}') {
                    self.close();
                    return Ok(false);
                }
                self.name("a member's name or '}'")?;
                return Ok(true);
            }
            Some(b'[') => {
                self.open(Kind::Array)?;
                if self.gap() == Some(b']') {
                    self.close();
                    return Ok(false);
                }
                return Ok(true);
            }
            Some(b'"') => {
                let start = self.at;
                self.string()?;
                (Kind::String, start)
            }
            Some(b'-' | b'0'..=b'9') => {
                let start = self.at;
                self.number()?;
                (Kind::Number, start)
            }
            Some(b't') => (Kind::Boolean, self.literal("true")?),
            Some(b'f') => (Kind::Boolean, self.literal("false")?),
            Some(b'n') => (Kind::Null, self.literal("null")?),
            _ => return Err(self.unexpected("a value")),
        };
        let raw = self.text.get(start..self.at).unwrap_or_default();
        self.sink.scalar(kind, raw, self.out.len() + start - self.kept, start);
        Ok(false)
    }

    fn open(&mut self, kind: Kind) -> Step<()> {
        if self.frames.len() >= self.depth {
            return Err(JsonErrorKind::TooDeep { limit: self.depth });
        }
        self.sink.open(kind, self.out.len() + self.at - self.kept, self.at);
        self.frames.push(Frame { object: kind == Kind::Object, first: self.names.len(), many: None });
        self.at += 1;
        Ok(())
    }

    fn close(&mut self) {
        self.at += 1;
        if let Some(frame) = self.frames.pop() {
            self.names.truncate(frame.first);
        }
        self.sink.close(self.out.len() + self.at - self.kept);
    }

    /// Takes a member's name and the colon after it.
    fn name(&mut self, expected: &'static str) -> Step<()> {
        if self.gap() != Some(b'"') {
            return Err(self.unexpected(expected));
        }
        let start = self.at;
        let escaped = self.string()?;
        let raw = self.text.get(start + 1..self.at - 1).unwrap_or_default();
        let name = if escaped { decode(raw) } else { Cow::Borrowed(raw) };
        self.sink.name(&name, self.out.len() + start - self.kept, raw.len());
        if let Err(name) = self.add_name(name) {
            self.at = start;
            return Err(JsonErrorKind::DuplicateName { name: name.chars().take(64).collect() });
        }
        if self.gap() != Some(b':') {
            return Err(self.unexpected("':'"));
        }
        self.at += 1;
        Ok(())
    }

    /// Notes a name of the innermost object; gives it back if the object has it already.
    fn add_name(&mut self, name: Cow<'a, str>) -> Result<(), Cow<'a, str>> {
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        let names = self.names.get(frame.first..).unwrap_or_default();
        if names.len() == MANY {
            let many = frame.many.get_or_insert_with(|| names.iter().cloned().collect());
            match many.get(&name) {
                Some(_) => return Err(name),
                None => drop(many.insert(name)),
            }
        } else if names.contains(&name) {
            return Err(name);
        } else {
            self.names.push(name);
        }
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Skips white space; returns the byte after it.
    fn gap(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        if byte > b' ' {
            return Some(byte);
        }
        self.keep();
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
        self.kept = self.at;
        self.peek()
    }

    /// Copies what has been looked at.
    fn keep(&mut self) {
        self.out.push_str(self.text.get(self.kept..self.at).unwrap_or_default());
        self.kept = self.at;
    }

    #[cold]
    fn unexpected(&self, expected: &'static str) -> JsonErrorKind {
        match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(found) => JsonErrorKind::Unexpected { expected, found },
            None => JsonErrorKind::UnexpectedEnd { expected },
        }
    }
}
