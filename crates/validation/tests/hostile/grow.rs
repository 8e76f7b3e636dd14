//! Resources that grow from a tape of random bytes: names that their types have, values of any kind.

use rushlight_model::definitions::{Definitions, ElementDefinition, Release, TypeDefinition, TypeKind};
use rushlight_model::json::quote;

/// Texts that some primitive type takes, and that another does not.
const SCALARS: [&str; 22] = [
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1.50",
    "1e999",
    "\"\"",
    "\"a\"",
    "\" \"",
    "\"#\"",
    "\"#a\"",
    "\"Patient/a\"",
    "\"urn:uuid:x\"",
    "\"2023-02-29\"",
    "\"2023\"",
    "\"12:00:00\"",
    "\"2023-01-01T00:00:00Z\"",
    "\"AAAA\"",
    "\"final\"",
    "\"\\ud83d\\ude00\"",
    "\"<div xmlns='http://www.w3.org/1999/xhtml'>x</div>\"",
];

const DEEPEST: usize = 8;

/// A resource of a release; the same of the same tape.
pub fn resource(release: Release, tape: &[u8]) -> String {
    let mut plant = Plant { definitions: Definitions::of(release), tape, out: String::new() };
    plant.resource(0);
    plant.out
}

struct Plant<'a> {
    definitions: &'static Definitions,
    tape: &'a [u8],
    out: String,
}

impl Plant<'_> {
    /// The next byte of the tape; when it has ended, 0, by which nothing grows any more.
    fn draw(&mut self) -> usize {
        let (first, rest) = self.tape.split_first().unwrap_or((&0, &[]));
        self.tape = rest;
        usize::from(*first)
    }

    fn resource(&mut self, depth: usize) {
        let all: Vec<&str> = self.definitions.resource_types().map(|ty| ty.name()).collect();
        let name = all[self.draw() % all.len()];
        let ty = self.definitions.ty(name).unwrap();
        self.object(ty, Some(name), depth);
    }

    fn object(&mut self, ty: &TypeDefinition, resource: Option<&str>, depth: usize) {
        self.out.push('{');
        let mut names = Vec::new();
        if let Some(name) = resource {
            names.push("resourceType".to_owned());
            self.out.push_str(&format!(r#""resourceType":"{name}""#));
        }
        for _ in 0..self.draw() % 6 {
            if ty.elements().is_empty() {
                break;
            }
            let element = &ty.elements()[self.draw() % ty.elements().len()];
            let number = u8::try_from(self.draw() % element.types.len().max(1)).unwrap();
            let companion = if self.draw() % 5 == 4 { "_" } else { "" };
            let name = format!("{companion}{}", element.json_name(number).unwrap_or_default());
            // JSON takes no name twice.
            if names.contains(&name) {
                continue;
            }
            self.out.push_str(if names.is_empty() { "" } else { "," });
            quote(&mut self.out, &name);
            self.out.push(':');
            names.push(name);
            self.member(element, usize::from(number), !companion.is_empty(), depth + 1);
        }
        self.out.push('}');
    }

    /// An array where the element repeats, or now and then where it does not.
    fn member(&mut self, element: &ElementDefinition, number: usize, companion: bool, depth: usize) {
        if element.repeats() == (self.draw() % 8 == 7) {
            return self.value(element, number, companion, depth);
        }
        self.out.push('[');
        for at in 0..self.draw() % 4 {
            self.out.push_str(if at == 0 { "" } else { "," });
            self.value(element, number, companion, depth);
        }
        self.out.push(']');
    }

    /// A value of the element's type, or now and then of another.
    fn value(&mut self, element: &ElementDefinition, number: usize, companion: bool, depth: usize) {
        let ty = element.types.get(number).and_then(|ty| self.definitions.type_at(ty.ty));
        let ty = if companion { self.definitions.ty("Element") } else { ty };
        match ty {
            Some(ty) if depth < DEEPEST && ty.kind != TypeKind::Primitive && self.draw() % 8 != 7 => {
                if ty.kind == TypeKind::Resource {
                    self.resource(depth)
                } else {
                    self.object(ty, None, depth)
                }
            }
            _ => {
                let scalar = SCALARS[self.draw() % SCALARS.len()];
                self.out.push_str(scalar);
            }
        }
    }
}
