//! Stores of a synthetic population, which grow from one number of patients to the next.

use rushlight_population::{Day, Options, Population, Release, Resources};
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Patients whose Bundles lie on the disk at a time.
const BATCH: u64 = 8_000;

/// Loads the patients after `from` up to `to`; the number of resources, and the seconds that took.
pub fn grow(binary: &Path, url: &str, from: u64, to: u64) -> Result<(usize, f64), Box<dyn Error>> {
    let today = Day::parse("2026-01-01").ok_or("not a day")?;
    let population = Population::new(Options::new(Release::R4, today));
    let mut resources = Resources::new();
    let (mut count, mut seconds) = (0, 0.0);
    for first in (from..to).step_by(usize::try_from(BATCH)?) {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("population.ndjson");
        let mut file = BufWriter::new(File::create(&path)?);
        let mut bundle = |resources: &Resources| {
            count += resources.len();
            let mut text = String::new();
            resources.write_transaction(&mut text);
            file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n"))
        };
        if first == 0 {
            population.write_pool(&mut resources);
            bundle(&resources)?;
        }
        for number in first + 1..=to.min(first + BATCH) {
            population.write_patient(number, &mut resources);
            bundle(&resources)?;
        }
        file.into_inner().map_err(|error| error.to_string())?;
        let begun = Instant::now();
        let output = Command::new(binary).args(["load", "--database-url", url]).arg(&path).output()?;
        seconds += begun.elapsed().as_secs_f64();
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
    }
    Ok((count, seconds))
}
