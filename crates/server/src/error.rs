//! Everything that can go wrong with a request, and the one table that says how it is answered.

mod message;

use crate::protocol::coding::Coding;
use crate::respond;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use rushlight_model::definitions::Release;
use rushlight_model::outcome::{Issue, IssueType, OperationOutcome};
use rushlight_model::{BodyError, Id, ResourceType};
use rushlight_persistence::{Refusal, StoreError, TransactError};
use std::time::Duration;

/// Why a request was not done. Says names, ids and positions; never values of a record.
#[derive(Debug)]
pub enum Error {
    /// The path is none of ours.
    UnknownPath,
    /// The first segment of the path is no resource type.
    UnknownType {
        /// As it stands there.
        name: String,
        /// The release whose types are meant.
        release: Release,
    },
    /// The path exists, the method does not.
    MethodNotAllowed {
        /// The methods that do.
        allow: String,
    },
    /// Something in the path can't be an id.
    BadId(String),
    /// A header can't be read.
    BadHeader {
        /// Its name.
        name: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// Something is expected that the server does not do.
    UnknownExpectation,
    /// The URL can't be read.
    BadUrl {
        /// What it should be.
        expected: &'static str,
    },
    /// A parameter that the interaction does not know.
    UnknownParameter {
        /// As it was given.
        name: String,
        /// Those that it knows.
        known: &'static [&'static str],
    },
    /// A parameter's value can't be read.
    BadParameter {
        /// Its name.
        name: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// Part of FHIR that this server does not do.
    NotSupported {
        /// In plain words.
        what: &'static str,
    },
    /// An operation that this server does not do.
    UnknownOperation {
        /// As it stands in the path, with its `$`.
        name: String,
    },
    /// The body is not FHIR JSON.
    Body(BodyError),
    /// Several things are wrong with a body.
    Invalid(OperationOutcome),
    /// A resource breaks rules of its release.
    BreaksRules(Vec<Issue>),
    /// The body does not belong to the URL.
    Mismatch {
        /// Which element.
        expression: String,
        /// In plain words.
        what: &'static str,
    },
    /// The body is of a media type that is not read: why.
    UnsupportedMediaType(String),
    /// The body is compressed in a way that is not read.
    UnsupportedEncoding,
    /// No media type is acceptable to the client that is written: why.
    NotAcceptable(String),
    /// The body is too long.
    TooLarge {
        /// Bytes.
        limit: usize,
    },
    /// A Bundle has too many entries.
    TooManyEntries {
        /// How many it may have.
        limit: usize,
    },
    /// The answers to the entries of a Bundle are too long together.
    NoRoom,
    /// The body is too long when unpacked.
    UnpacksTooLarge {
        /// Bytes.
        limit: usize,
        /// How many times as long it may be, where it is that which is too much.
        ratio: Option<usize>,
    },
    /// The body is not packed as it is said to be.
    NotPacked {
        /// The coding.
        coding: &'static str,
    },
    /// The body takes too long to arrive.
    TooSlow {
        /// How long it may take.
        limit: Duration,
    },
    /// The URL is too long.
    LongUrl {
        /// Bytes.
        limit: usize,
    },
    /// The headers are too long.
    LongHeaders {
        /// Bytes of all of them.
        limit: usize,
    },
    /// Too many requests that take much wait for their turn.
    Crowded,
    /// A page of another origin sends what browsers let it send without asking.
    ForeignPage {
        /// As the browser says.
        origin: String,
    },
    /// The answer is too long to be laid out for people.
    TooLongToLayOut {
        /// Bytes.
        limit: u64,
    },
    /// The body did not arrive whole.
    Truncated,
    /// No such resource or version.
    NotFound {
        /// Its type.
        ty: ResourceType,
        /// Its id.
        id: Id,
    },
    /// The resource is deleted.
    Gone {
        /// Its type.
        ty: ResourceType,
        /// Its id.
        id: Id,
        /// The version that says so.
        version: i64,
    },
    /// A precondition does not hold.
    Refused {
        /// Why.
        why: Refusal,
    },
    /// More resources match the criteria of a conditional write than it may concern.
    SeveralMatch {
        /// Their type.
        ty: ResourceType,
        /// How many it may be.
        most: usize,
    },
    /// A version is expected, and nothing matches the criteria.
    NoneMatches {
        /// The type.
        ty: ResourceType,
        /// The version.
        expected: i64,
    },
    /// Nothing matches the criteria, and what should be made has the id of another resource.
    IdTaken {
        /// Its type.
        ty: ResourceType,
        /// Its id.
        id: Id,
    },
    /// Nothing matches the criteria of a conditional reference.
    NothingMatches {
        /// The type.
        ty: ResourceType,
    },
    /// What one entry of a transaction writes, the criteria of another match: FHIR gives the two no order.
    Overlap {
        /// The place of the entry that writes.
        other: usize,
    },
    /// An entry of a transaction can't be carried out, so nothing is.
    InEntry {
        /// Its place in the Bundle.
        entry: usize,
        /// Why.
        error: Box<Error>,
    },
    /// There is no compartment around resources of a type.
    NoCompartment {
        /// The type.
        around: ResourceType,
        /// The types that there are compartments around.
        known: Vec<&'static str>,
    },
    /// Resources of a type are in no compartment of a kind.
    NotInCompartment {
        /// The type that the compartment is around.
        around: ResourceType,
        /// The other.
        ty: ResourceType,
    },
    /// Searches are not explained here.
    NotExplained,
    /// A page link is not one of ours.
    BadPage,
    /// A page link is too old.
    ExpiredPage,
    /// Too many requests.
    Busy {
        /// Seconds.
        retry_after: u32,
    },
    /// No thread could be had.
    Overloaded,
    /// The store failed.
    Store(StoreError),
}

impl Error {
    /// The table.
    fn classify(&self) -> (StatusCode, IssueType) {
        use StatusCode as S;
        match self {
            Self::UnknownPath | Self::NotFound { .. } => (S::NOT_FOUND, IssueType::NotFound),
            Self::UnknownType { .. } | Self::NoCompartment { .. } | Self::NotInCompartment { .. } => {
                (S::NOT_FOUND, IssueType::NotSupported)
            }
            Self::MethodNotAllowed { .. } => (S::METHOD_NOT_ALLOWED, IssueType::NotSupported),
            Self::BadId(_) | Self::BadUrl { .. } | Self::BadHeader { .. } | Self::BadParameter { .. } => {
                (S::BAD_REQUEST, IssueType::Value)
            }
            Self::UnknownParameter { .. } | Self::UnknownOperation { .. } | Self::NotSupported { .. } => {
                (S::BAD_REQUEST, IssueType::NotSupported)
            }
            Self::Body(error) => (S::BAD_REQUEST, error.kind.code()),
            Self::Invalid(_) | Self::Mismatch { .. } => (S::BAD_REQUEST, IssueType::Invalid),
            Self::BreaksRules(_) => (S::UNPROCESSABLE_ENTITY, IssueType::Invalid),
            Self::UnknownExpectation => (S::EXPECTATION_FAILED, IssueType::NotSupported),
            Self::Truncated => (S::BAD_REQUEST, IssueType::Structure),
            Self::UnsupportedMediaType(_) => (S::UNSUPPORTED_MEDIA_TYPE, IssueType::NotSupported),
            Self::UnsupportedEncoding => (S::UNSUPPORTED_MEDIA_TYPE, IssueType::NotSupported),
            Self::NotAcceptable(_) => (S::NOT_ACCEPTABLE, IssueType::NotSupported),
            Self::TooLarge { .. } | Self::UnpacksTooLarge { .. } => {
                (S::PAYLOAD_TOO_LARGE, IssueType::TooLong)
            }
            Self::ForeignPage { .. } | Self::NotExplained | Self::Store(StoreError::Unexplained) => {
                (S::FORBIDDEN, IssueType::Forbidden)
            }
            Self::NotPacked { .. } => (S::BAD_REQUEST, IssueType::Structure),
            Self::TooSlow { .. } => (S::REQUEST_TIMEOUT, IssueType::Timeout),
            Self::LongUrl { .. } => (S::URI_TOO_LONG, IssueType::TooLong),
            Self::LongHeaders { .. } => (S::REQUEST_HEADER_FIELDS_TOO_LARGE, IssueType::TooLong),
            Self::TooLongToLayOut { .. } => (S::BAD_REQUEST, IssueType::TooCostly),
            Self::TooManyEntries { .. } | Self::NoRoom => (S::PAYLOAD_TOO_LARGE, IssueType::TooCostly),
            Self::Gone { .. } => (S::GONE, IssueType::Deleted),
            Self::InEntry { error, .. } => {
                let (status, code) = error.classify();
                // The base itself is there, whatever the entry asks for.
                let of_url = [S::NOT_FOUND, S::GONE, S::METHOD_NOT_ALLOWED].contains(&status);
                (if of_url { S::BAD_REQUEST } else { status }, code)
            }
            Self::SeveralMatch { .. } => (S::PRECONDITION_FAILED, IssueType::MultipleMatches),
            Self::NothingMatches { .. } => (S::PRECONDITION_FAILED, IssueType::NotFound),
            Self::Overlap { .. } => (S::BAD_REQUEST, IssueType::Duplicate),
            Self::NoneMatches { .. } => (S::PRECONDITION_FAILED, IssueType::Conflict),
            Self::IdTaken { .. } => (S::CONFLICT, IssueType::Duplicate),
            // It is tried again before anybody hears of it.
            Self::Refused { why: Refusal::Changed } => (S::SERVICE_UNAVAILABLE, IssueType::Transient),
            Self::Refused { why: Refusal::Forbidden { .. } } => (S::FORBIDDEN, IssueType::Forbidden),
            Self::Refused { why: Refusal::Twice { .. } } => (S::BAD_REQUEST, IssueType::Duplicate),
            Self::Refused { why: Refusal::TooManyEntries { .. } } => {
                (S::UNPROCESSABLE_ENTITY, IssueType::TooCostly)
            }
            Self::Refused { why: Refusal::Unknown { .. } } => {
                (S::METHOD_NOT_ALLOWED, IssueType::NotSupported)
            }
            Self::Refused { .. } => (S::PRECONDITION_FAILED, IssueType::Conflict),
            Self::BadPage => (S::BAD_REQUEST, IssueType::Value),
            Self::ExpiredPage => (S::GONE, IssueType::Expired),
            Self::Busy { .. } | Self::Overloaded | Self::Crowded => {
                (S::SERVICE_UNAVAILABLE, IssueType::Throttled)
            }
            Self::Store(
                StoreError::Busy
                | StoreError::Contention
                | StoreError::Disconnected
                | StoreError::Closing
                | StoreError::Building { .. }
                | StoreError::Outdated
                // The index was built anew in the middle of it.
                | StoreError::TooOld
                | StoreError::Unindexed(_)
                // While it is served: the database can't be reached.
                | StoreError::Open(_),
            ) => (S::SERVICE_UNAVAILABLE, IssueType::Transient),
            Self::Store(StoreError::TooLarge) => (S::BAD_REQUEST, IssueType::TooCostly),
            Self::Store(StoreError::Timeout) => (S::SERVICE_UNAVAILABLE, IssueType::Timeout),
            Self::Store(StoreError::Disk(_)) => (S::INSUFFICIENT_STORAGE, IssueType::NoStore),
            Self::Store(_) => (S::INTERNAL_SERVER_ERROR, IssueType::Exception),
        }
    }

