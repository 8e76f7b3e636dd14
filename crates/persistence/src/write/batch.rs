//! A batch played upon the heads: what is written, what each request is told, and the rows of the audit.

use crate::audit::chain::{Chain, Content, Entry, Row};
use crate::units::Known;
use crate::write::expect::{Answer, Judge};
use crate::write::lane::Outcomes;
use crate::write::plan::{Heads, NewVersion, plan};
use crate::write::request::Request;

/// What a batch comes to.
pub(crate) struct Played<'a> {
    pub(crate) outcomes: Outcomes,
    pub(crate) versions: Vec<NewVersion<'a>>,
    pub(crate) audit: Vec<Row<'a>>,
    /// The last number and time that were given out.
    pub(crate) seq: i64,
    pub(crate) time: i64,
}

/// Plays the requests one after the other. Numbers and times rise from `seq` and `time`, which are taken already;
/// no time is before the clock's. Each request that writes gets one row of the audit. `answers` are those to the
/// questions of what is expected.
pub(crate) fn play<'a>(
    heads: &mut Heads<'a>,
    batch: &'a [Request],
    (seq, time): (i64, i64),
    clock: impl Fn() -> i64,
    chain: &mut Chain,
    known: &Known,
    answers: Vec<Answer>,
) -> Played<'a> {
    let mut judge = Judge::new(answers);
    let mut played = Played {
        outcomes: Outcomes::with_capacity(batch.len()),
        versions: Vec::new(),
        audit: Vec::new(),
        seq,
        time,
    };
    for request in batch {
        let at = clock().max(played.time + 1);
        let mut next = played.seq + 1;
        let outcome = plan(heads, request, &mut next, at, known, &mut judge).map(|(versions, written)| {
            if let Some(entry) = entry(request, at, &versions) {
                played.audit.push(chain.extend(entry));
                played.time = at;
            }
            played.seq = next - 1;
            played.versions.extend(versions);
            written
        });
        played.outcomes.push(outcome);
    }
    played
}

/// What the audit tells of a request; `None` where it writes nothing.
fn entry<'a>(request: &'a Request, at: i64, versions: &[NewVersion<'_>]) -> Option<Entry<'a>> {
    let range = versions.first().zip(versions.last()).map(|(first, last)| (first.seq, last.seq));
    if range.is_none() && request.detail.is_none() {
        return None;
    }
    let content = range.map(|_| {
        let mut content = Content::new();
        versions.iter().for_each(|version| version.vouch(&mut content));
        content.finish()
    });
    Some(Entry {
        at,
        actor: request.origin.actor.name(),
        request: &request.origin.request,
        interaction: request.origin.interaction,
        outcome: "ok",
        range,
        content,
        detail: request.detail.as_deref(),
    })
}
