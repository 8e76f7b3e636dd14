//! The scanner: XML's rules, and where the lists apply. It never looks back, and keeps only the open elements.

mod attribute;

use super::allowed::{attribute, is_element};
use super::character::{Reference, is_allowed, is_space, reference};
use super::{DEPTH, NarrativeProblem, NarrativeProblemKind as Kind, PROBLEMS, step};
use crate::problem::short;

pub(super) struct Scanner<'a, 'r> {
    text: &'a str,
    at: usize,
    /// Names and offsets of the open elements.
    open: Vec<(&'a str, usize)>,
    has_root: bool,
    /// Text or an image was there.
    has_content: bool,
    problems: usize,
    /// Nothing more can be told.
    stopped: bool,
    report: &'r mut dyn FnMut(NarrativeProblem<'a>),
}

impl<'a, 'r> Scanner<'a, 'r> {
    pub(super) fn new(text: &'a str, report: &'r mut dyn FnMut(NarrativeProblem<'a>)) -> Self {
        Self {
            text,
            at: 0,
            open: Vec::new(),
            has_root: false,
            has_content: false,
            problems: 0,
            stopped: false,
            report,
        }
    }

    pub(super) fn run(mut self) {
        while !self.stopped && self.at < self.text.len() {
            step();
            if self.peek() == Some(b'<') { self.markup() } else { self.content() }
        }
        if self.stopped {
            return;
        }
        while let Some((element, offset)) = self.open.pop() {
            self.problem(Kind::Unclosed { element: short(element) }, offset);
        }
        if !self.has_root {
            self.problem(Kind::NoRoot, 0);
        } else if !self.has_content {
            self.problem(Kind::Empty, 0);
        }
    }

    fn problem(&mut self, kind: Kind<'a>, offset: usize) {
        if !self.stopped {
            (self.report)(NarrativeProblem { kind, offset });
            self.problems += 1;
            self.stopped = self.problems == PROBLEMS;
        }
    }

    /// A problem after which nothing can be understood.
    fn stop(&mut self, kind: Kind<'a>, offset: usize) {
        self.problem(kind, offset);
        self.stopped = true;
    }

    fn expected(&mut self, expected: &'static str) {
        self.problem(Kind::Expected { expected }, self.at);
    }

    // What follows.

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        self.at += if found { token.len() } else { 0 };
        found
    }

