//! The command line.

use crate::checks::Validation;
use crate::config::flags::Flags;
use crate::generate::Format;
use clap::builder::RangedU64ValueParser;
use clap::{Args, Parser, Subcommand};
use rushlight_model::definitions::Release;
use rushlight_persistence::{AuditHead, Durability, Location, StoreOptions};
use rushlight_population::Day;
use std::path::PathBuf;

/// A FHIR R4 server: durable, versioned records on embedded SQLite or PostgreSQL.
#[derive(Parser, Debug)]
#[command(name = "rushlight", version, about, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Serve FHIR over HTTP.
    #[command(
        after_help = "Examples:\n  rushlight serve\n  rushlight serve --bind 127.0.0.1:9090 --data-dir /var/lib/rushlight\n  rushlight serve --database-url postgres://rushlight@localhost/rushlight"
    )]
    Serve(Flags),
    /// Print the configuration that serve would have, as TOML, and where each value came from.
    #[command(
        after_help = "Examples:\n  rushlight config > rushlight.toml                      every setting, as it is now\n  rushlight config --config rushlight.toml --check      exit status 1 where anything is wrong"
    )]
    Config(ConfigArgs),
    /// Load transaction Bundles into a store or a server. Safe to run again: the same Bundle gets the same ids, so that nothing is there twice; what was changed or deleted since is put back.
    #[command(
        after_help = "Examples:\n  rushlight load synthea/                      a folder of Bundles, into ./rushlight-data\n  rushlight load records.tar.gz --data-dir /var/lib/rushlight\n  rushlight load bundle.json --url http://127.0.0.1:8080/fhir\n\nA store of the embedded kind is used by one process: load into a running server with --url."
    )]
    Load(LoadArgs),
    /// Check whether the resources in files keep FHIR's rules, each problem with its line. Needs no server and no store.
    #[command(
        after_help = "Examples:\n  rushlight check bundle.json\n  rushlight check export/ --fhir-version 5.0          a folder, all that is in it\n  rushlight check records.tar.gz --quiet              only how many are invalid, by rule\n  curl -s $BASE/Patient/1 | rushlight check -         standard input\n  rushlight check --json export/ > problems.ndjson    a line of JSON for each problem\n\nExit status: 0 all valid, 1 something is invalid, 2 something could not be read."
    )]
    Check(CheckArgs),
    /// Write a synthetic population into files. The same seed gives the same bytes.
    #[command(
        after_help = "Examples:\n  rushlight generate --patients 1000                    NDJSON, a file per type, in ./population\n  rushlight generate --format bundles --to bundles/     transaction Bundles, for rushlight load\n  rushlight generate --seed 7 --fhir-version 5.0        other patients, in R5"
    )]
    Generate(GenerateArgs),
    /// Copy the records of an embedded store to a file, also while a server uses it.
    #[command(
        after_help = "For PostgreSQL use pg_dump: everything that Rushlight keeps survives dump and restore."
    )]
    Backup(BackupArgs),
    /// Put a copy into a new data folder. The index is rebuilt when the store is next opened.
    Restore(RestoreArgs),
    /// Examine a store: versions count without a gap, and the index says what the records say.
    Verify(VerifyArgs),
    /// Examine the audit, or print where it has come to.
    #[command(subcommand)]
    Audit(AuditCommand),
}

/// `rushlight audit`
#[derive(Subcommand, Debug)]
pub enum AuditCommand {
    /// Examine every row of the audit, and every version that it vouches for. Exit status 1 where anything was changed.
    Verify(AuditVerifyArgs),
    /// Print the last row of each chain, to be kept elsewhere.
    Head(VerifyArgs),
}

/// Where the store lies.
#[derive(Args, Debug, Clone)]
pub struct StoreArgs {
    /// Folder of the embedded store; made if it does not exist.
    #[arg(long, value_name = "FOLDER", default_value = "rushlight-data", env = "RUSHLIGHT_DATA_DIR")]
    pub data_dir: PathBuf,
    /// Another place: sqlite:FOLDER or postgres://USER@HOST/DATABASE. Goes before --data-dir.
    #[arg(long, value_name = "URL", env = "RUSHLIGHT_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Release of FHIR that a new store holds: 4.0 (the default), 4.3 or 5.0. A store keeps its own.
    #[arg(long, value_name = "VERSION", value_parser = release, env = "RUSHLIGHT_FHIR_VERSION")]
    pub fhir_version: Option<Release>,
}

