//! Rules that hold for all values, against arithmetic of other makers.

use crate::worked::of;
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use proptest::prelude::*;
use rushlight_oracle::decimal::Decimal;
use rushlight_oracle::hash::hash;
use rushlight_oracle::interval;
use rushlight_oracle::rows::{Column, Sort};
use rushlight_oracle::text::normal;

/// Numbers as people write them.
fn numbers() -> impl Strategy<Value = String> {
    "-?(0|[1-9][0-9]{0,12})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,2})?"
}

/// A number as a whole number of 10⁻¹²⁰ths, in plain text arithmetic: sign, and digits of equal length.
fn aligned(text: &str) -> (bool, String) {
    let negative = text.starts_with('-');
    let (mantissa, power) =
        text.trim_start_matches('-').split_once(['e', 'E']).unwrap_or((text.trim_start_matches('-'), "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let zeros = 120 + power.parse::<i64>().unwrap() - fraction.len() as i64;
    let digits = format!("{whole}{fraction}{}", "0".repeat(zeros as usize));
    let digits = format!("{digits:0>300}");
    (negative && digits.bytes().any(|byte| byte != b'0'), digits)
}

fn compare(a: &str, b: &str) -> std::cmp::Ordering {
    match (aligned(a), aligned(b)) {
        ((false, a), (false, b)) => a.cmp(&b),
        ((true, a), (true, b)) => b.cmp(&a),
        ((a, _), (b, _)) => b.cmp(&a),
    }
}

proptest! {
    #[test]
    fn bytes_compare_as_numbers_do(a in numbers(), b in numbers()) {
        let [one, other] = [&a, &b].map(|text| Decimal::parse(text).unwrap());
        prop_assert_eq!(one.encoded().cmp(&other.encoded()), compare(&a, &b));
        prop_assert_eq!(one.cmp(&other), compare(&a, &b));
    }

    #[test]
    fn sums_and_products_are_those_of_integers(a in any::<i32>(), b in any::<i32>(), places in 0_usize..9) {
        // 12345 with two places: 123.45
        let decimal = |number: i128, places: usize| Decimal::parse(&format!("{number}e-{places}")).unwrap();
        let (one, other) = (decimal(a.into(), places), decimal(b.into(), places));
        prop_assert_eq!(one.plus(&other), decimal(i128::from(a) + i128::from(b), places));
        prop_assert_eq!(one.times(&other), decimal(i128::from(a) * i128::from(b), 2 * places));
    }

    #[test]
    fn times_are_those_of_the_calendar(
        seconds in -62_135_510_400_i64..253_402_214_400,
        micros in 0_i64..1_000_000,
        offset in -14 * 60..=14 * 60_i64,
        digits in 0_usize..=9,
    ) {
        let time: DateTime<Utc> = Utc.timestamp_opt(seconds, 1000 * micros as u32).unwrap();
        let local = time + TimeDelta::minutes(offset);
        let sign = if offset < 0 { '-' } else { '+' };
        let fraction = format!(".{micros:06}000");
        let shown = if digits == 0 { "" } else { &fraction[..=digits] };
        let text = format!(
            "{}{shown}{sign}{:02}:{:02}", local.format("%Y-%m-%dT%H:%M:%S"), offset.abs() / 60, offset.abs() % 60
        );
        let length = 10_i64.pow(6 - digits.min(6) as u32);
        let low = time.timestamp_micros().div_euclid(length) * length;
        prop_assert_eq!(interval::parse(&text), Some((low, low + length - 1)));
    }

    #[test]
    fn days_months_and_years_meet_without_gap(days in -719_162_i32..2_932_896) {
        let day = chrono::NaiveDate::from_epoch_days(days).unwrap();
        let [own, next] = [day, day.succ_opt().unwrap()].map(|day| interval::parse(&day.to_string()));
        let (own, next) = (own.unwrap(), next.unwrap_or((own.unwrap().1 + 1, 0)));
        prop_assert_eq!(own.1 + 1, next.0);
        prop_assert_eq!(own.1 - own.0 + 1, 86_400_000_000);
        for part in [7, 4] {
            let whole = interval::parse(&day.to_string()[..part]).unwrap();
            prop_assert!(whole.0 <= own.0 && own.1 <= whole.1);
        }
    }

    #[test]
    fn texts_are_as_their_variants(text in "\\PC{0,40}") {
        let once = normal(&text);
        prop_assert_eq!(normal(&once), once.clone());
        prop_assert_eq!(normal(&format!("  {text}\t\n ")), once.clone());
        // Composed or not, it is the same.
        let composed = icu_normalizer::ComposingNormalizerBorrowed::new_nfkc().normalize(&text).into_owned();
        prop_assert_eq!(normal(&composed), once);
    }

    #[test]
    fn letters_have_no_case(text in "[A-Za-zÀ-ÖØ-öø-ÿĀ-İĲ-ķĹ-ň ]{0,40}") {
        prop_assert_eq!(normal(&text.to_uppercase()), normal(&text));
    }

    #[test]
    fn a_quantity_is_the_same_in_its_other_units(value in "-?(0|[1-9][0-9]{0,8})(\\.[0-9]{1,6})?", unit in 0_usize..5) {
        const UNITS: [(&str, i32, &str); 5] =
            [("mg", -3, "g"), ("km", 3, "m"), ("mL", -6, "m3"), ("ms", -3, "s"), ("kg/m3", 3, "m-3.g")];
        let (code, power, base) = UNITS[unit];
        let json = format!(r#"{{"value": {value}, "system": "http://unitsofmeasure.org", "code": "{code}"}}"#);
        let rows = of(Sort::Quantity, "Quantity", &json);
        let end = Column::Bytes(Decimal::parse(&format!("{value}e{power}")).unwrap().encoded());
        prop_assert_eq!(&rows[1].1, &vec![Column::Int(hash(base)), end.clone(), end]);
    }
}

#[test]
fn bounds_of_numbers() {
    let encoded = |text: &str| Decimal::parse(text).unwrap().encoded();
    assert_eq!(encoded("1e16127"), [0xFF, 0, 11], "0.1 × 10^0x3F00");
    assert_eq!(encoded("1e16128"), [0xFF, 0xFF]);
    assert_eq!(encoded("-1e99999999999999999999"), [0, 0]);
    assert_eq!(encoded("1e-99999999999999999999"), [0x80, 0]);
    assert_eq!(encoded("-0.0"), [0x80, 0]);
    assert_eq!(encoded("1.50"), encoded("15e-1"));
    for wrong in ["", "-", "1.x", "e5", ".5", "1e", "0x1", "NaN"] {
        assert_eq!(Decimal::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn what_is_no_time() {
    for wrong in [
        "",
        "13",
        "2013-1",
        "2013-13",
        "2013-02-30",
        "2013-01-14T",
        "2013-01-14T24:00:00Z",
        "2013-01-14T10:60:00Z",
        "2013-01-14T10:00:00+15:00",
        "2013-01T10:00:00Z",
        "2013-01-14T10:00:00.xZ",
        "x",
    ] {
        assert_eq!(interval::parse(wrong), None, "{wrong}");
    }
    let leap = interval::parse("2016-12-31T23:59:60Z").unwrap();
    assert_eq!(leap.0, interval::parse("2017-01-01T00:00:00Z").unwrap().0);
    assert_eq!(interval::parse("1970").unwrap(), (0, 31_536_000_000_000 - 1));
}
