//! history: <https://hl7.org/fhir/R4/http.html#history>

use crate::context::Context;
use crate::error::Error;
use crate::page::Linked;
use crate::parameters::Parameters;
use crate::respond;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use rushlight_model::primitive::{DateTime, Precision};
use rushlight_model::{format_instant, parse_instant};
use rushlight_persistence::{HistoryPage, HistoryQuery, Made, Order, Scope, Snapshot, Version};
use serde::{Deserialize, Serialize};
use std::io::Write;

/// What of a history is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Asked {
    /// `_count`, as it is applied.
    count: usize,
    /// `_since`, in microseconds since 1970.
    since: Option<i64>,
    /// `_at`, as it was written, with its first and last microsecond.
    at: Option<(String, [i64; 2])>,
    /// `_sort=_lastUpdated`: the oldest first.
    oldest_first: bool,
}

/// Where a history continues.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Page {
    /// The last number on the page before.
    after: i64,
    /// The snapshot's greatest number.
    upto: i64,
    /// The snapshot's holes.
    holes: Vec<(i64, i64)>,
    /// The snapshot's published time.
    time: i64,
    /// What was asked for.
    asked: Asked,
    /// Entries on all pages.
    total: i64,
    /// When the link was made, in seconds since 1970.
    made: i64,
}

impl Linked for Page {
    const FORM: u8 = 2;

    fn made(&self) -> i64 {
        self.made
    }
}

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

async fn run(context: &Context, scope: Scope) -> Result<HttpResponse, Error> {
    let wanted = wanted(context, &context.path, &context.parameters)?;
    let _turn = match wanted.count() > context.app.settings.limits.default_page {
        true => Some(context.app.heavy.turn().await?),
        false => None,
    };
    let page = made(context, &context.path, wanted, scope).await?;
    Ok(respond::builder(StatusCode::OK).body(page))
}

/// A page of a history, as a Bundle; for an entry of a Bundle, which has its turn already.
///
/// # Errors
/// Parameters that can't be read; 404 for an instance that is not there.
pub async fn page(
    context: &Context,
    path: &str,
    parameters: &Parameters,
    scope: Scope,
) -> Result<Vec<u8>, Error> {
    made(context, path, wanted(context, path, parameters)?, scope).await
}

async fn made(context: &Context, path: &str, wanted: Wanted, scope: Scope) -> Result<Vec<u8>, Error> {
    let (app, path, bound) = (context.app.clone(), path.to_owned(), context.bound(path));
    let instance = match &scope {
        Scope::Instance(ty, id) => Some((*ty, id.clone())),
        Scope::Type(_) | Scope::System => None,
    };
    // One visit to the database for all of it: what is read does not wait to be written by the event loop.
    let written = context
        .read(move |store, access| {
            let page = match wanted {
                Wanted::Next(page) => page,
                Wanted::First(asked) => {
                    let Snapshot { upto, holes, time } = store.snapshot()?;
                    let made = chrono::Utc::now().timestamp();
                    Page { after: 0, upto, holes, time, asked, total: 0, made }
                }
            };
            let snapshot = Snapshot { upto: page.upto, holes: page.holes.clone(), time: page.time };
            let query = HistoryQuery {
                since: page.asked.since,
                at: page.asked.at.as_ref().map(|(_, interval)| *interval),
                order: if page.asked.oldest_first { Order::Oldest } else { Order::Newest },
                count: page.asked.count,
                bytes: app.settings.limits.page_bytes,
                after: (page.after > 0).then_some(page.after),
                ..HistoryQuery::new(scope, &snapshot)
            };
            let Some(found) = store.history(access, &query)? else { return Ok(None) };
            let total = found.total.unwrap_or(page.total);
            let next =
                found.next.and_then(|after| app.sealer.seal(&bound, &Page { after, total, ..page.clone() }));
            Ok(Some(bundle(&app.base, &path, &page, total, next.as_deref(), &found)))
        })
        .await?;
    match (written, instance) {
        (Some(written), _) => Ok(written),
        (None, Some((ty, id))) => Err(Error::NotFound { ty, id }),
        (None, None) => Err(Error::UnknownPath),
    }
}

/// Which page is wanted.
enum Wanted {
    /// The first: of everything there is now.
    First(Asked),
    /// One that a link leads to.
    Next(Page),
}

impl Wanted {
    /// Entries on the page, at the most.
    fn count(&self) -> usize {
        match self {
            Self::First(asked) => asked.count,
            Self::Next(page) => page.asked.count,
        }
    }
}

