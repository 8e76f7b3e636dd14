//! Where a walk is, as FHIRPath: `Observation.component[1].value.ofType(Quantity)`.

use std::fmt::Write as _;

/// A step down from a resource.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// The element's name.
    pub(super) name: &'static str,
    /// The type, of an element with a choice.
    pub(super) choice: Option<&'static str>,
    /// The place, in an element that repeats.
    pub(super) index: Option<usize>,
}

/// The steps from the outermost resource.
#[derive(Debug)]
pub(super) struct Path {
    root: String,
    steps: Vec<Step>,
}

impl Path {
    pub(super) fn new(root: &str) -> Self {
        Self { root: root.to_owned(), steps: Vec::with_capacity(8) }
    }

    pub(super) fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    pub(super) fn pop(&mut self) {
        self.steps.pop();
    }

    /// The expression of where the walk is.
    pub(super) fn here(&self) -> String {
        let mut text = self.root.clone();
        self.steps.iter().for_each(|step| append(&mut text, *step));
        text
    }

    /// The expression of an element right below.
    pub(super) fn below(&self, step: Step) -> String {
        let mut text = self.here();
        append(&mut text, step);
        text
    }
}

fn append(text: &mut String, Step { name, choice, index }: Step) {
    // Writing to a String cannot fail.
    let _ = write!(text, ".{name}");
    if let Some(index) = index {
        let _ = write!(text, "[{index}]");
    }
    if let Some(choice) = choice {
        let _ = write!(text, ".ofType({choice})");
    }
}
