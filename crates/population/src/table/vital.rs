//! Vital signs, as the profiles want them coded: <https://hl7.org/fhir/R4/observation-vitalsigns.html>.

use crate::datatype::{Coding, Unit};
use crate::measure::Measure;
use crate::table::disorder::Kind;

/// What one Observation of vital signs says.
pub(crate) enum Vital {
    /// A value.
    One(Measure),
    /// Components under a code.
    Panel(Coding, &'static [Measure; 2]),
}

const HEIGHT: Vital = Vital::One(Measure {
    code: Coding::loinc("8302-2", "Body height"),
    unit: Unit("cm", "cm"),
    decimals: 1,
    normal: None,
    outcome: |state, random, _| state.height() + random.between(-2, 2),
});

const WEIGHT: Vital = Vital::One(Measure {
    code: Coding::loinc("29463-7", "Body weight"),
    unit: Unit("kg", "kg"),
    decimals: 1,
    normal: None,
    outcome: |state, random, _| {
        let weight = state.weight();
        weight + random.bell(0, weight / 120).clamp(-weight / 50, weight / 50)
    },
});

/// After height and weight.
const BODY_MASS_INDEX: Vital = Vital::One(Measure {
    code: Coding::loinc("39156-5", "Body mass index (BMI) [Ratio]"),
    unit: Unit("kg/m2", "kg/m2"),
    decimals: 1,
    normal: None,
    outcome: |state, _, before| match before {
        [height, weight, ..] => (weight * 1_000_000 + height * height / 2) / (height * height).max(1),
        _ => state.mass_index(),
    },
});

const BLOOD_PRESSURE: Vital = Vital::Panel(
    Coding::loinc("85354-9", "Blood pressure panel with all children optional"),
    &[
        Measure {
            code: Coding::loinc("8480-6", "Systolic blood pressure"),
            unit: Unit("mmHg", "mm[Hg]"),
            decimals: 0,
            normal: None,
            outcome: |state, random, _| (state.systolic() + random.bell(0, 6)).clamp(72, 198),
        },
        Measure {
            code: Coding::loinc("8462-4", "Diastolic blood pressure"),
            unit: Unit("mmHg", "mm[Hg]"),
            decimals: 0,
            normal: None,
            outcome: |_, random, before| {
                let systolic = before.last().copied().unwrap_or(120);
                (systolic * 46 / 100 + 21 + random.bell(0, 5)).clamp(40, 118).min(systolic - 22)
            },
        },
    ],
);

const HEART_RATE: Vital = Vital::One(Measure {
    code: Coding::loinc("8867-4", "Heart rate"),
    unit: Unit("beats/minute", "/min"),
    decimals: 0,
    normal: None,
    outcome: |state, random, _| {
        let at_rest = if state.grown_up() { 73 } else { 128 - state.years * 3 };
        let fever = if state.fever { 12 } else { 0 };
        (at_rest + fever + random.bell(0, 8)).clamp(46, 170)
    },
});

const RESPIRATORY_RATE: Vital = Vital::One(Measure {
    code: Coding::loinc("9279-1", "Respiratory rate"),
    unit: Unit("breaths/minute", "/min"),
    decimals: 0,
    normal: None,
    outcome: |state, random, _| {
        let at_rest = if state.grown_up() { 15 } else { 33 - state.years };
        let short = if state.fever || state.has(Kind::ChronicLungDisease) { 3 } else { 0 };
        (at_rest + short + random.bell(0, 2)).clamp(10, 60)
    },
});

const TEMPERATURE: Vital = Vital::One(Measure {
    code: Coding::loinc("8310-5", "Body temperature"),
    unit: Unit("°C", "Cel"),
    decimals: 1,
    normal: None,
    outcome: |state, random, _| {
        let mean = if state.fever { 382 } else { 367 };
        (mean + random.bell(0, if state.fever { 5 } else { 2 })).clamp(358, 404)
    },
});

const OXYGEN_SATURATION: Vital = Vital::One(Measure {
    code: Coding::loinc("2708-6", "Oxygen saturation in Arterial blood"),
    unit: Unit("%", "%"),
    decimals: 0,
    normal: None,
    outcome: |state, random, _| {
        let mean = if state.has(Kind::ChronicLungDisease) { 93 } else { 98 };
        (mean + random.bell(0, 1)).clamp(86, 100)
    },
});

/// At a grown-up's check-up.
pub(crate) static CHECK_UP: [Vital; 5] = [HEIGHT, WEIGHT, BODY_MASS_INDEX, BLOOD_PRESSURE, HEART_RATE];
/// When it is not long since the last check-up.
pub(crate) static FOLLOW_UP: [Vital; 2] = [BLOOD_PRESSURE, WEIGHT];
/// When a grown-up is ill.
pub(crate) static ILL: [Vital; 4] = [TEMPERATURE, BLOOD_PRESSURE, HEART_RATE, OXYGEN_SATURATION];
/// At a child's check-up.
pub(crate) static CHILD: [Vital; 4] = [HEIGHT, WEIGHT, BODY_MASS_INDEX, HEART_RATE];
/// At the check-up of a child under two, whose body mass index says little.
pub(crate) static INFANT: [Vital; 3] = [HEIGHT, WEIGHT, HEART_RATE];
/// When a child is ill.
pub(crate) static ILL_CHILD: [Vital; 3] = [TEMPERATURE, HEART_RATE, RESPIRATORY_RATE];
