//! capabilities: <https://hl7.org/fhir/R4/http.html#capabilities>

use crate::context::Context;
use crate::error::Error;
use crate::respond;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;

/// `GET [base]/metadata`
pub async fn run(context: Context) -> Result<HttpResponse, Error> {
    context.parameters.only(&["mode"])?;
    match context.parameters.one("mode")? {
        None | Some("full") => Ok(respond::builder(StatusCode::OK).body(context.app.capabilities.clone())),
        Some(_) => Err(Error::BadParameter { name: "mode", expected: "full" }),
    }
}
