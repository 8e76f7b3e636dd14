//! What the project's developers run: `cargo xtask schemas`.

mod schemas;

use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Tasks of the project's developers")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Write schemas/ from FHIR's packages.
    Schemas {
        /// The folder of the packages; those that it lacks are fetched with npm.
        #[arg(long, value_name = "FOLDER")]
        packages: Option<PathBuf>,
        /// Write nothing: fail where the files differ from what would be written.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    let Task::Schemas { packages, check } = Arguments::parse().task;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let packages = packages.unwrap_or_else(|| root.join("target/packages"));
    match schemas::run(&packages, &root.join("schemas"), check) {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
