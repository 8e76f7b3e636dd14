//! What is printed: problems up to a number, and the summary.

use super::examine::Report;
use super::render::Format;
use super::tally::Tally;
use crate::cli::CheckArgs;
use crate::progress::Progress;
use crate::terminal::json_line;
use serde::Serialize;
use std::io::{self, Write};
use std::sync::mpsc::Receiver;

/// Standard output.
pub struct Output<'a> {
    format: Format,
    progress: &'a Progress,
    tally: Tally,
    /// Problems that are printed, at the most.
    most: u64,
    printed: u64,
}

/// The summary as the last line of JSON; the order of the members is documented.
#[derive(Serialize)]
struct LastLine {
    summary: Summary,
}

#[derive(Serialize)]
struct Summary {
    documents: u64,
    invalid: u64,
    resources: u64,
    bytes: u64,
    problems: u64,
    printed: u64,
    rules: Vec<Count>,
    seconds: f64,
}

#[derive(Serialize)]
struct Count {
    rule: &'static str,
    count: u64,
}

impl<'a> Output<'a> {
    /// Nothing printed so far.
    pub fn new(args: &CheckArgs, format: Format, progress: &'a Progress) -> Self {
        Self { format, progress, tally: Tally::default(), most: args.printed(), printed: 0 }
    }

    /// Documents that were checked.
    pub fn documents(&self) -> u64 {
        self.tally.documents
    }

    /// Documents that are not valid.
    pub fn invalid(&self) -> u64 {
        self.tally.invalid
    }

    /// Prints the problems of reports, in their order, until there are no more.
    ///
    /// # Errors
    /// An output that can't be written to; the reports that are left are dropped.
    pub fn reports(&mut self, reports: Receiver<Receiver<Report>>) -> io::Result<()> {
        for report in reports {
            let Ok(Report { tally, weight, problems }) = report.recv() else { break };
            self.tally.add(&tally);
            self.progress.add(weight, self.tally.resources);
            let left = usize::try_from(self.most - self.printed).unwrap_or(usize::MAX);
            let text: String = problems.iter().take(left).map(String::as_str).collect();
            self.printed += problems.len().min(left) as u64;
            self.write(&text)?;
        }
        Ok(())
    }

    /// Ends with the summary.
    ///
    /// # Errors
    /// An output that can't be written to.
    pub fn summary(&self) -> io::Result<()> {
        let seconds = self.progress.finish();
        let text = match self.format {
            Format::Human(_) => self.told(seconds),
            Format::Json => self.line(seconds),
        };
        self.write(&text)
    }

    fn line(&self, seconds: f64) -> String {
        let Tally { documents, invalid, resources, bytes, .. } = self.tally;
        let rules = self.tally.rules().into_iter().map(|(rule, count)| Count { rule, count }).collect();
        let (problems, printed) = (self.tally.problems(), self.printed);
        let seconds = (seconds * 1000.0).round() / 1000.0;
        let summary = Summary { documents, invalid, resources, bytes, problems, printed, rules, seconds };
        json_line(&LastLine { summary })
    }

    fn told(&self, seconds: f64) -> String {
        let Tally { documents, invalid, resources, bytes, .. } = &self.tally;
        let problems = self.tally.problems();
        let mut text = String::new();
        if self.printed < problems && self.most > 0 {
            text.push_str(&format!(
                "{} more problems are not shown; see --max-problems\n\n",
                problems - self.printed
            ));
        }
        for (rule, count) in self.tally.rules() {
            text.push_str(&format!("{count:>10} {rule}\n"));
        }
        let verdict = match (documents, invalid) {
            (0, _) => "nothing checked".to_owned(),
            (_, 0) => "all valid".to_owned(),
            _ => format!("{invalid} invalid, {problems} problem{}", plural(problems)),
        };
        let megabytes = *bytes as f64 / 1e6;
        let rate = match megabytes {
            // A rate of next to nothing says nothing.
            ..1.0 => String::new(),
            _ => format!("{megabytes:.1} MB, {:.0} MB/s, ", megabytes / seconds.max(0.001)),
        };
        text.push_str(&format!(
            "{documents} document{}, {resources} resource{}: {verdict}; {rate}{seconds:.1} s\n",
            plural(*documents),
            plural(*resources),
        ));
        text
    }

    fn write(&self, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        self.progress.beside(|| {
            let mut out = io::stdout().lock();
            out.write_all(text.as_bytes())?;
            out.flush()
        })
    }
}

fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}
