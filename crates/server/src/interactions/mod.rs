//! The interactions of FHIR's RESTful API, one file each. <https://hl7.org/fhir/R4/http.html>

pub mod binary;
pub mod bundle;
pub mod conditional;
pub mod create;
pub mod delete;
pub mod history;
pub mod metadata;
pub mod provenance;
pub mod read;
pub mod reindex;
pub mod search;
pub mod unsupported;
pub mod update;
pub mod vread;

use crate::context::Context;
use crate::error::Error;
use crate::heavy::LIGHT;
use crate::protocol::prefer::Return;
use crate::respond;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use rushlight_model::outcome::{Issue, IssueType, OperationOutcome};
use rushlight_model::{Body, Id, ResourceType};
use rushlight_persistence::{Version, Written, WrittenAs};
use std::sync::Arc;

/// The request's body as a resource of the type in its path and, if one is given, with this id.
async fn body(context: &Context, ty: ResourceType, id: Option<&Id>) -> Result<Body, Error> {
    if context.body.len() <= LIGHT {
        return context.app.checks.resource(&context.body, ty, id);
    }
    let (bytes, checks, id) = (context.body.clone(), Arc::clone(&context.app.checks), id.cloned());
    let checked = actix_web::web::block(move || checks.resource(&bytes, ty, id.as_ref())).await;
    checked.map_err(|_| Error::Overloaded)?
}

/// The answer to a write of one resource: its headers and, unless the client would like something else, the resource
/// as it now is. A delete has no body.
fn written(context: &Context, written: &Written, body: Option<&Body>) -> HttpResponse {
    answered(context, written, body.map(|body| Text { text: body.text(), splice: body.splice() }))
}

/// The text of a resource, and where `meta` is put into it.
#[derive(Clone, Copy)]
struct Text<'a> {
    text: &'a str,
    splice: i32,
}

impl<'a> Text<'a> {
    /// That of a version that is stored.
    fn of(version: &'a Version) -> Self {
        Self { text: &version.body, splice: version.splice }
    }
}

/// As [`written`].
fn answered(context: &Context, written: &Written, body: Option<Text<'_>>) -> HttpResponse {
    let asked = context.prefer.returns.filter(|asked| body.is_some() || *asked != Return::Representation);
    let status = match status(written.outcome) {
        // It has content after all.
        StatusCode::NO_CONTENT if asked == Some(Return::Outcome) => StatusCode::OK,
        status => status,
    };
    let mut response = HttpResponse::build(status);
    if written.version > 0 {
        response.insert_header(("ETag", respond::etag(written.version)));
        response.insert_header(("Last-Modified", respond::http_date(written.last_updated)));
    }
    if body.is_some() {
        let location = respond::location(&context.app.base, written.ty, &written.id, written.version);
        response.insert_header(("Location", location));
    }
    if let Some(asked) = asked {
        response.insert_header(("Preference-Applied", asked.applied()));
    }
    match (asked, body) {
        (Some(Return::Minimal), _) | (None, None) => response.finish(),
        (Some(Return::Outcome), _) => {
            response.content_type(respond::MEDIA_TYPE).body(told_of(written).to_json())
        }
        (_, Some(body)) => response.content_type(respond::MEDIA_TYPE).body(whole(written, body)),
        (Some(Return::Representation), None) => response.finish(),
    }
}

/// How a write is answered.
fn status(outcome: WrittenAs) -> StatusCode {
    match outcome {
        WrittenAs::Created => StatusCode::CREATED,
        WrittenAs::Updated | WrittenAs::Unchanged | WrittenAs::Read => StatusCode::OK,
        WrittenAs::Deleted | WrittenAs::AlreadyDeleted => StatusCode::NO_CONTENT,
    }
}

/// The resource with what the store has added.
fn whole(written: &Written, body: Text<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.text.len() + 96);
    let (version, time) = (written.version, written.last_updated);
    rushlight_model::splice_meta(&mut out, body.text.as_bytes(), body.splice, version, time);
    out
}

/// The answer to a delete of several resources, or of none.
fn deleted(context: &Context, all: &[Written]) -> HttpResponse {
    let asked = context.prefer.returns.filter(|asked| *asked != Return::Representation);
    let told = asked == Some(Return::Outcome);
    let mut response = HttpResponse::build(if told { StatusCode::OK } else { StatusCode::NO_CONTENT });
    if let Some(asked) = asked {
        response.insert_header(("Preference-Applied", asked.applied()));
    }
    if !told {
        return response.finish();
    }
    response.content_type(respond::MEDIA_TYPE).body(told_of_all(all).to_json())
}

/// What was done to several resources, or to none.
fn told_of_all(all: &[Written]) -> OperationOutcome {
    let mut issues: Vec<Issue> = all.iter().flat_map(|written| told_of(written).issues).collect();
    if issues.is_empty() {
        issues.push(Issue::information(IssueType::Informational, "nothing matched".to_owned()));
    }
    OperationOutcome { issues }
}

/// What was done, in words.
fn told_of(written: &Written) -> OperationOutcome {
    let Written { ty, id, version, outcome, .. } = written;
    let done = match outcome {
        WrittenAs::Created => format!("was created, as version {version}"),
        WrittenAs::Updated => format!("was updated, to version {version}"),
        WrittenAs::Unchanged => format!("is as it was, in version {version}"),
        WrittenAs::Deleted => format!("was deleted, by version {version}"),
        WrittenAs::AlreadyDeleted => "was not there to delete".to_owned(),
        WrittenAs::Read => "was read".to_owned(),
    };
    Issue::information(IssueType::Informational, format!("{}/{id} {done}", ty.name())).into()
}
