//! The shape of a CapabilityStatement and of TerminologyCapabilities, as far as a store tells of itself. They are written as
//! they are: what they list is borrowed, and nothing is copied that is long. FHIR has no empty lists.
//!
//! <https://hl7.org/fhir/R4/capabilitystatement.html>, <https://hl7.org/fhir/R4/terminologycapabilities.html>

use crate::searchable::{Include, Listed};
use serde::Serialize;

/// What both begin with.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Header<'a> {
    /// Which of the two it is.
    pub resource_type: &'static str,
    /// R5's terminology capabilities need it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<&'static str>,
    /// Whether it counts.
    pub status: &'static str,
    /// When it last changed.
    pub date: &'static str,
    /// That it is of a server that runs.
    pub kind: &'static str,
    /// By what it is served.
    pub software: Software,
    /// Where it is served.
    pub implementation: Implementation<'a>,
}

/// `software`
#[derive(Clone, Copy, Serialize)]
pub struct Software {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// `implementation`
#[derive(Clone, Copy, Serialize)]
pub struct Implementation<'a> {
    /// What it is.
    pub description: &'static str,
    /// The store's base.
    pub url: &'a str,
}

/// The CapabilityStatement.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CapabilityStatement<'a> {
    /// What it begins with.
    #[serde(flatten)]
    pub header: Header<'a>,
    /// The release.
    pub fhir_version: &'static str,
    /// The formats of bodies.
    pub format: &'static [&'static str],
    /// What can be done over HTTP.
    pub rest: [Rest<'a>; 1],
}

/// `rest`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rest<'a> {
    /// That it serves.
    pub mode: &'static str,
    /// How it is protected.
    pub security: Security,
    /// The types.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource: Vec<Resource<'a>>,
    /// What can be done with all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub interaction: Vec<Interaction>,
    /// By what all of them are searched.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub search_param: Vec<Listed<'a>>,
    /// The compartments that can be searched.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub compartment: Vec<&'a str>,
}

/// `rest.security`
#[derive(Serialize)]
pub struct Security {
    /// Whether pages of other origins may ask.
    pub cors: bool,
}

/// `rest.interaction`, `rest.resource.interaction`
#[derive(Clone, Copy, Serialize)]
pub struct Interaction {
    /// Its code.
    pub code: &'static str,
}

/// `rest.resource`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource<'a> {
    /// The type.
    #[serde(rename = "type")]
    pub ty: &'static str,
    /// What can be done with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub interaction: Vec<Interaction>,
    /// Which versions are kept and asked for.
    pub versioning: &'static str,
    /// Whether old versions can be read.
    pub read_history: bool,
    /// Whether an update may create.
    pub update_create: bool,
    /// Whether a create can be conditional.
    pub conditional_create: bool,
    /// Which conditions a read takes.
    pub conditional_read: &'static str,
    /// Whether an update can be conditional.
    pub conditional_update: bool,
    /// How many a conditional delete takes.
    pub conditional_delete: &'static str,
    /// What can be included with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub search_include: Vec<Include<'a>>,
    /// What refers to it and can be included.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub search_rev_include: Vec<Include<'a>>,
    /// By what it is searched.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub search_param: Vec<Listed<'a>>,
}
