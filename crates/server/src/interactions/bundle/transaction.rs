//! transaction: all entries, or none.

use super::answer::{self, Answer};
use super::coming::Coming;
use super::{get, op, plan};
use crate::checks::Planned;
use crate::context::Context;
use crate::error::Error;
use actix_web::HttpResponse;
use rushlight_model::bundle::{PlannedEntry, PlannedOp};
use rushlight_persistence::{Op, StoreError, TransactError};

/// How often a transaction is planned anew because of others that came between.
const TRIES: u32 = 8;

/// Carries the entries out together.
pub async fn run(
    context: &Context,
    mut entries: Vec<PlannedEntry>,
    mut coming: Coming,
) -> Result<HttpResponse, Error> {
    for tried in 1..=TRIES {
        coming.bind(&mut entries);
        let (answers, places, ops) = sort(context, entries).await?;
        match context.write(ops).await {
            Ok(written) => {
                let written = places.into_iter().zip(written.iter().map(Answer::written));
                return Ok(answer::respond(context, "transaction", written.chain(answers).collect()));
            }
            Err(TransactError::Refused { why, .. }) if coming.explains(&why) => {
                log::debug!("transaction: another writer came between, attempt {tried}");
            }
            Err(TransactError::Refused { op, why }) => {
                let entry = places.get(op).copied().unwrap_or_default();
                return Err(Error::Refused { why }.of_entry(entry));
            }
            Err(other) => return Err(other.into()),
        }
        match plan(context, Coming::default()).await? {
            (Planned::Transaction(again), learnt) => (entries, coming) = (again, learnt),
            (Planned::Batch(_), _) => break,
        }
    }
    Err(Error::Store(StoreError::Contention))
}

/// What can be answered before anything is written, and what is asked of the store for the entries in these places.
type Sorted = (Vec<(usize, Answer)>, Vec<usize>, Vec<Op>);

/// Versions never change, so those that are asked for are read first: what fails, fails before anything is written.
async fn sort(context: &Context, entries: Vec<PlannedEntry>) -> Result<Sorted, Error> {
    let mut sorted = Sorted::default();
    for PlannedEntry { index, op: planned } in entries {
        if let PlannedOp::Get { url, head, unless } = planned {
            let answer = match get::Asked::of(context, &url).map_err(|error| error.of_entry(index))? {
                get::Asked::Read(..) => Err(Error::NotSupported { what: "a read in a transaction" }),
                _ => get::answer(context, &url, head, &unless).await,
            };
            sorted.0.push((index, answer.map_err(|error| error.of_entry(index))?));
        } else if let Some(op) = op(planned) {
            sorted.1.push(index);
            sorted.2.push(op);
        }
    }
    Ok(sorted)
}
