//! `rushlight serve --demo`: an empty store is filled with a synthetic population.

use crate::cli::TODAY;
use crate::generate::each;
use crate::progress::Progress;
use rushlight_model::{Body, Id, Limits};
use rushlight_persistence::{Access, Actor, Op, Origin, Precondition, Store};
use rushlight_population::{Day, Generated, Options, Population};
use std::error::Error;

/// Resources of a transaction, at the least; records of patients are not split.
const CHUNK: usize = 256;

/// Fills the store with this many patients; one that holds anything is left as it is.
///
/// # Errors
/// A store that can't be read or written.
pub fn fill(store: &Store, patients: u64) -> Result<(), Box<dyn Error>> {
    let held: i64 = store.counts(&Access::all())?.iter().map(|(_, count)| count).sum();
    if held > 0 {
        log::info!(
            "the store is not empty: its {held} resources are left as they are, and no patients are added"
        );
        return Ok(());
    }
    let today = Day::parse(TODAY).ok_or("no day")?;
    let population = Population::new(Options::new(store.release(), today));
    let origin = Origin::new(Actor::named("demo"), "", "demo");
    let mut ops = Vec::with_capacity(CHUNK);
    let progress = Progress::start(patients);
    each(&population, patients, &progress, &mut |_, resources| {
        for resource in resources.iter() {
            ops.push(put(resource)?);
        }
        if ops.len() >= CHUNK {
            store.transact(&origin, std::mem::take(&mut ops))?;
        }
        Ok(())
    })?;
    if !ops.is_empty() {
        store.transact(&origin, ops)?;
    }
    let seconds = progress.finish();
    log::info!("the store was empty: {patients} synthetic patients were added in {seconds:.1} s");
    Ok(())
}

/// A put, not a create: a second process that fills the same database at the same time changes nothing.
fn put(resource: Generated<'_>) -> Result<Op, Box<dyn Error>> {
    let body = Body::parse(resource.json.as_bytes(), &Limits::default())?;
    let ty = body.resource_type();
    Ok(Op::Put { ty, id: Id::new(resource.id)?, body, precondition: Precondition::None })
}
