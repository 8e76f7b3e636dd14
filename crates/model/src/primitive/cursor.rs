//! A place in a text that is read from left to right.

use std::ops::RangeInclusive;

use super::Problem;

/// All formats read with it are ASCII, so that offsets before the first error are those of characters.
pub(super) struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self::starting(text, 0)
    }

    /// Where so many bytes have been taken already.
    pub(super) fn starting(text: &'a str, at: usize) -> Self {
        Self { text: text.as_bytes(), at }
    }

    /// How many bytes have been taken.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Says that what comes next does not fit.
    pub(super) fn wrong(&self) -> Problem {
        Problem::Format { at: self.at }
    }

    pub(super) fn end(&self) -> Result<(), Problem> {
        if self.at == self.text.len() { Ok(()) } else { Err(self.wrong()) }
    }

    /// Takes the next byte if it fits.
    pub(super) fn take(&mut self, fits: impl Fn(u8) -> bool) -> Option<u8> {
        let byte = self.text.get(self.at).copied().filter(|byte| fits(*byte))?;
        self.at += 1;
        Some(byte)
    }

    /// Takes the next byte if it is this one.
    pub(super) fn take_byte(&mut self, wanted: u8) -> bool {
        self.take(|byte| byte == wanted).is_some()
    }

    /// Takes all bytes that fit.
    pub(super) fn skip(&mut self, fits: impl Fn(u8) -> bool) {
        while self.take(&fits).is_some() {}
    }

    /// Takes all of these bytes.
    pub(super) fn expect(&mut self, wanted: &[u8]) -> Result<(), Problem> {
        wanted.iter().try_for_each(|byte| if self.take_byte(*byte) { Ok(()) } else { Err(self.wrong()) })
    }

    pub(super) fn digit(&mut self) -> Option<u8> {
        self.take(|byte| byte.is_ascii_digit()).map(|byte| byte - b'0')
    }

    /// Takes one digit or more; returns how many.
    pub(super) fn digits(&mut self) -> Result<usize, Problem> {
        let start = self.at;
        self.skip(|byte| byte.is_ascii_digit());
        if self.at == start { Err(self.wrong()) } else { Ok(self.at - start) }
    }

    /// Takes one digit or more, of which the first is 0 only if it is the only one.
    pub(super) fn whole(&mut self) -> Result<(), Problem> {
        if self.take_byte(b'0') { Ok(()) } else { self.digits().map(drop) }
    }

    /// Takes a number of just so many digits within a range.
    pub(super) fn number(&mut self, digits: usize, range: RangeInclusive<u16>) -> Result<u16, Problem> {
        let start = self.wrong();
        let mut sum = 0;
        for _ in 0..digits {
            sum = sum * 10 + u16::from(self.digit().ok_or_else(|| self.wrong())?);
        }
        if range.contains(&sum) { Ok(sum) } else { Err(start) }
    }
}
