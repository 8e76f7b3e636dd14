//! FHIR's own expressions: all of them compile, and are read again as they were printed.

use rushlight_fhirpath::Expression;
use rushlight_model::definitions::{Definitions, Release};

/// Every expression of a release: of search parameters and of constraints.
fn expressions(definitions: &'static Definitions) -> Vec<&'static str> {
    let mut all = Vec::new();
    for parameter in definitions.search_parameters() {
        all.extend(parameter.expression);
        all.extend(parameter.components.iter().map(|component| component.expression));
    }
    for ty in definitions.types() {
        all.extend(ty.constraints.iter().map(|constraint| constraint.expression));
        let constraints = ty.elements().iter().flat_map(|element| element.constraints.iter());
        all.extend(constraints.map(|constraint| constraint.expression));
    }
    all.sort_unstable();
    all.dedup();
    all
}

#[test]
fn all_compile() {
    for release in Release::ALL {
        let definitions = Definitions::of(release);
        let all = expressions(definitions);
        assert!(all.len() > 1000, "{release}: {}", all.len());
        for text in all {
            let compiled = Expression::compile(text, definitions)
                .unwrap_or_else(|error| panic!("{release}: {text}: {error}"));
            let again = Expression::compile(&compiled.syntax().to_string(), definitions).unwrap();
            assert_eq!(again.syntax(), compiled.syntax(), "{release}: {text}");
        }
    }
}

#[test]
fn types_are_told_without_following_every_way() {
    let types = |text: &str| {
        let expression = Expression::compile(text, Definitions::of(Release::R4)).unwrap();
        expression.types("Patient").map(|types| types.len())
    };
    // Some fifty types at each step, and no more at the next.
    let values = types("Patient.extension.value");
    assert!(values > Some(40));
    assert_eq!(types(&format!("Patient{}", ".extension.value".repeat(40))), values);
    // What would look twice at each level.
    assert_eq!(types("Patient.repeat(extension)"), Some(1));
    assert_eq!(types(&format!("Patient.{}extension{}", "repeat(".repeat(40), ")".repeat(40))), None);
}