/// Reads the parameters.
fn wanted(context: &Context, path: &str, parameters: &Parameters) -> Result<Wanted, Error> {
    const KNOWN: [&str; 4] = ["_count", "_since", "_at", "_sort"];
    if parameters.one("_list")?.is_some() {
        return Err(Error::NotSupported { what: "the parameter _list, which needs search," });
    }
    parameters.only(&["_count", "_since", "_at", "_sort", "_page"])?;
    if let Some(link) = parameters.one("_page")? {
        for name in KNOWN {
            if parameters.one(name)?.is_some() {
                return Err(Error::BadParameter { name, expected: "absent beside _page, which holds it" });
            }
        }
        let now = chrono::Utc::now().timestamp();
        return Ok(Wanted::Next(context.app.sealer.open(&context.bound(path), link, now)?));
    }
    let limits = &context.app.settings.limits;
    let count = match parameters.one("_count")? {
        None => limits.default_page.min(limits.page),
        Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            // Digits that are no number of ours are a number that is too large.
            text.parse::<usize>().unwrap_or(usize::MAX).min(limits.page)
        }
        Some(_) => return Err(Error::BadParameter { name: "_count", expected: "a number" }),
    };
    let instant = Error::BadParameter { name: "_since", expected: "an instant, as in 2026-11-24T10:00:00Z" };
    let since = parameters.one("_since")?.map(|text| parse_instant(text).ok_or(instant)).transpose()?;
    let at = parameters.one("_at")?.map(at).transpose()?;
    let oldest_first = match parameters.one("_sort")? {
        None | Some("-_lastUpdated") => false,
        Some("_lastUpdated") => true,
        Some(_) => {
            return Err(Error::BadParameter { name: "_sort", expected: "_lastUpdated or -_lastUpdated" });
        }
    };
    Ok(Wanted::First(Asked { count, since, at, oldest_first }))
}

/// The date or time of `_at`, which may be partial; one without a zone is in UTC.
fn at(text: &str) -> Result<(String, [i64; 2]), Error> {
    let expected =
        "a date or time, as in 2026, 2026-11, 2026-11-24 or 2026-11-24T10:00:00Z (+ is written %2B)";
    match DateTime::parse(text) {
        Ok(time) if time.precision() != Precision::Hour => Ok((text.to_owned(), time.interval(0))),
        _ => Err(Error::BadParameter { name: "_at", expected }),
    }
}

/// The URL with the parameters as they are applied.
fn applied(base: &str, path: &str, asked: &Asked) -> String {
    let mut url = format!("{base}{path}?_count={}", asked.count);
    if let Some(since) = asked.since {
        url.push_str(&format!("&_since={}", format_instant(since)));
    }
    if let Some((text, _)) = &asked.at {
        // What could be read has digits, `-`, `:`, `.`, `T`, `Z` and `+`.
        url.push_str(&format!("&_at={}", text.replace('+', "%2B")));
    }
    if asked.oldest_first {
        url.push_str("&_sort=_lastUpdated");
    }
    url
}

/// The Bundle, with each resource's stored bytes copied into it.
fn bundle(
    base: &str,
    path: &str,
    page: &Page,
    total: i64,
    next: Option<&str>,
    found: &HistoryPage,
) -> Vec<u8> {
    let bytes: usize = found.versions.iter().map(|version| version.body.len() + 400).sum();
    let mut out = Vec::with_capacity(bytes + 1000);
    let applied = applied(base, path, &page.asked);
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
    let (method, status) = match (version.made, version.deleted, version.version) {
        (Made::Posted, ..) => ("POST", "201 Created"),
        (Made::Put, ..) | (Made::Unknown, false, 1) => ("PUT", "201 Created"),
        (Made::Deleted, ..) | (Made::Unknown, true, _) => ("DELETE", "204 No Content"),
        (Made::Updated, ..) | (Made::Unknown, false, _) => ("PUT", "200 OK"),
    };
    let _ = write!(out, r#","request":{{"method":"{method}","url":"{ty}"#);
    if version.made != Made::Posted {
        let _ = write!(out, "/{id}");
    }
    let _ = write!(
        out,
        r#""}},"response":{{"status":"{status}","etag":"W/\"{}\"","lastModified":"{}"}}}}"#,
        version.version,
        format_instant(version.last_updated)
    );
}
