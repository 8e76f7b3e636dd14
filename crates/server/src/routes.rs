//! The one table of what is served where. It finds the interaction of a request and yields the CapabilityStatement.

use crate::checks::Checks;
use crate::context::{Context, version_number};
use crate::error::Error;
use crate::interactions::{
    bundle, conditional, create, delete, history, metadata, read, reindex, search, unsupported, update, vread,
};
use crate::parameters::percent_decode;
use actix_web::HttpResponse;
use actix_web::http::Method;
use rushlight_model::{Id, ResourceType};
use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;

/// What an interaction is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The whole server.
    System,
    /// A type of resources, or one of them.
    Type,
    /// Nothing that a CapabilityStatement lists.
    Unlisted,
    /// What is not done; the path is there to say so.
    Refused,
}

type Answer = Pin<Box<dyn Future<Output = Result<HttpResponse, Error>>>>;

/// One interaction.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path below the base: fixed segments, and names in braces for those that vary; `{$}` is an operation.
    pub path: &'static str,
    /// How many slashes are in it: most paths are told apart by that.
    slashes: usize,
    /// Where the CapabilityStatement lists it.
    pub level: Level,
    /// Its code in <https://hl7.org/fhir/R4/valueset-type-restful-interaction.html>, and in the log.
    pub code: &'static str,
    /// Carries it out.
    pub run: fn(Context) -> Answer,
}

macro_rules! route {
    ($method:ident $path:literal $level:ident $code:literal $run:path) => {
        Route {
            method: Method::$method,
            path: $path,
            slashes: slashes($path.as_bytes()),
            level: Level::$level,
            code: $code,
            run: |context| Box::pin($run(context)),
        }
    };
}

/// <https://hl7.org/fhir/R4/http.html>; of two lines that fit a path, the first counts. HEAD goes where GET does.
pub const ROUTES: [Route; 30] = [
    route!(GET "/metadata" Unlisted "capabilities" metadata::run),
    // The Bundle says which of the two it is.
    route!(POST "" System "transaction" bundle::run),
    route!(POST "" System "batch" bundle::run),
    route!(GET "/_history" System "history-system" history::system),
    route!(GET "" System "search-system" search::system),
    route!(POST "/_search" System "search-system" search::system),
    // Beginning and cancelling are for whoever has the command line, until callers are told apart.
    route!(GET "/$reindex" Unlisted "operation" reindex::run),
    route!(GET "/{$}" Refused "operation" unsupported::operation),
    route!(POST "/{$}" Refused "operation" unsupported::operation),
    route!(GET "/{type}/{$}" Refused "operation" unsupported::operation),
    route!(POST "/{type}/{$}" Refused "operation" unsupported::operation),
    route!(GET "/{type}/{id}/{$}" Refused "operation" unsupported::operation),
    route!(POST "/{type}/{id}/{$}" Refused "operation" unsupported::operation),
    route!(GET "/{type}/{id}/_history/{vid}/{$}" Refused "operation" unsupported::operation),
    route!(POST "/{type}/{id}/_history/{vid}/{$}" Refused "operation" unsupported::operation),
    route!(GET "/{type}/_history" Type "history-type" history::of_type),
    route!(POST "/{type}/_search" Type "search-type" search::of_type),
    route!(POST "/{type}" Type "create" create::run),
    route!(GET "/{type}" Type "search-type" search::of_type),
    route!(PUT "/{type}" Unlisted "update" conditional::update),
    route!(PATCH "/{type}" Refused "patch" unsupported::patch),
    route!(DELETE "/{type}" Unlisted "delete" conditional::delete),
    route!(GET "/{type}/{id}" Type "read" read::run),
    route!(PUT "/{type}/{id}" Type "update" update::run),
    route!(DELETE "/{type}/{id}" Type "delete" delete::run),
    route!(PATCH "/{type}/{id}" Refused "patch" unsupported::patch),
    route!(GET "/{type}/{id}/_history" Type "history-instance" history::of_instance),
    route!(GET "/{type}/{id}/_history/{vid}" Type "vread" vread::run),
    route!(GET "/{type}/{id}/{member}" Unlisted "search-type" search::of_compartment),
    route!(POST "/{type}/{id}/{member}/_search" Unlisted "search-type" search::of_compartment),
];

