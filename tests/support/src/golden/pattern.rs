//! Texts in which `{{kind}}` or `{{kind:name}}` stands for what differs from run to run.

use std::collections::BTreeMap;

/// A kind of value: its name, and how much of a text's beginning is one.
type Kind = (&'static str, fn(&str) -> Option<usize>);

const KINDS: [Kind; 7] = [
    ("id", id),
    ("instant", instant),
    ("http-date", http_date),
    ("page", page),
    ("version", version),
    ("list", list),
    ("tag", tag),
];

/// The one kind of which equal values mean nothing: it counts seconds.
const FREE: &str = "http-date";

/// What the placeholders of a story stand for so far. The first use of one must be of its kind and binds it; the next
/// ones must be the same. `{{base}}` is the server's base URL.
#[derive(Clone, Debug)]
pub struct Bindings(BTreeMap<String, String>);

impl Bindings {
    /// At the beginning of a story.
    pub fn new(base: &str) -> Self {
        Self(BTreeMap::from([("base".to_owned(), base.to_owned())]))
    }

    /// A text with its placeholders filled in.
    ///
    /// # Errors
    /// One that stands for nothing yet.
    pub fn fill(&self, pattern: &str) -> Result<String, String> {
        let mut text = String::new();
        for (literal, name) in pieces(pattern) {
            text.push_str(literal);
            if let Some(name) = name {
                text.push_str(self.0.get(name).ok_or_else(|| format!("{name} stands for nothing yet"))?);
            }
        }
        Ok(text)
    }

    /// Whether a text is what a pattern says; binds what is new in it.
    ///
    /// # Errors
    /// Where it first differs.
    ///
    /// # Panics
    /// Where a kind is unknown.
    pub fn take(&mut self, pattern: &str, text: &str) -> Result<(), String> {
        let mut rest = text;
        let differs = |rest: &str, expected: &str| {
            let same =
                rest.chars().zip(expected.chars()).take_while(|(found, wanted)| found == wanted).count();
            let shown = |text: &str| text.chars().skip(same).take(80).collect::<String>();
            let at = text.len() - rest.len() + same;
            format!("at {at}, “{}” instead of “{}”", shown(rest), shown(expected))
        };
        for (literal, name) in pieces(pattern) {
            rest = rest.strip_prefix(literal).ok_or_else(|| differs(rest, literal))?;
            let Some(name) = name else { continue };
            if let Some(value) = self.0.get(name) {
                rest = rest.strip_prefix(value.as_str()).ok_or_else(|| differs(rest, value))?;
                continue;
            }
            let kind = name.split(':').next().unwrap_or_default();
            let (_, length) = KINDS.iter().find(|(other, _)| *other == kind).expect("a kind that there is");
            let length = length(rest).ok_or_else(|| differs(rest, name))?;
            if kind != FREE {
                self.0.insert(name.to_owned(), rest[..length].to_owned());
            }
            rest = &rest[length..];
        }
        if rest.is_empty() { Ok(()) } else { Err(differs(rest, "nothing more")) }
    }

    /// A text as a pattern: what is bound and what looks as if it differed from run to run becomes placeholders.
    pub fn generalise(&mut self, text: &str) -> String {
        let (mut out, mut rest) = (String::new(), text);
        while let Some(first) = rest.chars().next() {
            // The time of a snapshot is its own, though it may be that of the last write.
            let own = out.ends_with(r#""timestamp":""#);
            let bound = self.0.iter().find(|(_, value)| !own && rest.starts_with(value.as_str()));
            if let Some((name, value)) = bound {
                out.push_str(&format!("{{{{{name}}}}}"));
                rest = &rest[value.len()..];
            } else if let Some((kind, length)) = looks_like(rest, &out) {
                let name = self.free_name(kind);
                out.push_str(&format!("{{{{{name}}}}}"));
                if kind != FREE {
                    self.0.insert(name, rest[..length].to_owned());
                }
                rest = &rest[length..];
            } else {
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        out
    }

    fn free_name(&self, kind: &str) -> String {
        let names = (2..).map(|number| format!("{kind}:{number}"));
        std::iter::once(kind.to_owned())
            .chain(names)
            .find(|name| !self.0.contains_key(name))
            .unwrap_or_default()
    }
}

/// Literals, each with the name of the placeholder behind it.
fn pieces(pattern: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let mut rest = Some(pattern);
    std::iter::from_fn(move || {
        let text = rest?;
        let found = text.find("{{").and_then(|at| text[at..].find("}}").map(|length| (at, at + length)));
        // In JSON, two braces close without having opened.
        let Some((from, to)) = found.filter(|(from, to)| plain(&text[from + 2..*to])) else {
            rest = None;
            return Some((text, None));
        };
        rest = Some(&text[to + 2..]);
        Some((&text[..from], Some(&text[from + 2..to])))
    })
}

fn plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":-".contains(&byte))
}

/// What a written answer may hold that is new.
fn looks_like(rest: &str, before: &str) -> Option<(&'static str, usize)> {
    if before.ends_with(|last: char| last.is_ascii_alphanumeric()) {
        return None;
    }
    let uuid = |text: &str| {
        id(text).filter(|_| text.as_bytes().get(14) == Some(&b'7')).filter(|length| *length == 36)
    };
    let link = |text: &str| page(text).filter(|_| before.ends_with("_page="));
    let release = |text: &str| version(text).filter(|_| before.ends_with(r#""Rushlight","version":""#));
    // Of 146 types, all the same.
    let types = |text: &str| list(text).filter(|_| before.ends_with(r#""resource":"#));
    let statement = |text: &str| tag(text).filter(|_| before.ends_with("W/\""));
    let found = |kind: &'static str, length: Option<usize>| length.map(|length| (kind, length));
    found("instant", instant(rest))
        .or_else(|| found("http-date", http_date(rest)))
        .or_else(|| found("id", uuid(rest)))
        .or_else(|| found("page", link(rest)))
        .or_else(|| found("version", release(rest)))
        .or_else(|| found("list", types(rest)))
        .or_else(|| found("tag", statement(rest)))
}

fn while_of(text: &str, marks: &[u8]) -> Option<usize> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || marks.contains(&byte);
    let length = text.bytes().take_while(|byte| fits(*byte)).count();
    (length > 0).then_some(length)
}

fn id(text: &str) -> Option<usize> {
    while_of(text, b"-.").filter(|length| *length <= 64)
}

fn page(text: &str) -> Option<usize> {
    while_of(text, b"-_").filter(|length| *length >= 40)
}

fn version(text: &str) -> Option<usize> {
    let length = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    (text[..length].split('.').count() == 3).then_some(length)
}

/// What tells one statement of a server about itself from another.
fn tag(text: &str) -> Option<usize> {
    while_of(text, b"").filter(|length| *length == 16)
}

/// Whether a text is of a form in which 0 is any digit and other characters are themselves.
fn of_form(text: Option<&str>, form: &str) -> bool {
    text.is_some_and(|text| {
        let fits =
            |(found, wanted): (u8, u8)| if wanted == b'0' { found.is_ascii_digit() } else { found == wanted };
        text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits)
    })
}

fn instant(text: &str) -> Option<usize> {
    if !of_form(text.get(..20), "0000-00-00T00:00:00.") {
        return None;
    }
    let digits = text[20..].bytes().take_while(u8::is_ascii_digit).count();
    let end = 20 + digits;
    (digits > 0 && text[end..].starts_with('Z')).then_some(end + 1)
}

fn http_date(text: &str) -> Option<usize> {
    let day = text.get(..3)?;
    let month = text.get(8..11)?;
    let named = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].contains(&day)
        && ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
            .contains(&month);
    let rest = of_form(text.get(3..8), ", 00 ") && of_form(text.get(11..29), " 0000 00:00:00 GMT");
    (named && rest).then_some(29)
}

/// A JSON array without brackets in its strings.
fn list(text: &str) -> Option<usize> {
    let mut level = 0;
    for (at, byte) in text.bytes().enumerate() {
        level += i32::from(byte == b'[') - i32::from(byte == b']');
        if level == 0 {
            return (at > 0).then_some(at + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_of_their_kind_and_stay_the_same() {
        for (pattern, text, fits) in [
            ("{{id}}/_history/1", "p-1.a/_history/1", true),
            ("{{id}} {{id}}", "p p", true),
            ("{{id}} {{id}}", "p q", false),
            ("{{id}} {{id:2}}", "p q", true),
            ("{{id}}", "", false),
            ("{{base}}/x", "http://x/fhir/x", true),
            ("{{base}}/x", "http://y/fhir/x", false),
            ("{{instant}}", "2026-11-24T10:00:00.123456Z", true),
            ("{{instant}}", "2026-11-24T10:00:00Z", false),
            ("{{instant}}", "2026-11-24", false),
            (
                "{{http-date}} {{http-date}}",
                "Wed, 25 Nov 2026 14:22:41 GMT Thu, 26 Nov 2026 14:22:41 GMT",
                true,
            ),
            ("{{http-date}}", "Wed, 25 Nov 2026 14:22:41 CET", false),
            ("{{list}},", "[{\"a\":[1]}],", true),
            ("{{list}}", "[", false),
            ("{\"a\":{{list}}}}", "{\"a\":[]}}", true),
            ("a", "ab", false),
        ] {
            let found = Bindings::new("http://x/fhir").take(pattern, text);
            assert_eq!(found.is_ok(), fits, "{pattern} {text}: {found:?}");
        }
    }

    #[test]
    fn what_is_generalised_fits_and_tells_values_apart() {
        let text = r#"http://x/fhir/Patient/01a21312-3f46-7746-9e12-23f0be60ee61 and 01a21312-3f46-7746-9e12-23f0be60ee61, 01a21312-3f50-76af-b485-86e783c47860; 2026-11-24T10:00:00.1Z, "timestamp":"2026-11-24T10:00:00.1Z" "#;
        let mut bindings = Bindings::new("http://x/fhir");
        let pattern = bindings.generalise(text);
        assert_eq!(
            pattern,
            r#"{{base}}/Patient/{{id}} and {{id}}, {{id:2}}; {{instant}}, "timestamp":"{{instant:2}}" "#
        );
        assert_eq!(bindings.fill(&pattern).as_deref(), Ok(text));
        assert_eq!(Bindings::new("http://x/fhir").take(&pattern, text), Ok(()));
        assert!(Bindings::new("http://x/fhir").fill(&pattern).is_err());
    }
}
