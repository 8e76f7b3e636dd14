//! The one table of what is served where. It wires the server and yields the CapabilityStatement.

use crate::app::App;
use crate::context::Context;
use crate::error::Error;
use crate::interactions::{create, delete, history, metadata, read, transaction, unsupported, update, vread};
use crate::parameters::Parameters;
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{self, Bytes, Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use std::future::Future;
use std::pin::Pin;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// What an interaction is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The whole server.
    System,
    /// A type of resources, or one of them.
    Type,
    /// Nothing that a CapabilityStatement lists.
    Unlisted,
}

impl Route {
    /// Whether the route is there to say that the interaction is not.
    fn refused(&self) -> bool {
        self.level == Level::Unlisted && self.code != "capabilities"
    }
}

type Answer = Pin<Box<dyn Future<Output = Result<HttpResponse, Error>>>>;

/// One interaction.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path below the base.
    pub path: &'static str,
    /// Where the CapabilityStatement lists it.
    pub level: Level,
    /// Its code in <https://hl7.org/fhir/R4/valueset-type-restful-interaction.html>, and in the log.
    pub code: &'static str,
    run: fn(Context) -> Answer,
}

macro_rules! route {
    ($method:ident $path:literal $level:ident $code:literal $run:path) => {
        Route {
            method: Method::$method,
            path: $path,
            level: Level::$level,
            code: $code,
            run: |context| Box::pin($run(context)),
        }
    };
}

/// <https://hl7.org/fhir/R4/http.html>
pub const ROUTES: [Route; 22] = [
    route!(GET "/metadata" Unlisted "capabilities" metadata::run),
    route!(POST "" System "transaction" transaction::run),
    route!(POST "/" System "transaction" transaction::run),
    route!(GET "/_history" System "history-system" history::system),
    route!(GET "" Unlisted "search-system" unsupported::search),
    route!(GET "/" Unlisted "search-system" unsupported::search),
    route!(POST "/_search" Unlisted "search-system" unsupported::search),
    route!(GET "/{type}/_history" Type "history-type" history::of_type),
    route!(POST "/{type}/_search" Unlisted "search-type" unsupported::search),
    route!(POST "/{type}" Type "create" create::run),
    route!(GET "/{type}" Unlisted "search-type" unsupported::search),
    route!(PUT "/{type}" Unlisted "update" unsupported::conditional_update),
    route!(PATCH "/{type}" Unlisted "patch" unsupported::patch),
    route!(DELETE "/{type}" Unlisted "delete" unsupported::conditional_delete),
    route!(GET "/{type}/{id}" Type "read" read::run),
    route!(PUT "/{type}/{id}" Type "update" update::run),
    route!(DELETE "/{type}/{id}" Type "delete" delete::run),
    route!(PATCH "/{type}/{id}" Unlisted "patch" unsupported::patch),
    route!(GET "/{type}/{id}/_history" Type "history-instance" history::of_instance),
    route!(GET "/{type}/{id}/_history/{vid}" Type "vread" vread::run),
    route!(GET "/{type}/{id}/{more}" Unlisted "search-type" unsupported::search),
    route!(POST "/{type}/{id}/{more}" Unlisted "operation" unsupported::operation),
];

/// Wires the table below `/fhir`, and answers everything else in FHIR, too.
pub fn configure(config: &mut web::ServiceConfig) {
    config.route("/healthz", web::get().to(healthy));
    let mut scope = web::scope("/fhir");
    let mut seen: Vec<&str> = Vec::new();
    for path in ROUTES.iter().map(|route| route.path) {
        if seen.contains(&path) {
            continue;
        }
        seen.push(path);
        let mut resource = web::resource(path);
        let mut allow = Vec::new();
        for route in const { &ROUTES }.iter().filter(|route| route.path == path) {
            // What is refused by name is wired, and not offered.
            if !route.refused() {
                allow.push(route.method.as_str());
            }
            resource = resource.route(web::method(route.method.clone()).to(
                move |app: Data<App>, request: HttpRequest, payload: Payload| {
                    handle(route, app, request, payload)
                },
            ));
        }
        let allow = allow.join(", ");
        scope = scope.service(resource.default_service(web::to(move |request: HttpRequest| {
            refuse(request, Error::MethodNotAllowed { allow: allow.clone() })
        })));
    }
    config
        .service(scope.default_service(web::to(|request: HttpRequest| refuse(request, Error::UnknownPath))));
    config.default_service(web::to(|request: HttpRequest| refuse(request, Error::UnknownPath)));
}

