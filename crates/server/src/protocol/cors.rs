//! Web pages of other origins: <https://fetch.spec.whatwg.org/#http-cors-protocol>. None, unless the operator names
//! them.

use crate::settings::Cors;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ALLOW, HeaderValue,
    ORIGIN, VARY,
};
use actix_web::{HttpRequest, HttpResponse};

/// What pages may read of a response.
const EXPOSED: &str = "Content-Location, ETag, Last-Modified, Location, Preference-Applied, Retry-After, Warning, \
                       X-Request-Id";

/// What pages may send.
const SENT: &str = "Accept, Authorization, Content-Encoding, Content-Type, If-Match, If-Modified-Since, \
                    If-None-Exist, If-None-Match, Prefer, X-Provenance, X-Request-Id, X-Security-Context";

/// How long browsers may remember a preflight, in seconds.
const REMEMBERED: &str = "600";

/// Lets pages of the origins that are named see the response; and answers a preflight, which asks first.
pub fn allow(cors: &Cors, request: &HttpRequest, response: &mut HttpResponse) {
    if cors.origins.is_empty() {
        return;
    }
    let headers = response.headers_mut();
    let allowed = if cors.origins.iter().any(|origin| origin == "*") {
        // Also where no page asks: a cache may give the answer to one later.
        HeaderValue::from_static("*")
    } else {
        headers.append(VARY, HeaderValue::from_static("Origin"));
        let named =
            |origin: &&HeaderValue| cors.origins.iter().any(|one| one.as_bytes() == origin.as_bytes());
        let Some(origin) = request.headers().get(ORIGIN).filter(named) else { return };
        origin.clone()
    };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    if *request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
        if let Some(methods) = headers.get(ALLOW).cloned() {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        }
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(SENT));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(REMEMBERED));
    } else {
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    /// The response's headers of access control, and `Vary`.
    fn allowed(origins: &[&str], request: TestRequest) -> Vec<(String, String)> {
        let cors = Cors { origins: origins.iter().map(|&origin| origin.to_owned()).collect() };
        let mut response = HttpResponse::NoContent().insert_header((ALLOW, "GET, HEAD")).finish();
        allow(&cors, &request.to_http_request(), &mut response);
        let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
        let mut all: Vec<(String, String)> =
            response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        all.retain(|(name, _)| name != "allow");
        all.sort();
        all
    }

    fn from(origin: &str) -> TestRequest {
        TestRequest::get().insert_header((ORIGIN, origin))
    }

    #[test]
    fn only_named_origins_are_let_in() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let (app, other) = ("https://app.example", "https://other.example");
        let exposed = pair("access-control-expose-headers", EXPOSED);
        let vary = pair("vary", "Origin");
        assert_eq!(allowed(&[], from(app)), []);
        assert_eq!(
            allowed(&["https://x", app], from(app)),
            [pair("access-control-allow-origin", app), exposed.clone(), vary.clone()]
        );
        assert_eq!(allowed(&[app], from(other)), std::slice::from_ref(&vary));
        assert_eq!(allowed(&[app], TestRequest::get()), std::slice::from_ref(&vary));
        for request in [from(other), TestRequest::get()] {
            let any = pair("access-control-allow-origin", "*");
            assert_eq!(allowed(&["*"], request), [any, exposed.clone()]);
        }
        let preflight = TestRequest::with_uri("/")
            .method(Method::OPTIONS)
            .insert_header((ORIGIN, app))
            .insert_header((ACCESS_CONTROL_REQUEST_METHOD, "PUT"));
        assert_eq!(
            allowed(&[app], preflight),
            [
                pair("access-control-allow-headers", SENT),
                pair("access-control-allow-methods", "GET, HEAD"),
                pair("access-control-allow-origin", app),
                pair("access-control-max-age", REMEMBERED),
                vary
            ]
        );
    }
}
