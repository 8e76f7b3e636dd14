//! What a record must be before it is stored: JSON that can be a resource (else 400), and one that keeps the rules
//! of its release (else 422); and a search parameter that is active must say what can be indexed (else 422).

mod entries;
mod parameters;

use crate::error::Error;
use clap::ValueEnum;
use parameters::Parameters;
use rushlight_model::bundle::{self, Around, BatchEntry, Interaction, PlannedEntry, PlannedOp};
use rushlight_model::definitions::Release;
use rushlight_model::json::Tree;
use rushlight_model::outcome::{Issue, IssueType};
use rushlight_model::{Body, Id, Limits, ResourceType, tree};
use rushlight_persistence::Store;
use rushlight_validation::{Validator, issues};
use std::collections::HashMap;

/// How far records are checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Validation {
    /// Only that they are JSON with a known type and a valid id.
    Off,
    /// Also elements, types, formats, required codes, references and narratives, by the release's definitions.
    #[default]
    Structure,
}

/// The entries of a batch, each by its place.
pub type Batch = Vec<(usize, Result<PlannedOp, Error>)>;

/// A Bundle that asks for something to be done, checked.
#[derive(Debug)]
pub enum Planned {
    /// Each entry by itself.
    Batch(Batch),
    /// All or none.
    Transaction(Vec<PlannedEntry>),
}

/// The checks of one store.
pub struct Checks {
    release: Option<Release>,
    validator: Option<Validator>,
    limits: Limits,
    /// Where the records go.
    store: Option<Store>,
}

impl Checks {
    /// For the records of a store.
    pub fn new(store: &Store, validation: Validation, limits: Limits) -> Self {
        let release = store.release();
        let validator = match validation {
            Validation::Off => None,
            Validation::Structure => Some(Validator::new(release)),
        };
        Self { release: Some(release), validator, limits, store: Some(store.clone()) }
    }

    /// Only what can be checked of a record that goes to another server, which checks it itself.
    pub fn elsewhere(limits: Limits) -> Self {
        Self { release: None, validator: None, limits, store: None }
    }

    /// The type of a name, if the release has it.
    ///
    /// # Errors
    /// 404, with the nearest.
    pub fn type_named(&self, name: &str) -> Result<ResourceType, Error> {
        let known = ResourceType::from_name(name).filter(|ty| self.knows(*ty));
        known.ok_or_else(|| Error::UnknownType {
            name: name.to_owned(),
            release: self.release.unwrap_or(Release::R4),
        })
    }

    fn knows(&self, ty: ResourceType) -> bool {
        self.release.is_none_or(|release| ty.in_release(release))
    }

    /// Reads a resource that must be of this type and, if one is given, have this id.
    ///
    /// # Errors
    /// 400 for what can't be such a resource; 422, with every problem, for one that breaks rules.
    pub fn resource(&self, bytes: &[u8], ty: ResourceType, id: Option<&Id>) -> Result<Body, Error> {
        let tree = tree(bytes, &self.limits)?;
        let broken = self.rules(&tree, bytes).and_then(|()| {
            let of = self.parameters(ty);
            of.map_or(Ok(()), |mut of| {
                of.add(tree.root(), id.map(Id::as_str), bytes).map_err(Error::BreaksRules)
            })
        });
        let body = Body::from_tree(tree, bytes)?;
        let mismatch = |element, what| {
            let expression = format!("{}.{element}", body.resource_type());
            Err(Error::Mismatch { expression, what })
        };
        if body.resource_type() != ty {
            return mismatch("resourceType", "the resource is not of the type in the URL");
        }
        if id.is_some_and(|id| body.id() != Some(id.as_str())) {
            return mismatch("id", "the resource must have the id of the URL");
        }
        broken?;
        Ok(body)
    }

    /// Plans a batch or transaction of at most `most` entries; `new_id` gives the ids of new resources, and
    /// `around` says what must be known of the store.
    ///
    /// # Errors
    /// 400 for what can't be carried out; 413 for too many entries; 422 for a Bundle that breaks rules, or for a
    /// resource of a transaction that does.
    pub fn bundle(
        &self,
        bytes: &[u8],
        most: usize,
        new_id: &mut dyn FnMut() -> Id,
        around: &dyn Around,
    ) -> Result<Planned, Error> {
        let tree = tree(bytes, &self.limits)?;
        if bundle::count(tree.root()) > most {
            return Err(Error::TooManyEntries { limit: most });
        }
        match Interaction::of(tree.root()) {
            Some(Interaction::Batch) => self.batch(&tree, bytes, new_id).map(Planned::Batch),
            _ => self.whole(&tree, bytes, new_id, around).map(Planned::Transaction),
        }
    }

