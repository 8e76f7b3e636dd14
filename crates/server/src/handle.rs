//! From a request to its interaction and back.

use crate::app::{App, Site};
use crate::context::Context;
use crate::error::Error;
use crate::guard;
use crate::parameters::Parameters;
use crate::protocol::content::{body, sends_json};
use crate::protocol::headers::heeded;
use crate::protocol::negotiate::Wanted;
use crate::protocol::represent::represent;
use crate::record::Record;
use crate::routes::{self, Route};
use actix_web::http::{ConnectionType, Method};
use actix_web::web::{self, Bytes, Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use std::rc::Rc;

/// Wires everything: one handler, whose table of routes is [`routes::ROUTES`].
pub fn configure(config: &mut web::ServiceConfig) {
    config.route("/healthz", web::get().to(healthy)).default_service(web::to(handle));
}

async fn healthy() -> &'static str {
    "ok\n"
}

/// What a request is about.
struct Found<'p> {
    app: Data<App>,
    /// Below the base.
    path: &'p str,
    route: &'static Route,
}

async fn handle(site: Data<Site>, request: HttpRequest, payload: Payload) -> HttpResponse {
    let mut record = Record::new(&request);
    if let Err(error) = guard::check(&request) {
        let mut response = error.respond();
        response.head_mut().set_connection_type(ConnectionType::Close);
        return record.finish(&request, response);
    }
    let found = site.find(request.path()).ok_or(Error::UnknownPath).and_then(|(app, path)| {
        let (route, segments) = routes::find(request.method(), path)?;
        (record.interaction, record.segments) = (route.code, segments);
        Ok(Found { app: app.clone(), path, route })
    });
    let record = Rc::new(record);
    let response = match found {
        Ok(found) => {
            let app = found.app.clone();
            let response = respond(found, Rc::clone(&record), &request, payload).await;
            record.audit(&app, response.status());
            response
        }
        Err(error) => error.respond(),
    };
    record.finish(&request, response)
}

/// The answer in the form that is wanted; what is no form is answered in ours.
async fn respond(
    found: Found<'_>,
    record: Rc<Record>,
    request: &HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let release = found.app.store.release();
    let read = Parameters::parse(request.query_string()).and_then(|parameters| {
        let wanted = Wanted::of(request.headers(), &parameters, release)?;
        Ok((parameters, wanted))
    });
    let (answer, wanted) = match read {
        Ok((parameters, wanted)) => (answer(found, record, parameters, request, payload).await, wanted),
        Err(error) => (Err(error), Wanted::default()),
    };
    represent(answer.unwrap_or_else(Error::respond), &wanted, release).await
}

async fn answer(
    found: Found<'_>,
    record: Rc<Record>,
    parameters: Parameters,
    request: &HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let Found { app, path, route } = found;
    heeded(request.headers(), route.code)?;
    // What is refused by name is refused whatever its body is.
    let has_body = matches!(*request.method(), Method::POST | Method::PUT) && !route.refused();
    let body = if has_body {
        sends_json(request.headers(), app.store.release())?;
        body(payload, app.settings.limits.body).await?
    } else {
        Bytes::new()
    };
    let path = path.trim_end_matches('/').to_owned();
    (route.run)(Context { path, record, parameters, request: request.clone(), body, app }).await
}
