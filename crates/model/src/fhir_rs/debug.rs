//! Structs compared by what [`Debug`] shows of them: those of fhir-rs have no other equality.

use std::fmt::Debug;

use super::{FhirRsError, short};

/// Where two structs first differ; `None` if they are the same.
pub(super) fn difference<T: Debug>(one: &T, other: &T) -> Option<FhirRsError> {
    if format!("{one:?}") == format!("{other:?}") {
        return None;
    }
    let (one, other) = (format!("{one:#?}"), format!("{other:#?}"));
    let mut others = other.lines();
    let mut way = Way::default();
    for line in one.lines() {
        way.enter(line);
        let other = others.next();
        if other != Some(line) {
            let value = |line: &str| {
                let text = line.trim().trim_end_matches(',');
                short(field(text).map_or(text, |(_, value)| value))
            };
            return Some(FhirRsError::Lost {
                expression: way.expression(),
                found: Some(value(line)),
                back: other.map(value),
            });
        }
    }
    None
}

/// The name and the value of a line that begins a field.
fn field(text: &str) -> Option<(&str, &str)> {
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    text.split_once(": ").filter(|(name, _)| is_name(name))
}

/// The lines around a line, outermost first.
#[derive(Default)]
struct Way<'t>(Vec<Around<'t>>);

struct Around<'t> {
    indent: usize,
    /// The name of a field, or of the whole.
    name: Option<&'t str>,
    /// For an array the items so far.
    items: Option<usize>,
}

impl<'t> Way<'t> {
    fn enter(&mut self, line: &'t str) {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        self.0.retain(|around| around.indent < indent);
        if text.starts_with([')', ']', '}']) {
            return;
        }
        if let Some(items) = self.0.last_mut().and_then(|around| around.items.as_mut()) {
            *items += 1;
        }
        let name = match field(text) {
            Some((name, _)) => Some(name),
            None => text.split(' ').next().filter(|_| indent == 0),
        };
        self.0.push(Around { indent, name, items: text.ends_with('[').then_some(0) });
    }

    fn expression(&self) -> String {
        let mut path = String::new();
        for around in &self.0 {
            if let Some(name) = around.name {
                path.push_str(if path.is_empty() { "" } else { "." });
                path.push_str(name);
            }
            if let Some(at) = around.items.and_then(|items| items.checked_sub(1)) {
                path.push_str(&format!("[{at}]"));
            }
        }
        path
    }
}
