//! The FHIRPath of the place where a scan stops.

use std::fmt::Write as _;

use super::{Kind, Limits, Sink, decode, scan};

/// Scans again, as far as the text is right, and says where that ends; `None` where there is no name for it.
///
/// Only called when a scan has failed: scans that succeed need not keep track.
pub(crate) fn trail(bytes: &[u8], limits: &Limits) -> Option<String> {
    let mut trail = Trail::default();
    scan(bytes, limits, &mut trail).err()?;
    trail.expression()
}

#[derive(Default)]
struct Trail {
    root: Option<String>,
    steps: Vec<Step>,
}

/// A level that is open: an object's present member, or an array's present index.
enum Step {
    Member(Option<String>),
    Item(usize),
}

impl Trail {
    fn value_ended(&mut self) {
        match self.steps.last_mut() {
            Some(Step::Item(at)) => *at += 1,
            Some(Step::Member(name)) => *name = None,
            None => {}
        }
    }

    fn expression(&self) -> Option<String> {
        let mut path = self.root.clone().unwrap_or_default();
        for step in &self.steps {
            match step {
                Step::Member(Some(name)) => {
                    path.push_str(if path.is_empty() { "" } else { "." });
                    path.push_str(name);
                }
                Step::Member(None) => {}
                Step::Item(at) => {
                    let _ = write!(path, "[{at}]");
                }
            }
        }
        (!path.is_empty()).then_some(path)
    }
}

impl Sink for Trail {
    fn open(&mut self, kind: Kind, _at: usize, _source: usize) {
        self.steps.push(if kind == Kind::Object { Step::Member(None) } else { Step::Item(0) });
    }

    fn close(&mut self, _end: usize) {
        self.steps.pop();
        self.value_ended();
    }

    fn name(&mut self, name: &str, _at: usize, _length: usize) {
        if let Some(Step::Member(present)) = self.steps.last_mut() {
            *present = Some(name.chars().take(64).collect());
        }
    }

    fn scalar(&mut self, kind: Kind, raw: &str, _at: usize, _source: usize) {
        if let ([Step::Member(Some(name))], Kind::String) = (self.steps.as_slice(), kind)
            && name == "resourceType"
        {
            self.root = Some(decode(raw.trim_matches('"')).chars().take(64).collect());
        }
        self.value_ended();
    }
}
