//! Workloads on the real server, and the floors that they are judged by, measured in one run.
//!
//! `cargo run --release -p rushlight-benches -- http` after `cargo build --release`.

mod bare;
mod bulk;
mod figures;
mod floor;
mod http;
mod load;
mod process;
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
        #[arg(long, default_value_t = 1)]
        seconds: u64,
        /// Only the workloads whose names begin so.
        #[arg(long, default_value = "")]
        only: String,
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
        #[arg(long, default_value_t = 2)]
        seconds: u64,
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
    /// The best bare layout: records and 20 index rows each, one commit for 64, merged in sorted runs.
    Bare {
        /// Resources.
        #[arg(long, default_value_t = 200_000)]
        resources: u64,
        /// Index rows of a resource.
        #[arg(long, default_value_t = 20)]
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
        Command::Slow { server, sockets, seconds } => slow::run(&server, sockets, seconds),
        Command::FloorServer { folder, database_url } => floor::serve(&folder, database_url.as_deref()),
        Command::Bulk { server, database_url, resources, before } => {
            bulk::run(&server, database_url.as_deref(), resources, before)
        }
        Command::Bare { resources, rows, run } => bare::run(resources, rows, run),
        Command::Structure { patients } => structure::run(patients),
        Command::Store { database_url, resources, entries, outstanding } => {
            store::run(database_url, resources, entries, outstanding)
        }
    }
}
