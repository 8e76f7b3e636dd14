//! Hierarchies of resources: what is part of what. <https://hl7.org/fhir/R4/references.html#circular>

use super::{OfStore, Why, asked};
use rushlight_model::{Id, ResourceType};
use rushlight_search::key::Value;
use rushlight_search::query::{Condition, Op, RowTest, Scalar};
use rushlight_search::{Entries, TableId};
use std::collections::HashSet;

/// Resources of one hierarchy that are looked at, at the most.
const MOST: usize = 1000;

impl OfStore<'_> {
    /// A resource and those whose references lead to it, at last; or those that its references lead to. The units are
    /// those of references between resources of this type.
    pub(super) fn hierarchy(
        &self,
        ty: ResourceType,
        id: &Id,
        units: &[i32],
        below: bool,
    ) -> Result<Vec<Id>, Why> {
        let mut seen: HashSet<Id> = HashSet::from([id.clone()]);
        let mut found = vec![id.clone()];
        let mut at = 0;
        while let Some(id) = found.get(at).cloned() {
            at += 1;
            let next = if below { self.children(ty, &id, units)? } else { self.parents(ty, &id, units)? };
            found.extend(next.into_iter().filter(|next| seen.insert(next.clone())));
            if found.len() > MOST {
                return Err(format!("the hierarchy has more than {MOST} resources"));
            }
        }
        Ok(found)
    }

    fn children(&self, ty: ResourceType, id: &Id, units: &[i32]) -> Result<Vec<Id>, Why> {
        let test = RowTest::any(TableId::REFERENCE, units.to_vec())
            .and(0, Op::Is(Scalar::Bytes(id.to_key())))
            .and(1, Op::Is(Scalar::Int(i64::from(ty.number()))));
        self.matching(&asked(ty, Condition::Row(test)), MOST + 1)
    }

    fn parents(&self, ty: ResourceType, id: &Id, units: &[i32]) -> Result<Vec<Id>, Why> {
        let Some(resource) = self.read(ty, id)? else { return Ok(Vec::new()) };
        let mut entries = Entries::default();
        self.registry.extract(resource.root(), &mut entries);
        let references = entries.iter().filter(|entry| {
            entry.ordinal == 0 && entry.table == TableId::REFERENCE && units.contains(&entry.unit())
        });
        let target = |entry: rushlight_search::Entry<'_>| {
            let mut values = entry.values();
            match (values.next()?, values.next()?) {
                (Value::Bytes(target), Value::Int(number)) if number == i64::from(ty.number()) => {
                    Id::from_key(&target).ok()
                }
                _ => None,
            }
        };
        Ok(references.filter_map(target).collect())
    }
}
