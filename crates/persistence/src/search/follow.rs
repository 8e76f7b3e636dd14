//! References followed, in both directions, and what resources contain: the parts of a condition that are about another
//! resource than the one they are asked of.
//!
//! A step of a chain leads to stored resources and to contained ones alike: what it leads to is a row ([`Alias`]), so that
//! what is asked of it is written once, however long the chain.

use crate::either::AnySql;
use crate::index::rows::By;
use crate::search::alias::{Alias, contained_row};
use crate::search::compile::{Compiler, references};
use rushlight_model::ResourceType;
use rushlight_search::query::{Link, Op, RowTest, Scalar, Within};
use rushlight_search::{TableId, contained};

impl Compiler<'_> {
    /// A reference of the alias leads to a resource for which a condition holds.
    pub(super) fn chain<'a, ST>(&self, sql: AnySql<'a, ST>, link: &Link, alias: Alias) -> AnySql<'a, ST> {
        let holds = self.held.contains(&link.other);
        if holds || alias.is_row() {
            return self.chain_of_rows(sql, link, alias, holds);
        }
        let inner = alias.inner_of('o');
        let sql = self.exists(sql).text("SELECT 1 FROM (");
        let sql = self.own(sql, "i.target AS target", &references(link, Some(link.other)), alias);
        let (n, other) = (inner.depth(), link.other.number());
        let sql = sql.put(format_args!(") r{n} CROSS JOIN resource o{n}"));
        let sql = self.resource(sql, &format!("o{n}.rid"), inner, &[link.other]);
        let sql = self.placed(sql, &format!("o{n}"));
        let sql = sql.put(format_args!(" AND o{n}.type = {other} AND o{n}.id = r{n}.target AND "));
        self.ended(self.check(sql, &link.condition, inner))
    }

    /// The same, where that resource may be contained in the one of the alias, or the alias in that one.
    fn chain_of_rows<'a, ST>(
        &self,
        sql: AnySql<'a, ST>,
        link: &Link,
        alias: Alias,
        holds: bool,
    ) -> AnySql<'a, ST> {
        let (inner, other) = (alias.inner(true), link.other.number());
        let targets = |sql| self.own(sql, "i.target AS target", &references(link, Some(link.other)), alias);
        let sql = self.exists(sql).text(
            "SELECT 1 FROM (SELECT o.rid AS rid, o.rid AS key, 0 AS shift, o.id AS id, o.type AS ty FROM (",
        );
        let sql = targets(sql).put(format_args!(") t CROSS JOIN resource o WHERE o.type = {other}"));
        let mut sql = self.placed(sql, "o").text(" AND o.id = t.target");
        if holds {
            sql = targets(sql.text(" UNION ALL SELECT m.* FROM (")).text(") t CROSS JOIN (");
            sql = self.inside(sql, &[link.other], &alias.rid()).text(") m WHERE m.id = t.target");
        }
        if let Some(shift) = alias.shift() {
            // From what is contained to what contains it.
            let rid = alias.rid();
            let container =
                references(link, Some(link.other)).and(0, Op::Is(Scalar::Bytes(vec![contained::MARK])));
            let (id, ty) = (alias.dot("id"), alias.dot("type"));
            let columns = format!("{rid} AS rid, {rid} AS key, 0 AS shift, {id} AS id, {ty} AS ty");
            sql = self.own(
                sql.put(format_args!(" UNION ALL SELECT {columns} FROM (")),
                "1 AS one",
                &container,
                alias,
            );
            sql = sql.put(format_args!(") t WHERE {shift} <> 0 AND {ty} = {other}"));
        }
        let n = inner.depth();
        // SQLite would write what follows into each of these, and that again one step further.
        let sql = if self.is_postgres() { sql } else { sql.text(" LIMIT -1") };
        let sql = self.there(sql.put(format_args!(") r{n}")), &format!("r{n}.rid"), inner);
        // What is contained is seen with its container.
        let seen = self.viewer.sees(&[link.other]);
        let sql = match seen.is_everything() {
            true => sql,
            false => {
                let sql = sql.put(format_args!(" AND (r{n}.shift <> 0 OR "));
                self.check(sql, &seen, Alias::resource(n)).text(")")
            }
        };
        self.ended(self.check(sql.text(" AND "), &link.condition, inner))
    }

    /// A reference of a resource for which a condition holds leads to the alias.
    pub(super) fn has<'a, ST>(&self, sql: AnySql<'a, ST>, link: &Link, alias: Alias) -> AnySql<'a, ST> {
        let inner = alias.inner_of('r');
        let test = references(link, None);
        let (rid, target) =
            ("i.rid AS rid", format!("i.target = {} AND i.target_type = {}", alias.id(), alias.ty()));
        let mut sql = self.exists(sql).text("SELECT 1 FROM (");
        sql = match alias.shift() {
            None => self.rows(By::Values, sql, rid, &test, &format!(" AND {target}")),
            Some(shift) => {
                let elsewhere = format!(" AND {target} AND {shift} = 0");
                let sql = self.rows(By::Values, sql, rid, &test, &elsewhere).text(" UNION ALL ");
                // To what is contained its container alone refers.
                let own = format!(" AND i.rid = {} AND {target} AND {shift} <> 0", alias.rid());
                let sql = self.rows(By::Resource, sql, rid, &test, &own);
                if self.is_postgres() { sql } else { sql.text(" LIMIT -1") }
            }
        };
        let n = inner.depth();
        let sql = self.resource(sql.put(format_args!(") r{n}")), &format!("r{n}.rid"), inner, &[link.other]);
        let sql = sql.put(format_args!(" AND {} = {} AND ", inner.dot("type"), link.other.number()));
        self.ended(self.check(sql, &link.condition, inner))
    }

    /// The resource of the alias contains one for which a condition holds.
    pub(super) fn contains<'a, ST>(
        &self,
        sql: AnySql<'a, ST>,
        within: &Within,
        alias: Alias,
    ) -> AnySql<'a, ST> {
        let inner = alias.within();
        let sql = self.inside(self.exists(sql).text("SELECT 1 FROM ("), &within.types, &alias.rid());
        let sql = sql.put(format_args!(") r{} WHERE ", inner.depth()));
        self.ended(self.check(sql, &within.condition, inner))
    }

    /// Appends a statement of rows that stand for what the resource of a key contains of some types.
    fn inside<'a, ST>(&self, sql: AnySql<'a, ST>, types: &[ResourceType], rid: &str) -> AnySql<'a, ST> {
        let test = RowTest::any(TableId::CONTAINED, self.containing(types));
        self.rows(By::Resource, sql, &contained_row(), &test, &format!(" AND i.rid = {rid}"))
    }

    /// The units that tell in which resources those of some types are contained.
    pub(crate) fn containing(&self, types: &[ResourceType]) -> Vec<i32> {
        types.iter().filter_map(|ty| self.viewer.registry.contained(*ty)).collect()
    }
}
