//! GET and HEAD entries: what is read without a request of its own.

use super::answer::Answer;
use crate::context::{Context, version_number};
use crate::error::Error;
use crate::parameters::Parameters;
use crate::routes;
use actix_web::http::{Method, StatusCode};
use rushlight_model::bundle::Unless;
use rushlight_model::{Id, ResourceType};
use rushlight_persistence::{Read, Version};

/// What a URL asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A resource, as it is now.
    Read(ResourceType, Id),
    /// One of its versions; `None` for one that can't be.
    Vread(ResourceType, Id, Option<i64>),
    /// The CapabilityStatement.
    Capabilities,
}

impl Asked {
    /// Reads a URL that is relative to the base.
    ///
    /// # Errors
    /// As a request for it would be answered; and for what can't be had in a Bundle.
    pub fn of(context: &Context, url: &str) -> Result<Self, Error> {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let (route, segments) = routes::find(&Method::GET, &format!("/{path}"))?;
        Parameters::parse(query)?.only(&[])?;
        let ty = || context.app.checks.type_named(segments.ty.as_deref().unwrap_or_default());
        let id = || {
            Id::new(segments.id.as_deref().unwrap_or_default()).map_err(|why| Error::BadId(why.to_string()))
        };
        match route.code {
            "read" => Ok(Self::Read(ty()?, id()?)),
            "vread" => Ok(Self::Vread(ty()?, id()?, segments.vid.as_deref().and_then(version_number))),
            "capabilities" => Ok(Self::Capabilities),
            "search-system" | "search-type" => Err(Error::NotSupported { what: "search" }),
            _ => Err(Error::NotSupported { what: "this interaction in a Bundle" }),
        }
    }
}

/// The answer to a GET or HEAD entry.
pub async fn answer(context: &Context, url: &str, head: bool, unless: &Unless) -> Result<Answer, Error> {
    match Asked::of(context, url)? {
        Asked::Capabilities => {
            Ok(Answer::made((!head).then(|| context.app.statements.capabilities.text.to_vec())))
        }
        Asked::Read(ty, id) => {
            let wanted = id.clone();
            let found = context.read(move |store, access| store.read(access, ty, &wanted)).await?;
            version(found, ty, id, head, unless)
        }
        Asked::Vread(ty, id, None) => Err(Error::NotFound { ty, id }),
        Asked::Vread(ty, id, Some(number)) => {
            let wanted = id.clone();
            let found = context.read(move |store, access| store.vread(access, ty, &wanted, number)).await?;
            version(found, ty, id, head, unless)
        }
    }
}

/// The answer with what was found.
pub fn version(found: Read, ty: ResourceType, id: Id, head: bool, unless: &Unless) -> Result<Answer, Error> {
    match found {
        Read::Found(version) if has(unless, &version) => {
            Ok(Answer::read(StatusCode::NOT_MODIFIED, &version, false))
        }
        Read::Found(version) => Ok(Answer::read(StatusCode::OK, &version, !head)),
        Read::Gone { version, .. } => Err(Error::Gone { ty, id, version }),
        Read::Missing => Err(Error::NotFound { ty, id }),
    }
}

/// Whether the client has this version already: an entity tag counts before a time.
fn has(unless: &Unless, version: &Version) -> bool {
    match (&unless.none_match, unless.modified_since) {
        (Some(tags), _) => tags.split(',').map(str::trim).any(|tag| {
            tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == format!("\"{}\"", version.version)
        }),
        (None, Some(since)) => version.last_updated <= since,
        (None, None) => false,
    }
}
