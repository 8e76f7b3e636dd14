//! From a request to its interaction and back.

use crate::app::{App, Site};
use crate::context::Context;
use crate::error::Error;
use crate::guard;
use crate::heavy::{LIGHT, Memory, Turn, held};
use crate::interactions::binary::Raw;
use crate::interactions::search::explain;
use crate::observe::{metrics, probe};
use crate::parameters::{Parameters, PassedOver};
use crate::protocol::coding::Coding;
use crate::protocol::content::{arrived, form, sends_form, sends_json, unpacked};
use crate::protocol::cors;
use crate::protocol::headers::{bounded, heeded};
use crate::protocol::negotiate::Wanted;
use crate::protocol::prefer::{Handling, Prefer, Return};
use crate::protocol::represent::{handled, represent};
use crate::record::Record;
use crate::routes::{self, Route};
use actix_web::guard::{Any, Get, Head};
use actix_web::http::header::HeaderMap;
use actix_web::http::{ConnectionType, Method};
use actix_web::web::{self, Bytes, Data, Payload};
use actix_web::{HttpRequest, HttpResponse, middleware};
use std::cell::Cell;
use std::rc::Rc;

/// Wires everything: one handler, whose table of routes is [`routes::ROUTES`].
pub fn configure(config: &mut web::ServiceConfig) {
    let reading = |route: actix_web::Route| {
        route.guard(Any(Get()).or(Head())).wrap(middleware::from_fn(probe::guarded))
    };
    config
        .route("/healthz", reading(web::to(probe::healthy)))
        .route("/readyz", reading(web::to(probe::ready)))
        .route("/metrics", reading(web::to(metrics::answer)))
        .default_service(web::to(handle));
}

/// A request below a store's base.
struct Asked<'r> {
    app: &'r Data<App>,
    /// Below the base.
    path: &'r str,
    record: Rc<Record>,
    request: &'r HttpRequest,
    payload: Payload,
}

async fn handle(site: Data<Site>, request: HttpRequest, payload: Payload) -> HttpResponse {
    let mut record = Record::new(&request);
    if let Err(error) = guard::check(&request) {
        let mut response = error.respond();
        response.head_mut().set_connection_type(ConnectionType::Close);
        return record.finish(&request, response);
    }
    let options = *request.method() == Method::OPTIONS;
    let Some((app, path)) = site.find(request.path()) else {
        let everything = options && request.path() == "*";
        return record
            .finish(&request, if everything { allowing(SERVED) } else { Error::UnknownPath.respond() });
    };
    let bounded = bounded(&request, &app.settings.limits);
    let route = bounded.and_then(|()| routes::find(request.method(), path)).map(|(route, segments)| {
        record.interaction.set(route.code);
        record.segments = segments;
        route
    });
    let record = Rc::new(record);
    let mut response = match route {
        Err(Error::MethodNotAllowed { allow }) if options => allowing(&allow),
        route => {
            let record = Rc::clone(&record);
            let response = respond(route, Asked { app, path, record, request: &request, payload }).await;
            held(&app.heavy, response).unwrap_or_else(Error::respond)
        }
    };
    record.audit(app, response.status());
    cors::allow(&app.settings.cors, &request, &mut response);
    record.finish(&request, response)
}

/// All methods that something is served by.
const SERVED: &str = "GET, HEAD, POST, PUT, DELETE, OPTIONS";

/// The answer to OPTIONS.
fn allowing(methods: &str) -> HttpResponse {
    HttpResponse::NoContent().insert_header(("Allow", methods)).finish()
}

