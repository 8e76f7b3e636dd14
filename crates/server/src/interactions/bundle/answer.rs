//! The answers to the entries of a Bundle: <https://hl7.org/fhir/R4/http.html#transaction-response>

use crate::context::Context;
use crate::error::Error;
use crate::interactions::conditional::unchanged;
use crate::interactions::{Text, status, told_of, told_of_all, whole};
use crate::protocol::prefer::Return;
use crate::respond;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use rushlight_model::outcome::OperationOutcome;
use rushlight_model::{Body, Id, ResourceType, format_instant};
use rushlight_persistence::{Version, Written};
use std::io::Write;
use std::time::Instant;

/// The answer to one entry.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    audited: Audited,
    /// The version that it is about.
    about: Option<About>,
    resource: Option<Vec<u8>>,
    /// Bytes that were read for it.
    cost: usize,
    outcome: Option<OperationOutcome>,
}

/// What the audit is still to be told.
#[derive(Debug)]
enum Audited {
    /// Nothing: a write has told it.
    Already,
    /// That this was read, or left as it was.
    Subject(String),
    /// That there was this entry: it was refused, or there was nothing to do.
    Entry,
}

/// What the answers to the reads of one Bundle may take together: bytes, and time.
pub struct Room {
    bytes: usize,
    until: Instant,
}

impl Room {
    /// For a Bundle that is about to be answered.
    pub fn of(context: &Context) -> Self {
        let settings = &context.app.settings;
        Self { bytes: settings.limits.unpacked, until: Instant::now() + settings.store.statement_time }
    }

    /// Whether anything more can be read.
    ///
    /// # Errors
    /// There is no room, or no time, left.
    pub fn any(&self) -> Result<(), Error> {
        if self.bytes > 0 && Instant::now() < self.until { Ok(()) } else { Err(Error::NoRoom) }
    }

    /// Takes the answer in; a HEAD has cost as much to answer as a GET.
    ///
    /// # Errors
    /// It has no room; what comes after it has none either.
    pub fn take(&mut self, answer: Answer) -> Result<Answer, Error> {
        let left = self.bytes.checked_sub(answer.cost);
        self.bytes = left.unwrap_or(0);
        left.map(|_| answer).ok_or(Error::NoRoom)
    }
}

#[derive(Debug)]
struct About {
    ty: ResourceType,
    id: Id,
    version: i64,
    last_updated: i64,
}

impl About {
    /// `None`: of no version.
    fn of(ty: ResourceType, id: &Id, version: i64, last_updated: i64) -> Option<Self> {
        (version > 0).then(|| Self { ty, id: id.clone(), version, last_updated })
    }
}

impl Answer {
    /// To a write, with the resource where there is one to give back.
    pub fn written(context: &Context, written: &Written, body: Option<&Body>) -> Self {
        let Written { ty, id, version, last_updated, outcome: done, .. } = written;
        let outcome = (context.prefer.returns == Some(Return::Outcome)).then(|| told_of(written));
        let audited = match written.wrote() {
            true => Audited::Already,
            false => Audited::Subject(format!("{}/{id}", ty.name())),
        };
        Self {
            status: status(*done),
            audited,
            about: About::of(*ty, id, *version, *last_updated),
            resource: body.map(|body| whole(written, Text { text: body.text(), splice: body.splice() })),
            cost: 0,
            outcome,
        }
    }

    /// To a write of what was there already.
    pub fn exists(context: &Context, version: &Version) -> Self {
        let mut answer = Self::written(context, &unchanged(version), None);
        if context.prefer.returns == Some(Return::Representation) {
            answer.resource = Some(respond::text(version));
        }
        answer
    }

    /// With a part of the resource instead of the whole.
    pub fn with(self, part: Vec<u8>) -> Self {
        Self { resource: Some(part), ..self }
    }

