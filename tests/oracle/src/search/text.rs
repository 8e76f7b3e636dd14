//! The text of search values: <https://hl7.org/fhir/R4/search.html#escaping>.

/// The parts between a separator that is not escaped, still escaped.
pub fn split(text: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char == separator {
            parts.push(String::new());
            continue;
        }
        let last = parts.last_mut().unwrap();
        last.push(char);
        if char == '\\' {
            last.extend(chars.next());
        }
    }
    parts
}

/// Without the escapes.
pub fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        out.push(match char {
            '\\' => chars.next().unwrap_or('\\'),
            other => other,
        });
    }
    out
}

/// With what means something to a search escaped.
pub fn escaped(text: &str) -> String {
    let mut out = String::new();
    for char in text.chars() {
        if matches!(char, '\\' | ',' | '|' | '$') {
            out.push('\\');
        }
        out.push(char);
    }
    out
}

#[test]
fn escapes() {
    assert_eq!(split(r"a\,b,c\\,d", ','), [r"a\,b", r"c\\", "d"]);
    assert_eq!(plain(r"a\,b\\c\|\$"), r"a,b\c|$");
    for text in ["a,b", r"\", "|$|", "plain"] {
        assert_eq!(plain(&escaped(text)), text);
        assert_eq!(split(&escaped(text), ',').len(), 1);
    }
}