/// The varying segments of a path, decoded.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Segments {
    /// A type's name.
    pub ty: Option<String>,
    /// A resource's id.
    pub id: Option<String>,
    /// A version's id.
    pub vid: Option<String>,
    /// The type that is searched in a compartment, or `*`.
    pub member: Option<String>,
}

impl Segments {
    /// The type, if the release of the checks has it.
    ///
    /// # Errors
    /// 404 for a name that is no type, with the nearest.
    pub fn ty(&self, checks: &Checks) -> Result<ResourceType, Error> {
        checks.type_named(self.ty.as_deref().unwrap_or_default())
    }

    /// The id.
    ///
    /// # Errors
    /// 400 for what can't be an id.
    pub fn id(&self) -> Result<Id, Error> {
        Id::new(self.id.as_deref().unwrap_or_default()).map_err(|error| Error::BadId(error.to_string()))
    }

    /// The version's number; `None` for what belongs to no version of ours.
    pub fn version(&self) -> Option<i64> {
        self.vid.as_deref().and_then(version_number)
    }
}

/// The route of a method and a path below the base, which may end with a slash.
///
/// # Errors
/// 404 for a path of none, 405 for a path of others, 400 for one that is not well encoded.
pub fn find(method: &Method, path: &str) -> Result<(&'static Route, Segments), Error> {
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    let decoded = decoded(path)?;
    let mut of_path = of_path(&decoded)?;
    match of_path.find(|route| route.method == *method) {
        Some(route) => Ok((route, route.segments(&decoded))),
        None => Err(Error::MethodNotAllowed { allow: allowed(path)? }),
    }
}

/// The methods that a path below the base is served by, as `Allow` lists them.
///
/// # Errors
/// As of [`find`].
pub fn allowed(path: &str) -> Result<String, Error> {
    // What is refused by name is in the table, and not offered.
    let decoded = decoded(path)?;
    let offered = of_path(&decoded)?.filter(|route| !route.refused());
    let mut methods: Vec<&str> = Vec::new();
    for route in offered {
        methods.push(route.method.as_str());
        if route.method == Method::GET {
            methods.push(Method::HEAD.as_str());
        }
    }
    methods.push(Method::OPTIONS.as_str());
    // Batch and transaction share theirs.
    methods.dedup();
    Ok(methods.join(", "))
}

fn decoded(path: &str) -> Result<Vec<Cow<'_, str>>, Error> {
    path.strip_suffix('/').unwrap_or(path).split('/').map(decode).collect()
}

