//! From conditions to SQL: what must hold of an alias of `version` that stands for a resource.

use crate::access::{Access, Interaction};
use crate::either::AnySql;
use crate::error::StoreError;
use crate::identity::hex;
use crate::index::rows::{self, By, Source};
use crate::read::visible;
use crate::search::alias::Alias;
use crate::search::span;
use crate::search::values::{MOST_BOUND, Manner, listed, of_shifted, of_units, one_of, passes};
use crate::snapshot::Shown;
use crate::units::Known;
use diesel::sql_types::Binary;
use rushlight_model::{Id, ResourceType};
use rushlight_search::query::{Condition, Link, Op, RowTest, Scalar};
use rushlight_search::{Kind, Registry, TableId, contained};

/// What every part of a statement is compiled against.
#[derive(Clone, Copy)]
pub(crate) struct Compiler<'c> {
    /// Where the rows lie.
    pub(crate) source: &'c Source,
    /// Which versions there are.
    pub(crate) shown: Shown<'c>,
    /// What the caller may see: it stands on every alias of a resource.
    pub(crate) viewer: Viewer<'c>,
    /// The types that are searched, where it begins; all where there are none.
    pub(crate) types: &'c [ResourceType],
    /// What is indexed, and what is remembered of it.
    pub(crate) known: &'c Known,
    /// Types of which some resource contains one, of those that the search asks about.
    pub(crate) held: &'c [ResourceType],
}

/// Who looks.
#[derive(Clone, Copy)]
pub(crate) struct Viewer<'c> {
    pub(crate) access: &'c Access,
    pub(crate) registry: &'c Registry,
    /// What must be permitted with whatever is looked at.
    pub(crate) interactions: &'static [Interaction],
}

impl<'c> Viewer<'c> {
    /// One who searches.
    pub(crate) fn searching(access: &'c Access, registry: &'c Registry) -> Self {
        Self { access, registry, interactions: &[Interaction::Read, Interaction::Search] }
    }

    /// The same, who reads what is included.
    pub(crate) fn reading(self) -> Self {
        Self { interactions: &[Interaction::Read], ..self }
    }

    /// What must hold of a resource of one of these types, of any where there are none.
    pub(crate) fn sees(self, types: &[ResourceType]) -> Condition {
        self.access.condition_on(self.registry, types, self.interactions)
    }
}

