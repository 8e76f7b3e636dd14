//! Strings between their two spellings.

use std::borrow::Cow;
use std::fmt::Write as _;

/// What the inside of a valid JSON string (without its quotes) stands for.
///
/// ```
/// use rushlight_model::json::decode;
///
/// assert_eq!(decode(r"caf\u00e9"), "café");
/// assert_eq!(decode("plain"), "plain");
/// ```
#[must_use]
pub fn decode(raw: &str) -> Cow<'_, str> {
    let Some(first) = raw.find('\\') else { return Cow::Borrowed(raw) };
    let (plain, rest) = raw.split_at_checked(first).unwrap_or((raw, ""));
    let mut out = String::with_capacity(raw.len());
    out.push_str(plain);
    let mut chars = rest.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            out.push(char);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('u') => {
                let mut unit = hex(&mut chars);
                if (0xD800..0xDC00).contains(&unit) {
                    // The scanner has seen that `\uDC00`–`\uDFFF` follows.
                    let low = {
                        chars.next();
                        chars.next();
                        hex(&mut chars)
                    };
                    unit = 0x10000 + ((unit & 0x3FF) << 10) + (low & 0x3FF);
                }
                out.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    Cow::Owned(out)
}

fn hex(chars: &mut std::str::Chars<'_>) -> u32 {
    chars.by_ref().take(4).fold(0, |sum, digit| sum * 16 + digit.to_digit(16).unwrap_or(0))
}

/// Appends a text as a JSON string, with its quotes.
pub fn quote(out: &mut String, text: &str) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\x1f' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(char));
            }
            char => out.push(char),
        }
    }
    out.push('"');
}
