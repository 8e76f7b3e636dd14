//! Interactions of FHIR that have a path here and are refused by name.

use crate::context::Context;
use crate::error::Error;
use actix_web::HttpResponse;

/// Search in all its forms. <https://hl7.org/fhir/R4/http.html#search>
pub async fn search(_: Context) -> Result<HttpResponse, Error> {
    Err(Error::NotSupported { what: "search" })
}

/// <https://hl7.org/fhir/R4/http.html#cond-update>
pub async fn conditional_update(_: Context) -> Result<HttpResponse, Error> {
    Err(Error::NotSupported { what: "conditional update (PUT without an id)" })
}

/// <https://hl7.org/fhir/R4/http.html#3.1.0.7.1>
pub async fn conditional_delete(_: Context) -> Result<HttpResponse, Error> {
    Err(Error::NotSupported { what: "conditional delete (DELETE without an id)" })
}

/// <https://hl7.org/fhir/R4/http.html#patch>
pub async fn patch(_: Context) -> Result<HttpResponse, Error> {
    Err(Error::NotSupported { what: "patch" })
}

/// <https://hl7.org/fhir/R4/operations.html>
pub async fn operation(_: Context) -> Result<HttpResponse, Error> {
    Err(Error::NotSupported { what: "this operation" })
}
