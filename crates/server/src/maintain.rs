//! `rushlight backup`, `restore`, `verify` and `audit`

use crate::cli::{AuditVerifyArgs, BackupArgs, RestoreArgs, StoreArgs, VerifyArgs};
use crate::progress::Progress;
use rushlight_persistence::{Access, AuditWatch, Store, StoreOptions, backup as copy, restore as put_back};
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

/// Copies the records of an embedded store.
///
/// # Errors
/// No store there, a file that exists, or a disk that refuses.
pub fn backup(args: &BackupArgs) -> Result<ExitCode, Box<dyn Error>> {
    copy(&args.data_dir, &args.to)?;
    println!("copied the records in {} to {}", args.data_dir.display(), args.to.display());
    Ok(ExitCode::SUCCESS)
}

/// Puts a copy into a new folder.
///
/// # Errors
/// A copy that is not sound, or a folder that holds a store.
pub fn restore(args: &RestoreArgs) -> Result<ExitCode, Box<dyn Error>> {
    put_back(&args.from, &args.data_dir)?;
    println!("restored {} into {}", args.from.display(), args.data_dir.display());
    println!(
        "the index is rebuilt when the store is next opened, as by: rushlight verify --data-dir {}",
        args.data_dir.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// Opens a store to examine it.
fn open(args: &StoreArgs) -> Result<Store, Box<dyn Error>> {
    // An examination of a large store takes its time.
    let statement_timeout = Duration::from_secs(24 * 3600);
    Ok(Store::open(&StoreOptions { statement_timeout, create: false, ..args.options()? })?)
}

/// Examines the audit; fails where anything was changed.
///
/// # Errors
/// A store that can't be opened or read.
pub fn verify_audit(args: &AuditVerifyArgs) -> Result<ExitCode, Box<dyn Error>> {
    let store = open(&args.store)?;
    let heads = store.audit_heads()?;
    let total = heads.iter().map(|head| u64::try_from(head.number).unwrap_or(0)).sum();
    let progress = Progress::of("rows", total);
    let mut rows = 0;
    let tally = store.verify_audit(&args.expect, &mut |told| match told {
        AuditWatch::Rows(more) => {
            rows += more;
            progress.add(more, rows);
        }
        AuditWatch::Fault(fault) => progress.beside(|| println!("fault: {fault}")),
    })?;
    progress.finish();
    println!("{} rows in {} chains vouch for {} versions", tally.rows, tally.chains, tally.versions);
    if tally.excused > 0 {
        println!("versions with numbers up to {} are older than the audit", tally.excused);
    }
    if tally.faults == 0 {
        println!("no faults");
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} faults", tally.faults);
    Ok(ExitCode::FAILURE)
}

/// Prints where each chain of the audit has come to.
///
/// # Errors
/// A store that can't be opened or read.
pub fn audit_heads(args: &VerifyArgs) -> Result<ExitCode, Box<dyn Error>> {
    open(&args.store)?.audit_heads()?.iter().for_each(|head| println!("{head}"));
    Ok(ExitCode::SUCCESS)
}

/// Examines a store; fails where anything is wrong with it.
///
/// # Errors
/// A store that can't be opened or read.
pub fn verify(args: &VerifyArgs) -> Result<ExitCode, Box<dyn Error>> {
    let store = open(&args.store)?;
    let found = store.verify()?;
    for (ty, count) in store.counts(&Access::all())? {
        println!("{count:>10} {}", ty.name());
    }
    println!("{} resources, {} versions, {} index rows", found.resources, found.versions, found.entries);
    for fault in &found.faults {
        println!("fault: {fault}");
    }
    if found.faults.is_empty() {
        println!("no faults");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}
