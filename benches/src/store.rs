//! The store without HTTP: creates and lookups as it grows.

use crate::figures::{cpu, peak_memory, written};
use crate::http::observation;
use rushlight_model::{Body, Id, Limits, ResourceType};
use rushlight_persistence::{Access, Location, Lookup, Op, Origin, Snapshot, Store, StoreOptions};
use rushlight_search::{Entries, TableId};
use std::error::Error;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Instant;

/// Rows of the table.
const STEPS: u64 = 8;

/// Fills a store and prints a row for each step of its growth.
pub fn run(
    url: Option<String>,
    resources: u64,
    entries: u64,
    outstanding: usize,
) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let url = url.unwrap_or_else(|| format!("sqlite:{}", folder.path().join("store").display()));
    let store = Store::open(&StoreOptions::new(Location::parse(&url)?))?;
    println!(
        "| resources | per second | CPU µs each | bytes written each | merges | lookup of 20, µs | the same as of the first step | peak MB |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let gate = Arc::new((Mutex::new(0_usize), Condvar::new()));
    let mut first: Option<(Entries, Snapshot)> = None;
    let mut number = 0;
    for step in 1..=STEPS {
        let (begun, cpu_before, written_before) = (Instant::now(), cpu("self"), written("self"));
        while number < resources * step / STEPS {
            let ops = (0..entries).map(|_| create(&mut number)).collect::<Result<Vec<_>, _>>()?;
            submit(&store, ops, &gate, outstanding);
        }
        wait(&gate, 1);
        #[expect(clippy::cast_precision_loss, reason = "counts")]
        let count = (resources / STEPS) as f64;
        let rate = count / begun.elapsed().as_secs_f64();
        let cpu_each = (cpu("self") - cpu_before) / count * 1e6;
        let written_each = (written("self") - written_before) / count;
        let snapshot = store.snapshot()?;
        let (entry, oldest) = match &first {
            Some(known) => known.clone(),
            None => {
                let known = (common(&store, &snapshot)?, snapshot.clone());
                first = Some(known.clone());
                known
            }
        };
        let now = lookup(&store, &entry, &snapshot)?;
        let then = lookup(&store, &entry, &oldest)?;
        println!(
            "| {number} | {rate:.0} | {cpu_each:.1} | {written_each:.0} | {} | {now:.0} | {then:.0} | {:.0} |",
            store.merges(),
            peak_memory("self")
        );
    }
    let begun = Instant::now();
    store.close();
    println!("\nclean stop: {:.2} s", begun.elapsed().as_secs_f64());
    Ok(())
}

fn create(number: &mut u64) -> Result<Op, Box<dyn Error>> {
    *number += 1;
    let id = Id::from_uuid(uuid::Uuid::now_v7().as_u128());
    let text = observation(id.as_str(), usize::try_from(*number)?);
    let body = Body::parse(text.as_bytes(), &Limits::default())?;
    Ok(Op::Create { id, body })
}

fn submit(store: &Store, ops: Vec<Op>, gate: &Arc<(Mutex<usize>, Condvar)>, outstanding: usize) {
    wait(gate, outstanding);
    *gate.0.lock().unwrap_or_else(PoisonError::into_inner) += 1;
    let gate = Arc::clone(gate);
    store.submit(&Origin::of("bench"), ops, move |result| {
        if let Err(error) = result {
            eprintln!("{error}");
        }
        *gate.0.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        gate.1.notify_all();
    });
}

/// Waits until fewer than `limit` requests are on their way.
fn wait(gate: &Arc<(Mutex<usize>, Condvar)>, limit: usize) {
    let guard = gate.0.lock().unwrap_or_else(PoisonError::into_inner);
    drop(gate.1.wait_while(guard, |count| *count >= limit));
}

/// A token that many resources have.
fn common(store: &Store, snapshot: &Snapshot) -> Result<Entries, Box<dyn Error>> {
    let ty = ResourceType::from_name("Observation").ok_or("no such type")?;
    let some = store.scan(&Access::all(), Some(ty), snapshot, 0, 1)?;
    let version = some.first().ok_or("nothing stored")?;
    let entries = store.registry().extract_text(version.body.as_bytes());
    let one: Entries = entries.iter().filter(|entry| entry.table == TableId::TOKEN).take(1).collect();
    if one.is_empty() { Err("no token".into()) } else { Ok(one) }
}

/// Microseconds of a lookup, the median of several.
fn lookup(store: &Store, entry: &Entries, snapshot: &Snapshot) -> Result<f64, Box<dyn Error>> {
    let ty = ResourceType::from_name("Observation").ok_or("no such type")?;
    let entry = entry.iter().next().ok_or("no token")?;
    let mut times = Vec::new();
    for _ in 0..31 {
        let begun = Instant::now();
        store.lookup(&Access::all(), &Lookup { entry, ty, snapshot, limit: 20 })?;
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    Ok(times.get(15).map_or(0.0, |time| time.as_secs_f64() * 1e6))
}
