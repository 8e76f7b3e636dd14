//! Composites: entries whose values are from the same repeat of an element,
//! <https://hl7.org/fhir/R4/search.html#combining>.

use rushlight_fhirpath::syntax::Expr;
use rushlight_fhirpath::{Expression, Options};
use rushlight_model::definitions::TypeDefinition;
use smallvec::SmallVec;

use super::branch::{Branch, Finder};
use super::{Composite, Computed, Part, Program};
use crate::entries::{Entries, Entry};
use crate::table::TableId;
use crate::values::{Datatype, Sort};

/// A component of a composite parameter.
#[derive(Debug)]
pub(crate) struct Component {
    /// From the composite's element.
    pub(crate) expression: Expr,
    /// What the parameter that it is like has; none if nobody has defined that.
    pub(crate) sort: Option<Sort>,
}

impl Program {
    /// Adds a composite on what a branch leads to from a resource of the type `on`, and tells which sorts its components
    /// can have together. None: a component finds nothing that could be indexed.
    pub(crate) fn composite(
        &mut self,
        on: &'static TypeDefinition,
        (unit, branch): (i32, &Branch),
        components: &[Component],
    ) -> Vec<Box<[Sort]>> {
        let mut ends: Vec<(usize, &'static TypeDefinition)> =
            self.follow(0, branch).into_iter().map(|(state, child)| (state, child.ty)).collect();
        if branch.steps.is_empty() {
            ends.push((0, on));
        }
        // Whether a reference leads to a type is asked of parameters, not of parts of them.
        if branch.target.is_some() {
            return Vec::new();
        }
        let mut ways: Vec<Box<[Sort]>> = Vec::new();
        for (end, ty) in ends {
            let finder = Finder { definitions: self.definitions, on: ty };
            let parts: Option<Vec<(i32, Vec<Sort>)>> =
                components.iter().map(|component| self.part(end, &finder, component)).collect();
            let Some(parts) = parts else { continue };
            let mut together: Vec<Vec<Sort>> = vec![Vec::new()];
            for (_, sorts) in &parts {
                let longer = |way: &Vec<Sort>| {
                    let way = way.clone();
                    sorts.iter().map(move |sort| way.iter().copied().chain([*sort]).collect::<Vec<Sort>>())
                };
                together = together.iter().flat_map(longer).collect();
            }
            together.retain(|way| has_table(way));
            if together.is_empty() {
                continue;
            }
            let parts = parts.into_iter().map(|(part, _)| part).collect();
            if let Some(state) = self.states.get_mut(end) {
                state.composites.push(Composite { unit, parts });
                for way in together.into_iter().map(Box::from) {
                    if !ways.contains(&way) {
                        ways.push(way);
                    }
                }
            }
        }
        ways
    }

    /// The number that a component has among the parts of a state, and the sorts of its entries.
    fn part(&mut self, state: usize, finder: &Finder, component: &Component) -> Option<(i32, Vec<Sort>)> {
        let text = format!("{:?} {}", component.sort, component.expression);
        let parts = &self.states.get(state)?.parts;
        if let Some(known) = parts.iter().position(|(known, _)| *known == text) {
            return Some((i32::try_from(known).ok()?, parts.get(known)?.1.clone()));
        }
        let part = Part { of: state, number: i32::try_from(parts.len()).ok()? };
        let sorts = match finder.branches(&component.expression) {
            Ok(branches) if branches.iter().any(|branch| branch.target.is_some()) => return None,
            Ok(branches) => {
                let mut sorts = Vec::new();
                branches.iter().for_each(|branch| self.add_part(part, branch, component.sort, &mut sorts));
                sorts
            }
            Err(_) => {
                let (sort, text) = (component.sort?, component.expression.to_string());
                let options = Options { on: None, as_keeps: true };
                let expression = Expression::compile_with(&text, finder.definitions, options).ok()?;
                let computed = Computed { unit: part.number, sort, expression };
                self.states.get_mut(state)?.computed.push(computed);
                vec![sort]
            }
        };
        if sorts.is_empty() {
            return None;
        }
        self.states.get_mut(state)?.parts.push((text, sorts.clone()));
        Some((part.number, sorts))
    }

    fn add_part(&mut self, part: Part, branch: &Branch, sort: Option<Sort>, sorts: &mut Vec<Sort>) {
        for (state, child) in self.follow(part.of, branch) {
            if let Some(sort) = fitting(sort, Datatype::of(child.ty, self.definitions))
                && let Some(emit) = self.emit_of(state, sort, &child, |_| true)
            {
                emit.parts.push(part);
                if !sorts.contains(&sort) {
                    sorts.push(sort);
                }
            }
        }
    }
}

/// The sort that is declared, if it knows the datatype; else the one that the datatype is made for. Definitions of
/// components are missing here and there, and those of R4's `DocumentReference.relationship` are swapped.
fn fitting(declared: Option<Sort>, datatype: Datatype) -> Option<Sort> {
    let usual = || match datatype.sort() {
        // URIs in composites are canonical ones.
        Some(Sort::Uri) => Some(Sort::Reference),
        sort => sort,
    };
    declared.filter(|sort| datatype.is_known_to(*sort)).or_else(usual)
}

/// The table where most entries of a sort are.
pub(crate) fn usual_table(sort: Sort) -> TableId {
    match sort {
        Sort::Token => TableId::TOKEN,
        Sort::Reference => TableId::REFERENCE,
        Sort::Date => TableId::DATE,
        Sort::String => TableId::STRING,
        Sort::Number => TableId::NUMBER,
        Sort::Quantity => TableId::QUANTITY,
        Sort::Uri => TableId::URI,
        Sort::Position => TableId::POSITION,
    }
}

/// Whether there is a table for composites whose parts are of these sorts.
pub(crate) fn has_table(sorts: &[Sort]) -> bool {
    table_of(sorts).is_some()
}

/// The table where a composite whose parts are of these sorts has an entry for all of them.
pub(crate) fn table_of(sorts: &[Sort]) -> Option<TableId> {
    table(sorts.iter().map(|sort| usual_table(*sort)))
}

/// The table of a composite whose parts have their entries in these tables.
pub(crate) fn joint_table(parts: &[TableId]) -> Option<TableId> {
    table(parts.iter().copied())
}

/// [`joint_table`]
fn table(parts: impl Iterator<Item = TableId>) -> Option<TableId> {
    let mut tables = [NO; 3];
    for (at, part) in parts.enumerate() {
        *tables.get_mut(at)? = part;
    }
    TABLES_OF.iter().find(|(of, _)| *of == tables).map(|(_, table)| *table)
}

const NO: TableId = TableId(u8::MAX);

#[rustfmt::skip]
const TABLES_OF: [([TableId; 3], TableId); 11] = [
    ([TableId::TOKEN, TableId::TOKEN, NO], TableId::TOKEN_TOKEN),
    ([TableId::TOKEN, TableId::QUANTITY, NO], TableId::TOKEN_QUANTITY),
    ([TableId::TOKEN, TableId::QUANTITY_UCUM, NO], TableId::TOKEN_QUANTITY_UCUM),
    ([TableId::TOKEN, TableId::DATE, NO], TableId::TOKEN_DATE),
    ([TableId::TOKEN, TableId::STRING, NO], TableId::TOKEN_STRING),
    ([TableId::TOKEN, TableId::NUMBER, TableId::NUMBER], TableId::TOKEN_NUMBER_NUMBER),
    ([TableId::TOKEN, TableId::DATE, TableId::TOKEN], TableId::TOKEN_DATE_TOKEN),
    ([TableId::TOKEN, TableId::REFERENCE, NO], TableId::TOKEN_REFERENCE),
    ([TableId::REFERENCE, TableId::TOKEN, NO], TableId::REFERENCE_TOKEN),
    ([TableId::REFERENCE, TableId::DATE, NO], TableId::REFERENCE_DATE),
    ([TableId::QUANTITY, TableId::QUANTITY, NO], TableId::QUANTITY_QUANTITY),
];

/// Combinations that one element may have of a composite: otherwise a small body could have any number of rows.
const MOST_COMBINATIONS: usize = 4096;

/// Entries of parts, as a walk finds them.
#[derive(Debug, Default)]
pub(super) struct Found {
    entries: Entries,
    /// Of which parts they are.
    parts: Vec<Part>,
}

impl Found {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.parts.len()
    }

