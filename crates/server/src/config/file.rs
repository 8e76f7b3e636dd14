//! The configuration file: TOML, read value by value so that each keeps its line.

use super::shape::{Given, suggestion};
use super::table::{KEYS, Key, Scope};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value in a file.
pub struct Entry<'a> {
    /// Its key.
    pub key: &'static Key,
    /// As it was given.
    pub given: Given<'a>,
    /// Its line, from 1.
    pub line: usize,
}

/// A table of `[[store]]`.
pub struct StoreTable<'a> {
    /// Its line.
    pub line: usize,
    /// What it says.
    pub entries: Vec<Entry<'a>>,
}

/// What a file says.
#[derive(Default)]
pub struct Content<'a> {
    /// Outside of the stores' tables.
    pub entries: Vec<Entry<'a>>,
    /// The stores' tables.
    pub stores: Vec<StoreTable<'a>>,
}

/// What is wrong with a file, and in which line.
pub type Fault = (usize, String);

struct Reader<'a> {
    text: &'a str,
    faults: Vec<Fault>,
}

/// What the text of a file says, as far as the document goes.
pub fn read<'a>(text: &'a str, document: &'a DeTable<'a>, faults: &mut Vec<Fault>) -> Content<'a> {
    let mut reader = Reader { text, faults: Vec::new() };
    let mut content = Content::default();
    for (name, value) in document.iter() {
        match value.get_ref() {
            DeValue::Array(_) if name.get_ref() == "store" => content.stores = reader.stores(value),
            DeValue::Table(table) if name.get_ref() != "store" => {
                reader.section(name, table, &mut content.entries);
            }
            _ => content.entries.extend(reader.entry("", name, value, |key| key.scope != Scope::Table)),
        }
    }
    faults.append(&mut reader.faults);
    content
}

/// Where a text that is no TOML goes wrong.
pub fn syntax(text: &str, error: &toml::de::Error) -> Fault {
    (line_at(text, error.span().map_or(0, |span| span.start)), error.message().to_owned())
}

fn line_at(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

impl<'a> Reader<'a> {
    fn line<T>(&self, spanned: &Spanned<T>) -> usize {
        line_at(self.text, spanned.span().start)
    }

    fn section(
        &mut self,
        name: &'a Spanned<std::borrow::Cow<'a, str>>,
        table: &'a DeTable<'a>,
        entries: &mut Vec<Entry<'a>>,
    ) {
        let sections = || KEYS.iter().map(|key| key.parts().0).filter(|section| !section.is_empty());
        let section = name.get_ref().as_ref();
        if !sections().any(|known| known == section) {
            let near = suggestion(section, sections().chain(["store"]));
            self.faults.push((self.line(name), format!("{section} is no section{near}")));
            return;
        }
        for (name, value) in table.iter() {
            entries.extend(self.entry(section, name, value, |_| true));
        }
    }

    fn stores(&mut self, value: &'a Spanned<DeValue<'a>>) -> Vec<StoreTable<'a>> {
        let DeValue::Array(array) = value.get_ref() else { return Vec::new() };
        let mut stores = Vec::new();
        for element in array.iter() {
            let line = self.line(element);
            let DeValue::Table(table) = element.get_ref() else {
                self.faults.push((line, "store must be tables, each begun with [[store]]".to_owned()));
                continue;
            };
            let mut entries = Vec::new();
            for (name, value) in table.iter() {
                entries.extend(self.entry("", name, value, Key::of_store));
            }
            stores.push(StoreTable { line, entries });
        }
        stores
    }

    fn entry(
        &mut self,
        section: &str,
        name: &'a Spanned<std::borrow::Cow<'a, str>>,
        value: &'a Spanned<DeValue<'a>>,
        fits: fn(&Key) -> bool,
    ) -> Option<Entry<'a>> {
        let line = self.line(name);
        let bare = name.get_ref().as_ref();
        let full = if section.is_empty() { bare.to_owned() } else { format!("{section}.{bare}") };
        if full == "store" {
            self.faults.push((line, "stores are tables, each begun with [[store]]".to_owned()));
            return None;
        }
        let Some(key) = KEYS.iter().find(|key| key.name == full && fits(key)) else {
            let near = suggestion(&full, KEYS.iter().filter(|key| fits(key)).map(|key| key.name));
            self.faults.push((line, format!("{full} is no setting here{near}")));
            return None;
        };
        Some(Entry { key, given: given(value.get_ref()), line })
    }
}

fn given<'a>(value: &'a DeValue<'a>) -> Given<'a> {
    match value {
        DeValue::String(text) => Given::String(text),
        DeValue::Boolean(value) => Given::Bool(*value),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Given::Integer(number),
            Err(_) => Given::Other("a number that is too large"),
        },
        DeValue::Array(array) => {
            let parts = array.iter().map(|part| match part.get_ref() {
                DeValue::String(text) => Some(text.as_ref()),
                _ => None,
            });
            parts.collect::<Option<_>>().map_or(Given::Other("an array"), Given::List)
        }
        DeValue::Float(_) => Given::Other("a fraction"),
        DeValue::Datetime(_) => Given::Other("a date"),
        DeValue::Table(_) => Given::Other("a table"),
    }
}
