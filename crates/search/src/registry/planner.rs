//! From the definitions of search parameters to units.

use std::borrow::Cow;
use std::collections::HashMap;

use rushlight_fhirpath::syntax::{Expr, ExprKind, Operator};
use rushlight_model::ResourceType;
use rushlight_model::definitions::{Definitions, SearchParameterType, TypeDefinition};

use super::parameter::{Found, Parameter};
use super::plan::{Places, Plan, Planned, PlannedType, PlannedUnit, computed, read};
use crate::program::branch::{Branch, Finder};
use crate::program::{Component, Program};
use crate::values::{Datatype, Sort};
use crate::{Custom, Words};

/// Raised where the entries of all units change without a change of their expressions.
const VERSION: u32 = 1;

/// The compartment whose members are in a table of their own: access is granted by it. Members of others are found by
/// the references that make them members.
pub(crate) const MATERIALISED: &str = "Patient";

/// The parameter of the labels that access may be refused by.
const LABELS: &str = "_security";

/// Parameters that are about more than one resource, or about the search itself.
const APART: [&str; 6] = ["_filter", "_has", "_in", "_list", "_query", "_type"];

/// A search parameter, of the definitions or a user's.
struct Source<'s> {
    code: Cow<'static, str>,
    url: Cow<'static, str>,
    ty: SearchParameterType,
    bases: Vec<ResourceType>,
    targets: Vec<ResourceType>,
    expression: Option<&'s str>,
    components: Vec<(Option<SearchParameterType>, &'s str)>,
}

/// Makes a plan.
pub(super) struct Planner {
    definitions: &'static Definitions,
    words: Words,
    units: Vec<PlannedUnit>,
    types: Vec<PlannedType>,
}

impl Planner {
    pub(super) fn new(definitions: &'static Definitions, words: Words) -> Self {
        Self { definitions, words, units: Vec::new(), types: Vec::new() }
    }

    pub(super) fn plan(mut self, custom: &[Custom]) -> Plan {
        let sources = self.sources(custom);
        let expressions: Vec<Option<Expr>> =
            sources.iter().map(|source| source.expression.and_then(read)).collect();
        let mut by_type: HashMap<ResourceType, Vec<usize>> = HashMap::new();
        for (at, source) in sources.iter().enumerate() {
            for base in &source.bases {
                by_type.entry(*base).or_default().push(at);
            }
        }
        for ty in self.definitions.resource_types() {
            let Some(on) = self.definitions.resource(ty) else { continue };
            let first = self.units.len();
            let mut of = OfPlan { planner: &mut self, on, ty, known: HashMap::new() };
            let mut parameters = Vec::new();
            for at in by_type.remove(&ty).unwrap_or_default() {
                let (Some(source), Some(expression)) = (sources.get(at), expressions.get(at)) else {
                    continue;
                };
                let (found, places) = of.find(source, expression.as_ref());
                let canonical = !places.is_empty() && places.iter().all(|(unit, _)| of.is_canonical(*unit));
                let parameter = Parameter {
                    code: source.code.clone(),
                    url: source.url.clone(),
                    ty: source.ty,
                    found,
                    targets: source.targets.clone().into(),
                    canonical,
                };
                parameters.push((parameter, places));
            }
            parameters.sort_by(|a, b| a.0.code.cmp(&b.0.code));
            of.compartment();
            of.unit("Contained".to_owned(), Planned::Contained);
            let labels = of.labels();
            let planned = PlannedType { parameters, units: first..self.units.len(), labels };
            let number = usize::from(ty.number());
            if self.types.len() <= number {
                self.types.resize_with(number + 1, PlannedType::default);
            }
            if let Some(place) = self.types.get_mut(number) {
                *place = planned;
            }
        }
        Plan { definitions: self.definitions, customs: custom.to_vec(), units: self.units, types: self.types }
    }

