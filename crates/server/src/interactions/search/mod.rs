//! search: <https://hl7.org/fhir/R4/http.html#search>, <https://hl7.org/fhir/R4/search.html>

pub mod asked;
mod bundle;
mod compartment;
pub mod explain;
mod indexed;
mod link;
mod told;

use crate::app::App;
use crate::context::Context;
use crate::error::Error;
use crate::parameters::Parameters;
use crate::respond;
use crate::routes::Segments;
use crate::stored::OfStore;
use actix_web::HttpResponse;
use actix_web::http::{Method, StatusCode};
use actix_web::web::Data;
use asked::{Asked, Mode, Summary};
use compartment::Compartment;
use link::{Link, Way};
use rushlight_model::ResourceType;
use rushlight_model::outcome::{Issue, IssueType, OperationOutcome};
use rushlight_persistence::{Access, From, Search, Store, StoreError, Totals, Version};
use rushlight_search::query::{Problem, Query, Reader, Reading};
use std::sync::Arc;

/// Where a search looks.
#[derive(Clone, Debug)]
pub enum Where {
    /// In everything.
    System,
    /// In a type.
    Type(ResourceType),
    /// In a compartment: <https://hl7.org/fhir/R4/compartmentdefinition.html>
    Compartment(Compartment),
}

impl Where {
    /// Of a path.
    ///
    /// # Errors
    /// 404 for what is no type, or not in the compartment; 400 for what can't be an id.
    pub fn of(app: &App, segments: &Segments) -> Result<Self, Error> {
        match (&segments.ty, &segments.member) {
            (None, _) => Ok(Self::System),
            (Some(_), None) => segments.ty(&app.checks).map(Self::Type),
            (Some(_), Some(member)) => Compartment::of(app, segments, member).map(Self::Compartment),
        }
    }

    /// The types that are searched; all, where there are none.
    fn types(&self) -> &[ResourceType] {
        match self {
            Self::System => &[],
            Self::Type(ty) => std::slice::from_ref(ty),
            Self::Compartment(compartment) => &compartment.members,
        }
    }
}

/// `GET [base]?…`, `POST [base]/_search`
pub async fn system(context: Context) -> Result<HttpResponse, Error> {
    run(&context).await
}

/// `GET [base]/[type]?…`, `POST [base]/[type]/_search`
pub async fn of_type(context: Context) -> Result<HttpResponse, Error> {
    run(&context).await
}

/// `GET [base]/[compartment]/[id]/[type]?…`, `POST [base]/[compartment]/[id]/[type]/_search`
pub async fn of_compartment(context: Context) -> Result<HttpResponse, Error> {
    run(&context).await
}

async fn run(context: &Context) -> Result<HttpResponse, Error> {
    let place = Where::of(&context.app, &context.record.segments)?;
    // What is found by POST is paged by GET; `_search` may be encoded.
    let path = match *context.request.method() {
        Method::POST => context.path.rsplit_once('/').map_or("", |(path, _)| path),
        _ => &context.path,
    };
    if explain::is_asked(&context.parameters)? {
        return explain::search(context, path, place).await;
    }
    let wanted = Wanted::of(context, path, &context.parameters, place)?;
    let _turn = match wanted.link.count(wanted.way) > context.app.settings.limits.default_page {
        true => Some(context.app.heavy.turn().await?),
        false => None,
    };
    Ok(respond::builder(StatusCode::OK).body(made(context, wanted).await?))
}

/// A page of a search, as a Bundle; for an entry of a Bundle, which has its turn already.
///
/// # Errors
/// Parameters that can't be read, all of them.
pub async fn page(
    context: &Context,
    path: &str,
    parameters: &Parameters,
    place: Where,
) -> Result<Vec<u8>, Error> {
    made(context, Wanted::of_entry(context, path, parameters, place)?).await
}

/// Finds out what is wrong with a search that is to be answered later.
///
/// # Errors
/// As of [`page`].
pub async fn check(
    context: &Context,
    path: &str,
    parameters: &Parameters,
    place: Where,
) -> Result<(), Error> {
    let app = context.app.clone();
    let Wanted { place, link, lenient, mut problems, .. } =
        Wanted::of_entry(context, path, parameters, place)?;
    let read = move |store: &Store, access: &Access| understood(&app, store, access, &place, &link.asked);
    problems.extend(context.read(read).await?.problems);
    let fatal = |problem: &Problem| !lenient || !problem.ignorable;
    if problems.iter().any(fatal) { Err(refused(problems)) } else { Ok(()) }
}

/// What a request wants, as far as it can be told without the store.
struct Wanted {
    path: String,
    /// What its page links are bound to.
    bound: String,
    place: Where,
    /// What its page's links hold; of page one, what is asked for.
    link: Link,
    /// Which of the links of the page before was followed.
    way: Option<Way>,
    lenient: bool,
    problems: Vec<Problem>,
}

