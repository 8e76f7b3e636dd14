//! read: <https://hl7.org/fhir/R4/http.html#read>

use super::binary;
use super::search::{self, explain};
use crate::context::Context;
use crate::error::Error;
use crate::protocol::conditions::not_modified;
use crate::respond;
use crate::searchable;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use rushlight_model::{Id, ResourceType};
use rushlight_persistence::{Read, Version};

/// `GET [base]/[type]/[id]`
pub async fn run(context: Context) -> Result<HttpResponse, Error> {
    if let Some(query) = context.parameters.one("_explain")? {
        return explain::instance(&context, query).await;
    }
    context.parameters.only(&["_summary", "_elements"])?;
    let (ty, id) = (context.ty()?, context.id()?);
    let version = match current(&context, ty, id.clone()).await {
        // The release's own are served as if they were stored.
        Err(Error::NotFound { .. }) if ty.name() == "SearchParameter" => {
            context.parameters.only(&[])?;
            let standard = searchable::standard(&context.app.store.registry(), &id);
            let standard = standard.ok_or(Error::NotFound { ty, id })?;
            return Ok(respond::builder(StatusCode::OK).body(standard.to_string()));
        }
        version => version?,
    };
    answer(&context, &version).await
}

/// The current version of a resource.
///
/// # Errors
/// 404, 410.
pub async fn current(context: &Context, ty: ResourceType, id: Id) -> Result<Version, Error> {
    let asked = id.clone();
    let read = context.read(move |store, access| store.read(access, ty, &asked)).await?;
    found(read, ty, id)
}

/// The answer with a version, or that the client has it.
pub async fn answer(context: &Context, version: &Version) -> Result<HttpResponse, Error> {
    if not_modified(context.request.headers(), &version.version, version.last_updated)? {
        return Ok(respond::not_modified(version.version, version.last_updated));
    }
    if let Some(part) = search::part(&context.app, &context.parameters, version)? {
        let response = respond::versioned(StatusCode::OK, version).body(part);
        return Ok(response);
    }
    let bytes = if version.ty.name() == "Binary" { binary::bytes(context, version).await? } else { None };
    Ok(bytes.unwrap_or_else(|| respond::resource(StatusCode::OK, version)))
}

/// The version that a read found.
///
/// # Errors
/// 404, 410.
pub fn found(read: Read, ty: ResourceType, id: Id) -> Result<Version, Error> {
    match read {
        Read::Found(version) => Ok(version),
        Read::Gone { version, .. } => Err(Error::Gone { ty, id, version }),
        Read::Missing => Err(Error::NotFound { ty, id }),
    }
}