    /// The same, of an entry of a transaction.
    pub fn of_entry(self, entry: usize) -> Self {
        Self::InEntry { entry, error: Box::new(self) }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.classify().0
    }

    /// Tells the operator why the server failed, where the client is told that it did.
    pub fn note(&self) {
        if self.status() == StatusCode::INTERNAL_SERVER_ERROR {
            log::error!("{self:?}");
        }
    }

    /// What the client is told.
    pub fn outcome(self) -> OperationOutcome {
        let (_, code) = self.classify();
        let text = self.to_string();
        match self {
            Self::Body(error) => Issue::from(error).into(),
            Self::Invalid(outcome) => outcome,
            Self::BreaksRules(issues) => OperationOutcome { issues },
            Self::Mismatch { expression, .. } => Issue::error(code, text).at(expression).into(),
            Self::InEntry { entry, error } => {
                let mut outcome = error.outcome();
                for issue in outcome.issues.iter_mut().filter(|issue| issue.expression.is_empty()) {
                    issue.expression.push(format!("Bundle.entry[{entry}]"));
                }
                outcome
            }
            _ => Issue::error(code, text).into(),
        }
    }

    /// The answer.
    pub fn respond(self) -> HttpResponse {
        let status = self.status();
        self.note();
        let mut response = respond::builder(status);
        match &self {
            Self::MethodNotAllowed { allow } => {
                response.insert_header(("Allow", allow.as_str()));
            }
            Self::Busy { retry_after } | Self::Store(StoreError::Building { retry_after, .. }) => {
                response.insert_header(("Retry-After", retry_after.to_string()));
            }
            Self::Refused { why: Refusal::Unknown { .. } } => {
                response.insert_header(("Allow", "GET, HEAD, DELETE, OPTIONS"));
            }
            Self::UnsupportedEncoding => {
                response.insert_header(("Accept-Encoding", Coding::READ));
            }
            Self::Gone { version, .. } => {
                response.insert_header(("ETag", respond::etag(*version)));
            }
            _ if status == StatusCode::SERVICE_UNAVAILABLE => {
                response.insert_header(("Retry-After", "1"));
            }
            _ => {}
        }
        response.body(self.outcome().to_json())
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<BodyError> for Error {
    fn from(error: BodyError) -> Self {
        Self::Body(error)
    }
}

impl From<Refusal> for Error {
    fn from(why: Refusal) -> Self {
        match why {
            Refusal::Absent { ty, id, deleted: None } => Self::NotFound { ty, id },
            Refusal::Absent { ty, id, deleted: Some(version) } => Self::Gone { ty, id, version },
            Refusal::TooMuch { .. } => Self::NoRoom,
            why => Self::Refused { why },
        }
    }
}

impl From<TransactError> for Error {
    fn from(error: TransactError) -> Self {
        match error {
            TransactError::Refused { why, .. } => why.into(),
            TransactError::Busy { retry_after } => Self::Busy { retry_after },
            TransactError::Store(error) => Self::Store(error),
        }
    }
}

#[cfg(test)]
mod tests;
