use std::collections::HashSet;

use super::*;
use crate::entry::diff;
use crate::table::{Kind, TABLES};

fn ty(name: &str) -> ResourceType {
    ResourceType::from_name(name).unwrap()
}

fn sample(count: u32) -> Vec<Vec<Entry>> {
    (0..count).map(|n| extract(ty("Observation"), format!("body number {n}").as_bytes())).collect()
}

#[test]
fn twenty_sorted_rows_that_fit_their_tables() {
    for entries in sample(200) {
        assert_eq!(entries.len(), ROWS);
        assert!(entries.is_sorted_by(|a, b| a < b));
        let per_table: Vec<usize> =
            (0..6).map(|table| entries.iter().filter(|entry| entry.table.0 == table).count()).collect();
        assert_eq!(per_table, [8, 4, 3, 2, 2, 1]);
        for entry in &entries {
            let kinds: Vec<Kind> = entry.values.iter().map(kind).collect();
            let columns: Vec<Kind> =
                entry.table().unwrap().columns.iter().map(|column| column.kind).collect();
            assert_eq!(kinds, columns);
            assert_eq!(entry.param / PARAMS_PER_TYPE, i32::from(ty("Observation").number()));
            if let [Scalar::Int(low), Scalar::Int(high)] = entry.values[..] {
                assert!(low < high && low >= FIRST_DAY);
            }
        }
    }
}

fn kind(value: &Scalar) -> Kind {
    match value {
        Scalar::Int(_) => Kind::Int,
        Scalar::Real(_) => Kind::Real,
        Scalar::Text(_) => Kind::Text,
        Scalar::Bytes(_) => Kind::Bytes,
    }
}

#[test]
fn values_never_change() {
    let entries = extract(ty("Patient"), b"{}");
    assert_eq!(entries, extract(ty("Patient"), b"{}"));
    assert_ne!(entries, extract(ty("Person"), b"{}"));
    assert_ne!(entries, extract(ty("Patient"), b"{ }"));
    assert_eq!(format!("{:?}", entries[7].values), "[Text(\"MRN7668220767306207546\"), Int(8)]");
}

#[test]
fn values_spread_as_they_should() {
    let sample = sample(4_000);
    for (row, least, most) in [
        (0, 5, 5),
        (1, 2, 2),
        (2, 20, 20),
        (3, 12, 12),
        (4, 100, 300),
        (5, 100, 300),
        (6, 2_000, 5_000),
        (7, 4_000, 4_000),
        (8, 3_700, 4_000),
        (10, 3_950, 4_000),
        (11, 490, 500),
        (12, 3_990, 4_000),
        (13, 60, 60),
        (14, 120, 120),
        (15, 3_500, 4_000),
        (17, 40, 40),
        (19, 10, 10),
    ] {
        let distinct: HashSet<String> =
            sample.iter().map(|entries| format!("{:?}", entries[row].values)).collect();
        assert!((least..=most).contains(&distinct.len()), "row {row}: {}", distinct.len());
    }
}

#[test]
fn a_difference_leads_from_one_to_the_other() {
    let sample = sample(20);
    for (old, new) in sample.iter().zip(sample.iter().skip(1)) {
        let (ended, begun) = diff(old, new);
        let mut result: Vec<Entry> = old.iter().filter(|entry| !ended.contains(entry)).cloned().collect();
        result.extend(begun.iter().cloned());
        result.sort();
        assert_eq!(&result, new);
        assert!(ended.is_sorted() && begun.is_sorted());
        assert_eq!(diff(old, old), (vec![], vec![]));
        assert_eq!(diff(&[], new), (vec![], new.clone()));
        assert_eq!(diff(old, &[]), (old.clone(), vec![]));
    }
    assert_eq!(TABLES.len(), 6);
}
