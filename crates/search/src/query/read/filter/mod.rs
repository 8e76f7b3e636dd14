//! `_filter`: <https://hl7.org/fhir/R4/search_filter.html>.

mod meaning;
mod parse;

use rushlight_model::ResourceType;

use super::Search;
use super::clause::Asked;
use super::fault::{Fault, Result};

impl Search<'_> {
    /// What a filter asks for. It is one expression: commas are none of its own.
    pub(super) fn filter(&self, types: &[ResourceType], value: &str, depth: usize) -> Result<Asked> {
        let filter = parse::parse(value)?;
        let asked = self.filtered(types, &filter, depth).map_err(Fault::firm)?;
        Ok(Asked { words: format!("_filter: {}", asked.words), ..asked })
    }
}
