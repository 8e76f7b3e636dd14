//! Writes the JSON of a resource, name by name: <https://hl7.org/fhir/R4/json.html>.

use std::fmt::{Display, Write as _};

use rushlight_model::json::quote;

use crate::Release;

/// The end of the text, where the next value goes.
///
/// Each method writes one member of the object, or one item of the array, that is open.
pub(crate) struct Json<'a> {
    out: &'a mut String,
    /// Which release's elements to write.
    pub(crate) release: Release,
    /// The population's seed, which all ids begin with.
    pub(crate) seed: u64,
}

impl<'a> Json<'a> {
    pub(crate) fn new(out: &'a mut String, release: Release, seed: u64) -> Self {
        Self { out, release, seed }
    }

    /// How long the text is.
    pub(crate) fn length(&self) -> usize {
        self.out.len()
    }

    /// `{…}` as the whole of a line.
    pub(crate) fn line(&mut self, members: impl FnOnce(&mut Self)) {
        self.out.push('{');
        members(self);
        self.out.push_str("}\n");
    }

    /// `"name":{…}`
    pub(crate) fn object(&mut self, name: &str, members: impl FnOnce(&mut Self)) {
        self.name(name);
        self.out.push('{');
        members(self);
        self.out.push('}');
    }

    /// `"name":[…]`
    pub(crate) fn array(&mut self, name: &str, items: impl FnOnce(&mut Self)) {
        self.name(name);
        self.out.push('[');
        items(self);
        self.out.push(']');
    }

    /// `"name":[{…}]`
    pub(crate) fn list(&mut self, name: &str, members: impl FnOnce(&mut Self)) {
        self.array(name, |json| json.item(members));
    }

    /// `{…}` in an array.
    pub(crate) fn item(&mut self, members: impl FnOnce(&mut Self)) {
        self.comma();
        self.out.push('{');
        members(self);
        self.out.push('}');
    }

    /// `"…"` in an array.
    pub(crate) fn text_item(&mut self, text: &str) {
        self.comma();
        quote(self.out, text);
    }

    /// `"name":"…"`
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        quote(self.out, text);
    }

    /// `"name":"…"` for a value that shows itself without anything to escape, such as a date.
    pub(crate) fn shown(&mut self, name: &str, value: impl Display) {
        self.name(name);
        // Writing to a String cannot fail.
        let _ = write!(self.out, "\"{value}\"");
    }

    /// `"name":true`
    pub(crate) fn boolean(&mut self, name: &str, value: bool) {
        self.name(name);
        self.out.push_str(if value { "true" } else { "false" });
    }

    /// `"name":12.5` for 125 with one decimal. The number is not negative.
    pub(crate) fn number(&mut self, name: &str, value: i64, decimals: u32) {
        self.name(name);
        let unit = 10_i64.pow(decimals);
        let _ = write!(self.out, "{}", value / unit);
        if decimals > 0 {
            let _ = write!(self.out, ".{:0width$}", value % unit, width = decimals as usize);
        }
    }

    fn name(&mut self, name: &str) {
        self.comma();
        self.out.push('"');
        self.out.push_str(name);
        self.out.push_str("\":");
    }

    fn comma(&mut self) {
        if !self.out.ends_with(['{', '[']) {
            self.out.push(',');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_items() {
        let mut out = String::new();
        Json::new(&mut out, Release::R4, 1).line(|json| {
            json.text("a", "x\"{");
            json.array("b", |json| {
                json.text_item("[");
                json.item(|_| ());
                json.item(|json| json.boolean("c", true));
            });
            json.object("d", |json| json.number("e", 105, 2));
            json.list("f", |json| json.number("g", 7, 0));
            json.shown("h", 8);
        });
        let expected = r#"{"a":"x\"{","b":["[",{},{"c":true}],"d":{"e":1.05},"f":[{"g":7}],"h":"8"}"#;
        assert_eq!(out, format!("{expected}\n"));
    }
}
