//! Index entries and their order.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::table::{IndexTable, TABLES, TableId};

/// A value of an index entry.
#[derive(Clone, Debug)]
pub enum Scalar {
    /// For [`Kind::Int`](crate::Kind::Int).
    Int(i64),
    /// For [`Kind::Real`](crate::Kind::Real); never NaN.
    Real(f64),
    /// For [`Kind::Text`](crate::Kind::Text).
    Text(Cow<'static, str>),
    /// For [`Kind::Bytes`](crate::Kind::Bytes).
    Bytes(Vec<u8>),
}

impl Scalar {
    /// The kind's place in the order of values of different kinds.
    fn rank(&self) -> u8 {
        match self {
            Self::Int(_) => 0,
            Self::Real(_) => 1,
            Self::Text(_) => 2,
            Self::Bytes(_) => 3,
        }
    }
}

/// A total order: numbers by value, text and bytes byte by byte, as both kinds of store compare them.
impl Ord for Scalar {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Real(a), Self::Real(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
            (Self::Bytes(a), Self::Bytes(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl PartialOrd for Scalar {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Scalar {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Scalar {}

/// One row of an index table, without the resource that it belongs to.
///
/// Entries order by table, parameter and values: the order in which a store's pages hold them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Which table.
    pub table: TableId,
    /// Which search parameter of which resource type.
    pub param: i32,
    /// One value for each of the table's columns.
    pub values: Vec<Scalar>,
}

impl Entry {
    /// The table that the entry belongs to; `None` for a number that no table has.
    #[must_use]
    pub fn table(&self) -> Option<&'static IndexTable> {
        const { &TABLES }.get(usize::from(self.table.0))
    }
}

/// What has to be done to turn the entries `old` into `new`: those that end, and those that begin.
///
/// Both must be sorted and without duplicates, as [`extract`](crate::extract) returns them; so are the results.
///
/// ```
/// use rushlight_search::{Entry, Scalar, TableId, diff};
///
/// let entry = |value| Entry { table: TableId::DATE, param: 1, values: vec![Scalar::Int(value), Scalar::Int(value)] };
/// let (ended, begun) = diff(&[entry(1), entry(2)], &[entry(2), entry(3)]);
/// assert_eq!((ended, begun), (vec![entry(1)], vec![entry(3)]));
/// ```
#[must_use]
pub fn diff(old: &[Entry], new: &[Entry]) -> (Vec<Entry>, Vec<Entry>) {
    let (mut ended, mut begun) = (Vec::new(), Vec::new());
    let (mut old, mut new) = (old, new);
    while let (Some((first, later)), Some((other, rest))) = (old.split_first(), new.split_first()) {
        match first.cmp(other) {
            Ordering::Less => {
                ended.push(first.clone());
                old = later;
            }
            Ordering::Greater => {
                begun.push(other.clone());
                new = rest;
            }
            Ordering::Equal => (old, new) = (later, rest),
        }
    }
    ended.extend_from_slice(old);
    begun.extend_from_slice(new);
    (ended, begun)
}
