//! Compartments: <https://hl7.org/fhir/R4/compartmentdefinition.html>.

use super::lines::{Fields, lines};

/// What belongs to one resource: to a patient, for instance.
#[derive(Debug, PartialEq, Eq)]
pub struct Compartment {
    /// The type of the resource that it is around.
    pub code: &'static str,
    /// Its canonical URL.
    pub url: &'static str,
    /// The resource types that can be in it.
    pub members: Vec<CompartmentMember>,
}

/// A resource type that can be in a compartment.
#[derive(Debug, PartialEq, Eq)]
pub struct CompartmentMember {
    /// The resource type.
    pub resource: &'static str,
    /// A resource is in if one of these search parameters leads to the compartment's; `{def}`: if it is that itself.
    pub parameters: Box<[&'static str]>,
}

/// Reads the text of `compartments.tsv`.
pub(super) fn load(text: &'static str) -> Box<[Compartment]> {
    let mut compartments: Vec<Compartment> = Vec::new();
    for (kind, fields) in lines(text) {
        match (kind, compartments.last_mut()) {
            ("compartment", _) => compartments.extend(compartment(fields)),
            ("in", Some(compartment)) => compartment.members.extend(member(fields)),
            _ => {}
        }
    }
    compartments.into_boxed_slice()
}

fn compartment(mut fields: Fields) -> Option<Compartment> {
    Some(Compartment { code: fields.next()?, url: fields.next()?, members: Vec::new() })
}

fn member(mut fields: Fields) -> Option<CompartmentMember> {
    Some(CompartmentMember { resource: fields.next()?, parameters: fields.rest() })
}
