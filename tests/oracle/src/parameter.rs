//! The rows that a standard search parameter has for a resource.

use crate::expression::{Evaluation, Expression, Item, Node, parse};
use crate::rows::{self, Row, Sort};
use rushlight_model::definitions::{Definitions, SearchParameter, SearchParameterType};
use std::collections::BTreeSet;

/// A parameter whose expression is read once.
pub struct Parameter {
    pub definition: &'static SearchParameter,
    definitions: &'static Definitions,
    expression: Expression,
    components: Vec<Component>,
}

struct Component {
    /// Of its definition, if that is known.
    sort: Option<Sort>,
    expression: Expression,
}

/// The parameters of a release that look at resources of a type.
pub fn parameters(definitions: &'static Definitions, ty: &str) -> Vec<Parameter> {
    let ty = definitions.ty(ty).unwrap();
    let all = definitions.search_parameters().iter();
    let own = all.filter(|parameter| parameter.base.iter().any(|base| ty.is_a(definitions, base)));
    own.filter_map(|parameter| Parameter::new(definitions, parameter)).collect()
}

impl Parameter {
    /// `None` for a parameter that is no property of a resource.
    fn new(definitions: &'static Definitions, definition: &'static SearchParameter) -> Option<Self> {
        let component = |component: &rushlight_model::definitions::Component| {
            let mut all = definitions.search_parameters().iter();
            let like = all.find(|parameter| parameter.url == component.definition);
            Component {
                sort: like.and_then(|like| Sort::of(like.ty)),
                expression: parse(component.expression),
            }
        };
        Some(Self {
            definition,
            definitions,
            expression: parse(definition.expression?),
            components: definition.components.iter().map(component).collect(),
        })
    }

    /// The rows that searches compare with: those of what the expression finds, and of nothing that it may find.
    pub fn searched(&self, resource: Node<'_>) -> BTreeSet<Row> {
        let at = Evaluation { definitions: self.definitions, resource, any_target: false };
        let Some(sort) = Sort::of(self.definition.ty) else { return self.composite(&at) };
        let found = self.found(&self.expression, &at, Item::Node(resource));
        found.iter().flat_map(|item| self.of_item(sort, item, &resource)).collect()
    }

    /// The rows that are indexed of a resource.
    pub fn rows(&self, resource: Node<'_>) -> BTreeSet<Row> {
        let plain = Evaluation { definitions: self.definitions, resource, any_target: false };
        let Some(sort) = Sort::of(self.definition.ty) else { return self.composite(&plain) };
        let rows = |evaluation: &Evaluation<'_>| -> Vec<Row> {
            let found = self.found(&self.expression, evaluation, Item::Node(resource));
            found.iter().flat_map(|item| self.of_item(sort, item, &resource)).collect()
        };
        if self.definition.ty != SearchParameterType::Reference {
            return rows(&plain).into_iter().collect();
        }
        // An identifier does not tell of what type the resource is.
        let any = Evaluation { any_target: true, ..plain };
        let references = rows(&plain).into_iter().filter(|(table, _)| table == "reference");
        references.chain(rows(&any).into_iter().filter(|(table, _)| table != "reference")).collect()
    }

    /// The elements that it looks at; none for composites.
    pub fn elements<'e>(&'e self, resource: Node<'e>) -> Vec<Node<'e>> {
        let at = Evaluation { definitions: self.definitions, resource, any_target: false };
        let found = self.found(&self.expression, &at, Item::Node(resource));
        found.into_iter().filter_map(node).collect()
    }

    /// The elements of a composite's components, one after the other, for each repeat.
    pub fn parts<'e>(&'e self, resource: Node<'e>) -> Vec<Vec<Vec<Node<'e>>>> {
        let at = Evaluation { definitions: self.definitions, resource, any_target: false };
        let of = |component: &'e Component, repeat: Item<'e>| {
            self.found(&component.expression, &at, repeat).into_iter().filter_map(node).collect()
        };
        let repeats = at.of(&self.expression, Item::Node(resource));
        repeats.iter().map(|repeat| self.components.iter().map(|one| of(one, *repeat)).collect()).collect()
    }

    /// What an expression finds. Extensions stand for their values: R4B has parameters that lead to the extensions.
    fn found<'e>(&self, expression: &'e Expression, at: &Evaluation<'e>, this: Item<'e>) -> Vec<Item<'e>> {
        let value = |item: Item<'e>| match item {
            Item::Node(node) if node.ty.name == "Extension" => {
                node.members("value", self.definitions).unwrap().into_iter().map(Item::Node).collect()
            }
            other => vec![other],
        };
        at.of(expression, this).into_iter().flat_map(value).collect()
    }

    fn of_item(&self, sort: Sort, item: &Item<'_>, resource: &Node<'_>) -> Vec<Row> {
        match item {
            Item::Node(node) => rows::rows(sort, node, resource, self.definitions).unwrap_or_default(),
            Item::Boolean(value) if sort == Sort::Token => vec![rows::truth(*value)],
            other => panic!("{}: {other:?}", self.definition.url),
        }
    }

    fn composite(&self, evaluation: &Evaluation<'_>) -> BTreeSet<Row> {
        let mut all = BTreeSet::new();
        for repeat in evaluation.of(&self.expression, Item::Node(evaluation.resource)) {
            let mut combined = vec![Vec::<Row>::new()];
            for component in &self.components {
                let own = self.component(component, evaluation, repeat);
                combined = combined
                    .iter()
                    .flat_map(|before| {
                        own.iter().map(|row| [before.as_slice(), std::slice::from_ref(row)].concat())
                    })
                    .collect();
            }
            all.extend(combined.iter().filter_map(|parts| joined(parts)));
        }
        all
    }

    fn component<'e>(&'e self, component: &'e Component, at: &Evaluation<'e>, repeat: Item<'e>) -> Vec<Row> {
        let mut rows = Vec::new();
        for item in self.found(&component.expression, at, repeat) {
            let Item::Node(node) = item else { panic!("{}: {item:?}", self.definition.url) };
            let of = |sort: Sort| Some((sort, rows::rows(sort, &node, &at.resource, self.definitions)?));
            let found = component.sort.and_then(of).or_else(|| of(Sort::natural(node.ty.name)?));
            let Some((sort, found)) = found else { continue };
            rows.extend(found.into_iter().filter(|row| sort.is_found(row)));
        }
        rows
    }
}

fn node(item: Item<'_>) -> Option<Node<'_>> {
    match item {
        Item::Node(node) => Some(node),
        Item::Boolean(_) | Item::Text(_) | Item::Target(_) => None,
    }
}

/// Which rows are combined: those of the composites of the three releases.
const COMBINED: &[&str] = &[
    "token_token",
    "token_quantity",
    "token_quantity_ucum",
    "token_date",
    "token_string",
    "token_number_number",
    "token_date_token",
    "token_reference",
    "reference_token",
    "reference_date",
    "quantity_quantity",
];

/// One row of several, if there is a table for them.
fn joined(parts: &[Row]) -> Option<Row> {
    let names: Vec<&str> = parts.iter().map(|(table, _)| table.as_str()).collect();
    let name = names.join("_");
    let values = || parts.iter().flat_map(|(_, values)| values.clone()).collect();
    COMBINED.contains(&name.as_str()).then(|| (name, values()))
}
