//! The words of resources, for `_text` and `_content`: <https://hl7.org/fhir/R4/search.html#text>.

use rushlight_model::json::{Kind, Value};

use crate::entries::Entries;
use crate::table::TableId;
use crate::values::{cut, normal};

/// Which words are indexed. Each word of a resource is a row, so that it costs what it is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Words {
    /// None: neither `_text` nor `_content` can be searched.
    #[default]
    Off,
    /// Those of narratives, for `_text`.
    Narratives,
    /// Those of narratives and of all strings, for `_text` and `_content`.
    Everything,
}

impl Words {
    /// All of them, with the names that settings have for them.
    pub const NAMES: [(&'static str, Self); 3] =
        [("off", Self::Off), ("narratives", Self::Narratives), ("everything", Self::Everything)];

    /// Its name in settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, words)| *words == self).map_or("", |(name, _)| name)
    }

    /// The one of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, words)| *words)
    }
}

/// Adds the words of a resource's narrative to those of a unit.
pub(crate) fn of_narrative(resource: Value<'_>, unit: i32, out: &mut Entries) {
    let narrative = resource.get("text").and_then(|text| text.get("div")).and_then(Value::as_str);
    if let Some(narrative) = narrative {
        add(&without_markup(&narrative), unit, out);
    }
}

/// What is longer and has no white space in it is no text but data, such as an attachment's.
const LONGEST_WORD: usize = 1000;

/// Adds the words of all strings outside the narrative to those of a unit.
pub(crate) fn of_strings(resource: Value<'_>, unit: i32, out: &mut Entries) {
    for member in resource.children().filter(|member| !member.is_named("resourceType")) {
        let is_narrative = member.is_named("text");
        for value in std::iter::once(member).chain(member.descendants()) {
            if value.kind() == Kind::String && !(is_narrative && value.is_named("div")) {
                let text = value.as_str().unwrap_or_default();
                if text.len() <= LONGEST_WORD || text.contains(char::is_whitespace) {
                    add(&text, unit, out);
                }
            }
        }
    }
}

fn add(text: &str, unit: i32, out: &mut Entries) {
    for word in normal(text).split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty()) {
        out.row(TableId::WORD, unit).text(&cut(word)).end();
    }
}

/// What a reader of XHTML sees: tags part words, references to characters are these characters.
fn without_markup(xhtml: &str) -> String {
    let mut out = String::with_capacity(xhtml.len());
    let mut rest = xhtml;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let (end, is_tag) = if from.starts_with('<') { ('>', true) } else { (';', false) };
        let Some((inside, after)) = from.split_once(end) else { break };
        match character(inside) {
            Some(char) if !is_tag => out.push(char),
            _ => out.push(' '),
        }
        rest = after;
    }
    if !rest.contains(['<', '&']) {
        out.push_str(rest);
    }
    out
}

/// The character that a reference such as `&amp` or `&#8364` stands for. Named ones beyond XML's part words.
fn character(reference: &str) -> Option<char> {
    let name = reference.strip_prefix('&')?;
    let number = match name.strip_prefix('#') {
        Some(hex) if hex.starts_with(['x', 'X']) => u32::from_str_radix(hex.get(1..)?, 16).ok()?,
        Some(decimal) => decimal.parse().ok()?,
        None => {
            return Some(match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" => '\'',
                _ => return None,
            });
        }
    };
    char::from_u32(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_model::json::{Limits, Tree};

    const RESOURCE: &str = r#"{"resourceType":"Basic","text":{"status":"generated","div":"<div title=\"no\">B&#228;r &amp;c<b>old</b></div>"},
        "code":{"text":"Grizzly, brown"},"author":{"reference":"Patient/7"}}"#;

    fn words(of: fn(Value<'_>, i32, &mut Entries)) -> Vec<String> {
        let tree = Tree::parse(RESOURCE.as_bytes(), &Limits::default()).unwrap();
        let mut entries = Entries::default();
        of(tree.root(), 1, &mut entries);
        entries.finish();
        entries.iter().map(|entry| entry.to_string().replace("word 1 ", "")).collect()
    }

    #[test]
    fn narratives_are_read_as_they_are_shown() {
        assert_eq!(words(of_narrative), ["(bar)", "(c)", "(old)"]);
    }

    #[test]
    fn strings_are_read_wherever_they_are() {
        assert_eq!(words(of_strings), ["(7)", "(brown)", "(generated)", "(grizzly)", "(patient)"]);
    }

    #[test]
    fn markup_that_does_not_end_hides_nothing_before_it() {
        assert_eq!(without_markup("a &amp b <i"), "a ");
        assert_eq!(without_markup("1 &lt; 2 &nbsp; &#x20AC;"), "1 < 2   €");
    }
}
