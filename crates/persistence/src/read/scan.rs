//! Walks over the current resources of a snapshot.

use super::{VERSION_COLUMNS, VersionRow, VersionTuple, permitted, version, visible};
use crate::access::{Access, Interaction};
use crate::either::AnySql;
use crate::error::StoreError;
use crate::snapshot::Snapshot;
use crate::store::Store;
use crate::version::Version;
use diesel::sql_types::{BigInt, SmallInt};
use rushlight_model::ResourceType;

impl Store {
    /// Up to `limit` resources as of the snapshot, of a type or of all, whose version has a number greater than
    /// `after` (0 to begin), in the order of that number. Deleted resources are left out.
    ///
    /// # Errors
    /// A database that fails or is too slow.
    pub fn scan(
        &self,
        access: &Access,
        ty: Option<ResourceType>,
        snapshot: &Snapshot,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Version>, StoreError> {
        let mut found: Vec<Version> = Vec::new();
        let mut last = after;
        loop {
            let wanted = limit - found.len();
            let versions = self.current(access, ty, snapshot, last, wanted)?;
            let is_end = versions.len() < wanted;
            last = versions.last().map_or(last, |version| version.seq);
            for version in versions {
                if self.is_seen(access, &version)? {
                    found.push(version);
                }
            }
            if is_end || found.len() >= limit {
                return Ok(found);
            }
        }
    }

    /// The same, of which some may not be seen for what is in them.
    fn current(
        &self,
        access: &Access,
        ty: Option<ResourceType>,
        snapshot: &Snapshot,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Version>, StoreError> {
        let mut sql: AnySql<'_, VersionRow> = AnySql::new("SELECT ")
            .text(VERSION_COLUMNS)
            .text(" FROM version v WHERE v.seq > ")
            .int(after)
            .text(" AND NOT v.deleted");
        if let Some(ty) = ty {
            sql = sql
                .text(" AND v.type = ")
                .bind::<SmallInt, _>(i16::try_from(ty.number()).unwrap_or(i16::MAX));
        }
        sql = visible(self.placed(permitted(sql, "v", access, Interaction::Read), "v"), "v", snapshot);
        sql = sql.text(
            " AND NOT EXISTS (SELECT 1 FROM version w WHERE w.rid = v.rid AND w.version > 1 AND w.version > v.version",
        );
        sql = visible(self.placed(sql, "w"), "w", snapshot)
            .text(") ORDER BY v.seq LIMIT ")
            .int(i64::try_from(limit).unwrap_or(i64::MAX));
        let rows: Vec<VersionTuple> = self.with_reader(|connection| Ok(sql.load(connection)?))?;
        rows.into_iter().map(version).collect()
    }

    /// How many resources of each type there are now, deleted ones left out, in the order of the types' names.
    ///
    /// # Errors
    /// A database that fails or is too slow.
    pub fn counts(&self, access: &Access) -> Result<Vec<(ResourceType, i64)>, StoreError> {
        let sql: AnySql<'_, (SmallInt, BigInt)> = permitted(
            AnySql::new("SELECT r.type, count(*) FROM resource r WHERE NOT r.deleted"),
            "r",
            access,
            Interaction::Read,
        )
        .text(" GROUP BY r.type");
        let rows: Vec<(i16, i64)> = self.with_reader(|connection| Ok(sql.load(connection)?))?;
        let mut counts: Vec<(ResourceType, i64)> = rows
            .into_iter()
            .filter_map(|(ty, count)| Some((ResourceType::from_number(u16::try_from(ty).ok()?)?, count)))
            .collect();
        if !access.is_by_type() {
            let snapshot = self.snapshot()?;
            for (ty, count) in &mut counts {
                if !access.shows_all_of(*ty) {
                    *count = self.count_seen(access, *ty, &snapshot)?;
                }
            }
            counts.retain(|(_, count)| *count > 0);
        }
        counts.sort_by_key(|(ty, _)| ty.name());
        Ok(counts)
    }
}
