//! Interactions of FHIR that have a path here and are refused by name.

use crate::context::Context;
use crate::error::Error;
use crate::parameters::percent_decode;
use actix_web::HttpResponse;

/// What is refused, once it is known that the type in the path, if there is one, is a type.
fn refuse<T>(context: &Context, error: Error) -> Result<T, Error> {
    if context.record.segments.ty.is_some() {
        context.ty()?;
    }
    Err(error)
}

/// <https://hl7.org/fhir/R4/http.html#patch>
pub async fn patch(context: Context) -> Result<HttpResponse, Error> {
    refuse(&context, Error::NotSupported { what: "patch" })
}

/// <https://hl7.org/fhir/R4/operations.html>
pub async fn operation(context: Context) -> Result<HttpResponse, Error> {
    let name = percent_decode(context.path.rsplit('/').next().unwrap_or_default(), false)?;
    refuse(&context, Error::UnknownOperation { name })
}
