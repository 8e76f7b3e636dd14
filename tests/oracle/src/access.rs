//! What a caller may see, by rules that must all hold.

use crate::json::Json;
use crate::world::is_in_compartment;
use rushlight_model::definitions::Release;
use rushlight_model::{Id, ResourceType};

/// A rule of what may be seen.
#[derive(Clone, Debug)]
pub enum Rule {
    /// Only these types.
    Types(Vec<ResourceType>),
    /// Only what is in this patient's compartment, and of these types everything.
    Patient(Id, Vec<ResourceType>),
    /// Nothing that has one of these labels in `meta.security`: systems and codes.
    Hidden(Vec<(String, String)>),
}

/// Whether a resource may be seen.
pub fn may_see(rules: &[Rule], release: Release, json: &Json) -> bool {
    let ty = json.text_of("resourceType").and_then(ResourceType::from_name).unwrap();
    rules.iter().all(|rule| match rule {
        Rule::Types(types) => types.contains(&ty),
        Rule::Patient(id, shared) => {
            let patient = ResourceType::from_name("Patient").unwrap();
            shared.contains(&ty) || is_in_compartment(release, json, (patient, id))
        }
        Rule::Hidden(labels) => {
            let own = json.get("meta").map_or(&[][..], |meta| meta.all("security"));
            let is = |label: &Json, (system, code): &(String, String)| {
                label.text_of("system") == Some(system) && label.text_of("code") == Some(code)
            };
            !own.iter().any(|label| labels.iter().any(|hidden| is(label, hidden)))
        }
    })
}
