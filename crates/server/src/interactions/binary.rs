//! Binary in its own content type: <https://hl7.org/fhir/R4/binary.html>
//!
//! What arrives as bytes is made a resource before anything else sees it, and is stored as one. It is taken apart again
//! for who asks for the bytes: the only resources that are parsed to be served.

use crate::app::App;
use crate::context::{Context, one_header};
use crate::error::Error;
use crate::heavy::LIGHT;
use crate::protocol::list::Word;
use crate::protocol::negotiate::{Accept, Media};
use crate::respond;
use crate::routes::Segments;
use actix_web::HttpResponse;
use actix_web::http::header::{HeaderMap, HeaderValue};
use actix_web::web::{Bytes, block};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rushlight_model::Limits;
use rushlight_model::json::{Tree, quote};
use rushlight_persistence::Version;

/// A body that is no resource: what its request says of it.
pub struct Raw {
    content_type: String,
    security_context: Option<String>,
    id: Option<String>,
}

impl Raw {
    /// Of a create or update of a Binary in another type than FHIR's JSON; `None`: the body is a resource.
    ///
    /// # Errors
    /// 403 for a page of another origin, which could send this without asking first; 400 for a security context that
    /// has no place in a resource.
    pub fn of(
        app: &App,
        code: &str,
        segments: &Segments,
        headers: &HeaderMap,
    ) -> Result<Option<Self>, Error> {
        let security_context = one_header(headers, "X-Security-Context")?;
        let binary = segments.ty.as_deref() == Some("Binary") && matches!(code, "create" | "update");
        let content_type = one_header(headers, "Content-Type")?.filter(|text| binary && is_other(text));
        let Some(content_type) = content_type else {
            return match security_context {
                None => Ok(None),
                Some(_) => Err(Error::BadHeader {
                    name: "X-Security-Context",
                    expected: "absent here: it is for a Binary in its own content type",
                }),
            };
        };
        if let Some(origin) = headers.get("Origin").filter(|origin| !is_known(app, origin)) {
            return Err(Error::ForeignPage {
                origin: String::from_utf8_lossy(origin.as_bytes()).into_owned(),
            });
        }
        Ok(Some(Self {
            content_type: content_type.trim().to_owned(),
            security_context: security_context.map(str::to_owned),
            id: segments.id.clone(),
        }))
    }

    /// The resource with these bytes as its data.
    ///
    /// # Errors
    /// 413 where it would be longer than a resource may be.
    pub async fn resource(self, data: Bytes, longest: usize) -> Result<Bytes, Error> {
        // Four characters for three bytes, and what stands around them.
        let limit = (longest.saturating_sub(1024) / 4).saturating_mul(3);
        if data.len() > limit {
            return Err(Error::TooLarge { limit });
        }
        if data.len() <= LIGHT {
            return Ok(self.written(&data));
        }
        block(move || self.written(&data)).await.map_err(|_| Error::Overloaded)
    }