impl Wanted {
    /// Of an entry of a Bundle.
    fn of_entry(context: &Context, path: &str, parameters: &Parameters, place: Where) -> Result<Self, Error> {
        if explain::is_asked(parameters)? {
            return Err(Error::NotSupported { what: "_explain in a Bundle" });
        }
        Self::of(context, path, parameters, place)
    }

    fn of(context: &Context, path: &str, parameters: &Parameters, place: Where) -> Result<Self, Error> {
        let (path, bound) = (path.to_owned(), context.bound(path));
        let lenient = parameters.lenient();
        if let Some(text) = parameters.one("_page")? {
            let mut others = parameters.pairs().iter().filter(|(name, value)| {
                name != "_page"
                    && !value.is_empty()
                    && !crate::parameters::EVERYWHERE.contains(&name.as_str())
            });
            if others.next().is_some() {
                return Err(Error::BadParameter {
                    name: "_page",
                    expected: "alone: it holds the other parameters",
                });
            }
            let (sealed, way) = Way::parted(text);
            let link: Link = context.app.sealer.open(&bound, sealed, chrono::Utc::now().timestamp())?;
            let way = Some(way.filter(|way| link.to(*way).is_some()).ok_or(Error::BadPage)?);
            return Ok(Self { path, bound, place, link, way, lenient, problems: Vec::new() });
        }
        let (app, types) = (&context.app, place.types());
        let definitions = app.store.registry().definitions();
        let (asked, mut problems) = Asked::of(parameters, types, definitions, &app.settings.limits);
        if matches!(place, Where::Compartment(_)) {
            problems.extend(asked.only_stored("what is contained is in no compartment: search the type"));
        }
        Ok(Self { path, bound, place, link: Link::first(asked), way: None, lenient, problems })
    }
}

/// A page, or what is wrong with the parameters; and the names of those that were passed over.
type Made = Result<(Vec<u8>, Vec<String>), Vec<Problem>>;

async fn made(context: &Context, wanted: Wanted) -> Result<Vec<u8>, Error> {
    let app = context.app.clone();
    let follows = wanted.way.is_some();
    // One visit to the database for all of it.
    let made = context.read(move |store, access| visit(&app, store, access, wanted)).await;
    match made {
        Ok(Ok((page, passed))) => {
            passed.iter().for_each(|name| context.parameters.passed(name));
            Ok(page)
        }
        Ok(Err(problems)) => Err(refused(problems)),
        // What a link needs is no longer there.
        Err(Error::Store(StoreError::TooOld | StoreError::Unindexed(_))) if follows => {
            Err(Error::ExpiredPage)
        }
        Err(error) => Err(error),
    }
}

fn visit(app: &Data<App>, store: &Store, access: &Access, wanted: Wanted) -> Result<Made, StoreError> {
    let Wanted { path, bound, place, mut link, way, lenient, mut problems } = wanted;
    let Reading { query, problems: found } = understood(app, store, access, &place, &link.asked)?;
    problems.extend(found);
    let mut warnings = Vec::new();
    let mut passed = Vec::new();
    if !problems.is_empty() {
        if !lenient || problems.iter().any(|problem| !problem.ignorable) {
            return Ok(Err(problems));
        }
        link.asked.pairs = kept(link.asked.pairs, &problems);
        for problem in problems {
            warnings.push(Issue::warning(problem.code, format!("{} (passed over)", problem.text)));
            passed.push(problem.name);
        }
    }
    let seen = way.map(|_| link.snapshot());
    let limits = &app.settings.limits;
    let totals = if link.total.is_some() { Totals::None } else { link.asked.totals() };
    let search = Search {
        query: &query,
        snapshot: seen.as_ref(),
        count: link.count(way),
        bytes: limits.page_bytes,
        most_included: app.settings.search.included,
        from: way.and_then(|way| link.to(way)).unwrap_or(From::First),
        total: totals,
    };
    let mut page = store.search(access, &search)?;
    link.see(std::mem::take(&mut page.snapshot));
    if page.cut {
        let most = app.settings.search.included;
        let text = format!(
            "more than {most} resources were to be included, or more than a page may hold: some are missing"
        );
        warnings.push(Issue::warning(IssueType::Incomplete, text));
    }
    let total = link.total.or(page.total.map(|total| (total, totals != Totals::Estimate)));
    let mut links = Links::default();
    links.add("self", link::applied(&app.base, &path, &link.asked));
    link.reach(&page, total);
    let sealed = link.ways().next().and_then(|_| app.sealer.seal(&bound, &link));
    for (way, sealed) in link.ways().flat_map(|way| sealed.as_ref().map(|sealed| (way, sealed))) {
        let url = format!("{}{path}?_page={sealed}.{}", app.base, way.name());
        // A longer one could not be followed.
        match url.len() - app.base.len() + app.path.len() <= limits.url {
            true => links.add(way.name(), url),
            false if way == Way::Next => warnings.push(Issue::warning(
                IssueType::TooLong,
                "the parameters are too long for a link to the next page: raise _count, or ask for less at a time",
            )),
            false => {}
        }
    }
    let total = total.map(|(total, _)| total);
    let definitions = store.registry().definitions();
    let outcome = (!warnings.is_empty()).then_some(OperationOutcome { issues: warnings });
    let of = (definitions, query.types.as_slice());
    Ok(Ok((bundle::written(&app.base, of, &link.asked, total, &links, &page, outcome), passed)))
}

