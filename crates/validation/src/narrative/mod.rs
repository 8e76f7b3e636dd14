//! Narrative.div, the text for people: <https://hl7.org/fhir/R4/narrative.html#xhtml>.
//!
//! Browsers show it as it is, so that it is checked twice: as XML, and against lists of what may be in it
//! (constraints `txt-1` and `txt-2`). What XML and HTML read differently, such as CDATA and some comments, is
//! refused, because a text that is harmless as one can be a script as the other. Nothing is repaired.

mod allowed;
mod character;
mod link;
mod problem;
mod scan;
mod style;

pub use problem::{NarrativeProblem, NarrativeProblemKind};

/// Elements inside one another; at most.
pub const DEPTH: usize = 64;

/// Problems told of one div; at most.
pub const PROBLEMS: usize = 20;

/// Checks a div (its decoded text) and tells each problem, at most [`PROBLEMS`] of them; one pass, from front to back.
///
/// Two problems come at the end whatever their offset: elements that stay open, and a div without content.
///
/// ```
/// use rushlight_validation::narrative::{NarrativeProblemKind, check};
///
/// let div = r#"<div xmlns="http://www.w3.org/1999/xhtml"><p onclick="x()">Hello</p></div>"#;
/// let mut found = Vec::new();
/// check(div, &mut |problem| found.push((problem.kind, problem.offset)));
/// assert_eq!(found, [(NarrativeProblemKind::EventHandler { attribute: "onclick" }, 45)]);
/// ```
pub fn check<'a>(div: &'a str, report: &mut dyn FnMut(NarrativeProblem<'a>)) {
    scan::Scanner::new(div, report).run();
}

/// Whether a URL leads nowhere that could run a script: it is relative, or its scheme is one that a narrative's links
/// may have.
pub(crate) fn is_harmless(url: &str) -> bool {
    link::is_harmless_link(character::Plain(url))
}

/// Counts the work done, so that tests can see that it grows no faster than the input.
#[cfg(test)]
fn step() {
    tests::STEPS.with(|steps| steps.set(steps.get() + 1));
}

#[cfg(not(test))]
const fn step() {}

#[cfg(test)]
mod tests;
