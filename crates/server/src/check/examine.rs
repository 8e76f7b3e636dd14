//! What is wrong with documents.

use super::render::{Finding, Format, Place};
use super::tally::Tally;
use crate::cli::CheckArgs;
use crate::source::Document;
use crate::terminal::{explained, offset_of_error};
use rushlight_model::json::{JsonErrorKind, Kind, Value};
use rushlight_model::outcome::Severity;
use rushlight_model::{BodyError, BodyErrorKind, Limits, tree};
use rushlight_validation::{Validator, located};

/// What was found in a batch of documents.
pub struct Report {
    /// The counts.
    pub tally: Tally,
    /// Bytes of the files that were read for them.
    pub weight: u64,
    /// The problems as they are printed, no more of them than are printed in all.
    pub problems: Vec<String>,
}

/// Examines documents by the rules of a release.
pub struct Examiner {
    validator: Validator,
    limits: Limits,
    format: Format,
    /// Problems that are printed, at the most.
    most: u64,
}

impl Examiner {
    /// As the command line says.
    pub fn new(args: &CheckArgs, format: Format) -> Self {
        Self {
            validator: Validator::new(args.fhir_version),
            limits: Limits::of_bytes(args.max_size),
            format,
            most: args.printed(),
        }
    }

    /// Examines a batch.
    pub fn report(&self, documents: &[Document]) -> Report {
        let mut report = Report { tally: Tally::default(), weight: 0, problems: Vec::new() };
        for document in documents {
            report.weight += document.weight;
            report.tally.documents += 1;
            report.tally.bytes += document.bytes.len() as u64;
            let before = report.tally.problems();
            self.document(document, &mut report);
            report.tally.invalid += u64::from(report.tally.problems() > before);
        }
        report
    }

    fn document(&self, document: &Document, report: &mut Report) {
        let tree = match tree(&document.bytes, &self.limits) {
            Ok(tree) => tree,
            Err(error) => return self.unreadable(document, &error, report),
        };
        report.tally.resources += resources(tree.root());
        let problems = self.validator.check(tree.root());
        for (position, problem) in located(&problems, &document.bytes) {
            let place = Place { document, position, offset: problem.offset };
            let finding = Finding {
                rule: problem.rule.name(),
                severity: Severity::Error,
                code: problem.rule.code(),
                expression: Some(&problem.expression),
                text: &problem.text,
            };
            self.add(&place, &finding, report);
        }
    }

    fn unreadable(&self, document: &Document, error: &BodyError, report: &mut Report) {
        let rule = match error.kind {
            BodyErrorKind::Json(
                JsonErrorKind::TooLong { .. }
                | JsonErrorKind::TooDeep { .. }
                | JsonErrorKind::TooManyValues { .. },
            ) => "limit",
            _ => "json",
        };
        let place =
            Place { document, position: error.position, offset: offset_of_error(&document.bytes, error) };
        let finding = Finding {
            rule,
            severity: Severity::Error,
            code: error.kind.code(),
            expression: error.expression.as_deref(),
            text: &explained(&error.kind),
        };
        self.add(&place, &finding, report);
    }

    fn add(&self, place: &Place<'_>, finding: &Finding<'_>, report: &mut Report) {
        report.tally.broken(finding.rule);
        if (report.problems.len() as u64) < self.most {
            report.problems.push(self.format.problem(place, finding));
        }
    }
}

/// The resources of a document: those in the entries of a Bundle, else the one.
fn resources(root: Value<'_>) -> u64 {
    let is_bundle = root.get("resourceType").and_then(Value::as_str).is_some_and(|name| name == "Bundle");
    if !is_bundle {
        return u64::from(root.kind() == Kind::Object);
    }
    let entries =
        root.get("entry").map(|entry| entry.children().filter(|each| each.get("resource").is_some()));
    entries.map_or(0, Iterator::count) as u64
}
