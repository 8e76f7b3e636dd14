//! How a search is answered: the SQL of its clauses, the database's plan, and how many rows each has.

use crate::access::Access;
use crate::connection::AnyConnection;
use crate::either::AnySql;
use crate::error::StoreError;
use crate::search::Search;
use crate::search::run::Found;
use crate::store::Store;
use diesel::sql_types::{Integer, Text};
use rushlight_search::query::Query;
use std::time::Instant;

/// How a search, or one of its clauses, is answered.
#[derive(Clone, Debug, Default)]
pub struct Explained {
    /// Resources that match.
    pub rows: i64,
    /// The statement that counts them; values stand as `?`.
    pub sql: String,
    /// The database's plan of that, a line each.
    pub plan: Vec<String>,
    /// The plans of the statements that find the first page, in its order; of a walk also that which comes after it, for
    /// what has no value to sort by.
    pub page: Vec<Vec<String>>,
    /// Microseconds that counting took.
    pub micros: i64,
}

impl Store {
    /// How a search is answered as a whole, and how each of its clauses would be by itself. It looks behind what is found:
    /// at plans and counts.
    ///
    /// # Errors
    /// As of [`Store::search`], and [`StoreError::Unexplained`] for one without the privilege.
    pub fn explain(
        &self,
        access: &Access,
        search: &Search<'_>,
    ) -> Result<(Explained, Vec<Explained>), StoreError> {
        if !access.explains() {
            return Err(StoreError::Unexplained);
        }
        let whole = self.explained(access, search, search.query.clone())?;
        let clauses = search.query.clauses.iter().map(|clause| {
            let contained = search.query.contained;
            let all = Query::all(search.query.types.clone());
            let alone = Query { clauses: vec![clause.clone()], contained, ..all };
            self.explained(access, search, alone)
        });
        Ok((whole, clauses.collect::<Result<_, _>>()?))
    }

    fn explained(&self, access: &Access, search: &Search<'_>, query: Query) -> Result<Explained, StoreError> {
        let search = &Search { query: &query, ..search.clone() };
        let mut explained = self.with_found(access, search, |connection, found| {
            let countings = found.countings(connection)?;
            let sql = countings.iter().map(AnySql::written).collect::<Vec<_>>().join("; ");
            let begun = Instant::now();
            let rows = found.count(connection)?;
            let micros = i64::try_from(begun.elapsed().as_micros()).unwrap_or(i64::MAX);
            let mut plan = Vec::new();
            for counting in found.countings(connection)? {
                plan.extend(plan_of(connection, counting)?);
            }
            Ok(Explained { rows, sql, plan, page: found.planned(connection, search.count)?, micros })
        })?;
        let planned =
            |connection: &mut AnyConnection, found: &Found<'_>| found.planned(connection, search.count);
        if let Some(page) = self.with_witness(access, search, planned)? {
            explained.page = page;
        }
        Ok(explained)
    }
}

/// The database's plan of a statement.
pub(crate) fn plan_of<ST>(
    connection: &mut AnyConnection,
    statement: AnySql<'_, ST>,
) -> Result<Vec<String>, StoreError> {
    if let AnyConnection::Postgres(_) = connection {
        let sql: AnySql<'_, Text> = AnySql::new("EXPLAIN ").append(statement).open_ended();
        return Ok(sql.load(connection)?);
    }
    let sql: AnySql<'_, (Integer, Integer, Integer, Text)> =
        AnySql::new("EXPLAIN QUERY PLAN ").append(statement).open_ended();
    let lines: Vec<(i32, i32, i32, String)> = sql.load(connection)?;
    Ok(lines.into_iter().map(|(.., line)| line).collect())
}
