//! What stands for a resource in a statement.

use rushlight_search::contained;

/// What a condition is about, by how deep it is nested: an alias `vN` of `version`, the current one of a resource; or with
/// it a row `rN` that may stand for one that the resource contains.
///
/// A row has the columns `rid`, the resource's key; `key`, that of the entries; `shift`, what makes a unit's number that
/// of the entries ([`contained`]); `id`, as targets of references have it; and `ty`.
#[derive(Clone, Copy)]
pub(crate) struct Alias {
    depth: usize,
    version: usize,
    is_row: bool,
    /// Where the resource's key is before its version is looked up: what is asked by it, is asked first.
    listed: Option<Listed>,
}

/// What has the key of a resource.
#[derive(Clone, Copy)]
enum Listed {
    /// A column.
    Column(&'static str),
    /// The column `rid` of what comes before the version `vN`: an `rN` or an `oN`.
    Row(char),
}

/// The columns of a row that stands for a contained resource, from its row `i` in the table of those.
pub(crate) fn contained_row() -> String {
    let (key, shift) = (contained_key(), contained::UNITS);
    format!("i.rid AS rid, {key} AS key, {shift} AS shift, i.target AS id, i.target_type AS ty")
}

/// The key of a contained resource, from its row `i` in the table of those.
pub(crate) fn contained_key() -> String {
    format!("((i.rid << {}) | i.ordinal)", contained::BITS)
}

impl Alias {
    /// A resource, at some depth.
    pub(crate) const fn resource(depth: usize) -> Self {
        Self { depth, version: depth, is_row: false, listed: None }
    }

    /// The resource that is searched for, whose key a column has.
    pub(crate) const fn found(listed: &'static str) -> Self {
        Self { listed: Some(Listed::Column(listed)), ..Self::resource(0) }
    }

    /// What a row stands for, at some depth.
    pub(crate) const fn row(depth: usize) -> Self {
        Self { is_row: true, ..Self::resource(depth) }
    }

    /// The next deeper one.
    pub(crate) fn inner(self, is_row: bool) -> Self {
        Self { is_row, ..Self::resource(self.depth + 1) }
    }

    /// The next deeper one, whose key is in the `rid` of a table named by this letter and how deep it is.
    pub(crate) fn inner_of(self, letter: char) -> Self {
        Self { listed: Some(Listed::Row(letter)), ..Self::resource(self.depth + 1) }
    }

    /// The next deeper one, which stands for what the resource of this one contains.
    pub(crate) fn within(self) -> Self {
        Self { depth: self.depth + 1, is_row: true, ..self }
    }

    /// How deep it is.
    pub(crate) fn depth(self) -> usize {
        self.depth
    }

    /// Whether it may stand for a contained resource.
    pub(crate) fn is_row(self) -> bool {
        self.is_row
    }

    /// The name of the resource's version.
    pub(crate) fn name(self) -> String {
        format!("v{}", self.version)
    }

    /// A column of the resource's version.
    pub(crate) fn dot(self, column: &str) -> String {
        format!("v{}.{column}", self.version)
    }

    /// The resource's key; of what is contained, the container's.
    pub(crate) fn rid(self) -> String {
        self.own("rid", "rid")
    }

    /// The key of its entries.
    pub(crate) fn key(self) -> String {
        self.own("key", "rid")
    }

    /// Its id, as targets of references have it.
    pub(crate) fn id(self) -> String {
        self.own("id", "id")
    }

    /// The number of its type.
    pub(crate) fn ty(self) -> String {
        self.own("ty", "type")
    }

    /// What has to be added to the numbers of its units.
    pub(crate) fn shift(self) -> Option<String> {
        self.is_row.then(|| format!("r{}.shift", self.depth))
    }

    fn own(self, of_row: &str, of_version: &str) -> String {
        match self.listed {
            _ if self.is_row => format!("r{}.{of_row}", self.depth),
            Some(Listed::Column(listed)) if of_version == "rid" => listed.to_owned(),
            Some(Listed::Row(letter)) if of_version == "rid" => format!("{letter}{}.rid", self.depth),
            _ => self.dot(of_version),
        }
    }
}
