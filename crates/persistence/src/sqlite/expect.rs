//! What queries match as of what is committed, asked by the writer: a reader's connection does not see its transaction.

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::index::rows::viewed;
use crate::search::matching_on;
use crate::sqlite::deadline;
use crate::sqlite::files::Files;
use crate::sqlite::tail::Tail;
use crate::units::Known;
use crate::write::expect::{Answer, Patience, Question};

/// The writer's own reading connection; made when first needed, and again after it failed.
pub(crate) struct Judges {
    files: Files,
    connection: Option<AnyConnection>,
}

impl Judges {
    /// One that connects when first needed.
    pub(crate) fn new(files: Files) -> Self {
        Self { files, connection: None }
    }

    /// The answers to the questions of a batch, all as of one moment.
    pub(crate) fn ask(
        &mut self,
        tail: &Tail,
        known: &Known,
        questions: &[Question<'_>],
    ) -> Result<Vec<Answer>, StoreError> {
        if questions.is_empty() {
            return Ok(Vec::new());
        }
        // Kept only if all goes well: it might hold a transaction.
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => AnyConnection::Sqlite(self.files.open_reader()?),
        };
        let patience = Patience::begin();
        let answers = viewed(&mut connection, Some(tail), |connection, source| {
            let mut answer = |question: &Question<'_>| {
                let matches = deadline::within(patience.left()?, || {
                    matching_on(connection, source, known, question.access, question.query, question.limit)
                });
                Ok(matches?.into_iter().map(|found| (found.ty, found.id)).collect())
            };
            // What one can't be told about, such as a unit that is being built, does not concern the others.
            Ok(questions.iter().map(&mut answer).collect())
        });
        self.connection = answers.is_ok().then_some(connection);
        answers
    }
}
