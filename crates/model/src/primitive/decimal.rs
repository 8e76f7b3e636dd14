//! Exact decimals: <https://hl7.org/fhir/R4/datatypes.html#decimal>.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use super::Problem;
use super::cursor::Cursor;

/// A decimal of any length, as it was written.
///
/// `==` and `<` compare what decimals amount to: `1.00` equals `1.0`. They cost as much as there are digits,
/// whatever the exponent. How precisely it was written is told by [`Decimal::places`] and
/// [`Decimal::significant_digits`].
///
/// ```
/// use rushlight_model::primitive::Decimal;
///
/// let [one, exact] = [Decimal::parse("1.0")?, Decimal::parse("1.00")?];
/// assert_eq!(one, exact);
/// assert_eq!((one.places(), exact.places()), (1, 2));
/// assert!(exact < Decimal::parse("1e1000000000")?);
/// let [low, high] = exact.range();
/// assert_eq!((low.to_f64(), high.to_f64()), (0.995, 1.005));
/// # Ok::<(), rushlight_model::primitive::Problem>(())
/// ```
#[derive(Clone, Debug)]
pub struct Decimal<'a> {
    negative: bool,
    /// From the first that is not 0; a point may be among them. Zero has none.
    digits: Cow<'a, str>,
    /// The power of ten that the last digit counts.
    last: i64,
}

/// Exponents of more digits than that would not fit; nothing in the world is so large or so small.
const LARGEST_EXPONENT: i64 = 1_000_000_000_000_000_000;

impl<'a> Decimal<'a> {
    /// Reads a number as JSON and FHIR write it.
    ///
    /// # Errors
    /// When the text is not a number or its exponent is beyond ±10¹⁸.
    pub fn parse(text: &'a str) -> Result<Self, Problem> {
        let mut cursor = Cursor::new(text);
        let negative = cursor.take_byte(b'-');
        cursor.whole()?;
        let fraction = if cursor.take_byte(b'.') { cursor.digits()? } else { 0 };
        let mantissa = text.get(usize::from(negative)..cursor.at()).unwrap_or_default();
        let exponent = if cursor.take(|byte| matches!(byte, b'e' | b'E')).is_some() {
            exponent(&mut cursor)?
        } else {
            0
        };
        cursor.end()?;
        let digits = Cow::Borrowed(mantissa.trim_start_matches(['0', '.']));
        Ok(Self { negative, digits, last: exponent - i64::try_from(fraction).unwrap_or(i64::MAX) })
    }

    /// How many digits follow the point, were it written without an exponent: 2 for `1.00`, 0 for `1e3`.
    #[must_use]
    pub fn places(&self) -> u64 {
        self.last.min(0).unsigned_abs()
    }

    /// How many digits there are from the first that is not 0: 3 for `1.00`, 1 for `0.05` and `1e3`, 0 for `0.0`.
    #[must_use]
    pub fn significant_digits(&self) -> usize {
        self.digits.len() - usize::from(self.digits.contains('.'))
    }

    /// What it may stand for when it has been rounded: half a unit of its last digit less, and more.
    ///
    /// `100` gives 99.5 and 100.5, `1e2` gives 50 and 150, `0.0` gives -0.05 and 0.05.
    #[must_use]
    pub fn range(&self) -> [Decimal<'static>; 2] {
        let half = |negative, mut digits: String| {
            digits.push('5');
            Decimal { negative, digits: Cow::Owned(digits), last: self.last - 1 }
        };
        let outer: String = self.digits.split('.').collect();
        if outer.is_empty() {
            return [half(true, String::new()), half(false, String::new())];
        }
        let inner = half(self.negative, predecessor(&outer));
        let outer = half(self.negative, outer);
        if self.negative { [outer, inner] } else { [inner, outer] }
    }

