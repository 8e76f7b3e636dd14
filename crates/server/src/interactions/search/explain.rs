//! Why a search finds what it finds: `_explain`, an extension of this server.

use super::indexed;
use super::link::Link;
use super::told::{self, Told};
use super::{Wanted, Where, refused, understood};
use crate::context::Context;
use crate::error::Error;
use crate::interactions::read;
use crate::parameters::Parameters;
use crate::protocol::negotiate::Accept;
use actix_web::HttpResponse;
use actix_web::http::header::HeaderMap;
use rushlight_persistence::{Access, Explained, From, Search, Store, StoreError, Version};
use rushlight_search::query::{Candidate, Clause, Condition, Query, Reading};
use rushlight_search::{Entry, Registry};

/// Index entries of a clause that are told, at the most, and characters of each.
const ENTRIES: usize = 100;
const CHARACTERS: usize = 300;

/// Whether a search should be explained.
///
/// # Errors
/// 400 for what is neither true nor false.
pub fn is_asked(parameters: &Parameters) -> Result<bool, Error> {
    match parameters.one("_explain")? {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Error::BadParameter { name: "_explain", expected: "true or false" }),
    }
}

/// Whether an explanation is asked for, and rather as a page than as JSON.
pub fn as_page(headers: &HeaderMap, parameters: &Parameters) -> bool {
    const HTML: &str = "text/html";
    if !matches!(parameters.one("_explain"), Ok(Some(value)) if value != "false") {
        return false;
    }
    match parameters.one("_format") {
        Ok(Some(format)) => [HTML, "html"].contains(&format),
        Ok(None) => Accept::of(headers).is_ok_and(|accept| {
            let json = ["application/fhir+json", "application/json"]
                .into_iter()
                .filter_map(|name| accept.fit(name))
                .max();
            accept.fit(HTML).is_some_and(|fit| fit.is_named() && Some(fit) >= json)
        }),
        Err(_) => false,
    }
}

fn permitted(context: &Context) -> Result<(), Error> {
    if context.app.settings.search.explain { Ok(()) } else { Err(Error::NotExplained) }
}

/// `GET [base]/[type]?…&_explain=true`: what each parameter was understood to mean, and how the database finds it.
///
/// # Errors
/// As the search itself.
pub async fn search(context: &Context, path: &str, place: Where) -> Result<HttpResponse, Error> {
    permitted(context)?;
    let wanted = Wanted::of(context, path, &context.parameters, place)?;
    let (app, title) = (context.app.clone(), format!("{path}?_explain=true"));
    let explained = context
        .read(move |store, access| {
            // What is passed over elsewhere is told here.
            let Wanted { place, link: Link { asked, .. }, mut problems, .. } = wanted;
            let Reading { query, problems: found } = understood(&app, store, access, &place, &asked)?;
            problems.extend(found);
            if !problems.is_empty() {
                return Ok(Err(problems));
            }
            let search = Search {
                query: &query,
                snapshot: None,
                count: asked.count,
                bytes: app.settings.limits.page_bytes,
                most_included: app.settings.search.included,
                from: From::First,
                total: asked.totals(),
            };
            told_of_search(store, access, &search).map(Ok)
        })
        .await?;
    let told = explained.map_err(refused)?;
    Ok(told::respond(&title, &told, as_page(context.request.headers(), &context.parameters)))
}

fn told_of_search(store: &Store, access: &Access, search: &Search<'_>) -> Result<Vec<Told>, StoreError> {
    let (whole, clauses) = store.explain(access, search)?;
    let mut told = vec![Told::Parts("search", found_by(&whole))];
    for (clause, explained) in search.query.clauses.iter().zip(&clauses) {
        let mut parts = understood_as(clause);
        parts.extend(found_by(explained));
        told.push(Told::Parts("clause", parts));
    }
    Ok(told)
}

/// How the database finds it.
fn found_by(explained: &Explained) -> Vec<Told> {
    let mut parts = vec![
        Told::Number("rows", explained.rows),
        Told::Number("micros", explained.micros),
        Told::Code("sql", explained.sql.clone()),
    ];
    parts.extend(explained.plan.iter().map(|line| Told::Code("plan", line.clone())));
    parts
}

