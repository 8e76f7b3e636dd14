use super::*;
use proptest::prelude::*;

fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}

/// They are stored: other bytes need another layout of the index.
#[test]
fn bytes_never_change() {
    for (text, bytes) in [
        ("0", &[0x80, 0x00][..]),
        ("-0.00e5", &[0x80, 0x00]),
        ("1", &[0xC0, 0x01, 11]),
        ("10", &[0xC0, 0x02, 11]),
        ("12.50", &[0xC0, 0x02, 13, 51]),
        ("0.00999", &[0xBF, 0xFE, 100, 91]),
        ("-1", &[0x3F, 0xFF, 244, 0xFF]),
        ("-0.05", &[0x40, 0x01, 204, 0xFF]),
        ("1e16127", &[0xFF, 0x00, 11]),
        ("1e16128", &[0xFF, 0xFF]),
        ("-1e16128", &[0, 0]),
        ("1e-16129", &[0x81, 0x00, 11]),
        ("1e-16130", &[0x80, 0x00]),
        ("-1e-999999999", &[0x80, 0x00]),
        ("1e999999999999999999", &[0xFF, 0xFF]),
    ] {
        assert_eq!(number(text).as_bytes(), bytes, "{text}");
    }
    assert_eq!(Number::least().as_bytes(), [0, 0]);
    assert_eq!(Number::greatest().as_bytes(), [0xFF, 0xFF]);
    for text in ["", "-", "01", "1.", ".5", "+1", "NaN", "inf", "1 "] {
        assert_eq!(Number::parse(text), None, "{text}");
    }
}

#[test]
fn long_numbers_are_cut() {
    for sign in ["", "-"] {
        let [one, other] = ["1", "2"].map(|last| format!("{sign}0.{}{last}", "7".repeat(2000)));
        assert_eq!(number(&one).as_bytes().len(), 360 + 33);
        assert_ne!(number(&one), number(&other));
        assert_eq!(number(&one), number(&format!("{one}000")));
    }
}

#[test]
fn factors() {
    for text in ["0", "-1", "1234567890123456789", "x", ""] {
        assert_eq!(Factor::parse(text), None, "{text}");
    }
    assert_eq!(Factor::parse("1.0e-3"), Some(Factor { digits: 10, last: -4 }));
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?(0|[1-9][0-9]{0,4})(\\.[0-9]{1,4})?",
        "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?",
        "-?[1-9](\\.[0-9])?e[+-]?160[0-9]{2}",
        "-?(1|10|100|0\\.1|0\\.10|1\\.0|1e1|99|9\\.9|0\\.99)",
    ]
}

proptest! {
    /// [`Decimal`] compares digit by digit, and knows no bytes.
    #[test]
    fn ordered_as_numbers_are(one in texts(), other in texts()) {
        let [a, b] = [&one, &other].map(|text| number(text));
        let order = Decimal::parse(&one).unwrap().cmp(&Decimal::parse(&other).unwrap());
        prop_assert_eq!(a.cmp(&b), order, "{} {}", one, other);
        prop_assert!(Number::least() < a && a < Number::greatest());
    }

    /// Where one number has the other's digits and more.
    #[test]
    fn ordered_by_the_last_digits(text in "-?[1-9]\\.[0-9]{1,6}", more in "[0-9]{1,4}") {
        let longer = format!("{text}{more}");
        let order = Decimal::parse(&longer).unwrap().cmp(&Decimal::parse(&text).unwrap());
        prop_assert_eq!(number(&longer).cmp(&number(&text)), order, "{} {}", text, longer);
    }

    #[test]
    fn products_agree_with_integers(factor in 1..1_000_000_000_000_000_u64, value: i32, places in 0..20_u32, last in -20..20_i32) {
        let product = i128::from(factor) * i128::from(value);
        let factor = Factor::parse(&format!("{factor}e{last}")).unwrap();
        let expected = format!("{product}e{}", last - places as i32);
        prop_assert_eq!(factor.times(&format!("{value}e-{places}")), Some(number(&expected)));
    }
}
