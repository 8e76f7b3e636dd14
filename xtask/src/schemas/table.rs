//! The text of a file: lines of fields with tabs between them.

use super::package::Package;

/// The version of the files' format.
const FORMAT: &str = "1";

/// A file that grows line by line.
pub struct Table(String);

impl Table {
    /// A file that so far says which part of which release it is, and what it was made from.
    pub fn new(release: &str, part: &str, packages: &[Package]) -> Self {
        let mut table = Self(String::new());
        table.line(["rushlight-definitions", FORMAT, part]);
        table.line(["release", release]);
        for package in packages {
            table.line(["source", package.name, package.version, &format!("sha256:{}", package.sha256)]);
        }
        table
    }

    /// Appends a line. White space inside a field becomes one space, so that tabs and line ends only separate.
    pub fn line<'f>(&mut self, fields: impl IntoIterator<Item = &'f str>) {
        for (at, field) in fields.into_iter().enumerate() {
            if at > 0 {
                self.0.push('\t');
            }
            for (at, word) in field.split_whitespace().enumerate() {
                if at > 0 {
                    self.0.push(' ');
                }
                self.0.push_str(word);
            }
        }
        self.0.push('\n');
    }

    /// The whole text.
    pub fn finish(self) -> String {
        self.0
    }
}

/// A field that may have nothing to say.
pub fn or_dash(field: &str) -> &str {
    if field.trim().is_empty() { "-" } else { field }
}
