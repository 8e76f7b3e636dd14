//! `$reindex`: how far the jobs are that bring the index up to what is to be indexed. It only tells.

use crate::context::Context;
use crate::error::Error;
use crate::respond;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use rushlight_model::format_instant;
use rushlight_persistence::Job;
use serde_json::{Value, json};

/// `GET [base]/$reindex`: a Parameters with a `job` for each of the newest jobs, the newest first.
pub async fn run(context: Context) -> Result<HttpResponse, Error> {
    context.parameters.only(&[])?;
    let jobs = context.read(|store, _| store.jobs()).await?;
    let now = chrono::Utc::now().timestamp_micros();
    let jobs: Vec<Value> = jobs.iter().map(|job| json!({"name": "job", "part": parts(job, now)})).collect();
    let answer = match jobs.as_slice() {
        // FHIR has no empty lists.
        [] => json!({"resourceType": "Parameters"}),
        jobs => json!({"resourceType": "Parameters", "parameter": jobs}),
    };
    let mut response = respond::builder(StatusCode::OK);
    response.insert_header(("Cache-Control", "no-store"));
    Ok(response.body(answer.to_string()))
}

/// What is told of a job; what is not known yet is left out.
fn parts(job: &Job, now: i64) -> Vec<Value> {
    let instant = |micros: i64| json!(format_instant(micros));
    let known = job.total > 0;
    [
        ("id", "valueId", Some(json!(job.id.to_string()))),
        ("kind", "valueCode", Some(json!(job.kind))),
        ("state", "valueCode", Some(json!(job.state.code()))),
        ("created", "valueInstant", Some(instant(job.created))),
        ("started", "valueInstant", job.started.map(instant)),
        ("ended", "valueInstant", job.ended.map(instant)),
        ("done", "valueDecimal", Some(json!(job.done))),
        ("total", "valueDecimal", known.then(|| json!(job.total))),
        ("percent", "valueInteger", known.then(|| json!(job.percent()))),
        ("rate", "valueDecimal", rate(job, now).map(|rate| json!(rate))),
        ("cancelled", "valueBoolean", job.cancel.then_some(json!(true))),
        (
            "message",
            "valueString",
            Some(&job.message).filter(|text| !text.is_empty()).map(|text| json!(text)),
        ),
    ]
    .into_iter()
    .filter_map(|(name, member, value)| Some(json!({"name": name, member: value?})))
    .collect()
}

/// Steps in a second since it began, all in all.
fn rate(job: &Job, now: i64) -> Option<i64> {
    let micros = job.ended.unwrap_or(now).saturating_sub(job.started?);
    (micros > 0).then(|| job.done.saturating_mul(1_000_000) / micros)
}
