//! Compartments: <https://hl7.org/fhir/R4/compartmentdefinition.html>.

use rushlight_model::{Id, ResourceType};

use super::Reader;
use crate::query::{Condition, Op, RowTest, Scalar};
use crate::table::TableId;

impl Reader<'_> {
    /// What holds of resources of a type that are in the compartment of a resource, as the release defines it; `None`,
    /// if none of them can be in it.
    ///
    /// ```
    /// use rushlight_model::definitions::Release;
    /// use rushlight_model::{Id, ResourceType};
    /// use rushlight_search::Registry;
    /// use rushlight_search::query::{NothingStored, Reader};
    ///
    /// let registry = Registry::standard(Release::R4);
    /// let reader = Reader { registry: &registry, now: 0, base: "", stored: &NothingStored };
    /// let ty = |name| ResourceType::from_name(name).ok_or("unknown");
    /// let id = Id::new("p1")?;
    /// assert!(reader.compartment((ty("Patient")?, &id), ty("Observation")?).is_some());
    /// assert!(reader.compartment((ty("Patient")?, &id), ty("Medication")?).is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn compartment(&self, (around, id): (ResourceType, &Id), ty: ResourceType) -> Option<Condition> {
        let key = || Op::Is(Scalar::Bytes(id.to_key()));
        if around.name() == crate::registry::MATERIALISED {
            let unit = self.registry.patient_compartment(ty)?;
            return Some(Condition::Row(RowTest::any(TableId::COMPARTMENT, vec![unit]).and(0, key())));
        }
        let compartments = self.registry.definitions().compartments();
        let compartment = compartments.iter().find(|compartment| compartment.code == around.name())?;
        let member = compartment.members.iter().find(|member| member.resource == ty.name())?;
        let mut parts = Vec::new();
        if ty == around && member.parameters.contains(&"{def}") {
            parts.push(Condition::Ids(vec![id.clone()]));
        }
        let parameters = member.parameters.iter().filter_map(|code| self.registry.parameter(ty, code));
        let mut units: Vec<i32> = parameters.flat_map(|parameter| parameter.units_to(around)).collect();
        units.sort_unstable();
        units.dedup();
        if !units.is_empty() {
            let leads = RowTest::any(TableId::REFERENCE, units)
                .and(0, key())
                .and(1, Op::Is(Scalar::Int(i64::from(around.number()))));
            parts.push(Condition::Row(leads));
        }
        if parts.is_empty() { None } else { Some(Condition::any(parts)) }
    }
}