/// The parameters without those that are passed over: by name and value, since a name may be known with other values.
fn kept(pairs: Vec<(String, String)>, problems: &[Problem]) -> Vec<(String, String)> {
    let (mut whole, mut named) = (Vec::new(), Vec::new());
    for problem in problems {
        let exact = pairs.iter().any(|(name, value)| *name == problem.name && *value == problem.value);
        if exact { whole.push((&problem.name, &problem.value)) } else { named.push(&problem.name) }
    }
    let kept = |(name, value): &(String, String)| !whole.contains(&(name, value)) && !named.contains(&name);
    pairs.into_iter().filter(kept).collect()
}

/// Links of a Bundle, in order.
#[derive(Default)]
struct Links(Vec<(&'static str, String)>);

impl Links {
    fn add(&mut self, relation: &'static str, url: String) {
        self.0.push((relation, url));
    }
}

/// The query that parameters come to at this place.
fn understood(
    app: &App,
    store: &Store,
    access: &Access,
    place: &Where,
    asked: &Asked,
) -> Result<Reading, StoreError> {
    reading(&app.base, store, access, (place.types(), &asked.pairs, asked.now), |reader, query| {
        query.contained = asked.contained();
        if let Where::Compartment(compartment) = place {
            query.clauses.push(compartment.clause(reader, &query.types));
        }
    })
}

/// Reads names and values as a search of these types at a time (microseconds since 1970); `add` adds what else must hold.
///
/// # Errors
/// A store that does not answer.
pub fn reading(
    base: &str,
    store: &Store,
    access: &Access,
    (types, pairs, now): (&[ResourceType], &[(String, String)], i64),
    add: impl FnOnce(&Reader<'_>, &mut Query),
) -> Result<Reading, StoreError> {
    let registry = store.registry();
    let stored = OfStore::new(store, access, Arc::clone(&registry));
    let reader = Reader { registry: &registry, now, base, stored: &stored };
    let mut reading = reader.query(types, pairs);
    add(&reader, &mut reading.query);
    stored.failure().map_or(Ok(reading), Err)
}

/// The part of a resource that `_summary` and `_elements` ask for on a read; `None`: all of it.
/// <https://hl7.org/fhir/R4/http.html#parameters>
///
/// # Errors
/// 400 for what they can't be.
pub fn part(app: &App, parameters: &Parameters, version: &Version) -> Result<Option<Vec<u8>>, Error> {
    let Some(asked) = asked_of(app, parameters, version.ty)? else { return Ok(None) };
    let part = asked.part(version.ty, Mode::Match);
    Ok(part.and_then(|part| part.of(app.store.registry().definitions(), &respond::text(version))))
}

/// What the parameters of a read ask for, if there are any.
///
/// # Errors
/// As [`part`].
pub fn asked_of(app: &App, parameters: &Parameters, ty: ResourceType) -> Result<Option<Asked>, Error> {
    if parameters.pairs().is_empty() {
        return Ok(None);
    }
    let registry = app.store.registry();
    let limits = &app.settings.limits;
    let (asked, mut problems) = Asked::of(parameters, &[ty], registry.definitions(), limits);
    // Others are refused before, or passed over.
    problems.retain(|problem| matches!(problem.name.as_str(), "_summary" | "_elements"));
    if !problems.is_empty() {
        return Err(refused(problems));
    }
    if asked.summary == Summary::Count {
        return Err(Error::BadParameter { name: "_summary", expected: "true, text, data or false" });
    }
    Ok(Some(asked))
}

/// The refusal of everything that is wrong.
pub fn refused(problems: Vec<Problem>) -> Error {
    let issues = problems.into_iter().map(|problem| Issue::error(problem.code, suggested(problem))).collect();
    Error::Invalid(OperationOutcome { issues })
}

/// Whether a text speaks of a parameter. Names that are words, as `date`, may be in it as such.
fn names(text: &str, name: &str) -> bool {
    let is_word = name.bytes().all(|byte| byte.is_ascii_lowercase());
    text.match_indices(name).any(|(at, _)| {
        let (before, after) =
            (text.get(..at).unwrap_or_default(), text.get(at + name.len()..).unwrap_or_default());
        !is_word || before.is_empty() || before.ends_with("parameter ") || after.starts_with(" of ")
    })
}

/// What is said of a problem. Who looks for resources does not know the parameters that are about the answer.
fn suggested(mut problem: Problem) -> String {
    if !names(&problem.text, &problem.name) {
        problem.text = format!("the parameter {}: {}", respond::shown(&problem.name), problem.text);
    }
    let known = problem.text.contains("did you mean") || !problem.ignorable;
    match rushlight_model::nearest(&problem.name, asked::RESULT.iter()) {
        Some(near) if !known => format!("{}; did you mean {near}?", problem.text),
        _ => problem.text,
    }
}
