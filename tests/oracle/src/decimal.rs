//! Decimal numbers of any length, digit by digit, and their bytes in an index.

use crate::hash::cut_number;
use std::cmp::Ordering;

/// A number: its digits, of which neither the first nor the last is zero, times a power of ten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    /// The most significant first; none: zero.
    digits: Vec<u8>,
    /// Of ten, at the last digit.
    power: i64,
}

impl Decimal {
    /// Reads `-12.50e3`; `None` for what is no number.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, power) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let digits = whole.bytes().chain(fraction.bytes()).map(|byte| byte - b'0').collect();
        Some(Self::new(negative, digits, exponent(power)?.saturating_sub(fraction.len() as i64)))
    }

    fn new(negative: bool, digits: Vec<u8>, power: i64) -> Self {
        let first = digits.iter().position(|digit| *digit != 0).unwrap_or(digits.len());
        let last = digits.iter().rposition(|digit| *digit != 0).map_or(first, |at| at + 1);
        if first == last {
            return Self { negative: false, digits: Vec::new(), power: 0 };
        }
        let power = power.saturating_add((digits.len() - last) as i64);
        Self { negative, digits: digits[first..last].to_vec(), power }
    }

    /// One unit of the last digit that is written: `12.50` → `0.01`, `1e2` → `1e2`.
    pub fn unit_of_last_digit(text: &str) -> Option<Self> {
        let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let fraction = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len() as i64);
        Some(Self::new(false, vec![1], exponent(power)?.saturating_sub(fraction)))
    }

    pub fn negated(&self) -> Self {
        Self::new(!self.negative, self.digits.clone(), self.power)
    }

    /// Without its sign.
    pub fn magnitude_only(&self) -> Self {
        Self { negative: false, ..self.clone() }
    }

    pub fn plus(&self, other: &Self) -> Self {
        let power = self.power.min(other.power);
        let (a, b) = (self.aligned(power), other.aligned(power));
        if self.negative == other.negative {
            return Self::new(self.negative, sum(&a, &b), power);
        }
        match longer(&a, &b) {
            Ordering::Less => Self::new(other.negative, difference(&b, &a), power),
            _ => Self::new(self.negative, difference(&a, &b), power),
        }
    }

    pub fn times(&self, other: &Self) -> Self {
        let mut product = vec![0_u32; self.digits.len() + other.digits.len()];
        for (i, a) in self.digits.iter().rev().enumerate() {
            for (j, b) in other.digits.iter().rev().enumerate() {
                product[i + j] += u32::from(*a) * u32::from(*b);
            }
        }
        let mut carry = 0;
        for digit in &mut product {
            carry += *digit;
            *digit = carry % 10;
            carry /= 10;
        }
        let digits = product.iter().rev().map(|digit| *digit as u8).collect();
        Self::new(self.negative != other.negative, digits, self.power.saturating_add(other.power))
    }

    /// Divided by a small number, to so many digits, by long division.
    pub fn over(&self, divisor: u32, digits: usize) -> Self {
        let (mut quotient, mut power, mut rest) = (Vec::new(), self.power, 0);
        let zeros = std::iter::repeat_n(0, digits + 10);
        for (at, digit) in self.digits.iter().copied().chain(zeros).enumerate() {
            rest = 10 * rest + u32::from(digit);
            power -= i64::from(at >= self.digits.len());
            if rest >= divisor || !quotient.is_empty() {
                quotient.push((rest / divisor) as u8);
            }
            rest %= divisor;
        }
        let kept = digits.min(quotient.len());
        let power = power + (quotient.len() - kept) as i64;
        let cut = Self::new(self.negative, quotient[..kept].to_vec(), power);
        let up = quotient.get(kept).is_some_and(|digit| *digit >= 5);
        if up { cut.plus(&Self::new(self.negative, vec![1], power)) } else { cut }
    }

    /// The digits, with the zeros that bring the last to this power.
    fn aligned(&self, power: i64) -> Vec<u8> {
        let zeros = if self.digits.is_empty() { 0 } else { self.power - power };
        assert!(zeros < 100_000, "nobody adds numbers so far apart");
        [self.digits.as_slice(), &vec![0; zeros as usize]].concat()
    }

    /// The power of ten that the number is below: 4 for `1234.5`.
    fn magnitude(&self) -> i64 {
        self.power.saturating_add(self.digits.len() as i64)
    }

    /// The bytes that compare as the numbers do.
    pub fn encoded(&self) -> Vec<u8> {
        let magnitude = self.magnitude();
        if self.digits.is_empty() || magnitude < -0x3F00 {
            return vec![0x80, 0];
        }
        if magnitude > 0x3F00 {
            return if self.negative { LEAST } else { GREATEST }.to_vec();
        }
        let pairs = self.digits.chunks(2).map(|pair| 1 + 10 * pair[0] + pair.get(1).copied().unwrap_or(0));
        cut_number(if self.negative {
            let head = (0x4000 - magnitude) as u16;
            head.to_be_bytes().into_iter().chain(pairs.map(|byte| 255 - byte)).chain([0xFF]).collect()
        } else {
            let head = (0xC000 + magnitude) as u16;
            head.to_be_bytes().into_iter().chain(pairs).collect()
        })
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let apart = self.plus(&other.negated());
        match (apart.digits.is_empty(), apart.negative) {
            (true, _) => Ordering::Equal,
            (false, true) => Ordering::Less,
            (false, false) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The bytes of minus infinity.
pub const LEAST: [u8; 2] = [0, 0];

/// The bytes of infinity.
pub const GREATEST: [u8; 2] = [0xFF, 0xFF];

/// One that is too long for a number is as good as the largest.
fn exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: i64 = digits.parse().unwrap_or(i64::MAX / 4);
    Some(if text.starts_with('-') { -value } else { value })
}

/// Compares digits as whole numbers.
fn longer(a: &[u8], b: &[u8]) -> Ordering {
    let strip = |digits: &[u8]| digits.iter().copied().skip_while(|digit| *digit == 0).collect::<Vec<_>>();
    let (a, b) = (strip(a), strip(b));
    a.len().cmp(&b.len()).then_with(|| a.cmp(&b))
}

/// Digit by digit from the end, with what is carried over.
fn digits(a: &[u8], b: &[u8], step: impl Fn(i8, i8, i8) -> i8) -> Vec<u8> {
    let mut out = Vec::new();
    let mut carry = 0;
    for at in 0..=a.len().max(b.len()) {
        let digit = |of: &[u8]| of.iter().rev().nth(at).map_or(0, |digit| *digit as i8);
        let value = step(digit(a), digit(b), carry);
        out.push(value.rem_euclid(10) as u8);
        carry = value.div_euclid(10);
    }
    out.reverse();
    out
}

fn sum(a: &[u8], b: &[u8]) -> Vec<u8> {
    digits(a, b, |a, b, carry| a + b + carry)
}

/// Of a number and one that is not greater.
fn difference(a: &[u8], b: &[u8]) -> Vec<u8> {
    digits(a, b, |a, b, carry| a - b + carry)
}
