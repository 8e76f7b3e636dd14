//! `rushlight load` as a whole process: files of transaction Bundles into a store.

use crate::http::observation;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Entries of a Bundle.
const ENTRIES: usize = 500;
/// Bundles in a folder: a large store is filled folder by folder, so that little lies on the disk.
const BUNDLES: usize = 200;

/// Fills the store with `before` resources, then loads `resources` more and prints what that took.
pub fn run(binary: &Path, url: Option<&str>, resources: usize, before: usize) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let own = format!("sqlite:{}", folder.path().join("store").display());
    let url = url.unwrap_or(&own);
    let mut number = 0;
    while number < before {
        load(binary, url, number, BUNDLES * ENTRIES)?;
        number += BUNDLES * ENTRIES;
    }
    println!("| there before | loaded | seconds | resources/s |");
    println!("|---|---|---|---|");
    let seconds = load(binary, url, number, resources)?;
    #[expect(clippy::cast_precision_loss, reason = "a count of resources")]
    let rate = resources as f64 / seconds;
    println!("| {number} | {resources} | {seconds:.1} | {rate:.0} |");
    Ok(())
}

/// Loads a folder of Bundles made for the purpose; the seconds of the whole process, its clean stop included.
fn load(binary: &Path, url: &str, from: usize, count: usize) -> Result<f64, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    for block in (from..from + count).step_by(ENTRIES) {
        let entries: Vec<String> = (block..(block + ENTRIES).min(from + count))
            .map(|number| {
                let body = observation("x", number).replace(r#""id":"x","#, "");
                format!(r#"{{"resource":{body},"request":{{"method":"POST","url":"Observation"}}}}"#)
            })
            .collect();
        let text =
            format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{}]}}"#, entries.join(","));
        fs::write(folder.path().join(format!("{block:09}.json")), text)?;
    }
    let begun = Instant::now();
    let output = Command::new(binary).args(["load", "--database-url", url]).arg(folder.path()).output()?;
    let seconds = begun.elapsed().as_secs_f64();
    if output.status.success() {
        return Ok(seconds);
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
}
