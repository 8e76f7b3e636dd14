//! Value sets behind required and extensible bindings, flattened, and the code systems that they need.

mod compose;
mod content;
mod system;

use std::collections::BTreeSet;

use super::json::text;
use super::package::Package;
use super::table::{Table, or_dash};
use super::types::{Type, bound};
use compose::Terminology;
use content::Content;
use system::System;

/// The text of `codes.tsv`.
pub fn write(mut table: Table, packages: &[Package], types: &[Type]) -> String {
    let terminology = Terminology::new(packages);
    let sets: Vec<(&str, Content)> =
        bound(types).into_iter().filter_map(|url| Some((url, terminology.value_set(url)?))).collect();
    let used: BTreeSet<&str> =
        sets.iter().flat_map(|(_, content)| content.systems()).map(|(url, _)| url).collect();
    for system in used.iter().filter_map(|url| terminology.system(url)) {
        write_system(&mut table, system);
    }
    for (url, content) in &sets {
        let version = terminology.definition(url).map(|definition| text(definition, "version"));
        table.line(["vs", url, or_dash(version.unwrap_or_default())]);
        for (url, codes) in content.systems() {
            let whole = terminology.system(url).is_some_and(|system| system.is_all(&codes.listed));
            if whole {
                table.line(["in", url, "*"]);
            } else if !codes.listed.is_empty() {
                table.line(["in", url].into_iter().chain(codes.listed.iter().map(String::as_str)));
            }
            if codes.open {
                table.line(["open", url]);
            }
        }
        if content.is_unknown() {
            table.line(["open", "*"]);
        }
    }
    table.finish()
}

fn write_system(table: &mut Table, system: &System) {
    let case = if system.case_sensitive { "Y" } else { "N" };
    table.line(["cs", system.url, or_dash(system.version), system.content, case]);
    for concept in &system.concepts {
        let parent = concept.parents.first().copied().unwrap_or("-");
        table.line(["c", concept.code, or_dash(concept.display), parent]);
    }
}
