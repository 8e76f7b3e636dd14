//! From text to tokens.

use rushlight_model::json::decode;

use crate::error::{ErrorKind, Fault};

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'e> {
    /// A word as it is.
    Word(&'e str),
    /// A word between backticks.
    Delimited(Box<str>),
    /// What is between quotes.
    String(Box<str>),
    /// Digits, perhaps with a point.
    Number(&'e str),
    /// What follows `@`.
    Date(&'e str),
    /// What follows `@`, without a `T` at its end.
    DateTime(&'e str),
    /// What follows `@T`.
    Time(&'e str),
    /// An operator's sign, a bracket, a comma, `.`, `%`, `$this`…
    Sign(&'static str),
    End,
}

/// The longer before the shorter.
const SIGNS: [&str; 25] = [
    "!=", "!~", "<=", ">=", "$this", "$index", "$total", "(", ")", "[", "]", "{", "}", ",", ".", "+", "-",
    "*", "/", "|", "&", "=", "~", "<", ">",
];

/// Reads a text token by token.
pub(super) struct Lexer<'e> {
    text: &'e str,
    at: usize,
}

impl<'e> Lexer<'e> {
    pub(super) fn new(text: &'e str) -> Self {
        Self { text, at: 0 }
    }

    /// The next token, and where it begins.
    pub(super) fn next(&mut self) -> Result<(Token<'e>, u32), Fault> {
        self.skip_blank()?;
        let start = self.at;
        let token = self.token()?;
        Ok((token, start as u32))
    }

    fn rest(&self) -> &'e str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn fault(at: usize, expected: &'static str, found: impl Into<String>) -> Fault {
        let kind = ErrorKind::Syntax { expected: expected.into(), found: found.into(), suggestion: None };
        Fault::new(at as u32, kind)
    }

    /// White space and comments.
    fn skip_blank(&mut self) -> Result<(), Fault> {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start().len();
            self.at += blank;
            let rest = self.rest();
            if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                let Some(end) = rest.find("*/") else {
                    return Err(Self::fault(self.text.len(), "*/ after the comment", "the end"));
                };
                self.at += end + 2;
            } else if blank == 0 {
                return Ok(());
            }
        }
    }

    fn token(&mut self) -> Result<Token<'e>, Fault> {
        match self.peek() {
            None => Ok(Token::End),
            // R5 has a constraint, eld-11, whose string is between double quotes.
            Some(quote @ ('\'' | '"')) => self.quoted(quote).map(Token::String),
            Some('`') => self.quoted('`').map(Token::Delimited),
            Some('@') => self.moment(),
            Some('0'..='9') => Ok(self.number()),
            Some('%') => {
                self.at += 1;
                Ok(Token::Sign("%"))
            }
            Some('a'..='z' | 'A'..='Z' | '_') => {
                Ok(Token::Word(self.take_while(|char| char.is_ascii_alphanumeric() || char == '_')))
            }
            Some(char) => {
                let rest = self.rest();
                let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) else {
                    return Err(Self::fault(self.at, "an expression", format!("{char:?}")));
                };
                self.at += sign.len();
                Ok(Token::Sign(sign))
            }
        }
    }

    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'e str {
        let rest = self.rest();
        let length = rest.find(|char| !fits(char)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    /// A point only belongs to a number if a digit follows.
    fn number(&mut self) -> Token<'e> {
        let start = self.at;
        self.take_while(|char| char.is_ascii_digit());
        let after = self.rest().as_bytes();
        if after.first() == Some(&b'.') && after.get(1).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
            self.take_while(|char| char.is_ascii_digit());
        }
        Token::Number(self.text.get(start..self.at).unwrap_or_default())
    }

    /// `@2024-02-29T10:00:00.0+01:00`, or less of it.
    fn moment(&mut self) -> Result<Token<'e>, Fault> {
        self.at += 1;
        let start = self.at;
        if self.take_pattern("T") {
            let start = self.at;
            self.clock();
            let end = self.at;
            let zone = self.zone();
            if zone || end == start {
                let found =
                    self.text.get(end..self.at).filter(|found| !found.is_empty()).unwrap_or("something else");
                return Err(Self::fault(end, "a time without a zone, such as @T10:30", found));
            }
            return Ok(Token::Time(self.text.get(start..end).unwrap_or_default()));
        }
        if !self.take_pattern("0000") {
            return Err(Self::fault(
                self.at,
                "a date or time, such as @2024-02-29 or @T10:30",
                "something else",
            ));
        }
        let _ = self.take_pattern("-00") && self.take_pattern("-00");
        let date = self.at;
        if !self.take_pattern("T") {
            return Ok(Token::Date(self.text.get(start..date).unwrap_or_default()));
        }
        self.clock();
        let end = if self.at == date + 1 { date } else { self.at };
        let end = if end > date && self.zone() { self.at } else { end };
        Ok(Token::DateTime(self.text.get(start..end).unwrap_or_default()))
    }

    /// `hh[:mm[:ss[.f]]]`
    fn clock(&mut self) {
        if self.take_pattern("00")
            && self.take_pattern(":00")
            && self.take_pattern(":00")
            && self.take_pattern(".0")
        {
            self.take_while(|char| char.is_ascii_digit());
        }
    }

    fn zone(&mut self) -> bool {
        self.take_pattern("Z") || self.take_pattern("+00:00") || self.take_pattern("-00:00")
    }

    /// Takes what looks like the pattern, in which 0 is any digit.
    fn take_pattern(&mut self, pattern: &str) -> bool {
        let found = self.rest().as_bytes().get(..pattern.len()).unwrap_or_default();
        let fits = !found.is_empty()
            && found.iter().zip(pattern.bytes()).all(|(found, wanted)| match wanted {
                b'0' => found.is_ascii_digit(),
                _ => *found == wanted,
            });
        if fits {
            self.at += pattern.len();
        }
        fits
    }

    /// What is between two quotes; its escapes are those of JSON, and some more.
    fn quoted(&mut self, quote: char) -> Result<Box<str>, Fault> {
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let Some(char) = self.peek() else {
                let expected = match quote {
                    '`' => "` at the end of the name",
                    '"' => "\" at the end of the string",
                    _ => "' at the end of the string",
                };
                return Err(Self::fault(start, expected, "no other"));
            };
            self.at += char.len_utf8();
            match char {
                '\\' => self.escape(&mut out)?,
                char if char == quote => return Ok(out.into()),
                char => out.push(char),
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Result<(), Fault> {
        let at = self.at - 1;
        let Some(char) = self.peek() else { return Ok(()) };
        self.at += char.len_utf8();
        match char {
            'u' => self.unicode(at, out),
            'n' | 't' | 'r' | 'f' | '\\' | '/' | '"' => {
                out.push_str(&decode(self.text.get(at..self.at).unwrap_or_default()));
                Ok(())
            }
            '\'' | '`' => {
                out.push(char);
                Ok(())
            }
            char => {
                let expected = "one of \\n \\t \\r \\f \\\\ \\/ \\' \\\" \\` \\uXXXX";
                Err(Self::fault(at, expected, format!("\\{char}")))
            }
        }
    }

    /// The code after `\u`; two of them where the first is the half of a pair.
    fn unicode(&mut self, at: usize, out: &mut String) -> Result<(), Fault> {
        let first = self.hexadecimal();
        let mut units = Vec::from_iter(first);
        if first.is_some_and(|first| (0xD800..0xDC00).contains(&first)) && self.take_pattern("\\u") {
            units.extend(self.hexadecimal());
        }
        match String::from_utf16(&units) {
            Ok(char) if !char.is_empty() => {
                out.push_str(&char);
                Ok(())
            }
            _ => Err(Self::fault(at, "four hexadecimal digits of a character after \\u", "something else")),
        }
    }

    fn hexadecimal(&mut self) -> Option<u16> {
        let digits = self.rest().get(..4).filter(|digits| !digits.starts_with('+'))?;
        let unit = u16::from_str_radix(digits, 16).ok()?;
        self.at += 4;
        Some(unit)
    }
}
