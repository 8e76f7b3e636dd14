//! From an element to the rows that an index holds of it.

mod coded;
mod dated;
pub mod measured;
pub mod reference;
mod textual;

use crate::expression::Node;
use crate::hash::cut;
use rushlight_model::definitions::{Definitions, SearchParameterType};

pub use coded::truth;

/// A row: the table's name, and the values in the order of its columns, without flags.
pub type Row = (String, Vec<Column>);

/// A value of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    Int(i64),
    /// By its digits, which tell a double apart from every other.
    Real(String),
    Text(String),
    Bytes(Vec<u8>),
}

impl Column {
    /// Text, cut if it is long.
    pub fn text(text: &str) -> Self {
        Self::Text(cut(text))
    }
}

pub fn row(table: &str, values: impl IntoIterator<Item = Column>) -> Row {
    (table.to_owned(), values.into_iter().collect())
}

/// How the values of a parameter are indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Token,
    Reference,
    Date,
    String,
    Number,
    Quantity,
    Uri,
    Position,
}

impl Sort {
    /// The sort of a type of parameters; composites are made of others.
    pub fn of(ty: SearchParameterType) -> Option<Self> {
        use SearchParameterType as T;
        Some(match ty {
            T::Token => Self::Token,
            T::Reference => Self::Reference,
            T::Date => Self::Date,
            T::String => Self::String,
            T::Number => Self::Number,
            T::Quantity => Self::Quantity,
            T::Uri => Self::Uri,
            // Of the special ones, only `near` looks at an element.
            T::Special => Self::Position,
            T::Composite => return None,
        })
    }

    /// The sort that a datatype is made for.
    pub fn natural(ty: &str) -> Option<Self> {
        Some(match ty {
            "Coding" | "CodeableConcept" | "CodeableReference" | "Identifier" | "ContactPoint" | "code"
            | "boolean" | "id" => Self::Token,
            // URIs in composites are canonical ones.
            "Reference" | "canonical" | "uri" | "url" | "oid" | "uuid" => Self::Reference,
            "date" | "dateTime" | "instant" | "Period" | "Timing" => Self::Date,
            "string" | "markdown" | "HumanName" | "Address" | "Annotation" => Self::String,
            "integer" | "positiveInt" | "unsignedInt" | "integer64" | "decimal" => Self::Number,
            "Quantity" | "Age" | "Duration" | "Count" | "Distance" | "SimpleQuantity" | "MoneyQuantity"
            | "Money" | "Range" | "SampledData" => Self::Quantity,
            _ => return None,
        })
    }

    /// The table that an element of this sort is in, if in any.
    pub fn table(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Reference => "reference",
            Self::Date => "date",
            Self::String => "string",
            Self::Number => "number",
            Self::Quantity => "quantity",
            Self::Uri => "uri",
            Self::Position => "position",
        }
    }

    /// Of an element that is there without anything to look for: no value matches it.
    pub fn bare(self) -> Option<Row> {
        use Column::{Bytes, Int, Text};
        let (none, least, greatest) = (String::new(), || Bytes(vec![0, 0]), || Bytes(vec![0xFF, 0xFF]));
        let values = match self {
            Self::Token => vec![Text(none), Int(0)],
            Self::Reference => vec![Bytes(vec![]), Int(0), Text(none)],
            Self::Date => vec![Int(i64::MAX), Int(i64::MIN)],
            Self::String => vec![Text(none), Int(0)],
            Self::Number => vec![greatest(), least()],
            Self::Quantity => vec![greatest(), least(), Int(0), Int(0), Int(0)],
            Self::Uri => vec![Text(none)],
            Self::Position => return None,
        };
        Some(row(self.table(), values))
    }

    /// Whether a row is one that is found by a value of this sort.
    pub fn is_found(self, row: &Row) -> bool {
        let (table, values) = row;
        let is_bare = match self {
            // The type of a reference may be told where its target is not.
            Self::Reference => values[0] == Column::Bytes(Vec::new()),
            _ => self.bare().as_ref() == Some(row),
        };
        (table == self.table() || table == "quantity_ucum") && !is_bare
    }
}

/// The rows of an element; `None` if the sort does not know its datatype.
pub fn rows(
    sort: Sort,
    node: &Node<'_>,
    resource: &Node<'_>,
    definitions: &'static Definitions,
) -> Option<Vec<Row>> {
    let mut rows = match sort {
        Sort::Token => coded::rows(node, definitions),
        Sort::Reference => reference::rows(node, resource),
        Sort::Date => dated::rows(node),
        Sort::String => textual::strings(node),
        Sort::Uri => textual::uris(node),
        Sort::Number => measured::numbers(node, definitions),
        Sort::Quantity => measured::quantities(node, definitions),
        Sort::Position => measured::positions(node),
    }?;
    if !rows.iter().any(|(table, _)| table == sort.table()) {
        rows.extend(sort.bare());
    }
    Some(rows)
}
