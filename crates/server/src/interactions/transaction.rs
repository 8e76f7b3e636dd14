//! transaction: <https://hl7.org/fhir/R4/http.html#transaction>

use crate::app::App;
use crate::context::Context;
use crate::error::Error;
use crate::respond;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use rushlight_model::bundle::{PlannedEntry, PlannedOp};
use rushlight_model::format_instant;
use rushlight_persistence::{Op, Precondition, TransactError, Written, WrittenAs};
use serde_json::json;
use std::sync::Arc;

/// `POST [base]`: all entries or none, answered in their order.
pub async fn run(context: Context) -> Result<HttpResponse, Error> {
    context.parameters.only(&[])?;
    let (bytes, checks) = (context.body.clone(), Arc::clone(&context.app.checks));
    let entries = actix_web::web::block(move || checks.transaction(&bytes, &mut App::new_id))
        .await
        .map_err(|_| Error::Overloaded)??;
    let (places, ops): (Vec<usize>, Vec<Op>) = entries.into_iter().map(op).unzip();
    let result = context.write(ops).await.map_err(|error| match error {
        TransactError::Refused { op, why } => Error::Refused { entry: places.get(op).copied(), why },
        other => other.into(),
    })?;
    let mut responses: Vec<(usize, serde_json::Value)> = places
        .into_iter()
        .zip(&result)
        .map(|(place, written)| (place, entry(&context.app.base, written)))
        .collect();
    responses.sort_by_key(|(place, _)| *place);
    let entries: Vec<serde_json::Value> = responses.into_iter().map(|(_, entry)| entry).collect();
    let mut bundle = json!({"resourceType": "Bundle", "type": "transaction-response"});
    if let (false, Some(members)) = (entries.is_empty(), bundle.as_object_mut()) {
        members.insert("entry".to_owned(), entries.into());
    }
    Ok(respond::builder(StatusCode::OK).body(bundle.to_string()))
}

/// An entry's place, and what it asks of the store.
pub fn op(entry: PlannedEntry) -> (usize, Op) {
    let condition = |if_match: Option<i64>| if_match.map_or(Precondition::None, Precondition::IfMatch);
    let op = match entry.op {
        PlannedOp::Create { id, body } => Op::Create { id, body },
        PlannedOp::Put { ty, id, body, if_match } => {
            Op::Put { ty, id, body, precondition: condition(if_match) }
        }
        PlannedOp::Delete { ty, id, if_match } => Op::Delete { ty, id, precondition: condition(if_match) },
    };
    (entry.index, op)
}

fn entry(base: &str, written: &Written) -> serde_json::Value {
    let status = match written.outcome {
        WrittenAs::Created => "201 Created",
        WrittenAs::Updated | WrittenAs::Unchanged => "200 OK",
        WrittenAs::Deleted | WrittenAs::AlreadyDeleted => "204 No Content",
    };
    if written.version == 0 {
        return json!({"response": {"status": status}});
    }
    json!({"response": {
        "status": status,
        "location": respond::location(base, written.ty, &written.id, written.version),
        "etag": respond::etag(written.version),
        "lastModified": format_instant(written.last_updated),
    }})
}
