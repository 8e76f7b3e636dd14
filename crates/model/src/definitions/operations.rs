//! Operations: <https://hl7.org/fhir/R4/operationdefinition.html>.

use super::lines::{Fields, lines};

/// An operation or a named query.
#[derive(Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its name in URLs, without `$`.
    pub code: &'static str,
    /// Its canonical URL.
    pub url: &'static str,
    /// Whether it is a named query.
    pub is_query: bool,
    /// Whether it is for the whole system.
    pub system: bool,
    /// Whether it is for a resource type.
    pub on_type: bool,
    /// Whether it is for one resource.
    pub instance: bool,
    /// Whether it is said to change something.
    pub affects_state: bool,
    /// The resource types that it is for.
    pub resources: Box<[&'static str]>,
    /// Its parameters; a parameter's parts follow it, one deeper.
    pub parameters: Vec<OperationParameter>,
}

/// A parameter of an [`Operation`], or a part of one.
#[derive(Debug, PartialEq, Eq)]
pub struct OperationParameter {
    /// Its name.
    pub name: &'static str,
    /// Whether it is part of the answer.
    pub out: bool,
    /// How many there are at least.
    pub min: u32,
    /// How many there are at most; any number where there is none.
    pub max: Option<u32>,
    /// Its type; one with parts has none.
    pub ty: Option<&'static str>,
    /// 0, or how deep it is in others.
    pub depth: u8,
    /// The type of search parameter that it is written like.
    pub search_type: Option<&'static str>,
    /// The types that its references may lead to.
    pub targets: Box<[&'static str]>,
}

/// Reads the text of `operations.tsv`.
pub(super) fn load(text: &'static str) -> Box<[Operation]> {
    let mut operations: Vec<Operation> = Vec::new();
    for (kind, mut fields) in lines(text) {
        match (kind, operations.last_mut()) {
            ("op", _) => operations.extend(operation(&mut fields)),
            ("param", Some(operation)) => operation.parameters.extend(parameter(&mut fields)),
            _ => {}
        }
    }
    operations.into_boxed_slice()
}

fn operation(fields: &mut Fields) -> Option<Operation> {
    let (code, url) = (fields.next()?, fields.next()?);
    let is_query = fields.next()? == "query";
    let flags = fields.next()?;
    Some(Operation {
        code,
        url,
        is_query,
        system: flags.contains('S'),
        on_type: flags.contains('T'),
        instance: flags.contains('I'),
        affects_state: flags.contains('A'),
        resources: fields.list(),
        parameters: Vec::new(),
    })
}

fn parameter(fields: &mut Fields) -> Option<OperationParameter> {
    let out = fields.next()? == "out";
    let min = fields.number()?;
    let max = match fields.next()? {
        "*" => None,
        max => Some(max.parse().ok()?),
    };
    let ty = fields.value();
    Some(OperationParameter {
        out,
        min,
        max,
        ty,
        name: fields.next()?,
        depth: fields.number()?,
        search_type: fields.value(),
        targets: fields.list(),
    })
}
