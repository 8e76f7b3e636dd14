//! The order of results: <https://hl7.org/fhir/R4/search.html#_sort>.

use crate::rows::{Column, Row, Sort};
use crate::world::World;
use std::cmp::Ordering;

impl World {
    /// Sorts resources by a value of `_sort`; what it leaves open stays as it is, save that of one time, where no other key
    /// follows, the order is that of writing.
    pub(super) fn sort(&self, found: &mut [usize], value: &str) {
        let keys: Vec<(&str, bool)> = value
            .split(',')
            .map(|key| key.strip_prefix('-').map_or((key, false), |key| (key, true)))
            .collect();
        let of = |at: usize| -> Vec<Option<Column>> {
            keys.iter().map(|(code, descending)| self.sort_value(at, code, *descending)).collect()
        };
        let by_time = keys.last().filter(|(code, _)| *code == "_lastUpdated");
        let written = |a: &usize, b: &usize| {
            let order = self.records[*a].number.cmp(&self.records[*b].number);
            by_time.map_or(Ordering::Equal, |(_, down)| if *down { order.reverse() } else { order })
        };
        let mut keyed: Vec<(Vec<Option<Column>>, usize)> = found.iter().map(|at| (of(*at), *at)).collect();
        keyed.sort_by(|(a, one), (b, other)| {
            let each = a.iter().zip(b).zip(&keys);
            each.map(|((a, b), (_, descending))| order(a, b, *descending))
                .find(|order| order.is_ne())
                .unwrap_or_else(|| written(one, other))
        });
        for (place, (_, at)) in found.iter_mut().zip(keyed) {
            *place = at;
        }
    }

    /// The least of a resource's values, or the greatest.
    fn sort_value(&self, at: usize, code: &str, descending: bool) -> Option<Column> {
        let record = &self.records[at];
        match code {
            "_id" => return Some(Column::Bytes(record.id.to_key())),
            "_lastUpdated" => return Some(Column::Int(record.last_updated)),
            _ => {}
        }
        let parameter = self.parameter(record.ty, code)?;
        let sort = Sort::of(parameter.definition.ty).unwrap();
        let rows = self.rows(at, parameter);
        // A system without a code is no value to sort by.
        let told = |row: &Row| sort != Sort::Token || row.1[0] != Column::Text(String::new());
        let own = rows.iter().filter(|row| row.0 == sort.table() && sort.is_found(row) && told(row));
        let values = own.map(|row| row.1[0].clone());
        if descending { values.max() } else { values.min() }
    }
}

/// A missing value is last in both directions.
fn order(a: &Option<Column>, b: &Option<Column>, descending: bool) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) if descending => b.cmp(a),
        (Some(a), Some(b)) => a.cmp(b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}
