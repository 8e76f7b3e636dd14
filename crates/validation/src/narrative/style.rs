//! Styles: <https://www.w3.org/TR/css-style-attr/>.

use super::character::{Plain, Tail};
use super::link::is_harmless_source;

/// What no style holds: CSS can call a script, bind one or load a sheet in these ways only. Escapes and comments
/// are refused because they can hide all else, and nothing in a narrative needs them.
const REFUSED: [(&str, Tail); 7] = [
    ("\\", Tail::of("\\")),
    ("@", Tail::of("@")),
    ("/*", Tail::of("/*")),
    ("expression(", Tail::of("expression(")),
    ("script:", Tail::of("script:")),
    ("behavior:", Tail::of("behavior:")),
    ("-moz-binding:", Tail::of("-moz-binding:")),
];

/// The first thing in a style that is refused.
pub(super) fn refused(mut value: Plain<'_>) -> Option<&'static str> {
    let mut tail = Tail::default();
    while let Some(char) = value.next() {
        tail.push(char);
        // All that is refused ends with one of these.
        if !matches!(char, '\\' | '@' | '*' | '(' | ':') {
            continue;
        }
        if let Some((word, _)) = REFUSED.iter().find(|(_, word)| tail.ends_with(*word)) {
            return Some(word);
        }
        if tail.ends_with(Tail::of("url(")) && !is_harmless_source(unquoted(value.clone())) {
            return Some("url(");
        }
    }
    None
}

fn unquoted(value: Plain<'_>) -> Plain<'_> {
    let mut rest = value.clone();
    if matches!(rest.next(), Some('"' | '\'')) { rest } else { value }
}
