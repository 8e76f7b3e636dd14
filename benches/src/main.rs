//! Workloads on the real server, and the floors that they are judged by, measured in one run.
//!
//! `cargo run --release -p rushlight-benches -- http` after `cargo build --release`.

mod bare;
mod bulk;
mod extract;
mod figures;
mod floor;
mod http;
mod load;
mod pool;
mod process;
mod search;
mod slow;
mod store;
mod structure;

use clap::{Parser, Subcommand};
use std::error::Error;
use std::path::PathBuf;

#[derive(Parser)]
#[command(name = "rushlight-bench", about = "Workloads and floors; each prints a Markdown table")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Requests against the server beside the floor server: CPU of the server's process per request.
    Http {
        /// The server's binary.
        #[arg(long, default_value = "target/release/rushlight")]
        server: PathBuf,
        /// Another store than a fresh folder.
        #[arg(long)]
        database_url: Option<String>,
        /// Clients at a time.
        #[arg(long, value_delimiter = ',', default_value = "1,16,64")]
        clients: Vec<usize>,
        /// Seconds of each of five turns of server and floor.
        #[arg(long, default_value_t = 1.0)]
        seconds: f64,
        /// Only the workloads whose names begin so.
        #[arg(long, default_value = "")]
        only: String,
    },
    /// Searches on a growing population, beside SQL by hand on the same tables.
    Search {
        /// The server's binary.
        #[arg(long, default_value = "target/release/rushlight")]
        server: PathBuf,
        /// Another store than a fresh folder; an empty one.
        #[arg(long)]
        database_url: Option<String>,
        /// Patients, of some 23 resources each; 64,000 take 5 GB of disk.
        #[arg(long, value_delimiter = ',', default_value = "1000,4000,16000,64000")]
        patients: Vec<u64>,
        /// Clients at a time.
        #[arg(long, default_value_t = 1)]
        clients: usize,
        /// Seconds of each of five turns of server and floor.
        #[arg(long, default_value_t = 0.5)]
        seconds: f64,
        /// Only the searches whose names begin so.
        #[arg(long, default_value = "")]
        only: String,
    },
    /// The floor server of searches, as `search` starts it.
    #[command(hide = true)]
    SearchFloor {
        /// The store.
        url: String,
    },
    /// A bystander's reads while 200 slow sockets are held: its p99 with and without them, and the server's memory.
    Slow {
        /// The server's binary.
        #[arg(long, default_value = "target/release/rushlight")]
        server: PathBuf,
        /// Slow sockets: half dribble heads and bodies, half don't read their large answers.
        #[arg(long, default_value_t = 200)]
        sockets: usize,
        /// Seconds of each of the turns with and without.
        #[arg(long, default_value_t = 2.0)]
        seconds: f64,
    },
    /// The floor server, as `http` starts it.
    #[command(hide = true)]
    FloorServer {
        /// Folder for its database.
        folder: PathBuf,
        /// PostgreSQL instead.
        #[arg(long)]
        database_url: Option<String>,
    },
    /// The best bare layout: records and their index rows, one commit for 64, merged in sorted runs.
    Bare {
        /// Resources.
        #[arg(long, default_value_t = 200_000)]
        resources: u64,
        /// Index rows of a resource, at the most.
        #[arg(long, default_value_t = usize::MAX, hide_default_value = true)]
        rows: usize,
        /// Resources in a sorted run; 0 writes rows as they come, 1 lets runs grow with the store.
        #[arg(long, default_value_t = 1)]
        run: usize,
    },
    /// `rushlight load`, into an empty store or after as many resources as wanted.
    Bulk {
        /// The server's binary.
        #[arg(long, default_value = "target/release/rushlight")]
        server: PathBuf,
        /// Another store than a fresh folder.
        #[arg(long)]
        database_url: Option<String>,
        /// Resources to load.
        #[arg(long, default_value_t = 200_000)]
        resources: usize,
        /// Resources that are there before.
        #[arg(long, default_value_t = 0)]
        before: usize,
    },
    /// Extracting all index entries, against `serde_json::Value` parsing the same bytes.
    Extract {
        /// Resources in an NDJSON file; if not given, those of 400 patients of the synthetic population.
        file: Option<PathBuf>,
    },
    /// Parsing and validating, against `serde_json::Value` parsing the same bytes.
    Structure {
        /// Patients of the synthetic population, about 23 resources each.
        #[arg(long, default_value_t = 1000)]
        patients: u32,
    },
    /// The store without HTTP: creates with 64 outstanding, and lookups, as it grows.
    Store {
        /// The store; a fresh folder if not given.
        #[arg(long)]
        database_url: Option<String>,
        /// Resources.
        #[arg(long, default_value_t = 200_000)]
        resources: u64,
        /// Resources of a request.
        #[arg(long, default_value_t = 1)]
        entries: u64,
        /// Requests at a time.
        #[arg(long, default_value_t = 64)]
        outstanding: usize,
    },
}

fn main() -> Result<(), Box<dyn Error>> {
    match Cli::parse().command {
        Command::Http { server, database_url, clients, seconds, only } => {
            http::run(&server, database_url.as_deref(), &clients, seconds, &only)
        }
        Command::Search { server, database_url, patients, clients, seconds, only } => {
            search::run(&search::Options {
                binary: &server,
                url: database_url.as_deref(),
                patients: &patients,
                clients,
                seconds,
                only: &only,
            })
        }
        Command::SearchFloor { url } => search::floor::serve(&url),
        Command::Slow { server, sockets, seconds } => slow::run(&server, sockets, seconds),
        Command::FloorServer { folder, database_url } => floor::serve(&folder, database_url.as_deref()),
        Command::Bulk { server, database_url, resources, before } => {
            bulk::run(&server, database_url.as_deref(), resources, before)
        }
        Command::Bare { resources, rows, run } => bare::run(resources, rows, run),
        Command::Extract { file } => extract::run(file.as_deref()),
        Command::Structure { patients } => structure::run(patients),
        Command::Store { database_url, resources, entries, outstanding } => {
            store::run(database_url, resources, entries, outstanding)
        }
    }
}
