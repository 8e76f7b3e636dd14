//! `rushlight`: a FHIR server in one binary, and the commands to keep it.

mod app;
mod capability;
mod check;
mod checks;
mod cli;
mod config;
mod connection;
mod context;
mod criteria;
mod demo;
mod error;
mod fhirpath;
mod generate;
mod guard;
mod handle;
mod heavy;
mod interactions;
mod load;
mod maintain;
mod metadata;
mod observe;
mod page;
mod parameters;
mod progress;
mod protocol;
mod record;
mod reindex;
mod respond;
mod routes;
mod searchable;
mod serve;
mod settings;
mod source;
mod stored;
mod subset;
mod terminal;
mod tls;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    // What serves logs as it is configured.
    if !matches!(cli.command, cli::Command::Serve(_)) {
        observe::log::start(settings::LogForm::Text);
    }
    let result = match cli.command {
        cli::Command::Serve(args) => serve::run(&args),
        cli::Command::Config(args) => config::run(&args),
        cli::Command::Load(args) => load::run(&args),
        cli::Command::Check(args) => check::run(&args),
        cli::Command::Fhirpath(args) => fhirpath::run(&args),
        cli::Command::Generate(args) => generate::run(&args),
        cli::Command::Backup(args) => maintain::backup(&args),
        cli::Command::Restore(args) => maintain::restore(&args),
        cli::Command::Verify(args) => maintain::verify(&args),
        cli::Command::Reindex(args) => reindex::run(&args),
        cli::Command::Audit(cli::AuditCommand::Verify(args)) => maintain::verify_audit(&args),
        cli::Command::Audit(cli::AuditCommand::Head(args)) => maintain::audit_heads(&args),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("rushlight: {error}");
            ExitCode::FAILURE
        }
    }
}
