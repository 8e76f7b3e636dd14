//! The interactions of FHIR's RESTful API, one file each. <https://hl7.org/fhir/R4/http.html>

pub mod bundle;
pub mod create;
pub mod delete;
pub mod history;
pub mod metadata;
pub mod read;
pub mod unsupported;
pub mod update;
pub mod vread;

use crate::context::Context;
use crate::error::Error;
use crate::respond;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use rushlight_model::{Body, Id, ResourceType};
use rushlight_persistence::{Written, WrittenAs};
use std::sync::Arc;

/// Bodies up to this size are parsed where they arrive; longer ones where it may take time.
const SHORT: usize = 64 << 10;

/// The request's body as a resource of the type in its path and, if one is given, with this id.
async fn body(context: &Context, ty: ResourceType, id: Option<&Id>) -> Result<Body, Error> {
    if context.body.len() <= SHORT {
        return context.app.checks.resource(&context.body, ty, id);
    }
    let (bytes, checks, id) = (context.body.clone(), Arc::clone(&context.app.checks), id.cloned());
    let checked = actix_web::web::block(move || checks.resource(&bytes, ty, id.as_ref())).await;
    checked.map_err(|_| Error::Overloaded)?
}

/// The answer to a write of one resource: its headers, and the resource as it now is.
fn written(context: &Context, written: &Written, body: Option<&Body>) -> HttpResponse {
    let status = match written.outcome {
        WrittenAs::Created => StatusCode::CREATED,
        WrittenAs::Updated | WrittenAs::Unchanged | WrittenAs::Read => StatusCode::OK,
        WrittenAs::Deleted | WrittenAs::AlreadyDeleted => StatusCode::NO_CONTENT,
    };
    let mut response = if body.is_some() { respond::builder(status) } else { HttpResponse::build(status) };
    if written.version > 0 {
        response.insert_header(("ETag", respond::etag(written.version)));
        response.insert_header(("Last-Modified", respond::http_date(written.last_updated)));
    }
    let Some(body) = body else { return response.finish() };
    let location = respond::location(&context.app.base, written.ty, &written.id, written.version);
    response.insert_header(("Location", location));
    let mut out = Vec::with_capacity(body.text().len() + 96);
    rushlight_model::splice_meta(
        &mut out,
        body.text().as_bytes(),
        body.splice(),
        written.version,
        written.last_updated,
    );
    response.body(out)
}
