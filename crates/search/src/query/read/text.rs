//! The text of values: <https://hl7.org/fhir/R4/search.html#escaping>.

use std::borrow::Cow;

use super::fault::{Fault, Result, quoted};

/// What has a backslash before it where it means itself.
const ESCAPED: [char; 4] = ['\\', ',', '|', '$'];

/// The parts between a separator that is not escaped; escapes stay.
pub(super) fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut escaped = false;
    text.split(move |char| {
        let is_end = char == separator && !escaped;
        escaped = char == '\\' && !escaped;
        is_end
    })
}

/// The text without escapes.
pub(super) fn plain(text: &str) -> Result<Cow<'_, str>> {
    if !text.contains('\\') {
        return Ok(Cow::Borrowed(text));
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            out.push(char);
            continue;
        }
        match chars.next().filter(|char| ESCAPED.contains(char)) {
            Some(char) => out.push(char),
            None => {
                let text = format!("{} has a backslash that escapes nothing: write \\\\", quoted(text));
                return Err(Fault::value(text));
            }
        }
    }
    Ok(Cow::Owned(out))
}

/// With what means something to a search escaped, but for one character.
pub(super) fn escape(text: &str, but: Option<char>) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if ESCAPED.contains(&char) && Some(char) != but {
            out.push('\\');
        }
        out.push(char);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_may_be_escaped() {
        for (text, expected) in [
            (r"a,b", &["a", "b"][..]),
            (r"a\,b,c\\,d", &[r"a\,b", r"c\\", "d"]),
            (r",", &["", ""]),
            (r"\\\,", &[r"\\\,"]),
            ("", &[""]),
        ] {
            assert_eq!(split(text, ',').collect::<Vec<_>>(), expected, "{text}");
        }
        for text in ["a,b", r"\", "|$|", "plain", r"\\,"] {
            let escaped = escape(text, None);
            assert_eq!(split(&escaped, ',').count(), 1);
            assert_eq!(plain(&escaped).unwrap(), text);
        }
        for text in [r"\", r"\n", r"a\\\"] {
            assert!(plain(text).is_err(), "{text}");
        }
    }
}
