//! Compartments: <https://hl7.org/fhir/R4/compartmentdefinition.html>.

use serde_json::Value;

use super::json::{list, text, texts};
use super::package::Package;
use super::table::Table;

/// The text of `compartments.tsv`.
pub fn write(mut table: Table, packages: &[Package]) -> String {
    let mut compartments: Vec<&Value> =
        packages.iter().flat_map(|package| package.of("CompartmentDefinition")).collect();
    compartments.sort_by_key(|compartment| text(compartment, "url"));
    for compartment in compartments {
        table.line(["compartment", text(compartment, "code"), text(compartment, "url")]);
        for resource in list(compartment, "resource") {
            let parameters = texts(resource, "param");
            if !parameters.is_empty() {
                table.line(["in", text(resource, "code")].into_iter().chain(parameters));
            }
        }
    }
    table.finish()
}
