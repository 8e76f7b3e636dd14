//! What only stored resources, or FHIR's own definitions, can answer of a search: which codes a value set holds, how
//! codes and resources are arranged in hierarchies.
//!
//! What can't be decided is told as such, so that a search is refused rather than answered by a guess.

mod codes;
mod tree;
mod value_set;

use codes::Concepts;
use rushlight_model::definitions::Definitions;
use rushlight_model::json::{Limits, Tree, Value};
use rushlight_model::{Id, ResourceType};
use rushlight_persistence::{Access, Read, Store, StoreError};
use rushlight_search::query::{Clause, Condition, Op, Query, RowTest, Scalar, Stored, Told};
use rushlight_search::{Registry, TableId, cut};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// Codes and resources that an answer holds, at the most.
const MOST: usize = 10_000;
/// Questions that the store is asked for one request, at the most.
const READS: usize = 1100;

/// The resources that a caller may see.
pub struct OfStore<'s> {
    store: &'s Store,
    access: &'s Access,
    registry: Arc<Registry>,
    reads: Cell<usize>,
    systems: RefCell<HashMap<String, Option<Rc<Concepts>>>>,
    failure: RefCell<Option<StoreError>>,
}

/// Why something can't be told, in words that follow a colon.
pub type Why = String;

impl<'s> OfStore<'s> {
    /// For one request.
    pub fn new(store: &'s Store, access: &'s Access, registry: Arc<Registry>) -> Self {
        Self {
            store,
            access,
            registry,
            reads: Cell::new(0),
            systems: RefCell::default(),
            failure: RefCell::default(),
        }
    }

    /// Why the store did not answer, if it did not.
    pub fn failure(&self) -> Option<StoreError> {
        self.failure.borrow_mut().take()
    }

    fn definitions(&self) -> &'static Definitions {
        self.registry.definitions()
    }

    /// Keeps why the store did not answer; what is said instead does not matter.
    fn kept<T>(&self, result: Result<T, StoreError>) -> Result<T, Why> {
        result.map_err(|error| {
            *self.failure.borrow_mut() = Some(error);
            "the store did not answer".to_owned()
        })
    }

    /// Counts a question to the store.
    fn count(&self) -> Result<(), Why> {
        let reads = self.reads.get() + 1;
        if reads > READS {
            return Err(format!("the store would have to be asked more than {READS} times for it"));
        }
        self.reads.set(reads);
        Ok(())
    }

    /// The current resource of an id.
    fn read(&self, ty: ResourceType, id: &Id) -> Result<Option<Tree>, Why> {
        self.count()?;
        match self.kept(self.store.read(self.access, ty, id))? {
            Read::Found(version) => Ok(Tree::parse(version.body.as_bytes(), &Limits::UNBOUNDED).ok()),
            Read::Gone { .. } | Read::Missing => Ok(None),
        }
    }

    /// The resources that a query matches now, in the order of their creation; no more than `limit`.
    fn matching(&self, query: &Query, limit: usize) -> Result<Vec<Id>, Why> {
        self.count()?;
        let found = self.kept(self.store.matching(self.access, query, limit))?;
        Ok(found.into_iter().map(|found| found.id).collect())
    }

    /// The stored resource of a canonical URL, perhaps with a version; `None` where there is none.
    fn canonical(&self, ty: &str, url: &str) -> Result<Option<Tree>, Why> {
        /// Versions of one resource that are told apart.
        const VERSIONS: usize = 20;
        let Some(ty) = ResourceType::from_name(ty) else { return Ok(None) };
        let (url, wanted) = url.split_once('|').map_or((url, None), |(url, version)| (url, Some(version)));
        let Some(parameter) = self.registry.parameter(ty, "url") else { return Ok(None) };
        let units = parameter.units().iter().map(|unit| unit.number).collect();
        let test = RowTest::any(TableId::URI, units).and(0, Op::Is(Scalar::Text(cut(url).into_owned())));
        let mut found = Vec::new();
        let stored = self.matching(&asked(ty, Condition::Row(test)), VERSIONS + 1)?;
        if stored.len() > VERSIONS {
            return Err(format!("more than {VERSIONS} versions of it are stored"));
        }
        for id in stored {
            let Some(tree) = self.read(ty, &id)? else { continue };
            let version = text(tree.root(), "version");
            // The index has long texts cut.
            if text(tree.root(), "url") == url && wanted.is_none_or(|wanted| wanted == version) {
                found.push(tree);
            }
        }
        match found.len() {
            0 | 1 => Ok(found.pop()),
            _ => Err("several versions of it are stored: say which, as in url|version".to_owned()),
        }
    }
}

/// A query of one condition.
fn asked(ty: ResourceType, condition: Condition) -> Query {
    let mut query = Query::all(vec![ty]);
    let (name, value, meaning) = Default::default();
    query.clauses.push(Clause { name, value, meaning, condition });
    query
}

/// What a member says, or nothing.
fn text(value: Value<'_>, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().into_owned()
}

/// The items of a member that is an array.
fn items<'t>(value: Value<'t>, name: &str) -> impl Iterator<Item = Value<'t>> + use<'t> {
    value.get(name).into_iter().flat_map(Value::children)
}

impl Stored for OfStore<'_> {
    fn codes(&self, value_set: &str) -> Told<(String, String)> {
        self.expanded(value_set)
    }

    fn related_codes(&self, system: &str, code: &str, below: bool) -> Told<String> {
        self.related_in(system, code, below)
    }

    fn related(&self, ty: ResourceType, id: &Id, units: &[i32], below: bool) -> Told<Id> {
        self.hierarchy(ty, id, units, below).map(Some)
    }
}