    /// Plans a transaction whose references name no version that is still to come.
    ///
    /// # Errors
    /// As [`Self::bundle`].
    pub fn transaction(
        &self,
        bytes: &[u8],
        new_id: &mut dyn FnMut() -> Id,
    ) -> Result<Vec<PlannedEntry>, Error> {
        self.whole(&tree(bytes, &self.limits)?, bytes, new_id, &())
    }

    fn whole(
        &self,
        tree: &Tree,
        bytes: &[u8],
        new_id: &mut dyn FnMut() -> Id,
        around: &dyn Around,
    ) -> Result<Vec<PlannedEntry>, Error> {
        let entries = bundle::plan(tree, bytes, new_id, around).map_err(Error::Invalid)?;
        self.rules(tree, bytes)?;
        let mut parameters = None;
        for entry in &entries {
            self.of_release(entry.index, &entry.op)?;
            self.parameter(tree, bytes, (entry.index, &entry.op), &mut parameters)?;
        }
        Ok(entries)
    }

    fn batch(&self, tree: &Tree, bytes: &[u8], new_id: &mut dyn FnMut() -> Id) -> Result<Batch, Error> {
        let entries = bundle::plan_batch(tree, bytes, new_id).map_err(Error::Invalid)?;
        let mut broken = match &self.validator {
            Some(validator) => entries::broken(validator, tree, bytes).map_err(Error::BreaksRules)?,
            None => HashMap::new(),
        };
        let checked = |BatchEntry { index, op }: BatchEntry| {
            let op = op.map_err(Error::Invalid).and_then(|op| match broken.remove(&index) {
                Some(issues) => Err(Error::BreaksRules(issues)),
                None => self
                    .of_release(index, &op)
                    .and_then(|()| self.parameter(tree, bytes, (index, &op), &mut None))
                    .map(|()| op),
            });
            (index, op)
        };
        Ok(entries.into_iter().map(checked).collect())
    }

    /// Whether what an entry writes is of the store's release.
    fn of_release(&self, index: usize, op: &PlannedOp) -> Result<(), Error> {
        let ty = match op {
            PlannedOp::Create { body, .. } => body.resource_type(),
            PlannedOp::Put { ty, .. }
            | PlannedOp::Delete { ty, .. }
            | PlannedOp::Exists { ty, .. }
            | PlannedOp::DeleteFound { ty, .. }
            | PlannedOp::Conditional { ty, .. } => *ty,
            PlannedOp::Get { .. } => return Ok(()),
        };
        if self.knows(ty) {
            return Ok(());
        }
        let text = "the type in the url is none of this store's release of FHIR";
        let issue = Issue::error(IssueType::NotSupported, text);
        Err(Error::Invalid(issue.at(format!("Bundle.entry[{index}].request.url")).into()))
    }

    /// The search parameters of the store, if a type is that of their resources.
    fn parameters(&self, ty: ResourceType) -> Option<Parameters> {
        self.store.as_ref().filter(|_| ty.name() == "SearchParameter").map(Parameters::of)
    }

    /// Whether the search parameter that an entry writes, if it does, can be indexed beside those before it.
    fn parameter(
        &self,
        tree: &Tree,
        bytes: &[u8],
        (index, op): (usize, &PlannedOp),
        parameters: &mut Option<Parameters>,
    ) -> Result<(), Error> {
        let (ty, id) = match op {
            PlannedOp::Create { body, .. } => (body.resource_type(), None),
            PlannedOp::Put { ty, id, .. } => (*ty, Some(id.as_str())),
            PlannedOp::Conditional { ty, body: Some(body), .. } => (*ty, body.id()),
            _ => return Ok(()),
        };
        if parameters.is_none() {
            *parameters = self.parameters(ty);
        }
        let entry = || tree.root().get("entry")?.children().nth(index)?.get("resource");
        match (parameters, entry()) {
            (Some(parameters), Some(resource)) => {
                parameters.add(resource, id, bytes).map_err(Error::BreaksRules)
            }
            _ => Ok(()),
        }
    }

    fn rules(&self, tree: &Tree, bytes: &[u8]) -> Result<(), Error> {
        let problems =
            self.validator.as_ref().map_or_else(Vec::new, |validator| validator.check(tree.root()));
        if problems.is_empty() { Ok(()) } else { Err(Error::BreaksRules(issues(&problems, bytes))) }
    }
}