    fn sources<'s>(&self, custom: &'s [Custom]) -> Vec<Source<'s>> {
        let all = self.definitions.search_parameters();
        let types: HashMap<&str, SearchParameterType> =
            all.iter().map(|parameter| (parameter.url, parameter.ty)).collect();
        let mut sources: Vec<Source<'s>> = Vec::with_capacity(all.len() + custom.len());
        for parameter in all {
            // A user's of the same URL takes its place where that says so.
            let replaced = |ty: &ResourceType| {
                custom.iter().any(|custom| custom.url == parameter.url && custom.bases.contains(ty))
            };
            let bases = self.types_of(&parameter.base).into_iter().filter(|ty| !replaced(ty)).collect();
            sources.push(Source {
                code: Cow::Borrowed(parameter.code),
                url: Cow::Borrowed(parameter.url),
                ty: parameter.ty,
                bases,
                targets: parameter.target.iter().filter_map(|name| ResourceType::from_name(name)).collect(),
                expression: parameter.expression,
                components: parameter
                    .components
                    .iter()
                    .map(|component| (types.get(component.definition).copied(), component.expression))
                    .collect(),
            });
        }
        sources.extend(custom.iter().map(|custom| {
            Source {
                code: Cow::Owned(custom.code.clone()),
                url: Cow::Owned(custom.url.clone()),
                ty: custom.ty,
                bases: custom.bases.clone(),
                targets: custom.targets.clone(),
                expression: Some(&custom.expression),
                components: custom
                    .components
                    .iter()
                    .map(|component| (Some(component.ty), component.expression.as_str()))
                    .collect(),
            }
        }));
        sources
    }

    /// The resource types that are one of these, or based on one.
    fn types_of(&self, names: &[&str]) -> Vec<ResourceType> {
        if names.iter().all(|name| !matches!(*name, "Resource" | "DomainResource")) {
            return names.iter().filter_map(|name| ResourceType::from_name(name)).collect();
        }
        let is_one = |ty: &ResourceType| {
            let definition = self.definitions.resource(*ty);
            definition.is_some_and(|ty| names.iter().any(|name| ty.is_a(self.definitions, name)))
        };
        self.definitions.resource_types().filter(is_one).collect()
    }
}

/// Planning for one resource type.
struct OfPlan<'p> {
    planner: &'p mut Planner,
    on: &'static TypeDefinition,
    ty: ResourceType,
    known: HashMap<String, usize>,
}

impl OfPlan<'_> {
    fn find(&mut self, source: &Source<'_>, expression: Option<&Expr>) -> (Found, Places) {
        let nowhere = |why| (Found::Nowhere(why), Vec::new());
        match &*source.code {
            "_id" => return (Found::Id, Vec::new()),
            "_lastUpdated" => return (Found::LastUpdated, Vec::new()),
            "_text" | "_content" => return self.words(&source.code),
            code if APART.contains(&code) => return nowhere("it is no property of the resource"),
            _ => {}
        }
        let Some(expression) = expression else { return nowhere("it has no expression") };
        let places = match sort(source) {
            Err(why) => return nowhere(why),
            Ok(Some(sort)) => self.simple(sort, expression),
            Ok(None) => self.composite(source, expression),
        };
        match places {
            Some(places) if places.is_empty() => {
                nowhere("its expression finds nothing that is indexed in resources of this type")
            }
            Some(places) => (Found::Units(Box::default()), places),
            None => nowhere("a component finds nothing that could be indexed"),
        }
    }

    /// Whether a unit is of references that are all URLs.
    fn is_canonical(&self, unit: usize) -> bool {
        let of = |ty| Datatype::of(ty, self.planner.definitions);
        match self.planner.units.get(unit).map(|unit| &unit.planned) {
            Some(Planned::Branch(Sort::Reference, branch)) => branch
                .ends()
                .map(of)
                .filter(|end| end.is_known_to(Sort::Reference))
                .all(|end| end == Datatype::Uri),
            _ => false,
        }
    }

    fn simple(&mut self, sort: Sort, expression: &Expr) -> Option<Places> {
        let definitions = self.planner.definitions;
        let finder = Finder { definitions, on: self.on };
        let mut places = Places::new();
        let mut united: Vec<Branch> = Vec::new();
        let mut stems: HashMap<String, usize> = HashMap::new();
        for part in sides(expression) {
            match finder.branches(part) {
                Ok(branches) => {
                    for branch in branches.into_iter().flat_map(|branch| finder.content(branch)) {
                        let at = *stems.entry(branch.stem()).or_insert(united.len());
                        match united.get_mut(at) {
                            Some(like) => like.unite(branch),
                            None => united.push(branch),
                        }
                    }
                }
                Err(_) => {
                    let text = part.to_string();
                    if computed(&text, self.on, definitions).is_ok() {
                        let key = format!("{sort:?} = {text}");
                        places.push((self.unit(key, Planned::Computed(sort, text.into())), None));
                    }
                }
            }
        }
        let known = |ty| Datatype::of(ty, definitions).is_known_to(sort);
        for mut branch in united {
            if !branch.ends().any(known) {
                continue;
            }
            let target = branch.target.take().and_then(ResourceType::from_name);
            let key = format!("{sort:?} {}", branch.text());
            places.push((self.unit(key, Planned::Branch(sort, branch)), target));
        }
        Some(places)
    }

    fn composite(&mut self, source: &Source<'_>, expression: &Expr) -> Option<Places> {
        let definitions = self.planner.definitions;
        let branches = Finder { definitions, on: self.on }.branches(expression).ok()?;
        let mut places = Places::new();
        for branch in branches {
            let components: Option<Vec<Component>> = source
                .components
                .iter()
                .map(|(ty, text)| Some(Component { expression: read(text)?, sort: ty.and_then(plain_sort) }))
                .collect();
            let components = components?;
            if source.components.iter().any(|(ty, _)| *ty == Some(SearchParameterType::Special)) {
                return None;
            }
            let ways = Program::new(definitions).composite(self.on, (0, &branch), &components);
            if ways.is_empty() {
                return None;
            }
            let parts: Vec<String> = components
                .iter()
                .map(|component| format!("{:?} {}", component.sort, component.expression))
                .collect();
            let key = format!("Composite {} {}", branch.text(), parts.join(" & "));
            places.push((self.unit(key, Planned::Composite(branch, components, ways)), None));
        }
        Some(places)
    }

    /// What is in the narrative is not indexed again for the whole.
    fn words(&mut self, code: &str) -> (Found, Places) {
        let everything = code == "_content";
        if self.planner.words < if everything { Words::Everything } else { Words::Narratives } {
            return (Found::Nowhere("words are not indexed in this store"), Vec::new());
        }
        let mut places =
            vec![(self.unit("Words narrative".to_owned(), Planned::Words { narrative: true }), None)];
        if everything {
            let strings = Planned::Words { narrative: false };
            places.push((self.unit("Words strings".to_owned(), strings), None));
        }
        (Found::Units(Box::default()), places)
    }

    /// As the release says, whatever users have made of its parameters: what is found in a compartment is what access
    /// is granted to.
    fn compartment(&mut self) {
        let definitions = self.planner.definitions;
        let compartments = definitions.compartments();
        let Some(around) = ResourceType::from_name(MATERIALISED) else { return };
        let Some(member) = compartments
            .iter()
            .filter(|compartment| compartment.code == MATERIALISED)
            .flat_map(|compartment| &compartment.members)
            .find(|member| member.resource == self.ty.name())
        else {
            return;
        };
        let expressions: Vec<Expr> = definitions
            .search_parameters()
            .iter()
            .filter(|parameter| {
                parameter.ty == SearchParameterType::Reference
                    && member.parameters.contains(&parameter.code)
                    && self.planner.types_of(&parameter.base).contains(&self.ty)
            })
            .filter_map(|parameter| read(parameter.expression?))
            .collect();
        let mut units: Vec<usize> = expressions
            .iter()
            .filter_map(|expression| self.simple(Sort::Reference, expression))
            .flat_map(|places| places.into_iter().map(|(at, _)| at))
            .collect();
        units.sort_unstable();
        units.dedup();
        let own = self.ty == around;
        if units.is_empty() && !own {
            return;
        }
        let key = format!("Compartment {MATERIALISED} {}", member.parameters.join(" "));
        self.unit(key, Planned::Compartment { around, units, own });
    }

    /// The units of the labels that access may be refused by; as the release says, too.
    fn labels(&mut self) -> Vec<usize> {
        let all = self.planner.definitions.search_parameters();
        let labels = all.iter().find(|parameter| parameter.code == LABELS);
        let expression = labels.and_then(|parameter| read(parameter.expression?));
        let places = expression.and_then(|expression| self.simple(Sort::Token, &expression));
        places.into_iter().flatten().map(|(at, _)| at).collect()
    }

    /// The place of a unit; a new one, if there is none like it.
    fn unit(&mut self, key: String, planned: Planned) -> usize {
        let units = &mut self.planner.units;
        *self.known.entry(key).or_insert_with_key(|key| {
            let release = self.planner.definitions.release();
            let key = format!("{release:?} {} {key} {VERSION}", self.ty.name()).into();
            units.push(PlannedUnit { key, resource: self.ty, planned });
            units.len() - 1
        })
    }
}

