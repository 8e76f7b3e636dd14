//! What is indexed: the units of each resource type, and the search parameters that they answer.
//!
//! A *unit* is one branch of the expressions of search parameters, on one resource type. Parameters whose expressions
//! have the same branch share its entries: `subject` and `patient` of an Observation are one unit, of which `patient`
//! takes the references to a Patient; `combo-code` takes the units of `code` and of `component-code`.

mod parameter;
mod plan;
mod planner;

use std::sync::OnceLock;

use rushlight_model::definitions::{Definitions, Release};
use rushlight_model::json::{Limits, Tree, Value};
use rushlight_model::{Id, ResourceType};

use crate::Custom;
use crate::contained;
use crate::entries::Entries;
use crate::program::Program;
use crate::table::TableId;
use crate::values::{Contained, Inner, Sort, Units};
pub(crate) use parameter::modifiers_of;
pub use parameter::{Found, Parameter, UnitUse};
pub use plan::Plan;
use plan::Planned;
pub(crate) use planner::{MATERIALISED, plain_sort};

/// The units and parameters of a store: those of its release, and those that its users have defined.
#[derive(Debug)]
pub struct Registry {
    definitions: &'static Definitions,
    customs: Box<[Custom]>,
    units: Box<[Unit]>,
    /// By the numbers of the types.
    types: Box<[OfType]>,
    /// UCUM's units, as they are met.
    ucum: Units,
}

/// A unit of entries.
#[derive(Debug)]
pub struct Unit {
    /// What stands in the index; from 1 on.
    pub number: i32,
    /// What it is made of, in a text that changes whenever its entries do. Two units never have the same.
    pub key: Box<str>,
    /// Of which resources.
    pub resource: ResourceType,
    planned: Planned,
}

/// What belongs to a resource type.
#[derive(Debug, Default)]
struct OfType {
    parameters: Vec<Parameter>,
    /// Places in the list of units.
    units: std::ops::Range<usize>,
    /// Numbers of the units of security labels.
    labels: Box<[i32]>,
    program: OnceLock<Program>,
}

impl Registry {
    /// The registry of a release without parameters of users, its units numbered from 1.
    ///
    /// ```
    /// use rushlight_model::ResourceType;
    /// use rushlight_model::definitions::Release;
    /// use rushlight_search::Registry;
    ///
    /// let registry = Registry::standard(Release::R4);
    /// let observation = ResourceType::from_name("Observation").ok_or("unknown")?;
    /// let units = |code| registry.parameter(observation, code).map(|parameter| parameter.units().to_vec());
    /// let (subject, patient) = (units("subject").ok_or("none")?, units("patient").ok_or("none")?);
    /// assert_eq!(subject[0].number, patient[0].number);
    /// assert_eq!(patient[0].target, ResourceType::from_name("Patient"));
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn standard(release: Release) -> Self {
        let mut next = 0;
        Plan::new(Definitions::of(release), &[]).number(|_| {
            next += 1;
            next
        })
    }

