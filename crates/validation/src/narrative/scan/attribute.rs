//! Attributes: how they are written, and what their values may be.

use super::super::allowed::{Content, attribute, is_event_handler};
use super::super::character::{Plain, is_space};
use super::super::{NarrativeProblemKind as Kind, link, style};
use super::{Scanner, is_special};
use crate::problem::short;

const XHTML: &str = "http://www.w3.org/1999/xhtml";

impl<'a> Scanner<'a, '_> {
    /// Reads one attribute, and notes it among those that its element has.
    pub(super) fn attribute(&mut self, attributes: &mut u64, is_spaced: bool) {
        let begin = self.at;
        let name = self.name();
        if name.is_empty() {
            self.expected("an attribute's name or '>'");
            if !self.eat("/") {
                self.skip_to(|byte| is_space(byte) || matches!(byte, b'<' | b'>'));
            }
            return;
        }
        if !is_spaced {
            self.problem(Kind::Expected { expected: "white space" }, begin);
        }
        let content = match attribute(name) {
            Some(known) if *attributes & known.bit == 0 => {
                *attributes |= known.bit;
                known.content
            }
            Some(known) => {
                self.problem(Kind::DuplicateAttribute { attribute: short(name) }, begin);
                known.content
            }
            None => {
                let attribute = short(name);
                let is_handler = is_event_handler(name);
                let kind =
                    if is_handler { Kind::EventHandler { attribute } } else { Kind::Attribute { attribute } };
                self.problem(kind, begin);
                Content::Text
            }
        };
        if let Some(value) = self.value() {
            self.check(name, content, value, begin);
        }
    }

    /// Reads what follows an attribute's name; its value if that is written as XML wants it.
    fn value(&mut self) -> Option<&'a str> {
        self.skip_to(|byte| !is_space(byte));
        if !self.eat("=") {
            self.expected("'='");
            return None;
        }
        self.skip_to(|byte| !is_space(byte));
        let quote = match self.peek() {
            Some(quote @ (b'"' | b'\'')) => quote,
            _ => {
                self.expected("a value in quotes");
                self.skip_to(|byte| is_space(byte) || matches!(byte, b'<' | b'>'));
                return None;
            }
        };
        self.at += 1;
        let begin = self.at;
        let mut has_tag = false;
        loop {
            self.skip_blocks(quote);
            self.skip_to(|byte| byte == quote || byte == b'<' || is_special(byte));
            match self.peek() {
                Some(found) if found == quote => break,
                Some(b'<') => {
                    // One is enough: where a quote is missing, they are all tags.
                    if !has_tag {
                        self.problem(Kind::Unescaped { text: "<", escaped: "&lt;" }, self.at);
                    }
                    has_tag = true;
                    self.at += 1;
                }
                Some(_) => {
                    self.special();
                }
                None => {
                    self.stop(Kind::Expected { expected: "the end of this value" }, begin - 1);
                    return None;
                }
            }
        }
        let value = self.text.get(begin..self.at);
        self.at += 1;
        value
    }

    fn check(&mut self, attribute: &'a str, content: Content, value: &'a str, offset: usize) {
        let link = || Kind::Link { attribute: short(attribute), value: short(value) };
        let kind = match content {
            Content::Text => None,
            Content::Link => (!link::is_harmless_link(Plain(value))).then(link),
            Content::Source => (!link::is_harmless_source(Plain(value))).then(link),
            Content::Style => style::refused(Plain(value)).map(|found| Kind::Style { found }),
            Content::Namespace => (value != XHTML).then(|| Kind::Namespace { found: short(value) }),
        };
        if let Some(kind) = kind {
            self.problem(kind, offset);
        }
    }

    /// Goes ahead in blocks, as far as they surely hold nothing that a value must be looked at for: images are long.
    fn skip_blocks(&mut self, quote: u8) {
        const BLOCK: usize = 16;
        // No short cuts here, so that a block is looked at as a whole.
        let is_noted =
            |byte: u8| !matches!(byte, b' '..0x80) | (byte == b'&') | (byte == b'<') | (byte == quote);
        let is_plain = |block: &&[u8]| !block.iter().fold(false, |any, byte| any | is_noted(*byte));
        self.at += BLOCK * self.rest().as_bytes().chunks_exact(BLOCK).take_while(is_plain).count();
    }
}
