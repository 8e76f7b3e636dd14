//! What a caller who may not see everything can write.
//!
//! What is invisible to them is as if it were not there: it is not changed, not merged with, and no answer tells of it. So they
//! choose no ids where they do not see all of a type: one that is taken could not be told from one that is free otherwise.

use crate::access::{Access, Interaction};
use crate::error::Refusal;
use crate::op::{Op, Precondition};
use crate::units::Known;
use crate::write::plan::Head;
use crate::write::request::{Key, Prepared};
use rushlight_search::query::Candidate;

/// Whether a caller sees the current version of a resource. Who does not see all of a type does not see what is deleted of
/// it: its content is no longer in the version.
pub(crate) fn shown(access: &Access, (ty, id): &Key, head: &Head<'_>, known: &Known) -> bool {
    if access.shows_all_of(*ty) {
        return true;
    }
    if head.deleted || !access.permits(*ty) {
        return false;
    }
    let entries = known.entries(&head.body);
    let candidate = Candidate { ty: *ty, id, last_updated: head.last_updated, entries: &entries };
    access.shows(&known.registry, candidate)
}

/// Whether a caller may write this, given the current version as far as they see it.
///
/// # Errors
/// [`Refusal::Forbidden`] depends on what is written, and on whether the caller sees something that it would change; the
/// others on what the caller sees.
pub(crate) fn may_write(
    access: &Access,
    prepared: &Prepared,
    head: Option<&Head<'_>>,
    known: &Known,
) -> Result<(), Refusal> {
    let Some((ty, id)) = prepared.key() else { return Ok(()) };
    let live = head.is_some_and(|head| !head.deleted);
    let interaction = match &prepared.op {
        Op::Create { .. } => Interaction::Create,
        Op::Put { .. } if live => Interaction::Update,
        Op::Put { .. } => Interaction::Create,
        Op::Delete { .. } => Interaction::Delete,
        Op::Read { .. } | Op::Expect { .. } => Interaction::Read,
    };
    if !access.permits_to(interaction, ty) {
        return Err(Refusal::Forbidden { ty });
    }
    if access.shows_all_of(ty) {
        return Ok(());
    }
    if !access.permits(ty) {
        return Err(Refusal::Forbidden { ty });
    }
    let precondition = match &prepared.op {
        Op::Put { precondition, .. } => Some(*precondition),
        Op::Create { .. } => None,
        Op::Read { .. } | Op::Delete { .. } | Op::Expect { .. } => return Ok(()),
    };
    // Nobody writes what they could not read afterwards.
    let entries = prepared.entries(known);
    let candidate = Candidate { ty, id: &id, last_updated: i64::MAX, entries: &entries };
    if !access.shows(&known.registry, candidate) {
        return Err(Refusal::Forbidden { ty });
    }
    match (precondition, head) {
        // That there is no such version is told as of anything that is not there.
        (None | Some(Precondition::IfMatch(_)), _) | (Some(_), Some(_)) => Ok(()),
        (Some(_), None) => Err(Refusal::Unknown { ty, id }),
    }
}
