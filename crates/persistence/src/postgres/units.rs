//! What is indexed, in the database: all processes of a store agree on it by its generation.
//!
//! A write draws its numbers together with the present generation, and is refused and extracted again if it is of
//! another. The generation is a sequence, which no transaction isolates: once a change is committed, a write of an older
//! generation can only be one that had drawn before, and those have ended when the first resource is built
//! ([`super::build`]).

use crate::error::StoreError;
use crate::index::rows;
use crate::jobs::reindex;
use crate::postgres::tx::Writer;
use crate::schema::store;
use crate::sql::Sql;
use crate::store::now_micros;
use crate::units::census::Census;
use crate::units::{Known, Units, Wanted, plan, search_parameter_number};
use diesel::connection::SimpleConnection;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, SmallInt, Text};
use rushlight_search::{IndexTable, Kind, LAYOUT, TABLES};

/// Where the layout of the index tables is kept.
const LAYOUT_KEY: &str = "layout";

/// Learns what is indexed now, and changes it where other resources ask for something else.
pub(crate) fn register(writer: &mut Writer, units: &Units) -> Result<(), StoreError> {
    let now = units.current();
    units.replace(load(writer, units.wanted, Some(&now))?);
    Ok(())
}

/// Whether what this process knows is what is indexed now.
pub(crate) fn is_current(writer: &mut Writer, units: &Units) -> Result<bool, StoreError> {
    Ok(writer.once(generation)? == Some(units.current().generation))
}

/// What is indexed, once the store's units are those that are wanted; `now` is what this process knows to be indexed.
pub(crate) fn load(writer: &mut Writer, wanted: Wanted, now: Option<&Known>) -> Result<Known, StoreError> {
    if let Some(known) = writer.once(|connection| settled(connection, wanted, now))? {
        return Ok(known);
    }
    writer.run_locking("register", |connection| {
        // One process at a time; whoever waited sees what the one before did.
        connection.batch_execute("LOCK TABLE unit IN SHARE ROW EXCLUSIVE MODE")?;
        if let Some(known) = settled(connection, wanted, now)? {
            return Ok(known);
        }
        if layout(connection)? != Some(LAYOUT) {
            lay_out(connection)?;
        }
        let (census, unbuilt) = census(connection, wanted)?;
        write(connection, &census, unbuilt)?;
        // Last, as writes wait from here on. Greater than both, if a transaction before was rolled back.
        let next: i64 = Sql::<'_, Pg, BigInt>::new(
            "UPDATE generation SET number = greatest(number, (SELECT last_value FROM generation_number)) + 1 \
             RETURNING setval('generation_number', number)",
        )
        .get_result(connection)?;
        Ok(census.known(next))
    })
}

/// What is indexed, if that is what is wanted and nobody is changing it.
fn settled(
    connection: &mut PgConnection,
    wanted: Wanted,
    now: Option<&Known>,
) -> Result<Option<Known>, StoreError> {
    // First: units that are newer than the generation do no harm, a write of it would be refused.
    let Some(generation) = generation(connection)? else { return Ok(None) };
    let (census, unbuilt) = census(connection, wanted)?;
    // Where that is newer, somebody else has made it known.
    let now = now.filter(|now| now.generation == generation);
    let same = layout(connection)? == Some(LAYOUT) && !census.changes(now) && unbuilt.is_empty();
    Ok((same && generation > 0).then(|| census.known(generation)))
}

/// The number of the present state of what is indexed; `None` while it changes.
pub(crate) fn generation(connection: &mut PgConnection) -> Result<Option<i64>, StoreError> {
    let (number, shown) = Sql::<'_, Pg, (BigInt, BigInt)>::new(
        "SELECT g.number, s.last_value FROM generation g, generation_number s",
    )
    .get_result::<(i64, i64)>(connection)?;
    Ok((number == shown).then_some(number))
}

/// Compares the units that there should be with the table of them; and says which are in no pass.
fn census(connection: &mut PgConnection, wanted: Wanted) -> Result<(Census, Vec<i32>), StoreError> {
    let bodies: Vec<String> = Sql::<'_, Pg, Text>::new(
        "SELECT v.body FROM resource r JOIN version v ON v.shard = 0 AND v.seq = r.seq \
         WHERE r.shard = 0 AND NOT r.deleted AND r.type = ",
    )
    .bind::<SmallInt, _>(search_parameter_number())
    .text(" ORDER BY r.rid")
    .load(connection)?;
    let rows: Vec<(i32, String, bool, bool)> = Sql::<'_, Pg, (Integer, Text, Bool, Bool)>::new(
        "SELECT u.number, u.key, u.retired, EXISTS (SELECT 1 FROM built b WHERE b.unit = u.number) \
         FROM unit u ORDER BY u.number",
    )
    .load(connection)?;
    let unbuilt = rows.iter().filter(|(.., retired, built)| !retired && !built).map(|row| row.0).collect();
    let stored = rows.into_iter().map(|(number, key, retired, _)| (number, key, retired)).collect();
    Ok((Census::new(plan(wanted, &bodies), stored)?, unbuilt))
}