/// A count from 1 to a limit.
fn from_one(limit: u64) -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=limit)
}

fn release(text: &str) -> Result<Release, String> {
    Release::from_short(text).ok_or_else(|| {
        let known: Vec<&str> = Release::ALL.iter().map(|release| release.short()).collect();
        format!("known are {}", known.join(", "))
    })
}

impl StoreArgs {
    /// The options of the store meant.
    ///
    /// # Errors
    /// A URL of neither kind, or an unknown value of the durability switch.
    pub fn options(&self) -> Result<StoreOptions, Box<dyn std::error::Error>> {
        let location = match &self.database_url {
            Some(url) => Location::parse(url)?,
            None => Location::Sqlite(self.data_dir.clone()),
        };
        let mut options = StoreOptions::new(location);
        options.release = self.fhir_version;
        options.durability = durability()?;
        Ok(options)
    }
}

/// Whether commits wait for the disk. Only for the tests that show the guarantee failing: see docs/guarantees.md.
///
/// # Errors
/// An unknown value of the switch.
pub fn durability() -> Result<Durability, String> {
    match std::env::var("RUSHLIGHT_DURABILITY").as_deref() {
        Err(_) | Ok("full") => Ok(Durability::Full),
        Ok("off-for-testing") => {
            log::warn!("durability is off: acknowledged writes can be lost");
            Ok(Durability::Off)
        }
        Ok(other) => Err(format!("RUSHLIGHT_DURABILITY is full or off-for-testing, not {other}")),
    }
}

/// `rushlight config`
#[derive(Args, Debug)]
pub struct ConfigArgs {
    /// Only say what is wrong with it, if anything is.
    #[arg(long)]
    pub check: bool,
    /// Those of `serve`.
    #[command(flatten)]
    pub flags: Flags,
}

/// `rushlight load`
#[derive(Args, Debug)]
pub struct LoadArgs {
    /// Bundles: .json files, also .gz, .tar.gz archives of them, or folders of either. An .ndjson file is read where it
    /// is named, and - is standard input.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Where the store lies.
    #[command(flatten)]
    pub store: StoreArgs,
    /// Load into a running server instead, by its base URL.
    #[arg(long, conflicts_with = "database_url")]
    pub url: Option<String>,
    /// How far records are checked before they are stored; a server checks them as it is told to.
    #[arg(long, value_enum, default_value_t, env = "RUSHLIGHT_VALIDATION", conflicts_with = "url")]
    pub validation: Validation,
    /// Bundles on their way at a time.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = from_one(64))]
    pub concurrency: usize,
    /// File for what was refused, a line of JSON each; made when something is.
    #[arg(long, value_name = "FILE", default_value = "load.rejects.ndjson")]
    pub rejects: PathBuf,
}

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
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20)]
    pub max_size: usize,
}

impl CheckArgs {
    /// Problems that are printed, at the most.
    pub fn printed(&self) -> u64 {
        if self.quiet { 0 } else { self.max_problems }
    }
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

/// `rushlight backup`
#[derive(Args, Debug)]
pub struct BackupArgs {
    /// Folder of the embedded store.
    #[arg(long, value_name = "FOLDER", default_value = "rushlight-data", env = "RUSHLIGHT_DATA_DIR")]
    pub data_dir: PathBuf,
    /// File to make.
    #[arg(long, value_name = "FILE")]
    pub to: PathBuf,
}

/// `rushlight restore`
#[derive(Args, Debug)]
pub struct RestoreArgs {
    /// File that `rushlight backup` made.
    #[arg(long, value_name = "FILE")]
    pub from: PathBuf,
    /// Folder to make the store in; it must hold none.
    #[arg(long, value_name = "FOLDER", default_value = "rushlight-data", env = "RUSHLIGHT_DATA_DIR")]
    pub data_dir: PathBuf,
}

/// `rushlight audit verify`
#[derive(Args, Debug)]
pub struct AuditVerifyArgs {
    /// Where the store lies.
    #[command(flatten)]
    pub store: StoreArgs,
    /// A line that `rushlight audit head` printed earlier, which must still be in its chain. May be given often.
    #[arg(long, value_name = "HEAD")]
    pub expect: Vec<AuditHead>,
}

/// `rushlight verify` and `rushlight audit head`
#[derive(Args, Debug)]
pub struct VerifyArgs {
    /// Where the store lies.
    #[command(flatten)]
    pub store: StoreArgs,
}
