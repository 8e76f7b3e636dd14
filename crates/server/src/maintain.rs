//! `rushlight backup`, `restore` and `verify`

use crate::cli::{BackupArgs, RestoreArgs, VerifyArgs};
use rushlight_persistence::{Access, Store, StoreOptions, backup as copy, restore as put_back};
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

/// Examines a store; fails where anything is wrong with it.
///
/// # Errors
/// A store that can't be opened or read.
pub fn verify(args: &VerifyArgs) -> Result<ExitCode, Box<dyn Error>> {
    // An examination of a large store takes its time.
    let statement_timeout = Duration::from_secs(24 * 3600);
    let options = StoreOptions { statement_timeout, create: false, ..args.store.options()? };
    let store = Store::open(&options)?;
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
