//! Which datatypes the standard parameters lead to: none may be forgotten.

use std::collections::{BTreeMap, BTreeSet};

use rushlight_fhirpath::Expression;
use rushlight_fhirpath::syntax::{Expr, ExprKind, Step};
use rushlight_model::definitions::{
    Definitions, Release, SearchParameter, SearchParameterType, TypeDefinition,
};

use super::*;

type Found = Vec<&'static TypeDefinition>;

/// The types that an expression leads to.
fn reached(expr: &Expr, from: &Found, definitions: &'static Definitions) -> Found {
    match &expr.kind {
        ExprKind::Path { start, steps } => {
            let start =
                start.as_ref().map_or_else(|| from.clone(), |start| reached(start, from, definitions));
            steps.iter().fold(start, |found, step| after(step, found, definitions))
        }
        ExprKind::Binary { left, right, .. } => {
            [left, right].iter().flat_map(|side| reached(side, from, definitions)).collect()
        }
        ExprKind::Type { operand, ty, .. } => {
            of_type(reached(operand, from, definitions), &ty.name, definitions)
        }
        _ => from.clone(),
    }
}

fn of_type(found: Found, name: &str, definitions: &Definitions) -> Found {
    found.into_iter().filter(|ty| ty.is_a(definitions, name)).collect()
}

fn after(step: &Step, found: Found, definitions: &'static Definitions) -> Found {
    match step {
        Step::Member { name, .. } if name.starts_with(char::is_uppercase) => {
            of_type(found, name, definitions)
        }
        Step::Member { name, .. } => {
            let elements = found.iter().filter_map(|ty| ty.element(name));
            elements.flat_map(|element| &*element.types).map(|ty| definitions.ty(ty.code).unwrap()).collect()
        }
        Step::Call { name, arguments, .. } if matches!(&**name, "as" | "ofType") => {
            match &arguments[0].kind {
                ExprKind::Path { steps, .. } => match &steps[..] {
                    [Step::Member { name, .. }] => of_type(found, name, definitions),
                    other => panic!("{other:?}"),
                },
                other => panic!("{other:?}"),
            }
        }
        Step::Call { name, .. } if &**name == "extension" => vec![definitions.ty("Extension").unwrap()],
        Step::Call { .. } | Step::Index(_) => found,
    }
}

fn sort(parameter: &SearchParameter) -> Option<Sort> {
    Some(match parameter.ty {
        SearchParameterType::Token => Sort::Token,
        SearchParameterType::Reference => Sort::Reference,
        SearchParameterType::Date => Sort::Date,
        SearchParameterType::String => Sort::String,
        SearchParameterType::Number => Sort::Number,
        SearchParameterType::Quantity => Sort::Quantity,
        SearchParameterType::Uri => Sort::Uri,
        SearchParameterType::Special if parameter.code == "near" => Sort::Position,
        SearchParameterType::Composite | SearchParameterType::Special => return None,
    })
}

/// The sorts and types that parameters lead to although the sort does not know the type.
fn unknown() -> BTreeMap<(Sort, &'static str), BTreeSet<String>> {
    let mut unknown: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for (release, parameter) in Release::ALL.into_iter().flat_map(parameters) {
        let (Some(sort), Some(expression)) = (sort(parameter), parameter.expression) else { continue };
        let definitions = Definitions::of(release);
        let expression = Expression::compile(expression, definitions).unwrap();
        for base in parameter.base.iter().filter_map(|base| definitions.ty(base)) {
            for ty in reached(expression.syntax(), &vec![base], definitions) {
                if !Datatype::of(ty, definitions).is_known_to(sort) {
                    let name = format!("{}.{}", base.name, parameter.code);
                    unknown.entry((sort, ty.name)).or_default().insert(name);
                }
            }
        }
    }
    unknown
}

fn parameters(release: Release) -> impl Iterator<Item = (Release, &'static SearchParameter)> {
    let parameters = Definitions::of(release).search_parameters();
    // It leads to the value of an extension, whatever its type.
    parameters
        .iter()
        .filter(|parameter| parameter.code != "name" || *parameter.base != ["CareTeam"])
        .map(move |parameter| (release, parameter))
}

#[test]
fn whatever_parameters_lead_to_is_indexed_or_listed_here() {
    let expected = [
        // `exists() and … != false`: what is found is no element, but true or false.
        (Sort::Token, "Patient", "Patient.deceased"),
        (Sort::Token, "Person", "Person.deceased"),
        (Sort::Token, "Practitioner", "Practitioner.deceased"),
        // A code is not looked for among these.
        (Sort::Token, "Attachment", "MedicinalProductDefinition.characteristic"),
        (Sort::Token, "Quantity", "MedicinalProductDefinition.characteristic"),
        // Neither is a time, nor a resource.
        (Sort::Date, "Age", "Procedure.date"),
        (Sort::Date, "Range", "Procedure.date"),
        (Sort::Date, "string", "CarePlan.activity-date Immunization.date Procedure.date"),
        (Sort::Reference, "Attachment", "Consent.source-reference"),
        (Sort::Reference, "id", "Resource._in"),
        // The expression forgets the element that the backbone element is for.
        (Sort::Reference, "Ingredient.manufacturer", "Ingredient.manufacturer"),
        // R4B's expressions end at the extension instead of its value.
        (Sort::Token, "Extension", "Device.din Observation.gene-identifier"),
        (Sort::Reference, "Extension", "DiagnosticReport.assessed-condition"),
        (
            Sort::String,
            "Extension",
            "Observation.amino-acid-change Observation.dna-variant \
            Observation.gene-amino-acid-change Observation.gene-dnavariant Patient.mothersMaidenName",
        ),
    ];
    let expected =
        expected.map(|(sort, ty, by)| ((sort, ty), by.split_whitespace().map(str::to_owned).collect()));
    assert_eq!(unknown(), BTreeMap::from(expected));
}
