//! batch and transaction: <https://hl7.org/fhir/R4/http.html#transaction>

mod answer;
mod batch;
mod coming;
mod get;
pub mod transaction;

use crate::app::App;
use crate::checks::Planned;
use crate::context::Context;
use crate::error::Error;
use crate::protocol::prefer::Return;
use actix_web::HttpResponse;
use coming::Coming;
use rushlight_model::Body;
use rushlight_model::bundle::{Condition, PlannedOp};
use rushlight_persistence::{Op, Precondition};
use std::sync::Arc;

/// `POST [base]`: the entries are answered in their order.
pub async fn run(context: Context) -> Result<HttpResponse, Error> {
    context.parameters.only(&[])?;
    match plan(&context, Coming::default()).await? {
        (Planned::Batch(entries), _) => {
            context.record.interaction.set("batch");
            batch::run(&context, entries).await
        }
        (Planned::Transaction(entries), coming) => transaction::run(&context, entries, coming).await,
    }
}

/// Reads and checks the body, where it may take time; as often as it takes to know the versions that it asks for.
async fn plan(context: &Context, mut coming: Coming) -> Result<(Planned, Coming), Error> {
    loop {
        let (bytes, checks) = (context.body.clone(), Arc::clone(&context.app.checks));
        let most = context.app.settings.limits.entries;
        let work = move || {
            let planned = checks.bundle(&bytes, most, &mut App::new_id, &|ty, id| coming.version(ty, id));
            (planned, coming)
        };
        let (planned, tried) = actix_web::web::block(work).await.map_err(|_| Error::Overloaded)?;
        coming = tried;
        if !coming.learn(context, planned.as_ref().ok()).await? {
            return Ok((planned?, coming));
        }
    }
}

/// What a write asks of the store; `None` for a read.
pub fn op(planned: PlannedOp) -> Option<Op> {
    let precondition = |condition| match condition {
        Condition::None => Precondition::None,
        Condition::Version(version) => Precondition::IfMatch(version),
        Condition::Absent => Precondition::IfNoneMatchAny,
    };
    match planned {
        PlannedOp::Create { id, body } => Some(Op::Create { id, body }),
        PlannedOp::Put { ty, id, body, condition } => {
            Some(Op::Put { ty, id, body, precondition: precondition(condition) })
        }
        PlannedOp::Delete { ty, id, condition } => {
            Some(Op::Delete { ty, id, precondition: precondition(condition) })
        }
        PlannedOp::Get { .. } => None,
    }
}

/// The body of a write, where the client would like it back.
fn wanted_back(context: &Context, op: &Op) -> Option<Body> {
    match op {
        Op::Create { body, .. } | Op::Put { body, .. }
            if context.prefer.returns == Some(Return::Representation) =>
        {
            Some(body.clone())
        }
        _ => None,
    }
}
