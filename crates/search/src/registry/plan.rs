//! Units and parameters before units have numbers.

use rushlight_fhirpath::syntax::Expr;
use rushlight_fhirpath::{Expression, Options};
use rushlight_model::ResourceType;
use rushlight_model::definitions::{Definitions, TypeDefinition};

use super::parameter::{Found, Parameter, UnitUse};
use super::planner::Planner;
use super::{OfType, Registry, Unit};
use crate::program::branch::Branch;
use crate::program::{Compartment, Component, Program};
use crate::values::{Sort, Units};
use crate::{Custom, Words};

/// The units and parameters of a release, and of what users have defined, whose units have no numbers yet.
#[derive(Debug)]
pub struct Plan {
    pub(super) definitions: &'static Definitions,
    pub(super) customs: Vec<Custom>,
    pub(super) units: Vec<PlannedUnit>,
    /// By the numbers of the types.
    pub(super) types: Vec<PlannedType>,
}

/// What belongs to a resource type. Units are named by their places in the plan's list.
#[derive(Debug, Default)]
pub(super) struct PlannedType {
    pub(super) parameters: Vec<(Parameter, Places)>,
    pub(super) units: std::ops::Range<usize>,
    /// Units of the labels of `meta.security`.
    pub(super) labels: Vec<usize>,
}

/// Units by their places, with the type that references have to lead to.
pub(super) type Places = Vec<(usize, Option<ResourceType>)>;

#[derive(Debug)]
pub(super) struct PlannedUnit {
    pub(super) key: Box<str>,
    pub(super) resource: ResourceType,
    pub(super) planned: Planned,
}

/// What a unit is made of.
#[derive(Debug)]
pub(super) enum Planned {
    Branch(Sort, Branch),
    Computed(Sort, Box<str>),
    /// With the sorts that the components can have together.
    Composite(Branch, Vec<Component>, Vec<Box<[Sort]>>),
    /// Around a type; the units whose references count, by their places; whether it is its own.
    Compartment {
        around: ResourceType,
        units: Vec<usize>,
        own: bool,
    },
    /// Words: of the narrative, or of all other strings.
    Words {
        narrative: bool,
    },
    /// Those of the type that other resources contain.
    Contained,
}

impl Plan {
    /// Plans what the definitions and the users' parameters ask for, and no words.
    #[must_use]
    pub fn new(definitions: &'static Definitions, custom: &[Custom]) -> Self {
        Self::with(definitions, custom, Words::Off)
    }

    /// Plans what the definitions and the users' parameters ask for.
    #[must_use]
    pub fn with(definitions: &'static Definitions, custom: &[Custom], words: Words) -> Self {
        Planner::new(definitions, words).plan(custom)
    }

    /// The search parameters that users have defined.
    #[must_use]
    pub fn customs(&self) -> &[Custom] {
        &self.customs
    }

    /// The keys of the units, see [`Unit::key`].
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.units.iter().map(|unit| &*unit.key)
    }

    /// Gives each unit the number that the caller has for its key.
    #[must_use]
    pub fn number(self, mut number: impl FnMut(&str) -> i32) -> Registry {
        let units: Box<[Unit]> = self
            .units
            .into_iter()
            .map(|unit| Unit {
                number: number(&unit.key),
                key: unit.key,
                resource: unit.resource,
                planned: unit.planned,
            })
            .collect();
        let use_of = |(at, target): (usize, Option<ResourceType>)| {
            units.get(at).map(|unit| UnitUse { number: unit.number, target })
        };
        let of_type = |planned: PlannedType| OfType {
            parameters: planned
                .parameters
                .into_iter()
                .map(|(mut parameter, places)| {
                    if !places.is_empty() {
                        parameter.found = Found::Units(places.into_iter().filter_map(use_of).collect());
                    }
                    parameter
                })
                .collect(),
            units: planned.units,
            labels: planned.labels.iter().filter_map(|at| units.get(*at)).map(|unit| unit.number).collect(),
            program: Default::default(),
        };
        let types = self.types.into_iter().map(of_type).collect();
        Registry {
            definitions: self.definitions,
            customs: self.customs.into(),
            units,
            types,
            ucum: Units::default(),
        }
    }
}

impl Planned {
    /// Adds it to the program of its type.
    pub(super) fn compile(
        &self,
        registry: &Registry,
        (on, ty): (&'static TypeDefinition, ResourceType),
        number: i32,
        program: &mut Program,
    ) {
        let definitions = registry.definitions;
        match self {
            Self::Branch(sort, branch) => program.add(number, *sort, branch),
            Self::Computed(sort, text) => {
                if let Ok(expression) = computed(text, on, definitions) {
                    program.compute(number, *sort, expression);
                }
            }
            Self::Composite(branch, components, _) => {
                program.composite(on, (number, branch), components);
            }
            Self::Compartment { around, units, own } => program.compartment(Compartment {
                unit: number,
                around: around.number(),
                references: units
                    .iter()
                    .filter_map(|at| registry.units.get(*at).map(|unit| unit.number))
                    .collect(),
                own: *own && *around == ty,
            }),
            Self::Words { narrative } => program.words(number, *narrative),
            // They are no entries of a resource of the type.
            Self::Contained => {}
        }
    }
}

/// An expression for FHIRPath, as search parameters mean it.
pub(super) fn computed(
    text: &str,
    on: &'static TypeDefinition,
    definitions: &'static Definitions,
) -> Result<Expression, rushlight_fhirpath::Error> {
    Expression::compile_with(text, definitions, Options { on: Some(on), as_keeps: true })
}

/// An expression, read.
pub(super) fn read(text: &str) -> Option<Expr> {
    Expr::parse(text).ok()
}
