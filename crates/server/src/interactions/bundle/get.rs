//! GET and HEAD entries: what is read without a request of its own.

use super::answer::Answer;
use crate::context::Context;
use crate::error::Error;
use crate::interactions::{history, read, search, vread};
use crate::parameters::Parameters;
use crate::protocol::conditions::lists_tag;
use crate::routes;
use actix_web::http::{Method, StatusCode};
use rushlight_model::bundle::Unless;
use rushlight_model::{Id, ResourceType};
use rushlight_persistence::{Scope, Version};

/// What a URL asks for.
#[derive(Debug)]
pub enum Asked {
    /// A resource, as it is now.
    Read(ResourceType, Id),
    /// One of its versions; `None` for one that can't be.
    Vread(ResourceType, Id, Option<i64>),
    /// A page of a history: its path, and its parameters.
    History(Scope, String, Parameters),
    /// A page of a search: where it looks, its path, and its parameters.
    Search(search::Where, String, Parameters),
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
        let path = format!("/{}", path.trim_end_matches('/'));
        let (route, segments) = routes::find(&Method::GET, &path)?;
        let parameters = Parameters::parse(query)?;
        let ty = || segments.ty(&context.app.checks);
        let id = || segments.id();
        let scope = match route.code {
            "history-system" => Some(Scope::System),
            "history-type" => Some(Scope::Type(ty()?)),
            "history-instance" => Some(Scope::Instance(ty()?, id()?)),
            _ => None,
        };
        if let Some(scope) = scope {
            return Ok(Self::History(scope, path, parameters));
        }
        if route.searches() {
            let place = search::Where::of(&context.app, &segments)?;
            return Ok(Self::Search(place, path, parameters));
        }
        parameters.only(&[])?;
        match route.code {
            "read" => Ok(Self::Read(ty()?, id()?)),
            "vread" => Ok(Self::Vread(ty()?, id()?, segments.version())),
            "capabilities" => Ok(Self::Capabilities),
            _ => Err(Error::NotSupported { what: "this interaction in a Bundle" }),
        }
    }
}

/// The answer to a GET or HEAD entry.
///
/// # Errors
/// As a request of its own would be answered.
pub async fn answer(context: &Context, asked: Asked, head: bool, unless: &Unless) -> Result<Answer, Error> {
    match asked {
        Asked::Capabilities => {
            Ok(Answer::made("metadata", context.app.statements().capabilities.text.to_vec(), head))
        }
        Asked::History(scope, path, parameters) => {
            let page = history::page(context, &path, &parameters, scope).await?;
            Ok(Answer::made(&path, page, head))
        }
        Asked::Search(place, path, parameters) => {
            let page = search::page(context, &path, &parameters, place).await?;
            Ok(Answer::made(&path, page, head))
        }
        Asked::Read(ty, id) => found(&read::current(context, ty, id).await?, head, unless),
        Asked::Vread(ty, id, number) => found(&vread::numbered(context, ty, id, number).await?, head, unless),
    }
}

/// The answer with a version, or without it where the client has it.
///
/// # Errors
/// 400 for an `ifNoneMatch` that is no list of entity tags.
pub fn found(version: &Version, head: bool, unless: &Unless) -> Result<Answer, Error> {
    Ok(match has(unless, version.version, version.last_updated)? {
        true => Answer::read(StatusCode::NOT_MODIFIED, version, false),
        false => Answer::read(StatusCode::OK, version, !head),
    })
}

/// Whether the client has this version already: an entity tag counts before a time.
fn has(unless: &Unless, version: i64, last_updated: i64) -> Result<bool, Error> {
    match (&unless.none_match, unless.modified_since) {
        (Some(tags), _) => lists_tag(tags, &version.to_string()),
        (None, Some(since)) => Ok(last_updated <= since),
        (None, None) => Ok(false),
    }
}

/// Finds out whether the condition can be read, before there is a version to try it on.
///
/// # Errors
/// As [`found`].
pub fn check(unless: &Unless) -> Result<(), Error> {
    has(unless, 0, 0).map(|_| ())
}
