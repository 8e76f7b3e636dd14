//! Search parameters that users define: SearchParameter resources, <https://hl7.org/fhir/R4/searchparameter.html>.
//!
//! A [`Custom`] is what the index needs of one: all that is in it has been checked, so that whoever takes it compiles
//! its expressions without asking again. It is a [`SearchParameter`](rushlight_model::definitions::SearchParameter)
//! of the definitions but for these:
//!
//! - its texts are its own;
//! - `bases` and `targets` are types that a store can hold; `Resource` and `DomainResource` have become all types based
//!   on them, and no target means any;
//! - it has an expression, or it would find nothing;
//! - a component knows the type of the parameter that it is like.

mod composite;
mod elements;
mod expression;
mod problem;
mod read;

pub use problem::Problem;

use rushlight_model::ResourceType;
use rushlight_model::definitions::SearchParameterType;

/// A search parameter that a user has defined, of one release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Custom {
    /// The id of its resource; none if that has none yet.
    pub id: Option<String>,
    /// Its canonical URL, without version.
    pub url: String,
    /// Its name in URLs.
    pub code: String,
    /// What sort of value it takes.
    pub ty: SearchParameterType,
    /// The resource types that it is for, in the order of their numbers; one at least.
    pub bases: Vec<ResourceType>,
    /// The resource types that its references may lead to, in the order of their numbers; any where there are none.
    pub targets: Vec<ResourceType>,
    /// What it looks at, in FHIRPath from the resource. It compiles with `as_keeps`.
    pub expression: String,
    /// The parts of a composite, two at least; none of others.
    pub components: Vec<CustomComponent>,
    /// Whether a value may be several with commas; where nothing is said, it may.
    pub multiple_or: Option<bool>,
    /// Whether it may be given several times; where nothing is said, it may.
    pub multiple_and: Option<bool>,
    /// The prefixes that its values may have, if they are listed.
    pub comparators: Vec<String>,
    /// The modifiers that it may have, if they are listed.
    pub modifiers: Vec<String>,
    /// The parameters that it may be chained with, if they are listed.
    pub chain: Vec<String>,
}

/// A part of a composite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomComponent {
    /// The URL of the parameter that it is like, without version.
    pub definition: String,
    /// That parameter's type; none that is composite or special.
    pub ty: SearchParameterType,
    /// Where it looks, in FHIRPath from what the composite's expression finds. It compiles with `as_keeps`.
    pub expression: String,
}
