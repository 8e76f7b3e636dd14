//! Items for people: what they are called, and what is in them as an indented tree.

use crate::terminal::visible;
use rushlight_fhirpath::{Item, Node, Paths, Value};
use rushlight_model::json::{self, Kind};

/// Characters of a text that are shown, at the most.
const TEXT: usize = 200;

/// How much of an item is shown.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Levels of members.
    pub depth: usize,
    /// Lines below the item's own.
    pub lines: usize,
}

/// An item's path, if it has one, and its type.
pub fn named(item: &Item<'_>, paths: &mut Paths) -> String {
    let path = path(item, paths).map(|path| format!("{}  ", visible(&path))).unwrap_or_default();
    format!("{path}{}", item.type_info())
}

/// An item's path, if it has one.
pub fn path(item: &Item<'_>, paths: &mut Paths) -> Option<String> {
    match item {
        Item::Node(node) => paths.of(*node),
        _ => None,
    }
}

/// Appends an item's value to the line that names it, and its members, indented by so many blanks, to the lines below.
pub fn write(item: &Item<'_>, bounds: Bounds, indent: usize, out: &mut String) {
    match item {
        Item::Node(node) => of_node(*node, bounds, indent, out),
        Item::Value(Value::String(text)) => {
            let mut quoted = String::new();
            json::quote(&mut quoted, text);
            out.push_str(&format!("  {}\n", cut(&quoted)));
        }
        Item::Value(value) => out.push_str(&format!("  {}\n", visible(&value.to_string()))),
        Item::Type(ty) => out.push_str(&format!("  {ty}\n")),
    }
}

fn of_node(node: Node<'_>, bounds: Bounds, indent: usize, out: &mut String) {
    let (value, companion) = (node.json(), node.companion());
    match value {
        Some(value) if !is_structure(value) => out.push_str(&format!("  {}\n", cut(value.raw()))),
        None if companion.is_none() => out.push_str("  (elsewhere: no more than its type is known)\n"),
        _ => out.push('\n'),
    }
    let mut writer = Writer { bounds, indent, lines: 0, out };
    for structure in value.filter(|value| is_structure(*value)).into_iter().chain(companion) {
        writer.members(structure, 1);
    }
    if writer.lines > bounds.lines {
        out.push_str(&format!("{}… (--max-lines shows more)\n", " ".repeat(indent)));
    }
}

fn is_structure(value: json::Value<'_>) -> bool {
    matches!(value.kind(), Kind::Object | Kind::Array)
}

struct Writer<'o> {
    bounds: Bounds,
    indent: usize,
    /// How many there would be; those beyond the bound are not written.
    lines: usize,
    out: &'o mut String,
}

impl Writer<'_> {
    fn members(&mut self, structure: json::Value<'_>, level: usize) {
        for (index, child) in structure.children().enumerate() {
            if self.lines > self.bounds.lines {
                return;
            }
            let name = child.name().map_or_else(|| format!("[{index}]"), |name| visible(&name));
            self.named(&name, child, level);
        }
    }

    fn named(&mut self, name: &str, value: json::Value<'_>, level: usize) {
        match value.kind() {
            Kind::Object | Kind::Array if value.children().next().is_none() => {
                self.line(level, name, value.raw());
            }
            Kind::Array => {
                for (index, item) in value.children().enumerate() {
                    if self.lines > self.bounds.lines {
                        return;
                    }
                    self.named(&format!("{name}[{index}]"), item, level);
                }
            }
            Kind::Object if level >= self.bounds.depth => self.line(level, name, "{…} (--depth shows more)"),
            Kind::Object => {
                self.line(level, name, "");
                self.members(value, level + 1);
            }
            _ => self.line(level, name, &cut(value.raw())),
        }
    }

    fn line(&mut self, level: usize, name: &str, text: &str) {
        self.lines += 1;
        if self.lines <= self.bounds.lines {
            let indent = " ".repeat(self.indent + 2 * (level - 1));
            self.out.push_str(format!("{indent}{name}: {text}").trim_end());
            self.out.push('\n');
        }
    }
}

/// A text on one line, cut where it is long.
fn cut(text: &str) -> String {
    let length = text.chars().count();
    if length <= TEXT {
        return visible(text);
    }
    let begin: String = text.chars().take(TEXT).collect();
    format!("{}… ({length} characters)", visible(&begin))
}
