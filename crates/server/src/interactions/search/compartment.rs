//! Searches within what belongs to one resource: <https://hl7.org/fhir/R4/search.html#compartment>

use crate::app::App;
use crate::error::Error;
use crate::routes::Segments;
use rushlight_model::{Id, ResourceType};
use rushlight_search::query::{Clause, Condition, Reader};

/// A compartment, and what is searched for in it.
#[derive(Clone, Debug)]
pub struct Compartment {
    /// The type of the resource that it is around.
    around: ResourceType,
    /// Its id.
    id: Id,
    /// The types that are searched.
    pub members: Vec<ResourceType>,
}

impl Compartment {
    /// Of a path whose last segment is a type, or `*` for all that can be in the compartment.
    ///
    /// # Errors
    /// 404 for what is no type, has no compartment, or is in none of this kind.
    pub fn of(app: &App, segments: &Segments, member: &str) -> Result<Self, Error> {
        let (around, id) = (segments.ty(&app.checks)?, segments.id()?);
        let registry = app.store.registry();
        let compartments = registry.definitions().compartments();
        let Some(definition) = compartments.iter().find(|compartment| compartment.code == around.name())
        else {
            let known = compartments.iter().map(|compartment| compartment.code).collect();
            return Err(Error::NoCompartment { around, known });
        };
        let mut within: Vec<ResourceType> = definition
            .members
            .iter()
            .filter(|member| !member.parameters.is_empty())
            .filter_map(|member| ResourceType::from_name(member.resource))
            .collect();
        within.sort();
        if member != "*" {
            let ty = app.checks.type_named(member)?;
            if !within.contains(&ty) {
                return Err(Error::NotInCompartment { around, ty });
            }
            within = vec![ty];
        }
        Ok(Self { around, id, members: within })
    }

    /// That a resource of one of these types is in it.
    pub fn clause(&self, reader: &Reader<'_>, types: &[ResourceType]) -> Clause {
        let (around, id) = (self.around.name(), &self.id);
        let types = if types.is_empty() { &self.members } else { types };
        let within = |ty: &ResourceType| {
            let condition = reader.compartment((self.around, &self.id), *ty)?;
            Some(match types {
                [_] => condition,
                _ => Condition::All(vec![Condition::Types(vec![*ty]), condition]),
            })
        };
        let mut any: Vec<Condition> = types.iter().filter_map(within).collect();
        let condition = match (any.len(), any.pop()) {
            (1, Some(condition)) => condition,
            (_, last) => {
                any.extend(last);
                Condition::Any(any)
            }
        };
        Clause {
            name: around.to_owned(),
            value: id.to_string(),
            meaning: format!("in the compartment of {around}/{id}"),
            condition,
        }
    }
}
