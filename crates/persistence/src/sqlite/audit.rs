//! The audit's rows in the embedded store: one chain, continued by the one writer.

use crate::audit::chain::{Chain, Row};
use crate::error::StoreError;
use crate::schema::{audit, audit_chain, store};
use diesel::prelude::*;

/// The store's only chain.
const ONLY: i64 = 1;

/// Where the chain has come to.
pub(crate) fn chain(main: &mut SqliteConnection) -> Result<Chain, StoreError> {
    let found: Option<(i64, Vec<u8>)> = audit_chain::table
        .find(ONLY)
        .select((audit_chain::number, audit_chain::hash))
        .first(main)
        .optional()?;
    let Some((number, hash)) = found else {
        let excused: String = store::table.find("audit-from").select(store::value).first(main)?;
        return Ok(Chain::new(ONLY, crate::audit::verify::number(&excused)?));
    };
    let damaged = |_| StoreError::Damaged("the head of the audit's chain is no hash".to_owned());
    Ok(Chain { id: ONLY, number, hash: hash.try_into().map_err(damaged)? })
}

/// Adds rows, of which the chain's head is the last.
pub(crate) fn write(main: &mut SqliteConnection, chain: &Chain, rows: &[Row<'_>]) -> Result<(), StoreError> {
    for row in rows {
        let entry = &row.entry;
        diesel::insert_into(audit::table)
            .values((
                audit::number.eq(row.number),
                audit::chain.eq(chain.id),
                audit::at.eq(entry.at),
                audit::actor.eq(entry.actor),
                audit::request.eq(entry.request),
                audit::interaction.eq(entry.interaction),
                audit::outcome.eq(entry.outcome),
                audit::first_seq.eq(entry.range.map(|(first, _)| first)),
                audit::last_seq.eq(entry.range.map(|(_, last)| last)),
                audit::content.eq(entry.content.as_ref().map(|hash| hash.as_slice())),
                audit::detail.eq(entry.detail),
                audit::hash.eq(row.hash.as_slice()),
            ))
            .execute(main)?;
    }
    if !rows.is_empty() {
        diesel::replace_into(audit_chain::table)
            .values((
                audit_chain::chain.eq(chain.id),
                audit_chain::number.eq(chain.number),
                audit_chain::hash.eq(chain.hash.as_slice()),
            ))
            .execute(main)?;
    }
    Ok(())
}
