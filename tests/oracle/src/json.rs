//! JSON with its numbers as they are written, read in the plainest way.

use std::fmt;

/// A value. Numbers keep their text, which a double would lose.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Boolean(bool),
    Number(String),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a document that is known to be JSON.
    pub fn read(text: &str) -> Self {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value();
        reader.space();
        assert_eq!(reader.at, text.len(), "nothing follows a document");
        value
    }

    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(own, _)| own == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// What is in an array; a value that is none stands for itself.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::Array(items) => items,
            other => std::slice::from_ref(other),
        }
    }

    /// The members of this name, whether it repeats or not.
    pub fn all(&self, name: &str) -> &[Self] {
        self.get(name).map_or(&[], Self::items)
    }

    /// A string.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a member that is a string.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.get(name)?.text()
    }

    /// The text of any primitive.
    pub fn primitive(&self) -> Option<&str> {
        match self {
            Self::Boolean(value) => Some(if *value { "true" } else { "false" }),
            Self::Number(text) | Self::Text(text) => Some(text),
            Self::Null | Self::Array(_) | Self::Object(_) => None,
        }
    }
}

/// As it is read.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |text: &str| serde_json::to_string(text).unwrap();
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(value) => value.fmt(f),
            Self::Number(text) => f.write_str(text),
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::Array(items) => {
                let items: Vec<String> = items.iter().map(Self::to_string).collect();
                write!(f, "[{}]", items.join(","))
            }
            Self::Object(members) => {
                let members: Vec<String> =
                    members.iter().map(|(name, value)| format!("{}:{value}", quoted(name))).collect();
                write!(f, "{{{}}}", members.join(","))
            }
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> u8 {
        self.text.as_bytes()[self.at]
    }

    fn space(&mut self) {
        while self.at < self.text.len() && self.peek().is_ascii_whitespace() {
            self.at += 1;
        }
    }

    /// Goes past a mark, if it is the next.
    fn take(&mut self, mark: u8) -> bool {
        self.space();
        let found = self.peek() == mark;
        self.at += usize::from(found);
        found
    }

    /// The bytes up to the first for which this does not hold.
    fn run(&mut self, of: impl Fn(u8) -> bool) -> &'t str {
        let start = self.at;
        while self.at < self.text.len() && of(self.peek()) {
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    fn value(&mut self) -> Json {
        self.space();
        match self.peek() {
            b'{' => self.object(),
            b'[' => self.array(),
            b'"' => Json::Text(self.string()),
            b't' | b'f' | b'n' => match self.run(|byte| byte.is_ascii_lowercase()) {
                "true" => Json::Boolean(true),
                "false" => Json::Boolean(false),
                "null" => Json::Null,
                other => panic!("{other}"),
            },
            _ => {
                let number = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
                Json::Number(self.run(number).to_owned())
            }
        }
    }

    fn object(&mut self) -> Json {
        let mut members = Vec::new();
        assert!(self.take(b'{'));
        if !self.take(b'}') {
            loop {
                self.space();
                let name = self.string();
                assert!(self.take(b':'), "a member of {name}");
                members.push((name, self.value()));
                if self.take(b'}') {
                    break;
                }
                assert!(self.take(b','));
            }
        }
        Json::Object(members)
    }

    fn array(&mut self) -> Json {
        let mut items = Vec::new();
        assert!(self.take(b'['));
        if !self.take(b']') {
            loop {
                items.push(self.value());
                if self.take(b']') {
                    break;
                }
                assert!(self.take(b','));
            }
        }
        Json::Array(items)
    }

    fn string(&mut self) -> String {
        assert_eq!(self.peek(), b'"');
        let start = self.at;
        self.at += 1;
        let plain = self.run(|byte| byte != b'"' && byte != b'\\');
        if self.peek() == b'"' {
            self.at += 1;
            return plain.to_owned();
        }
        while self.peek() != b'"' {
            self.at += if self.peek() == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
        // Escapes are serde_json's to undo.
        serde_json::from_str(&self.text[start..self.at]).unwrap()
    }
}

#[test]
fn documents() {
    let read = Json::read(r#" {"a": [1.00, -2e+5, "x\"\u00e4\\", null, true, [], {}], "b": false} "#);
    let number = |text: &str| Json::Number(text.into());
    assert_eq!(
        read.all("a"),
        [
            number("1.00"),
            number("-2e+5"),
            Json::Text("x\"ä\\".into()),
            Json::Null,
            Json::Boolean(true),
            Json::Array(vec![]),
            Json::Object(vec![]),
        ]
    );
    assert_eq!(read.get("b").and_then(Json::primitive), Some("false"));
    assert_eq!(read.all("c"), []);
    assert_eq!(Json::read(&read.to_string()), read);
}
