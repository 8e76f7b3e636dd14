//! From a request to its interaction and back.

use crate::app::{App, Site};
use crate::context::Context;
use crate::error::Error;
use crate::guard;
use crate::negotiate::{accepts_json, body, heeded, sends_json};
use crate::parameters::Parameters;
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
        Ok((app.clone(), path, route))
    });
    let record = Rc::new(record);
    let response = match found {
        Ok((app, path, route)) => answer(app, path, route, Rc::clone(&record), &request, payload).await,
        Err(error) => Err(error),
    };
    record.finish(&request, response.unwrap_or_else(Error::respond))
}

async fn answer(
    app: Data<App>,
    path: &str,
    route: &Route,
    record: Rc<Record>,
    request: &HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    (route.run)(context(app, path, record, request, payload).await?).await
}

/// Reads the parts of a request.
async fn context(
    app: Data<App>,
    path: &str,
    record: Rc<Record>,
    request: &HttpRequest,
    payload: Payload,
) -> Result<Context, Error> {
    let parameters = Parameters::parse(request.query_string())?;
    accepts_json(request)?;
    heeded(request)?;
    let body = if matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH) {
        sends_json(request)?;
        body(payload, app.settings.limits.body).await?
    } else {
        Bytes::new()
    };
    Ok(Context {
        path: path.trim_end_matches('/').to_owned(),
        record,
        parameters,
        request: request.clone(),
        body,
        app,
    })
}
