//! Quantities: <https://hl7.org/fhirpath/N1/#quantity>.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use rust_decimal::Decimal;

use crate::units::{self, Calendar, Relation};

/// A number and its unit.
#[derive(Clone, Debug)]
pub struct Quantity<'t> {
    /// The number.
    pub value: Decimal,
    /// The unit.
    pub unit: QuantityUnit<'t>,
}

/// The unit of a quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuantityUnit<'t> {
    /// A duration of the calendar.
    Calendar(Calendar),
    /// A code of UCUM, or another word for a unit.
    Ucum(Cow<'t, str>),
}

impl QuantityUnit<'_> {
    /// UCUM's code; for years and months, that of their mean.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Calendar(calendar) => calendar.ucum(),
            Self::Ucum(code) => code,
        }
    }

    /// The duration that can be added to a date: of the calendar, or a definite one of UCUM.
    pub(crate) fn duration(&self) -> Option<Calendar> {
        match self {
            Self::Calendar(calendar) => Some(*calendar),
            Self::Ucum(code) => {
                let definite = Calendar::of_ucum(code).filter(|calendar| calendar.is_definite());
                definite.or_else(|| Calendar::of(code))
            }
        }
    }

    /// Whether one of the two is a year or month of the calendar and the other is not: these are never equal.
    fn is_indefinite_beside(&self, other: &Self) -> bool {
        let indefinite = |unit: &Self| matches!(unit, Self::Calendar(calendar) if !calendar.is_definite());
        indefinite(self) != indefinite(other)
    }
}

/// Two quantities' values in a unit that they have in common, and the factor of the first and second.
struct Common {
    values: [Decimal; 2],
    factors: [Decimal; 2],
}

impl<'t> Quantity<'t> {
    fn common(&self, other: &Self) -> Option<Common> {
        let [one, two] = [self.unit.code(), other.unit.code()];
        if one == two {
            return Some(Common { values: [self.value, other.value], factors: [Decimal::ONE; 2] });
        }
        match units::relation(one, two)? {
            Relation::Factors(factors) => {
                let values = [self.value.checked_mul(factors[0])?, other.value.checked_mul(factors[1])?];
                Some(Common { values, factors })
            }
            Relation::Special => {
                let value = units::converted(other.value, two, one)?;
                Some(Common { values: [self.value, value], factors: [Decimal::ONE; 2] })
            }
        }
    }

    /// Which is more; `None` if they can't be compared.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        if self.unit.is_indefinite_beside(&other.unit) {
            return None;
        }
        self.common(other).map(|common| common.values[0].cmp(&common.values[1]))
    }

    /// Whether they are the same when the more precise one is rounded as the other is, in the coarser unit.
    #[must_use]
    pub fn is_equivalent(&self, other: &Self) -> bool {
        let Some(common) = self.common(other) else { return false };
        let [one, two] = common.factors;
        let coarser = one.max(two);
        let in_coarser = |factor: Decimal, value: Decimal| {
            // A value in the coarser unit keeps its own places.
            (factor / coarser).checked_mul(value).map(|value| value.normalize())
        };
        match (in_coarser(one, self.value), in_coarser(two, other.value)) {
            (Some(a), Some(b)) => are_equivalent(a, b),
            _ => false,
        }
    }

    /// Whether they measure the same thing in units that are known.
    #[must_use]
    pub fn is_comparable(&self, other: &Self) -> bool {
        let [one, two] = [self.unit.code(), other.unit.code()];
        units::is_known(one) && (one == two || units::relation(one, two).is_some())
    }

    /// The sum, in the finer of the two units; `None` if there is none.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Option<Self> {
        let common = self.common(other)?;
        let [one, two] = common.factors;
        let (unit, factor) = if one <= two { (&self.unit, one) } else { (&other.unit, two) };
        let sum = common.values[0].checked_add(common.values[1])?;
        Some(Self {
            value: if one == two { sum } else { sum.checked_div(factor)?.normalize() },
            unit: unit.clone(),
        })
    }

    /// The same in the unit of another; `None` if that measures something else.
    pub(crate) fn in_unit_of(&self, other: &Self) -> Option<Self> {
        if self.unit.is_indefinite_beside(&other.unit) {
            return None;
        }
        let [from, to] = [self.unit.code(), other.unit.code()];
        let value = if from == to {
            self.value
        } else {
            match units::relation(from, to)? {
                Relation::Factors([a, b]) => self.value.checked_mul(a)?.checked_div(b)?.normalize(),
                Relation::Special => units::converted(self.value, from, to)?,
            }
        };
        Some(Self { value, unit: other.unit.clone() })
    }

    /// The product.
    #[must_use]
    pub fn times(&self, other: &Self) -> Option<Self> {
        let unit = units::product(self.unit.code(), other.unit.code());
        Some(Self { value: self.value.checked_mul(other.value)?, unit: QuantityUnit::Ucum(unit.into()) })
    }

    /// The quotient; `None` by zero.
    #[must_use]
    pub fn divided_by(&self, other: &Self) -> Option<Self> {
        let unit = units::quotient(self.unit.code(), other.unit.code());
        Some(Self {
            value: self.value.checked_div(other.value)?.normalize(),
            unit: QuantityUnit::Ucum(unit.into()),
        })
    }
}

/// Whether two decimals are the same when both are rounded to the fewer places of the two; zeros at the end don't
/// count: <https://hl7.org/fhirpath/N1/#equivalent>.
pub(crate) fn are_equivalent(one: Decimal, two: Decimal) -> bool {
    let [one, two] = [one.normalize(), two.normalize()];
    let places = one.scale().min(two.scale());
    rounded(one, places) == rounded(two, places)
}

/// Half away from zero.
pub(crate) fn rounded(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
}

/// `4 days` or `4 'mg'`.
impl fmt::Display for Quantity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.unit {
            QuantityUnit::Calendar(calendar) => {
                write!(f, "{} {}", self.value, calendar.word(self.value == Decimal::ONE))
            }
            QuantityUnit::Ucum(code) => write!(f, "{} '{code}'", self.value),
        }
    }
}
