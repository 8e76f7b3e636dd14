//! `rushlight generate`: a synthetic population in files.

mod folder;

use crate::cli::GenerateArgs;
use crate::progress::Progress;
use clap::ValueEnum;
use folder::Folder;
use rushlight_population::{Options, Population, Resources};
use std::error::Error;
use std::process::ExitCode;

/// What files there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A file for each type of resource, with a resource on each line: `Patient.ndjson` and so on.
    #[default]
    Ndjson,
    /// Transaction Bundles: `000-pool.json` for what patients refer to, and one for each patient.
    Bundles,
}

/// Writes the files.
///
/// # Errors
/// A folder that has such files already, or can't be written into.
pub fn run(args: &GenerateArgs) -> Result<ExitCode, Box<dyn Error>> {
    let population = Population::new(Options {
        seed: args.seed,
        release: args.fhir_version,
        today: args.today,
        limit: args.resources_per_patient,
    });
    let mut folder = Folder::open(&args.to, args.format)?;
    let progress = Progress::start(args.patients);
    each(&population, args.patients, &progress, &mut |part, resources| folder.write(part, resources))?;
    let counts = folder.close()?;
    let seconds = progress.finish();
    let total: u64 = counts.values().sum();
    for (resource_type, count) in counts {
        println!("{count:>10} {resource_type}");
    }
    println!(
        "{total:>10} resources in {}; {seconds:.1} s, {:.0} resources/s",
        args.to.display(),
        f64::from(u32::try_from(total).unwrap_or(u32::MAX)) / seconds.max(0.001)
    );
    Ok(ExitCode::SUCCESS)
}

/// A part of a population that refers to nothing but itself and the pool.
#[derive(Clone, Copy)]
pub enum Part {
    /// The organizations and practitioners.
    Pool,
    /// The record of the patient of this number.
    Patient(u64),
}

/// What is done with each part.
pub type Each<'a> = &'a mut dyn FnMut(Part, &Resources) -> Result<(), Box<dyn Error>>;

/// Calls `each` with the pool, then with every patient from 1; the progress is in patients.
///
/// # Errors
/// What `each` says.
pub fn each(
    population: &Population,
    patients: u64,
    progress: &Progress,
    each: Each<'_>,
) -> Result<(), Box<dyn Error>> {
    let mut resources = Resources::new();
    population.write_pool(&mut resources);
    each(Part::Pool, &resources)?;
    let mut done = resources.len() as u64;
    for number in 1..=patients {
        population.write_patient(number, &mut resources);
        each(Part::Patient(number), &resources)?;
        done += resources.len() as u64;
        progress.add(1, done);
    }
    Ok(())
}
