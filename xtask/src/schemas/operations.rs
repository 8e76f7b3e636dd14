//! Operations: <https://hl7.org/fhir/R4/operationdefinition.html>.

use serde_json::Value;

use super::json::{last_part, list, text, texts, truth};
use super::package::Package;
use super::table::{Table, or_dash};

/// The letters of an operation's flags.
const FLAGS: [(&str, char); 4] = [("system", 'S'), ("type", 'T'), ("instance", 'I'), ("affectsState", 'A')];

/// The text of `operations.tsv`.
pub fn write(mut table: Table, packages: &[Package]) -> String {
    let mut operations: Vec<&Value> =
        packages.iter().flat_map(|package| package.of("OperationDefinition")).collect();
    operations.sort_by_key(|operation| text(operation, "url"));
    for operation in operations {
        let flags: String =
            FLAGS.iter().filter(|(name, _)| truth(operation, name)).map(|(_, flag)| flag).collect();
        table.line([
            "op",
            text(operation, "code"),
            text(operation, "url"),
            text(operation, "kind"),
            or_dash(&flags),
            or_dash(&texts(operation, "resource").join(",")),
        ]);
        parameters(&mut table, list(operation, "parameter"), 0);
    }
    table.finish()
}

/// Parameters and, after each, its parts.
fn parameters(table: &mut Table, parameters: &[Value], depth: usize) {
    for parameter in parameters {
        let min = parameter.get("min").and_then(Value::as_u64).unwrap_or_default().to_string();
        // R4 gives names of types where R5 gives the URLs of their profiles.
        let targets: Vec<&str> = texts(parameter, "targetProfile").into_iter().map(last_part).collect();
        table.line([
            "param",
            text(parameter, "use"),
            &min,
            text(parameter, "max"),
            or_dash(text(parameter, "type")),
            text(parameter, "name"),
            &depth.to_string(),
            or_dash(text(parameter, "searchType")),
            or_dash(&targets.join(",")),
        ]);
        self::parameters(table, list(parameter, "part"), depth + 1);
    }
}
