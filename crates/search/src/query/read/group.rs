//! The search parameters that one name stands for, on the types that are searched.

use rushlight_model::ResourceType;
use rushlight_model::definitions::SearchParameterType;

use super::fault::{Fault, Result, named, suggestion};
use super::{NO_TYPES, Reader};
use crate::registry::{Found, Parameter, UnitUse};
use crate::table::TableId;
use crate::values::Sort;

/// Parameters of one name and type of several resource types.
pub(super) struct Group<'r> {
    pub(super) parameter: &'r Parameter,
    pub(super) units: Vec<UnitUse>,
    /// The resource types.
    pub(super) types: Vec<ResourceType>,
    /// The types that their references may lead to; any, if there are none.
    pub(super) targets: Vec<ResourceType>,
}

/// What is known although it is no parameter of a resource.
const KNOWN: [&str; 8] = ["_has", "_list", "_filter", "_query", "_type", "_sort", "_include", "_revinclude"];

impl<'r> Reader<'r> {
    /// The parameters of this name; each of the types must have it.
    pub(super) fn groups(&self, types: &[ResourceType], code: &str) -> Result<Vec<Group<'r>>> {
        let mut groups: Vec<Group<'r>> = Vec::new();
        let mut without = Vec::new();
        for ty in types {
            let Some(parameter) = self.registry.parameter(*ty, code) else {
                without.push(*ty);
                continue;
            };
            if let Found::Nowhere(why) = parameter.found {
                return Err(nowhere(code, *ty, why));
            }
            let alike = |group: &&mut Group<'r>| {
                group.parameter.ty == parameter.ty
                    && std::mem::discriminant(&group.parameter.found)
                        == std::mem::discriminant(&parameter.found)
                    && parameter.ty != SearchParameterType::Composite
            };
            match groups.iter_mut().find(alike) {
                Some(group) => {
                    group.units.extend_from_slice(parameter.units());
                    group.types.push(*ty);
                    if group.targets.is_empty() || parameter.targets.is_empty() {
                        group.targets.clear();
                    } else {
                        group.targets.extend(&parameter.targets);
                        group.targets.sort_unstable();
                        group.targets.dedup();
                    }
                }
                None => {
                    let (units, targets) = (parameter.units().to_vec(), parameter.targets.to_vec());
                    groups.push(Group { parameter, units, types: vec![*ty], targets });
                }
            }
        }
        // Narratives are not in all resources.
        let is_enough = without.is_empty() || code == "_text" && !groups.is_empty();
        if is_enough { Ok(groups) } else { Err(self.missing(types, &without, code)) }
    }

    fn missing(&self, types: &[ResourceType], without: &[ResourceType], code: &str) -> Fault {
        let Some(first) = without.first() else { return Fault::unknown("it is unknown") };
        if types.len() > 1 && without.len() < types.len() {
            let more = match without.len() - 1 {
                0 => String::new(),
                more => format!(" and {more} more of the types that are searched"),
            };
            let text = format!("there is no search parameter {} for {first}{more}", named(code));
            return Fault::unknown(format!("{text}; name types that have it by _type"));
        }
        let known = types.iter().take(1).flat_map(|ty| self.registry.parameters(*ty));
        let known = known.map(|parameter| &*parameter.code).chain(KNOWN);
        if KNOWN.contains(&code) {
            return Fault::unknown(format!("{code} is no property of a resource: it has no place here"));
        }
        let of = if types.len() == 1 { format!("for {first}") } else { "for all resources".to_owned() };
        let near = suggestion(code, known);
        Fault::unknown(format!("there is no search parameter {} {of}{near}", named(code)))
    }

    /// The parameter by which a reference of a type is followed.
    pub(super) fn link(&self, ty: ResourceType, code: &str) -> Result<&'r Parameter> {
        let Some(parameter) = self.registry.parameter(ty, code) else {
            let known = self.registry.parameters(ty).iter();
            let known = known.filter(|known| known.ty == SearchParameterType::Reference);
            let near = suggestion(code, known.map(|known| &*known.code));
            return Err(Fault::unknown(format!(
                "there is no search parameter {} for {ty}{near}",
                named(code)
            )));
        };
        if parameter.ty != SearchParameterType::Reference {
            let own = parameter.ty.code();
            return Err(Fault::value(format!(
                "{code} of {ty} is of the type {own}: only references lead on"
            )));
        }
        match parameter.found {
            Found::Units(_) if parameter.canonical => Err(Fault::unsupported(format!(
                "{code} of {ty} holds canonical URLs, which are not followed: search by the URL itself, as {code}=[url]"
            ))),
            Found::Units(_) => Ok(parameter),
            Found::Nowhere(why) => Err(nowhere(code, ty, why)),
            Found::Id | Found::LastUpdated => Err(Fault::value(format!("{code} leads nowhere"))),
        }
    }
}

fn nowhere(code: &str, ty: ResourceType, why: &str) -> Fault {
    let setting = if matches!(code, "_text" | "_content") { " (setting words)" } else { "" };
    Fault::unsupported(format!("{code} of {ty} can't be searched for: {why}{setting}"))
}

impl Parameter {
    /// The types that its references may lead to; any, if there are none.
    pub(super) fn leads_to(&self, ty: ResourceType) -> bool {
        self.targets.is_empty() || self.targets.contains(&ty)
    }

    /// The units of its references that may lead to a type.
    pub(super) fn units_to(&self, ty: ResourceType) -> Vec<i32> {
        let leads = |unit: &&UnitUse| unit.target.is_none_or(|target| target == ty);
        self.units().iter().filter(leads).map(|unit| unit.number).collect()
    }
}

impl Group<'_> {
    pub(super) fn is(&self, ty: SearchParameterType) -> bool {
        self.parameter.ty == ty
    }

    /// The sort of its entries; none of a composite.
    pub(super) fn sort(&self) -> Option<Sort> {
        match self.parameter.ty {
            SearchParameterType::Special => Some(Sort::Position),
            ty => crate::registry::plain_sort(ty),
        }
    }

    /// The tables where there is an entry of each element that it finds.
    pub(super) fn tables(&self, reader: &Reader<'_>) -> Vec<TableId> {
        match self.sort() {
            Some(sort) => vec![crate::program::usual_table(sort)],
            None => {
                let ty = self.types.first().or(NO_TYPES.first());
                let units = self.units.iter();
                let ways =
                    units.flat_map(|unit| ty.map_or(&[][..], |ty| reader.registry.ways(*ty, unit.number)));
                let mut tables: Vec<TableId> = ways.filter_map(|way| crate::program::table_of(way)).collect();
                tables.sort_unstable();
                tables.dedup();
                tables
            }
        }
    }
}