/// What sort of entries a parameter has; none of its own, if it is a composite.
fn sort(source: &Source<'_>) -> Result<Option<Sort>, &'static str> {
    match source.ty {
        SearchParameterType::Composite => Ok(None),
        SearchParameterType::Special if &*source.code == "near" => Ok(Some(Sort::Position)),
        SearchParameterType::Special => {
            Err("parameters of the type special are searched each in its own way")
        }
        ty => Ok(plain_sort(ty)),
    }
}

/// The sort of the entries of a parameter of a type; none if that is composite or special.
pub(crate) fn plain_sort(ty: SearchParameterType) -> Option<Sort> {
    Some(match ty {
        SearchParameterType::Number => Sort::Number,
        SearchParameterType::Date => Sort::Date,
        SearchParameterType::String => Sort::String,
        SearchParameterType::Token => Sort::Token,
        SearchParameterType::Reference => Sort::Reference,
        SearchParameterType::Quantity => Sort::Quantity,
        SearchParameterType::Uri => Sort::Uri,
        SearchParameterType::Composite | SearchParameterType::Special => return None,
    })
}

/// The sides of a union, and of the unions in it.
fn sides(expression: &Expr) -> Vec<&Expr> {
    match &expression.kind {
        ExprKind::Binary { operator: Operator::Union, left, right } => {
            let mut all = sides(left);
            all.append(&mut sides(right));
            all
        }
        _ => vec![expression],
    }
}
