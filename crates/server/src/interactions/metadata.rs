//! capabilities: <https://hl7.org/fhir/R4/http.html#capabilities>

use crate::context::Context;
use crate::error::Error;
use crate::protocol::coding::Wanted;
use crate::protocol::conditions::not_modified;
use crate::respond;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, HttpResponseBuilder};

/// `GET [base]/metadata`: all that is served is of the normative part of the CapabilityStatement, so that `full` and
/// `normative` are the same.
pub async fn run(context: Context) -> Result<HttpResponse, Error> {
    context.parameters.only(&["mode"])?;
    let statements = context.app.statements();
    let statement = match context.parameters.one("mode")? {
        None | Some("full" | "normative") => &statements.capabilities,
        Some("terminology") => &statements.terminology,
        Some(_) => {
            return Err(Error::BadParameter { name: "mode", expected: "full, normative or terminology" });
        }
    };
    let headers = context.request.headers();
    let dated = |builder: &mut HttpResponseBuilder| {
        builder.insert_header(("ETag", format!("W/\"{}\"", statement.tag)));
        builder.insert_header(("Last-Modified", respond::http_date(statement.made)));
    };
    if not_modified(headers, &statement.tag, statement.made)? {
        let mut response = HttpResponse::NotModified();
        dated(&mut response);
        return Ok(response.finish());
    }
    let mut response = respond::builder(StatusCode::OK);
    dated(&mut response);
    // What is laid out for people is packed after that.
    let coding = Wanted::of(headers).coding.filter(|_| !context.wanted.pretty);
    let (coding, body) = statement.body(coding);
    if let Some(coding) = coding {
        response.insert_header(("Content-Encoding", coding.name()));
    }
    Ok(response.body(body))
}
