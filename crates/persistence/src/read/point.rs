//! Reads of one version: `read` and `vread`.

use super::{VERSION_COLUMNS, VersionRow, VersionTuple, permitted, version};
use crate::access::{Access, Interaction};
use crate::either::AnySql;
use crate::error::StoreError;
use crate::store::Store;
use crate::version::Read;
use diesel::prelude::*;
use diesel::sql_types::{Binary, SmallInt};
use rushlight_model::{Id, ResourceType};

impl Store {
    /// The current version. <https://hl7.org/fhir/R4/http.html#read>
    ///
    /// # Errors
    /// A database that fails or is too slow.
    pub fn read(&self, access: &Access, ty: ResourceType, id: &Id) -> Result<Read, StoreError> {
        let sql = self.version_of("v.seq = r.seq", ty, id);
        self.one(permitted(sql, "r", access, Interaction::Read), access)
    }

    /// One version by its number within the resource. <https://hl7.org/fhir/R4/http.html#vread>
    ///
    /// # Errors
    /// A database that fails or is too slow.
    pub fn vread(&self, access: &Access, ty: ResourceType, id: &Id, number: i64) -> Result<Read, StoreError> {
        // A first version has the resource's own number; later ones have an index.
        let sql = if number == 1 {
            self.version_of("v.seq = r.rid", ty, id)
        } else {
            self.version_of("v.rid = r.rid AND v.version > 1", ty, id).text(" AND v.version = ").int(number)
        };
        self.one(permitted(sql, "r", access, Interaction::Read), access)
    }

    fn one(&self, sql: AnySql<'_, VersionRow>, access: &Access) -> Result<Read, StoreError> {
        let row: Option<VersionTuple> =
            self.with_reader(|connection| Ok(sql.get_result(connection).optional()?))?;
        Ok(match row.map(version).transpose()? {
            None => Read::Missing,
            Some(found) if !self.is_seen(access, &found)? => Read::Missing,
            Some(found) if found.deleted => {
                Read::Gone { version: found.version, last_updated: found.last_updated }
            }
            Some(found) => Read::Found(found),
        })
    }

    fn version_of<'a>(&self, join: &'static str, ty: ResourceType, id: &Id) -> AnySql<'a, VersionRow> {
        let sql = AnySql::new("SELECT ")
            .text(VERSION_COLUMNS)
            .text(" FROM resource r JOIN version v ON ")
            .text(join)
            .text(" WHERE r.type = ")
            .bind::<SmallInt, _>(i16::try_from(ty.number()).unwrap_or(i16::MAX))
            .text(" AND r.id = ")
            .bind::<Binary, _>(id.to_key());
        self.placed(self.placed(sql, "r"), "v")
    }
}
