//! All expressions of a resource type as one program, which walks a resource once.
//!
//! A state stands for an element: what is indexed of it, and which members lead on. Expressions that begin alike share
//! states.

pub(crate) mod branch;
mod build;
mod parts;
mod walk;

pub(crate) use parts::{Component, has_table, joint_table, table_of, usual_table};

use rushlight_fhirpath::Expression;
use rushlight_model::definitions::Definitions;

use crate::values::{Datatype, ImpliedSystem, Sort};
use branch::Guard;

/// The program of a resource type.
#[derive(Debug)]
pub(crate) struct Program {
    definitions: &'static Definitions,
    states: Vec<State>,
    /// What FHIRPath evaluates on the whole resource.
    computed: Vec<Computed>,
    /// Units of references that put the resource into the compartment that a unit stands for.
    compartments: Vec<Compartment>,
    /// Units of words, and whether they are those of the narrative.
    words: Vec<(i32, bool)>,
}

/// An element.
#[derive(Debug, Default)]
struct State {
    emits: Vec<Emit>,
    edges: Vec<Edge>,
    /// States of the same element, if it is as they want it.
    guards: Vec<(Guard, usize)>,
    composites: Vec<Composite>,
    /// What the parts of the composites were made of, and the sorts of their entries.
    parts: Vec<(String, Vec<Sort>)>,
    /// Parts that FHIRPath finds from the element; their numbers stand for units.
    computed: Vec<Computed>,
}

/// An element's entries.
#[derive(Debug)]
struct Emit {
    /// None, if they are wanted for composites only.
    unit: Option<i32>,
    sort: Sort,
    datatype: Datatype,
    system: Option<ImpliedSystem>,
    /// Composites that they are parts of.
    parts: Vec<Part>,
}

/// A part of the composites of a state further up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    of: usize,
    number: i32,
}

/// A member of the element's object.
#[derive(Debug)]
struct Edge {
    name: Box<str>,
    tag: u32,
    /// Of an array, only the item at this place.
    index: Option<usize>,
    state: usize,
}

/// What most names differ in: a number that is compared before the names are.
fn tag(name: &str) -> u32 {
    let bytes = name.as_bytes();
    let at = |place: usize| bytes.get(place).map_or(0, |byte| u32::from(*byte));
    let last = bytes.len().saturating_sub(1);
    at(0) << 24 | at(last / 2) << 16 | at(last) << 8 | (bytes.len() & 0xFF) as u32
}

/// An expression that is no plain path.
#[derive(Debug)]
struct Computed {
    unit: i32,
    sort: Sort,
    expression: Expression,
}

/// A composite's unit, and the numbers of its parts.
#[derive(Debug)]
struct Composite {
    unit: i32,
    parts: Vec<i32>,
}

/// A compartment around resources of a type.
#[derive(Debug)]
pub(crate) struct Compartment {
    pub(crate) unit: i32,
    /// The number of the type.
    pub(crate) around: u16,
    /// The units whose references count.
    pub(crate) references: Vec<i32>,
    /// Whether a resource of that type is in its own.
    pub(crate) own: bool,
}
