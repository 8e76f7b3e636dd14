//! From conditions to SQL: what must hold of an alias of `version` that stands for a resource as of a snapshot.

use crate::access::{Access, Interaction};
use crate::either::AnySql;
use crate::error::StoreError;
use crate::identity::hex;
use crate::index::rows::{self, By, Source};
use crate::read::visible;
use crate::search::alias::Alias;
use crate::search::{near, span};
use crate::snapshot::Snapshot;
use crate::units::Known;
use diesel::sql_types::{BigInt, Binary, Double, Integer, Text};
use rushlight_model::{Id, ResourceType};
use rushlight_search::query::{ColumnTest, Condition, Link, Op, RowTest, Scalar};
use rushlight_search::{IndexTable, Kind, Registry, TableId, contained};

/// What every part of a statement is compiled against.
#[derive(Clone, Copy)]
pub(crate) struct Compiler<'c> {
    /// Where the rows lie.
    pub(crate) source: &'c Source,
    /// Which versions there are.
    pub(crate) snapshot: &'c Snapshot,
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

    /// Appends `version vN` joined to the version that is current, as of the snapshot, of the resource whose key `rid` is,
    /// followed by the conditions that it is there and may be seen. It is of one of these types, of any where there are
    /// none: that is not asked here. What comes before ends with a table.
    pub(crate) fn resource<'a, ST>(
        &self,
        sql: AnySql<'a, ST>,
        rid: &str,
        alias: Alias,
        types: &[ResourceType],
    ) -> AnySql<'a, ST> {
        let sql = self.there(sql, rid, alias);
        match self.viewer.sees(types) {
            condition if condition.is_everything() => sql,
            condition => self.check(sql.text(" AND "), &condition, alias),
        }
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
        visible(self.placed(sql, &name), &name, self.snapshot)
    }

    /// Appends the number of the version that is current of a resource.
    fn current<'a, ST>(&self, sql: AnySql<'a, ST>, rid: &str) -> AnySql<'a, ST> {
        let sql = sql
            .put(format_args!("COALESCE((SELECT w.seq FROM version w WHERE w.rid = {rid} AND w.version > 1"));
        let sql = visible(self.placed(sql, "w"), "w", self.snapshot);
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
    pub(crate) fn ids<'a, ST>(&self, sql: AnySql<'a, ST>, column: &str, ids: &[Id]) -> AnySql<'a, ST> {
        self.keyed(sql, column, &ids.iter().map(Id::to_key).collect::<Vec<_>>())
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
        // Of a resource's few rows SQLite would look up each value of a list: a unary plus keeps it from that.
        let plus = if by == By::Resource && !self.is_postgres() { "+" } else { "" };
        sql.append(rows::select::<ST>(by, self.source, table, columns, self.snapshot, |sql| {
            passes(of_shifted(sql, &test.units, shift), (table, plus), &test.tests, self.is_postgres())
                .text(more)
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

/// Appends that a column is one of some values.
fn one_of<'a, ST, T>(
    mut sql: AnySql<'a, ST>,
    column: &str,
    values: &[T],
    bind: impl Fn(AnySql<'a, ST>, &T) -> AnySql<'a, ST>,
) -> AnySql<'a, ST> {
    match values {
        [] => sql.text("1 = 0"),
        [one] => bind(sql.put(format_args!("{column} = ")), one),
        values => {
            sql = sql.put(format_args!("{column} IN ("));
            for (at, value) in values.iter().enumerate() {
                sql = bind(if at == 0 { sql } else { sql.text(", ") }, value);
            }
            sql.text(")")
        }
    }
}

/// Appends that a column is one of these numbers. Of a page's the last is repeated up to a power of two, so that there are
/// few statements of different lengths; more are written out.
pub(crate) fn one_of_numbers<'a, ST>(sql: AnySql<'a, ST>, column: &str, numbers: &[i64]) -> AnySql<'a, ST> {
    if numbers.len() > MOST_BOUND {
        let list: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        return sql.put(format_args!("{column} IN ({})", list.join(", "))).open_ended();
    }
    let Some(last) = numbers.last() else { return sql.text("1 = 0") };
    let padded = numbers.iter().chain(std::iter::repeat(last)).take(numbers.len().next_power_of_two());
    let mut sql = sql.put(format_args!("{column} IN ("));
    for (at, number) in padded.enumerate() {
        sql = if at == 0 { sql } else { sql.text(", ") }.int(*number);
    }
    sql.text(")")
}

/// Values of a list that are bound one by one, at the most: SQLite takes 32,766 in a statement, PostgreSQL 65,535, and
/// a statement may have a list in several places.
const MOST_BOUND: usize = 500;

/// Appends that a column is one of many values, which are one bound text: of texts and bytes their hexadecimal digits.
fn listed<'a, ST>(
    sql: AnySql<'a, ST>,
    column: &str,
    kind: Kind,
    values: impl Iterator<Item = String>,
    postgres: bool,
) -> AnySql<'a, ST> {
    let value = match (kind, postgres) {
        (Kind::Text, false) => "CAST(unhex(value) AS TEXT)",
        (Kind::Bytes, false) => "unhex(value)",
        (Kind::Int, false) => "CAST(value AS INTEGER)",
        (Kind::Real, false) => "CAST(value AS REAL)",
        (Kind::Text, true) => "convert_from(decode(value, 'hex'), 'UTF8')",
        (Kind::Bytes, true) => "decode(value, 'hex')",
        (Kind::Int, true) => "value::bigint",
        (Kind::Real, true) => "value::double precision",
    };
    // No value of these forms has a comma.
    let list = values.collect::<Vec<String>>().join(",");
    let sql = sql.put(format_args!("{column} IN (SELECT {value} FROM "));
    match postgres {
        true => sql.text("unnest(string_to_array(").bind::<Text, _>(list).text(", ',')) AS e(value))"),
        false => {
            sql.text("json_each(").bind::<Text, _>(format!("[\"{}\"]", list.replace(',', "\",\""))).text("))")
        }
    }
}

