//! Composites: <https://hl7.org/fhir/R4/search.html#combining>.

use super::super::Reader;
use super::super::fault::{Fault, Result, quoted};
use super::super::rows::{Meant, Shape};
use super::super::text::split;
use crate::program::joint_table;
use crate::query::{ColumnTest, Op};
use crate::table::TableId;
use crate::values::Sort;

/// The values of the components, with `$` between them, each as one of its own would be. `ways`: the sorts that the
/// components may have together.
pub(in super::super) fn composite(reader: &Reader<'_>, ways: &[Box<[Sort]>], text: &str) -> Result<Meant> {
    let parts: Vec<&str> = split(text, '$').collect();
    let count = ways.first().map_or(0, |way| way.len());
    if parts.len() != count {
        let text = format!(
            "{} has {} parts: this parameter has {count}, with $ between them; write \\$ for one in a value",
            quoted(text),
            parts.len()
        );
        return Err(Fault::value(text));
    }
    let mut found: Vec<Meant> = Vec::new();
    let mut wrong = None;
    for way in ways {
        match together(reader, way, &parts) {
            Ok(meant) => found.push(meant),
            Err(fault) => wrong = wrong.or(Some(fault)),
        }
    }
    match wrong {
        Some(fault) if found.is_empty() => Err(fault),
        _ => Ok(Meant::any(found)),
    }
}

fn together(reader: &Reader<'_>, way: &[Sort], parts: &[&str]) -> Result<Meant> {
    let mut joint: Vec<(Vec<TableId>, usize, Vec<ColumnTest>)> = vec![Default::default()];
    let mut words = Vec::new();
    for (at, (sort, part)) in way.iter().zip(parts).enumerate() {
        let told = |fault: Fault| Fault { text: format!("part {}: {}", at + 1, fault.text), ..fault };
        let meant = super::plain(reader, *sort, part).map_err(told)?;
        words.push(format!("part {} {}", at + 1, meant.words));
        let longer = joint.iter().flat_map(|(tables, width, tests)| {
            meant.shapes.iter().map(move |shape| {
                let mut tables = tables.clone();
                tables.push(shape.table);
                let mut tests = tests.clone();
                tests.extend(shape.tests.iter().map(|test| moved(test, *width)));
                (tables, width + columns(shape.table), tests)
            })
        });
        joint = longer.collect();
    }
    let shapes = joint
        .into_iter()
        .filter_map(|(tables, _, tests)| Some(Shape { table: joint_table(&tables)?, tests }));
    Ok(Meant { shapes: shapes.collect(), words: format!("has together: {}", words.join(", ")) })
}

/// The columns that a part has in a composite's table: no flags.
fn columns(table: TableId) -> usize {
    table.table().map_or(0, |table| table.columns.len() - usize::from(table.is_flagged()))
}

fn moved(test: &ColumnTest, by: usize) -> ColumnTest {
    let op = match &test.op {
        Op::UpTo(column) => Op::UpTo(column + by),
        op => op.clone(),
    };
    ColumnTest { column: test.column + by, op }
}
