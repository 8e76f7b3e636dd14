//! What the criteria of a transaction's entries and references match: searched for before it is planned, and asserted when
//! it is written.
//!
//! Criteria of entries are about what there is before the transaction, those of references about what there is after it,
//! since FHIR resolves references last: a reference can lead to what the transaction itself writes. Entries must not
//! meddle with each other's criteria, as their order is not told.

use crate::app::App;
use crate::checks::Planned;
use crate::context::Context;
use crate::criteria::Criteria;
use crate::error::Error;
use crate::interactions::conditional::matching;
use rushlight_model::bundle::{Asked, Asker, Found, PlannedEntry, PlannedOp};
use rushlight_model::{Id, ResourceType};
use rushlight_persistence::{Access, Op, StoreError};
use rushlight_search::query::{Candidate, Condition};
use rushlight_search::{Entries, Registry};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Matches of a reference's criteria that are looked at: some may be what the transaction itself changes.
const LOOKED_AT: usize = 64;

/// What asks, and for what: the same criteria are looked for once.
type Want = (Asker, ResourceType, String);

/// What is asserted, each with the place of the entry that asks.
type Expected = Vec<(usize, Op)>;

/// The criteria of one transaction.
#[derive(Debug, Default)]
pub struct Sought {
    known: BTreeMap<Want, Known>,
    /// With the place of the first entry that asks.
    asked: RefCell<BTreeMap<Want, usize>>,
    /// The ids of new resources, in the order in which they are given out: the same each time it is planned.
    ids: RefCell<Vec<Id>>,
}

#[derive(Debug)]
struct Known {
    /// The place of the first entry that asked.
    entry: usize,
    criteria: Criteria,
    /// What matched before the transaction.
    before: Vec<Id>,
    /// Of a reference: what it leads to, once that is known.
    after: Option<Vec<Id>>,
}

/// What a transaction writes under a resource's name: its place, and its entries unless it deletes.
type Own = HashMap<(ResourceType, Id), (usize, Option<Entries>)>;

impl Sought {
    /// The new id of this number.
    pub fn id(&self, number: usize) -> Id {
        let mut ids = self.ids.borrow_mut();
        while ids.len() <= number {
            ids.push(App::new_id());
        }
        ids.get(number).cloned().unwrap_or_else(App::new_id)
    }

    /// What criteria match, as far as it is known; noted as asked for where it is not.
    pub fn found(&self, asked: Asked<'_>) -> Found {
        let want = (asked.by, asked.ty, asked.criteria.to_owned());
        match self.known.get(&want) {
            Some(known) if asked.by == Asker::Reference => {
                known.after.clone().map_or(Found::Later, Found::These)
            }
            Some(known) => Found::These(known.before.clone()),
            None => {
                self.asked.borrow_mut().entry(want).or_insert(asked.entry);
                Found::Later
            }
        }
    }

    /// Searches for what was asked for; whether there was anything.
    ///
    /// # Errors
    /// Criteria that can't be read, or match too many.
    pub async fn learn(&mut self, context: &Context) -> Result<bool, Error> {
        let asked = std::mem::take(self.asked.get_mut());
        let any = !asked.is_empty();
        for (want, entry) in asked {
            let (by, ty, text) = &want;
            let criteria =
                Criteria::parse(context, *ty, text).await.map_err(|error| error.of_entry(entry))?;
            let most = match by {
                Asker::Delete => context.app.settings.limits.conditional_delete,
                Asker::Reference => LOOKED_AT,
                Asker::Create | Asker::Update => 1,
            };
            let found = matching(context, &criteria, most + 1).await?;
            if found.len() > most {
                let most = if *by == Asker::Reference { 1 } else { most };
                return Err(Error::SeveralMatch { ty: *ty, most }.of_entry(entry));
            }
            let before = found.into_iter().map(|found| found.id).collect();
            self.known.insert(want, Known { entry, criteria, before, after: None });
        }
        Ok(any)
    }

