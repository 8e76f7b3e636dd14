//! delete: <https://hl7.org/fhir/R4/http.html#delete>

use super::written;
use crate::context::Context;
use crate::error::Error;
use crate::protocol::conditions;
use actix_web::HttpResponse;
use rushlight_persistence::{Op, StoreError};

/// `DELETE [base]/[type]/[id]`: 204, whether or not there was anything to delete; 200 where the client would like to be told.
pub async fn run(context: Context) -> Result<HttpResponse, Error> {
    context.parameters.only(&[])?;
    let (ty, id) = (context.ty()?, context.id()?);
    let precondition = conditions::of_delete(context.request.headers())?;
    let result = context.write(vec![Op::Delete { ty, id, precondition }]).await?;
    let first = result.first().ok_or(Error::Store(StoreError::Closing))?;
    Ok(written(&context, first, None))
}
