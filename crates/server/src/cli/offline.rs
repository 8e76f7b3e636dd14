//! Commands that need neither a server nor a store.

use super::release;
use crate::fhirpath::Variable;
use crate::generate::Format;
use clap::Args;
use rushlight_model::definitions::Release;
use rushlight_population::Day;
use std::path::PathBuf;

/// Bytes of one document that are read unless told otherwise.
const MAX_SIZE: usize = 64 << 20;

/// `rushlight check`
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// .json and .ndjson files, also .gz; .tar.gz archives or folders of them; - for standard input. Where no name
    /// says, it is NDJSON if the first line is {…} and the next begins with {.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Release of FHIR whose rules are asked for: 4.0, 4.3 or 5.0.
    #[arg(long, value_name = "VERSION", value_parser = release, default_value = Release::R4.short(), env = "RUSHLIGHT_FHIR_VERSION")]
    pub fhir_version: Release,
    /// Print JSON: a line for each problem, and one with the summary.
    #[arg(long)]
    pub json: bool,
    /// Print only the summary.
    #[arg(long, short)]
    pub quiet: bool,
    /// Problems that are printed, at the most; all are counted.
    #[arg(long, value_name = "N", default_value_t = 1000, conflicts_with = "quiet")]
    pub max_problems: u64,
    /// Bytes of one document, unpacked, at the most.
    #[arg(long, value_name = "BYTES", default_value_t = MAX_SIZE)]
    pub max_size: usize,
}

impl CheckArgs {
    /// Problems that are printed, at the most.
    pub fn printed(&self) -> u64 {
        if self.quiet { 0 } else { self.max_problems }
    }
}

/// `rushlight fhirpath`
#[derive(Args, Debug)]
pub struct FhirpathArgs {
    /// The expression: <http://hl7.org/fhirpath/N1/>.
    #[arg(value_name = "EXPRESSION")]
    pub expression: String,
    /// Resources: .json and .ndjson files, also .gz; .tar.gz archives or folders of them; - for standard input, which is
    /// read where none is named.
    #[arg(value_name = "PATH", default_value = "-")]
    pub paths: Vec<PathBuf>,
    /// Release of FHIR that the resources are of: 4.0, 4.3 or 5.0.
    #[arg(long, visible_alias = "release", value_name = "VERSION", value_parser = release, default_value = Release::R4.short(), env = "RUSHLIGHT_FHIR_VERSION")]
    pub fhir_version: Release,
    /// Look at the resource in each entry of a Bundle instead of the Bundle. References from one to another are followed
    /// with and without it.
    #[arg(long)]
    pub entries: bool,
    /// Set %NAME: to a text with NAME=TEXT, to anything else with NAME:=EXPRESSION, as in since:=@2024-01-01. May be
    /// given often.
    #[arg(long, value_name = "NAME=TEXT", value_parser = Variable::parse)]
    pub variable: Vec<Variable>,
    /// Say what can be said against the expression on resources (or elements) of a type, and evaluate nothing: elements
    /// that there are not, functions that are given what they never take.
    #[arg(long, value_name = "TYPE", conflicts_with_all = ["paths", "entries", "variable"])]
    pub check: Option<String>,
    /// Print JSON: a line for each item, with its type, path and value.
    #[arg(long)]
    pub json: bool,
    /// Levels of members that are shown.
    #[arg(long, value_name = "N", default_value_t = 6)]
    pub depth: usize,
    /// Lines that are shown of an item's members.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub max_lines: usize,
    /// Items that are printed, at the most: 1000, and with --json all.
    #[arg(long, value_name = "N")]
    pub max_results: Option<u64>,
    /// Bytes of one document, unpacked, at the most.
    #[arg(long, value_name = "BYTES", default_value_t = MAX_SIZE)]
    pub max_size: usize,
}

/// `rushlight generate`
#[derive(Args, Debug)]
pub struct GenerateArgs {
    /// How many patients.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub patients: u64,
    /// Which population. Ids begin with it, so that populations of several seeds can be in one store.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Release of FHIR to write: 4.0, 4.3 or 5.0.
    #[arg(long, value_name = "VERSION", value_parser = release, default_value = Release::R4.short(), env = "RUSHLIGHT_FHIR_VERSION")]
    pub fhir_version: Release,
    /// What to write.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// The day on which the records are read: nothing is dated later. Not the clock's, so that output can be repeated.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day, default_value = TODAY)]
    pub today: Day,
    /// The most resources of one patient.
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub resources_per_patient: usize,
    /// Folder to write into; made if it does not exist.
    #[arg(long, value_name = "FOLDER", default_value = "population")]
    pub to: PathBuf,
}

/// The day that populations are made for unless another is named.
pub const TODAY: &str = "2026-01-01";

/// Ages need years of birth of four digits.
fn day(text: &str) -> Result<Day, &'static str> {
    Day::parse(text)
        .filter(|_| text >= "0200")
        .ok_or("not a day such as 2026-01-01, of the year 200 or later")
}
