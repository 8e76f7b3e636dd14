//! What is said of each error. No values of a record; names and ids only.

use super::Error;
use crate::parameters::EVERYWHERE;
use crate::protocol::coding::Coding;
use crate::respond;
use rushlight_model::{ResourceType, nearest};
use rushlight_persistence::{Refusal, StoreError};
use std::fmt;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownPath => {
                f.write_str("there is nothing at this path; the base's metadata says what there is")
            }
            Self::UnknownType { name, release } => {
                write!(f, "{} is not a resource type of FHIR {release}", respond::shown(name))?;
                match ResourceType::nearest_in(name, *release) {
                    Some(near) => write!(f, "; did you mean {}?", near.name()),
                    None => Ok(()),
                }
            }
            Self::MethodNotAllowed { allow } if allow == "OPTIONS" => {
                f.write_str("nothing is served at this path yet")
            }
            Self::MethodNotAllowed { allow } => write!(f, "this path is for {allow}"),
            Self::BadId(what) => f.write_str(what),
            Self::BadUrl { expected } => write!(f, "the URL should be {expected}"),
            Self::BadHeader { name, expected } => write!(f, "the header {name} should be {expected}"),
            Self::UnknownExpectation => {
                f.write_str("the only expectation that can be met is the header Expect: 100-continue")
            }
            Self::UnknownParameter { name, known } => {
                write!(f, "the parameter {} is not known here", respond::shown(name))?;
                let known = || known.iter().chain(&EVERYWHERE);
                match nearest(name, known()) {
                    Some(near) => write!(f, "; did you mean {near}?"),
                    None => {
                        f.write_str("; known are ")?;
                        known()
                            .enumerate()
                            .try_for_each(|(at, name)| write!(f, "{}{name}", if at == 0 { "" } else { ", " }))
                    }
                }
            }
            Self::BadParameter { name, expected } => write!(f, "the parameter {name} should be {expected}"),
            Self::UnknownOperation { name } => {
                write!(f, "the operation {} is not supported yet", respond::shown(name))
            }
            Self::NotSupported { what } => write!(f, "{what} is not supported yet"),
            Self::Body(error) => write!(f, "{error}"),
            Self::Invalid(outcome) => write!(f, "{outcome}"),
            Self::BreaksRules(issues) => write!(f, "the resource breaks {} rules", issues.len()),
            Self::Mismatch { what, .. } => f.write_str(what),
            Self::UnsupportedEncoding => {
                write!(f, "the header Content-Encoding may name one of {}, or be absent", Coding::READ)
            }
            Self::UnsupportedMediaType(why) | Self::NotAcceptable(why) => f.write_str(why),
            Self::TooLarge { limit } => write!(f, "the body has more than {limit} bytes"),
            Self::TooManyEntries { limit } => {
                write!(f, "the Bundle has more than {limit} entries; send several")
            }
            Self::NoRoom => f.write_str("the answers are too long together; read this by itself"),
            Self::UnpacksTooLarge { limit, ratio: None } => {
                write!(f, "the body has more than {limit} bytes when it is unpacked")
            }
            Self::UnpacksTooLarge { limit, ratio: Some(ratio) } => write!(
                f,
                "the body is more than {ratio} times as long when it is unpacked: it has more than {limit} bytes"
            ),
            Self::NotPacked { coding } => {
                write!(f, "the body is not {coding}, as Content-Encoding says, or not whole")
            }
            Self::TooSlow { limit } => write!(f, "the body did not arrive within {} s", limit.as_secs_f64()),
            Self::LongUrl { limit } => write!(f, "the URL has more than {limit} bytes"),
            Self::LongHeaders { limit } => write!(f, "the headers have more than {limit} bytes"),
            Self::Crowded => f.write_str("too many large requests are waiting; try again soon"),
            Self::ForeignPage { origin } => {
                write!(
                    f,
                    "pages of {} may not write here: cors.origins has those that may",
                    respond::shown(origin)
                )
            }
            Self::TooLongToLayOut { limit } => {
                write!(f, "the answer has more than {limit} bytes: leave out _pretty")
            }
            Self::Truncated => f.write_str("the body did not arrive whole"),
            Self::NotFound { ty, id } => {
                write!(f, "there is no {}/{id}, or no such version of it", ty.name())
            }
            Self::Gone { ty, id, version } => {
                write!(f, "{}/{id} was deleted, by version {version}", ty.name())
            }
            Self::InEntry { error, .. } => write!(f, "{error}"),
            Self::Refused { why } => match why {
                Refusal::VersionMismatch { expected, current: Some(current), .. } => {
                    write!(
                        f,
                        "version {expected} was expected, but {current} is current; read it and try again"
                    )
                }
                Refusal::VersionMismatch { expected, current: None, .. } => {
                    write!(f, "version {expected} was expected, but there is no current version")
                }
                Refusal::Exists { current, .. } => {
                    write!(f, "the resource exists already, as version {current}")
                }
                Refusal::Unknown { .. } => {
                    f.write_str("there is no such resource, and a PUT can't make one here: POST it")
                }
                Refusal::Twice { .. } => f.write_str("a transaction can write a resource only once"),
                Refusal::Forbidden { ty } => write!(f, "this {ty} is none that you may write"),
                Refusal::Changed => f.write_str("what a condition matches keeps changing; try again soon"),
                Refusal::Absent { .. } | Refusal::TooMuch { .. } | Refusal::TooManyEntries { .. } => {
                    write!(f, "{why}")
                }
            },
            Self::NoCompartment { around, known } => {
                write!(
                    f,
                    "there are no compartments around a {}: those of {} can be searched",
                    around.name(),
                    known.join(", ")
                )
            }
            Self::NotInCompartment { around, ty } => {
                write!(f, "a {} is in no compartment of a {}", ty.name(), around.name())
            }
            Self::NotExplained => f.write_str(
                "searches are not explained to everybody: the setting search.explain says whether they are",
            ),
            Self::SeveralMatch { ty, most: 1 } => {
                write!(f, "several {ty} resources match the criteria, which may be those of one")
            }
            Self::SeveralMatch { ty, most } => {
                write!(f, "more than {most} {ty} resources match the criteria")
            }
            Self::NoneMatches { ty, expected } => {
                write!(f, "version {expected} was expected, but no {ty} matches the criteria")
            }
            Self::NothingMatches { ty } => write!(f, "no {ty} matches the criteria of the reference"),
            Self::Overlap { other } => write!(
                f,
                "the criteria match what entry {other} writes: which of the two comes first is not said in FHIR"
            ),
            Self::IdTaken { ty, id } => {
                write!(f, "{ty}/{id} exists, and does not match the criteria: leave the id out")
            }
            Self::BadPage => {
                f.write_str("this page link was not made by this server, for this path and caller")
            }
            Self::ExpiredPage => f.write_str("this page link has expired; begin again at the first page"),
            Self::Busy { .. } => f.write_str("too many writes are waiting; try again soon"),
            Self::Overloaded => f.write_str("the server has no thread free; try again soon"),
            Self::Store(StoreError::Busy | StoreError::Contention | StoreError::Closing) => {
                f.write_str("the store is busy or closing; try again soon")
            }
            Self::Store(StoreError::Building { done, total, .. }) => {
                write!(f, "the index that this asks for is being built ({done} of {total}); try again soon")
            }
            Self::Store(StoreError::Outdated) => f.write_str("what is indexed has just changed; try again"),
            Self::Store(StoreError::Disconnected) => {
                f.write_str("the connection to the database was lost; a write may or may not have been done")
            }
            Self::Store(StoreError::Unexplained) => f.write_str(
                "searches are explained to those alone who may see behind what they are permitted to",
            ),
            Self::Store(StoreError::TooLarge) => {
                f.write_str("the search comes to more values than the database takes: ask for less at a time")
            }
            Self::Store(StoreError::Timeout) => f.write_str("the database took too long"),
            Self::Store(StoreError::Disk(_)) => f.write_str("the server's disk is full; nothing was written"),
            Self::Store(_) => f.write_str("the store failed; the server's log says more"),
        }
    }
}
