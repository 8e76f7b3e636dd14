//! What queries match, asked within the writer's transaction: under SERIALIZABLE nobody else can commit what would change
//! the answer, unless one of the two is rolled back and tried again.

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::index::rows::Source;
use crate::postgres::tx::postgres;
use crate::search::matching_on;
use crate::units::Known;
use crate::write::expect::{Answer, Patience, Question};
use diesel::connection::SimpleConnection;

/// The answers to the questions of a batch.
pub(crate) fn ask(
    connection: &mut AnyConnection,
    known: &Known,
    questions: &[Question<'_>],
) -> Result<Vec<Answer>, StoreError> {
    if questions.is_empty() {
        return Ok(Vec::new());
    }
    let patience = Patience::begin();
    let mut answers = Vec::with_capacity(questions.len());
    for question in questions {
        let Question { query, access, limit } = question;
        let left = format!("SET LOCAL statement_timeout = {}", patience.left()?.as_millis().max(1));
        postgres(connection)?.batch_execute(&left)?;
        answers.push(match matching_on(connection, &Source::Postgres, known, access, query, *limit) {
            Ok(matches) => Ok(matches.into_iter().map(|found| (found.ty, found.id)).collect()),
            // The transaction is sound: others of the batch don't mind.
            Err(error @ (StoreError::Building { .. } | StoreError::TooOld | StoreError::Unindexed(_))) => {
                Err(error)
            }
            Err(error) => return Err(error),
        });
    }
    // As a writer's connection has it.
    postgres(connection)?.batch_execute("SET LOCAL statement_timeout = '120s'")?;
    Ok(answers)
}