    /// The nearest binary number; infinite if it is too large for one.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The same, independent of the text that it was read from.
    #[must_use]
    pub fn into_owned(self) -> Decimal<'static> {
        Decimal { digits: Cow::Owned(self.digits.into_owned()), ..self }
    }

    /// Whether it is less than zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.sign() < 0
    }

    /// Its digits, as numbers, from the first that is not 0; none if it is zero.
    pub fn digits(&self) -> impl Iterator<Item = u8> {
        self.digits.bytes().filter(|byte| *byte != b'.').map(|byte| byte - b'0')
    }

    /// The power of ten just above it, whatever its sign: 2 for `10.5`, 0 for `0.5`, -1 for `0.05`. 0 if it is zero.
    #[must_use]
    pub fn magnitude(&self) -> i64 {
        if self.digits.is_empty() { 0 } else { self.last + self.significant_digits() as i64 }
    }

    /// -1, 0 or 1.
    fn sign(&self) -> i8 {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    /// Compares without signs; neither is zero.
    fn compare_absolute(&self, other: &Self) -> Ordering {
        self.magnitude().cmp(&other.magnitude()).then_with(|| {
            let (mut mine, mut others) = (self.digits(), other.digits());
            loop {
                match (mine.next(), others.next()) {
                    (None, None) => return Ordering::Equal,
                    (mine, other) => match mine.unwrap_or(0).cmp(&other.unwrap_or(0)) {
                        Ordering::Equal => {}
                        unequal => return unequal,
                    },
                }
            }
        })
    }
}

/// Takes what follows an `e`.
fn exponent(cursor: &mut Cursor<'_>) -> Result<i64, Problem> {
    let negative = cursor.take(|byte| matches!(byte, b'+' | b'-')) == Some(b'-');
    let mut exponent = i64::from(cursor.digit().ok_or_else(|| cursor.wrong())?);
    while let Some(digit) = cursor.digit() {
        exponent = exponent.saturating_mul(10).saturating_add(digit.into());
    }
    if exponent > LARGEST_EXPONENT {
        return Err(Problem::OutOfRange);
    }
    Ok(if negative { -exponent } else { exponent })
}

/// The digits of a whole number above 0 less one, without zeros in front.
fn predecessor(digits: &str) -> String {
    let ends = digits.trim_end_matches('0');
    let (head, last) = ends.split_at_checked(ends.len().saturating_sub(1)).unwrap_or_default();
    let less = last.chars().map(|digit| char::from(digit as u8 - 1));
    let nines = std::iter::repeat_n('9', digits.len() - ends.len());
    let all: String = head.chars().chain(less).chain(nines).collect();
    all.trim_start_matches('0').to_owned()
}

impl PartialEq for Decimal<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Decimal<'_> {}

impl PartialOrd for Decimal<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.sign().cmp(&other.sign()).then_with(|| match self.sign() {
            0 => Ordering::Equal,
            1 => self.compare_absolute(other),
            _ => other.compare_absolute(self),
        })
    }
}