/// What a clause was understood to mean.
fn understood_as(clause: &Clause) -> Vec<Told> {
    vec![
        Told::Code("parameter", clause.name.clone()),
        Told::Code("value", clause.value.clone()),
        Told::Text("meaning", clause.meaning.clone()),
    ]
}

/// `GET [base]/[type]/[id]?_explain=[query]`: for each parameter of a query what is indexed of the resource, and whether
/// it matches.
///
/// # Errors
/// As the read, or as the search.
pub async fn instance(context: &Context, text: &str) -> Result<HttpResponse, Error> {
    permitted(context)?;
    context.parameters.only(&["_explain"])?;
    let (ty, id) = (context.ty()?, context.id()?);
    let version = read::current(context, ty, id).await?;
    let title = format!("{}/{}?{text}", ty.name(), version.id);
    let parameters = Parameters::parse(text)?;
    let place = Where::Type(ty);
    let wanted = Wanted::of(context, &context.path, &parameters, place)?;
    let app = context.app.clone();
    let told = context
        .read(move |store, access| {
            if !access.explains() {
                return Err(StoreError::Unexplained);
            }
            let Wanted { place, link: Link { asked, .. }, mut problems, .. } = wanted;
            let reading = understood(&app, store, access, &place, &asked)?;
            problems.extend(reading.problems);
            problems.extend(asked.only_stored("of a resource is told whether it matches itself"));
            if !problems.is_empty() {
                return Ok(Err(problems));
            }
            let registry = store.registry();
            told_of_instance(store, access, &registry, &version, &reading.query).map(Ok)
        })
        .await?;
    let told = told.map_err(refused)?;
    Ok(told::respond(&title, &told, as_page(context.request.headers(), &context.parameters)))
}

fn told_of_instance(
    store: &Store,
    access: &Access,
    registry: &Registry,
    version: &Version,
    query: &Query,
) -> Result<Vec<Told>, StoreError> {
    let entries = &registry.extract_text(version.body.as_bytes());
    let Version { ty, id, last_updated, .. } = version;
    let candidate = Candidate { ty: *ty, id, last_updated: *last_updated, entries };
    let mut all = true;
    let mut clauses = Vec::new();
    for clause in &query.clauses {
        let matches = matches(store, access, candidate, &clause.condition)?;
        all &= matches;
        let mut parts = understood_as(clause);
        parts.extend(indexed_of(registry, candidate, &clause.condition));
        parts.push(Told::Is("matches", matches));
        clauses.push(Told::Parts("clause", parts));
    }
    clauses.insert(0, Told::Is("matches", all));
    Ok(clauses)
}

/// Whether a condition holds of the resource. What is asked of other resources, the store answers as of now.
fn matches(
    store: &Store,
    access: &Access,
    candidate: Candidate<'_>,
    condition: &Condition,
) -> Result<bool, StoreError> {
    if !condition.looks_elsewhere() {
        return Ok(condition.matches(candidate, &()));
    }
    let clause =
        |condition| Clause { name: String::new(), value: String::new(), meaning: String::new(), condition };
    let mut query = Query::all(vec![candidate.ty]);
    query.clauses = vec![clause(Condition::Ids(vec![candidate.id.clone()])), clause(condition.clone())];
    Ok(!store.matching(access, &query, 1)?.is_empty())
}

/// The entries that the condition could look at.
fn indexed_of(registry: &Registry, candidate: Candidate<'_>, condition: &Condition) -> Vec<Told> {
    let entries = candidate.entries;
    let mut units = Vec::new();
    condition.units(&mut |unit| units.push(unit));
    let of_units = entries.iter().filter(|entry| units.contains(&entry.unit()));
    let inner = candidate.contained();
    let of_inner = |entry: Entry<'_>| {
        let named = inner.iter().find(|inner| inner.ordinal == entry.ordinal);
        named.map_or_else(String::new, |inner| format!("#{} ", inner.id))
    };
    let mut told: Vec<Told> = of_units
        .take(ENTRIES)
        .map(|entry| {
            let text = of_inner(entry) + &indexed::told(registry, entry);
            Told::Code("indexed", text.chars().take(CHARACTERS).collect())
        })
        .collect();
    if told.is_empty() && !units.is_empty() {
        told.push(Told::Text("indexed", "nothing of this resource".to_owned()));
    }
    told
}
