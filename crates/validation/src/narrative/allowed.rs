//! The elements and attributes that a narrative may have.
//!
//! They are those of `txt-1`, and what its sentence includes beyond its XPath (chapters 7 to 9 of HTML 4.0 have
//! `address`, `bdo` and `kbd`; images have maps), as the reference validator reads it too. Names are lower case:
//! XML tells `SCRIPT` from `script`, and neither is here.

/// Shortest first, then by the alphabet: the order of their numbers, for the search.
#[rustfmt::skip]
const ELEMENTS: [u128; 53] = numbers(&[
    "a", "b", "i", "p", "q", "br", "dd", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li",
    "ol", "td", "th", "tr", "tt", "ul", "bdo", "big", "col", "dfn", "div", "img", "kbd", "map", "pre", "sub",
    "sup", "var", "abbr", "area", "cite", "code", "samp", "span", "small", "table", "tbody", "tfoot", "thead",
    "strong", "acronym", "address", "caption", "colgroup", "blockquote",
]);

/// In the same order; no more than 64, so that a number can say which of them an element has.
///
/// `data-fhir` is what HL7's own tools write on what they generated. Other `data-` attributes are refused: scripts
/// of a page may act on them.
#[rustfmt::skip]
const ATTRIBUTES: [u128; 56] = numbers(&[
    "id", "alt", "dir", "rel", "rev", "src", "abbr", "axis", "char", "cite", "href", "lang", "name", "span",
    "type", "align", "class", "frame", "ismap", "rules", "scope", "shape", "start", "style", "title", "value",
    "width", "xmlns", "border", "coords", "height", "hspace", "nohref", "nowrap", "usemap", "valign",
    "vspace", "bgcolor", "charoff", "charset", "colspan", "compact", "headers", "rowspan", "summary",
    "hreflang", "longdesc", "tabindex", "xml:lang", "accesskey", "data-fhir", "xml:space", "cellhalign",
    "cellvalign", "cellpadding", "cellspacing",
]);

/// What the value of an attribute must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Any text.
    Text,
    /// Declarations of CSS.
    Style,
    /// A URL to follow.
    Link,
    /// A URL of something to show.
    Source,
    /// The namespace of XHTML.
    Namespace,
}

/// An attribute that a narrative may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attribute {
    /// What its value must be.
    pub(super) content: Content,
    /// A bit of its own.
    pub(super) bit: u64,
}

/// The longest name that has a number.
const LONGEST: usize = 15;

/// A name of at most 15 bytes as a number of its own: a one, then the bytes. Numbers are compared faster than texts.
const fn number(name: &str) -> u128 {
    let mut bytes = name.as_bytes();
    let mut number = 1;
    while let [byte, rest @ ..] = bytes {
        number = number << 8 | *byte as u128;
        bytes = rest;
    }
    number
}

const fn numbers<const N: usize>(names: &[&str; N]) -> [u128; N] {
    let mut numbers = [0; N];
    let (mut to, mut from): (&mut [u128], &[&str]) = (&mut numbers, names);
    while let ([number_of, other @ ..], [name, names @ ..]) = (to, from) {
        *number_of = number(name);
        (to, from) = (other, names);
    }
    numbers
}

fn search(names: &[u128], name: &str) -> Option<usize> {
    if name.len() > LONGEST { None } else { names.binary_search(&number(name)).ok() }
}

/// Whether a narrative may have the element.
pub(super) fn is_element(name: &str) -> bool {
    search(&ELEMENTS, name).is_some()
}

/// The attribute of the name, if a narrative may have it.
pub(super) fn attribute(name: &str) -> Option<Attribute> {
    let place = search(&ATTRIBUTES, name)?;
    let content = match name {
        "href" | "cite" | "longdesc" | "usemap" => Content::Link,
        "src" => Content::Source,
        "style" => Content::Style,
        "xmlns" => Content::Namespace,
        _ => Content::Text,
    };
    Some(Attribute { content, bit: 1 << place })
}

/// Whether an attribute would run a script: its name, or what follows a prefix, begins with `on` in any case.
pub(super) fn is_event_handler(name: &str) -> bool {
    name.split(':').any(|part| part.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("on")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted() {
        assert!(ELEMENTS.is_sorted_by(|a, b| a < b));
        assert!(ATTRIBUTES.is_sorted_by(|a, b| a < b) && ATTRIBUTES.len() <= 64);
    }

    #[test]
    fn names_are_told_apart() {
        for (name, expected) in [
            ("p", true),
            ("blockquote", true),
            ("P", false),
            ("", false),
            ("\0p", false),
            ("p\0", false),
            ("\u{1}", false),
            ("0123456789abcdefp", false),
            ("\u{1}\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0p", false),
        ] {
            assert_eq!(is_element(name), expected, "{name:?}");
        }
    }
}
