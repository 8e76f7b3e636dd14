//! `_sort`: <https://hl7.org/fhir/R4/search.html#_sort>.

use rushlight_model::ResourceType;
use rushlight_model::definitions::SearchParameterType;

use super::Reader;
use super::fault::{Fault, Result};
use super::limits::SORT_KEYS;
use super::rows::by_target;
use crate::query::{SortBy, SortKey};
use crate::registry::Found;

impl Reader<'_> {
    pub(super) fn sort(
        &self,
        types: &[ResourceType],
        name: &str,
        value: &str,
        keys: &mut Vec<SortKey>,
    ) -> Result<()> {
        if name != "_sort" {
            return Err(Fault::value("_sort has no modifiers: for descending order, write _sort=-date"));
        }
        for text in value.split(',') {
            let (code, descending) = text.strip_prefix('-').map_or((text, false), |code| (code, true));
            if code.is_empty() {
                return Err(Fault::value("a key of _sort is empty"));
            }
            if keys.iter().any(|key| key.name == code) {
                return Err(Fault::value(format!("results are sorted by {code} already")));
            }
            if keys.len() >= SORT_KEYS {
                return Err(Fault::costly(format!("_sort has {SORT_KEYS} keys at the most")));
            }
            let by = self.sort_by(types, code).map_err(Fault::firm)?;
            keys.push(SortKey { name: code.to_owned(), by, descending });
        }
        Ok(())
    }

    fn sort_by(&self, types: &[ResourceType], code: &str) -> Result<SortBy> {
        if code == "_score" {
            return Err(Fault::unsupported("results have no score that they could be sorted by"));
        }
        if code.contains(['.', ':']) {
            return Err(Fault::unsupported(
                "results are sorted by their own values, not through chains or modifiers",
            ));
        }
        let groups = self.groups(types, code)?;
        let [group] = &groups[..] else {
            return Err(Fault::unsupported(format!(
                "the types that are searched have {code} of different types, which can't be compared"
            )));
        };
        match group.parameter.found {
            Found::Id => return Ok(SortBy::Id),
            Found::LastUpdated => return Ok(SortBy::LastUpdated),
            _ => {}
        }
        let refused =
            |why: &str| Err(Fault::unsupported(format!("results can't be sorted by {code}: {why}")));
        match group.parameter.ty {
            SearchParameterType::Composite => return refused("it is a composite, without an order"),
            SearchParameterType::Special => return refused("it is special, without an order"),
            _ if matches!(code, "_text" | "_content") => return refused("its words have no order"),
            _ => {}
        }
        let mut by_target = by_target(&group.units);
        match (by_target.pop(), &group.tables(self)[..]) {
            _ if !by_target.is_empty() => refused("its references have different types that count"),
            (Some((target, units)), [table]) => Ok(SortBy::Entries { table: *table, units, target }),
            _ => refused("it has no order"),
        }
    }
}
