//! Numbers: <https://hl7.org/fhir/R4/search.html#number>.

use rushlight_model::primitive::Decimal;

use super::super::fault::{Fault, Result, quoted};
use super::super::rows::{Meant, Shape};
use super::Prefix;
use crate::query::Scalar;
use crate::table::TableId;
use crate::values::Number;

/// The ends of the range that a number means after a prefix, as texts.
pub(super) struct Ends {
    pub(super) prefix: Prefix,
    pub(super) texts: [String; 2],
    /// As it was written.
    number: String,
}

pub(in super::super) fn number(text: &str) -> Result<Meant> {
    let ends = Ends::read(text)?;
    let scalars = ends.scalars(Number::parse)?;
    let tests = ends.prefix.tests([0, 1], scalars, ends.is_open());
    let shapes = tests.into_iter().map(|tests| Shape::of(TableId::NUMBER).with(tests)).collect();
    Ok(Meant { shapes, words: ends.words("") })
}

impl Ends {
    pub(super) fn read(text: &str) -> Result<Self> {
        let (prefix, number) = Prefix::take(text)?;
        let wrong = |_| Fault::value(format!("{} is not a number, such as 5.4 or 1e-3", quoted(number)));
        let decimal = Decimal::parse(number).map_err(wrong)?;
        let texts = match prefix {
            // As far as the digits that are told go.
            Prefix::Eq | Prefix::Ne => decimal.range().map(|end| end.to_string()),
            // All that `eq` finds, too.
            Prefix::Ap => {
                let mut tenths = [times(&decimal, 9), times(&decimal, 11)];
                if decimal.is_negative() {
                    tenths.reverse();
                }
                let [low, high] = tenths;
                let [from, to] = decimal.range().map(|end| end.to_string());
                let is_less = |one: &str, other: &str| Number::parse(one) < Number::parse(other);
                [if is_less(&low, &from) { low } else { from }, if is_less(&to, &high) { high } else { to }]
            }
            _ => [number.to_owned(), number.to_owned()],
        };
        Ok(Self { prefix, texts, number: number.to_owned() })
    }

    /// Whether the upper end is outside.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.prefix, Prefix::Eq | Prefix::Ne)
    }

    /// The ends as columns hold them.
    pub(super) fn scalars(&self, read: impl Fn(&str) -> Option<Number>) -> Result<[Scalar; 2]> {
        let [from, to] = &self.texts;
        let infinite = [Number::least(), Number::greatest()];
        match (read(from), read(to)) {
            (Some(from), Some(to)) if !infinite.contains(&from) && !infinite.contains(&to) => {
                Ok([from, to].map(|end| Scalar::Bytes(end.as_bytes().to_vec())))
            }
            _ => Err(Fault::value(format!("{} is too large a number", quoted(&self.number)))),
        }
    }

    /// What is asked for, in words; with the unit, if there is one.
    pub(super) fn words(&self, unit: &str) -> String {
        let [from, to] = self.texts.each_ref().map(|end| shown(end));
        match self.prefix {
            Prefix::Eq => format!("is at least {from}{unit} and less than {to}{unit}"),
            Prefix::Ne => format!("is less than {from}{unit}, or at least {to}{unit}"),
            Prefix::Ap => format!("is about {}{unit}: from {from}{unit} to {to}{unit}", self.number),
            Prefix::Gt => format!("is greater than {from}{unit}"),
            Prefix::Lt => format!("is less than {from}{unit}"),
            Prefix::Ge => format!("is at least {from}{unit}"),
            Prefix::Le => format!("is at most {from}{unit}"),
            Prefix::Sa => format!("is in its whole range greater than {from}{unit}"),
            Prefix::Eb => format!("is in its whole range less than {from}{unit}"),
        }
    }
}

/// So many tenths of a number.
fn times(number: &Decimal<'_>, tenths: u32) -> String {
    let mut digits: Vec<u8> = Vec::new();
    let mut carry = 0;
    let own: Vec<u8> = number.digits().collect();
    for digit in own.iter().rev() {
        carry += u32::from(*digit) * tenths;
        digits.push(b'0' + (carry % 10) as u8);
        carry /= 10;
    }
    while carry > 0 {
        digits.push(b'0' + (carry % 10) as u8);
        carry /= 10;
    }
    digits.reverse();
    let whole = String::from_utf8(digits).unwrap_or_default();
    let whole = whole.trim_start_matches('0');
    if whole.is_empty() {
        return "0".to_owned();
    }
    let last = number.magnitude() - i64::try_from(own.len()).unwrap_or(i64::MAX) - 1;
    format!("{}{whole}e{last}", if number.is_negative() { "-" } else { "" })
}

/// A number without an exponent, where that is no longer.
fn shown(text: &str) -> String {
    const LONGEST: i64 = 20;
    let Some((whole, power)) = text.split_once('e') else { return text.to_owned() };
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let Ok(power) = power.parse::<i64>() else { return text.to_owned() };
    let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_whole || power.abs() > LONGEST || digits.len() > 2 * LONGEST as usize {
        return text.to_owned();
    }
    let places = usize::try_from(-power).unwrap_or_default();
    let zeros = "0".repeat(usize::try_from(power).unwrap_or_default());
    let padded = format!("{}{digits}{zeros}", "0".repeat((places + 1).saturating_sub(digits.len())));
    let (before, after) = padded.split_at(padded.len().saturating_sub(places));
    let after = after.trim_end_matches('0');
    format!("{sign}{before}{}{after}", if after.is_empty() { "" } else { "." })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends() {
        for (text, low, high) in [
            ("100", "99.5", "100.5"),
            ("1e2", "50", "150"),
            ("ne5.40", "5.395", "5.405"),
            ("ap5.4", "4.86", "5.94"),
            ("ap-100", "-110", "-90"),
            ("ap0.0", "-0.05", "0.05"),
            ("ap1e2", "50", "150"),
            ("ap0.05", "0.045", "0.055"),
            ("gt1.50", "1.50", "1.50"),
        ] {
            let ends = Ends::read(text).unwrap();
            assert_eq!(ends.texts.map(|end| shown(&end)), [low, high], "{text}");
        }
    }
}
