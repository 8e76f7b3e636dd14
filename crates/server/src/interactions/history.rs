//! history: <https://hl7.org/fhir/R4/http.html#history>

use crate::context::Context;
use crate::error::Error;
use crate::page::Page;
use crate::respond;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use rushlight_model::{format_instant, parse_instant};
use rushlight_persistence::{HistoryPage, HistoryQuery, Read, Scope, Snapshot, Version};
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
    let asked = id.clone();
    if context.read(move |store, access| store.read(access, ty, &asked)).await? == Read::Missing {
        return Err(Error::NotFound { ty, id });
    }
    run(&context, Scope::Instance(ty, id)).await
}

async fn run(context: &Context, scope: Scope) -> Result<HttpResponse, Error> {
    context.parameters.only(&["_count", "_since", "_page"])?;
    let page = match context.parameters.one("_page")? {
        Some(link) => {
            for name in ["_count", "_since"] {
                if context.parameters.one(name)?.is_some() {
                    return Err(Error::BadParameter {
                        name,
                        expected: "absent beside _page, which holds it",
                    });
                }
            }
            context.app.sealer.open(&context.path, link, chrono::Utc::now().timestamp())?
        }
        None => first(context).await?,
    };
    let asked = page.clone();
    let found = context
        .read(move |store, access| {
            let snapshot = Snapshot { upto: asked.upto, holes: asked.holes, time: asked.time };
            let after = (asked.after > 0).then_some(asked.after);
            store.history(
                access,
                &HistoryQuery { scope, since: asked.since, count: asked.count, after, snapshot: &snapshot },
            )
        })
        .await?;
    let total = found.total.unwrap_or(page.total);
    let next = found
        .next
        .and_then(|after| context.app.sealer.seal(&context.path, &Page { after, total, ..page.clone() }));
    Ok(respond::builder(StatusCode::OK).body(bundle(context, &page, total, next.as_deref(), &found)))
}

/// What page one shows: everything there is now.
async fn first(context: &Context) -> Result<Page, Error> {
    let count = match context.parameters.one("_count")? {
        None => PAGE,
        Some(text) => match text.parse::<usize>() {
            Ok(count) if count > 0 => count.min(LARGEST_PAGE),
            _ => return Err(Error::BadParameter { name: "_count", expected: "a number from 1" }),
        },
    };
    let since = match context.parameters.one("_since")? {
        None => None,
        Some(text) => Some(parse_instant(text).ok_or(Error::BadParameter {
            name: "_since",
            expected: "an instant, as in 2026-11-24T10:00:00Z",
        })?),
    };
    let Snapshot { upto, holes, time } = context.read(|store, _| store.snapshot()).await?;
    Ok(Page { after: 0, upto, holes, time, since, count, total: 0, made: chrono::Utc::now().timestamp() })
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
