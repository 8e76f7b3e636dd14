//! The index tables.

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A 64-bit integer.
    Int,
    /// A double.
    Real,
    /// Text, compared byte by byte.
    Text,
    /// Bytes.
    Bytes,
}

/// A value column of an index table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The column's name, fit for SQL.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
}

/// One table of index entries: beside these columns it has the unit's number and whatever names the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexTable {
    /// The table's name, fit for SQL.
    pub name: &'static str,
    /// The value columns, in the order of an entry's values.
    pub columns: &'static [Column],
}

impl IndexTable {
    /// The first two columns that are the least and the greatest of a number's values: nearly all numbers are one value,
    /// so that those that span several have an index of their own.
    #[must_use]
    pub fn span(&self) -> Option<(usize, usize)> {
        let is_low = |column: &Column| column.kind == Kind::Bytes && column.name.starts_with("low");
        let low = self.columns.iter().position(is_low)?;
        Some((low, low + 1))
    }

    /// Whether the last column says which entries of a resource are the first in the order of the values, ascending
    /// and descending: R4 sorts by the least or the greatest of several.
    #[must_use]
    pub fn is_flagged(&self) -> bool {
        self.columns.last().is_some_and(|column| column.name == FLAGS)
    }
}

/// In a flagged table: the entry has the least value of its resource and unit.
pub const LEAST: i64 = 1;

/// In a flagged table: the entry has the greatest value of its resource and unit.
pub const GREATEST: i64 = 2;

const FLAGS: &str = "flags";

/// Which of [`TABLES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableId(pub u8);

impl TableId {
    /// The table.
    #[must_use]
    pub fn table(self) -> Option<&'static IndexTable> {
        const { &TABLES }.get(usize::from(self.0))
    }

    /// All of them, in their order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0_u8..).take(TABLES.len()).map(Self)
    }
}

const fn int(name: &'static str) -> Column {
    Column { name, kind: Kind::Int }
}

const fn real(name: &'static str) -> Column {
    Column { name, kind: Kind::Real }
}

const fn text(name: &'static str) -> Column {
    Column { name, kind: Kind::Text }
}

const fn bytes(name: &'static str) -> Column {
    Column { name, kind: Kind::Bytes }
}

