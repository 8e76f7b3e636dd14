//! Numbers of any length as bytes.

use rushlight_model::primitive::Decimal;
use smallvec::{SmallVec, smallvec};

use super::text::cut_number;

const ZERO: u16 = 0x8000;
const POSITIVE: i64 = 0xC000;
const NEGATIVE: i64 = 0x4000;
/// What is larger is infinite, and what is smaller is zero.
const LARGEST_MAGNITUDE: i64 = 0x3F00;

/// A number as bytes that compare as numbers do; it may be infinite.
///
/// The first two bytes (big-endian) have the sign and the magnitude: with |value| = 0.d₁d₂… × 10ᵉ and d₁ ≠ 0, they are
/// 0xC000 + e, and 0x4000 - e below zero; 0x8000 is zero, 0 and 0xFFFF are infinite, and so is anything beyond
/// e = 0x3F00 (or zero, if e is below -0x3F00). Then come the digits without zeros at the end, two in a byte: 1 + their
/// number, 1 to 100. A number below zero has 255 less each of these bytes, and 0xFF at the end. More than 400 bytes
/// are cut as texts are, to 360 and the hash; then only equality holds.
///
/// ```
/// use rushlight_search::Number;
///
/// let number = |text| Number::parse(text).ok_or("not a number");
/// assert_eq!(number("1.50")?, number("15e-1")?);
/// assert!(number("-10")? < number("-9.99")? && number("0.5")? < Number::greatest());
/// assert_eq!(number("12.50")?.as_bytes(), [0xC0, 0x02, 13, 51]);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(SmallVec<[u8; 24]>);

impl Number {
    /// Reads a number as JSON and FHIR write it; `None` if the text is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let decimal = Decimal::parse(text).ok()?;
        let digits: Digits = decimal.digits().collect();
        Some(Self::of(decimal.is_negative(), &digits, decimal.magnitude()))
    }

    /// Less than any other.
    #[must_use]
    pub fn least() -> Self {
        Self(smallvec![0, 0])
    }

    /// Greater than any other.
    #[must_use]
    pub fn greatest() -> Self {
        Self(smallvec![0xFF, 0xFF])
    }

    /// Its bytes; at most 400.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// |value| = 0.d₁d₂… × 10^magnitude; no digits are zero.
    fn of(negative: bool, digits: &[u8], magnitude: i64) -> Self {
        let end = digits.iter().rposition(|digit| *digit != 0).map_or(0, |last| last + 1);
        let digits = digits.get(..end).unwrap_or_default();
        if digits.is_empty() || magnitude < -LARGEST_MAGNITUDE {
            return Self(SmallVec::from_slice(&ZERO.to_be_bytes()));
        }
        if magnitude > LARGEST_MAGNITUDE {
            return if negative { Self::least() } else { Self::greatest() };
        }
        let (head, turn) = if negative { (NEGATIVE - magnitude, 0xFF) } else { (POSITIVE + magnitude, 0) };
        let mut bytes = SmallVec::from_slice(&(head as u16).to_be_bytes());
        let pair = |pair: &[u8]| pair.first().map_or(0, |ten| ten * 10) + pair.get(1).unwrap_or(&0) + 1;
        bytes.extend(digits.chunks(2).map(|digits| pair(digits) ^ turn));
        if negative {
            bytes.push(0xFF);
        }
        cut_number(&mut bytes);
        Self(bytes)
    }
}

type Digits = SmallVec<[u8; 32]>;

/// A decimal of a few digits above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Factor {
    /// Below 10¹⁸.
    digits: u64,
    /// The power of ten that the last digit counts.
    last: i64,
}

impl Factor {
    /// Reads a number of at most 18 digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let decimal = Decimal::parse(text).ok()?;
        let count = decimal.digits().count();
        if decimal.is_negative() || !(1..=18).contains(&count) {
            return None;
        }
        let digits = decimal.digits().fold(0, |number, digit| number * 10 + u64::from(digit));
        Some(Self { digits, last: decimal.magnitude() - count as i64 })
    }

    /// The exact product with a number; `None` if the text is none.
    pub(super) fn times(self, text: &str) -> Option<Number> {
        let decimal = Decimal::parse(text).ok()?;
        let digits: Digits = decimal.digits().collect();
        // From the last digit to the first.
        let mut product = Digits::new();
        let mut carry = 0;
        for digit in digits.iter().rev() {
            carry += u64::from(*digit) * self.digits;
            product.push((carry % 10) as u8);
            carry /= 10;
        }
        while carry > 0 {
            product.push((carry % 10) as u8);
            carry /= 10;
        }
        product.reverse();
        let last = decimal.magnitude() - digits.len() as i64 + self.last;
        Some(Number::of(decimal.is_negative(), &product, last + product.len() as i64))
    }
}

#[cfg(test)]
mod tests;
