//! Typed queries: what a search asks for, once its parameters are read.
//!
//! <https://hl7.org/fhir/R4/search.html>. Nothing unparsed is left in a [`Query`]: whatever could not be understood was
//! refused before.

mod answer;
mod condition;
mod matcher;
mod read;

use rushlight_model::ResourceType;

use crate::table::TableId;

pub use answer::{Contained, Form};
pub use condition::{ColumnTest, Condition, Link, Op, RowTest, Scalar, Within};
pub use matcher::{Candidate, EARTH, Elsewhere, Inner, metres};
pub use read::{NothingStored, Problem, Reader, Reading, SORT_KEYS, Stored, Told};

/// A search.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The types that are searched, ascending; all of the release where there are none. Conditions on entries name units,
    /// which are of one type each.
    pub types: Vec<ResourceType>,
    /// What must hold, all of it.
    pub clauses: Vec<Clause>,
    /// The order of the results. What it leaves open, the order of creation decides.
    pub sort: Vec<SortKey>,
    /// `_include`: <https://hl7.org/fhir/R4/search.html#revinclude>
    pub includes: Vec<Include>,
    /// `_revinclude`.
    pub revincludes: Vec<Include>,
    /// `_contained`, `_containedType`: unless it is [`Contained::No`], there are neither sorts nor includes.
    pub contained: Contained,
}

/// One parameter of a search, as it was understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clause {
    /// The parameter with modifier and chain, as it was written.
    pub name: String,
    /// Its value, as it was written; alternatives are separated by commas.
    pub value: String,
    /// What it was understood to mean, in words.
    pub meaning: String,
    /// What must hold.
    pub condition: Condition,
}

/// A key of `_sort`: <https://hl7.org/fhir/R4/search.html#_sort>. A resource without a value comes last in both
/// directions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// The parameter, as it was written, without `-`.
    pub name: String,
    /// What is compared.
    pub by: SortBy,
    /// The greatest first.
    pub descending: bool,
}

/// What results are sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SortBy {
    /// The id: by its key ([`rushlight_model::Id::to_key`]).
    Id,
    /// `meta.lastUpdated`.
    LastUpdated,
    /// The first value column of the entries of these units: of a resource's several, the least where it is ascending and
    /// the greatest where it is descending. Bare entries are none.
    Entries {
        /// Where the entries are.
        table: TableId,
        /// Units of any of the query's types.
        units: Vec<i32>,
        /// Of references, those to this type only.
        target: Option<ResourceType>,
    },
}

/// A parameter whose references are followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    /// As it was written: `Observation:subject:Patient`.
    pub text: String,
    /// The type that the references are in.
    pub source: ResourceType,
    /// The units of the references; with `*`, those of all parameters.
    pub units: Vec<i32>,
    /// The types that are included; any where there are none.
    pub targets: Vec<ResourceType>,
    /// Whether it also applies to what is included: `:iterate`.
    pub iterate: bool,
}

impl Query {
    /// Everything of these types, in the order of creation.
    #[must_use]
    pub fn all(types: Vec<ResourceType>) -> Self {
        let (sort, includes, revincludes) = Default::default();
        Self { types, clauses: Vec::new(), sort, includes, revincludes, contained: Contained::No }
    }

    /// The conditions of all clauses.
    #[must_use]
    pub fn condition(&self) -> Condition {
        Condition::all(self.clauses.iter().map(|clause| clause.condition.clone()).collect())
    }
}
