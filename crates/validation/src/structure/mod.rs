//! The structure of resources, against the definitions of a release.
//!
//! One walk over the tree. What is asked of each element is in tables made once per release ([`facts`]); a walk
//! that finds nothing wrong allocates next to nothing.

mod coded;
mod facts;
mod path;
mod reference;
mod walk;

use crate::problem::Problem;
use facts::Facts;
use rushlight_model::definitions::{Definitions, Release};
use rushlight_model::json::Value;
use std::borrow::Cow;
use walk::Walk;

/// Problems of one resource that are told, at most: more help nobody.
pub const MOST: usize = 200;

/// Checks the structure of resources of one release.
#[derive(Debug)]
pub struct Validator {
    definitions: &'static Definitions,
    facts: Facts,
}

impl Validator {
    /// For the resources of a release.
    #[must_use]
    pub fn new(release: Release) -> Self {
        let definitions = Definitions::of(release);
        Self { definitions, facts: Facts::new(definitions) }
    }

    /// The release.
    #[must_use]
    pub fn release(&self) -> Release {
        self.definitions.release()
    }

    /// Everything that is wrong with the structure of a resource: nothing where it keeps all rules. At most
    /// [`MOST`] problems are told, then one that says that there are more.
    #[must_use]
    pub fn check(&self, resource: Value<'_>) -> Vec<Problem> {
        let name = resource.get("resourceType").and_then(Value::as_str).unwrap_or(Cow::Borrowed("Resource"));
        let is_name = (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphabetic());
        self.check_at(resource, if is_name { &name } else { "Resource" })
    }

    /// The same of a resource that is part of something: its expressions begin with `place`, as
    /// `Bundle.entry[3].resource`.
    #[must_use]
    pub fn check_at(&self, resource: Value<'_>, place: &str) -> Vec<Problem> {
        self.walk(Walk::new(self, resource, place, true), resource)
    }

    /// The same of a Bundle without the resources in it, each of which is checked by itself.
    #[must_use]
    pub fn check_bundle(&self, bundle: Value<'_>) -> Vec<Problem> {
        self.walk(Walk::new(self, bundle, "Bundle", false), bundle)
    }

    fn walk<'t>(&self, mut walk: Walk<'_, 't>, resource: Value<'t>) -> Vec<Problem> {
        walk.root(resource);
        walk.finish()
    }
}

#[cfg(test)]
mod tests;