/// The routes of the first path in the table that fits.
fn of_path(path: &[Cow<'_, str>]) -> Result<impl Iterator<Item = &'static Route>, Error> {
    const ALL: &[Route] = &ROUTES;
    let first = ALL.iter().find(|route| route.fits(path)).ok_or(Error::UnknownPath)?;
    Ok(ALL.iter().filter(|route| route.path == first.path))
}

impl Route {
    /// Whether the route is there to say that the interaction is not.
    pub fn refused(&self) -> bool {
        self.level == Level::Refused
    }

    /// Whether it is a search.
    pub fn searches(&self) -> bool {
        self.code.starts_with("search")
    }

    fn fits(&self, path: &[Cow<'_, str>]) -> bool {
        let fits = |(part, found): (&str, &Cow<'_, str>)| match part {
            "{$}" => found.starts_with('$'),
            part if part.starts_with('{') => !found.is_empty(),
            part => part == found,
        };
        path.len() == self.slashes + 1 && self.path.split('/').zip(path).all(fits)
    }

    fn segments(&self, path: &[Cow<'_, str>]) -> Segments {
        let mut segments = Segments::default();
        for (part, found) in self.path.split('/').zip(path) {
            match part {
                "{type}" => segments.ty = Some(found.to_string()),
                "{id}" => segments.id = Some(found.to_string()),
                "{vid}" => segments.vid = Some(found.to_string()),
                "{member}" => segments.member = Some(found.to_string()),
                _ => {}
            }
        }
        segments
    }
}

const fn slashes(path: &[u8]) -> usize {
    match path {
        [] => 0,
        [b'/', rest @ ..] => 1 + slashes(rest),
        [_, rest @ ..] => slashes(rest),
    }
}

/// A segment without its percent-encoding: an encoded slash stays within its segment.
fn decode(segment: &str) -> Result<Cow<'_, str>, Error> {
    if segment.contains('%') {
        percent_decode(segment, false).map(Cow::Owned)
    } else {
        Ok(Cow::Borrowed(segment))
    }
}

/// The media type of everything that is served; for the CapabilityStatement.
pub const FORMATS: [&str; 2] = ["application/fhir+json", "json"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_fits() {
        let segments = |ty: &str, id: &str, vid: &str| {
            let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            Segments { ty: some(ty), id: some(id), vid: some(vid), member: None }
        };
        for (method, path, code, ty, id, vid) in [
            (Method::GET, "/metadata", "capabilities", "", "", ""),
            (Method::POST, "", "transaction", "", "", ""),
            (Method::POST, "/", "transaction", "", "", ""),
            (Method::GET, "/_history", "history-system", "", "", ""),
            (Method::GET, "/Patient/_history", "history-type", "Patient", "", ""),
            (Method::GET, "/Patient/_history/", "history-type", "Patient", "", ""),
            (Method::GET, "/Patient/p", "read", "Patient", "p", ""),
            (Method::PUT, "/Pat%69ent/a%2Fb", "update", "Patient", "a/b", ""),
            (Method::GET, "/Patient/p/_history", "history-instance", "Patient", "p", ""),
            (Method::GET, "/Patient/p/_history/3", "vread", "Patient", "p", "3"),
            (Method::HEAD, "/Patient/p/_history/3", "vread", "Patient", "p", "3"),
            (Method::GET, "/$versions", "operation", "", "", ""),
            (Method::POST, "/Patient/%24match", "operation", "Patient", "", ""),
            (Method::GET, "/Patient/p/$everything/", "operation", "Patient", "p", ""),
            (Method::GET, "/Patient/p/_history/3/$meta", "operation", "Patient", "p", "3"),
        ] {
            let (route, found) = find(&method, path).unwrap();
            assert_eq!((route.code, found), (code, segments(ty, id, vid)), "{path}");
        }
        let (route, found) = find(&Method::POST, "/Patient/p/%2A/_search").unwrap();
        assert_eq!((route.code, found.member.as_deref()), ("search-type", Some("*")));
        for path in ["//", "/Patient//", "/Patient//_history", "/a/b/c/d/e", "x"] {
            assert!(matches!(find(&Method::GET, path), Err(Error::UnknownPath)), "{path}");
        }
        assert!(matches!(find(&Method::GET, "/Patient/%zz"), Err(Error::BadUrl { .. })));
        let allowed = |method, path| match find(&method, path) {
            Err(Error::MethodNotAllowed { allow }) => allow,
            _ => "no refusal".to_owned(),
        };
        assert_eq!(allowed(Method::DELETE, "/metadata"), "GET, HEAD, OPTIONS");
        assert_eq!(allowed(Method::POST, "/Patient/p"), "GET, HEAD, PUT, DELETE, OPTIONS");
        assert_eq!(allowed(Method::PUT, "/Patient/p/$x"), "OPTIONS");
        assert_eq!(allowed(Method::POST, "/$reindex"), "GET, HEAD, OPTIONS");
    }
}