async fn healthy() -> &'static str {
    "ok\n"
}

async fn refuse(request: HttpRequest, error: Error) -> HttpResponse {
    finish(&request, "none", Instant::now(), error.respond())
}

async fn handle(
    route: &'static Route,
    app: Data<App>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let begun = Instant::now();
    let response = match context(app, &request, payload).await {
        Ok(context) => (route.run)(context).await.unwrap_or_else(Error::respond),
        Err(error) => error.respond(),
    };
    finish(&request, route.code, begun, response)
}

/// Reads the parts of a request.
async fn context(app: Data<App>, request: &HttpRequest, payload: Payload) -> Result<Context, Error> {
    let parameters = Parameters::parse(request.query_string())?;
    accepts_json(request)?;
    let body = if matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH) {
        sends_json(request)?;
        body(payload, app.limits.bytes).await?
    } else {
        Bytes::new()
    };
    let segment = |name: &str| request.match_info().get(name).map(str::to_owned);
    Ok(Context {
        ty: segment("type"),
        id: segment("id"),
        vid: segment("vid"),
        path: request.path().strip_prefix("/fhir").unwrap_or_default().to_owned(),
        parameters,
        request: request.clone(),
        body,
        app,
    })
}

async fn body(payload: Payload, limit: usize) -> Result<Bytes, Error> {
    match payload.to_bytes_limited(limit).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(Error::Truncated),
        Err(_) => Err(Error::TooLarge { limit }),
    }
}

/// The types without parameters that a header of media types names, in lower case.
fn media_types(value: &HeaderValue) -> impl Iterator<Item = String> + '_ {
    let text = value.to_str().unwrap_or_default();
    text.split(',').map(|one| one.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

const JSON: [&str; 3] = ["application/fhir+json", "application/json", "text/json"];

fn accepts_json(request: &HttpRequest) -> Result<(), Error> {
    let mut accepts = request.headers().get_all("Accept").peekable();
    if accepts.peek().is_none() {
        return Ok(());
    }
    let fits = |media: String| {
        JSON.contains(&media.as_str()) || ["*/*", "application/*", "text/*"].contains(&media.as_str())
    };
    if accepts.flat_map(media_types).any(fits) { Ok(()) } else { Err(Error::NotAcceptable) }
}

fn sends_json(request: &HttpRequest) -> Result<(), Error> {
    let Some(value) = request.headers().get("Content-Type") else { return Err(Error::UnsupportedMediaType) };
    let charset = value
        .to_str()
        .ok()
        .and_then(|text| text.to_ascii_lowercase().split_once("charset=").map(|(_, set)| set.to_owned()));
    let utf8 = charset.is_none_or(|set| set.trim_matches(|c| c == '"' || c == ' ').starts_with("utf-8"));
    let json = media_types(value).next().is_some_and(|media| JSON.contains(&media.as_str()));
    if utf8 && json { Ok(()) } else { Err(Error::UnsupportedMediaType) }
}

/// Gives the response the request's id, and writes the log's one line: no query, no body, no ids of patients.
fn finish(request: &HttpRequest, code: &str, begun: Instant, mut response: HttpResponse) -> HttpResponse {
    let id = request_id(request);
    log::info!(
        "{} {} {code} {} {:.1} ms",
        id.to_str().unwrap_or_default(),
        request.method(),
        response.status().as_u16(),
        begun.elapsed().as_secs_f64() * 1e3
    );
    response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
    response
}

/// The client's id of the request where it is short and plain, otherwise a new one: the process's, and a count.
fn request_id(request: &HttpRequest) -> HeaderValue {
    let plain = |value: &&HeaderValue| {
        value.len() <= 64
            && !value.is_empty()
            && value.as_bytes().iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
    };
    if let Some(value) = request.headers().get("X-Request-Id").filter(plain) {
        return value.clone();
    }
    static PROCESS: LazyLock<String> = LazyLock::new(|| uuid::Uuid::new_v4().simple().to_string());
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let text = format!("{}-{}", PROCESS.as_str(), COUNT.fetch_add(1, Ordering::Relaxed));
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("-"))
}

/// The media type of everything that is served; for the CapabilityStatement.
pub const FORMATS: [&str; 2] = ["application/fhir+json", "json"];
