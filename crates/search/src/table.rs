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

/// One table of index entries: beside these columns it has the parameter and whatever names the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexTable {
    /// The table's name, fit for SQL.
    pub name: &'static str,
    /// The value columns, in the order of an entry's values.
    pub columns: &'static [Column],
}

/// Which of [`TABLES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableId(pub u8);

impl TableId {
    /// Codes, identifiers, flags.
    pub const TOKEN: Self = Self(0);
    /// References to resources.
    pub const REFERENCE: Self = Self(1);
    /// Dates, instants and periods.
    pub const DATE: Self = Self(2);
    /// Names and other texts.
    pub const STRING: Self = Self(3);
    /// Measured values.
    pub const QUANTITY: Self = Self(4);
    /// URIs.
    pub const URI: Self = Self(5);
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind }
}

/// The index tables, by [`TableId`].
pub const TABLES: [IndexTable; 6] = [
    IndexTable { name: "token", columns: &[column("code", Kind::Text), column("system", Kind::Int)] },
    IndexTable {
        name: "reference",
        columns: &[column("target_id", Kind::Bytes), column("target_type", Kind::Int)],
    },
    // Microseconds since 1970, both inclusive.
    IndexTable { name: "date", columns: &[column("low", Kind::Int), column("high", Kind::Int)] },
    IndexTable { name: "string", columns: &[column("normal", Kind::Text), column("exact", Kind::Text)] },
    IndexTable {
        name: "quantity",
        columns: &[column("low", Kind::Real), column("high", Kind::Real), column("unit", Kind::Int)],
    },
    IndexTable { name: "uri", columns: &[column("uri", Kind::Text)] },
];

/// Changes whenever [`TABLES`] or what [`extract`](crate::extract) makes of a resource changes.
///
/// A store whose index has another layout builds it again from the resources.
pub const LAYOUT: i64 = 1;
