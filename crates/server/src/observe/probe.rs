//! `GET /healthz` and `GET /readyz`: whether the process is alive, and whether it should be sent requests.

use crate::app::{App, Site};
use crate::guard;
use crate::record::{REQUEST_ID, request_id};
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::middleware::Next;
use actix_web::web::{self, Data};
use actix_web::{Error, HttpResponse};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long a store may take to say that it is there.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// What holds for every request holds for probes, too; they are neither counted nor logged.
///
/// # Errors
/// None of its own: a request that is refused has its answer.
pub async fn guarded(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = request_id(request.request());
    let mut response = match guard::check(request.request()) {
        Ok(()) => next.call(request).await?,
        Err(error) => {
            let mut refusal = error.respond();
            refusal.head_mut().set_connection_type(ConnectionType::Close);
            request.into_response(refusal)
        }
    };
    response.headers_mut().insert(REQUEST_ID, id);
    Ok(response)
}

/// The process answers.
pub async fn healthy() -> &'static str {
    "ok\n"
}

/// Every store answers, and the server is not stopping; otherwise 503 with the reason.
pub async fn ready(site: Data<Site>) -> HttpResponse {
    if site.stopping.load(Ordering::Relaxed) {
        return unready("the server is stopping\n".to_owned());
    }
    for app in &site.apps {
        if let Err(reason) = answers(app).await {
            return unready(format!("the store at {} {reason}\n", app.path));
        }
    }
    HttpResponse::Ok().body("ready\n")
}

fn unready(reason: String) -> HttpResponse {
    HttpResponse::ServiceUnavailable().insert_header(("Retry-After", "1")).body(reason)
}

async fn answers(app: &App) -> Result<(), &'static str> {
    if !app.store.is_ready() {
        return Err("is still deriving its index, which writes wait for");
    }
    let store = app.store.clone();
    match tokio::time::timeout(PATIENCE, web::block(move || store.snapshot())).await {
        Ok(Ok(Ok(_))) => Ok(()),
        Ok(Ok(Err(error))) => {
            log::warn!("not ready: {error}");
            Err("can't be read: the log says why")
        }
        Ok(Err(_)) | Err(_) => Err("does not answer in time"),
    }
}
