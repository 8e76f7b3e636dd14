//! How many versions a type, or the system, has: counted once, then only what came since.
//!
//! Versions are never removed, so a count up to a settled number holds for ever and the next need only add what lies
//! beyond it.

use super::visible;
use crate::either::AnySql;
use crate::error::StoreError;
use crate::snapshot::Snapshot;
use crate::store::Store;
use diesel::sql_types::{BigInt, SmallInt};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What was counted: up to which number, and how many, for a type or (`None`) for all.
#[derive(Debug, Default)]
pub(crate) struct Tallies(Mutex<HashMap<Option<i16>, (i64, i64)>>);

impl Tallies {
    fn get(&self, of: Option<i16>) -> (i64, i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&of).copied().unwrap_or((0, 0))
    }

    fn set(&self, of: Option<i16>, counted: (i64, i64)) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(of, counted);
    }
}

impl Store {
    /// How many versions of a type, or of all, a snapshot shows. The caller may see all of them.
    pub(crate) fn tally(&self, of: Option<i16>, snapshot: &Snapshot) -> Result<i64, StoreError> {
        let (upto, counted) = self.tallies().get(of);
        if upto > snapshot.upto {
            // A reader with a newer snapshot was here first.
            let newer = Snapshot { upto, holes: Vec::new(), time: 0 };
            let beyond = self.between(of, snapshot.upto, &newer)?;
            return Ok(counted - beyond - self.hidden(of, snapshot)?);
        }
        let total = counted + self.between(of, upto, snapshot)?;
        if snapshot.holes.is_empty() {
            self.tallies().set(of, (snapshot.upto, total));
        }
        Ok(total)
    }

    /// How many of these a snapshot shows with numbers below `from`. Counted, not known.
    pub(crate) fn older(&self, of: Option<i16>, from: i64, snapshot: &Snapshot) -> Result<i64, StoreError> {
        if from <= 1 {
            return Ok(0);
        }
        self.between(of, 0, &Snapshot { upto: from - 1, holes: snapshot.holes.clone(), time: 0 })
    }

    /// Versions that lie in the snapshot's holes and have become visible since.
    fn hidden(&self, of: Option<i16>, snapshot: &Snapshot) -> Result<i64, StoreError> {
        let mut hidden = 0;
        for &(first, last) in &snapshot.holes {
            hidden += self.between(of, first - 1, &Snapshot { upto: last, holes: Vec::new(), time: 0 })?;
        }
        Ok(hidden)
    }

    fn between(&self, of: Option<i16>, after: i64, snapshot: &Snapshot) -> Result<i64, StoreError> {
        let sql = AnySql::<'_, BigInt>::new("SELECT count(*) FROM version v WHERE v.seq > ").int(after);
        let sql = match of {
            Some(ty) => sql.text(" AND v.type = ").bind::<SmallInt, _>(ty),
            None => sql,
        };
        // Of these the caller may see all.
        let sql = visible(self.placed(sql, "v"), "v", snapshot);
        self.with_reader(|connection| Ok(sql.get_result(connection)?))
    }
}
