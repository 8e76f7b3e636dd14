//! The command line.

mod offline;

pub use offline::{CheckArgs, FhirpathArgs, GenerateArgs, TODAY};

use crate::checks::Validation;
use crate::config::flags::Flags;
use clap::builder::RangedU64ValueParser;
use clap::{Args, Parser, Subcommand};
use rushlight_model::definitions::Release;
use rushlight_persistence::{AuditHead, Durability, Location, StoreOptions};
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
    /// Show what a FHIRPath expression finds in the resources of files: where, of which type, and what. Needs no server and no store.
    #[command(
        after_help = "Examples:\n  rushlight fhirpath Patient.name.given patient.json\n  rushlight fhirpath \"component.where(value > 120 'mm[Hg]').code\" observations.ndjson\n  rushlight fhirpath --entries \"Observation.subject.resolve().name\" bundle.json\n  rushlight fhirpath --variable since:=@2024-01-01 \"where(birthDate > %since).id\" Patient.ndjson\n  rushlight fhirpath \"1 'cm' = 10 'mm'\" <<< '{}'                     an expression that needs no resource\n  curl -s $BASE/Patient/1 | rushlight fhirpath --json \"telecom.where(system = 'phone')\" | jq .value\n  rushlight fhirpath --check Observation \"value.unti\"             what can be said against it, no file needed\n\nEach item stands behind file:line:column. Exit status, as that of grep: 0 something was found (false is something, too), 1 nothing was, 2 the expression is none, or something could not be read or evaluated. With --check: 0 nothing can be said against it, 1 something can."
    )]
    Fhirpath(FhirpathArgs),
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
    /// Bring the index up to what is to be indexed, with a progress bar; or tell how far that is.
    #[command(
        after_help = "Examples:\n  rushlight reindex --data-dir /var/lib/rushlight                  after an upgrade, before serving\n  rushlight reindex --status --database-url postgres://rushlight@localhost/rushlight\n  rushlight reindex --cancel 7 --database-url postgres://rushlight@localhost/rushlight\n\nA server does the same while it serves, and tells how far it is at [base]/$reindex; a store of the embedded kind is used by one process. A job that was cancelled, or whose process ended, goes on when the store is next opened. Exit status 1 where a job has failed or was cancelled."
    )]
    Reindex(ReindexArgs),
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
    let named = || Release::ALL.into_iter().find(|release| release.to_string().eq_ignore_ascii_case(text));
    Release::from_short(text).or_else(named).ok_or_else(|| {
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
    /// Bundles on their way at a time: 64 into a store, which writes them together, 4 to a server.
    #[arg(long, value_name = "N", value_parser = from_one(512))]
    pub concurrency: Option<usize>,
    /// File for what was refused, a line of JSON each; made when something is.
    #[arg(long, value_name = "FILE", default_value = "load.rejects.ndjson")]
    pub rejects: PathBuf,
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

/// `rushlight reindex`
#[derive(Args, Debug)]
pub struct ReindexArgs {
    /// Where the store lies.
    #[command(flatten)]
    pub store: StoreArgs,
    /// Only tell of the newest jobs.
    #[arg(long, conflicts_with = "cancel")]
    pub status: bool,
    /// End a job before its next step.
    #[arg(long, value_name = "ID")]
    pub cancel: Option<i64>,
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
