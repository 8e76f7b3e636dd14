//! Modifiers: <https://hl7.org/fhir/R4/search.html#modifiers>.

use rushlight_model::ResourceType;
use rushlight_model::definitions::SearchParameterType;

use super::fault::{Fault, Result, listed, named, suggestion};
use crate::registry::modifiers_of;

/// How a parameter is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Modifier {
    Missing,
    Exact,
    Contains,
    Text,
    Not,
    OfType,
    Identifier,
    In,
    NotIn,
    Above,
    Below,
    Type(ResourceType),
}

const NAMES: [(&str, Modifier); 11] = [
    ("missing", Modifier::Missing),
    ("exact", Modifier::Exact),
    ("contains", Modifier::Contains),
    ("text", Modifier::Text),
    ("not", Modifier::Not),
    ("of-type", Modifier::OfType),
    ("identifier", Modifier::Identifier),
    ("in", Modifier::In),
    ("not-in", Modifier::NotIn),
    ("above", Modifier::Above),
    ("below", Modifier::Below),
];

/// What R5 has, and R4 has not.
const OF_R5: [&str; 2] = ["code-text", "text-advanced"];

impl Modifier {
    /// The modifier of this name, if parameters of this type have it.
    pub(super) fn read(ty: SearchParameterType, name: &str) -> Result<Self> {
        let known = modifiers_of(ty);
        if OF_R5.contains(&name) {
            return Err(Fault::unsupported(format!(
                "the modifier :{name} is one of R5 and is not supported"
            )));
        }
        if name == "iterate" || name == "recurse" {
            return Err(Fault::value(format!("the modifier :{name} is for _include and _revinclude")));
        }
        let found = NAMES.iter().find(|(known, _)| *known == name).map(|(_, modifier)| *modifier);
        if let Some(modifier) = found.filter(|_| known.contains(&name)) {
            return Ok(modifier);
        }
        let is_reference = ty == SearchParameterType::Reference;
        if is_reference && let Some(ty) = ResourceType::from_name(name) {
            return Ok(Self::Type(ty));
        }
        let ty = ty.code();
        let all = listed(known.iter().map(|name| format!(":{name}")));
        let all = if is_reference { format!("{all} and :[type]") } else { all };
        let why = if found.is_some() { "is not for" } else { "is unknown to" };
        let near = match is_reference.then(|| ResourceType::nearest(name)).flatten() {
            Some(near) => format!("; did you mean :{near}?"),
            None if found.is_none() => suggestion(name, known.iter()).replace("mean ", "mean :"),
            None => String::new(),
        };
        let text = format!(
            "the modifier :{} {why} parameters of the type {ty}, which have {all}{near}",
            named(name)
        );
        Err(Fault::unsupported(text))
    }

    /// Whether it is about the resource, not about one of its entries: none of them may match.
    pub(super) fn is_negative(self) -> bool {
        matches!(self, Self::Not | Self::NotIn)
    }
}
