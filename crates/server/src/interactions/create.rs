//! create: <https://hl7.org/fhir/R4/http.html#create>

use super::{body, conditional, provenance, written};
use crate::app::App;
use crate::context::Context;
use crate::error::Error;
use actix_web::HttpResponse;
use rushlight_persistence::{Op, StoreError};

/// `POST [base]/[type]`: a new resource under an id of the server's; one in the body is not used.
pub async fn run(context: Context) -> Result<HttpResponse, Error> {
    context.parameters.only(&[])?;
    let ty = context.ty()?;
    let criteria = conditional::of_create(&context, ty).await?;
    let body = body(&context, ty, None).await?;
    if let Some(criteria) = criteria {
        return conditional::create(&context, &criteria, body).await;
    }
    let id = App::new_id();
    let body = body.with_id(&id);
    let provenance = provenance::of_create(&context, ty, &id)?;
    let mut ops = vec![Op::Create { id, body: body.clone() }];
    ops.extend(provenance);
    let result = context.write(ops).await?;
    let first = result.first().ok_or(Error::Store(StoreError::Closing))?;
    Ok(written(&context, first, Some(&body)))
}
