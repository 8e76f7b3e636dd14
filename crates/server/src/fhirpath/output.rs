//! What is printed: items, and in the end what was left out and why nothing may have been found.

use super::tree::{self, Bounds};
use super::{FAILED, NOTHING};
use crate::cli::FhirpathArgs;
use crate::source::Document;
use crate::terminal::{Painter, json_line, say, visible};
use rushlight_fhirpath::{Item, Node, Paths, QuantityUnit, Value};
use rushlight_model::json::{Position, Positions};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::ops::ControlFlow;

/// Failures that are told; all are counted.
const TOLD: u64 = 20;
/// Types for which it is told why nothing may have been found.
const TYPES: usize = 5;

/// Standard output, and what was printed.
pub struct Output {
    json: bool,
    painter: Painter,
    bounds: Bounds,
    /// Items that are printed, at the most.
    most: u64,
    found: u64,
    failures: u64,
    /// The types in which nothing was found.
    without: BTreeSet<&'static str>,
    /// Why no more can be printed.
    refused: Option<io::Error>,
}

/// An item as a line of JSON; the order of the members is documented.
#[derive(Serialize)]
struct Line<'a> {
    source: &'a str,
    line: usize,
    column: Option<usize>,
    path: Option<String>,
    #[serde(rename = "type")]
    ty: String,
    value: Option<Box<RawValue>>,
    #[serde(rename = "_value", skip_serializing_if = "Option::is_none")]
    companion: Option<Box<RawValue>>,
}

impl Output {
    /// Nothing printed so far.
    pub fn new(args: &FhirpathArgs) -> Self {
        Self {
            json: args.json,
            painter: Painter::of(&io::stdout()),
            bounds: Bounds { depth: args.depth, lines: args.max_lines },
            most: args.max_results.unwrap_or(if args.json { u64::MAX } else { 1000 }),
            found: 0,
            failures: 0,
            without: BTreeSet::new(),
            refused: None,
        }
    }

    /// Prints what was found in a resource of a document; `Break` when nobody reads on.
    pub fn items(&mut self, document: &Document, resource: Node<'_>, items: &[Item<'_>]) -> ControlFlow<()> {
        let left = usize::try_from(self.most.saturating_sub(self.found)).unwrap_or(usize::MAX);
        self.found += items.len() as u64;
        if items.is_empty() && self.found == 0 {
            self.without.extend(resource.definition().map(|ty| ty.name));
        }
        let shown = items.get(..left).unwrap_or(items);
        let positions = positions(document, shown);
        let (mut text, mut paths) = (String::new(), Paths::default());
        for item in shown {
            let position = offset(item).and_then(|offset| positions.get(&offset)).copied();
            if self.json {
                text.push_str(&line(document, item, position, &mut paths));
            } else {
                self.told(document, item, position, &mut paths, &mut text);
            }
        }
        self.print(&text)
    }

    fn print(&mut self, text: &str) -> ControlFlow<()> {
        match print(text) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.refused = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    fn told(
        &self,
        document: &Document,
        item: &Item<'_>,
        position: Option<Position>,
        paths: &mut Paths,
        text: &mut String,
    ) {
        let source = visible(&document.name);
        let place = match position {
            Some(Position { line, column }) => format!("{source}:{line}:{column}"),
            None => format!("{source}:{}", document.line),
        };
        text.push_str(&format!("{}  {}", self.painter.dim(place), tree::named(item, paths)));
        tree::write(item, self.bounds, 4, text);
    }

    /// Tells that something failed, unless too much was told already.
    pub fn failed(&mut self, told: impl FnOnce() -> String) {
        self.failures += 1;
        if self.failures <= TOLD {
            say(&told());
        }
    }

    /// Ends; `warnings` says what can be said against the expression on a type.
    ///
    /// # Errors
    /// An output that can't be written to. That nobody reads it is none: what was seen until then decides.
    pub fn end(&mut self, warnings: impl Fn(&str) -> String) -> io::Result<()> {
        let left_out = self.found.saturating_sub(self.most);
        if left_out > 0 && !self.json && self.refused.is_none() {
            let _ = self.print(&format!("{left_out} more results are not shown; see --max-results\n"));
        }
        if let Some(error) = self.refused.take() {
            return if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) };
        }
        if self.failures > TOLD {
            say(&format!("{} more failures are not told\n", self.failures - TOLD));
        }
        if self.found == 0 && self.failures == 0 {
            let told: BTreeSet<String> = self.without.iter().take(TYPES).map(|ty| warnings(ty)).collect();
            told.iter().for_each(|warnings| say(warnings));
        }
        Ok(())
    }

    /// The exit status.
    pub fn status(&self) -> u8 {
        match (self.failures, self.found) {
            (0, 0) => NOTHING,
            (0, _) => 0,
            _ => FAILED,
        }
    }
}

/// Writes to standard output, at once: whoever reads may be waiting.
///
/// # Errors
/// An output that can't be written to. That nobody reads any more is one, too.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Where an item begins in its document.
fn offset(item: &Item<'_>) -> Option<usize> {
    match item {
        Item::Node(node) => Some(node.json().or(node.companion())?.source()),
        _ => None,
    }
}

/// The positions of items in the file, by their offsets in the document: one walk, whatever their order.
fn positions(document: &Document, items: &[Item<'_>]) -> BTreeMap<usize, Position> {
    let offsets: BTreeSet<usize> = items.iter().filter_map(offset).collect();
    let mut positions = Positions::new(&document.bytes);
    let mut position = |offset| {
        let Position { line, column } = positions.of(offset);
        (offset, Position { line: document.line - 1 + line, column })
    };
    offsets.into_iter().map(&mut position).collect()
}

fn line(document: &Document, item: &Item<'_>, position: Option<Position>, paths: &mut Paths) -> String {
    let raw = |text: &str| RawValue::from_string(text.to_owned()).ok();
    let (value, companion) = match item {
        Item::Node(node) => {
            let companion = node.companion().and_then(|companion| raw(companion.raw()));
            (node.json().and_then(|value| raw(value.raw())), companion)
        }
        Item::Value(value) => (of_value(value), None),
        Item::Type(ty) => (to_raw_value(&ty.to_string()).ok(), None),
    };
    json_line(&Line {
        source: &document.name,
        line: position.map_or(document.line, |position| position.line),
        column: position.map(|position| position.column),
        path: tree::path(item, paths),
        ty: item.type_info().to_string(),
        value,
        companion,
    })
}

/// A computed value: numbers keep their digits.
fn of_value(value: &Value<'_>) -> Option<Box<RawValue>> {
    #[derive(Serialize)]
    struct Quantity<'a> {
        value: Box<RawValue>,
        unit: &'a str,
    }
    let text = value.to_string();
    match value {
        Value::Boolean(_) | Value::Integer(_) | Value::Decimal(_) | Value::Wide(_) => {
            RawValue::from_string(text).ok()
        }
        Value::Quantity(quantity) => to_raw_value(&Quantity {
            value: RawValue::from_string(quantity.value.to_string()).ok()?,
            unit: match &quantity.unit {
                QuantityUnit::Calendar(calendar) => calendar.word(false),
                QuantityUnit::Ucum(code) => code,
            },
        })
        .ok(),
        Value::String(_) | Value::Date(_) | Value::DateTime(_) | Value::Time(_) => to_raw_value(&text).ok(),
    }
}