    /// The definitions that it is made from.
    #[must_use]
    pub fn definitions(&self) -> &'static Definitions {
        self.definitions
    }

    /// The search parameters that users have defined.
    #[must_use]
    pub fn customs(&self) -> &[Custom] {
        &self.customs
    }

    /// All units, those of a resource type together.
    #[must_use]
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// The parameters of a resource type, in the order of their codes.
    #[must_use]
    pub fn parameters(&self, ty: ResourceType) -> &[Parameter] {
        self.of(ty).map_or(&[], |of| &of.parameters)
    }

    /// The parameter of a resource type that has this code.
    #[must_use]
    pub fn parameter(&self, ty: ResourceType, code: &str) -> Option<&Parameter> {
        let parameters = self.parameters(ty);
        let at = parameters.binary_search_by(|parameter| (*parameter.code).cmp(code)).ok()?;
        parameters.get(at)
    }

    /// UCUM's units, as they are met.
    #[must_use]
    pub fn ucum(&self) -> &Units {
        &self.ucum
    }

    /// The unit whose entries say in which Patients' compartments resources of a type are.
    #[must_use]
    pub fn patient_compartment(&self, ty: ResourceType) -> Option<i32> {
        let is_compartment = |unit: &&Unit| matches!(unit.planned, Planned::Compartment { .. });
        self.units_of(ty).iter().find(is_compartment).map(|unit| unit.number)
    }

    /// The unit whose entries say in which resources others of a type are contained.
    #[must_use]
    pub fn contained(&self, ty: ResourceType) -> Option<i32> {
        let is_contained = |unit: &&Unit| matches!(unit.planned, Planned::Contained);
        self.units_of(ty).iter().find(is_contained).map(|unit| unit.number)
    }

    /// The resources that one contains and by which it is searched, in the order of their ordinals, which begin with 1:
    /// those of types of the release that have an id of their own.
    pub fn contained_in<'t>(
        &self,
        resource: Value<'t>,
    ) -> impl Iterator<Item = (Id, ResourceType, Value<'t>)> {
        let known = |inner: &Inner<'t>| self.contained(inner.ty).is_some();
        Inner::all(resource).filter(known).map(|inner| (inner.id, inner.ty, inner.resource))
    }

    /// The units, of tokens, that hold the labels in `meta.security` of resources of a type, as the release defines
    /// `_security`: users' parameters change nothing. <https://hl7.org/fhir/R4/security-labels.html>
    #[must_use]
    pub fn security_labels(&self, ty: ResourceType) -> &[i32] {
        self.of(ty).map_or(&[], |of| &of.labels)
    }

    /// The sorts of entries that the components of a composite's unit have together: each way has a table of its own.
    pub(crate) fn ways(&self, ty: ResourceType, unit: i32) -> &[Box<[Sort]>] {
        match self.units_of(ty).iter().find(|of| of.number == unit).map(|unit| &unit.planned) {
            Some(Planned::Composite(_, _, ways)) => ways,
            _ => &[],
        }
    }

    fn units_of(&self, ty: ResourceType) -> &[Unit] {
        self.of(ty).and_then(|of| self.units.get(of.units.clone())).unwrap_or_default()
    }

    fn of(&self, ty: ResourceType) -> Option<&OfType> {
        self.types.get(usize::from(ty.number()))
    }

    /// Puts the entries of a resource in place of what `out` holds, finished. None are found in what is no resource of
    /// the release.
    pub fn extract(&self, resource: Value<'_>, out: &mut Entries) {
        out.clear();
        let name = resource.get("resourceType").and_then(Value::as_str);
        let Some(ty) = name.and_then(|name| ResourceType::from_name(&name)) else { return };
        let Some(program) = self.program(ty) else { return };
        let contained = Contained::of(resource);
        program.run(&self.ucum, resource, &contained, out);
        program.join_compartments(resource, out);
        self.extract_contained(resource, &contained, out);
        out.finish();
    }

    /// Adds the entries of what a resource contains, and of each the one that says so.
    fn extract_contained<'t>(&self, resource: Value<'t>, contained: &Contained<'t>, out: &mut Entries) {
        for (ordinal, (id, ty, inner)) in (1..).zip(self.contained_in(resource)) {
            let (Some(unit), Some(program)) = (self.contained(ty), self.program(ty)) else { continue };
            let row = out.row(TableId::CONTAINED, unit).bytes(&contained::target(&id));
            row.int(i64::from(ty.number())).int(i64::from(ordinal)).end();
            // With so many there is no number for the next.
            if out.overflows() {
                break;
            }
            out.of(ordinal);
            program.run(&self.ucum, inner, contained, out);
            out.of(0);
        }
    }

    fn program(&self, ty: ResourceType) -> Option<&Program> {
        let of = self.of(ty)?;
        Some(of.program.get_or_init(|| self.compile(ty, of)))
    }

    /// The entries of a resource in its text, as a store has it; none if it is no JSON.
    ///
    /// ```
    /// use rushlight_model::definitions::Release;
    /// use rushlight_search::Registry;
    ///
    /// let registry = Registry::standard(Release::R4);
    /// let entries = registry.extract_text(br#"{"resourceType":"Patient","id":"p1","gender":"female"}"#);
    /// assert_eq!(entries.iter().filter(|entry| entry.to_string().contains("(female, ")).count(), 1);
    /// ```
    #[must_use]
    pub fn extract_text(&self, body: &[u8]) -> Entries {
        let mut entries = Entries::default();
        if let Ok(tree) = Tree::parse(body, &Limits::UNBOUNDED) {
            self.extract(tree.root(), &mut entries);
        }
        entries
    }

    fn compile(&self, ty: ResourceType, of: &OfType) -> Program {
        let mut program = Program::new(self.definitions);
        let Some(on) = self.definitions.resource(ty) else { return program };
        for unit in self.units.get(of.units.clone()).unwrap_or_default() {
            unit.planned.compile(self, (on, ty), unit.number, &mut program);
        }
        program
    }
}
