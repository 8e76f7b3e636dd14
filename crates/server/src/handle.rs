//! From a request to its interaction and back.

use crate::app::{App, Site};
use crate::context::Context;
use crate::error::Error;
use crate::negotiate::{accepts_json, body, heeded, sends_json};
use crate::parameters::Parameters;
use crate::record::finish;
use crate::routes::{self, Route, Segments};
use actix_web::http::Method;
use actix_web::web::{self, Bytes, Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use std::time::Instant;

/// Wires everything: one handler, whose table of routes is [`routes::ROUTES`].
pub fn configure(config: &mut web::ServiceConfig) {
    config.route("/healthz", web::get().to(healthy)).default_service(web::to(handle));
}

async fn healthy() -> &'static str {
    "ok\n"
}

async fn handle(site: Data<Site>, request: HttpRequest, payload: Payload) -> HttpResponse {
    let begun = Instant::now();
    let found = site.find(request.path()).ok_or(Error::UnknownPath).and_then(|(app, path)| {
        let (route, segments) = routes::find(request.method(), path)?;
        Ok((app.clone(), path, route, segments))
    });
    let (code, response) = match found {
        Ok((app, path, route, segments)) => {
            (route.code, answer(app, path, route, segments, &request, payload).await)
        }
        Err(error) => ("none", Err(error)),
    };
    finish(&request, code, begun, response.unwrap_or_else(Error::respond))
}

async fn answer(
    app: Data<App>,
    path: &str,
    route: &Route,
    segments: Segments,
    request: &HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    (route.run)(context(app, path, segments, request, payload).await?).await
}

/// Reads the parts of a request.
async fn context(
    app: Data<App>,
    path: &str,
    segments: Segments,
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
        segments,
        parameters,
        request: request.clone(),
        body,
        app,
    })
}