    /// Goes to the first byte that is meant, or to the end.
    fn skip_to(&mut self, is_meant: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.bytes().position(is_meant).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    /// Goes behind the end of what began at an offset; what lies before the end.
    fn skip_past(&mut self, end: &'static str, begin: usize) -> &'a str {
        match self.rest().split_once(end) {
            Some((inside, _)) => {
                self.at += inside.len() + end.len();
                inside
            }
            None => {
                self.at = self.text.len();
                self.stop(Kind::Expected { expected: end }, begin);
                ""
            }
        }
    }

    fn name(&mut self) -> &'a str {
        self.skip_to(|byte| is_space(byte) || matches!(byte, b'/' | b'>' | b'<' | b'=' | b'"' | b'\''))
    }

    // Text.

    fn content(&mut self) {
        let begin = self.at;
        let plain = self.skip_to(|byte| byte == b'<' || byte == b'>' || is_special(byte));
        let mut is_blank = plain.bytes().all(is_space);
        match self.peek() {
            Some(b'<') | None => {}
            Some(b'>') => {
                if plain.ends_with("]]") {
                    self.problem(Kind::Unescaped { text: "]]>", escaped: "]]&gt;" }, self.at - 2);
                }
                self.at += 1;
                is_blank = false;
            }
            Some(_) => is_blank &= self.special().is_some_and(|char| char.is_ascii() && is_space(char as u8)),
        }
        if is_blank {
            return;
        }
        if self.open.is_empty() {
            self.problem(Kind::OutsideRoot, begin);
            self.skip_to(|byte| byte == b'<');
        } else {
            self.has_content = true;
        }
    }

    /// Reads one of what [`is_special`] names: the character that it stands for, if for any.
    fn special(&mut self) -> Option<char> {
        let begin = self.at;
        let char = self.rest().chars().next()?;
        if char != '&' {
            self.at += char.len_utf8();
            if !is_allowed(char) {
                self.problem(Kind::Character { code: char.into() }, begin);
            }
            return Some(char);
        }
        let (found, length) = reference(self.rest());
        self.at += length;
        match found {
            Reference::Character(char) => return Some(char),
            Reference::NoCharacter(code) => self.problem(Kind::Character { code }, begin),
            Reference::Entity(name) => self.problem(Kind::Entity { name: short(name) }, begin),
            Reference::None => self.problem(Kind::Unescaped { text: "&", escaped: "&amp;" }, begin),
        }
        None
    }

    // Markup.

    fn markup(&mut self) {
        let begin = self.at;
        if self.eat("</") {
            self.end_tag(begin);
        } else if self.eat("<!--") {
            self.comment(begin);
        } else if self.eat("<![CDATA[") {
            self.problem(Kind::CData, begin);
            self.skip_past("]]>", begin);
        } else if self.eat("<!") {
            self.problem(Kind::Declaration, begin);
            self.skip_past(">", begin);
        } else if self.eat("<?") {
            self.problem(Kind::ProcessingInstruction, begin);
            self.skip_past("?>", begin);
        } else {
            self.at += 1;
            self.start_tag(begin);
        }
    }

    fn comment(&mut self, begin: usize) {
        let inside = self.skip_past("-->", begin);
        // HTML ends `<!-->` and `<!--->` at once, and old browsers run what is in `<!--[if IE]>`.
        let is_other_in_html = inside.starts_with(['>', '[']) || inside.starts_with("->");
        if is_other_in_html || inside.contains("--") || inside.ends_with('-') {
            self.problem(Kind::Comment, begin);
        }
        if let Some(char) = inside.chars().find(|char| !is_allowed(*char)) {
            self.problem(Kind::Character { code: char.into() }, begin);
        }
        if self.open.is_empty() {
            self.problem(Kind::OutsideRoot, begin);
        }
    }

    fn end_tag(&mut self, begin: usize) {
        let name = self.name();
        self.skip_to(|byte| !is_space(byte));
        if !self.eat(">") {
            self.expected("'>'");
            self.skip_to(|byte| matches!(byte, b'<' | b'>'));
            self.eat(">");
        }
        match self.open.last() {
            Some((open, _)) if *open == name => {
                self.open.pop();
            }
            Some((open, _)) => {
                self.problem(Kind::EndTag { found: short(name), expected: short(open) }, begin);
                // One forgotten end tag should not be told again for each element around it.
                if let Some(depth) = self.open.iter().rposition(|(open, _)| *open == name) {
                    self.open.truncate(depth);
                }
            }
            None => self.problem(Kind::OutsideRoot, begin),
        }
    }

    fn start_tag(&mut self, begin: usize) {
        let name = self.name();
        if name.is_empty() {
            return self.problem(Kind::Unescaped { text: "<", escaped: "&lt;" }, begin);
        }
        let is_root = self.open.is_empty() && !self.has_root;
        self.element(name, is_root, begin);
        let mut attributes = 0;
        let is_empty = loop {
            let is_spaced = !self.skip_to(|byte| !is_space(byte)).is_empty();
            match self.peek() {
                _ if self.stopped => return,
                Some(b'>') if self.eat(">") => break false,
                Some(b'/') if self.eat("/>") => break true,
                // The next tag begins: this one was not ended.
                Some(b'<') => {
                    self.expected("'>'");
                    break false;
                }
                None => return self.stop(Kind::Expected { expected: "'>'" }, begin),
                Some(_) => self.attribute(&mut attributes, is_spaced),
            }
        };
        self.has_content |= name == "img" && has(attributes, "src");
        if is_root && !has(attributes, "xmlns") {
            self.problem(Kind::NoNamespace, begin);
        }
        if is_empty {
            return;
        }
        if self.open.len() == DEPTH {
            self.stop(Kind::TooDeep, begin);
        } else {
            self.open.push((name, begin));
        }
    }

    fn element(&mut self, name: &'a str, is_root: bool, begin: usize) {
        if name.contains(':') {
            self.problem(Kind::Prefix { name: short(name) }, begin);
        } else if is_root && name != "div" {
            self.problem(Kind::Root { found: short(name) }, begin);
        } else if !is_element(name) {
            self.problem(Kind::Element { name: short(name) }, begin);
        }
        if self.open.is_empty() && self.has_root {
            self.problem(Kind::OutsideRoot, begin);
        }
        self.has_root = true;
    }
}

/// What text cannot hold as it is: the ampersand, control characters, and what may begin U+FFFE and U+FFFF.
const fn is_special(byte: u8) -> bool {
    matches!(byte, b'&' | 0xef | 0..=0x08 | 0x0b | 0x0c | 0x0e..=0x1f)
}

fn has(attributes: u64, name: &str) -> bool {
    attribute(name).is_some_and(|known| attributes & known.bit != 0)
}
