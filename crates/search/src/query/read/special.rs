//! Parameters that are searched each in its own way.

use rushlight_model::{Id, ResourceType};

use super::clause::{Asked, alternatives};
use super::fault::{Fault, Result, quoted};
use super::{Search, values};
use crate::query::{Condition, Link, Op, RowTest, Scalar};
use crate::table::TableId;

impl Search<'_> {
    /// A parameter that is none of a resource's properties; `None`, if it is one.
    pub(super) fn special(
        &self,
        types: &[ResourceType],
        code: &str,
        modifier: Option<&str>,
        value: &str,
        depth: usize,
    ) -> Result<Option<Asked>> {
        let is_special =
            matches!(code, "_list" | "_filter" | "_text" | "_content" | "_query" | "_in" | "_has" | "_type");
        if !is_special {
            return Ok(None);
        }
        let text = match code {
            "_query" => "_query is not supported: this server has no named queries",
            "_in" => "_in is one of R5's parameters and is not supported: use _list or _has",
            "_has" => "it is _has:[type]:[reference]:[parameter], as _has:Observation:patient:code",
            "_type" => "_type stands by itself, in no chain",
            _ if modifier.is_some() => {
                return Err(Fault::unsupported(format!("{code} has no modifiers")));
            }
            "_list" => return self.list(value).map(Some),
            "_filter" => return self.filter(types, value, depth).map(Some),
            _ => return self.words(types, code, value).map(Some),
        };
        Err(Fault::unsupported(text))
    }

    /// `_list`: <https://hl7.org/fhir/R4/search.html#list>
    fn list(&self, value: &str) -> Result<Asked> {
        let list =
            ResourceType::from_name("List").filter(|list| !self.reader.registry.parameters(*list).is_empty());
        let list = list.ok_or_else(|| Fault::unsupported("there are no lists"))?;
        let read = |text: &&str| {
            if text.starts_with('$') {
                let text = format!("{} is not supported: name a list by its id", quoted(text));
                return Err(Fault::unsupported(text));
            }
            let bare = text.strip_prefix("List/").unwrap_or(text);
            Id::new(bare)
                .map_err(|why| Fault::value(format!("{} is not the id of a List: {why}", quoted(text))))
        };
        let mut ids: Vec<Id> = alternatives(value)?.iter().map(read).collect::<Result<_>>()?;
        ids.sort();
        ids.dedup();
        let units: Vec<i32> = self
            .reader
            .link(list, "item")
            .map_err(Fault::firm)?
            .units()
            .iter()
            .map(|unit| unit.number)
            .collect();
        self.follow(1)?;
        let condition = Box::new(Condition::Ids(ids));
        Ok(Asked {
            condition: Condition::Has(Link { units, other: list, condition }),
            words: format!("is an item of the List {}", quoted(value)),
        })
    }

    /// `_text`, `_content`: <https://hl7.org/fhir/R4/search.html#content>
    fn words(&self, types: &[ResourceType], code: &str, value: &str) -> Result<Asked> {
        let groups = self.reader.groups(types, code)?;
        let mut units: Vec<i32> =
            groups.iter().flat_map(|group| &group.units).map(|unit| unit.number).collect();
        units.sort_unstable();
        units.dedup();
        let mut told = Vec::new();
        let mut parts = Vec::new();
        for text in alternatives(value)? {
            let words = values::words(text)?;
            told.push(words.join(" and "));
            let has = |word: String| {
                let test = RowTest::any(TableId::WORD, units.clone()).and(0, Op::Is(Scalar::Text(word)));
                Condition::Row(test)
            };
            parts.push(Condition::all(words.into_iter().map(has).collect()));
            if parts.len() > super::limits::TESTS {
                return Err(Fault::costly("it has too many alternatives"));
            }
        }
        let words = format!("{code} has the words {}", quoted(&told.join(", or ")));
        Ok(Asked { condition: Condition::any(parts), words })
    }
}