    fn written(&self, data: &[u8]) -> Bytes {
        let mut out = String::with_capacity(data.len() / 3 * 4 + 1024);
        out.push_str(r#"{"resourceType":"Binary""#);
        let mut member = |name: &str, value: &str| {
            out.push_str(name);
            quote(&mut out, value);
        };
        if let Some(id) = &self.id {
            member(r#","id":"#, id);
        }
        member(r#","contentType":"#, &self.content_type);
        if let Some(reference) = &self.security_context {
            member(r#","securityContext":{"reference":"#, reference);
            out.push('}');
        }
        if !data.is_empty() {
            out.push_str(r#","data":""#);
            STANDARD.encode_string(data, &mut out);
            out.push('"');
        }
        out.push('}');
        Bytes::from(out)
    }
}

/// Whether a content type is a Binary's own: any but those of FHIR.
fn is_other(text: &str) -> bool {
    let name = Word::new(text).word.to_ascii_lowercase();
    let fhir = Media::named(&name).is_some() || name.starts_with("application/fhir+");
    !fhir && name.split('/').filter(|part| !part.is_empty()).count() == 2
}

/// Whether a page may write: of the server's own origin, or of one that the operator has named.
fn is_known(app: &App, origin: &HeaderValue) -> bool {
    let named = app.settings.cors.origins.iter().any(|one| one == "*" || one.as_bytes() == origin.as_bytes());
    let own: Vec<&str> = app.base.splitn(4, '/').take(3).collect();
    named || own.join("/").as_bytes() == origin.as_bytes()
}

/// A Binary taken apart.
struct Parts {
    content_type: String,
    security_context: Option<String>,
    /// `None`: the data is no base64.
    data: Option<Vec<u8>>,
}

impl Parts {
    fn of(body: &str) -> Option<Self> {
        let tree = Tree::parse(body.as_bytes(), &Limits::UNBOUNDED).ok()?;
        let root = tree.root();
        let text = |name| Some(root.get(name)?.as_str()?.into_owned());
        let data: String = text("data").unwrap_or_default();
        let plain: String = data.split_ascii_whitespace().collect();
        Some(Self {
            content_type: text("contentType").unwrap_or_else(|| "application/octet-stream".to_owned()),
            security_context: root
                .get("securityContext")
                .and_then(|context| Some(context.get("reference")?.as_str()?.into_owned())),
            data: STANDARD.decode(plain).ok(),
        })
    }
}

/// The answer to a read of a Binary: the bytes, unless the client names FHIR's JSON. `None`: it does.
///
/// # Errors
/// 406 where it takes neither.
pub async fn bytes(context: &Context, version: &Version) -> Result<Option<HttpResponse>, Error> {
    if context.parameters.one("_format")?.is_some() {
        return Ok(None);
    }
    let (parts, _turn) = if version.body.len() <= LIGHT {
        (Parts::of(&version.body), None)
    } else {
        let turn = context.app.heavy.turn().await?;
        let body = version.body.clone();
        (block(move || Parts::of(&body)).await.map_err(|_| Error::Overloaded)?, Some(turn))
    };
    let Some(Parts { content_type, security_context, data }) = parts else { return Ok(None) };
    let accept = Accept::of(context.request.headers())?;
    let own = accept.fit(Word::new(&content_type).word);
    let json = accept.json(context.app.store.release()).ok();
    match (json, own) {
        (Some((json, _)), own) if json.is_named() && own.is_none_or(|own| json.quality >= own.quality) => {
            return Ok(None);
        }
        (Some(_), None) => return Ok(None),
        (None, None) => {
            let shown = respond::shown(&content_type);
            return Err(Error::NotAcceptable(format!(
                "this Binary is {shown}: accept that, or application/fhir+json"
            )));
        }
        (_, Some(_)) => {}
    }
    let Some(data) = data else {
        let why = "the data of this Binary is no base64: accept application/fhir+json".to_owned();
        return Err(Error::NotAcceptable(why));
    };
    let mut response = HttpResponse::Ok();
    let unknown = HeaderValue::from_static("application/octet-stream");
    response.insert_header(("Content-Type", HeaderValue::from_str(&content_type).unwrap_or(unknown)));
    response.insert_header(("ETag", respond::etag(version.version)));
    response.insert_header(("Last-Modified", respond::http_date(version.last_updated)));
    // Whatever was stored, a browser does not run it as if it were the server's own page.
    response.insert_header(("X-Content-Type-Options", "nosniff"));
    response.insert_header(("Content-Security-Policy", "sandbox; default-src 'none'"));
    response.insert_header(("Content-Disposition", "attachment"));
    response.insert_header(("Accept-Ranges", "none"));
    if let Some(reference) = security_context.and_then(|text| HeaderValue::from_str(&text).ok()) {
        response.insert_header(("X-Security-Context", reference));
    }
    Ok(Some(response.body(data)))
}