impl Compiler<'_> {
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.source, Source::Postgres)
    }

    /// A statement made of a client's conditions, to be run; it is kept prepared if it comes often.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] where it binds more than the database takes.
    pub(crate) fn fit<'a, ST>(&self, sql: AnySql<'a, ST>) -> Result<AnySql<'a, ST>, StoreError> {
        let most = if self.is_postgres() { 65_535 } else { 32_766 };
        if sql.binds() > most { Err(StoreError::TooLarge) } else { Ok(sql.kept_by(&self.known.shapes)) }
    }

    /// Appends `version vN` joined to the version that is current, as of what is shown, of the resource whose key `rid` is,
    /// followed by the conditions that it is there and may be seen. It is of one of these types, of any where there are
    /// none: that is not asked here. What comes before ends with a table.
    pub(crate) fn resource<'a, ST>(
        &self,
        sql: AnySql<'a, ST>,
        rid: &str,
        alias: Alias,
        types: &[ResourceType],
    ) -> AnySql<'a, ST> {
        self.seen(self.there(sql, rid, alias), alias, types)
    }

    /// The same, whoever may see it.
    pub(crate) fn there<'a, ST>(&self, sql: AnySql<'a, ST>, rid: &str, alias: Alias) -> AnySql<'a, ST> {
        let name = alias.name();
        let sql = if self.is_postgres() {
            // It would join in an order of its own: the version is looked up for each, by design.
            let sql =
                sql.text(" CROSS JOIN LATERAL (SELECT x.* FROM version x WHERE x.shard = 0 AND x.seq = ");
            self.current(sql, rid).put(format_args!(" OFFSET 0) {name} WHERE NOT {}", alias.dot("deleted")))
        } else {
            let sql = sql.put(format_args!(" CROSS JOIN version {name} WHERE {} = ", alias.dot("seq")));
            self.current(sql, rid).put(format_args!(" AND NOT {}", alias.dot("deleted")))
        };
        self.visible(sql, &name)
    }

    /// Appends that an alias, which is of one of these types, may be seen.
    pub(crate) fn seen<'a, ST>(
        &self,
        sql: AnySql<'a, ST>,
        alias: Alias,
        types: &[ResourceType],
    ) -> AnySql<'a, ST> {
        match self.viewer.sees(types) {
            condition if condition.is_everything() => sql,
            condition => self.check(sql.text(" AND "), &condition, alias),
        }
    }

    /// Appends that a version is the current one of its resource, which is there: none that is shown comes after it.
    pub(crate) fn latest<'a, ST>(&self, sql: AnySql<'a, ST>, alias: Alias) -> AnySql<'a, ST> {
        let name = alias.name();
        let sql = self.visible(sql.put(format_args!("NOT {name}.deleted")), &name);
        let sql = sql.put(format_args!(
            " AND NOT EXISTS (SELECT 1 FROM version w WHERE w.rid = {name}.rid AND w.version > {name}.version AND w.version > 1"
        ));
        self.ended(self.visible(sql, "w"))
    }

    /// Appends that a version is shown, and what places it on a shard.
    fn visible<'a, ST>(&self, sql: AnySql<'a, ST>, alias: &str) -> AnySql<'a, ST> {
        let sql = self.placed(sql, alias);
        match self.shown.snapshot() {
            Some(snapshot) => visible(sql, alias, snapshot),
            None => sql,
        }
    }

    /// Appends the number of the version that is current of a resource.
    fn current<'a, ST>(&self, sql: AnySql<'a, ST>, rid: &str) -> AnySql<'a, ST> {
        let sql = sql
            .put(format_args!("COALESCE((SELECT w.seq FROM version w WHERE w.rid = {rid} AND w.version > 1"));
        let sql = self.visible(sql, "w");
        sql.put(format_args!(" ORDER BY w.version DESC LIMIT 1), {rid})"))
    }

    /// Appends that an alias is of one of the types that are searched.
    pub(crate) fn of_types<'a, ST>(&self, sql: AnySql<'a, ST>, alias: &str) -> AnySql<'a, ST> {
        let column = format!("{alias}.type");
        match self.types {
            [] => sql,
            types => sql.put(format_args!(" AND {}", in_types(&column, types))),
        }
    }

    /// Appends what places the rows of an alias on a shard, where there are shards.
    pub(crate) fn placed<'a, ST>(&self, sql: AnySql<'a, ST>, alias: &str) -> AnySql<'a, ST> {
        if self.is_postgres() { sql.put(format_args!(" AND {alias}.shard = 0")) } else { sql }
    }

    /// The beginning of `EXISTS (…`, as a value: SQLite would make a join of it, at the very end, after it has looked up what
    /// need not be.
    pub(super) fn exists<'a, ST>(&self, sql: AnySql<'a, ST>) -> AnySql<'a, ST> {
        sql.text(if self.is_postgres() { "EXISTS (" } else { "+EXISTS (" })
    }

    /// The end of it: PostgreSQL would make a join of it, and plan joins of many tables for long. It is a lookup for
    /// each candidate, by design.
    pub(super) fn ended<'a, ST>(&self, sql: AnySql<'a, ST>) -> AnySql<'a, ST> {
        sql.text(if self.is_postgres() { " OFFSET 0)" } else { ")" })
    }

    /// Appends that a column is the key of one of these ids.
    pub(crate) fn ids<'a, 'i, ST>(
        &self,
        sql: AnySql<'a, ST>,
        column: &str,
        ids: impl IntoIterator<Item = &'i Id>,
    ) -> AnySql<'a, ST> {
        self.keyed(sql, column, &ids.into_iter().map(Id::to_key).collect::<Vec<_>>())
    }

    fn keyed<'a, ST>(&self, sql: AnySql<'a, ST>, column: &str, keys: &[Vec<u8>]) -> AnySql<'a, ST> {
        if keys.len() > MOST_BOUND {
            let postgres = self.is_postgres();
            return listed(sql, column, Kind::Bytes, keys.iter().map(|key| hex(key)), postgres);
        }
        one_of(sql, column, keys, |sql, key| sql.bind::<Binary, _>(key.clone()))
    }

    /// Appends that a condition holds of an alias.
    pub(crate) fn check<'a, ST>(
        &self,
        sql: AnySql<'a, ST>,
        condition: &Condition,
        alias: Alias,
    ) -> AnySql<'a, ST> {
        match condition {
            Condition::All(parts) => self.joined(sql, parts, (" AND ", "1 = 1"), alias),
            Condition::Any(parts) => self.joined(sql, parts, (" OR ", "1 = 0"), alias),
            Condition::Not(part) => self.check(sql.text("NOT ("), part, alias).text(")"),
            Condition::Types(types) => sql.text(in_types(&alias.ty(), types)),
            Condition::Ids(ids) if alias.is_row() => {
                // No key of an id is the target of what is contained.
                let both = |id: &Id| [id.to_key(), contained::target(id)];
                self.keyed(sql, &alias.id(), &ids.iter().flat_map(both).collect::<Vec<_>>())
            }
            Condition::Ids(ids) => self.ids(sql, &alias.id(), ids),
            Condition::Updated { from, to } => {
                let sql = sql.put(format_args!("({} BETWEEN ", alias.dot("last_updated"))).int(*from);
                sql.text(" AND ").int(*to).text(")")
            }
            Condition::Row(test) => self.ended(self.own(self.exists(sql), "1", test, alias)),
            Condition::Chain(link) => self.chain(sql, link, alias),
            Condition::Has(link) => self.has(sql, link, alias),
            Condition::Contained(within) => self.contains(sql, within, alias),
        }
    }

    fn joined<'a, ST>(
        &self,
        mut sql: AnySql<'a, ST>,
        parts: &[Condition],
        (between, none): (&'static str, &'static str),
        alias: Alias,
    ) -> AnySql<'a, ST> {
        if parts.is_empty() {
            return sql.text(none);
        }
        if let [part] = parts {
            return self.check(sql, part, alias);
        }
        // In halves: a database reads an expression no deeper than so far.
        let (left, right) = parts.split_at(parts.len() / 2);
        sql = self.joined(sql.text("("), left, (between, none), alias);
        self.joined(sql.text(between), right, (between, none), alias).text(")")
    }

    /// The keys of the resources that have rows that pass a test.
    pub(crate) fn keys<'a, ST>(&self, test: &RowTest, more: &str) -> AnySql<'a, ST> {
        // With a bare column, SQLite would walk all rows in the order of it.
        let column = if self.is_postgres() { "i.rid AS rid" } else { "+i.rid AS rid" };
        let Some([begun, spanning]) = span::apart(test) else {
            return self.rows(By::Values, AnySql::new(""), column, test, more);
        };
        // By itself: a database unites no more than so many statements.
        let sql = AnySql::new("SELECT b.rid AS rid FROM (");
        let sql = self.rows(By::Values, sql, column, &begun, more).text(" UNION ALL ");
        let more = format!("{more}{}", span::spanning(spanning.table));
        self.rows(By::Wide, sql, column, &spanning, &more).text(") b")
    }

    /// Appends a statement of the rows of an alias that pass a test.
    pub(crate) fn own<'a, ST>(
        &self,
        sql: AnySql<'a, ST>,
        columns: &str,
        test: &RowTest,
        alias: Alias,
    ) -> AnySql<'a, ST> {
        let (key, shift) = (format!(" AND i.rid = {}", alias.key()), alias.shift());
        self.shifted(By::Resource, sql, columns, test, (shift.as_deref(), &key))
    }

    /// Appends a statement of the rows that pass a test, with what more must hold of them. To be found by the resource, it
    /// must name one.
    pub(crate) fn rows<'a, ST>(
        &self,
        by: By,
        sql: AnySql<'a, ST>,
        columns: &str,
        test: &RowTest,
        more: &str,
    ) -> AnySql<'a, ST> {
        self.shifted(by, sql, columns, test, (None, more))
    }

    /// A statement of the references of some units, narrowed by what else is said of them.
    pub(crate) fn references<'a>(
        &self,
        by: By,
        columns: &str,
        units: &[i32],
        narrow: impl Fn(AnySql<'a, ()>) -> AnySql<'a, ()>,
    ) -> AnySql<'a, ()> {
        let Some(table) = TableId::REFERENCE.table() else { return AnySql::new("") };
        rows::select(by, self.source, table, columns, self.shown, |sql| narrow(of_units(sql, units)))
    }

    /// The same of units to whose numbers something is added.
    fn shifted<'a, ST>(
        &self,
        by: By,
        sql: AnySql<'a, ST>,
        columns: &str,
        test: &RowTest,
        (shift, more): (Option<&str>, &str),
    ) -> AnySql<'a, ST> {
        let Some(table) = test.table.table() else {
            return sql.put(format_args!("SELECT {columns} FROM version i WHERE 1 = 0"));
        };
        let postgres = self.is_postgres();
        let manner = Manner {
            // Of a resource's few rows SQLite would look up each value of a list.
            plus: if by == By::Resource && !postgres { "+" } else { "" },
            // PostgreSQL takes one bound for a third of the rows, and two of them for less than the few that are wide.
            aside: table.span().filter(|_| by == By::Wide && postgres).map(|(low, _)| low),
        };
        sql.append(rows::select::<ST>(by, self.source, table, columns, self.shown, |sql| {
            passes(of_shifted(sql, &test.units, shift), (table, manner), &test.tests, postgres).text(more)
        }))
    }
}

/// The rows of a link's references, to a type.
pub(super) fn references(link: &Link, to: Option<ResourceType>) -> RowTest {
    let rows = RowTest::any(TableId::REFERENCE, link.units.clone());
    match to {
        Some(ty) => rows.and(1, Op::Is(Scalar::Int(i64::from(ty.number())))),
        None => rows,
    }
}

/// `column IN (…)`, with numbers of our own.
pub(crate) fn in_types(column: &str, types: &[ResourceType]) -> String {
    match types {
        [] => "1 = 0".to_owned(),
        [one] => format!("{column} = {}", one.number()),
        types => {
            let numbers: Vec<String> = types.iter().map(|ty| ty.number().to_string()).collect();
            format!("{column} IN ({})", numbers.join(", "))
        }
    }
}
