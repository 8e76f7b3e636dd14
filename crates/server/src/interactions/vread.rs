//! vread: <https://hl7.org/fhir/R4/http.html#vread>

use super::read::{answer, found};
use crate::context::Context;
use crate::error::Error;
use actix_web::HttpResponse;
use rushlight_model::{Id, ResourceType};
use rushlight_persistence::Version;

/// `GET [base]/[type]/[id]/_history/[vid]`
pub async fn run(context: Context) -> Result<HttpResponse, Error> {
    context.parameters.only(&["_summary", "_elements"])?;
    let (ty, id) = (context.ty()?, context.id()?);
    let version = numbered(&context, ty, id, context.record.segments.version()).await?;
    answer(&context, &version).await
}

/// A version of a resource; a `versionId` that is no number of ours, `None`, belongs to none.
///
/// # Errors
/// 404, 410.
pub async fn numbered(
    context: &Context,
    ty: ResourceType,
    id: Id,
    number: Option<i64>,
) -> Result<Version, Error> {
    let Some(number) = number else { return Err(Error::NotFound { ty, id }) };
    let asked = id.clone();
    let read = context.read(move |store, access| store.vread(access, ty, &asked, number)).await?;
    found(read, ty, id)
}
