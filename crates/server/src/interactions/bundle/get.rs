//! GET and HEAD entries: what is read without a request of its own.

use super::answer::Answer;
use crate::context::Context;
use crate::error::Error;
use crate::interactions::{history, read, search, vread};
use crate::parameters::{Parameters, PassedOver};
use crate::protocol::conditions::lists_tag;
use crate::protocol::negotiate::Wanted;
use crate::protocol::prefer::Handling;
use crate::routes;
use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, StatusCode};
use rushlight_model::bundle::Unless;
use rushlight_model::outcome::{Issue, IssueType};
use rushlight_model::{Id, ResourceType};
use rushlight_persistence::{Scope, Version};

/// What a URL asks for.
#[derive(Debug)]
pub enum Asked {
    /// A resource, as it is now; what of it is in the parameters.
    Read(ResourceType, Id, Parameters),
    /// One of its versions; `None` for one that can't be.
    Vread(ResourceType, Id, Option<i64>, Parameters),
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
        let path = match path.trim_end_matches('/') {
            "" => String::new(),
            path => format!("/{path}"),
        };
        let (route, segments) = routes::find(&Method::GET, &path)?;
        let mut parameters = context.parameters.within(query)?;
        // The Bundle's headers are about the Bundle.
        Wanted::of(&HeaderMap::new(), &parameters, context.app.store.release())?;
        // What the operator has set is for searches, wherever they are.
        let otherwise = context.app.settings.search.handling;
        if route.searches()
            && !parameters.lenient()
            && context.prefer.handling.unwrap_or(otherwise) == Handling::Lenient
        {
            parameters.pass_over(&PassedOver::default());
        }
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
        let of_reads = matches!(route.code, "read" | "vread");
        parameters.only(if of_reads { &["_summary", "_elements"] } else { &[] })?;
        match route.code {
            "read" => Ok(Self::Read(ty()?, id()?, parameters)),
            "vread" => Ok(Self::Vread(ty()?, id()?, segments.version(), parameters)),
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
    check(context, &asked, unless)?;
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
        Asked::Read(ty, id, parameters) => found(
            context,
            &read::current(context, ty, id).await?,
            &Wish { head, unless: unless.clone(), parameters },
        ),
        Asked::Vread(ty, id, number, parameters) => {
            let version = vread::numbered(context, ty, id, number).await?;
            found(context, &version, &Wish { head, unless: unless.clone(), parameters })
        }
    }
}

/// The answer with a version, or without it where the client has it.
///
/// # Errors
/// 400 for an `ifNoneMatch` that is no list of entity tags, and for parts that can't be.
pub fn found(context: &Context, version: &Version, wish: &Wish) -> Result<Answer, Error> {
    if has(&wish.unless, version.version, version.last_updated)? {
        return Ok(Answer::read(StatusCode::NOT_MODIFIED, version, false));
    }
    let answer = Answer::read(StatusCode::OK, version, !wish.head);
    Ok(match search::part(&context.app, &wish.parameters, version)? {
        Some(part) if !wish.head => answer.with(part),
        _ => answer,
    })
}

/// How a read is to be answered.
#[derive(Debug)]
pub struct Wish {
    /// Without the resource.
    pub head: bool,
    /// When the client has it.
    pub unless: Unless,
    /// Which part of it.
    pub parameters: Parameters,
}

/// Whether the client has this version already: an entity tag counts before a time.
fn has(unless: &Unless, version: i64, last_updated: i64) -> Result<bool, Error> {
    match (&unless.none_match, unless.modified_since) {
        (Some(tags), _) => lists_tag(tags, &version.to_string()),
        (None, Some(since)) => Ok(last_updated <= since),
        (None, None) => Ok(false),
    }
}

/// Finds out whether the condition and the parameters can be read, before there is a version to try it on.
///
/// # Errors
/// As [`found`]; 400 for one on what is no version.
pub fn check(context: &Context, asked: &Asked, unless: &Unless) -> Result<(), Error> {
    let is_none = unless.none_match.is_none() && unless.modified_since.is_none();
    match asked {
        Asked::Read(ty, _, parameters) | Asked::Vread(ty, .., parameters) => {
            search::asked_of(&context.app, parameters, *ty)?;
            has(unless, 0, 0).map(|_| ())
        }
        _ if is_none => Ok(()),
        Asked::History(..) | Asked::Search(..) | Asked::Capabilities => {
            let text = "ifNoneMatch and ifModifiedSince are for reads: leave them out";
            Err(Error::Invalid(Issue::error(IssueType::Invalid, text).into()))
        }
    }
}