/// Writes all digits as a whole number and an exponent: `100e-2` for `1.00`.
impl fmt::Display for Decimal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.negative { "-" } else { "" })?;
        f.write_str(if self.digits.is_empty() { "0" } else { "" })?;
        self.digits.split('.').try_for_each(|part| f.write_str(part))?;
        write!(f, "e{}", self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal<'_> {
        Decimal::parse(text).unwrap_or_else(|problem| panic!("{text}: {problem}"))
    }

    #[test]
    fn order() {
        let huge = format!("1{}", "0".repeat(1000));
        let rising = [
            "-1e1000000000000000000",
            "-1e1000000000",
            "-10.5",
            "-10.49",
            "-1",
            "-0.1",
            "-1e-999999999999",
            "0",
            "1e-1000000000000000000",
            "0.001",
            "0.0010000000000000000000000000000000000001",
            "9.99",
            "10",
            "1.1e1",
            &huge,
            "1.1e1000",
            "1e1000000000",
        ];
        for (at, left) in rising.iter().enumerate() {
            for (other_at, right) in rising.iter().enumerate() {
                assert_eq!(decimal(left).cmp(&decimal(right)), at.cmp(&other_at), "{left} {right}");
            }
        }
        for (left, right) in [
            ("1.00", "1.0"),
            ("100", "1e2"),
            ("0.00123", "12.3E-4"),
            ("-0.0", "0e5"),
            ("1e1000", huge.as_str()),
            ("0e999999999999", "0e-999999999999"),
        ] {
            assert_eq!(decimal(left), decimal(right));
        }
    }

    #[test]
    fn precisions() {
        for (text, places, significant, low, high) in [
            ("100", 0, 3, "99.5", "100.5"),
            ("100.00", 2, 5, "99.995", "100.005"),
            ("1e2", 0, 1, "50", "150"),
            ("5.40", 2, 3, "5.395", "5.405"),
            ("-5.4", 1, 2, "-5.45", "-5.35"),
            ("0.05", 2, 1, "0.045", "0.055"),
            ("0.0", 1, 0, "-0.05", "0.05"),
            ("-0", 0, 0, "-0.5", "0.5"),
            ("1", 0, 1, "0.5", "1.5"),
            ("1000.0e-2", 3, 5, "9.9995", "10.0005"),
            ("12e-1", 1, 2, "1.15", "1.25"),
        ] {
            let value = decimal(text);
            assert_eq!((value.places(), value.significant_digits()), (places, significant), "{text}");
            assert_eq!(value.range(), [decimal(low), decimal(high)], "{text}");
        }
    }

    #[test]
    fn refused() {
        for (text, at) in [
            ("", 0),
            ("-", 1),
            ("+1", 0),
            ("01", 1),
            (".5", 0),
            ("1.", 2),
            ("1e", 2),
            ("1e+", 3),
            ("1.0x", 3),
            ("1,5", 1),
        ] {
            assert_eq!(Decimal::parse(text).unwrap_err(), Problem::Format { at }, "{text}");
        }
        for text in ["1e1000000000000000001", "1e-99999999999999999999999999"] {
            assert_eq!(Decimal::parse(text).unwrap_err(), Problem::OutOfRange, "{text}");
        }
    }

    /// A number of so many decimal places, written out or with an exponent.
    fn written(number: i64, places: u32, exponent: bool) -> String {
        if exponent {
            return format!("{number}E-{places}");
        }
        let unit = 10_u128.pow(places);
        let absolute = u128::from(number.unsigned_abs());
        let sign = if number < 0 { "-" } else { "" };
        let width = places as usize;
        match places {
            0 => format!("{sign}{absolute}"),
            _ => format!("{sign}{}.{:0width$}", absolute / unit, absolute % unit),
        }
    }

    fn numbers() -> impl Strategy<Value = i64> {
        prop_oneof![
            -12..12_i64,
            any::<i64>(),
            (any::<i32>(), 0..9_u32).prop_map(|(n, zeros)| i64::from(n) * 10_i64.pow(zeros))
        ]
    }

    proptest! {
        #[test]
        fn agrees_with_scaled_integers(a in numbers(), b in numbers(), i in 0..18_u32, j in 0..18_u32, e: bool, f: bool) {
            let (left, right) = (written(a, i, e), written(b, j, f));
            let scaled = |number, places| i128::from(number) * 10_i128.pow(19 - places);
            prop_assert_eq!(decimal(&left).cmp(&decimal(&right)), scaled(a, i).cmp(&scaled(b, j)), "{} {}", left, right);
        }

        #[test]
        fn ranges_agree_with_scaled_integers(number in numbers(), places in 0..18_u32, e: bool) {
            let text = written(number, places, e);
            let [low, high] = decimal(&text).range();
            let bound = |half: i128| format!("{}e-{}", i128::from(number) * 10 + half, places + 1);
            let bounds = [bound(-5), bound(5)];
            prop_assert_eq!([low, high], bounds.each_ref().map(|text| decimal(text)), "{}", text);
        }

        #[test]
        fn floats_are_the_nearest(text in "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?") {
            let value = decimal(&text);
            prop_assert_eq!(value.to_f64(), text.parse::<f64>().unwrap());
            let whole = value.to_string();
            prop_assert_eq!(&decimal(&whole), &value);
            prop_assert_eq!(&value.clone().into_owned(), &value);
        }
    }
}
