//! vread: <https://hl7.org/fhir/R4/http.html#vread>

use super::read::answer;
use crate::context::{Context, version_number};
use crate::error::Error;
use actix_web::HttpResponse;

/// `GET [base]/[type]/[id]/_history/[vid]`
pub async fn run(context: Context) -> Result<HttpResponse, Error> {
    context.parameters.only(&[])?;
    let (ty, id) = (context.ty()?, context.id()?);
    // A versionId that is no number of ours belongs to no version.
    let Some(number) = context.record.segments.vid.as_deref().and_then(version_number) else {
        return Err(Error::NotFound { ty, id });
    };
    let asked = id.clone();
    let found = context.read(move |store, access| store.vread(access, ty, &asked, number)).await?;
    answer(&context, found, ty, id).await
}
