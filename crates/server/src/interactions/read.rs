//! read: <https://hl7.org/fhir/R4/http.html#read>

use super::binary;
use crate::context::Context;
use crate::error::Error;
use crate::protocol::conditions::not_modified;
use crate::respond;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use rushlight_model::{Id, ResourceType};
use rushlight_persistence::Read;

/// `GET [base]/[type]/[id]`
pub async fn run(context: Context) -> Result<HttpResponse, Error> {
    context.parameters.only(&[])?;
    let (ty, id) = (context.ty()?, context.id()?);
    let asked = id.clone();
    let found = context.read(move |store, access| store.read(access, ty, &asked)).await?;
    answer(&context, found, ty, id).await
}

/// The answer to a read or vread.
pub async fn answer(context: &Context, found: Read, ty: ResourceType, id: Id) -> Result<HttpResponse, Error> {
    match found {
        Read::Found(version)
            if not_modified(context.request.headers(), &version.version, version.last_updated)? =>
        {
            Ok(respond::not_modified(version.version, version.last_updated))
        }
        Read::Found(version) => {
            let bytes = if ty.name() == "Binary" { binary::bytes(context, &version).await? } else { None };
            Ok(bytes.unwrap_or_else(|| respond::resource(StatusCode::OK, &version)))
        }
        Read::Gone { version, .. } => Err(Error::Gone { ty, id, version }),
        Read::Missing => Err(Error::NotFound { ty, id }),
    }
}
