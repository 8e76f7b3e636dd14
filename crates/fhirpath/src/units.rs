//! Units: durations of the calendar, and UCUM's (<https://ucum.org/ucum>).
//!
//! Factors of UCUM come as binary numbers. They are rounded to the digits that such a number surely has, which gives
//! back the decimal that UCUM defines; what is computed with them then is exact.

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

/// A longer unit is none.
const LONGEST: usize = 200;
/// So many digits a binary number surely has.
const FACTOR_DIGITS: usize = 15;

/// Makes [`Calendar`] from rows of a variant, its words, and UCUM's code of the same duration, or of its mean.
macro_rules! calendar {
    ($($variant:ident $singular:literal $plural:literal $ucum:literal;)*) => {
        /// A duration of the calendar.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Calendar {
            $(#[doc = concat!("`", $singular, "`")] $variant,)*
        }

        impl Calendar {
            /// The duration of a word: `day` or `days`.
            #[must_use]
            pub fn of(word: &str) -> Option<Self> {
                match word { $($singular | $plural => Some(Self::$variant),)* _ => None }
            }

            /// Its word before a number of 1, or another.
            #[must_use]
            pub const fn word(self, one: bool) -> &'static str {
                match self { $(Self::$variant => if one { $singular } else { $plural },)* }
            }

            /// UCUM's code.
            #[must_use]
            pub const fn ucum(self) -> &'static str {
                match self { $(Self::$variant => $ucum,)* }
            }

            /// The duration that UCUM means by a code.
            #[must_use]
            pub fn of_ucum(code: &str) -> Option<Self> {
                match code { $($ucum => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

calendar! {
    Year "year" "years" "a";
    Month "month" "months" "mo";
    Week "week" "weeks" "wk";
    Day "day" "days" "d";
    Hour "hour" "hours" "h";
    Minute "minute" "minutes" "min";
    Second "second" "seconds" "s";
    Millisecond "millisecond" "milliseconds" "ms";
}

impl Calendar {
    /// Whether it always lasts as long, so that it is the same as UCUM's: years and months don't.
    #[must_use]
    pub const fn is_definite(self) -> bool {
        !matches!(self, Self::Year | Self::Month)
    }
}

/// Two units of the same dimension.
pub(crate) enum Relation {
    /// The factors that lead from each to their common base.
    Factors([Decimal; 2]),
    /// A magnitude of the second, as one of the first, has to be computed by [`converted`].
    Special,
}

/// How two units relate; `None` if they measure different things or are unknown.
pub(crate) fn relation(one: &str, other: &str) -> Option<Relation> {
    let [a, b] = [analysis(one)?, analysis(other)?];
    if a.dimension != b.dimension || !ucum::is_comparable(one, other).unwrap_or(false) {
        return None;
    }
    if a.is_special || b.is_special {
        return Some(Relation::Special);
    }
    match (decimal(a.factor), decimal(b.factor)) {
        (Some(a), Some(b)) if !a.is_zero() && !b.is_zero() => Some(Relation::Factors([a, b])),
        // Of the two, the ratio may be a decimal where the factors are not.
        _ => decimal(b.factor / a.factor).map(|ratio| Relation::Factors([Decimal::ONE, ratio])),
    }
}

/// A magnitude in another unit, through binary numbers.
pub(crate) fn converted(value: Decimal, from: &str, to: &str) -> Option<Decimal> {
    let converted = ucum::convert(value.to_f64()?, from, to).ok()?;
    // A few operations lie between, each of which costs a little.
    rounded(converted, 12)
}

/// A unit of UCUM in the base units of what it measures.
#[derive(Clone, Debug, PartialEq)]
pub struct BaseUnits {
    /// The base units, written as a unit: `m-3.g`; `1` where there are none. An arbitrary unit, which is comparable
    /// to no other, is its own base.
    pub name: String,
    /// How a magnitude gets there.
    pub scale: Scale,
}

/// How a magnitude becomes one of another unit.
#[derive(Clone, Debug, PartialEq)]
pub enum Scale {
    /// It is multiplied by a decimal above zero, of at most 15 digits, as text.
    Factor(String),
    /// It is multiplied by the one and the other is added, in binary numbers: twelve digits of the result count.
    Linear(f64, f64),
}

/// A unit in base units; `None` if it is unknown or its scale is none of [`Scale`]. Of units whose zero is elsewhere,
/// there are degrees Celsius and Fahrenheit.
///
/// ```
/// use rushlight_fhirpath::{Scale, base_units};
///
/// let concentration = base_units("mg/dL").ok_or("unknown")?;
/// assert_eq!((concentration.name.as_str(), concentration.scale), ("m-3.g", Scale::Factor("1.00000000000000e1".to_owned())));
/// assert_eq!(base_units("[IU]").map(|unit| unit.name).as_deref(), Some("[IU]"));
/// assert_eq!(base_units("Cel").map(|unit| unit.scale), Some(Scale::Linear(1.0, 273.15)));
/// assert_eq!(base_units("[pH]"), None);
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn base_units(code: &str) -> Option<BaseUnits> {
    let found = analysis(code)?;
    if found.is_special && !ucum::is_comparable(code, code).unwrap_or(true) {
        return Some(BaseUnits { name: code.to_owned(), scale: Scale::Factor("1".to_owned()) });
    }
    let scale = match code {
        "Cel" | "[degF]" => Scale::Linear(found.factor, found.offset),
        _ if found.is_special || !found.factor.is_normal() => return None,
        _ => Scale::Factor(scientific(found.factor, FACTOR_DIGITS)),
    };
    Some(BaseUnits { name: found.dimension.to_string(), scale })
}

/// Whether a unit is one of UCUM's.
pub(crate) fn is_known(unit: &str) -> bool {
    analysis(unit).is_some()
}

fn analysis(unit: &str) -> Option<ucum::Analysis> {
    if unit.len() > LONGEST { None } else { ucum::analyze(unit).ok() }
}

/// A binary number as the decimal of 15 digits that is nearest to it.
pub(crate) fn decimal(number: f64) -> Option<Decimal> {
    rounded(number, FACTOR_DIGITS)
}

fn scientific(number: f64, digits: usize) -> String {
    format!("{number:.*e}", digits - 1)
}

fn rounded(number: f64, digits: usize) -> Option<Decimal> {
    if number == 0.0 {
        return Some(Decimal::ZERO);
    }
    if !number.is_finite() || !(1e-13..1e28).contains(&number.abs()) {
        // Too small for fifteen digits; perhaps not for fewer.
        return Decimal::from_f64(number).filter(|decimal| !decimal.is_zero());
    }
    Decimal::from_scientific(&scientific(number, digits)).ok().map(|decimal| decimal.normalize())
}

/// The unit of a product.
pub(crate) fn product(one: &str, other: &str) -> String {
    match (one, other) {
        ("1", unit) | (unit, "1") => unit.to_owned(),
        _ => format!("{}.{}", grouped(one), grouped(other)),
    }
}

/// The unit of a quotient.
pub(crate) fn quotient(one: &str, other: &str) -> String {
    match (one, other) {
        (unit, "1") => unit.to_owned(),
        _ if one == other => "1".to_owned(),
        _ => format!("{}/{}", grouped(one), grouped(other)),
    }
}

fn grouped(unit: &str) -> String {
    if unit.contains(['/', '.']) { format!("({unit})") } else { unit.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_are_those_that_ucum_defines() {
        for (one, other, ratio) in [
            ("g", "mg", "1000"),
            ("kg", "[lb_av]", "2.2046226218487758072297380135"),
            ("m", "[in_i]", "39.370078740157480314960629921"),
            ("wk", "d", "7"),
            ("m2", "cm.m", "100"),
            ("L", "mL", "1000"),
            ("kg/m3", "g/L", "1"),
        ] {
            let Some(Relation::Factors([a, b])) = relation(one, other) else { panic!("{one} {other}") };
            assert_eq!((a / b).normalize().to_string(), ratio, "{one} {other}");
        }
        assert!(relation("m", "s").is_none());
        assert!(relation("m", "[nothing]").is_none());
        assert!(matches!(relation("Cel", "K"), Some(Relation::Special)));
        assert_eq!(converted(Decimal::from(37), "Cel", "[degF]"), Some(Decimal::new(986, 1)));
    }
}
