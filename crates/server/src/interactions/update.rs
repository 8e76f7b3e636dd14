//! update: <https://hl7.org/fhir/R4/http.html#update>

use super::{body, provenance, written};
use crate::context::Context;
use crate::error::Error;
use crate::protocol::conditions;
use actix_web::HttpResponse;
use rushlight_persistence::{Op, StoreError};

/// `PUT [base]/[type]/[id]`: a new version, or a resource under an id of the client's.
pub async fn run(context: Context) -> Result<HttpResponse, Error> {
    context.parameters.only(&[])?;
    let (ty, id) = (context.ty()?, context.id()?);
    let precondition = conditions::of_update(context.request.headers())?;
    let body = body(&context, ty, Some(&id)).await?;
    let provenance = provenance::of_update(&context, ty, &id, &body, precondition).await?;
    let mut ops = vec![Op::Put { ty, id, body: body.clone(), precondition }];
    ops.extend(provenance);
    let result = context.write(ops).await?;
    let first = result.first().ok_or(Error::Store(StoreError::Closing))?;
    Ok(written(&context, first, Some(&body)))
}