/// Appends ` AND the row is of one of these units`.
pub(crate) fn of_units<'a, ST>(sql: AnySql<'a, ST>, units: &[i32]) -> AnySql<'a, ST> {
    of_shifted(sql, units, None)
}

fn of_shifted<'a, ST>(sql: AnySql<'a, ST>, units: &[i32], shift: Option<&str>) -> AnySql<'a, ST> {
    one_of(sql.text(" AND "), "i.param", units, |sql, unit| {
        let sql = sql.bind::<Integer, _>(*unit);
        match shift {
            Some(shift) => sql.put(format_args!(" + {shift}")),
            None => sql,
        }
    })
}

/// Appends ` AND each test holds of the row`.
pub(crate) fn passes<'a, ST>(
    mut sql: AnySql<'a, ST>,
    (table, plus): (&IndexTable, &str),
    tests: &[ColumnTest],
    postgres: bool,
) -> AnySql<'a, ST> {
    for test in tests {
        sql = passed(sql.text(" AND "), (table, plus), test, postgres);
    }
    sql
}

fn passed<'a, ST>(
    sql: AnySql<'a, ST>,
    (table, plus): (&IndexTable, &str),
    test: &ColumnTest,
    postgres: bool,
) -> AnySql<'a, ST> {
    let Some(column) = table.columns.get(test.column) else { return sql.text("1 = 0") };
    let name = format!("i.{}", column.name);
    let compared =
        |sql: AnySql<'a, ST>, operator, value| bound(sql.put(format_args!("{name} {operator} ")), value);
    match &test.op {
        Op::Is(value) => compared(sql, "=", value),
        Op::IsNot(value) => compared(sql, "<>", value),
        Op::Below(value) => compared(sql, "<", value),
        Op::AtMost(value) => compared(sql, "<=", value),
        Op::Above(value) => compared(sql, ">", value),
        Op::AtLeast(value) => compared(sql, ">=", value),
        Op::OneOf(values) if values.len() > MOST_BOUND => {
            let shown = values.iter().map(|value| match value {
                Scalar::Text(text) => hex(admitted(text).as_bytes()),
                Scalar::Bytes(bytes) => hex(bytes),
                Scalar::Int(value) => value.to_string(),
                Scalar::Real(value) => value.to_string(),
            });
            listed(sql, &format!("{plus}{name}"), column.kind, shown, postgres)
        }
        Op::OneOf(values) => one_of(sql, &format!("{plus}{name}"), values, bound),
        Op::Begins(text) => begins(sql, &name, text),
        Op::Contains(text) => {
            // Both take the text literally.
            let function = if postgres { "strpos" } else { "instr" };
            sql.put(format_args!("{function}({name}, ")).bind::<Text, _>(admitted(text)).text(") > 0")
        }
        Op::UpTo(other) => match table.columns.get(*other) {
            Some(other) => sql.put(format_args!("{name} <= i.{}", other.name)),
            None => sql.text("1 = 0"),
        },
        Op::Near { latitude, longitude, distance } => match table.columns.get(test.column + 1) {
            Some(next) if column.kind == Kind::Real && next.kind == Kind::Real => near::within(
                sql,
                [&name, &format!("i.{}", next.name)],
                [*latitude, *longitude],
                *distance,
                postgres,
            ),
            _ => sql.text("1 = 0"),
        },
    }
}

fn bound<'a, ST>(sql: AnySql<'a, ST>, value: &Scalar) -> AnySql<'a, ST> {
    match value {
        Scalar::Int(value) => sql.bind::<BigInt, _>(*value),
        Scalar::Real(value) => sql.bind::<Double, _>(*value),
        Scalar::Text(value) => sql.bind::<Text, _>(admitted(value)),
        Scalar::Bytes(value) => sql.bind::<Binary, _>(value.clone()),
    }
}

/// A text as the index has it: PostgreSQL admits no NUL, which FHIR's texts don't have either.
fn admitted(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// Appends that a text begins with another: it is not less, and less than the first that comes after all that do.
fn begins<'a, ST>(sql: AnySql<'a, ST>, name: &str, text: &str) -> AnySql<'a, ST> {
    let text = admitted(text);
    let sql = sql.put(format_args!("{name} >= ")).bind::<Text, _>(text.clone());
    match after(&text) {
        Some(end) => sql.put(format_args!(" AND {name} < ")).bind::<Text, _>(end),
        None => sql,
    }
}

/// The least text, byte by byte, that is greater than all that begin with `text`; `None` if there is none.
fn after(text: &str) -> Option<String> {
    let mut chars: Vec<char> = text.chars().collect();
    while let Some(last) = chars.pop() {
        // UTF-8 sorts as the code points do; surrogates are none.
        let next = match last {
            '\u{D7FF}' => Some('\u{E000}'),
            last => char::from_u32(u32::from(last) + 1),
        };
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_after_a_beginning() {
        for (text, expected) in [
            ("a", Some("b")),
            ("az", Some("a{")),
            ("a\u{10FFFF}", Some("b")),
            ("\u{D7FF}", Some("\u{E000}")),
            ("\u{10FFFF}", None),
            ("", None),
        ] {
            assert_eq!(after(text).as_deref(), expected, "{text:?}");
        }
    }
}
