//! delete: <https://hl7.org/fhir/R4/http.html#delete>

use super::written;
use crate::context::Context;
use crate::error::Error;
use actix_web::HttpResponse;
use rushlight_persistence::{Op, Precondition, StoreError};

/// `DELETE [base]/[type]/[id]`: 204, whether or not there was anything to delete.
pub async fn run(context: Context) -> Result<HttpResponse, Error> {
    context.parameters.only(&[])?;
    let (ty, id) = (context.ty()?, context.id()?);
    let precondition = context.if_match()?.map_or(Precondition::None, Precondition::IfMatch);
    let result = context.write(vec![Op::Delete { ty, id, precondition }]).await?;
    let first = result.first().ok_or(Error::Store(StoreError::Closing))?;
    Ok(written(&context, first, None))
}
