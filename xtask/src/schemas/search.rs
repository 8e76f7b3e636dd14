//! Search parameters: <https://hl7.org/fhir/R4/searchparameter.html>.

use serde_json::Value;

use super::json::{list, text, texts};
use super::package::Package;
use super::table::{Table, or_dash};

/// The text of `search.tsv`.
pub fn write(mut table: Table, packages: &[Package]) -> String {
    let mut parameters: Vec<&Value> =
        packages.iter().flat_map(|package| package.of("SearchParameter")).collect();
    parameters.sort_by_key(|parameter| text(parameter, "url"));
    for parameter in parameters {
        let several = |name: &str| texts(parameter, name).join(",");
        // R5 calls `processingMode` what was `xpathUsage`.
        let mode = [text(parameter, "processingMode"), text(parameter, "xpathUsage")].concat();
        table.line([
            "sp",
            text(parameter, "code"),
            text(parameter, "type"),
            or_dash(&several("base")),
            or_dash(&several("target")),
            text(parameter, "url"),
            or_dash(text(parameter, "expression")),
            yes_no(parameter, "multipleOr"),
            yes_no(parameter, "multipleAnd"),
            or_dash(&several("comparator")),
            or_dash(&several("modifier")),
            or_dash(&several("chain")),
            or_dash(&mode),
        ]);
        for component in list(parameter, "component") {
            table.line(["comp", text(component, "definition"), text(component, "expression")]);
        }
    }
    table.finish()
}

fn yes_no(value: &Value, name: &str) -> &'static str {
    match value.get(name).and_then(Value::as_bool) {
        Some(true) => "Y",
        Some(false) => "N",
        None => "-",
    }
}
