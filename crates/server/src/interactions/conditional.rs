//! Writes that depend on what a search finds: <https://hl7.org/fhir/R4/http.html#ccreate>,
//! <https://hl7.org/fhir/R4/http.html#cond-update>, <https://hl7.org/fhir/R4/http.html#3.1.0.7.1>
//!
//! The search comes first, by itself; what is then written is written under the condition that it would still find the
//! same. Where another writer came between, all begins again.

use super::{Text, answered, body, deleted, provenance, read, written};
use crate::app::App;
use crate::context::{Context, one_header};
use crate::criteria::Criteria;
use crate::error::Error;
use crate::protocol::conditions;
use actix_web::HttpResponse;
use rushlight_model::{Body, Id, ResourceType};
use rushlight_persistence::{
    Match, Op, Precondition, Refusal, StoreError, TransactError, Version, Written, WrittenAs,
};

/// How often a search is tried before the client is told to try again.
pub const TRIES: u32 = 16;

/// The header of a conditional create.
const NONE_EXIST: &str = "If-None-Exist";

/// What a conditional write is to do.
#[derive(Clone, Debug)]
pub enum Wish {
    /// Make this unless there is one.
    Create(Body),
    /// Make this, or a version of the one that there is.
    Update(Body, Precondition),
    /// Delete what there is.
    Delete(Precondition),
}

/// What became of it.
#[derive(Debug)]
pub enum Done {
    /// This was written, the resource first.
    Wrote(Vec<Written>, Option<Body>),
    /// There is one already.
    Exists(Box<Version>),
    /// There was nothing to delete.
    Nothing,
}

/// The criteria of a conditional create, if it is one.
///
/// # Errors
/// 400 for what can't be read.
pub async fn of_create(context: &Context, ty: ResourceType) -> Result<Option<Criteria>, Error> {
    let header = one_header(context.request.headers(), NONE_EXIST)?;
    match header {
        Some(text) => Ok(Some(Criteria::parse(context, ty, text.trim()).await?)),
        None => Ok(None),
    }
}

/// `POST [base]/[type]` with `If-None-Exist`.
pub async fn create(context: &Context, criteria: &Criteria, body: Body) -> Result<HttpResponse, Error> {
    let done = run(context, criteria, Wish::Create(body)).await?;
    Ok(answer(context, done))
}

/// `PUT [base]/[type]?[criteria]`
pub async fn update(context: Context) -> Result<HttpResponse, Error> {
    let ty = context.ty()?;
    let criteria = Criteria::of(&context, ty, context.parameters.others()).await?;
    let precondition = conditions::of_update(context.request.headers())?;
    let body = body(&context, ty, None).await?;
    let done = run(&context, &criteria, Wish::Update(body, precondition)).await?;
    Ok(answer(&context, done))
}

/// `DELETE [base]/[type]?[criteria]`
pub async fn delete(context: Context) -> Result<HttpResponse, Error> {
    let ty = context.ty()?;
    let criteria = Criteria::of(&context, ty, context.parameters.others()).await?;
    let precondition = conditions::of_delete(context.request.headers())?;
    let done = run(&context, &criteria, Wish::Delete(precondition)).await?;
    Ok(answer(&context, done))
}

fn answer(context: &Context, done: Done) -> HttpResponse {
    match done {
        Done::Wrote(all, body) => match (body, all.as_slice()) {
            (Some(body), [first, ..]) => written(context, first, Some(&body)),
            (None, [one]) => written(context, one, None),
            (_, all) => deleted(context, all),
        },
        Done::Exists(version) => answered(context, &unchanged(&version), Some(Text::of(&version))),
        Done::Nothing => deleted(context, &[]),
    }
}

/// The answer of a write that found its resource there.
pub fn unchanged(version: &Version) -> Written {
    Written {
        ty: version.ty,
        id: version.id.clone(),
        version: version.version,
        last_updated: version.last_updated,
        outcome: WrittenAs::Unchanged,
        read: None,
    }
}

/// Carries a conditional write out.
///
/// # Errors
/// 412 where several match, or a precondition does not hold; 400 and 409 for a body whose id belongs to another
/// resource; 503 where others come between too often.
pub async fn run(context: &Context, criteria: &Criteria, wish: Wish) -> Result<Done, Error> {
    let most = match wish {
        Wish::Delete(_) => context.app.settings.limits.conditional_delete,
        _ => 1,
    };
    let mut criteria = criteria.clone();
    for tried in 1..=TRIES {
        let found = match matching(context, &criteria, most + 1).await {
            Err(Error::Store(StoreError::Unindexed(_))) => {
                criteria = criteria.again(context).await?;
                continue;
            }
            found => found?,
        };
        if found.len() > most {
            return Err(Error::SeveralMatch { ty: criteria.ty, most });
        }
        let ready = match prepare(context, &criteria, found, &wish).await? {
            Step::Done(done) => return Ok(done),
            Step::Again => continue,
            Step::Write(ready) => ready,
        };
        match context.write(ready.ops).await {
            Ok(written) => return Ok(Done::Wrote(written, ready.body)),
            Err(TransactError::Refused { why: Refusal::Changed, .. }) => {
                log::debug!("conditional: another writer came between, attempt {tried}");
            }
            Err(TransactError::Store(StoreError::Unindexed(_))) => {
                criteria = criteria.again(context).await?;
            }
            Err(TransactError::Refused { why: Refusal::Exists { ty, id, .. }, .. }) if ready.new => {
                return Err(Error::IdTaken { ty, id });
            }
            Err(other) => return Err(other.into()),
        }
    }
    Err(Error::Store(StoreError::Contention))
}