    /// To a delete of several resources, or of none.
    pub fn deleted(context: &Context, all: &[Written]) -> Self {
        let outcome = (context.prefer.returns == Some(Return::Outcome)).then(|| told_of_all(all));
        let audited = if all.iter().any(Written::wrote) { Audited::Already } else { Audited::Entry };
        Self { status: StatusCode::NO_CONTENT, audited, about: None, resource: None, cost: 0, outcome }
    }

    /// To a read of a version; `body`: with the resource.
    pub fn read(status: StatusCode, version: &Version, body: bool) -> Self {
        let Version { ty, id, version: number, last_updated, .. } = version;
        Self {
            status,
            audited: Audited::Subject(format!("{}/{id}/{number}", ty.name())),
            about: About::of(*ty, id, *number, *last_updated),
            resource: body.then(|| respond::text(version)),
            cost: version.body.len(),
            outcome: None,
        }
    }

    /// To a read of something that is no stored resource, by its path.
    pub fn made(path: &str, body: Vec<u8>, head: bool) -> Self {
        Self {
            status: StatusCode::OK,
            audited: Audited::Subject(path.trim_start_matches('/').to_owned()),
            about: None,
            cost: body.len(),
            resource: (!head).then_some(body),
            outcome: None,
        }
    }

    /// To what could not be done.
    pub fn refused(error: Error) -> Self {
        error.note();
        let (status, audited) = (error.status(), Audited::Entry);
        Self { status, audited, about: None, resource: None, cost: 0, outcome: Some(error.outcome()) }
    }

    /// Bytes of resources in it.
    fn len(&self) -> usize {
        self.resource.as_ref().map_or(0, Vec::len)
    }

    /// Types, ids, times and addresses need no escaping in JSON.
    fn write(&self, base: &str, out: &mut Vec<u8>) {
        out.push(b'{');
        if let Some(resource) = &self.resource {
            if let Some(About { ty, id, .. }) = &self.about {
                // Writing to memory does not fail.
                let _ = write!(out, r#""fullUrl":"{base}/{}/{id}","#, ty.name());
            }
            out.extend_from_slice(br#""resource":"#);
            out.extend_from_slice(resource);
            out.push(b',');
        }
        let reason = self.status.canonical_reason().unwrap_or_default();
        let _ = write!(out, r#""response":{{"status":"{} {reason}""#, self.status.as_u16());
        if let Some(About { ty, id, version, last_updated }) = &self.about {
            let location = respond::location(base, *ty, id, *version);
            let time = format_instant(*last_updated);
            let _ =
                write!(out, r#","location":"{location}","etag":"W/\"{version}\"","lastModified":"{time}""#);
        }
        if let Some(outcome) = &self.outcome {
            let _ = write!(out, r#","outcome":{}"#, outcome.to_json());
        }
        out.extend_from_slice(b"}}");
    }
}

/// All of them, in the order of their entries; the audit is told of those that wrote nothing.
pub fn respond(context: &Context, interaction: &str, mut answers: Vec<(usize, Answer)>) -> HttpResponse {
    answers.sort_by_key(|(index, _)| *index);
    for (index, answer) in &answers {
        let tell = |subject: &str| context.record.observe(&context.app, answer.status, subject);
        match &answer.audited {
            Audited::Already => {}
            Audited::Subject(subject) => tell(subject),
            Audited::Entry => tell(&format!("Bundle.entry[{index}]")),
        }
    }
    let bytes: usize = answers.iter().map(|(_, answer)| answer.len() + 300).sum();
    let mut out = Vec::with_capacity(bytes + 100);
    let _ = write!(out, r#"{{"resourceType":"Bundle","type":"{interaction}-response""#);
    for (at, (_, answer)) in answers.iter().enumerate() {
        out.extend_from_slice(if at == 0 { br#","entry":["# } else { b"," });
        answer.write(&context.app.base, &mut out);
    }
    out.extend_from_slice(if answers.is_empty() { b"}" } else { b"]}" });
    let mut response = respond::builder(StatusCode::OK);
    if let Some(returns) = context.prefer.returns {
        response.insert_header(("Preference-Applied", returns.applied()));
    }
    response.body(out)
}
