//! history: <https://hl7.org/fhir/R4/http.html#history>

use crate::context::Context;
use crate::error::Error;
use crate::page::Page;
use crate::respond;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use rushlight_model::{format_instant, parse_instant};
use rushlight_persistence::{HistoryPage, HistoryQuery, Scope, Snapshot, Version};
use std::io::Write;

/// Entries on a page where the client does not say.
const PAGE: usize = 100;
/// Entries on a page, at the most.
const LARGEST_PAGE: usize = 1000;

/// `GET [base]/_history`
pub async fn system(context: Context) -> Result<HttpResponse, Error> {
    run(&context, Scope::System).await
}

/// `GET [base]/[type]/_history`
pub async fn of_type(context: Context) -> Result<HttpResponse, Error> {
    let ty = context.ty()?;
    run(&context, Scope::Type(ty)).await
}

/// `GET [base]/[type]/[id]/_history`
pub async fn of_instance(context: Context) -> Result<HttpResponse, Error> {
    let (ty, id) = (context.ty()?, context.id()?);
    run(&context, Scope::Instance(ty, id)).await
}

/// Which page is asked for.
enum Asked {
    /// The first: everything there is now.
    First { count: usize, since: Option<i64> },
    /// One that a link leads to.
    Next(Page),
}

async fn run(context: &Context, scope: Scope) -> Result<HttpResponse, Error> {
    let asked = asked(context)?;
    let instance = match &scope {
        Scope::Instance(ty, id) => Some((*ty, id.clone())),
        Scope::Type(_) | Scope::System => None,
    };
    // One visit to the database for all of it.
    let (page, found) = context
        .read(move |store, access| {
            let page = match asked {
                Asked::Next(page) => page,
                Asked::First { count, since } => {
                    let Snapshot { upto, holes, time } = store.snapshot()?;
                    let made = chrono::Utc::now().timestamp();
                    Page { after: 0, upto, holes, time, since, count, total: 0, made }
                }
            };
            let snapshot = Snapshot { upto: page.upto, holes: page.holes.clone(), time: page.time };
            let after = (page.after > 0).then_some(page.after);
            let query =
                HistoryQuery { scope, since: page.since, count: page.count, after, snapshot: &snapshot };
            Ok((page.clone(), store.history(access, &query)?))
        })
        .await?;
    let Some(found) = found else {
        let (ty, id) = instance.ok_or(Error::UnknownPath)?;
        return Err(Error::NotFound { ty, id });
    };
    let total = found.total.unwrap_or(page.total);
    let next = found
        .next
        .and_then(|after| context.app.sealer.seal(&context.path, &Page { after, total, ..page.clone() }));
    Ok(respond::builder(StatusCode::OK).body(bundle(context, &page, total, next.as_deref(), &found)))
}

/// Reads the parameters.
fn asked(context: &Context) -> Result<Asked, Error> {
    context.parameters.only(&["_count", "_since", "_page"])?;
    if let Some(link) = context.parameters.one("_page")? {
        for name in ["_count", "_since"] {
            if context.parameters.one(name)?.is_some() {
                return Err(Error::BadParameter { name, expected: "absent beside _page, which holds it" });
            }
        }
        let now = chrono::Utc::now().timestamp();
        return Ok(Asked::Next(context.app.sealer.open(&context.path, link, now)?));
    }
    let count = match context.parameters.one("_count")? {
        None => PAGE,
        Some(text) => match text.parse::<usize>() {
            Ok(count) if count > 0 => count.min(LARGEST_PAGE),
            _ => return Err(Error::BadParameter { name: "_count", expected: "a number from 1" }),
        },
    };
    let instant = Error::BadParameter { name: "_since", expected: "an instant, as in 2026-11-24T10:00:00Z" };
    let since =
        context.parameters.one("_since")?.map(|text| parse_instant(text).ok_or(instant)).transpose()?;
    Ok(Asked::First { count, since })
}

/// The Bundle, with each resource's stored bytes copied into it.
fn bundle(context: &Context, page: &Page, total: i64, next: Option<&str>, found: &HistoryPage) -> Vec<u8> {
    let base = &context.app.base;
    let path = &context.path;
    let bytes: usize = found.versions.iter().map(|version| version.body.len() + 400).sum();
    let mut out = Vec::with_capacity(bytes + 1000);
    let mut applied = format!("{base}{path}?_count={}", page.count);
    if let Some(since) = page.since {
        applied.push_str(&format!("&_since={}", format_instant(since)));
    }
    out.extend_from_slice(br#"{"resourceType":"Bundle","type":"history""#);
    // Writing to memory does not fail.
    let _ = write!(out, r#","timestamp":"{}","total":{total}"#, format_instant(page.time));
    let _ = write!(out, r#","link":[{{"relation":"self","url":"{applied}"}}"#);
    if let Some(next) = next {
        let _ = write!(out, r#",{{"relation":"next","url":"{base}{path}?_page={next}"}}"#);
    }
    out.push(b']');
    for (at, version) in found.versions.iter().enumerate() {
        out.extend_from_slice(if at == 0 { br#","entry":["# } else { b"," });
        entry(&mut out, base, version);
    }
    out.extend_from_slice(if found.versions.is_empty() { b"}" } else { b"]}" });
    out
}

/// Types and ids need no escaping in JSON or in a URL.
fn entry(out: &mut Vec<u8>, base: &str, version: &Version) {
    let (ty, id) = (version.ty.name(), &version.id);
    let _ = write!(out, r#"{{"fullUrl":"{base}/{ty}/{id}""#);
    if !version.deleted {
        out.extend_from_slice(br#","resource":"#);
        version.write_to(out);
    }
    let (method, status) = match (version.deleted, version.version) {
        (true, _) => ("DELETE", "204 No Content"),
        (false, 1) => ("PUT", "201 Created"),
        (false, _) => ("PUT", "200 OK"),
    };
    let _ = write!(
        out,
        r#","request":{{"method":"{method}","url":"{ty}/{id}"}},"response":{{"status":"{status}","etag":"W/\"{}\"","lastModified":"{}"}}}}"#,
        version.version,
        format_instant(version.last_updated)
    );
}
