//! The shapes of values: how they are written, read and shown.

use rushlight_model::nearest;
use std::fmt::Display;
use std::path::PathBuf;
use std::time::Duration;

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
    fn text(&self) -> Option<&'a str> {
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

/// Bytes within bounds: `4096`, `64KiB`, `1MiB`.
pub struct Size(pub usize, pub usize);

/// A time within bounds, in seconds: `500ms`, `30s`, `5m`, `1h`.
pub struct Time(pub u64, pub u64);

/// `true` or `false`.
pub struct Switch;

/// Text that a check accepts: what is expected, and whether this is it.
pub struct Text(pub &'static str, pub fn(&str) -> bool);

/// A file or folder.
pub struct File;

/// The URL of a store; a password in it is never shown.
pub struct StoreUrl;

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

/// A number and the unit behind it, in units of the last and smallest.
fn with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let (_, factor) = units.iter().find(|(name, _)| *name == unit.trim_start())?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

/// The shortest writing, in the largest unit that loses nothing.
fn in_units(number: u64, units: &[(&str, u64)]) -> String {
    let largest = units.iter().find(|(_, factor)| number >= *factor && number.is_multiple_of(*factor));
    let (name, factor) = largest.copied().unwrap_or(("", 1));
    format!("{}{name}", number / factor)
}

const BYTES: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("", 1)];
const MILLISECONDS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// A size as people write it.
pub fn size(bytes: usize) -> String {
    in_units(bytes as u64, &BYTES)
}

fn time(milliseconds: u64) -> String {
    in_units(milliseconds, &MILLISECONDS)
}

impl Shape for Size {
    type Value = usize;

    fn expects(&self) -> String {
        format!("a size from {} to {}, as in 64KiB, 8MiB or 4096", size(self.0), size(self.1))
    }

    fn read(&self, given: &Given) -> Option<usize> {
        let bytes = match given {
            Given::Integer(number) => u64::try_from(*number).ok()?,
            _ => with_unit(given.text()?, &BYTES)?,
        };
        usize::try_from(bytes).ok().filter(|bytes| (self.0..=self.1).contains(bytes))
    }

    fn show(&self, value: &usize) -> Option<String> {
        Some(quoted(&size(*value)))
    }
}

impl Shape for Time {
    type Value = Duration;

    fn expects(&self) -> String {
        let (least, most) = (time(self.0 * 1000), time(self.1 * 1000));
        format!("a time from {least} to {most}, as in 500ms, 30s, 5m or 1h")
    }

    fn read(&self, given: &Given) -> Option<Duration> {
        let milliseconds = with_unit(given.text()?, &MILLISECONDS)?;
        (self.0 * 1000..=self.1 * 1000).contains(&milliseconds).then(|| Duration::from_millis(milliseconds))
    }

    fn show(&self, value: &Duration) -> Option<String> {
        let milliseconds = u64::try_from(value.as_millis()).unwrap_or(u64::MAX);
        Some(quoted(&time(milliseconds)))
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

impl Shape for StoreUrl {
    type Value = String;

    fn expects(&self) -> String {
        "sqlite:FOLDER or postgres://USER@HOST/DATABASE".to_owned()
    }

    fn read(&self, given: &Given) -> Option<String> {
        given.text().filter(|text| rushlight_persistence::Location::parse(text).is_ok()).map(str::to_owned)
    }

    fn show(&self, value: &String) -> Option<String> {
        Some(quoted(&masked(value)))
    }
}

/// A URL without its passwords. What might be a part of one is taken for it.
fn masked(url: &str) -> String {
    const MASK: &str = "***";
    let mut out = url.to_owned();
    let begin = out.find("://").map_or(0, |at| at + 3);
    if let Some(end) = out.rfind('@')
        && let Some(colon) = out.get(begin..end).and_then(|user| user.find(':'))
    {
        out.replace_range(begin + colon + 1..end, MASK);
    }
    let Some((address, query)) = out.split_once('?') else { return out };
    let shown = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if name.contains("password") => format!("{name}={MASK}"),
        _ => pair.to_owned(),
    });
    format!("{address}?{}", shown.collect::<Vec<_>>().join("&"))
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
    fn sizes_and_times_have_units() {
        let sizes = Size(1, 1 << 30);
        for (text, bytes) in [("1", 1), ("64KiB", 64 << 10), ("64 KiB", 64 << 10), ("1GiB", 1 << 30)] {
            assert_eq!(sizes.read(&Given::String(text)), Some(bytes), "{text}");
            assert_eq!(sizes.read(&Given::Text(text)), Some(bytes), "{text}");
        }
        for text in ["", "0", "KiB", "64kb", "64MB", "-1", "1.5MiB", "2GiB", "99999999999999999999", "1é"] {
            assert_eq!(sizes.read(&Given::Text(text)), None, "{text}");
        }
        let times = Time(1, 3600);
        for (text, milliseconds) in [("1s", 1000), ("1500ms", 1500), ("2m", 120_000), ("1h", 3_600_000)] {
            assert_eq!(times.read(&Given::String(text)), Some(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["30", "s", "0s", "999ms", "61m", "1 day"] {
            assert_eq!(times.read(&Given::Text(text)), None, "{text}");
        }
        assert_eq!(times.read(&Given::Integer(30)), None, "a number says no unit");
        assert_eq!([size(4096), size(1000), size(3 << 20)], ["4KiB", "1000", "3MiB"]);
        assert_eq!([time(1500), time(90_000), time(7_200_000)], ["1500ms", "90s", "2h"]);
    }

    #[test]
    fn passwords_are_not_shown() {
        for (url, shown) in [
            ("postgres://u@h/db", "postgres://u@h/db"),
            ("postgres://u:secret@h:5432/db?a=b", "postgres://u:***@h:5432/db?a=b"),
            ("postgres://u:se:c/r@e?t@h/db", "postgres://u:***@h/db"),
            ("postgresql:///db?user=u&password=secret&x=y", "postgresql:///db?user=u&password=***&x=y"),
            ("sqlite:/var/lib/x", "sqlite:/var/lib/x"),
        ] {
            assert_eq!(masked(url), shown);
        }
    }

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
