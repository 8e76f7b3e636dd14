//! Parsing and validating a synthetic population, against `serde_json::Value` parsing the same bytes.

use crate::figures::{median, memory};
use rushlight_model::definitions::Release;
use rushlight_model::json::{Limits, Tree};
use rushlight_population::{Day, Options, Population, Resources};
use rushlight_validation::Validator;
use serde_json::Value;
use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

/// Turns of each reader; the medians count.
const TURNS: usize = 9;

/// Prints a row for each way to read.
pub fn run(patients: u32) -> Result<(), Box<dyn Error>> {
    let (begun, before) = (Instant::now(), memory("self"));
    let validator = Validator::new(Release::R4);
    let took = begun.elapsed().as_secs_f64() * 1e3;
    println!("R4 ready after {took:.1} ms, in {:.1} MB", memory("self") - before);
    let texts = population(patients)?;
    let bytes: usize = texts.iter().map(String::len).sum();
    let limits = Limits::default();
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..TURNS {
        let turns: [&dyn Fn(&str) -> bool; 3] = [
            &|text| serde_json::from_str::<Value>(text).is_ok_and(|value| black_box(value).is_object()),
            &|text| {
                Tree::parse(text.as_bytes(), &limits)
                    .is_ok_and(|tree| black_box(&tree).root().raw().len() > 1)
            },
            &|text| {
                let tree = Tree::parse(text.as_bytes(), &limits);
                tree.is_ok_and(|tree| black_box(validator.check(tree.root())).is_empty())
            },
        ];
        for (turn, times) in turns.iter().zip(&mut times) {
            let begun = Instant::now();
            let good = texts.iter().filter(|text| turn(text)).count();
            times.push(begun.elapsed().as_secs_f64());
            if good != texts.len() {
                return Err(format!("{} resources are not valid", texts.len() - good).into());
            }
        }
    }
    let [value, parse, both] = times.map(median);
    #[expect(clippy::cast_precision_loss, reason = "counts")]
    let (count, megabytes) = (texts.len() as f64, bytes as f64 / 1e6);
    println!("{} resources of {:.0} bytes\n", texts.len(), megabytes * 1e6 / count);
    println!("| | µs per resource | MB/s | serde_json::Value's time / this |");
    println!("|---|---|---|---|");
    for (name, time) in [("serde_json::Value", value), ("parse", parse), ("parse and validate", both)] {
        println!("| {name} | {:.2} | {:.0} | {:.2} |", time / count * 1e6, megabytes / time, value / time);
    }
    let before = memory("self");
    let trees: Vec<Tree> =
        texts.iter().filter_map(|text| Tree::parse(text.as_bytes(), &limits).ok()).collect();
    println!(
        "\nmemory of {} trees: {:.2} bytes per byte",
        trees.len(),
        (memory("self") - before) * 1.048_576 / megabytes
    );
    Ok(())
}

/// The records of a pool and of so many patients.
pub fn population(patients: u32) -> Result<Vec<String>, Box<dyn Error>> {
    let today = Day::parse("2026-01-01").ok_or("no such day")?;
    let population = Population::new(Options::new(Release::R4, today));
    let mut resources = Resources::new();
    let mut texts = Vec::new();
    population.write_pool(&mut resources);
    texts.extend(resources.iter().map(|resource| resource.json.to_owned()));
    for number in 1..=patients {
        population.write_patient(number.into(), &mut resources);
        texts.extend(resources.iter().map(|resource| resource.json.to_owned()));
    }
    Ok(texts)
}
