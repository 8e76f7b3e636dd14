//! batch and transaction: <https://hl7.org/fhir/R4/http.html#transaction>

mod answer;
mod batch;
mod coming;
mod get;
mod sought;
pub mod transaction;

use crate::checks::Planned;
use crate::context::Context;
use crate::error::Error;
use crate::protocol::prefer::Return;
use actix_web::HttpResponse;
use coming::Coming;
use rushlight_model::bundle::{Around, Asked, Condition, Found, PlannedOp};
use rushlight_model::{Body, Id, ResourceType};
use rushlight_persistence::{Op, Precondition, StoreError};
use sought::Sought;
use std::sync::Arc;

/// `POST [base]`: the entries are answered in their order.
pub async fn run(context: Context) -> Result<HttpResponse, Error> {
    context.parameters.only(&[])?;
    match plan(&context).await? {
        (Planned::Batch(entries), _) => {
            context.record.interaction.set("batch");
            batch::run(&context, entries).await
        }
        (Planned::Transaction(entries), outside) => transaction::run(&context, entries, outside).await,
    }
}

/// What is known of the store when a transaction is planned.
#[derive(Debug, Default)]
pub struct Outside {
    coming: Coming,
    sought: Sought,
}

impl Around for Outside {
    fn version(&self, ty: ResourceType, id: &Id) -> Option<i64> {
        self.coming.version(ty, id)
    }

    fn found(&self, asked: Asked<'_>) -> Found {
        self.sought.found(asked)
    }
}

/// Each look at the store may raise the next question; and what references lead to may change what criteria match.
const PLANS: u32 = 16;

/// Reads and checks the body, where it may take time; as often as it takes to know what it asks for.
async fn plan(context: &Context) -> Result<(Planned, Outside), Error> {
    let mut outside = Outside::default();
    for _ in 0..PLANS {
        let (bytes, checks) = (context.body.clone(), Arc::clone(&context.app.checks));
        let (most, registry) = (context.app.settings.limits.entries, context.app.store.registry());
        let work = move || {
            let mut given = 0;
            let mut new_id = || {
                given += 1;
                outside.sought.id(given - 1)
            };
            let planned = checks.bundle(&bytes, most, &mut new_id, &outside);
            let weighed = outside.sought.weigh(planned.as_ref().ok(), &registry);
            (planned, weighed, outside)
        };
        let (planned, weighed, tried) = actix_web::web::block(work).await.map_err(|_| Error::Overloaded)?;
        outside = tried;
        let mut again = weighed?;
        again |= outside.sought.learn(context).await?;
        again |= outside.coming.learn(context, planned.as_ref().ok()).await?;
        if !again {
            return Ok((planned?, outside));
        }
    }
    Err(Error::Store(StoreError::Contention))
}

/// What must hold first.
fn precondition(condition: Condition) -> Precondition {
    match condition {
        Condition::None => Precondition::None,
        Condition::Version(version) => Precondition::IfMatch(version),
        Condition::Absent => Precondition::IfNoneMatchAny,
    }
}

/// What a write of one resource asks of the store; `None` for what is none.
pub fn op(planned: PlannedOp) -> Option<Op> {
    match planned {
        PlannedOp::Create { id, body } => Some(Op::Create { id, body }),
        PlannedOp::Put { ty, id, body, condition } => {
            Some(Op::Put { ty, id, body, precondition: precondition(condition) })
        }
        PlannedOp::Delete { ty, id, condition } => {
            Some(Op::Delete { ty, id, precondition: precondition(condition) })
        }
        PlannedOp::Exists { .. }
        | PlannedOp::DeleteFound { .. }
        | PlannedOp::Conditional { .. }
        | PlannedOp::Get { .. } => None,
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
