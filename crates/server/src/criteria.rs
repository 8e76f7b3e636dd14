//! The criteria of conditional interactions: <https://hl7.org/fhir/R4/http.html#ccreate>
//!
//! They are read as a search is, but always strictly: a criterion that was passed over, or has no value, would make others
//! match more.

use crate::context::Context;
use crate::error::Error;
use crate::interactions::search::{self, asked::is_result};
use crate::parameters::Parameters;
use crate::respond::shown;
use rushlight_model::ResourceType;
use rushlight_model::outcome::{Issue, IssueType};
use rushlight_persistence::{Access, Store};
use rushlight_search::query::{Clause, Query, Reading};
use std::sync::Arc;

/// Parameters, beside those that are about the answer, that are no criteria either.
const NO_CRITERIA: [&str; 7] = ["_type", "_sort", "_include", "_revinclude", "_graph", "_score", "_since"];

/// What a resource must match.
#[derive(Clone, Debug)]
pub struct Criteria {
    /// Its type.
    pub ty: ResourceType,
    /// What must hold of it.
    pub query: Arc<Query>,
}

impl Criteria {
    /// Reads the part of a URL after its question mark.
    ///
    /// # Errors
    /// As [`Self::of`]; 400 for what is not well encoded.
    pub async fn parse(context: &Context, ty: ResourceType, text: &str) -> Result<Self, Error> {
        Self::of(context, ty, Parameters::parse(text)?.pairs().to_vec()).await
    }

    /// Reads names and values.
    ///
    /// # Errors
    /// 400 for a parameter that is not known or is none of a condition, for a value that can't be, and where there is
    /// no criterion at all.
    pub async fn of(
        context: &Context,
        ty: ResourceType,
        pairs: Vec<(String, String)>,
    ) -> Result<Self, Error> {
        let is_none = |(name, _): &&(String, String)| {
            let name = name.split(':').next().unwrap_or_default();
            NO_CRITERIA.contains(&name) || is_result(name)
        };
        if let Some((name, _)) = pairs.iter().find(is_none) {
            let text = format!("the parameter {} is no criterion: leave it out", shown(name));
            return Err(Error::Invalid(Issue::error(IssueType::Invalid, text).into()));
        }
        if let Some((name, _)) = pairs.iter().find(|(_, value)| value.is_empty()) {
            let text = format!("the criterion {} has no value: give it one, or leave it out", shown(name));
            return Err(Error::Invalid(Issue::error(IssueType::Required, text).into()));
        }
        let base = context.app.base.clone();
        // What stored value sets and hierarchies say may have to be read.
        let work = move |store: &Store, access: &Access| {
            let now = chrono::Utc::now().timestamp_micros();
            search::reading(&base, store, access, (&[ty], &pairs, now), |_, _| {})
        };
        let Reading { query, problems } = context.read(work).await?;
        if !problems.is_empty() {
            return Err(search::refused(problems));
        }
        if query.clauses.is_empty() {
            let text = "a condition has one criterion at least, as in identifier=system|value";
            return Err(Error::Invalid(Issue::error(IssueType::Required, text).into()));
        }
        Ok(Self { ty, query: Arc::new(query) })
    }

    /// Reads them again: what is indexed has changed.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub async fn again(&self, context: &Context) -> Result<Self, Error> {
        let pair = |clause: &Clause| (clause.name.clone(), clause.value.clone());
        Self::of(context, self.ty, self.query.clauses.iter().map(pair).collect()).await
    }
}