fn write(connection: &mut PgConnection, census: &Census, mut unbuilt: Vec<i32>) -> Result<(), StoreError> {
    let numbers: Vec<i32> = census.fresh.iter().map(|(number, _)| *number).collect();
    let keys: Vec<&str> = census.fresh.iter().map(|(_, key)| key.as_str()).collect();
    unbuilt.extend(&numbers);
    Sql::<'_, Pg>::new("INSERT INTO unit (number, key) SELECT * FROM unnest(")
        .bind::<Array<Integer>, _>(numbers)
        .text(", ")
        .bind::<Array<Text>, _>(keys)
        .text(")")
        .execute(connection)?;
    Sql::<'_, Pg>::new("UPDATE unit SET retired = true WHERE number = ANY(")
        .bind::<Array<Integer>, _>(census.gone.clone())
        .text(")")
        .execute(connection)?;
    // Of a store in which nobody has written, or can, everything is in the index.
    let pass: i32 = Sql::<'_, Pg, Integer>::new(
        "SELECT CASE WHEN g.number > 0 OR n.last_value > 1 THEN coalesce((SELECT max(pass) FROM pass), 0) + 1 ELSE 0 END \
         FROM generation g, version_number n",
    )
    .get_result(connection)?;
    Sql::<'_, Pg>::new("INSERT INTO built (unit, pass) SELECT unit, ")
        .bind::<Integer, _>(pass)
        .text(" FROM unnest(")
        .bind::<Array<Integer>, _>(unbuilt.clone())
        .text(") AS n (unit)")
        .execute(connection)?;
    let builds = pass > 0 && !unbuilt.is_empty();
    if builds {
        Sql::<'_, Pg>::new("INSERT INTO pass (pass, reached) VALUES (")
            .bind::<Integer, _>(pass)
            .text(", 0)")
            .execute(connection)?;
    }
    if builds || !census.gone.is_empty() {
        Sql::<'_, Pg>::new("INSERT INTO job (kind, parameters, created) VALUES (")
            .bind::<Text, _>(reindex::KIND)
            .text(", '{}', ")
            .int(now_micros())
            .text(")")
            .execute(connection)?;
    }
    Ok(())
}

/// Sees to it that a job does what is left to build or to delete.
pub(crate) fn ask(writer: &mut Writer) -> Result<(), StoreError> {
    let sql = Sql::<'_, Pg>::new("INSERT INTO job (kind, parameters, created) SELECT ")
        .bind::<Text, _>(reindex::KIND)
        .text(", '{}', ")
        .int(now_micros())
        .text(
            " WHERE NOT EXISTS (SELECT 1 FROM job WHERE state < 2) AND (EXISTS (SELECT 1 FROM pass) \
             OR EXISTS (SELECT 1 FROM built b JOIN unit u ON u.number = b.unit WHERE u.retired))",
        );
    writer.once(|connection| Ok(sql.execute(connection).map(|_| ())?))
}

fn layout(connection: &mut PgConnection) -> Result<Option<i64>, StoreError> {
    let stored: Option<String> =
        store::table.find(LAYOUT_KEY).select(store::value).first(connection).optional()?;
    Ok(stored.and_then(|text| text.parse().ok()))
}

/// Makes the index tables anew, empty: then no unit is built.
fn lay_out(connection: &mut PgConnection) -> Result<(), StoreError> {
    let old: Vec<String> = Sql::<'_, Pg, Text>::new(
        "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() AND tablename LIKE 'ix\\_%'",
    )
    .load(connection)?;
    for table in old {
        connection.batch_execute(&format!("DROP TABLE {table}"))?;
    }
    for table in &TABLES {
        connection.batch_execute(&create(table))?;
    }
    connection.batch_execute(&format!(
        "DELETE FROM built; DELETE FROM pass; DELETE FROM tally; \
         INSERT INTO store (key, value) VALUES ('{LAYOUT_KEY}', '{LAYOUT}') \
         ON CONFLICT (key) DO UPDATE SET value = excluded.value"
    ))?;
    Ok(())
}

/// The statements that make a table, and the way to what a resource has; its rows are open while `to_seq` is null.
fn create(table: &IndexTable) -> String {
    let declared: String = table
        .columns
        .iter()
        .map(|column| {
            let kind = match column.kind {
                Kind::Int => "bigint",
                Kind::Real => "double precision",
                Kind::Text => "text COLLATE \"C\"",
                Kind::Bytes => "bytea",
            };
            format!("{} {kind} NOT NULL, ", column.name)
        })
        .collect();
    let columns: String = table.columns.iter().map(|column| format!("{}, ", column.name)).collect();
    let wide = rows::wide(table).map_or_else(String::new, |wide| {
        format!("; CREATE INDEX ix_{name}_wide ON ix_{name} (shard, param, {wide}", name = table.name)
    });
    format!(
        "CREATE TABLE ix_{name} (shard smallint NOT NULL DEFAULT 0, param integer NOT NULL, {declared}\
         rid bigint NOT NULL, from_seq bigint NOT NULL, to_seq bigint, \
         PRIMARY KEY (shard, param, {columns}rid, from_seq)); \
         CREATE INDEX ix_{name}_by_rid ON ix_{name} (shard, param, rid){wide}",
        name = table.name
    )
}
