//! Lists, parameters and weights, as many headers have them: RFC 9110, sections 5.6 and 12.4.2.

use std::borrow::Cow;

/// The parts of a text between separators outside quotes, without white space around them; empty ones are left out.
pub fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    let parts = text.split(move |c| {
        let splits = c == separator && !quoted;
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        splits
    });
    parts.map(|part| part.trim_matches([' ', '\t'])).filter(|part| !part.is_empty())
}

/// A word with parameters, as `application/fhir+json; charset=utf-8` or `gzip;q=0.5`.
#[derive(Clone, Copy, Debug)]
pub struct Word<'a> {
    /// The word.
    pub word: &'a str,
    parameters: &'a str,
}

impl<'a> Word<'a> {
    /// Reads one element of a list.
    pub fn new(text: &'a str) -> Self {
        let (word, parameters) = text.split_once(';').unwrap_or((text, ""));
        Self { word: word.trim_matches([' ', '\t']), parameters }
    }

    /// The value of a parameter, without its quotes.
    pub fn parameter(&self, name: &str) -> Option<Cow<'a, str>> {
        self.values(name).next()
    }

    /// The values of a parameter that is there more than once.
    pub fn values(&self, name: &str) -> impl Iterator<Item = Cow<'a, str>> {
        let named = move |part: &'a str| {
            let (other, value) = part.split_once('=')?;
            other.trim_end().eq_ignore_ascii_case(name).then(|| value.trim_start())
        };
        split(self.parameters, ';').filter_map(named).map(unquoted)
    }

    /// How much it is wanted, in thousandths: 1000 where nothing is said. `None`: the weight is none.
    pub fn quality(&self) -> Option<u16> {
        let Some(text) = self.parameter("q") else { return Some(1000) };
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let thousandths: u16 = format!("{fraction:0<3}").parse().ok()?;
        match (whole, thousandths) {
            ("0", _) => Some(thousandths),
            ("1", 0) => Some(1000),
            _ => None,
        }
    }
}

/// A value without the quotes and escapes of a quoted string.
pub fn unquoted(value: &str) -> Cow<'_, str> {
    match value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) {
        Some(inner) if inner.contains('\\') => {
            let mut escaped = false;
            let kept = inner.chars().filter(|c| {
                escaped = *c == '\\' && !escaped;
                !escaped
            });
            Cow::Owned(kept.collect())
        }
        Some(inner) => Cow::Borrowed(inner),
        None => Cow::Borrowed(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_split_outside_quotes() {
        let parts: Vec<&str> = split(r#" a , ,b;x="1,\",2" ,	c"#, ',').collect();
        assert_eq!(parts, ["a", r#"b;x="1,\",2""#, "c"]);
    }

    #[test]
    fn words_have_parameters_and_weights() {
        let word = Word::new(r#"a/b ; Q=0.25; x="1;\"2" ; y = z"#);
        assert_eq!(word.word, "a/b");
        assert_eq!(word.parameter("x").as_deref(), Some("1;\"2"));
        assert_eq!(word.parameter("y").as_deref(), Some("z"));
        assert_eq!(word.quality(), Some(250));
        for (text, quality) in [
            ("a", Some(1000)),
            ("a;q=1", Some(1000)),
            ("a;q=1.000", Some(1000)),
            ("a;q=0", Some(0)),
            ("a;q=0.", Some(0)),
            ("a;q=0.001", Some(1)),
            ("a;q=0.5", Some(500)),
            ("a;q=1.1", None),
            ("a;q=2", None),
            ("a;q=0.0001", None),
            ("a;q=-1", None),
            ("a;q=x", None),
            ("a;q=", None),
            ("a;q=0.+1", None),
        ] {
            assert_eq!(Word::new(text).quality(), quality, "{text}");
        }
    }
}
