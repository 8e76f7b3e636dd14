//! The audit's rows on PostgreSQL: a chain for each lane of each process, so that no two writers share a row.

use crate::audit::chain::{Chain, Row};
use crate::error::StoreError;
use crate::sql::Sql;
use diesel::PgConnection;
use diesel::RunQueryDsl;
use diesel::pg::Pg;
use diesel::sql_types::{Array, BigInt, Binary, Nullable, Text};

/// Adds rows and moves the chain's head to the last of them, in one statement.
pub(crate) fn write(
    connection: &mut PgConnection,
    chain: &Chain,
    rows: &[Row<'_>],
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    fn column<'r, 'e, T>(rows: &'r [Row<'e>], of: impl Fn(&'r Row<'e>) -> T) -> Vec<T> {
        rows.iter().map(of).collect()
    }
    Sql::<'_, Pg>::new("WITH head AS (INSERT INTO audit_chain (chain, number, hash) VALUES (")
        .int(chain.id)
        .text(", ")
        .int(chain.number)
        .text(", ")
        .bind::<Binary, _>(chain.hash.as_slice())
        .text(
            ") ON CONFLICT (chain) DO UPDATE SET number = excluded.number, hash = excluded.hash) \
             INSERT INTO audit (chain, number, at, actor, request, interaction, outcome, first_seq, last_seq, \
             content, detail, hash) SELECT ",
        )
        .int(chain.id)
        .text(", * FROM unnest(")
        .bind::<Array<BigInt>, _>(column(rows, |row| row.number))
        .text(", ")
        .bind::<Array<BigInt>, _>(column(rows, |row| row.entry.at))
        .text(", ")
        .bind::<Array<Nullable<Text>>, _>(column(rows, |row| row.entry.actor))
        .text(", ")
        .bind::<Array<Text>, _>(column(rows, |row| row.entry.request))
        .text(", ")
        .bind::<Array<Text>, _>(column(rows, |row| row.entry.interaction))
        .text(", ")
        .bind::<Array<Text>, _>(column(rows, |row| row.entry.outcome))
        .text(", ")
        .bind::<Array<Nullable<BigInt>>, _>(column(rows, |row| row.entry.range.map(|(first, _)| first)))
        .text(", ")
        .bind::<Array<Nullable<BigInt>>, _>(column(rows, |row| row.entry.range.map(|(_, last)| last)))
        .text(", ")
        .bind::<Array<Nullable<Binary>>, _>(column(rows, |row| {
            row.entry.content.as_ref().map(|hash| hash.as_slice())
        }))
        .text(", ")
        .bind::<Array<Nullable<Text>>, _>(column(rows, |row| row.entry.detail))
        .text(", ")
        .bind::<Array<Binary>, _>(column(rows, |row| row.hash.as_slice()))
        .text(")")
        .execute(connection)?;
    Ok(())
}
