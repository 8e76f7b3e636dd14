//! The shapes of values: how they are written, read and shown.

use rushlight_model::nearest;
use std::fmt::Display;
use std::path::PathBuf;

/// A value as it was given.
#[derive(Clone, Debug)]
pub enum Given<'a> {
    /// By a flag or an environment variable: text for every shape.
    Text(&'a str),
    /// TOML's string.
    String(&'a str),
    /// TOML's integer.
    Integer(i64),
    /// TOML's boolean.
    Bool(bool),
    /// TOML's array of strings.
    List(Vec<&'a str>),
    /// Anything else of TOML, by its name there.
    Other(&'static str),
}

impl<'a> Given<'a> {
    /// As text, if it was written as such.
    pub fn text(&self) -> Option<&'a str> {
        match self {
            Self::Text(text) | Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// As a whole number.
    fn integer(&self) -> Option<u64> {
        match self {
            Self::Integer(number) => u64::try_from(*number).ok(),
            // A plus sign would be accepted.
            Self::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
            _ => None,
        }
    }
}

/// How values of one kind are written.
pub trait Shape {
    /// What is set.
    type Value;
    /// What is expected, in words that follow "must be".
    fn expects(&self) -> String;
    /// Reads one; `None` for what is not of this shape or out of its bounds.
    fn read(&self, given: &Given) -> Option<Self::Value>;
    /// As TOML; `None` where nothing is set.
    fn show(&self, value: &Self::Value) -> Option<String>;
    /// What it means that nothing is set.
    fn unset(&self) -> &'static str {
        ""
    }
    /// What a flag means that stands alone; `None` for one that needs a value.
    fn alone(&self) -> Option<&'static str> {
        None
    }
}

/// A string of TOML.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out + "\""
}

/// A whole number within bounds.
pub struct Count<T>(pub T, pub T);

/// `true` or `false`.
pub struct Switch;

/// Text that a check accepts: what is expected, and whether this is it.
pub struct Text(pub &'static str, pub fn(&str) -> bool);

/// A file or folder.
pub struct File;

/// One of several words.
pub struct Word<T: 'static>(pub &'static [(&'static str, T)]);

/// Several texts.
pub struct List(pub &'static str, pub fn(&str) -> bool);

/// What a flag means that stands alone.
pub struct Alone<S>(pub S, pub &'static str);

/// A value that need not be set, and what it means when it is not.
pub struct Maybe<S>(pub S, pub &'static str);

impl<T: TryFrom<u64> + PartialOrd + Copy + Display> Shape for Count<T> {
    type Value = T;

    fn expects(&self) -> String {
        format!("a number from {} to {}", self.0, self.1)
    }

    fn read(&self, given: &Given) -> Option<T> {
        let number = T::try_from(given.integer()?).ok()?;
        (self.0..=self.1).contains(&number).then_some(number)
    }

    fn show(&self, value: &T) -> Option<String> {
        Some(value.to_string())
    }
}

impl Shape for Switch {
    type Value = bool;

    fn expects(&self) -> String {
        "true or false".to_owned()
    }

    fn read(&self, given: &Given) -> Option<bool> {
        match given {
            Given::Bool(value) => Some(*value),
            Given::Text("true") => Some(true),
            Given::Text("false") => Some(false),
            _ => None,
        }
    }

    fn show(&self, value: &bool) -> Option<String> {
        Some(value.to_string())
    }

    fn alone(&self) -> Option<&'static str> {
        Some("true")
    }
}

impl Shape for Text {
    type Value = String;

    fn expects(&self) -> String {
        self.0.to_owned()
    }

    fn read(&self, given: &Given) -> Option<String> {
        given.text().filter(|text| self.1(text)).map(str::to_owned)
    }

    fn show(&self, value: &String) -> Option<String> {
        Some(quoted(value))
    }
}

impl Shape for File {
    type Value = PathBuf;

    fn expects(&self) -> String {
        "a path".to_owned()
    }

    fn read(&self, given: &Given) -> Option<PathBuf> {
        given.text().filter(|text| !text.is_empty()).map(PathBuf::from)
    }

    fn show(&self, value: &PathBuf) -> Option<String> {
        Some(quoted(&value.to_string_lossy()))
    }
}

impl<T: Copy + PartialEq> Shape for Word<T> {
    type Value = T;

    fn expects(&self) -> String {
        let words: Vec<&str> = self.0.iter().map(|(word, _)| *word).collect();
        words.join(" or ")
    }

    fn read(&self, given: &Given) -> Option<T> {
        let text = given.text()?;
        self.0.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
    }

    fn show(&self, value: &T) -> Option<String> {
        self.0.iter().find(|(_, other)| other == value).map(|(word, _)| quoted(word))
    }
}

impl Shape for List {
    type Value = Vec<String>;

    fn expects(&self) -> String {
        self.0.to_owned()
    }

    fn read(&self, given: &Given) -> Option<Vec<String>> {
        let parts: Vec<&str> = match given {
            Given::List(parts) => parts.clone(),
            Given::Text("") => Vec::new(),
            Given::Text(text) => text.split(',').map(str::trim).collect(),
            _ => return None,
        };
        parts.iter().all(|part| self.1(part)).then(|| parts.into_iter().map(str::to_owned).collect())
    }

    fn show(&self, value: &Vec<String>) -> Option<String> {
        let parts: Vec<String> = value.iter().map(|part| quoted(part)).collect();
        Some(format!("[{}]", parts.join(", ")))
    }
}

impl<S: Shape> Shape for Maybe<S> {
    type Value = Option<S::Value>;

    fn expects(&self) -> String {
        self.0.expects()
    }

    fn read(&self, given: &Given) -> Option<Self::Value> {
        self.0.read(given).map(Some)
    }

    fn show(&self, value: &Self::Value) -> Option<String> {
        value.as_ref().and_then(|value| self.0.show(value))
    }

    fn unset(&self) -> &'static str {
        self.1
    }

    fn alone(&self) -> Option<&'static str> {
        self.0.alone()
    }
}

impl<S: Shape> Shape for Alone<S> {
    type Value = S::Value;

    fn expects(&self) -> String {
        self.0.expects()
    }

    fn read(&self, given: &Given) -> Option<S::Value> {
        self.0.read(given)
    }

    fn show(&self, value: &S::Value) -> Option<String> {
        self.0.show(value)
    }

    fn alone(&self) -> Option<&'static str> {
        Some(self.1)
    }
}

/// "; did you mean …?", where something is near.
pub fn suggestion<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> String {
    nearest(wanted, known).map_or_else(String::new, |near| format!("; did you mean {near}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_toml_are_kept_apart() {
        assert_eq!(Switch.read(&Given::String("true")), None);
        assert_eq!(Switch.read(&Given::Text("true")), Some(true));
        assert_eq!(Count(1_u32, 9).read(&Given::String("3")), None);
        assert_eq!(Count(1_u32, 9).read(&Given::Text("+3")), None);
        assert_eq!(Count(1_u32, 9).read(&Given::Integer(-3)), None);
        assert_eq!(List("", |_| true).read(&Given::String("a")), None);
        assert_eq!(File.read(&Given::Text("")), None);
        assert_eq!(quoted("a\"b\\c\n"), "\"a\\\"b\\\\c\\u000A\"");
    }
}