/// The resources that match now, at most so many.
///
/// # Errors
/// What the store says.
pub async fn matching(context: &Context, criteria: &Criteria, limit: usize) -> Result<Vec<Match>, Error> {
    let query = criteria.query.clone();
    context.read(move |store, access| store.matching(access, &query, limit)).await
}

/// That the criteria match what they matched.
pub fn expect(context: &Context, criteria: &Criteria, found: &[Match]) -> Op {
    let found = found.iter().map(|found| (found.ty, found.id.clone())).collect();
    Op::Expect { query: criteria.query.clone(), access: context.access(), found }
}

/// What comes of a search.
enum Step {
    Done(Done),
    Again,
    Write(Ready),
}

struct Ready {
    ops: Vec<Op>,
    body: Option<Body>,
    /// Whether the client's id must be that of no resource.
    new: bool,
}

async fn prepare(
    context: &Context,
    criteria: &Criteria,
    found: Vec<Match>,
    wish: &Wish,
) -> Result<Step, Error> {
    let ty = criteria.ty;
    let ops = vec![expect(context, criteria, &found)];
    let ready = match (wish, found.as_slice()) {
        (Wish::Create(_), [one, ..]) => {
            // It may be gone by now.
            return Ok(match read::current(context, ty, one.id.clone()).await {
                Ok(version) => Step::Done(Done::Exists(Box::new(version))),
                Err(Error::NotFound { .. } | Error::Gone { .. }) => Step::Again,
                Err(other) => return Err(other),
            });
        }
        (
            Wish::Update(_, Precondition::IfMatch(expected)) | Wish::Delete(Precondition::IfMatch(expected)),
            [],
        ) => {
            return Err(Error::NoneMatches { ty, expected: *expected });
        }
        (Wish::Create(body), []) => made(context, ops, body)?,
        (Wish::Update(body, _), []) => match own_id(body)? {
            None => made(context, ops, body)?,
            Some(id) => {
                // What has this id already does not match, and is none of the client's business here.
                let precondition = Precondition::IfNoneMatchAny;
                let provenance = provenance::of_create(context, ty, &id)?;
                let put = Op::Put { ty, id, body: body.clone(), precondition };
                Ready::of(ops, put, provenance, Some(body.clone()))
            }
        },
        (Wish::Update(body, precondition), [one, ..]) => {
            let id = one.id.clone();
            if *precondition == Precondition::IfNoneMatchAny {
                return Err(Refusal::Exists { ty, id, current: one.version }.into());
            }
            if own_id(body)?.is_some_and(|own| own != id) {
                let expression = format!("{ty}.id");
                let what = "the resource that the criteria match has another id; leave this one out";
                return Err(Error::Mismatch { expression, what });
            }
            let body = body.clone().with_id(&id);
            let provenance = provenance::of_update(context, ty, &id, &body, *precondition).await?;
            let put = Op::Put { ty, id, body: body.clone(), precondition: *precondition };
            Ready { new: false, ..Ready::of(ops, put, provenance, Some(body)) }
        }
        (Wish::Delete(_), []) => return Ok(Step::Done(Done::Nothing)),
        // A version is one resource's.
        (Wish::Delete(Precondition::IfMatch(_)), [_, _, ..]) => {
            return Err(Error::SeveralMatch { ty, most: 1 });
        }
        (Wish::Delete(precondition), all) => {
            let delete = |one: &Match| Op::Delete { ty, id: one.id.clone(), precondition: *precondition };
            Ready { ops: ops.into_iter().chain(all.iter().map(delete)).collect(), body: None, new: false }
        }
    };
    Ok(Step::Write(ready))
}

impl Ready {
    fn of(mut ops: Vec<Op>, write: Op, provenance: Option<Op>, body: Option<Body>) -> Self {
        ops.push(write);
        ops.extend(provenance);
        Self { ops, body, new: true }
    }
}

/// A new resource, under an id of the server's.
fn made(context: &Context, ops: Vec<Op>, body: &Body) -> Result<Ready, Error> {
    let id = App::new_id();
    let body = body.clone().with_id(&id);
    let provenance = provenance::of_create(context, body.resource_type(), &id)?;
    Ok(Ready { new: false, ..Ready::of(ops, Op::Create { id, body: body.clone() }, provenance, Some(body)) })
}

/// The id that a body has of its own.
fn own_id(body: &Body) -> Result<Option<Id>, Error> {
    body.id().map(Id::new).transpose().map_err(|error| Error::BadId(error.to_string()))
}