    /// Forgets those of a state, from a place on; others may be parts of what is further up.
    pub(super) fn forget(&mut self, first: usize, state: usize) {
        let later = |(part, entry): (&Part, Entry<'_>)| {
            (part.of != state).then_some((*part, entry.table, entry.ordinal, entry.key.to_vec()))
        };
        let kept: Vec<_> = self.since(first).filter_map(later).collect();
        self.entries.truncate(first);
        self.parts.truncate(first);
        for (part, table, ordinal, key) in kept {
            self.push(Entry { table, key: &key, ordinal }, part);
        }
    }

    fn since(&self, first: usize) -> impl Iterator<Item = (&Part, Entry<'_>)> {
        self.parts.get(first..).unwrap_or_default().iter().zip(self.entries.since(first))
    }

    /// Adds copies of the entries from a place on to each of the parts.
    pub(super) fn copy(&mut self, from: &Entries, first: usize, parts: &[Part]) {
        for entry in from.since(first) {
            parts.iter().for_each(|part| self.push(entry, *part));
        }
    }

    fn push(&mut self, entry: Entry<'_>, part: Part) {
        if self.parts.capacity() == 0 {
            // Enough for what most elements have.
            self.entries.reserve(8, 512);
            self.parts.reserve(8);
        }
        self.entries.push(entry);
        self.parts.push(part);
    }