/// Declares the tables: a constant of [`TableId`], the name in SQL, the columns.
macro_rules! tables {
    ($($(#[$doc:meta])* $id:ident $name:literal [$($column:expr),+ $(,)?];)+) => {
        /// The numbers of the constants below.
        #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "the names of constants")]
        enum Number { $($id),+ }

        impl TableId {
            $($(#[$doc])* pub const $id: Self = Self(Number::$id as u8);)+
        }

        /// The index tables, by [`TableId`].
        pub const TABLES: [IndexTable; [$(Number::$id as u8),+].len()] =
            [$(IndexTable { name: $name, columns: &[$($column),+] }),+];
    };
}

// Times are microseconds since 1970, both ends inclusive. Numbers are bytes that compare as the numbers do
// ([`crate::values`] says how). Systems and units, and strings as they were written, are 64-bit hashes.
tables! {
    /// Codes, identifiers, flags.
    TOKEN "token" [text("code"), int("system")];
    /// The texts of what is in [`TableId::TOKEN`], for `:text`.
    TOKEN_TEXT "token_text" [text("normal")];
    /// The types of identifiers, for `:of-type`.
    TOKEN_TYPE "token_type" [text("value"), text("code"), int("system")];
    /// References to resources, and canonical URLs.
    REFERENCE "reference" [bytes("target"), int("target_type"), text("version")];
    /// Dates, instants and periods.
    DATE "date" [int("low"), int("high"), int(FLAGS)];
    /// Names and other texts.
    STRING "string" [text("normal"), int("exact"), int(FLAGS)];
    /// Numbers.
    NUMBER "number" [bytes("low"), bytes("high"), int(FLAGS)];
    /// Measured values, as they are written.
    QUANTITY "quantity" [bytes("low"), bytes("high"), int("system"), int("code"), int("unit"), int(FLAGS)];
    /// Measured values in UCUM's base units.
    QUANTITY_UCUM "quantity_ucum" [int("base"), bytes("low"), bytes("high")];
    /// URIs.
    URI "uri" [text("uri")];
    /// Places on the Earth, in degrees.
    POSITION "position" [real("latitude"), real("longitude")];
    /// Which resources are in the compartment of another one.
    COMPARTMENT "compartment" [bytes("target")];
    /// The resources that a resource contains, each as references to it have it, and its ordinal.
    CONTAINED "contained" [bytes("target"), int("target_type"), int("ordinal")];
    /// Words of narratives and of whole resources.
    WORD "word" [text("word")];
    /// Composites, whose halves are from the same repeat of an element.
    TOKEN_TOKEN "token_token" [text("code"), int("system"), text("code2"), int("system2")];
    /// A code and a measured value.
    TOKEN_QUANTITY "token_quantity" [
        text("code"), int("system"),
        bytes("low2"), bytes("high2"), int("system2"), int("code2"), int("unit2"),
    ];
    /// A code and a measured value in UCUM's base units.
    TOKEN_QUANTITY_UCUM "token_quantity_ucum" [
        text("code"), int("system"), int("base2"), bytes("low2"), bytes("high2"),
    ];
    /// A code and a time.
    TOKEN_DATE "token_date" [text("code"), int("system"), int("low2"), int("high2")];
    /// A code and a text.
    TOKEN_STRING "token_string" [text("code"), int("system"), text("normal2"), int("exact2")];
    /// A code and two numbers.
    TOKEN_NUMBER_NUMBER "token_number_number" [
        text("code"), int("system"), bytes("low2"), bytes("high2"), bytes("low3"), bytes("high3"),
    ];
    /// A code, a time and a code.
    TOKEN_DATE_TOKEN "token_date_token" [
        text("code"), int("system"), int("low2"), int("high2"), text("code3"), int("system3"),
    ];
    /// A code and a reference.
    TOKEN_REFERENCE "token_reference" [
        text("code"), int("system"), bytes("target2"), int("target_type2"), text("version2"),
    ];
    /// A reference and a code.
    REFERENCE_TOKEN "reference_token" [
        bytes("target"), int("target_type"), text("version"), text("code2"), int("system2"),
    ];
    /// A reference and a time.
    REFERENCE_DATE "reference_date" [
        bytes("target"), int("target_type"), text("version"), int("low2"), int("high2"),
    ];
    /// Two measured values.
    QUANTITY_QUANTITY "quantity_quantity" [
        bytes("low"), bytes("high"), int("system"), int("code"), int("unit"),
        bytes("low2"), bytes("high2"), int("system2"), int("code2"), int("unit2"),
    ];
}

/// Changes whenever [`TABLES`] changes. A store whose index has another layout builds it again from the resources.
pub const LAYOUT: i64 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    /// As values are cut: texts and targets to 600 bytes, numbers to 400.
    fn longest(column: &Column) -> usize {
        let is_number = ["low", "high"].iter().any(|name| column.name.starts_with(name));
        match column.kind {
            Kind::Int | Kind::Real => 8,
            Kind::Text => 600,
            Kind::Bytes => {
                if is_number {
                    400
                } else {
                    600
                }
            }
        }
    }

    #[test]
    fn the_longest_row_is_a_key_of_postgresql() {
        for table in &TABLES {
            // Each value may have three bytes before it that align it, and text and bytes four that tell the length.
            let columns: usize = table.columns.iter().map(|column| longest(column) + 7).sum();
            // A header of eight bytes, shard and unit, the resource and its version.
            let row = 8 + 8 + columns + 8 + 16;
            assert!(row <= 2704, "{}: {row}", table.name);
        }
    }
}
