//! The resources that a resource contains.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use rushlight_model::json::Value;
use rushlight_model::{Id, ResourceType};

use super::members::{items, members, said};

/// The types of a resource and of those that it contains: found once, when a reference first asks for them.
#[derive(Debug)]
pub(crate) struct Contained<'t> {
    resource: Value<'t>,
    found: OnceCell<(i64, HashMap<String, i64>)>,
}

impl<'t> Contained<'t> {
    /// Those of a resource.
    pub(crate) fn of(resource: Value<'t>) -> Self {
        Self { resource, found: OnceCell::new() }
    }

    /// The number of the type of what `#` and this id refer to, the resource itself without one; 0 if that is nothing.
    pub(super) fn type_of(&self, id: &str) -> i64 {
        let (own, by_id) = self.found.get_or_init(|| find(self.resource));
        if id.is_empty() { *own } else { by_id.get(id).copied().unwrap_or(0) }
    }
}

/// A resource that is contained in another one.
#[derive(Clone, Debug)]
pub(crate) struct Inner<'t> {
    pub(crate) id: Id,
    pub(crate) ty: ResourceType,
    pub(crate) resource: Value<'t>,
}

impl<'t> Inner<'t> {
    /// Those of a resource that can be referred to: they have an id, and of several with one id the first counts.
    pub(crate) fn all(resource: Value<'t>) -> impl Iterator<Item = Self> {
        let mut seen = HashSet::new();
        items(resource.get("contained")).filter_map(move |resource| {
            let [id, ty] = members(Some(resource), ["id", "resourceType"]);
            let id = said(id);
            if !seen.insert(id.clone().into_owned()) {
                return None;
            }
            Some(Self { id: Id::new(&id).ok()?, ty: ResourceType::from_name(&said(ty))?, resource })
        })
    }
}

/// Of several with one id, the first counts.
fn find(resource: Value<'_>) -> (i64, HashMap<String, i64>) {
    let [own, contained] = members(Some(resource), ["resourceType", "contained"]);
    let mut by_id = HashMap::new();
    for one in items(contained) {
        let [id, ty] = members(Some(one), ["id", "resourceType"]);
        by_id.entry(said(id).into_owned()).or_insert_with(|| number_of(&said(ty)));
    }
    (number_of(&said(own)), by_id)
}

/// The number of a type; 0 for none.
pub(super) fn number_of(ty: &str) -> i64 {
    let known = if ty.is_empty() { None } else { ResourceType::from_name(ty) };
    known.map_or(0, |ty| i64::from(ty.number()))
}
