//! Quantities in UCUM's base units: <https://ucum.org/ucum>.

use std::sync::OnceLock;

use rushlight_fhirpath::{Scale, base_units};
use rushlight_model::primitive::Decimal;

use super::decimal::{Factor, Number};
use super::hash;

/// So many units are kept; a store has some dozens.
const SLOTS: usize = 1024;
/// In so many slots a unit may be.
const PROBES: usize = 8;

/// The units of UCUM that quantities had so far, so that not each of them is analysed. It never holds more than 1,024;
/// what has no place in it is analysed each time, for a microsecond.
///
/// ```
/// use rushlight_search::Units;
///
/// let units = Units::default();
/// let micrograms = units.base("5400", "ug");
/// assert!(micrograms.is_some() && micrograms == units.base("5.4", "mg"));
/// assert_eq!(units.base("5.4", "[nothing]"), None);
/// ```
#[derive(Debug)]
pub struct Units {
    slots: Box<[Slot]>,
}

/// A code and its unit, which stay once they are there.
type Slot = OnceLock<(Box<str>, Unit)>;

impl Default for Units {
    fn default() -> Self {
        Self { slots: std::iter::repeat_with(OnceLock::new).take(SLOTS).collect() }
    }
}

impl Units {
    /// A number of a unit as one of base units: the hash of the base units' text, and the number.
    ///
    /// The product is exact; of a unit's factor 15 digits count. Degrees Celsius and Fahrenheit become kelvins, of which
    /// 12 digits count. Arbitrary units (`[IU]`) are their own base. `None` if the text is no number, or the unit
    /// unknown or special (`[pH]`).
    #[must_use]
    pub fn base(&self, number: &str, code: &str) -> Option<(i64, Number)> {
        let unit = self.unit(code)?;
        Some((unit.base, unit.convert(number)?))
    }

    /// The unit of a code, if it is one that can be converted.
    pub(super) fn unit(&self, code: &str) -> Option<Unit> {
        let start = hash(code).cast_unsigned() as usize % SLOTS;
        for slot in (start..start + PROBES).filter_map(|at| self.slots.get(at % SLOTS)) {
            match slot.get() {
                Some((known, unit)) if **known == *code => return Some(*unit),
                Some(_) => {}
                None => {
                    let unit = Unit::of(code)?;
                    // If another thread was faster, it is kept the next time.
                    let _ = slot.set((code.into(), unit));
                    return Some(unit);
                }
            }
        }
        Unit::of(code)
    }
}

/// How numbers of a unit become those of its base units.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    /// The hash of the base units' text.
    pub(super) base: i64,
    way: Way,
}

#[derive(Clone, Copy, Debug)]
enum Way {
    Times(Factor),
    /// A factor, and what is added then.
    Linear(f64, f64),
}

impl Unit {
    fn of(code: &str) -> Option<Self> {
        let found = base_units(code)?;
        let way = match found.scale {
            Scale::Factor(text) => Way::Times(Factor::parse(&text)?),
            Scale::Linear(factor, added) => Way::Linear(factor, added),
        };
        Some(Self { base: hash(&found.name), way })
    }

    /// A number in base units; `None` if the text is none.
    pub(super) fn convert(self, number: &str) -> Option<Number> {
        match self.way {
            Way::Times(factor) => factor.times(number),
            Way::Linear(factor, added) => {
                // More than a number is read as one: `inf`.
                let number: f64 = Decimal::parse(number).ok().and(number.parse().ok())?;
                Number::parse(&format!("{:.11e}", number * factor + added))
            }
        }
    }
}