/// The answer in the form that is wanted; what is no form is answered in ours.
async fn respond(route: Result<&'static Route, Error>, asked: Asked<'_>) -> HttpResponse {
    let release = asked.app.store.release();
    let headers = asked.request.headers();
    let reads = route.as_ref().is_ok_and(|route| matches!(route.code, "read" | "vread"));
    let own_type = reads && asked.record.segments.ty.as_deref() == Some("Binary");
    let read = Parameters::parse(asked.request.query_string()).and_then(|parameters| {
        match Wanted::of(headers, &parameters, release) {
            // A Binary may be had in its own type.
            Err(Error::NotAcceptable(_)) if own_type && parameters.one("_format")?.is_none() => {
                Ok((parameters, Wanted::default()))
            }
            // What explains a search may be had as a page.
            Err(Error::NotAcceptable(_)) if explain::as_page(headers, &parameters) => {
                Ok((parameters, Wanted::default()))
            }
            wanted => Ok((parameters, wanted?)),
        }
    });
    let (answer, wanted) = match (route, read) {
        (Ok(route), Ok((parameters, wanted))) => {
            let wanted = Cell::new(wanted);
            (answer(route, parameters, &wanted, asked).await, wanted.get())
        }
        (Err(error), read) => (Err(error), read.map_or_else(|_| Wanted::default(), |(_, wanted)| wanted)),
        (Ok(_), Err(error)) => (Err(error), Wanted::default()),
    };
    represent(answer.unwrap_or_else(Error::respond), &wanted, release, headers).await
}

async fn answer(
    route: &'static Route,
    mut parameters: Parameters,
    wanted: &Cell<Wanted>,
    asked: Asked<'_>,
) -> Result<HttpResponse, Error> {
    let Asked { app, path, record, request, payload } = asked;
    let (app, headers) = (app.clone(), request.headers());
    heeded(headers, route.code)?;
    let mut prefer = Prefer::of(headers)?;
    let passed_over = PassedOver::default();
    // What the operator has set is for searches; elsewhere a client has to ask for it.
    let otherwise = if route.searches() { app.settings.search.handling } else { Handling::Strict };
    if prefer.handling.unwrap_or(otherwise) == Handling::Lenient {
        parameters.pass_over(&passed_over);
    }
    // What is refused by name is refused whatever its body is.
    let has_body = matches!(*request.method(), Method::POST | Method::PUT) && !route.refused();
    let mut memory = app.heavy.memory();
    let (body, turn) = if has_body {
        let raw = Raw::of(&app, route.code, &record.segments, headers)?;
        match raw {
            Some(_) => {}
            None if route.searches() => sends_form(headers)?,
            None => sends_json(headers, app.store.release())?,
        }
        let (body, turn) = body(&app, route, headers, payload, &mut memory).await?;
        match raw {
            Some(raw) => {
                // Nobody wants the bytes back as base64, unless they say so.
                prefer.returns = prefer.returns.or(Some(Return::Minimal));
                (raw.resource(body, app.settings.limits.unpacked).await?, turn)
            }
            None => (body, turn),
        }
    } else {
        (Bytes::new(), None)
    };
    record.received.set(body.len());
    if has_body && route.searches() {
        parameters.join(form(headers, &body)?)?;
        if !explain::as_page(headers, &parameters) {
            wanted.set(Wanted::of(headers, &parameters, app.store.release())?);
        }
    }
    let wanted = wanted.get();
    let path = path.trim_end_matches('/').to_owned();
    let context = Context { path, record, parameters, wanted, prefer, request: request.clone(), body, app };
    let mut response = match turn {
        None => (route.run)(context).await?,
        // Where the client goes away, what was begun goes on, and keeps its turn and its memory until it ends.
        Some(turn) => {
            let work = actix_web::rt::spawn(async move {
                let response = (route.run)(context).await;
                drop((turn, memory));
                response
            });
            work.await.map_err(|_| Error::Overloaded)??
        }
    };
    let handling = prefer.handling.or((!passed_over.borrow().is_empty()).then_some(Handling::Lenient));
    if let Some(handling) = handling {
        handled(&mut response, handling, &passed_over);
    }
    Ok(response)
}

/// The body, unpacked, and the turn that it is worked on in, if it takes one.
async fn body(
    app: &App,
    route: &Route,
    headers: &HeaderMap,
    payload: Payload,
    memory: &mut Memory,
) -> Result<(Bytes, Option<Turn>), Error> {
    let limits = &app.settings.limits;
    let coding = Coding::of_body(headers)?;
    let mut body = arrived(payload, headers, limits, memory).await?;
    let mut turn = None;
    if body.len() > LIGHT || route.code == "transaction" {
        turn = Some(app.heavy.turn().await?);
    }
    if let Some(coding) = coding {
        body = unpacked(body, coding, limits).await?;
        memory.hold(body.len())?;
        if body.len() > LIGHT && turn.is_none() {
            turn = Some(app.heavy.turn().await?);
        }
    }
    Ok((body, turn))
}
