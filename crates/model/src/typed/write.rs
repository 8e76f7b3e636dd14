//! From structs to text: a function for each kind of field.

use std::ops::Range;

use super::primitive::{Primitive, Scalar};
use super::read::{Choice, Composite, Object, Part};
use crate::json::quote;

/// JSON that is being written.
#[derive(Default)]
pub(super) struct Writer {
    text: String,
    /// Where the names of the objects that are open stand in the text.
    names: Vec<Range<usize>>,
}

impl Writer {
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Where the next value goes.
    pub(super) fn text(&mut self) -> &mut String {
        &mut self.text
    }

    /// A member's name, put together from its parts.
    pub(super) fn name(&mut self, mark: &str, prefix: &str, suffix: &str) {
        self.gap();
        let start = self.text.len();
        for part in ["\"", mark, prefix, suffix, "\""] {
            self.text.push_str(part);
        }
        self.names.push(start..self.text.len());
        self.text.push(':');
    }

    /// An object with all its members.
    pub(super) fn object<T: Object>(&mut self, object: &T) {
        let outer = self.names.len();
        self.text.push('{');
        if T::RESOURCE {
            self.name("", "resourceType", "");
            quote(&mut self.text, T::TYPE);
        }
        object.put(self);
        for (name, value) in object.other_members() {
            self.other(outer, name, value.text());
        }
        self.text.push('}');
        self.names.truncate(outer);
    }

    /// A member that has no field; not if its name is there, because JSON would have it twice.
    fn other(&mut self, outer: usize, name: &str, value: &str) {
        let before = self.text.len();
        self.gap();
        let start = self.text.len();
        quote(&mut self.text, name);
        let written = start..self.text.len();
        let siblings = self.names.get(outer..).unwrap_or_default();
        if siblings.iter().any(|known| self.text.get(known.clone()) == self.text.get(written.clone())) {
            self.text.truncate(before);
            return;
        }
        self.names.push(written);
        self.text.push(':');
        self.text.push_str(value);
    }

    fn array<T>(&mut self, mark: &str, name: &str, items: &[T], each: impl Fn(&T, &mut Self)) {
        self.name(mark, name, "");
        self.text.push('[');
        for item in items {
            self.gap();
            each(item, self);
        }
        self.text.push(']');
    }

    /// The comma, if something stands before. No value ends with an opening bracket.
    fn gap(&mut self) {
        if !self.text.ends_with(['{', '[']) {
            self.text.push(',');
        }
    }
}

pub(super) fn one<T: Composite>(held: &Option<T>, name: &str, out: &mut Writer) {
    if let Some(value) = held {
        out.name("", name, "");
        value.write(out);
    }
}

pub(super) fn many<T: Composite>(held: &[T], name: &str, out: &mut Writer) {
    if !held.is_empty() {
        out.array("", name, held, T::write);
    }
}

pub(super) fn primitive<T: Scalar>(held: &Primitive<T>, name: &str, out: &mut Writer) {
    held.put(name, "", out);
}

/// Two arrays, with a null in each where the other one has something alone.
pub(super) fn primitives<T: Scalar>(held: &[Primitive<T>], name: &str, out: &mut Writer) {
    if held.iter().any(|primitive| primitive.value.is_some()) {
        out.array("", name, held, |primitive, out| match &primitive.value {
            Some(value) => value.write(out.text()),
            None => out.text().push_str("null"),
        });
    }
    if held.iter().any(|primitive| primitive.element.is_some()) {
        out.array("_", name, held, |primitive, out| match &primitive.element {
            Some(element) => element.write(out),
            None => out.text().push_str("null"),
        });
    }
}

pub(super) fn choice<T: Choice>(held: &Option<T>, prefix: &str, out: &mut Writer) {
    if let Some(choice) = held {
        choice.put(prefix, out);
    }
}