    /// Adds every combination of the entries from a place on of the parts of a state.
    pub(super) fn combine(&self, first: usize, state: usize, composites: &[Composite], out: &mut Entries) {
        let parts = self.since(first);
        let own = parts.filter(|(part, _)| part.of == state).map(|(part, entry)| (part.number, entry));
        let mut found: Numbered<'_> = own.collect();
        // Beside a reference, a token is the reference's identifier.
        let is_reference = |entry: &Entry<'_>| entry.table == TableId::REFERENCE;
        let references: SmallVec<[i32; 2]> =
            found.iter().filter(|(_, entry)| is_reference(entry)).map(|(part, _)| *part).collect();
        found.retain(|(part, entry)| !entry.is_bare() && (is_reference(entry) || !references.contains(part)));
        if found.is_empty() {
            return;
        }
        for composite in composites {
            let count = |part: &i32| found.iter().filter(|(of, _)| of == part).count();
            if composite.parts.iter().map(count).fold(1, usize::saturating_mul) > MOST_COMBINATIONS {
                out.overflow();
                continue;
            }
            choose(composite, &found, &mut SmallVec::new(), out);
        }
    }
}

/// Entries and the numbers of their parts.
type Numbered<'e> = SmallVec<[(i32, Entry<'e>); 8]>;

fn choose<'e>(
    composite: &Composite,
    found: &Numbered<'e>,
    chosen: &mut SmallVec<[Entry<'e>; 3]>,
    out: &mut Entries,
) {
    let Some(part) = composite.parts.get(chosen.len()) else {
        if let Some(table) = table(chosen.iter().map(|entry| entry.table)) {
            let row = out.row(table, composite.unit);
            chosen.iter().fold(row, |row, entry| row.encoded(entry.plain())).end();
        }
        return;
    };
    for (_, entry) in found.iter().filter(|(of, _)| of == part) {
        chosen.push(*entry);
        choose(composite, found, chosen, out);
        chosen.pop();
    }
}