    /// Compares what is planned with what was found; whether it must be planned again, because references lead elsewhere
    /// than was thought.
    ///
    /// # Errors
    /// Entries that meddle with each other's criteria, and references that lead to nothing, or to several.
    pub fn weigh(&mut self, planned: Option<&Planned>, registry: &Registry) -> Result<bool, Error> {
        let Some(Planned::Transaction(entries)) = planned else { return Ok(false) };
        if self.known.is_empty() || !self.asked.borrow().is_empty() {
            return Ok(false);
        }
        let types: BTreeSet<ResourceType> = self.known.keys().map(|(_, ty, _)| *ty).collect();
        let own = own(entries, &types, registry);
        let written: BTreeSet<ResourceType> = entries.iter().filter_map(written).collect();
        let mut again = false;
        for ((by, ty, _), known) in &mut self.known {
            known.is_apart(&written).map_err(|error| error.of_entry(known.entry))?;
            let mine = own.iter().filter(|((of, _), _)| of == ty);
            if *by == Asker::Reference {
                let stays = |id: &&Id| !own.contains_key(&(*ty, Id::clone(id)));
                let mut after: Vec<Id> = known.before.iter().filter(stays).cloned().collect();
                after
                    .extend(mine.filter(|(key, own)| known.matches(key, own)).map(|((_, id), _)| id.clone()));
                after.sort();
                match after.len() {
                    0 => return Err(Error::NothingMatches { ty: *ty }.of_entry(known.entry)),
                    1 => {}
                    _ => return Err(Error::SeveralMatch { ty: *ty, most: 1 }.of_entry(known.entry)),
                }
                again |= known.after.as_ref() != Some(&after);
                known.after = Some(after);
                continue;
            }
            // Whatever another entry writes or deletes must have nothing to do with it.
            for (key, written) in mine.filter(|(_, (place, _))| *place != known.entry) {
                if known.matches(key, written) || known.before.contains(&key.1) {
                    return Err(Error::Overlap { other: written.0 }.of_entry(known.entry));
                }
            }
        }
        Ok(again)
    }

    /// What must hold before the entries are carried out, and after; each with the entry that asks.
    pub fn expectations(&self, access: &Access) -> (Expected, Expected) {
        let expect = |((_, ty, _), known): (&Want, &Known), found: &[Id]| {
            let found = found.iter().map(|id| (*ty, id.clone())).collect();
            let query = known.criteria.query.clone();
            (known.entry, Op::Expect { query, access: access.clone(), found })
        };
        let (references, entries): (Vec<_>, Vec<_>) =
            self.known.iter().partition(|((by, ..), _)| *by == Asker::Reference);
        let before = entries.into_iter().map(|one| expect(one, &one.1.before)).collect();
        let after = references.into_iter().map(|one| expect(one, one.1.after.as_deref().unwrap_or_default()));
        (before, after.collect())
    }

    /// Whether an error may be due to what others have written meanwhile, so that planning anew helps.
    pub fn explains(&self, error: &StoreError) -> bool {
        matches!(error, StoreError::Unindexed(_)) && !self.known.is_empty()
    }
}

impl Known {
    fn matches(&self, (ty, id): &(ResourceType, Id), (_, entries): &(usize, Option<Entries>)) -> bool {
        let Some(entries) = entries else { return false };
        let candidate =
            Candidate { ty: *ty, id, last_updated: chrono::Utc::now().timestamp_micros(), entries };
        self.criteria.query.clauses.iter().all(|clause| clause.condition.matches(candidate, &()))
    }

    /// Whether the transaction writes nothing of what the criteria look at beyond the resource itself.
    fn is_apart(&self, written: &BTreeSet<ResourceType>) -> Result<(), Error> {
        let mut others = Vec::new();
        self.criteria.query.clauses.iter().for_each(|clause| elsewhere(&clause.condition, &mut others));
        if !others.is_empty() {
            others.push(self.criteria.ty);
        }
        match others.iter().any(|ty| written.contains(ty)) {
            true => Err(Error::NotSupported {
                what: "a chain or _has in criteria about what the same transaction writes",
            }),
            false => Ok(()),
        }
    }
}

/// The types of other resources that a condition looks at.
fn elsewhere(condition: &Condition, types: &mut Vec<ResourceType>) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| elsewhere(part, types)),
        Condition::Not(part) => elsewhere(part, types),
        Condition::Chain(link) | Condition::Has(link) => {
            types.push(link.other);
            elsewhere(&link.condition, types);
        }
        _ => {}
    }
}

/// The type that an entry writes.
fn written(entry: &PlannedEntry) -> Option<ResourceType> {
    match &entry.op {
        PlannedOp::Create { body, .. } => Some(body.resource_type()),
        PlannedOp::Put { ty, .. } | PlannedOp::Delete { ty, .. } => Some(*ty),
        PlannedOp::DeleteFound { ty, ids, .. } if !ids.is_empty() => Some(*ty),
        _ => None,
    }
}

/// What is written of these types.
fn own(entries: &[PlannedEntry], types: &BTreeSet<ResourceType>, registry: &Registry) -> Own {
    let mut own = Own::new();
    for PlannedEntry { index, op } in entries {
        let (ty, ids, body) = match op {
            PlannedOp::Create { id, body } => (body.resource_type(), std::slice::from_ref(id), Some(body)),
            PlannedOp::Put { ty, id, body, .. } => (*ty, std::slice::from_ref(id), Some(body)),
            PlannedOp::Delete { ty, id, .. } => (*ty, std::slice::from_ref(id), None),
            PlannedOp::DeleteFound { ty, ids, .. } => (*ty, ids.as_slice(), None),
            _ => continue,
        };
        if !types.contains(&ty) {
            continue;
        }
        for id in ids {
            let entries = body.map(|body| registry.extract_text(body.text().as_bytes()));
            own.insert((ty, id.clone()), (*index, entries));
        }
    }
    own
}
