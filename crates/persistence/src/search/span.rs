//! Numbers that end above a value. Index tables are in the order of where a number begins, which says little of where it
//! ends; but nearly all numbers begin and end in one, and the others have an index of their own.

use rushlight_search::TableId;
use rushlight_search::query::{Op, RowTest};

/// What ends above a value, of what is in the order of where it begins: what begins above it, and the few that begin before
/// it and end above.
pub(super) fn apart(test: &RowTest) -> Option<[RowTest; 2]> {
    let (low, high) = test.table.table()?.span()?;
    let at = test
        .tests
        .iter()
        .position(|test| test.column == high && matches!(test.op, Op::Above(_) | Op::AtLeast(_)))?;
    // That it says something at all makes what begins above it end there, too.
    test.tests.iter().find(|test| test.column == low && test.op == Op::UpTo(high))?;
    let before = match &test.tests.get(at)?.op {
        Op::Above(value) => Op::AtMost(value.clone()),
        Op::AtLeast(value) => Op::Below(value.clone()),
        _ => return None,
    };
    let mut begun = test.clone();
    begun.tests.get_mut(at)?.column = low;
    Some([begun, test.clone().and(low, before)])
}

/// ` AND` that a row spans several values, as the index of [`By::Wide`](crate::index::rows::By::Wide) has it.
pub(super) fn spanning(table: TableId) -> String {
    let columns = table.table().and_then(|table| {
        let (low, high) = table.span()?;
        Some((table.columns.get(low)?.name, table.columns.get(high)?.name))
    });
    columns.map_or_else(String::new, |(low, high)| format!(" AND i.{low} <> i.{high}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_search::query::Scalar;

    #[test]
    fn what_begins_above_and_what_only_ends_there() {
        let value = || Scalar::Bytes(vec![7]);
        let (base, low, high) = (0, 1, 2);
        let test = |op| {
            let says = RowTest::any(TableId::QUANTITY_UCUM, vec![1]).and(base, Op::Is(Scalar::Int(5)));
            says.and(high, op).and(low, Op::UpTo(high))
        };
        for (op, before) in
            [(Op::Above(value()), Op::AtMost(value())), (Op::AtLeast(value()), Op::Below(value()))]
        {
            let [begun, spanning] = apart(&test(op.clone())).unwrap();
            assert_eq!((begun.tests[1].column, &begun.tests[1].op), (low, &op));
            assert_eq!(spanning, test(op).and(low, before));
        }
        assert_eq!(apart(&test(Op::Below(value()))), None);
        // What says nothing has a row that begins above its end.
        assert_eq!(apart(&RowTest::any(TableId::NUMBER, vec![1]).and(1, Op::Above(value()))), None);
        assert_eq!(apart(&RowTest::any(TableId::DATE, vec![1]).and(1, Op::Above(value()))), None);
        assert_eq!(spanning(TableId::QUANTITY_UCUM), " AND i.low <> i.high");
    }
}
