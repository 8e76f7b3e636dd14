use super::*;
use proptest::prelude::*;

type Made = (String, i64, Vec<u8>, f64);

fn made() -> impl Strategy<Value = Made> {
    (
        ".{0,4}",
        prop_oneof![any::<i64>(), -300..300_i64],
        proptest::collection::vec(0..3_u8, 0..4),
        -1e9..1e9_f64,
    )
}

fn encoded((text_, int_, bytes_, real_): &Made) -> Vec<u8> {
    let mut out = Vec::new();
    bytes(&mut out, text_.as_bytes());
    int(&mut out, *int_);
    bytes(&mut out, bytes_);
    real(&mut out, *real_);
    out
}

#[test]
fn integers_take_what_they_need() {
    let edges = [0, 1, 110, 111, 112, 255, 256, 65_535, 65_536, i64::MAX - 1, i64::MAX];
    let mut all: Vec<i64> = edges.into_iter().flat_map(|edge| [edge, !edge]).collect();
    all.sort_unstable();
    let bytes = |write: fn(&mut Vec<u8>, i64), value| {
        let mut out = Vec::new();
        write(&mut out, value);
        out
    };
    for write in [int, wide] {
        let written: Vec<Vec<u8>> = all.iter().map(|value| bytes(write, *value)).collect();
        assert!(written.is_sorted_by(|a, b| a < b));
        for (value, bytes) in all.iter().zip(&written) {
            assert_eq!(column(bytes, Kind::Int, 0), Some(Value::Int(*value)));
            assert_eq!(length(bytes, Kind::Int), Some(bytes.len()));
            assert_eq!(column(&bytes[..bytes.len() - 1], Kind::Int, 0), None);
        }
    }
    let lengths = [0, 111, 112, -112, -113, 1000, i64::MIN].map(|value| bytes(int, value).len());
    assert_eq!(lengths, [1, 1, 2, 1, 2, 3, 9]);
    assert_eq!((small(3), bytes(wide, 3).len()), (bytes(int, 3)[0], WIDE));
}

proptest! {
    #[test]
    fn bytes_compare_as_the_values_do_and_decode_to_them(a in made(), b in made()) {
        let (x, y) = (encoded(&a), encoded(&b));
        let by_value = (a.0.as_bytes(), a.1, &a.2).cmp(&(b.0.as_bytes(), b.1, &b.2)).then(a.3.total_cmp(&b.3));
        prop_assert_eq!(x.cmp(&y), by_value);
        let mut at = 0;
        let mut columns = Vec::new();
        for kind in [Kind::Text, Kind::Int, Kind::Bytes, Kind::Real] {
            columns.extend(column(&x, kind, at));
            at += length(&x[at..], kind).unwrap();
        }
        prop_assert_eq!(at, x.len());
        let expected = vec![
            Value::Text(Cow::Borrowed(a.0.as_bytes())),
            Value::Int(a.1),
            Value::Bytes(Cow::Borrowed(&a.2)),
            Value::Real(a.3),
        ];
        prop_assert_eq!(columns, expected);
    }
}
