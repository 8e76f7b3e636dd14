//! The CapabilityStatement, made from the route table: it can't list what is not there.
//!
//! <https://hl7.org/fhir/R4/capabilitystatement.html>

use crate::routes::{FORMATS, Level, ROUTES};
use rushlight_model::definitions::{Definitions, Release};
use serde_json::{Value, json};

/// When the statement last changed: with the release.
const DATE: &str = "2026-11-24";

/// The statement of a server at `base` with records of a release.
pub fn statement(base: &str, release: Release) -> Value {
    let codes = |level: Level| -> Vec<Value> {
        let mut codes: Vec<&str> =
            ROUTES.iter().filter(|route| route.level == level).map(|route| route.code).collect();
        codes.dedup();
        codes.into_iter().map(|code| json!({"code": code})).collect()
    };
    let interactions = codes(Level::Type);
    let resources: Vec<Value> = Definitions::of(release)
        .resource_types()
        .map(|ty| {
            json!({
                "type": ty.name(),
                "interaction": interactions,
                "versioning": "versioned-update",
                "readHistory": true,
                "updateCreate": true,
                "conditionalCreate": false,
                "conditionalRead": "not-supported",
                "conditionalUpdate": false,
                "conditionalDelete": "not-supported",
            })
        })
        .collect();
    json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": DATE,
        "kind": "instance",
        "software": {"name": "Rushlight", "version": env!("CARGO_PKG_VERSION")},
        "implementation": {"description": "Rushlight FHIR server", "url": base},
        "fhirVersion": release.version(),
        "format": FORMATS,
        "rest": [{"mode": "server", "resource": resources, "interaction": codes(Level::System)}],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_the_routes_and_nothing_else() {
        for (release, types) in [(Release::R4, 146), (Release::R4B, 141), (Release::R5, 158)] {
            let statement = statement("http://x/fhir", release);
            assert_eq!(statement["rest"][0]["resource"].as_array().unwrap().len(), types);
        }
        let statement = statement("http://x/fhir", Release::R4);
        let codes = |value: &Value| -> Vec<String> {
            value.as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(codes(&statement["rest"][0]["interaction"]), ["transaction", "batch", "history-system"]);
        let resources = statement["rest"][0]["resource"].as_array().unwrap();
        let expected = ["history-type", "create", "read", "update", "delete", "history-instance", "vread"];
        assert_eq!(codes(&resources[0]["interaction"]), expected);
    }
}
