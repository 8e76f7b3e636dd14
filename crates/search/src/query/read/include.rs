//! `_include` and `_revinclude`: <https://hl7.org/fhir/R4/search.html#revinclude>.

use rushlight_model::ResourceType;
use rushlight_model::definitions::SearchParameterType;

use super::Reader;
use super::fault::{Fault, Result, listed, named};
use super::limits::INCLUDES;
use super::rows::by_target;
use crate::query::Include;
use crate::registry::{Parameter, UnitUse};

impl Reader<'_> {
    pub(super) fn include(
        &self,
        types: &[ResourceType],
        name: &str,
        value: &str,
        reverse: bool,
        out: &mut Vec<Include>,
    ) -> Result<()> {
        let (name, modifier) = name.split_once(':').unwrap_or((name, ""));
        let iterate = match modifier {
            "" => false,
            "iterate" => true,
            "recurse" => {
                return Err(Fault::unsupported(format!(":recurse is R3's name: write {name}:iterate")));
            }
            other => {
                let text = format!("{name} has the modifier :iterate only, not :{}", named(other));
                return Err(Fault::unsupported(text));
            }
        };
        let found = self.included(types, value, reverse)?;
        if out.len() + found.len() > INCLUDES.max(types.len() * 4) {
            return Err(Fault::costly(format!("there are {INCLUDES} values of {name} at the most")));
        }
        let includes = found.into_iter().map(|(source, units, targets)| Include {
            text: value.to_owned(),
            source,
            units,
            targets,
            iterate,
        });
        out.extend(includes);
        Ok(())
    }

    /// The types, units and targets of a value.
    fn included(&self, types: &[ResourceType], value: &str, reverse: bool) -> Result<Vec<Found>> {
        if value == "*" {
            if reverse {
                let text = "* would be all references of all types: write a type, as in Provenance:*";
                return Err(Fault::unsupported(text));
            }
            if types.is_empty() {
                return Err(Fault::unsupported("* needs a type that is searched: name some by _type"));
            }
            let each = types.iter().map(|ty| self.everything(*ty, None)).collect::<Result<Vec<_>>>()?;
            return Ok(each.into_iter().flatten().collect());
        }
        let parts: Vec<&str> = value.split(':').collect();
        let (source, code, target) = match parts[..] {
            [source, code] => (source, code, None),
            [source, code, target] if !target.is_empty() => (source, code, Some(self.type_named(target)?)),
            _ => {
                let text = "it is [type]:[parameter] or [type]:[parameter]:[target type], as Observation:subject:Patient";
                return Err(Fault::value(text));
            }
        };
        let source = self.type_named(source)?;
        if code == "*" {
            return self.everything(source, target);
        }
        let parameter = self.link(source, code).map_err(Fault::firm)?;
        if let Some(target) = target.filter(|target| !parameter.leads_to(*target)) {
            let known = listed(parameter.targets.iter());
            return Err(Fault::value(format!(
                "{code} of {source} never leads to a {target}, but to {known}"
            )));
        }
        Ok(of_units(source, parameter.units(), target))
    }

    /// All references of a type.
    fn everything(&self, source: ResourceType, target: Option<ResourceType>) -> Result<Vec<Found>> {
        let is_reference =
            |parameter: &&Parameter| parameter.ty == SearchParameterType::Reference && !parameter.canonical;
        let all = self.registry.parameters(source).iter().filter(is_reference);
        let all: Vec<UnitUse> = all.flat_map(Parameter::units).copied().collect();
        let is_free = |unit: &UnitUse| unit.target.is_none();
        let free: Vec<i32> = all.iter().filter(|unit| is_free(unit)).map(|unit| unit.number).collect();
        // What is followed whatever it leads to is not followed again to one type.
        let units: Vec<UnitUse> =
            all.into_iter().filter(|unit| is_free(unit) || !free.contains(&unit.number)).collect();
        Ok(of_units(source, &units, target))
    }
}

type Found = (ResourceType, Vec<i32>, Vec<ResourceType>);

fn of_units(source: ResourceType, units: &[UnitUse], target: Option<ResourceType>) -> Vec<Found> {
    let by_target = by_target(units).into_iter();
    let meet = by_target.filter_map(|(own, units)| match (own, target) {
        (Some(own), Some(target)) if own != target => None,
        (own, target) => Some((source, units, own.or(target).into_iter().collect())),
    });
    meet.collect()
}
