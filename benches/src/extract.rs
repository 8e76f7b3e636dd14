//! Extracting all index entries of a resource, against `serde_json::Value` parsing the same bytes.

use crate::structure::population;
use rushlight_model::definitions::Release;
use rushlight_model::json::{Limits, Tree};
use rushlight_search::{Entries, Registry};
use std::collections::BTreeMap;
use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

/// Turns of each reader; the shortest counts.
const TURNS: usize = 15;

fn least(mut run: impl FnMut()) -> Duration {
    let time = |run: &mut dyn FnMut()| {
        let begun = Instant::now();
        run();
        begun.elapsed()
    };
    (0..TURNS).map(|_| time(&mut run)).min().unwrap_or_default()
}

/// What a type costs.
struct Cost {
    count: usize,
    bytes: usize,
    rows: usize,
    key_bytes: usize,
    extract: Duration,
    serde: Duration,
}

/// Prints a row for each type of resource.
pub fn run(file: Option<&Path>) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    let registry = Registry::standard(Release::R4);
    println!(
        "{} units of R4 planned in {:.1} ms\n",
        registry.units().len(),
        begun.elapsed().as_secs_f64() * 1e3
    );
    let texts = match file {
        Some(file) => std::fs::read_to_string(file)?.lines().map(str::to_owned).collect(),
        None => population(400)?,
    };
    let mut by_type: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for text in texts {
        let tree = Tree::parse(text.as_bytes(), &Limits::default())?;
        let ty = tree.root().get("resourceType").and_then(|ty| ty.as_str()).unwrap_or_default().into_owned();
        by_type.entry(ty).or_default().push(text);
    }
    println!(
        "| type | resources | bytes | rows | bytes of keys | extract µs | serde_json::Value µs | extract / serde_json |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let mut all =
        Cost { count: 0, bytes: 0, rows: 0, key_bytes: 0, extract: Duration::ZERO, serde: Duration::ZERO };
    for (ty, texts) in &by_type {
        let cost = measure(&registry, texts);
        print(ty, &cost);
        all.count += cost.count;
        all.bytes += cost.bytes;
        all.rows += cost.rows;
        all.key_bytes += cost.key_bytes;
        all.extract += cost.extract;
        all.serde += cost.serde;
    }
    print("all", &all);
    Ok(())
}

fn measure(registry: &Registry, texts: &[String]) -> Cost {
    let trees: Vec<Tree> =
        texts.iter().filter_map(|text| Tree::parse(text.as_bytes(), &Limits::default()).ok()).collect();
    let mut entries = Entries::default();
    let (mut rows, mut key_bytes) = (0, 0);
    for tree in &trees {
        registry.extract(tree.root(), &mut entries);
        rows += entries.len();
        key_bytes += entries.iter().map(|entry| entry.key.len()).sum::<usize>();
    }
    let extract = least(|| {
        for tree in &trees {
            registry.extract(black_box(tree).root(), &mut entries);
            black_box(&entries);
        }
    });
    let serde = least(|| {
        for text in texts {
            drop(black_box(serde_json::from_str::<serde_json::Value>(text)));
        }
    });
    Cost { count: texts.len(), bytes: texts.iter().map(String::len).sum(), rows, key_bytes, extract, serde }
}

fn print(name: &str, cost: &Cost) {
    #[expect(clippy::cast_precision_loss, reason = "counts")]
    let (count, rows) = (cost.count as f64, cost.rows as f64);
    println!(
        "| {name} | {} | {} | {:.1} | {} | {:.2} | {:.2} | {:.2} |",
        cost.count,
        cost.bytes / cost.count.max(1),
        rows / count,
        cost.key_bytes / cost.count.max(1),
        cost.extract.as_secs_f64() * 1e6 / count,
        cost.serde.as_secs_f64() * 1e6 / count,
        cost.extract.as_secs_f64() / cost.serde.as_secs_f64()
    );
}
