//! Whether a version may be seen, where that depends on what is in it.
//!
//! Each version is judged by its own content, as it is extracted: the index may no longer, or not yet, hold it. A deletion
//! has none and is judged by the version before it.

use crate::access::{Access, Interaction};
use crate::error::StoreError;
use crate::read::history::HistoryQuery;
use crate::search::{From, Search, Totals};
use crate::snapshot::Snapshot;
use crate::store::Store;
use crate::version::{Read, Version};
use rushlight_model::ResourceType;
use rushlight_search::query::{Candidate, Query};
use std::time::Instant;

/// Versions that are looked at between two looks at the clock.
const STEP: usize = 256;

impl Store {
    /// Whether the caller may see a version. That its type is permitted is known.
    pub(crate) fn is_seen(&self, access: &Access, version: &Version) -> Result<bool, StoreError> {
        if access.shows_all_of(version.ty) {
            return Ok(true);
        }
        if !version.deleted {
            return Ok(self.shows(access, version));
        }
        let before = self.vread(&Access::all(), version.ty, &version.id, version.version - 1)?;
        Ok(matches!(before, Read::Found(before) if self.shows(access, &before)))
    }

    fn shows(&self, access: &Access, version: &Version) -> bool {
        let Version { ty, id, last_updated, body, .. } = version;
        let known = self.known();
        let entries = known.entries(body);
        let candidate = Candidate { ty: *ty, id, last_updated: *last_updated, entries: &entries };
        access.shows(&known.registry, candidate)
    }

    /// The versions of a page that the caller may see, and whether there are more; `step` finds versions, seen or not,
    /// and whether there are more of them.
    ///
    /// # Errors
    /// [`StoreError::Timeout`] where too many that may not be seen are in between.
    pub(crate) fn seen(
        &self,
        access: &Access,
        query: &HistoryQuery<'_>,
        step: impl Fn(&HistoryQuery<'_>) -> Result<(Vec<Version>, bool), StoreError>,
    ) -> Result<(Vec<Version>, bool), StoreError> {
        let begun = Instant::now();
        let (mut kept, mut held) = (Vec::new(), 0_usize);
        let mut next = HistoryQuery { count: STEP, ..query.clone() };
        loop {
            let (versions, more) = step(&next)?;
            for version in versions {
                next.after = Some(version.seq);
                if !self.is_seen(access, &version)? {
                    continue;
                }
                held = held.saturating_add(version.body.len());
                if kept.len() == query.count || held > query.bytes && !kept.is_empty() {
                    return Ok((kept, true));
                }
                kept.push(version);
            }
            if !more {
                return Ok((kept, false));
            }
            if begun.elapsed() > self.patience() {
                return Err(StoreError::Timeout);
            }
        }
    }

    /// How many resources of a type there are now that the caller may see.
    pub(crate) fn count_seen(
        &self,
        access: &Access,
        ty: ResourceType,
        snapshot: &Snapshot,
    ) -> Result<i64, StoreError> {
        if !access.permits_to(Interaction::Search, ty) {
            return Ok(0);
        }
        let search = Search {
            query: &Query::all(vec![ty]),
            snapshot: Some(snapshot),
            count: 0,
            bytes: 0,
            most_included: 0,
            from: From::First,
            total: Totals::Accurate,
        };
        Ok(self.search(access, &search)?.total.unwrap_or(0))
    }
}
