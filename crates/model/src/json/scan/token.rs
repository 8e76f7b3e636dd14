//! Strings, numbers and literals.

use super::{Scanner, Sink, Step};
use crate::json::JsonErrorKind;

impl<S: Sink> Scanner<'_, '_, S> {
    /// Takes a string; says whether there are escapes in it.
    pub(super) fn string(&mut self) -> Step<bool> {
        let start = self.at;
        let mut escaped = false;
        self.at += 1;
        loop {
            self.plain();
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(0) => return Err(JsonErrorKind::Nul),
                Some(byte) if byte < b' ' => return Err(JsonErrorKind::ControlCharacter),
                Some(_) => self.at += 1,
                None => {
                    self.at = start;
                    return Err(JsonErrorKind::UnexpectedEnd { expected: "the end of this string" });
                }
            }
        }
    }

    /// Skips to the next quote, backslash or control character, eight bytes at a time.
    fn plain(&mut self) {
        const ONES: u64 = 0x0101_0101_0101_0101;
        let mut rest = self.bytes.get(self.at..).unwrap_or_default();
        while let Some(chunk) = rest.first_chunk::<8>() {
            let word = u64::from_le_bytes(*chunk);
            let quote = word ^ (ONES * 0x22);
            let slash = word ^ (ONES * 0x5C);
            // The high bit of a byte that is less than 0x20, or that the exclusive or has made zero. Borrows
            // can only mark bytes above one that is marked rightly.
            let found = ((word.wrapping_sub(ONES * 0x20) & !word)
                | (quote.wrapping_sub(ONES) & !quote)
                | (slash.wrapping_sub(ONES) & !slash))
                & (ONES * 0x80);
            if found != 0 {
                self.at += (found.trailing_zeros() / 8) as usize;
                return;
            }
            self.at += 8;
            rest = rest.get(8..).unwrap_or_default();
        }
        self.at += rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1F)).count();
    }

    fn escape(&mut self) -> Step<()> {
        match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 2;
                return Ok(());
            }
            Some(b'u') => {}
            _ => return Err(JsonErrorKind::InvalidEscape),
        }
        let length = match self.unit(self.at).ok_or(JsonErrorKind::InvalidEscape)? {
            0 => return Err(JsonErrorKind::Nul),
            0xDC00..=0xDFFF => return Err(JsonErrorKind::LoneSurrogate),
            0xD800..=0xDBFF => match self.unit(self.at + 6) {
                Some(0xDC00..=0xDFFF) => 12,
                _ => return Err(JsonErrorKind::LoneSurrogate),
            },
            _ => 6,
        };
        self.at += length;
        Ok(())
    }

    /// The value of the `\uXXXX` that begins at `at`.
    fn unit(&self, at: usize) -> Option<u32> {
        let [b'\\', b'u', digits @ ..] = self.bytes.get(at..at + 6)? else { return None };
        digits.iter().try_fold(0, |sum, digit| Some(sum * 16 + char::from(*digit).to_digit(16)?))
    }

    pub(super) fn number(&mut self) -> Step<()> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let zero = self.peek() == Some(b'0');
        let digits = self.digits()?;
        if zero && digits > 1 {
            self.at -= digits;
            return Err(JsonErrorKind::LeadingZero);
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// Takes one digit or more.
    fn digits(&mut self) -> Step<usize> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start { Err(self.unexpected("a digit")) } else { Ok(self.at - start) }
    }

    pub(super) fn literal(&mut self, word: &'static str) -> Step<usize> {
        let start = self.at;
        if !self.text.get(start..).is_some_and(|rest| rest.starts_with(word)) {
            return Err(self.unexpected("a value"));
        }
        self.at += word.len();
        Ok(start)
    }
}
