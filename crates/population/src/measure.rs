//! What can be measured, and with which outcome.

use crate::body::State;
use crate::datatype::{Coding, Unit};
use crate::random::Random;

/// Something that has a number.
pub(crate) struct Measure {
    pub(crate) code: Coding,
    pub(crate) unit: Unit,
    pub(crate) decimals: u32,
    /// What is normal for grown-up women and men, in units of the last decimal.
    pub(crate) normal: Option<[Range; 2]>,
    /// The outcome in units of the last decimal. The last argument holds what was measured just before, as the
    /// list that the measure is in has it.
    pub(crate) outcome: fn(&State<'_>, &mut Random, &[i64]) -> i64,
}

/// From a value to another; `None` where there is no end.
#[derive(Clone, Copy)]
pub(crate) struct Range(pub(crate) Option<i64>, pub(crate) Option<i64>);

impl Measure {
    /// What is normal for the one who is measured.
    pub(crate) fn normal_for(&self, state: &State<'_>) -> Option<Range> {
        let [female, male] = self.normal?;
        state.grown_up().then_some(if state.female() { female } else { male })
    }
}

impl Range {
    /// The code for a value within or beyond the range, from the code system ObservationInterpretation.
    pub(crate) fn interpret(self, value: i64) -> Coding {
        let (code, display) = match self {
            Self(Some(low), _) if value < low => ("L", "Low"),
            Self(_, Some(high)) if value > high => ("H", "High"),
            _ => ("N", "Normal"),
        };
        Coding::new("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", code, display)
    }
}
