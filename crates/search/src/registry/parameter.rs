//! Search parameters of a resource type.

use std::borrow::Cow;

use rushlight_model::ResourceType;
use rushlight_model::definitions::SearchParameterType;

/// A search parameter of one resource type.
#[derive(Debug)]
pub struct Parameter {
    /// Its name in URLs.
    pub code: Cow<'static, str>,
    /// Its canonical URL.
    pub url: Cow<'static, str>,
    /// What sort of value it takes.
    pub ty: SearchParameterType,
    /// Where its entries are.
    pub found: Found,
    /// The resource types that its references may lead to; any where there are none.
    pub targets: Box<[ResourceType]>,
    /// Whether all its references are canonical URLs, which name what they lead to by its `url`, and are not followed.
    pub canonical: bool,
}

/// Where the entries of a parameter are.
#[derive(Debug)]
pub enum Found {
    /// It is the resource's id.
    Id,
    /// It is the time of the resource's version.
    LastUpdated,
    /// In the index.
    Units(Box<[UnitUse]>),
    /// Nowhere, and why.
    Nowhere(&'static str),
}

/// A unit that has entries of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitUse {
    /// The unit's number.
    pub number: i32,
    /// Only references to this type count.
    pub target: Option<ResourceType>,
}

impl Parameter {
    /// The units that have its entries.
    #[must_use]
    pub fn units(&self) -> &[UnitUse] {
        if let Found::Units(units) = &self.found { units } else { &[] }
    }

    /// The modifiers that searches by it may have, as the URL has them; besides, a parameter of references may have the
    /// name of a type: <https://hl7.org/fhir/R4/search.html#modifiers>.
    #[must_use]
    pub fn modifiers(&self) -> &'static [&'static str] {
        match (&self.found, &*self.code) {
            (Found::Nowhere(_), _) | (_, "_text" | "_content") => &[],
            (Found::Id, _) => &["missing", "not"],
            (Found::LastUpdated | Found::Units(_), _) => modifiers_of(self.ty),
        }
    }

    /// The prefixes that its values may have: <https://hl7.org/fhir/R4/search.html#prefix>.
    #[must_use]
    pub fn comparators(&self) -> &'static [&'static str] {
        match (&self.found, self.ty) {
            (Found::Nowhere(_), _) => &[],
            (_, SearchParameterType::Number | SearchParameterType::Date | SearchParameterType::Quantity) => {
                &["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]
            }
            _ => &[],
        }
    }

    /// Whether results can be sorted by it: <https://hl7.org/fhir/R4/search.html#_sort>.
    #[must_use]
    pub fn sorts(&self) -> bool {
        let is_plain = !matches!(self.ty, SearchParameterType::Composite | SearchParameterType::Special);
        match &self.found {
            Found::Nowhere(_) => false,
            Found::Id | Found::LastUpdated => true,
            Found::Units(units) => {
                is_plain
                    && !matches!(&*self.code, "_text" | "_content")
                    && units.iter().all(|unit| units.first().is_some_and(|first| first.target == unit.target))
            }
        }
    }
}

/// The modifiers that are understood for parameters of a type, without `[type]`.
pub(crate) fn modifiers_of(ty: SearchParameterType) -> &'static [&'static str] {
    match ty {
        SearchParameterType::Token => {
            &["missing", "not", "text", "of-type", "in", "not-in", "above", "below"]
        }
        SearchParameterType::String => &["missing", "exact", "contains"],
        SearchParameterType::Reference => &["missing", "identifier", "above", "below"],
        SearchParameterType::Uri => &["missing", "above", "below"],
        SearchParameterType::Number
        | SearchParameterType::Date
        | SearchParameterType::Quantity
        | SearchParameterType::Composite
        | SearchParameterType::Special => &["missing"],
    }
}
